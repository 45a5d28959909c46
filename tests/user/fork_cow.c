/* fork_cow.c - after fork, who sees whose writes? Nobody anybody else's. */
#include "utest.h"

#define NR_PAGES 16

static volatile char *p;

static void
write_pages(int step, char value)
{
	for (int i = 0; i < NR_PAGES; i += step)
		p[i * PAGE + 7] = value;
}

static void
check_pages(int step, char written, char other)
{
	for (int i = 0; i < NR_PAGES; i++)
		CHECK_EQ(p[i * PAGE + 7], i % step ? other : written);
}

int
main(void)
{
	int turn[2];
	pid_t pid;
	char go;

	p = MAP_ANY(NR_PAGES * PAGE, READ_WRITE, MAP_PRIVATE);
	write_pages(1, 'a');
	CHECK_EQ(pipe(turn), 0);
	pid = fork_checked();
	if (pid == 0) {
		pid_t grandchild;

		write_pages(2, 'b');
		grandchild = fork_checked();
		if (grandchild == 0) {
			check_pages(2, 'b', 'a');
			write_pages(1, 'c');
			check_pages(1, 'c', 'c');
			_exit(0);
		}
		check_child(grandchild);
		CHECK_EQ(read(turn[0], &go, 1), 1);
		check_pages(2, 'b', 'a');
		_exit(0);
	}
	check_pages(1, 'a', 'a');
	write_pages(1, 'd'); /* the child must not see this */
	CHECK_EQ(write(turn[1], "", 1), 1);
	check_child(pid);
	check_pages(1, 'd', 'd');

	/* The kernel writes, too: into a page that two have. */
	pid = fork_checked();
	if (pid == 0) {
		CHECK_EQ(write(turn[1], "x", 1), 1);
		CHECK_EQ(read(turn[0], (void *)(p + 7), 1), 1);
		check_pages(NR_PAGES, 'x', 'd');
		_exit(0);
	}
	check_child(pid);
	check_pages(1, 'd', 'd');
	return 0;
}
