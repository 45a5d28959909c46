/* old_calls.c - calls by their first numbers: narrower, but the same. */
#include <dirent.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include "utest.h"

#define NAME "/tmp/old_calls"

struct old_stat {
	unsigned int dev, ino;
	unsigned short mode, nlink, uid, gid;
	unsigned int rdev, size, blksize, blocks, times[6], unused[2];
};

static long
stat_of(const char *name, struct old_stat *st)
{
	memset(st, 0xAA, sizeof(*st));
	return syscall(SYS_stat, name, st);
}

static void
check_truncate(int fd)
{
	struct old_stat st;

	CHECK_EQ(syscall(SYS_ftruncate, fd, 5000), 0);
	CHECK_EQ(stat_of(NAME, &st), 0);
	CHECK_EQ(st.size, 5000);
	CHECK_EQ(syscall(SYS_truncate, NAME, 10), 0);
	CHECK_EQ(syscall(SYS_fstat, fd, &st), 0);
	CHECK_EQ(st.size, 10);
	CHECK_ERROR(syscall(SYS_truncate, NAME, -1), EINVAL);
	CHECK_ERROR(syscall(SYS_ftruncate, fd, -1), EINVAL);
	CHECK_ERROR(syscall(SYS_ftruncate, 999, 0), EBADF);
	CHECK_ERROR(syscall(SYS_ftruncate64, 999, -1, -1), EINVAL);
	CHECK_ERROR(syscall(SYS_truncate, "/tmp", 0), EISDIR);
	CHECK_ERROR(syscall(SYS_truncate, "/tmp/nothing", 0), ENOENT);
}

static void
check_stat(int fd)
{
	struct old_stat st;
	struct stat now;

	CHECK_EQ(fstat(fd, &now), 0);
	CHECK_EQ(stat_of(NAME, &st), 0);
	CHECK_EQ(st.ino, (unsigned int)now.st_ino);
	CHECK_EQ(st.mode, now.st_mode);
	CHECK_EQ(st.nlink, 1);
	CHECK_EQ(st.times[2], now.st_mtime);
	CHECK_EQ(st.unused[1], 0);
	CHECK_EQ(symlink(NAME, NAME ".link"), 0);
	CHECK_EQ(syscall(SYS_lstat, NAME ".link", &st), 0);
	CHECK(S_ISLNK(st.mode));
	CHECK_EQ(unlink(NAME ".link"), 0);
}

static void
check_owner(int fd)
{
	struct stat st;

	if (geteuid())
		return;
	CHECK_EQ(syscall(SYS_chown, NAME, 7, 8), 0);
	CHECK_EQ(syscall(SYS_fchown, fd, 0x1FFFF, 0x10009), 0);
	CHECK_EQ(stat(NAME, &st), 0);
	CHECK_EQ(st.st_uid, 7);
	CHECK_EQ(st.st_gid, 9);
	CHECK_EQ(syscall(SYS_lchown, NAME, 0, 0), 0);
}

/* Every name once, where the last byte of its record says what it is. */
static void
check_getdents(void)
{
	struct {
		unsigned long ino, off;
		unsigned short len;
		char name[];
	} * d;
	static char buf[4096] __attribute__((aligned(4)));
	int fd = open("/tmp", O_RDONLY), found = 0;
	long n;

	while ((n = syscall(SYS_getdents, fd, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + n; at += d->len) {
			d = (void *)at;
			if (!strcmp(d->name, "old_calls")) {
				found++;
				CHECK_EQ(at[d->len - 1], DT_REG);
			}
		}
	CHECK_EQ(n, 0);
	CHECK_EQ(found, 1);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_ERROR(syscall(SYS_getdents, fd, buf, 4), EINVAL);
	close(fd);
}

static void
check_rest(int fd)
{
	struct timeval tv = {0, 0};
	fd_set set;
	void *select_args[5] = {(void *)(fd + 1), NULL, &set, NULL, &tv};
	unsigned int statfs_words[16], limit[2];
	unsigned int map[6] = {0,          PAGE,         READ_WRITE,
			       MAP_SHARED, (unsigned)fd, 1};

	FD_ZERO(&set);
	FD_SET(fd, &set);
	CHECK_EQ(syscall(SYS_select, select_args), 1);
	CHECK(FD_ISSET(fd, &set));
	CHECK_EQ(syscall(SYS_statfs, "/tmp", statfs_words), 0);
	CHECK(statfs_words[2] >= statfs_words[3] && statfs_words[9] == 255);
	CHECK_EQ(syscall(SYS_fstatfs, fd, statfs_words), 0);
	CHECK_ERROR(syscall(SYS_fstatfs, 999, statfs_words), EBADF);
	CHECK(statfs_words[5] && statfs_words[6]); /* nodes, free ones */
	CHECK_EQ(syscall(SYS_getrlimit, RLIMIT_CORE, limit), 0);
	CHECK(limit[0] <= 0x7FFFFFFF && limit[1] <= 0x7FFFFFFF);
	CHECK_ERROR(syscall(SYS_mmap, map), EINVAL);
	map[5] = 0;
	CHECK((unsigned long)syscall(SYS_mmap, map) < 0xFFFFF000);
	CHECK_EQ(syscall(SYS_fadvise64, fd, 0, 0, 100, 0), 0);
	CHECK_EQ(syscall(SYS_syncfs, fd), 0);
	CHECK_ERROR(syscall(SYS_syncfs, 999), EBADF);
}

int
main(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	check_truncate(fd);
	check_stat(fd);
	check_owner(fd);
	check_getdents();
	check_rest(fd);
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
