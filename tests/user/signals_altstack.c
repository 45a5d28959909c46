/* signals_altstack.c - a handler on a stack of its own, and what is kept. */
#include "utest.h"

static char *stack, *volatile seen_at;
static volatile int count;

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	stack_t now;
	char here;

	(void)context;
	CHECK_EQ(signal, SIGUSR1);
	CHECK_EQ(info->si_signo, SIGUSR1);
	CHECK_EQ(info->si_pid, getpid());
	CHECK_EQ(sigaltstack(NULL, &now), 0);
	CHECK_EQ(now.ss_flags & SS_ONSTACK,
		 &here >= stack && &here < stack + 32768 ? SS_ONSTACK : 0);
	if (now.ss_flags & SS_ONSTACK)
		CHECK_ERROR(sigaltstack(&now, NULL), EPERM);
	seen_at = &here;
	count++;
}

int
main(void)
{
	stack_t other = {.ss_size = 32768}, old;
	volatile double kept = 1.5;

	stack = other.ss_sp = MAP_ANY(32768, READ_WRITE, MAP_PRIVATE);
	handle(SIGUSR1, on_signal, SA_ONSTACK);
	CHECK_EQ(raise(SIGUSR1), 0); /* there is none yet */
	CHECK(seen_at < stack || seen_at >= stack + 32768);
	CHECK_EQ(sigaltstack(&other, &old), 0);
	CHECK_EQ(old.ss_flags, SS_DISABLE);
	CHECK_EQ(raise(SIGUSR1), 0);
	CHECK(seen_at >= stack && seen_at < stack + 32768);
	handle(SIGUSR1, on_signal, 0); /* does not ask for it */
	CHECK_EQ(raise(SIGUSR1), 0);
	CHECK(seen_at < stack || seen_at >= stack + 32768);
	CHECK_EQ(count, 3);
	CHECK(kept * 2 == 3.0);

	other.ss_size = 512;
	CHECK_ERROR(sigaltstack(&other, NULL), ENOMEM);
	other.ss_flags = 0x1234;
	CHECK_ERROR(sigaltstack(&other, NULL), EINVAL);
	return 0;
}
