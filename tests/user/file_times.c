/* file_times.c - access, modification and change are three times. */
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>
#include "utest.h"

#define NAME "/tmp/file_times"

static struct stat st;

static void
look(void)
{
	CHECK_EQ(stat(NAME, &st), 0);
}

static void
check_set(int fd)
{
	struct timespec one[2] = {{100, 5000}, {0, UTIME_OMIT}};
	struct timespec other[2] = {{0, UTIME_OMIT}, {200, 7000}};
	struct timespec none[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};

	CHECK_EQ(utimensat(AT_FDCWD, NAME, one, 0), 0);
	CHECK_EQ(futimens(fd, other), 0);
	look();
	CHECK_EQ(st.st_atime, 100);
	CHECK_EQ(st.st_atim.tv_nsec, 5000);
	CHECK_EQ(st.st_mtime, 200);
	CHECK_EQ(st.st_mtim.tv_nsec, 7000);
	CHECK(st.st_ctime >= time(NULL) - 60); /* that is now */
	CHECK_EQ(utimensat(AT_FDCWD, "/tmp/nothing", none, 0), 0);
	CHECK_ERROR(utimensat(AT_FDCWD, "/tmp/nothing", one, 0), ENOENT);
	CHECK_ERROR(syscall(SYS_utimensat, fd, NULL, NULL, AT_SYMLINK_NOFOLLOW),
		    EINVAL);
	CHECK_ERROR(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0), EFAULT);
}

static void
check_old(int fd)
{
	int seconds[2] = {300, 400}, us[4] = {500, 6, 700, 8};

	CHECK_EQ(syscall(SYS_utime, NAME, seconds), 0);
	look();
	CHECK_EQ(st.st_atime, 300);
	CHECK_EQ(st.st_mtime, 400);
	CHECK_EQ(syscall(SYS_utimes, NAME, us), 0);
	look();
	CHECK_EQ(st.st_atim.tv_nsec, 6000);
	CHECK_EQ(st.st_mtime, 700);
	us[0] = 900;
	CHECK_EQ(syscall(SYS_futimesat, fd, NULL, us), 0);
	look();
	CHECK_EQ(st.st_atime, 900);
	us[3] = 1000000;
	CHECK_ERROR(syscall(SYS_futimesat, AT_FDCWD, NAME, us), EINVAL);
	CHECK_EQ(syscall(SYS_utimes, NAME, NULL), 0);
	look();
	CHECK(st.st_mtime > 1000 && st.st_atime > 1000);
}

/* What is read is seen to be read; a mode changes neither. */
static void
check_use(int fd)
{
	struct timespec past[2] = {{100, 0}, {200, 0}};
	char c;

	CHECK_EQ(futimens(fd, past), 0);
	CHECK_EQ(chmod(NAME, 0600), 0);
	look();
	CHECK_EQ(st.st_atime, 100);
	CHECK_EQ(st.st_mtime, 200);
	CHECK_EQ(pread(fd, &c, 1, 0), 1);
	look();
	CHECK(st.st_atime > 200);
	CHECK_EQ(st.st_mtime, 200);
	CHECK_EQ(pwrite(fd, "x", 1, 0), 1);
	look();
	CHECK(st.st_mtime > 200);
}

int
main(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK_EQ(write(fd, "x", 1), 1);
	check_set(fd);
	check_old(fd);
	check_use(fd);
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
