/* sh.c - a small shell.
 *
 *   "ls /bin | cat >x && echo $?"
 *       --split()-->     ls  /bin  |  cat  >  x  &&  echo  0
 *       --pipeline()-->  { ls /bin } -> { cat, out x }, then &&
 *       --start()-->     a process each, in one process group
 *
 * Knows: | < > >> 2> ; & && ||, quotes, $?, $$, $0 to $9, $NAME, # comments,
 * cd, exit, exec, fg, help; `sh -c LINE`, `sh FILE`, and so #!/bin/sh. At a
 * terminal the group of what runs gets it: ctrl-C reaches that and not the
 * shell; ctrl-Z stops it, and fg lets it go on.
 * Limits: a line of 1023 bytes, 127 words, 8 commands in a pipeline; no
 * variables of its own, no globs, no loops.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_LINE     1024
#define MAX_WORDS    128
#define MAX_COMMANDS 8

struct command {
	char *argv[MAX_WORDS];
	int argc;
	char *files[3]; /* for descriptors 0, 1, 2; or NULL */
	int append;
};

static struct {
	int status; /* of what ended last: $? */
	int interactive;
	pid_t group, last; /* what ran in the foreground last, for fg */
	int argc;          /* $0 ... */
	char **argv;
	char text[4 * MAX_LINE]; /* the words of a line */
	size_t used;
} state;

/* Longer ones first. A word that is one of these, by address, is an operator;
 * one that was quoted is not. */
static char *const operators[] = {"&&", "||", ">>", "2>", "|",
				  "<",  ">",  ";",  "&",  NULL};

static void
put(char c)
{
	if (state.used < sizeof(state.text) - 1)
		state.text[state.used++] = c;
}

/* $... at p. => what follows it */
static const char *
expand(const char *p)
{
	char name[64], number[16];
	const char *value = number;
	size_t n = 0;

	if (*p == '?' || *p == '$') {
		snprintf(number, sizeof(number), "%d",
			 *p == '?' ? state.status : getpid());
		p++;
	} else if (isdigit((unsigned char)*p)) {
		value = *p - '0' < state.argc ? state.argv[*p - '0'] : NULL;
		p++;
	} else {
		while ((isalnum((unsigned char)*p) || *p == '_') &&
		       n < sizeof(name) - 1)
			name[n++] = *p++;
		name[n] = '\0';
		value = n ? getenv(name) : "$";
	}
	while (value && *value)
		put(*value++);
	return p;
}

/* One word, without its quotes, into state.text. => what follows it; NULL: a
 * quote is not closed */
static const char *
word(const char *p)
{
	char quote = 0;

	for (; *p; p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"') {
			quote = quote ? 0 : *p;
		} else if (*p == '\\' && quote != '\'' && p[1]) {
			put(*++p);
		} else if (*p == '$' && quote != '\'') {
			p = expand(p + 1) - 1;
		} else if (!quote && strchr(" \t\n|<>;&", *p)) {
			break;
		} else {
			put(*p);
		}
	}
	put('\0');
	return quote ? NULL : p;
}

/* => the number of words, with NULL behind them; -1: said what is wrong */
static int
split(const char *p, char **words)
{
	int n = 0;

	state.used = 0;
	for (;;) {
		char *const *op = operators;

		p += strspn(p, " \t\n");
		if (!*p || *p == '#')
			break;
		if (n == MAX_WORDS - 1) {
			fprintf(stderr, "sh: too many words\n");
			return -1;
		}
		while (*op && strncmp(p, *op, strlen(*op)))
			op++;
		if (*op) {
			words[n++] = *op;
			p += strlen(*op);
			continue;
		}
		words[n++] = state.text + state.used;
		p = word(p);
		if (!p) {
			fprintf(stderr, "sh: a quote is not closed\n");
			return -1;
		}
	}
	words[n] = NULL;
	return n;
}

static int
is_operator(const char *text)
{
	for (int i = 0; operators[i]; i++)
		if (text == operators[i])
			return 1;
	return 0;
}

/* Fill in commands up to what ends them. => the word behind; NULL: malformed */
static char **
pipeline(char **at, struct command *commands, int *nr)
{
	struct command *command = commands;

	memset(commands, 0, MAX_COMMANDS * sizeof(*commands));
	for (; *at; at++) {
		int fd = !strcmp(*at, "2>") ? 2 : **at == '>';

		if (!is_operator(*at)) {
			command->argv[command->argc++] = *at;
		} else if (strchr("<>2", **at)) {
			if (!at[1] || is_operator(at[1]))
				return NULL;
			command->append |= !strcmp(*at, ">>");
			command->files[fd] = *++at;
		} else if (!strcmp(*at, "|")) {
			if (!command->argc ||
			    ++command == commands + MAX_COMMANDS)
				return NULL;
		} else {
			break;
		}
	}
	*nr = command - commands + 1;
	return command->argc ? at : NULL;
}

/* In the child, or for `exec`: descriptors as the command says. */
static int
redirect(const struct command *command)
{
	for (int i = 0; i < 3; i++) {
		int flags =
			i == 0 ? O_RDONLY
			       : O_WRONLY | O_CREAT |
					 (command->append ? O_APPEND : O_TRUNC);
		int fd;

		if (!command->files[i])
			continue;
		fd = open(command->files[i], flags, 0666);
		if (fd < 0) {
			perror(command->files[i]);
			return -1;
		}
		if (fd != i) {
			dup2(fd, i);
			close(fd);
		}
	}
	return 0;
}

