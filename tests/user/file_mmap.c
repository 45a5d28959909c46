/* file_mmap.c - a mapped file: its very contents; private writes stay private;
 * beyond the end there is SIGBUS. */
#include "utest.h"

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
	fd = open("/dev/zero", O_RDWR);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF);
	CHECK_EQ(munmap(p, 4 * PAGE), 0);
	return 0;
}
