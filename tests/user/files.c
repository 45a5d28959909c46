/* files.c - names, contents and positions of files, as programs rely on. */
#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "utest.h"

static int
count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int n = 0;

	CHECK(dir != NULL);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	CHECK_EQ(closedir(dir), 0);
	return n;
}

/* An open that fails for want of a number makes nothing, and cuts nothing. */
static void
check_full(const char *name)
{
	struct rlimit limit, few;
	struct stat st;
	int first = dup(0), last = first, fd;

	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = 50;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
	while ((fd = dup(0)) >= 0)
		last = fd;
	CHECK_EQ(errno, EMFILE);
	CHECK_ERROR(open("none", O_RDONLY), EMFILE);
	CHECK_ERROR(open("new", O_RDWR | O_CREAT, 0644), EMFILE);
	CHECK_ERROR(open(name, O_RDWR | O_TRUNC), EMFILE);
	while (last >= first)
		CHECK_EQ(close(last--), 0);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK_ERROR(stat("new", &st), ENOENT);
	CHECK_EQ(stat(name, &st), 0);
	CHECK_EQ(st.st_size, 16);
}

/* What ioctl can do with any file. */
static void
check_ioctl(int fd)
{
	int n = 1;

	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(ioctl(fd, FIOCLEX), 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(ioctl(fd, FIONCLEX), 0);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(ioctl(fd, FIONBIO, &n), 0);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	n = 0;
	CHECK_EQ(ioctl(fd, FIONBIO, &n), 0);
	CHECK(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	CHECK_EQ(ioctl(fd, FIONREAD, &n), 0);
	CHECK_EQ(n, 13); /* of 16, behind the position */
	CHECK_ERROR(ioctl(fd, TIOCOUTQ, &n), ENOTTY);
	CHECK_ERROR(ioctl(fd, FIONBIO, (int *)8), EFAULT);
}

/* Directories in each other until their path is too long for anybody; and away. */
static void
check_long_path(void)
{
	char name[251], buf[2 * PAGE];
	int i;

	memset(name, 'x', sizeof(name));
	name[250] = '\0';
	CHECK_EQ(chdir("/tmp"), 0);
	for (i = 0; i < 20; i++) {
		CHECK_EQ(mkdir(name, 0755), 0);
		CHECK_EQ(chdir(name), 0);
		if (i < 16)
			CHECK_EQ(syscall(SYS_getcwd, buf, sizeof(buf)),
				 4 + 251 * (i + 1) + 1);
		else
			CHECK_ERROR(syscall(SYS_getcwd, buf, sizeof(buf)),
				    ENAMETOOLONG);
	}
	while (i--) {
		CHECK_EQ(chdir(".."), 0);
		CHECK_EQ(rmdir(name), 0);
	}
	CHECK_EQ(chdir("/"), 0);
}

int
main(void)
{
	char text[64], name[32];
	struct stat st;
	int fd, other;

	CHECK_EQ(mkdir("/tmp/files", 0755), 0);
	CHECK_ERROR(mkdir("/tmp/files", 0755), EEXIST);
	CHECK_EQ(chdir("/tmp/files"), 0);
	CHECK_EQ(strcmp(getcwd(text, sizeof(text)), "/tmp/files"), 0);
	CHECK_ERROR(open("a", O_RDWR), ENOENT);
	fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0644);
	CHECK(fd >= 0);
	CHECK_ERROR(open("a", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK_EQ(write(fd, "0123456789", 10), 10);
	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(read(fd, text, 4), 4);
	CHECK_EQ(memcmp(text, "3456", 4), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 7);
	CHECK_EQ(lseek(fd, 5, SEEK_END), 15);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(pread(fd, text, 64, 8), 8);
	CHECK_EQ(memcmp(text, "89\0\0\0\0\0x", 8), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, 16);
	CHECK_EQ(st.st_nlink, 1);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(st.st_mode & 0777, 0644);
	check_ioctl(fd);
	check_full("a");
	CHECK_EQ(ftruncate(fd, 4), 0);
	CHECK_EQ(ftruncate(fd, 5000), 0);
	CHECK_EQ(pread(fd, text, 8, 0), 8);
	CHECK_EQ(memcmp(text, "0123\0\0\0\0", 8), 0);

	/* A copy of a descriptor has the same position, a second open not. */
	other = dup(fd);
	CHECK_EQ(lseek(fd, 2, SEEK_SET), 2);
	CHECK_EQ(lseek(other, 0, SEEK_CUR), 2);
	CHECK_EQ(close(other), 0);
	other = open("a", O_WRONLY | O_APPEND);
	CHECK_EQ(lseek(other, 0, SEEK_CUR), 0);
	CHECK_EQ(write(other, "end", 3), 3);
	CHECK_EQ(lseek(other, 0, SEEK_CUR), 5003);
	CHECK_ERROR(read(other, text, 1), EBADF);
	CHECK_EQ(close(other), 0);

	/* Names come and go, the file stays while it is open. */
	CHECK_EQ(rename("a", "b"), 0);
	CHECK_ERROR(stat("a", &st), ENOENT);
	CHECK_EQ(stat("./../files//b", &st), 0);
	CHECK_ERROR(stat("b/", &st), ENOTDIR);
	CHECK_ERROR(stat("b/c", &st), ENOTDIR);
	CHECK_EQ(unlink("b"), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_nlink, 0);
	CHECK_EQ(pread(fd, text, 4, 0), 4);
	CHECK_EQ(close(fd), 0);

	/* Directories. */
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		fd = creat(name, 0600);
		CHECK(fd >= 0);
		CHECK_EQ(close(fd), 0);
	}
	CHECK_EQ(count_entries("."), 100);
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(rename("file0", "d/file0"), 0);
	CHECK_ERROR(rmdir("d"), ENOTEMPTY);
	CHECK_ERROR(rename("d", "d/e"), EINVAL);
	CHECK_ERROR(unlink("d"), EISDIR);
	CHECK_ERROR(rmdir("file1"), ENOTDIR);
	CHECK_ERROR(open("d", O_RDWR), EISDIR);
	CHECK_EQ(unlink("d/file0"), 0);
	CHECK_EQ(rmdir("d"), 0);
	for (int i = 1; i < 100; i++) {
		snprintf(name, sizeof(name), "file%d", i);
		CHECK_EQ(unlink(name), 0);
	}
	CHECK_EQ(count_entries("."), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir("/tmp/files"), 0);
	check_long_path();
	memset(text, 'x', sizeof(text));
	CHECK_EQ(open("/dev/full", O_WRONLY), fd);
	CHECK_ERROR(write(fd, text, 1), ENOSPC);
	CHECK_ERROR(write(-1, text, 1), EBADF);
	CHECK_ERROR(write(100000, text, 1), EBADF);
	return 0;
}
