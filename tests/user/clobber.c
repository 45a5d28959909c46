/* clobber.c - a write whose source faults leaves the bytes that it does not
 * write, for whoever looks: read and shared mappings. */
#include <sys/uio.h>
#include "utest.h"

static char *source; /* a page; behind it there is nothing */
static volatile char *file;
static int fd;

/* The first `n` bytes from `at` on are new, the other ones as they were. */
static void
check(size_t at, size_t n)
{
	char byte;

	for (size_t i = 0; i < 2 * PAGE; i++) {
		char should = i >= at && i < at + n ? 'B' : 'A';

		if (file[i] != should)
			FAIL("byte %zu is %d after %zu at %zu", i, file[i], n,
			     at);
		CHECK_EQ(pread(fd, &byte, 1, i), 1);
		CHECK_EQ(byte, should);
		file[i] = 'A';
	}
}

int
main(void)
{
	void *volatile nowhere = (void *)16;
	static const size_t there[] = {1, 2, 3, 4, 5, 100, 4095, 4096};

	fd = open("/tmp/clobber", O_CREAT | O_RDWR | O_TRUNC, 0600);
	CHECK(fd >= 0 && unlink("/tmp/clobber") == 0);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	file = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	CHECK(file != MAP_FAILED);
	memset((char *)file, 'A', 2 * PAGE);
	source = MAP_ANY(2 * PAGE, READ_WRITE, MAP_PRIVATE);
	CHECK_EQ(munmap(source + PAGE, PAGE), 0);
	memset(source, 'B', PAGE);

	for (unsigned int i = 0; i < sizeof(there) / sizeof(*there); i++)
		for (size_t at = 0; at < PAGE; at += 1001) {
			size_t n = there[i];
			struct iovec parts[2] = {{source, n},
						 {(void *)16, 500}};

			CHECK_EQ(pwrite(fd, source + PAGE - n, 4096, at), n);
			check(at, n);
			CHECK_EQ(lseek(fd, at, SEEK_SET), at);
			CHECK_EQ(write(fd, source + PAGE - n, 4096), n);
			check(at, n);
			CHECK_EQ(lseek(fd, at, SEEK_SET), at);
			CHECK_EQ(writev(fd, parts, 2), n);
			check(at, n);
		}
	CHECK_ERROR(pwrite(fd, nowhere, 3000, 0), EFAULT);
	check(0, 0);
	nowhere = (void *)0xC0100000;
	CHECK_ERROR(pwrite(fd, nowhere, 3000, 5), EFAULT);
	check(0, 0);
	return 0;
}
