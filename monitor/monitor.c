/* monitor.c - the prompt: a line is typed, split into words and run.
 *
 *   "peek 0x1000 16; sym 'k*'"
 *         |
 *         | command_next: at `;`
 *         v
 *   "peek 0x1000 16"   " sym 'k*'"
 *         |
 *         | split_words: at blanks, quotes taken off
 *         v
 *   argv: [ peek ][ 0x1000 ][ 16 ]  --->  table `commands`  --->  cmd_peek()
 *
 * Whatever is typed gets an answer: an unknown name the nearest known one, bad
 * arguments (-EINVAL) the usage line. The commands themselves are in cmd_*.c
 * and wherever else a file has something to show; only `help` is here, since
 * it reads the table.
 *
 * Text is split in place: splitting only ever shortens it.
 */
#include "boot.h"
#include "command.h"
#include "complete.h"
#include "console.h"
#include "errno.h"
#include "lineedit.h"
#include "pager.h"
#include "param.h"
#include "printf.h"
#include "stop.h"
#include "string.h"
#include "util.h"
#include "wait.h"

#define PROMPT      "memoir> "
#define NAME_MAX    32 /* edit_distance looks at no more of a name */
#define ARGS_MAX    64 /* a longer form is cut in the list */
#define HELP_INDENT "    "

TABLE_DEFINE(commands);

/* The command whose name follows `name` in alphabetical order; the first one
 * after "", NULL after the last. */
static const struct command *
command_after(const char *name)
{
	const struct command *cmd, *best = NULL;

	table_for_each(cmd, &commands) if (strcmp(cmd->name, name) > 0 &&
					   (!best ||
					    strcmp(cmd->name, best->name) < 0))
		best = cmd;
	return best;
}

static bool
same_name(const char *a, const char *b)
{
	while (*a && (*a | ' ') == (*b | ' ')) /* 'A' | ' ' is 'a' */
		a++, b++;
	return !*a && !*b;
}

/* What people type elsewhere. */
static const struct {
	const char *name, *means;
} aliases[] = {{"?", "help"}, {"exit", "poweroff"}, {"quit", "poweroff"}};

/* By its name, in capitals or not, or by an alias. */
static const struct command *
command_find(const char *name)
{
	const struct command *cmd;

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (same_name(aliases[i].name, name))
			name = aliases[i].means;
	table_for_each(cmd,
		       &commands) if (same_name(cmd->name, name)) return cmd;
	return NULL;
}

/* How many characters have to be put in, taken out or replaced to turn a into
 * b (Levenshtein's distance). cost[j] is that of turning the part of a that is
 * done into the first j characters of b:
 *
 *	corner   above		corner: both were kept or replaced
 *	left    [ here ]	above: a's taken out, left: b's put in
 */
static unsigned int
edit_distance(const char *a, const char *b)
{
	unsigned int cost[NAME_MAX + 1];
	size_t length = strnlen(b, NAME_MAX);

	for (size_t j = 0; j <= length; j++)
		cost[j] = j;
	for (size_t i = 0; i < NAME_MAX && a[i]; i++) {
		unsigned int corner = cost[0];

		cost[0] = i + 1;
		for (size_t j = 1; j <= length; j++) {
			unsigned int above = cost[j];

			cost[j] = min(above, cost[j - 1]) + 1;
			cost[j] = min(cost[j], corner + (a[i] != b[j - 1]));
			corner = above;
		}
	}
	return cost[length];
}

/* The command that was probably meant: at most two slips away, and with some
 * letter of what was typed. */
static const struct command *
command_nearest(const char *name)
{
	const struct command *cmd, *best = NULL;
	unsigned int nearest = min_t(size_t, 3, strlen(name));

	table_for_each(cmd, &commands)
	{
		unsigned int distance = edit_distance(name, cmd->name);

		if (distance < nearest) {
			nearest = distance;
			best = cmd;
		}
	}
	return best;
}

static int
command_unknown(const char *name)
{
	const struct command *cmd = command_nearest(name);

	if (command_is_program(name))
		return command_refuse(
			-ENOENT,
			"There is no command \"%s\". Did you mean "
			"\"run /bin/%s\"?",
			name, name);
	if (cmd)
		return command_refuse(-ENOENT,
				      "There is no command \"%s\". Did you "
				      "mean \"%s\"?",
				      name, cmd->name);
	return command_refuse(-ENOENT,
			      "There is no command \"%s\". \"help\" lists "
			      "those there are.",
			      name);
}

