/* shared_anon.c - MAP_SHARED memory: parent and child see the same pages. */
#include "utest.h"

int
main(void)
{
	volatile int *p = (int *)MAP_ANY(4 * PAGE, READ_WRITE, MAP_SHARED);
	pid_t pid;

	p[0] = 1; /* a page that is there before fork; the others come after */
	pid = fork_checked();
	if (pid == 0) {
		CHECK_EQ(p[0], 1);
		p[0] = 2;
		p[PAGE / sizeof(int)] = 3;
		CHECK_EQ(p[2 * PAGE / sizeof(int)], 0);
		while (p[3 * PAGE / sizeof(int)] != 7)
			sched_yield();
		_exit(0);
	}
	while (p[PAGE / sizeof(int)] != 3)
		sched_yield();
	CHECK_EQ(p[0], 2);
	p[3 * PAGE / sizeof(int)] = 7;
	check_child(pid);

	/* It stays shared over a generation that does not touch it. */
	pid = fork_checked();
	if (pid == 0) {
		pid = fork_checked();
		if (pid == 0) {
			p[1] = 5;
			_exit(0);
		}
		check_child(pid);
		CHECK_EQ(munmap((void *)p, 4 * PAGE), 0);
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(p[1], 5);
	return 0;
}
