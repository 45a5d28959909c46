/* sigpending.c - more real-time signals than RLIMIT_SIGPENDING: kill()'s come
 * without what comes with them, all others are refused. */
#include <sys/resource.h>
#include "utest.h"

#define LIMIT 4

int
main(void)
{
	struct rlimit limit;
	struct timespec now = {0, 0};
	union sigval value;
	siginfo_t info;
	sigset_t all;

	CHECK_EQ(getrlimit(RLIMIT_SIGPENDING, &limit), 0);
	CHECK(limit.rlim_cur > LIMIT);
	limit.rlim_cur = LIMIT;
	CHECK_EQ(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
	sigfillset(&all);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &all, NULL), 0);
	for (int i = 0; i < LIMIT; i++) {
		value.sival_int = i;
		CHECK_EQ(sigqueue(getpid(), SIGRTMIN, value), 0);
	}
	CHECK_ERROR(sigqueue(getpid(), SIGRTMIN, value), EAGAIN);
	CHECK_EQ(kill(getpid(), SIGRTMIN + 1), 0);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_ERROR(syscall(SYS_tgkill, getpid(), getpid(), SIGRTMIN + 2),
		    EAGAIN);
	CHECK_EQ(sigtimedwait(&all, &info, &now), SIGUSR1);
	CHECK_EQ(info.si_pid, getpid());
	for (int i = 0; i < LIMIT; i++) {
		CHECK_EQ(sigtimedwait(&all, &info, &now), SIGRTMIN);
		CHECK_EQ(info.si_value.sival_int, i);
	}
	CHECK_EQ(sigtimedwait(&all, &info, &now), SIGRTMIN + 1);
	CHECK_EQ(info.si_code, SI_USER);
	CHECK_EQ(info.si_pid, 0);
	CHECK_ERROR(sigtimedwait(&all, &info, &now), EAGAIN);
	return 0;
}
