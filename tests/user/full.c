/* full.c - files take all they may have; others go on, and what is in the way can
 * be removed. */
#include "utest.h"

static char page[PAGE];

static int
new_file(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	return fd;
}

/* What is no file is still to be had. */
static void
use_memory(void)
{
	pid_t pid;

	*MAP_ANY(PAGE, READ_WRITE, MAP_SHARED) = 1;
	*MAP_ANY(100 * PAGE, READ_WRITE, MAP_PRIVATE) = 1;
	pid = fork_checked();
	if (pid == 0)
		_exit(0);
	check_child(pid);
}

int
main(void)
{
	int fd, other;
	long pages = 0;
	char *p;

	CHECK(on_memoir()); /* not on a machine that others use */
	fd = new_file("/tmp/full");
	other = new_file("/tmp/full2");
	while (write(fd, page, PAGE) == PAGE)
		pages++;
	CHECK_EQ(errno, ENOSPC);
	CHECK_ERROR(write(other, page, 1), ENOSPC);
	CHECK_EQ(pwrite(fd, "x", 1, 5), 1); /* there is a page already */
	CHECK_EQ(ftruncate(other, PAGE), 0);
	p = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, other, 0);
	CHECK(p != MAP_FAILED);
	CHECK_SIGNAL(SIGBUS, *p = 1);
	use_memory();
	CHECK_EQ(ftruncate(fd, (pages - 9) * PAGE), 0);
	*p = 1; /* there is room again */
	CHECK_EQ(unlink("/tmp/full"), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(write(other, page, PAGE), PAGE);
	CHECK_EQ(unlink("/tmp/full2"), 0);
	return 0;
}
