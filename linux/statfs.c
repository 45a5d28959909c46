/* statfs.c - how much room there is: statfs, fstatfs, in two sizes; syncfs.
 *
 *   RAM   [ kernel | programs |  files  |          free          ]
 *                             <--------- blocks --------->
 *                                       <---- bfree ----->
 *
 * There is one file system. It may take half of RAM, if that is still free.
 */
#include "fs.h"
#include "gfp.h"
#include "mmzone.h"
#include "stat.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define TMPFS_MAGIC 0x01021994u

struct statfs64 {
	u32 type, bsize;
	u64 blocks, bfree, bavail;
	u64 files, ffree;
	u32 id[2];
	u32 namelen, frsize, flags, spare[4];
};
static_assert(sizeof(struct statfs64) == 84, "i386's struct statfs64");

/* Inodes could fill what the blocks are counted in, too. */
static struct statfs64
file_system(void)
{
	unsigned long used = fs_used_pages();
	struct statfs64 st = {
		.type = TMPFS_MAGIC,
		.bsize = PAGE_SIZE,
		.frsize = PAGE_SIZE,
		.namelen = NAME_MAX,
	};

	st.blocks = max_cached_pages();
	if (used < st.blocks)
		st.bfree =
			min((unsigned long)st.blocks - used, nr_free_pages());
	st.bavail = st.bfree;
	st.ffree = st.bfree;
	st.files = st.ffree + nr_inodes();
	return st;
}

static long
put_statfs64(u32 size, struct statfs64 __user *to)
{
	struct statfs64 st = file_system();

	if (size != sizeof(st))
		return -EINVAL;
	return copy_to_user(to, &st, sizeof(st)) ? -EFAULT : 0;
}

/* The old structure: all of its numbers are words. */
static long
put_statfs(u32 __user *to)
{
	struct statfs64 st = file_system();
	const u32 old[16] = {
		st.type,        st.bsize,      (u32)st.blocks, (u32)st.bfree,
		(u32)st.bavail, (u32)st.files, (u32)st.ffree,  st.id[0],
		st.id[1],       st.namelen,    st.frsize,
	};

	return copy_to_user(to, old, sizeof(old)) ? -EFAULT : 0;
}

/* => 0: there is such a file, and so the file system; -Exxx */
static int
look_for(const char __user *name)
{
	struct inode *inode = user_inode(AT_FDCWD, name, 0);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_put(inode);
	return 0;
}

static int
look_for_fd(unsigned int fd)
{
	return fd_cloexec(fd, false, false) < 0 ? -EBADF : 0;
}

static long __syscall
sys_statfs64(const char __user *name, u32 size, struct statfs64 __user *to)
{
	return look_for(name) ?: put_statfs64(size, to);
}
SYSCALL(268, statfs64, sys_statfs64, 3);

static long __syscall
sys_fstatfs64(unsigned int fd, u32 size, struct statfs64 __user *to)
{
	return look_for_fd(fd) ?: put_statfs64(size, to);
}
SYSCALL(269, fstatfs64, sys_fstatfs64, 3);

static long __syscall
sys_statfs(const char __user *name, u32 __user *to)
{
	return look_for(name) ?: put_statfs(to);
}
SYSCALL(99, statfs, sys_statfs, 2);

static long __syscall
sys_fstatfs(unsigned int fd, u32 __user *to)
{
	return look_for_fd(fd) ?: put_statfs(to);
}
SYSCALL(100, fstatfs, sys_fstatfs, 2);

/* There is no disk that could be behind. */
static long __syscall
sys_syncfs(unsigned int fd)
{
	return look_for_fd(fd);
}
SYSCALL(344, syncfs, sys_syncfs, 1);
