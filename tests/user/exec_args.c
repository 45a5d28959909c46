/* exec_args.c - what execve hands over, what it keeps, and what it refuses.
 *
 * The program starts itself, with a word that says what to look at.
 */
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "utest.h"

#define MANY   2000
#define NAME   "001"
#define SCRIPT "/tmp/" NAME

extern char **environ;

/* Of a script, the program's name is the script's. */
static void
check_script(void)
{
	char name[16] = "";

	CHECK_EQ(prctl(PR_GET_NAME, name), 0);
	CHECK_EQ(strcmp(name, NAME), 0);
	CHECK_EQ(strcmp((char *)getauxval(AT_EXECFN), NAME), 0);
}

/* In the new program: argv[1] is "args", argv[2] the number of the rest. */
static int
check_args(int argc, char **argv)
{
	const unsigned char *random = (void *)getauxval(AT_RANDOM);

	if (!strcmp(argv[2], NAME))
		check_script();
	CHECK_EQ(argc, atoi(argv[2]) + 3);
	for (int i = 3; i < argc; i++)
		CHECK_EQ(atoi(argv[i]), i);
	CHECK(argv[argc] == NULL);
	CHECK_EQ(strcmp(environ[0], "A=1"), 0);
	CHECK_EQ(strcmp(environ[1], "B="), 0);
	CHECK(environ[2] == NULL);
	CHECK_EQ(getauxval(AT_PAGESZ), PAGE);
	CHECK(getauxval(AT_PHDR) && getauxval(AT_ENTRY));
	CHECK_EQ(getauxval(AT_SECURE), 0);
	CHECK(random && *random + random[15] + random[7] != 0);
	CHECK_EQ((unsigned long)argv % 4, 0);
	CHECK_ERROR(fcntl(100, F_GETFD), EBADF); /* was close-on-exec */
	CHECK_EQ(fcntl(101, F_GETFD), 0);
	CHECK(signal(SIGUSR1, SIG_DFL) == SIG_DFL); /* was handled */
	CHECK(signal(SIGUSR2, SIG_DFL) == SIG_IGN);
	return 0;
}

static void
on_signal(int signal)
{
	(void)signal;
}

static void
exec_with(const char *self, int nr)
{
	static char numbers[MANY][8];
	static char *args[MANY + 4] = {"/test/exec_args", "args"};
	char count[8], *env[] = {"A=1", "B=", NULL};
	pid_t pid = fork_checked();

	if (pid == 0) {
		snprintf(count, sizeof(count), "%d", nr);
		args[2] = count;
		for (int i = 0; i < nr; i++) {
			snprintf(numbers[i], sizeof(numbers[i]), "%d", i + 3);
			args[i + 3] = numbers[i];
		}
		signal(SIGUSR1, on_signal);
		signal(SIGUSR2, SIG_IGN);
		CHECK_EQ(dup3(0, 100, O_CLOEXEC), 100);
		CHECK_EQ(dup2(0, 101), 101);
		execve(self, args, env);
		FAIL("execve(%s): errno %d", self, errno);
	}
	check_child(pid);
}

static void
write_file(const char *path, const char *text, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(chmod(path, mode), 0);
}

int
main(int argc, char **argv)
{
	static char huge[200000], *args[] = {"x", huge, NULL};
	char script[300], *none[] = {NULL};

	if (argc > 1 && !strcmp(argv[1], "args"))
		return check_args(argc, argv);
	exec_with(argv[0], 0);
	exec_with(argv[0], 1);
	exec_with(argv[0], MANY);

	CHECK_ERROR(execve("/tmp/nothing", none, none), ENOENT);
	CHECK_ERROR(execve("/tmp", none, none), EACCES);
	CHECK_ERROR(execve("", none, none), ENOENT);
	memset(huge, 'x', sizeof(huge) - 1);
	CHECK_ERROR(execve(argv[0], args, none), E2BIG);
	write_file("/tmp/plain", "just a text\n", 0755);
	CHECK_ERROR(execve("/tmp/plain", none, none), ENOEXEC);
	write_file("/tmp/plain", "", 0755);
	CHECK_ERROR(execve("/tmp/plain", none, none), ENOEXEC);
	write_file("/tmp/plain", "#! \n", 0755);
	CHECK_ERROR(execve("/tmp/plain", none, none), ENOEXEC);
	write_file("/tmp/plain", "#!/tmp/nothing\n", 0755);
	CHECK_ERROR(execve("/tmp/plain", none, none), ENOENT);
	write_file("/tmp/plain", "#!/tmp/plain\n", 0755);
	CHECK_ERROR(execve("/tmp/plain", none, none), ELOOP);
	memset(script, 'x', sizeof(script) - 1);
	memcpy(script, "#!", 2);
	script[sizeof(script) - 1] = '\0';
	write_file("/tmp/plain", script, 0755);
	CHECK_ERROR(execve("/tmp/plain", none, none), ENOEXEC);
	CHECK_EQ(unlink("/tmp/plain"), 0);

	/* A script: interpreter, its one argument, the script, the rest. */
	snprintf(script, sizeof(script), "#! %s args \n", argv[0]);
	write_file(SCRIPT, script, 0755);
	pid_t pid = fork_checked();

	if (pid == 0) {
		char *rest[] = {"ignored", "3", NULL};
		char *env[] = {"A=1", "B=", NULL};

		signal(SIGUSR2, SIG_IGN);
		CHECK_EQ(dup2(0, 101), 101);
		CHECK_EQ(chdir("/tmp"), 0);
		execve(NAME, rest, env); /* argv: self args 001 3 */
		FAIL("execve(script): errno %d", errno);
	}
	check_child(pid);
	CHECK_EQ(unlink(SCRIPT), 0);
	return 0;
}
