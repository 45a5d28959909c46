/* pipe_size.c - F_SETPIPE_SZ: a pipe's ring grows and shrinks, nothing is lost. */
#include "utest.h"

static char out[1 << 20], in[1 << 20];
static int ends[2];

/* From now on `size`, with what is in it. */
static void
check_content(int size, int skip, int fill)
{
	int max = fcntl(ends[1], F_GETPIPE_SZ);

	CHECK_EQ(write(ends[1], out, skip), skip);
	CHECK_EQ(read(ends[0], in, skip), skip);
	for (int n = 0; n < fill;)
		n += write(ends[1], out + n, fill - n);
	CHECK(fill <= max);
	CHECK_EQ(fcntl(ends[1], F_SETPIPE_SZ, size), size);
	CHECK_EQ(fcntl(ends[0], F_GETPIPE_SZ), size);
	CHECK_EQ(write(ends[1], out, 100), 100);
	for (int n = 0; n < fill;)
		n += read(ends[0], in + n, fill - n);
	CHECK(!memcmp(in, out, fill));
	CHECK_EQ(read(ends[0], in, 200), 100);
	CHECK(!memcmp(in, out, 100));
}

int
main(void)
{
	int fd = open("/tmp", O_RDONLY), n;

	for (unsigned int i = 0; i < sizeof(out); i++)
		out[i] = (char)(i * 7 + i / 4096);
	CHECK_EQ(pipe2(ends, O_NONBLOCK), 0);
	CHECK_EQ(fcntl(ends[0], F_GETPIPE_SZ), 65536);
	check_content(262144, 5000, 40000);
	check_content(16384, 100, 8000);
	check_content(4096, 2000, 1000);
	CHECK_EQ(fcntl(ends[1], F_SETPIPE_SZ, 5000), 8192);
	CHECK_EQ(fcntl(ends[1], F_SETPIPE_SZ, 1), 4096);
	check_content(65536, 0, 4096);
	check_content(1 << 20, 300, 60000);
	for (n = 0; write(ends[1], out, 4096) > 0;)
		n += 4096;
	CHECK_EQ(n, 1 << 20);
	CHECK_ERROR(fcntl(ends[1], F_SETPIPE_SZ, 65536), EBUSY);
	CHECK_EQ(fcntl(ends[0], F_GETPIPE_SZ), 1 << 20);
	CHECK_ERROR(fcntl(fd, F_GETPIPE_SZ), EBADF);
	CHECK_ERROR(fcntl(ends[0], F_SETPIPE_SZ, -1), EINVAL);
	return 0;
}
