/* select.c - select, pselect and ppoll: sets of bits, the time that is left,
 * and signals that are let in only while one waits. */
#include <poll.h>
#include <sys/select.h>
#include "utest.h"

static volatile int signals;

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	signals++;
}

static pid_t
signal_me_after(unsigned int ms)
{
	pid_t pid = fork_checked();

	if (pid)
		return pid;
	sleep_ms(ms);
	kill(getppid(), SIGUSR1);
	_exit(0);
}

static void
check_sets(void)
{
	struct timeval none = {0, 0}, some = {0, 30000};
	fd_set in, out, except;
	int low[2], ends[2];
	long start;

	CHECK_EQ(pipe(low), 0);
	CHECK_EQ(dup2(low[0], 40), 40); /* the second word of a set */
	CHECK_EQ(dup2(low[1], 70), 70); /* the third */
	ends[0] = 40;
	ends[1] = 70;
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	FD_SET(ends[0], &in);
	FD_SET(ends[1], &out);
	FD_SET(ends[0], &except);
	CHECK_EQ(select(71, &in, &out, &except, NULL), 1);
	CHECK(!FD_ISSET(ends[0], &in) && FD_ISSET(ends[1], &out));
	CHECK(!FD_ISSET(ends[0], &except));

	FD_SET(ends[0], &in);
	start = now_ms();
	CHECK_EQ(select(71, &in, NULL, NULL, &some), 0);
	CHECK(now_ms() - start >= 29);
	CHECK_EQ(some.tv_sec + some.tv_usec, 0);
	CHECK(!FD_ISSET(ends[0], &in));
	CHECK_EQ(write(ends[1], "x", 1), 1);
	some = (struct timeval){5, 0};
	FD_SET(ends[0], &in);
	CHECK_EQ(select(41, &in, NULL, NULL, &some), 1);
	CHECK(FD_ISSET(ends[0], &in) && some.tv_sec == 4);
	FD_SET(ends[0], &in); /* one below: it is not asked for, nor changed */
	CHECK_EQ(select(40, &in, NULL, NULL, &none), 0);

	FD_ZERO(&in);
	FD_SET(99, &in);
	CHECK_ERROR(select(100, &in, NULL, NULL, &none), EBADF);
	CHECK_ERROR(select(-1, NULL, NULL, NULL, &none), EINVAL);
	CHECK_ERROR(syscall(SYS__newselect, 1, 0xc0100000, 0, 0, 0), EFAULT);
	none.tv_usec = -1;
	CHECK_ERROR(syscall(SYS__newselect, 0, 0, 0, 0, &none), EINVAL);

	/* The other end is closed: ready to read, not to write. */
	close(low[1]);
	close(ends[1]);
	FD_ZERO(&in);
	FD_SET(low[0], &in);
	FD_ZERO(&except);
	FD_SET(low[0], &except);
	CHECK_EQ(select(low[0] + 1, &in, NULL, &except, NULL), 1);
	some = (struct timeval){0, 10000};
	FD_SET(low[0], &except);
	CHECK_EQ(select(low[0] + 1, NULL, NULL, &except, &some), 0);
	close(low[0]);
	close(ends[0]);
}

/* The signal is blocked but for the time of the call. */
static void
check_masks(void)
{
	struct timespec long_time = {5, 0}, short_time = {0, 20000000};
	struct timeval second = {1, 0};
	sigset_t set, none, now;
	pid_t pid;

	handle(SIGUSR1, on_signal, SA_RESTART);
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	raise(SIGUSR1);
	CHECK_EQ(ppoll(NULL, 0, &short_time, NULL), 0);
	CHECK_EQ(signals, 0);
	CHECK_ERROR(ppoll(NULL, 0, &long_time, &none), EINTR);
	CHECK_EQ(signals, 1);
	pid = signal_me_after(20);
	CHECK_ERROR(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR);
	CHECK_EQ(signals, 2);
	check_child(pid);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &now), 0);
	CHECK_EQ(sigismember(&now, SIGUSR1), 1);
	CHECK_EQ(ppoll(NULL, 0, &short_time, &none), 0);
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, &now), 0);
	CHECK_EQ(sigismember(&now, SIGUSR1), 1);

	pid = signal_me_after(20); /* SA_RESTART or not */
	CHECK_ERROR(select(0, NULL, NULL, NULL, &second), EINTR);
	check_child(pid);
	pid = stop_me_after(20); /* and one without a handler */
	long start = now_ms();
	second = (struct timeval){0, 100000};
	CHECK_EQ(select(0, NULL, NULL, NULL, &second), 0);
	CHECK(now_ms() - start >= 99);
	check_child(pid);
}

int
main(void)
{
	check_sets();
	check_masks();
	return 0;
}