static void __attribute__((noreturn)) run(struct command *command)
{
	if (redirect(command))
		_exit(1);
	execvp(command->argv[0], command->argv);
	fprintf(stderr, "sh: %s: %s\n", command->argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void
job_signals(void (*handler)(int))
{
	signal(SIGINT, handler);
	signal(SIGTTOU, handler);
	signal(SIGTTIN, handler);
	signal(SIGTSTP, handler);
}

/* Wait for what is in the foreground, nr processes; or until it has stopped. */
static void
finish(int nr)
{
	pid_t pid = 0;
	int status;

	while (pid >= 0 && nr-- > 0) {
		pid = waitpid(state.interactive ? -state.group : -1, &status,
			      WUNTRACED);
		if (pid > 0 && WIFSTOPPED(status)) {
			state.status = 128 + WSTOPSIG(status);
			printf("[%d] stopped\n", state.group);
			break;
		}
		if (pid == state.last)
			state.status = WIFEXITED(status)
					       ? WEXITSTATUS(status)
					       : 128 + WTERMSIG(status);
	}
	if (state.interactive)
		tcsetpgrp(0, getpgrp());
}

/* A process each, connected; the last one's status counts. */
static void
start(struct command *commands, int nr, int background)
{
	int ends[2], in = -1;
	pid_t group = 0, pid = 0;

	for (int i = 0; i < nr; i++) {
		ends[0] = ends[1] = -1;
		if (i + 1 < nr && pipe(ends))
			perror("sh: pipe");
		pid = fork();
		if (pid < 0)
			perror("sh: fork");
		if (pid == 0) {
			if (state.interactive) {
				setpgid(0, group);
				if (!background && !group)
					tcsetpgrp(0, getpid());
				job_signals(SIG_DFL);
			}
			if (in >= 0)
				dup2(in, 0);
			if (ends[1] >= 0)
				dup2(ends[1], 1);
			for (int fd = 3; fd < 16; fd++)
				close(fd);
			run(&commands[i]);
		}
		group = group ? group : pid;
		if (state.interactive && pid > 0)
			setpgid(pid, group);
		if (in >= 0)
			close(in);
		if (ends[1] >= 0)
			close(ends[1]);
		in = ends[0];
	}
	state.status = pid < 0;
	if (background) {
		if (state.interactive)
			printf("[%d]\n", pid);
		return;
	}
	state.group = group;
	state.last = pid;
	finish(nr);
}

static void
go_on(void)
{
	tcsetpgrp(0, state.group);
	if (!state.group || kill(-state.group, SIGCONT))
		perror("sh: fg");
	else
		finish(MAX_COMMANDS);
	tcsetpgrp(0, getpgrp());
}

/* => whether it was one */
static int
built_in(struct command *command)
{
	const char *name = command->argv[0], *arg = command->argv[1];

	if (!strcmp(name, "exit"))
		exit(arg ? atoi(arg) : state.status);
	if (!strcmp(name, "cd")) {
		state.status = chdir(arg ? arg : "/") != 0;
		if (state.status)
			perror(arg);
	} else if (!strcmp(name, "exec")) {
		state.status = redirect(command) != 0;
		if (arg && !state.status) {
			execvp(arg, command->argv + 1);
			perror(arg);
			exit(127);
		}
	} else if (!strcmp(name, "fg")) {
		go_on();
	} else if (!strcmp(name, "help")) {
		printf("cd [DIR]  exit [N]  exec PROG  fg  help; | < > >> 2> ; "
		       "& && ||  $? $$ $0 $NAME\n");
	} else {
		return 0;
	}
	return 1;
}

static void
execute(const char *line)
{
	static struct command commands[MAX_COMMANDS];
	char *words[MAX_WORDS], **at = words;
	int nr, skip = 0;

	if (split(line, words) < 0) {
		state.status = 2;
		return;
	}
	while (*at) {
		at = pipeline(at, commands, &nr);
		if (!at) {
			fprintf(stderr, "sh: something is missing\n");
			state.status = 2;
			return;
		}
		fflush(stdout);
		if (!skip && (nr > 1 || !built_in(commands)))
			start(commands, nr, *at && !strcmp(*at, "&"));
		if (*at && at[0][0] == at[0][1]) /* && or || */
			skip = (at[0][0] == '&') == (state.status != 0);
		else
			skip = 0;
		at += *at != NULL;
	}
}

int
main(int argc, char **argv)
{
	char line[MAX_LINE];
	FILE *in = stdin;

	setenv("PATH", "/bin", 0);
	state.argc = argc;
	state.argv = argv;
	if (argc > 2 && !strcmp(argv[1], "-c")) {
		execute(argv[2]);
		return state.status;
	}
	if (argc > 1) {
		in = fopen(argv[1], "re");
		if (!in) {
			perror(argv[1]);
			return 127;
		}
		state.argc--;
		state.argv++;
	}
	state.interactive = in == stdin && isatty(0);
	if (state.interactive) {
		job_signals(SIG_IGN);
		setpgid(0, 0);
		tcsetpgrp(0, getpgrp());
		execute("cat /etc/motd");
	}
	for (;;) {
		if (state.interactive) {
			printf("$ ");
			fflush(stdout);
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
		}
		if (!fgets(line, sizeof(line), in))
			return state.status;
		execute(line);
	}
}
