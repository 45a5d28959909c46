/* vectors.c - readv and writev: what is there is taken, and not waited for. */
#include <sys/uio.h>
#include "utest.h"

int
main(void)
{
	static char a[8], b[8], text[16]; /* far from the kernel */
	struct iovec vec[2] = {{a, 4}, {b, 4}};
	int ends[2], fd;

	/* The first part gets all there is: the second does not wait. */
	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(write(ends[1], "abcd", 4), 4);
	alarm(5);
	CHECK_EQ(readv(ends[0], vec, 2), 4);
	CHECK_EQ(write(ends[1], "abcdef", 6), 6);
	CHECK_EQ(readv(ends[0], vec, 2), 6);
	CHECK_EQ(memcmp(b, "ef", 2), 0);
	vec[0].iov_len = 0;
	CHECK_EQ(write(ends[1], "xy", 2), 2);
	CHECK_EQ(readv(ends[0], vec, 2), 2);
	alarm(0);
	CHECK_EQ(memcmp(b, "xy", 2), 0);

	/* What has no places says so first, whichever end it is. */
	CHECK_ERROR(pread(ends[0], a, 1, 0), ESPIPE);
	CHECK_ERROR(pread(ends[1], a, 1, 0), ESPIPE);
	CHECK_ERROR(pwrite(ends[0], a, 1, 0), ESPIPE);
	CHECK_ERROR(pread(-1, a, 1, -1), EINVAL);

	/* More than a call can move is cut; a length below 0 is refused. */
	fd = open("/tmp/vectors", O_RDWR | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	vec[0].iov_len = 4;
	CHECK_EQ(writev(fd, vec, 2), 8);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	vec[0] = (struct iovec){text, 0x7fffffff};
	vec[1] = (struct iovec){b, 0x7fffffff};
	CHECK_EQ(readv(fd, vec, 2), 8);
	CHECK_EQ(memcmp(text, "abcdxy", 6), 0);
	vec[1].iov_len = 0x80000000u;
	CHECK_ERROR(readv(fd, vec, 2), EINVAL);
	CHECK_ERROR(syscall(SYS_readv, fd, vec, -1), EINVAL);
	CHECK_EQ(readv(fd, vec, 0), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("/tmp/vectors"), 0);
	return 0;
}
