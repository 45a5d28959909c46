/* file_mmap.c - a mapped file: its very contents; private writes stay private;
 * beyond the end there is SIGBUS. */
#include "utest.h"

/* What the file loses, programs lose; when it grows again, there are zeroes. */
static void
check_cut_off(void)
{
	int fd = open("/tmp/file_mmap", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p, *q;
	pid_t pid;

	CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
	p = mmap(NULL, 3 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, 3 * PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	memset(p, 'x', 3 * PAGE);
	memset(q, 'q', 3 * PAGE);
	CHECK_EQ(ftruncate(fd, PAGE + 1), 0);
	CHECK_SIGNAL(SIGBUS, (void)*(volatile char *)(p + 2 * PAGE));
	CHECK_SIGNAL(SIGBUS, (void)*(volatile char *)(q + 2 * PAGE));
	CHECK_EQ(q[2 * PAGE - 1], 'q'); /* a private copy, where there is one */
	CHECK_EQ(munmap(q, 3 * PAGE), 0);
	CHECK_EQ(p[PAGE], 'x');
	CHECK_EQ(p[PAGE + 1], 0);
	pid = fork_checked();
	if (pid == 0) { /* it has its parent's pages: they go, too */
		CHECK_EQ(ftruncate(fd, 0), 0);
		_exit(0);
	}
	check_child(pid);
	CHECK_SIGNAL(SIGBUS, (void)*(volatile char *)p);
	CHECK_EQ(ftruncate(fd, 3 * PAGE), 0);
	CHECK_EQ(p[0], 0);
	p[2 * PAGE] = 'y';
	CHECK_EQ(pread(fd, p, 1, 2 * PAGE), 1);
	CHECK_EQ(p[0], 'y');
	CHECK_EQ(munmap(p, 3 * PAGE), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("/tmp/file_mmap"), 0);
}

int
main(void)
{
	char text[3 * PAGE], back[8], *p, *q;
	int fd = open("/tmp/file_mmap", O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0);
	for (unsigned int i = 0; i < sizeof(text); i++)
		text[i] = i % 251;
	CHECK_EQ(write(fd, text, 2 * PAGE + 100), 2 * PAGE + 100);
	p = mmap(NULL, 4 * PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(memcmp(p, text, 2 * PAGE + 100), 0);
	CHECK_EQ(p[2 * PAGE + 100], 0); /* the rest of the last page */
	CHECK_SIGNAL(SIGBUS, (void)*(volatile char *)(p + 3 * PAGE));

	q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	CHECK(q != MAP_FAILED);
	memcpy(p + PAGE, "private", 8);
	CHECK_EQ(memcmp(q, text + PAGE, 8), 0);
	CHECK_EQ(pread(fd, back, 8, PAGE), 8);
	CHECK_EQ(memcmp(back, text + PAGE, 8), 0);

	/* What is written to the file is seen in a page that is not private. */
	CHECK_EQ(pwrite(fd, "changed", 8, PAGE), 8);
	CHECK_EQ(memcmp(q, "changed", 8), 0);
	CHECK_EQ(memcmp(p + PAGE, "private", 8), 0);

	/* It outlives the descriptor and the name. */
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("/tmp/file_mmap"), 0);
	CHECK_EQ(memcmp(p, text, PAGE), 0);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EBADF);
	check_cut_off();
	fd = open("/dev/zero", O_RDWR);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF);
	/* What is made up when it is read has no pages. */
	fd = open("/proc/self/maps", O_RDONLY);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	fd = open("/tmp/file_mmap", O_WRONLY | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), EACCES);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EACCES);
	CHECK_EQ(unlink("/tmp/file_mmap"), 0);
	CHECK_EQ(munmap(p, 4 * PAGE), 0);
	return 0;
}
