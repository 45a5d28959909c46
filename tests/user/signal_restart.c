/* signal_restart.c - a signal during a system call: EINTR, or it goes on. */
#include <sys/time.h>
#include "utest.h"

static volatile int count;
static int ends[2];

static void
on_alarm(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	if (++count == 3)
		CHECK_EQ(write(ends[1], "x", 1), 1);
}

static void
every_20_ms(int flags)
{
	struct itimerval timer = {{0, 20000}, {0, 20000}};

	count = 0;
	handle(SIGALRM, on_alarm, flags);
	CHECK_EQ(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

int
main(void)
{
	const struct itimerval none = {{0, 0}, {0, 0}};
	struct timespec left, long_time = {1000, 0};
	char byte;

	CHECK_EQ(pipe(ends), 0);
	every_20_ms(0);
	CHECK_ERROR(read(ends[0], &byte, 1), EINTR);
	CHECK(count >= 1);
	every_20_ms(SA_RESTART); /* the third signal writes what is read */
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	CHECK(count >= 3);
	CHECK_ERROR(nanosleep(&long_time, &left), EINTR);
	CHECK(left.tv_sec > 900 && left.tv_sec < 1000);
	CHECK_ERROR(pause(), EINTR);
	CHECK_EQ(setitimer(ITIMER_REAL, &none, NULL), 0);

	/* A signal that is ignored disturbs nobody. */
	pid_t pid = fork_checked();

	signal(SIGUSR1, SIG_IGN);
	if (pid == 0) {
		for (int i = 0; i < 3; i++) {
			sleep_ms(10);
			kill(getppid(), SIGUSR1);
		}
		CHECK_EQ(write(ends[1], "x", 1), 1);
		_exit(0);
	}
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	check_child(pid);
	return 0;
}
