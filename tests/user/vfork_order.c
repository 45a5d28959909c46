/* vfork_order.c - the parent waits until its child has exec'ed or ended; the
 * same with clone, as system() and popen() do it. */
#include "utest.h"

static volatile int order;

static int
in_child(void *argument)
{
	sleep_ms(30);
	order = order * 10 + 1;
	_exit(*(int *)argument);
}

int
main(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	int code = 7, status;
	pid_t pid;

	pid = vfork();
	if (pid == 0) {
		struct timespec t = {0, 30000000};

		nanosleep(&t, NULL);
		order = 1; /* its parent's own variable */
		_exit(5);
	}
	CHECK_EQ(order, 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 5);

	pid = clone(in_child, stack + sizeof(stack),
		    CLONE_VM | CLONE_VFORK | SIGCHLD, &code);
	CHECK(pid > 0);
	CHECK_EQ(order, 11);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 7);

	pid = vfork();
	if (pid == 0) {
		execl("/bin/nothing", "nothing", NULL);
		_exit(errno == ENOENT ? 0 : 1);
	}
	check_child(pid);
	return 0;
}