/* Words in place: blanks become terminators, quotes close up.
 *
 *	peek "a b"c\0     -->   peek\0a bc\0
 *	^    ^                  ^     ^
 *	argv[0], argv[1]
 *
 * => argc, or -Exxx after saying what is wrong */
static int
split_words(char *text, char **argv)
{
	char *to = text;
	int argc = 0;

	for (;;) {
		char quote = '\0';

		while (*text == ' ' || *text == '\t')
			text++;
		if (!*text)
			break;
		if (argc == COMMAND_MAX_ARGS)
			return command_refuse(-E2BIG,
					      "Too many words: %d is the most.",
					      COMMAND_MAX_ARGS);
		argv[argc++] = to;
		for (; *text && (quote || !strchr(" \t", *text)); text++) {
			if (*text == quote)
				quote = '\0';
			else if (!quote && strchr("\"'", *text))
				quote = *text;
			else
				*to++ = *text;
		}
		if (quote)
			return command_refuse(-EINVAL,
					      "A quote (%c) is not closed.",
					      quote);
		if (*text)
			text++;
		*to++ = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

/* The next command of a line: *rest moves past the `;` that ends it.
 * => NULL when there is no more */
static char *
command_next(char **rest)
{
	char *start = *rest, *p;
	char quote = '\0';

	if (!start)
		return NULL;
	for (p = start; *p && (quote || *p != ';'); p++) {
		if (*p == quote)
			quote = '\0';
		else if (!quote && strchr("\"'", *p))
			quote = *p;
	}
	*rest = *p ? p + 1 : NULL;
	*p = '\0';
	return start;
}

static void
command_usage(const struct command *cmd)
{
	command_refuse(0, "usage: %s%s%s", cmd->name, *cmd->args ? " " : "",
		       cmd->args);
}

/* => 0 for an empty one, too */
static int
command_run_one(char *text)
{
	char *argv[COMMAND_MAX_ARGS + 1];
	const struct command *cmd;
	int argc = split_words(text, argv);
	int error;

	if (argc <= 0)
		return argc;
	cmd = command_find(argv[0]);
	if (!cmd)
		return command_unknown(argv[0]);
	error = argc > 1 && !*cmd->args ? -EINVAL : cmd->run(argc, argv);
	if (error == -EINVAL)
		command_usage(cmd);
	return error;
}

int
command_run(char *line)
{
	char *text;
	int error = 0;

	while (!command_stopped() && (text = command_next(&line)))
		error = command_run_one(text);
	return error;
}

/* The first line of the help only. */
static void
help_line(const char *name, const char *separator, const char *args,
	  const char *help)
{
	char left[NAME_MAX + ARGS_MAX];

	snprintf(left, sizeof(left), "%s%s%s", name, separator, args);
	command_line(26, left, help);
}

static int
help_all(void)
{
	const struct command *cmd;

	for (cmd = command_after(""); cmd; cmd = command_after(cmd->name))
		help_line(cmd->name, " ", cmd->args, cmd->help);
	console_printf(
		"\n"
		"\"help NAME\" tells more, \"help boot\" lists the kernel's"
		" own options.\n"
		"`;` separates commands. ADDR is a number (10, 0x1f, 4k, "
		"16M), a symbol's\nname, $ (the address that alloc, kmalloc or "
		"vmalloc has shown last), or\ntwo of them with a +.\n");
	return 0;
}

static int
help_boot(void)
{
	const struct boot_param *param;

	console_printf("On the kernel's command line:\n\n");
	table_for_each(param, &params)
		help_line(param->name, *param->value ? "=" : " ", param->value,
			  param->help);
	return 0;
}

static int
help_one(const struct command *cmd)
{
	console_printf("  %s%s%s\n\n", cmd->name, *cmd->args ? " " : "",
		       cmd->args);
	for (const char *line = cmd->help; *line;) {
		const char *end = strchr(line, '\n');
		size_t n = end ? (size_t)(end - line) : strlen(line);

		console_printf(HELP_INDENT);
		console_rows(line, n, strlen(HELP_INDENT), HELP_INDENT);
		console_printf("\n");
		line += n + (end != NULL);
	}
	return 0;
}

static int
help_option(const struct boot_param *param)
{
	console_printf("  %s%s%s on the kernel's command line\n\n", param->name,
		       *param->value ? "=" : "", param->value);
	console_printf(HELP_INDENT);
	console_rows(param->help, strlen(param->help), strlen(HELP_INDENT),
		     HELP_INDENT);
	console_printf("\n");
	return 0;
}

/* What is both, a command and an option, has two answers. */
static int
cmd_help(int argc, char **argv)
{
	const struct boot_param *param;
	const struct command *cmd;

	if (argc == 1)
		return help_all();
	if (argc > 2)
		return -EINVAL;
	if (!strcmp(argv[1], "boot"))
		return help_boot();
	cmd = command_find(argv[1]);
	param = param_find(argv[1]);
	if (cmd)
		help_one(cmd);
	if (cmd && param)
		console_printf("\n");
	if (param)
		help_option(param);
	return cmd || param ? 0 : command_unknown(argv[1]);
}
COMMAND(help, "[NAME | boot]",
	"lists the commands, or tells all about one\n"
	"NAME: a command, or an option of the kernel's command line; boot\n"
	"lists all of those.");

static const char *run_commands; /* from the command line, or NULL */

static int
run_param(const char *value)
{
	if (!*value)
		return -EINVAL;
	run_commands = value;
	return 0;
}
BOOT_PARAM(run, "\"CMD; CMD\"", "type these at the monitor first", run_param);

/* While nobody types, other threads run. */
static DECLARE_WAIT_QUEUE_HEAD(typing);

static void
sleep_until_typed(void)
{
	if (can_sleep())
		wait_event(typing, console_has_input());
}

static void
wake_typed(void)
{
	wake_up(&typing);
}

/* A paste may bring more than fits: said when all that did is taken. */
static void
say_lost(struct lineedit *e)
{
	static unsigned long told;
	unsigned long lost = console_dropped() - told;

	if (!lost || console_has_input())
		return;
	told += lost;
	console_printf("\n%lu characters typed did not fit, and are lost.\n",
		       lost);
	lineedit_redraw(e);
}

/* => false: another thread has the prompt now */
static bool
run_line(char *line, bool *stopped)
{
	bool ours;

	stop_begin();
	command_run(line);
	pager_set(false);
	ours = stop_end(stopped);
	if (ours && *stopped) {
		console_skip(CTRL_C);
		console_write("^C\n", 3);
	}
	return ours;
}

/* What `run=` says, as if typed: each command after a prompt of its own. */
static bool
run_given(void)
{
	static char line[BOOTINFO_CMDLINE];
	char *rest = line, *text;
	bool ours = true, stopped = false;

	if (!run_commands)
		return true;
	strscpy(line, run_commands, sizeof(line));
	while (ours && !stopped && (text = command_next(&rest))) {
		while (*text == ' ')
			text++;
		console_write(PROMPT, strlen(PROMPT));
		console_write(text, strlen(text));
		console_write("\n", 1);
		ours = run_line(text, &stopped);
	}
	return ours;
}

/* A copy is run: who takes the prompt over from it types a new line. */
static int
prompt_loop(void *unused __maybe_unused)
{
	static struct lineedit edit;
	char line[LINEEDIT_MAX + 1];
	bool stopped;

	edit.prompt = PROMPT;
	edit.write = console_write;
	edit.words = complete_words;
	console_skip(CTRL_C); /* that brought us here, if one did */
	do {
		lineedit_start(&edit);
		do
			say_lost(&edit);
		while (!lineedit_feed(&edit, console_getc()));
		if (edit.lost)
			console_printf("%u characters typed did not fit into "
				       "the line, and are lost.\n",
				       edit.lost);
		memcpy(line, edit.line, sizeof(line));
		pager_set(console_last_source() == CONSOLE_KEYBOARD);
	} while (run_line(line, &stopped));
	return 0;
}

void
monitor_run(void)
{
	static const struct console_waiter waiter = {
		.sleep = sleep_until_typed,
		.wake = wake_typed,
		.stop = stop_key,
		.muted = stop_muted,
	};

	stop_init(prompt_loop);
	console_set_waiter(&waiter);
	console_printf("\"help\" lists the commands; docs/README.md says where "
		       "to begin reading.\n");
	if (run_given())
		prompt_loop(NULL);
	for (;;) { /* the first thread of all cannot end */
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
	}
}
