/* vfork_order.c - the parent waits until its child has exec'ed or ended; the
 * same with clone, as system() and popen() do it. Only SIGKILL ends its wait. */
#include "utest.h"

static volatile int order;

static int
in_child(void *argument)
{
	sleep_ms(30);
	order = order * 10 + 1;
	_exit(*(int *)argument);
}

static void
ignore(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
}

/* The child sleeps for so long, and outlives its parent. */
static void
kill_waiting_parent(unsigned int ms)
{
	volatile pid_t *child = (pid_t *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	pid_t parent = fork_checked();
	int status;

	if (parent == 0) {
		struct timespec t = {ms / 1000, ms % 1000 * 1000000};

		handle(SIGUSR1, ignore, 0);
		if (vfork() == 0) {
			*child = getpid();
			nanosleep(&t, NULL);
			_exit(0);
		}
		_exit(1);
	}
	while (!*child)
		sleep_ms(1);
	kill(parent, SIGUSR1);
	sleep_ms(10);
	CHECK_EQ(waitpid(parent, &status, WNOHANG), 0);
	CHECK_EQ(kill(parent, SIGKILL), 0);
	CHECK_EQ(waitpid(parent, &status, 0), parent);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK_EQ(kill(*child, ms > 1000 ? SIGKILL : 0), 0);
	while (kill(*child, 0) == 0)
		sleep_ms(1);
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

	kill_waiting_parent(100000);
	kill_waiting_parent(60);
	return 0;
}
