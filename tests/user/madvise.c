/* madvise.c - what one may say and ask about memory; and memory by way of
 * /dev/zero. */
#include "utest.h"

#define PROT_OTHER 0x1000000 /* nobody's bits */

static void
check_holes(void)
{
	char *p = MAP_ANY(6 * PAGE, READ_WRITE, MAP_PRIVATE);

	memset(p, 7, 6 * PAGE);
	CHECK_EQ(madvise(p + PAGE, PAGE, MADV_DONTNEED), 0);
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(p[2 * PAGE], 7);
	CHECK_EQ(munmap(p + 3 * PAGE, PAGE), 0);
	CHECK_ERROR(madvise(p, 6 * PAGE, MADV_RANDOM), ENOMEM);
	CHECK_ERROR(madvise(p + 3 * PAGE, PAGE, MADV_NORMAL), ENOMEM);
	CHECK_EQ(madvise(p, 3 * PAGE, MADV_WILLNEED), 0);
	CHECK_EQ(p[0], 7);
	CHECK_ERROR(madvise(p, 6 * PAGE, MADV_DONTNEED), ENOMEM);
	CHECK_EQ(p[0], 0); /* done all the same */
	CHECK_EQ(p[5 * PAGE], 0);
	CHECK_ERROR(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
	CHECK_ERROR(madvise(p, PAGE, 999), EINVAL);
	CHECK_EQ(munmap(p, 6 * PAGE), 0);
}

/* A page of a file is there when it is cached, mapped or not. */
static void
check_mincore(void)
{
	int fd = open("/tmp/madvise", O_RDWR | O_CREAT | O_TRUNC, 0600);
	unsigned char there[4];
	char *p;

	CHECK_EQ(write(fd, there, 1), 1);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(mincore(p, 2 * PAGE, there), 0);
	CHECK_EQ(there[0], 1);
	CHECK_EQ(there[1], 0);
	CHECK_EQ(munmap(p, 2 * PAGE), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("/tmp/madvise"), 0);
	p = MAP_ANY(4 * PAGE, READ_WRITE, MAP_PRIVATE);
	p[PAGE] = 1;
	CHECK_EQ(mincore(p, 4 * PAGE, there), 0);
	CHECK_EQ(there[0] | there[2] | there[3], 0);
	CHECK_EQ(there[1], 1);
	CHECK_EQ(munmap(p, 4 * PAGE), 0);
}

static void
check_dev_zero(void)
{
	int fd = open("/dev/zero", O_RDWR);
	char *p = mmap(NULL, 2 * PAGE, READ_WRITE | PROT_OTHER, MAP_PRIVATE, fd,
		       PAGE);
	char *q = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	pid_t pid;

	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	pid = fork_checked();
	if (pid == 0) {
		p[PAGE] = q[PAGE] = 1;
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(q[PAGE], 1);
}

int
main(void)
{
	check_holes();
	check_mincore();
	check_dev_zero();
	CHECK_EQ(mlockall(MCL_CURRENT), 0);
	CHECK_ERROR(mlockall(0), EINVAL);
	CHECK_EQ(munlockall(), 0);
	return 0;
}
