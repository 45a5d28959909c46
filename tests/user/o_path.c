/* o_path.c - O_PATH: where a file is, and nothing of what is in it. */
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include "utest.h"

#define NAME "/tmp/o_path"

static void
check_refused(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char c;

	CHECK_ERROR(read(fd, &c, 1), EBADF);
	CHECK_ERROR(write(fd, &c, 1), EBADF);
	CHECK_ERROR(pread(fd, &c, 1, 0), EBADF);
	CHECK_ERROR(lseek(fd, 0, SEEK_SET), EBADF);
	CHECK_ERROR(fchmod(fd, 0600), EBADF);
	CHECK_ERROR(fchown(fd, -1, -1), EBADF);
	CHECK_ERROR(ftruncate(fd, 0), EBADF);
	CHECK_ERROR(fsync(fd), EBADF);
	CHECK_ERROR(flock(fd, LOCK_SH), EBADF);
	CHECK_ERROR(futimens(fd, NULL), EBADF);
	CHECK_ERROR(ioctl(fd, FIONREAD, &c), EBADF);
	CHECK_ERROR(fcntl(fd, F_SETFL, O_APPEND), EBADF);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), EBADF);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLNVAL);
}

static void
check_file(void)
{
	int fd = open(NAME, O_PATH | O_TRUNC | O_CREAT | O_RDWR), copy;
	struct statfs fs;
	struct stat st;

	CHECK(fd >= 0);
	check_refused(fd);
	CHECK_EQ(fcntl(fd, F_GETFL), O_PATH);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 4); /* nothing was cut */
	CHECK_EQ(fstatfs(fd, &fs), 0);
	CHECK_EQ(fstatat(fd, "", &st, AT_EMPTY_PATH), 0);
	copy = dup(fd);
	CHECK(copy >= 0);
	check_refused(copy);
	CHECK_EQ(close(copy), 0);
	CHECK_EQ(close(fd), 0);
	CHECK_ERROR(open("/tmp/nothing", O_PATH | O_CREAT, 0600), ENOENT);
	CHECK_ERROR(open(NAME, O_PATH | O_DIRECTORY), ENOTDIR);
}

static void
check_link(void)
{
	struct stat st;
	char text[64];
	int fd;

	CHECK_EQ(symlink("o_path", NAME ".link"), 0);
	CHECK_ERROR(open(NAME ".link", O_RDONLY | O_NOFOLLOW), ELOOP);
	fd = open(NAME ".link", O_PATH | O_NOFOLLOW);
	CHECK(fd >= 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(readlinkat(fd, "", text, sizeof(text)), 6);
	CHECK(!memcmp(text, "o_path", 6));
	CHECK_ERROR(readlink("", text, sizeof(text)), ENOENT);
	CHECK_ERROR(openat(fd, "x", O_RDONLY), ENOTDIR);
	check_refused(fd);
	close(fd);
	CHECK_EQ(unlink(NAME ".link"), 0);
}

static void
check_directory(void)
{
	int fd = open("/tmp", O_PATH), file;
	char c[16];

	CHECK(fd >= 0);
	file = openat(fd, "o_path", O_RDONLY);
	CHECK(file >= 0);
	close(file);
	CHECK_ERROR(syscall(SYS_getdents64, fd, c, 16), EBADF);
	CHECK_EQ(fchdir(fd), 0);
	CHECK_EQ(access("o_path", R_OK), 0);
	CHECK_EQ(syscall(SYS_faccessat2, fd, "o_path", R_OK, AT_EACCESS), 0);
	CHECK_ERROR(syscall(SYS_faccessat2, fd, "o_path", R_OK, 1), EINVAL);
	CHECK_EQ(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH), 0);
	close(fd);
}

int
main(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK_EQ(write(fd, "four", 4), 4);
	close(fd);
	check_file();
	check_link();
	check_directory();
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
