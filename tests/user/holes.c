/* holes.c - fallocate, and lseek's SEEK_DATA and SEEK_HOLE. */
#include <sys/stat.h>
#include "utest.h"

#define NAME             "/tmp/holes"
#define SEEK(where, how) syscall(SYS_lseek, fd, where, how)

static int fd;

static long
fill(int mode, long long pos, long long n)
{
	return syscall(SYS_fallocate, fd, mode, pos, n);
}

static long
size_now(void)
{
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	return st.st_size;
}

static void
check_seek(void)
{
	CHECK_ERROR(SEEK(0, SEEK_DATA), ENXIO);
	CHECK_EQ(pwrite(fd, "x", 1, 64 * PAGE), 1);
	CHECK_EQ(pwrite(fd, "x", 1, 128 * PAGE), 1);
	CHECK_EQ(ftruncate(fd, 256 * PAGE), 0);
	CHECK_EQ(SEEK(0, SEEK_DATA), 64 * PAGE);
	CHECK_EQ(SEEK(0, SEEK_HOLE), 0);
	CHECK_EQ(SEEK(64 * PAGE + 5, SEEK_DATA), 64 * PAGE + 5);
	CHECK_EQ(SEEK(64 * PAGE + 5, SEEK_HOLE), 65 * PAGE);
	CHECK_EQ(SEEK(65 * PAGE, SEEK_DATA), 128 * PAGE);
	CHECK_EQ(SEEK(0, SEEK_CUR), 128 * PAGE);
	CHECK_ERROR(SEEK(129 * PAGE, SEEK_DATA), ENXIO);
	CHECK_EQ(SEEK(129 * PAGE + 3, SEEK_HOLE), 129 * PAGE + 3);
	CHECK_ERROR(SEEK(256 * PAGE, SEEK_HOLE), ENXIO);
	CHECK_ERROR(SEEK(-1, SEEK_DATA), ENXIO);
	CHECK_EQ(ftruncate(fd, 128 * PAGE + 1), 0);
	CHECK_EQ(SEEK(128 * PAGE, SEEK_HOLE), 128 * PAGE + 1);
	CHECK_ERROR(SEEK(0, 5), EINVAL);
}

static void
check_fill(void)
{
	int reader = open(NAME, O_RDONLY), ends[2];
	struct stat st;
	char c;

	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(fill(0, 10 * PAGE, 6 * PAGE), 0);
	CHECK_EQ(size_now(), 16 * PAGE);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(st.st_blocks >= 6 * 8);
	CHECK_EQ(pread(fd, &c, 1, 12 * PAGE), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(fill(1, 20 * PAGE, PAGE), 0); /* the size stays */
	CHECK_EQ(size_now(), 16 * PAGE);
	CHECK_EQ(fill(0, 0, 1), 0);
	CHECK_EQ(size_now(), 16 * PAGE);
	CHECK_ERROR(fill(0, 0, 0), EINVAL);
	CHECK_ERROR(fill(0, -1, 1), EINVAL);
	CHECK_ERROR(fill(0x4000, 0, 1), EOPNOTSUPP);
	CHECK_ERROR(syscall(SYS_fallocate, reader, 0, 0, 0, 1, 0), EBADF);
	CHECK_ERROR(syscall(SYS_fallocate, 999, 0, 0, 0, 1, 0), EBADF);
	CHECK_EQ(pipe(ends), 0);
	CHECK_ERROR(syscall(SYS_fallocate, ends[1], 0, 0, 0, 1, 0), ESPIPE);
	CHECK_ERROR(fill(0, 0x7FFFFFFFFFFFFFFF, 1), EFBIG);
	CHECK_EQ(size_now(), 16 * PAGE);
}

int
main(void)
{
	fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0);
	check_seek();
	check_fill();
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
