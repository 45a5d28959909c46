/* signals_old.c - the calls about signals that a program without a C library
 * may use: their numbers are known by heart. */
#include "utest.h"

#define OLD_SIGNAL      48
#define OLD_SIGACTION   67
#define OLD_SGETMASK    68
#define OLD_SSETMASK    69
#define OLD_SIGSUSPEND  72
#define OLD_SIGPENDING  73
#define OLD_SIGPROCMASK 126
#define BIT(signal)     (1u << ((signal)-1))

static volatile int count;

static void
on_signal(int signal)
{
	(void)signal;
	count++;
}

int
main(void)
{
	struct {
		void (*handler)(int);
		unsigned int mask, flags;
		void *restorer;
	} action = {on_signal, BIT(SIGUSR2), SA_RESTART, NULL}, was;
	unsigned int set = BIT(SIGUSR1) | BIT(SIGKILL), old = 1;
	sigset_t high;

	CHECK_EQ(syscall(OLD_SIGNAL, SIGUSR1, on_signal), 0);
	raise(SIGUSR1);
	CHECK_EQ(count, 1);
	CHECK_EQ(syscall(OLD_SIGNAL, SIGUSR1, on_signal), 0); /* once only */
	CHECK_EQ(syscall(OLD_SIGNAL, SIGUSR1, on_signal), (long)on_signal);
	CHECK_ERROR(syscall(OLD_SIGNAL, SIGKILL, on_signal), EINVAL);
	CHECK_ERROR(syscall(OLD_SIGNAL, 65, on_signal), EINVAL);

	CHECK_EQ(syscall(OLD_SIGACTION, SIGUSR1, &action, NULL), 0);
	CHECK_EQ(syscall(OLD_SIGACTION, SIGUSR1, NULL, &was), 0);
	CHECK(was.handler == on_signal && was.mask == BIT(SIGUSR2));
	CHECK_ERROR(syscall(OLD_SIGACTION, SIGSTOP, &action, NULL), EINVAL);
	CHECK_EQ(syscall(OLD_SIGACTION, SIGSTOP, NULL, &was), 0);
	CHECK_ERROR(syscall(OLD_SIGACTION, SIGUSR1, 8, NULL), EFAULT);

	/* The upper half of what is blocked stays. */
	sigemptyset(&high);
	sigaddset(&high, SIGRTMIN + 3);
	CHECK_EQ(sigprocmask(SIG_SETMASK, &high, NULL), 0);
	CHECK_EQ(syscall(OLD_SIGPROCMASK, SIG_SETMASK, &set, &old), 0);
	CHECK_EQ(old, 0);
	CHECK_EQ(syscall(OLD_SIGPROCMASK, SIG_BLOCK, NULL, &old), 0);
	CHECK_EQ(old, BIT(SIGUSR1));
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &high), 0);
	CHECK_EQ(sigismember(&high, SIGRTMIN + 3), 1);
	CHECK_ERROR(syscall(OLD_SIGPROCMASK, 7, &set, NULL), EINVAL);
	raise(SIGUSR1);
	CHECK_EQ(syscall(OLD_SIGPENDING, &old), 0);
	CHECK_EQ(old, BIT(SIGUSR1));
	count = 0;
	CHECK_ERROR(syscall(OLD_SIGSUSPEND, 0, 0, 0), EINTR);
	CHECK_EQ(count, 1);
	CHECK_EQ(syscall(OLD_SGETMASK), BIT(SIGUSR1));
	CHECK_EQ(syscall(OLD_SSETMASK, 0), BIT(SIGUSR1));
	CHECK_EQ(syscall(OLD_SGETMASK), 0);
	return 0;
}
