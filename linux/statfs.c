/* statfs.c - how much room there is: statfs64, fstatfs64.
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
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define TMPFS_MAGIC 0x01021994u

struct statfs64 {
	u32 type, bsize;
	u64 blocks, bfree, bavail;
	u64 files, ffree; /* 0: there is no limit */
	u32 id[2];
	u32 namelen, frsize, flags, spare[4];
};
static_assert(sizeof(struct statfs64) == 84, "i386's struct statfs64");

static long
put_statfs(u32 size, struct statfs64 __user *to)
{
	unsigned long used = fs_used_pages();
	struct statfs64 st = {
		.type = TMPFS_MAGIC,
		.bsize = PAGE_SIZE,
		.frsize = PAGE_SIZE,
		.namelen = NAME_MAX,
	};

	if (size != sizeof(st))
		return -EINVAL;
	st.blocks = max_cached_pages();
	if (used < st.blocks)
		st.bfree =
			min((unsigned long)st.blocks - used, nr_free_pages());
	st.bavail = st.bfree;
	return copy_to_user(to, &st, sizeof(st)) ? -EFAULT : 0;
}

static long __syscall
sys_statfs64(const char __user *name, u32 size, struct statfs64 __user *to)
{
	struct path path;
	int error = path_walk_user(&path, AT_FDCWD, name,
				   PATH_FOLLOW | PATH_EXISTS);

	if (error)
		return error;
	path_end_user(&path);
	return put_statfs(size, to);
}
SYSCALL(268, statfs64, sys_statfs64, 3);

static long __syscall
sys_fstatfs64(unsigned int fd, u32 size, struct statfs64 __user *to)
{
	struct file *file = fd_get(fd);

	if (!file)
		return -EBADF;
	file_put(file);
	return put_statfs(size, to);
}
SYSCALL(269, fstatfs64, sys_fstatfs64, 3);
