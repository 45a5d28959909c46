/* init.c - the first program: starts a shell, again and again, and waits for
 * what nobody else waits for.
 *
 *   init --fork--> sh --fork--> ...
 *     ^                          | its parent ended before it
 *     +------ waitpid(-1) <------+
 */
#include "tiny.h"

static long
start(const char *path, char **envp)
{
	char *argv[] = {(char *)path, 0};
	long pid = call3(SYS_fork, 0, 0, 0), err;

	if (pid == 0) {
		err = call3(SYS_execve, (long)path, (long)argv, (long)envp);
		print(err == -ENOEXEC
			      ? "init: /bin/sh is not for this processor\n"
			      : "init: there is no /bin/sh\n");
		call3(SYS_exit, 127, 0, 0);
	}
	return pid;
}

static int
run(int argc, char **argv, char **envp)
{
	static char *home[] = {"PATH=/bin", "HOME=/", "TERM=linux", 0};
	long pause[2] = {1, 0}, pid, shell = 0;

	(void)argc;
	(void)argv;
	(void)envp;
	while (shell >= 0) {
		shell = start("/bin/sh", home);
		do
			pid = call3(SYS_waitpid, -1, 0, 0);
		while (pid > 0 && pid != shell);
		print("init: the shell has ended\n");
		call3(SYS_nanosleep, (long)pause, 0, 0);
	}
	print("init: no process to be had\n");
	return 1;
}
