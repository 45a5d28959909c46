/* links.c - a file with two names; whose a file is; nodes; all on disk. */
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "utest.h"

static int
links_of(const char *path)
{
	struct stat st;

	CHECK_EQ(lstat(path, &st), 0);
	return (int)st.st_nlink;
}

static void
check_links(void)
{
	char text[4] = "";
	int fd;

	CHECK_EQ(link("file", "second"), 0);
	CHECK_EQ(links_of("file"), 2);
	CHECK_ERROR(link("file", "second"), EEXIST);
	CHECK_ERROR(link("file", "new/"), ENOENT);
	CHECK_ERROR(link("file/", "new"), ENOTDIR);
	CHECK_ERROR(link("none", "new"), ENOENT);
	CHECK_ERROR(link("dir", "new"), EPERM);
	CHECK_ERROR(link("file", "."), EEXIST);
	CHECK(link("/proc/self/maps", "new") == -1);
	CHECK_ERROR(linkat(AT_FDCWD, "file", AT_FDCWD, "new", 0x10000), EINVAL);
	CHECK_EQ(rename("file", "second"), 0); /* both are that: nothing */
	CHECK_EQ(links_of("file"), 2);
	fd = open("second", O_RDWR);
	CHECK_EQ(write(fd, "abc", 3), 3);
	CHECK_EQ(unlink("second"), 0);
	CHECK_EQ(links_of("file"), 1);
	CHECK_EQ(close(fd), 0);
	fd = open("file", O_RDONLY);
	CHECK_EQ(read(fd, text, 4), 3);
	CHECK_EQ(close(fd), 0);

	/* A symbolic link itself, or what it points to. */
	CHECK_EQ(symlink("file", "symbolic"), 0);
	CHECK_EQ(link("symbolic", "a"), 0);
	CHECK_EQ(links_of("symbolic"), 2);
	CHECK_EQ(linkat(AT_FDCWD, "symbolic", AT_FDCWD, "b", AT_SYMLINK_FOLLOW),
		 0);
	CHECK_EQ(links_of("file"), 2);
	CHECK_EQ(unlink("a"), 0);
	CHECK_ERROR(renameat2(AT_FDCWD, "b", AT_FDCWD, "symbolic",
			      RENAME_NOREPLACE),
		    EEXIST);
	CHECK_EQ(renameat2(AT_FDCWD, "b", AT_FDCWD, "symbolic", 0), 0);
	CHECK_EQ(unlink("symbolic"), 0);
}

static void
check_owner(void)
{
	struct stat st;
	int fd = open("file", O_RDONLY);

	CHECK_EQ(chmod("file", 06775), 0);
	CHECK_EQ(chown("file", 1, 2), 0);
	CHECK_EQ(chown("file", -1, 3), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_uid, 1);
	CHECK_EQ(st.st_gid, 3);
	CHECK_EQ(st.st_mode & 07777, 0775);
	CHECK_EQ(fchown(fd, 0, 0), 0);
	CHECK_EQ(symlink("file", "symbolic"), 0);
	CHECK_EQ(lchown("symbolic", 7, 7), 0);
	CHECK_EQ(stat("symbolic", &st), 0);
	CHECK_EQ(st.st_uid, 0);
	CHECK_EQ(lstat("symbolic", &st), 0);
	CHECK_EQ(st.st_uid, 7);
	CHECK_ERROR(fchown(-1, 0, 0), EBADF);
	CHECK_EQ(unlink("symbolic"), 0);
	CHECK_EQ(fsync(fd), 0);
	CHECK_EQ(fdatasync(fd), 0);
	CHECK_ERROR(fsync(-1), EBADF);
	CHECK_EQ(close(fd), 0);
	sync();
}

static void
check_nodes(void)
{
	struct stat st;
	int fd;

	CHECK_EQ(mknod("plain", 0640, 0), 0);
	CHECK_EQ(stat("plain", &st), 0);
	CHECK(S_ISREG(st.st_mode));
	CHECK_EQ(mknod("full", S_IFCHR | 0666, makedev(1, 7)), 0);
	CHECK_EQ(stat("full", &st), 0);
	CHECK_EQ(st.st_rdev, makedev(1, 7));
	fd = open("full", O_WRONLY);
	CHECK_ERROR(write(fd, "", 1), ENOSPC);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(mknod("odd", S_IFCHR | 0666, makedev(240, 9)), 0);
	CHECK_ERROR(open("odd", O_RDONLY), ENXIO);
	CHECK_ERROR(mknod("new", S_IFDIR | 0755, 0), EPERM);
	CHECK_ERROR(mknod("new", 0170000, 0), EINVAL);
	CHECK_ERROR(mknod("full", S_IFREG, 0), EEXIST);
	CHECK_EQ(unlink("plain") | unlink("full") | unlink("odd"), 0);
}

int
main(void)
{
	umask(022);
	CHECK_EQ(mkdir("/tmp/links", 0755), 0);
	CHECK_EQ(chdir("/tmp/links"), 0);
	CHECK_EQ(mkdir("dir", 0755), 0);
	CHECK_EQ(close(creat("file", 0644)), 0);
	check_links();
	check_owner();
	check_nodes();
	CHECK_EQ(unlink("file"), 0);
	CHECK_EQ(rmdir("dir"), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir("/tmp/links"), 0);
	return 0;
}
