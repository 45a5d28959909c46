/* paths.c - what a name means at its end: a slash, a link, a dot. */
#include <sys/stat.h>
#include "utest.h"

static long
opened(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	return fd < 0 ? -1 : close(fd);
}

/* A slash behind a link's name does not lead to what it points to, when it is
 * the name that shall change. */
static void
check_slashes(void)
{
	struct stat st;

	CHECK_ERROR(rmdir("link/"), ENOTDIR);
	CHECK_ERROR(unlink("link/"), ENOTDIR);
	CHECK_ERROR(rename("link/", "other"), ENOTDIR);
	CHECK_ERROR(rename("empty", "link/"), ENOTDIR);
	CHECK_ERROR(rename("empty", "dangling/"), ENOTDIR);
	CHECK_ERROR(mkdir("dangling/", 0755), EEXIST);
	CHECK_ERROR(mkdir("loop/", 0755), EEXIST);
	CHECK_ERROR(mkdir("file/", 0755), EEXIST);
	CHECK_ERROR(symlink("x", "dangling/"), EEXIST);
	CHECK_ERROR(unlink("file/"), ENOTDIR);
	CHECK_ERROR(rename("file", "file/"), ENOTDIR);
	CHECK_ERROR(opened("file/", O_RDONLY), ENOTDIR);
	CHECK_ERROR(opened("file/", O_RDWR | O_CREAT), EISDIR);
	CHECK_ERROR(opened("link/", O_RDWR | O_CREAT), EISDIR);
	CHECK_ERROR(opened("loop/", O_RDWR | O_CREAT), EISDIR);
	CHECK_EQ(lstat("link/", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_EQ(lstat("link", &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(stat("empty", &st), 0);
}

static void
check_links(void)
{
	char text[8];

	CHECK_ERROR(opened("loop", O_RDONLY), ELOOP);
	CHECK_ERROR(opened("loop/x", O_RDONLY), ELOOP);
	CHECK_ERROR(opened("link", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_ERROR(opened("link", O_RDONLY | O_NOFOLLOW | O_DIRECTORY),
		    ENOTDIR);
	CHECK_EQ(opened("link/", O_RDONLY | O_NOFOLLOW), 0);
	CHECK_ERROR(opened("dangling", O_RDWR | O_CREAT | O_EXCL), EEXIST);
	CHECK_EQ(opened("dangling", O_RDWR | O_CREAT), 0);
	CHECK_EQ(unlink("nowhere"), 0);
	CHECK_ERROR(readlink("", text, sizeof(text)), ENOENT);
	CHECK_EQ(readlink("link", text, 3), 3);
}

/* Of two mistakes the first one is told. */
static void
check_order(void)
{
	struct stat st;

	CHECK_ERROR(rename("none", "."), EBUSY);
	CHECK_ERROR(rename("none", "file/x"), ENOTDIR);
	CHECK_ERROR(rename("none", "none/x"), ENOENT);
	CHECK_EQ(rename("file", "empty/file"), 0);
	CHECK_ERROR(rename("empty/file", "empty"), ENOTEMPTY);
	CHECK_EQ(rename("empty/file", "file"), 0);
	CHECK_ERROR(opened("empty/../", O_CREAT | O_EXCL), EEXIST);
	CHECK_ERROR(opened("empty/../", O_CREAT), EISDIR);
	CHECK_ERROR(opened("empty", O_RDONLY | O_TRUNC), EISDIR);

	/* What is made in a directory of a group's is the group's, too. */
	CHECK_EQ(chown("empty", 0, 5), 0);
	CHECK_EQ(chmod("empty", 02755), 0);
	CHECK_EQ(mkdir("empty/x", 0755), 0);
	CHECK_EQ(stat("empty/x", &st), 0);
	CHECK_EQ(st.st_mode & 07777, 02755);
	CHECK_EQ(st.st_gid, 5);
	CHECK_EQ(rmdir("empty/x"), 0);
}

static void
check_dots(void)
{
	CHECK_ERROR(rename(".", "."), EBUSY);
	CHECK_ERROR(rename("empty/..", "x"), EBUSY);
	CHECK_ERROR(rmdir("."), EINVAL);
	CHECK_ERROR(rmdir(".."), ENOTEMPTY);
	CHECK_ERROR(mkdir("new/.", 0755), ENOENT);
	CHECK_ERROR(unlink("/proc/meminfo"), EPERM);
	CHECK_ERROR(opened("/proc/new", O_RDWR | O_CREAT), ENOENT);
}

/* A directory that was removed can still be where one is. */
static void
check_removed(void)
{
	char text[256];
	int fd;

	CHECK_EQ(mkdir("gone", 0755), 0);
	CHECK_EQ(chdir("gone"), 0);
	fd = open(".", O_RDONLY);
	CHECK_EQ(rmdir("../gone"), 0);
	CHECK(getcwd(text, sizeof(text)) == NULL && errno == ENOENT);
	CHECK_ERROR(syscall(SYS_getdents64, fd, text, sizeof(text)), ENOENT);
	CHECK_ERROR(opened("x", O_RDWR | O_CREAT), ENOENT);
	CHECK_EQ(chdir(".."), 0);
	CHECK_EQ(close(fd), 0);
}

/* Where one is in /proc has a path, too. */
static void
check_proc(void)
{
	char text[32], path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)getpid());
	CHECK_EQ(chdir("/proc/self"), 0);
	CHECK(getcwd(text, sizeof(text)) && !strcmp(text, path));
	CHECK_EQ(chdir("/tmp/paths"), 0);
}

int
main(void)
{
	struct stat st;
	int fd;

	umask(0);
	CHECK_EQ(mkdir("/tmp/paths", 07777), 0);
	CHECK_EQ(chdir("/tmp/paths"), 0);
	CHECK_EQ(stat(".", &st), 0);
	CHECK_EQ(st.st_mode & 07777, 01777);
	fd = open("file", O_RDWR | O_CREAT, 0644);
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(mkdir("empty", 0755), 0);
	CHECK_EQ(symlink("empty", "link"), 0);
	CHECK_EQ(symlink("nowhere", "dangling"), 0);
	CHECK_EQ(symlink("loop", "loop"), 0);
	check_slashes();
	check_links();
	check_order();
	check_dots();
	check_removed();
	check_proc();
	CHECK_EQ(opened("file", O_RDONLY | O_TRUNC), 0); /* so it is */
	CHECK_EQ(stat("file", &st), 0);
	CHECK_EQ(st.st_size, 0);
	CHECK_EQ(unlink("file"), 0);
	CHECK_EQ(rmdir("empty"), 0);
	CHECK_EQ(unlink("link"), 0);
	CHECK_EQ(unlink("dangling"), 0);
	CHECK_EQ(unlink("loop"), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir("/tmp/paths"), 0);
	return 0;
}
