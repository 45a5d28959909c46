/* times.c - when a file was changed, how much of it there is, and how much room
 * is left. */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <utime.h>
#include "utest.h"

static int fd;

static long
mtime(void)
{
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	return (long)st.st_mtime;
}

static int
set(long sec, long nsec)
{
	const struct timespec times[2] = {{5, 6}, {sec, nsec}};

	return futimens(fd, times);
}

static void
check_times(void)
{
	const struct utimbuf old = {1, 2};
	struct stat st;

	CHECK_EQ(set(1000000000, 123456789), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_mtim.tv_sec, 1000000000);
	CHECK_EQ(st.st_mtim.tv_nsec / 1000, 123456);
	CHECK_EQ(set(7, UTIME_OMIT), 0);
	CHECK_EQ(mtime(), 1000000000);
	CHECK_ERROR(set(7, 1000000000), EINVAL);
	CHECK_ERROR(set(7, -1), EINVAL);
	CHECK_EQ(utime("/tmp/times", &old), 0);
	CHECK_EQ(mtime(), 2);
	CHECK_EQ(chmod("/tmp/times", 0600), 0);
	CHECK_EQ(pread(fd, &st, 1, 0), 0);
	CHECK_EQ(mtime(), 2);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK(mtime() > 1000000);
	CHECK_EQ(set(7, 0), 0);
	CHECK_EQ(set(7, UTIME_NOW), 0);
	CHECK(mtime() > 1000000);
	CHECK_ERROR(utimensat(AT_FDCWD, "/tmp/none", NULL, 0), ENOENT);
	CHECK_ERROR(utimensat(AT_FDCWD, "/tmp/times", NULL, 0x8000), EINVAL);
}

/* What was never written takes no room. */
static void
check_blocks(void)
{
	struct stat st;
	struct statvfs vfs;

	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(pwrite(fd, "x", 1, 1 << 24), 1);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (1 << 24) + 1);
	CHECK(st.st_blocks > 0 && st.st_blocks < 64);
	CHECK_EQ(statvfs("/tmp", &vfs), 0);
	CHECK(vfs.f_bfree > 0 && vfs.f_bfree < vfs.f_blocks);
	CHECK_EQ(vfs.f_namemax, 255);
	CHECK_EQ(fstatvfs(fd, &vfs), 0);
	CHECK_ERROR(statvfs("/tmp/none", &vfs), ENOENT);
	CHECK_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM), 0);
	CHECK_EQ(posix_fadvise(fd, 0, 0, 99), EINVAL);
	CHECK_EQ(posix_fadvise(-1, 0, 0, 0), EBADF);
}

int
main(void)
{
	fd = open("/tmp/times", O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0);
	check_times();
	check_blocks();
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("/tmp/times"), 0);
	return 0;
}
