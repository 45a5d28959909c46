/* jobs.c - process groups and sessions: whom does a signal reach? */
#include "utest.h"

/* Whoever is born while his group is killed is killed, too. */
static void
kill_forking_group(unsigned int ms)
{
	pid_t pid = fork_checked();

	if (pid == 0) {
		setpgid(0, 0);
		for (int i = 0; i < 200; i++)
			if (fork() == 0)
				break;
		for (;;)
			pause();
	}
	sleep_ms(ms);
	setpgid(pid, pid);
	CHECK_EQ(kill(-pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	for (int i = 0; kill(-pid, 0) == 0 && i < 500; i++)
		sleep_ms(10);
	if (kill(-pid, SIGKILL) == 0)
		FAIL("somebody has survived");
}

int
main(void)
{
	pid_t pids[2], pid, self = getpid();
	int status, ends[2];
	char byte;

	pid = fork_checked();
	if (pid == 0) {
		CHECK_EQ(getpgrp(), getpgid(self));
		CHECK_EQ(setsid(), getpid());
		CHECK_EQ(getpgrp(), getpid());
		CHECK_EQ(getsid(0), getpid());
		CHECK_ERROR(setsid(), EPERM);
		CHECK_ERROR(setpgid(0, 0), EPERM); /* it leads a session */
		CHECK_ERROR(open("/dev/tty", O_RDWR), ENXIO);
		_exit(0);
	}
	check_child(pid);

	pid = fork_checked();
	if (pid == 0)
		_exit(0);
	sleep_ms(30);
	CHECK_EQ(getpgid(pid), getpgrp()); /* a zombie has one, too */
	CHECK_EQ(getsid(pid), getsid(0));
	check_child(pid);

	CHECK_EQ(pipe(ends), 0);
	for (int i = 0; i < 2; i++) {
		pids[i] = fork_checked();
		if (pids[i] == 0) {
			close(ends[1]);
			CHECK_EQ(read(ends[0], &byte, 1), 0);
			_exit(0);
		}
		CHECK_EQ(setpgid(pids[i], pids[0]), 0);
		CHECK_EQ(getpgid(pids[i]), pids[0]);
	}
	CHECK_ERROR(waitpid(-getpgrp(), &status, WNOHANG), ECHILD);
	CHECK_EQ(waitpid(-pids[0], &status, WNOHANG), 0);
	CHECK_EQ(kill(-pids[0], 0), 0);
	CHECK_EQ(kill(-pids[0], SIGTERM), 0);
	for (int i = 0; i < 2; i++) {
		CHECK(waitpid(-pids[0], &status, 0) > 0);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	}
	CHECK_ERROR(kill(-pids[0], 0), ESRCH);
	CHECK_ERROR(kill(pids[0], 0), ESRCH);
	CHECK_ERROR(kill(self, 99), EINVAL);
	CHECK_ERROR(setpgid(99999, 0), ESRCH);
	for (int i = 0; i < 20; i++)
		kill_forking_group(4 + i % 8);
	return 0;
}
