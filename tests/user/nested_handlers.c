/* nested_handlers.c - which signals wait while a handler runs? */
#include "utest.h"

static volatile int depth, deepest, calls;
static char order[16];

static void
enter(char name)
{
	order[calls++] = name;
	if (++depth > deepest)
		deepest = depth;
}

static void
on_usr1(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	enter('1');
	if (calls == 1) {
		raise(signal);  /* waits until this one returns */
		raise(signal);  /* one is enough */
		raise(SIGUSR2); /* runs at once */
	}
	depth--;
}

static void
on_usr2(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	enter('2');
	depth--;
}

static void
on_nested(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	enter('n');
	if (depth < 4)
		raise(signal);
	depth--;
}

int
main(void)
{
	sigset_t set, pending;

	handle(SIGUSR1, on_usr1, 0);
	handle(SIGUSR2, on_usr2, 0);
	raise(SIGUSR1);
	CHECK_EQ(strcmp(order, "121"), 0);
	CHECK_EQ(deepest, 2);
	handle(SIGUSR1, on_nested, SA_NODEFER);
	raise(SIGUSR1);
	CHECK_EQ(deepest, 4);
	CHECK_EQ(depth, 0);

	/* Blocked: pending until it is let in; then before sigprocmask ends. */
	calls = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	raise(SIGUSR2);
	CHECK_EQ(calls, 0);
	CHECK_EQ(sigpending(&pending), 0);
	CHECK_EQ(sigismember(&pending, SIGUSR2), 1);
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	CHECK_EQ(calls, 1);

	/* Only once, then as if there were no handler. */
	handle(SIGUSR2, on_usr2, SA_RESETHAND);
	raise(SIGUSR2);
	CHECK_EQ(calls, 2);
	CHECK_SIGNAL(SIGUSR2, raise(SIGUSR2));
	CHECK_ERROR(sigaction(SIGKILL, &(struct sigaction){0}, NULL), EINVAL);
	return 0;
}
