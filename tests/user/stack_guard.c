/* stack_guard.c - the stack grows where it is used, and only there. */
#include <sys/resource.h>
#include "utest.h"

static int __attribute__((noinline)) use(int depth)
{
	volatile char frame[PAGE];

	frame[0] = depth;
	return depth ? use(depth - 1) + frame[0] : 0;
}

/* What is a long way below the stack is not the stack's. */
static void
touch_far_below(void)
{
	char here;

	*(volatile char *)((unsigned long)&here - (100u << 20)) = 1;
}

int
main(void)
{
	struct rlimit limit;

	CHECK_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
	CHECK(limit.rlim_cur >= 1u << 20);
	CHECK(use(100) >= 0); /* 400 KiB */
	CHECK_SIGNAL(SIGSEGV, touch_far_below());
	CHECK_SIGNAL(SIGSEGV, use(100000));

	/* A child has its own, with what its parent had. */
	pid_t pid = fork_checked();

	if (pid == 0)
		_exit(use(200) < 0);
	check_child(pid);
	return 0;
}
