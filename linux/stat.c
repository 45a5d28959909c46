/* stat.c - system calls that ask for, or set, what is known about a file: stat
 * in its structures, access, readlink, chmod, chown, truncate, fsync.
 *
 *   path or fd --with_inode--> struct inode --> struct stat64, struct statx
 */
#include "fs.h"
#include "gfp.h"
#include "slab.h"
#include "stat.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define DEV 1 /* the one file system's */

#define FADV_LAST 5u

struct inode *
user_inode(int dfd, const char __user *name, u32 flags) NO_LOCK_ANALYSIS
{
	struct inode *inode;
	struct path path;
	u32 how = PATH_EXISTS;
	int error;

	if (!(flags & AT_SYMLINK_NOFOLLOW))
		how |= PATH_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		how |= PATH_EMPTY;
	error = path_walk_user(&path, dfd, name, how);
	if (error)
		return ERR_PTR(error);
	inode = inode_get(path.inode);
	path_end_user(&path);
	return inode;
}

static struct inode *
inode_of(struct file *file)
{
	struct inode *inode;

	if (!file)
		return ERR_PTR(-EBADF);
	inode = inode_get(file->inode);
	file_put(file);
	return inode;
}

struct inode *
fd_inode(unsigned int fd)
{
	return inode_of(fd_get(fd));
}

struct inode *
fd_inode_any(unsigned int fd)
{
	return inode_of(fd_get_any(fd));
}

static u32
size_of(const struct inode *inode)
{
	return S_ISLNK(inode->mode) && inode->target ? strlen(inode->target)
						     : inode->size;
}

static u32
seconds(u64 us, u32 *nsec)
{
	*nsec = do_div(us, 1000000) * 1000;
	return (u32)us;
}

/* --- stat ---------------------------------------------------------------- */

void
inode_stat(struct inode *inode, struct stat64 *st)
{
	struct inode_times times = inode_times(inode);

	*st = (struct stat64){.dev = DEV, .blksize = PAGE_SIZE};
	st->ino = st->ino_low = inode->ino;
	st->mode = inode->mode;
	st->nlink = inode->nlink;
	st->uid = inode->uid;
	st->gid = inode->gid;
	st->rdev = inode->rdev;
	st->size = size_of(inode);
	st->blocks = inode->nr_pages * (PAGE_SIZE / 512);
	st->atime.sec = seconds(times.atime, &st->atime.nsec);
	st->mtime.sec = seconds(times.mtime, &st->mtime.nsec);
	st->ctime.sec = seconds(times.ctime, &st->ctime.nsec);
}

/* Takes the reference of its inode, which may be an error. */
static long
put_stat64(struct inode *inode, struct stat64 __user *to)
{
	struct stat64 st;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_stat(inode, &st);
	inode_put(inode);
	return copy_to_user(to, &st, sizeof(st)) ? -EFAULT : 0;
}

static long __syscall
sys_stat64(const char __user *name, struct stat64 __user *to)
{
	return put_stat64(user_inode(AT_FDCWD, name, 0), to);
}
SYSCALL(195, stat64, sys_stat64, 2);

static long __syscall
sys_lstat64(const char __user *name, struct stat64 __user *to)
{
	return put_stat64(user_inode(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW), to);
}
SYSCALL(196, lstat64, sys_lstat64, 2);

static long __syscall
sys_fstat64(unsigned int fd, struct stat64 __user *to)
{
	return put_stat64(fd_inode_any(fd), to);
}
SYSCALL(197, fstat64, sys_fstat64, 2);

static long __syscall
sys_fstatat64(int dfd, const char __user *name, struct stat64 __user *to,
	      u32 flags)
{
	if (flags & ~AT_STATX_FLAGS)
		return -EINVAL;
	return put_stat64(user_inode(dfd, name, flags), to);
}
SYSCALL(300, fstatat64, sys_fstatat64, 4);

static void
statx_time(struct statx_time *to, u32 sec, u32 nsec)
{
	to->sec = sec;
	to->nsec = nsec;
}

static long __syscall
sys_statx(int dfd, const char __user *name, u32 flags, u32 mask,
	  struct statx __user *to)
{
	struct statx stx = {.mask = STATX_BASIC_STATS, .blksize = PAGE_SIZE};
	struct inode *inode;
	struct stat64 st;

	if ((flags & ~AT_STATX_FLAGS) || mask >> 31)
		return -EINVAL;
	inode = user_inode(dfd, name, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_stat(inode, &st);
	inode_put(inode);
	stx.ino = st.ino;
	stx.mode = st.mode;
	stx.nlink = st.nlink;
	stx.uid = st.uid;
	stx.gid = st.gid;
	stx.size = st.size;
	stx.blocks = st.blocks;
	statx_time(&stx.atime, st.atime.sec, st.atime.nsec);
	statx_time(&stx.mtime, st.mtime.sec, st.mtime.nsec);
	statx_time(&stx.ctime, st.ctime.sec, st.ctime.nsec);
	stx.rdev_major = (u32)st.rdev >> 8;
	stx.rdev_minor = (u32)st.rdev & 0xFF;
	stx.dev_minor = DEV;
	return copy_to_user(to, &stx, sizeof(stx)) ? -EFAULT : 0;
}
SYSCALL(383, statx, sys_statx, 5);

/* --- access, readlink ---------------------------------------------------- */

/* Root may do everything but execute what nobody may. */
static long __syscall
sys_faccessat2(int dfd, const char __user *name, u32 mode, u32 flags)
{
	struct inode *inode;
	bool denied;

	if ((mode & ~(R_OK | W_OK | X_OK)) ||
	    (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	inode = user_inode(dfd, name, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	denied =
		(mode & X_OK) && !S_ISDIR(inode->mode) && !(inode->mode & 0111);
	inode_put(inode);
	return denied ? -EACCES : 0;
}
SYSCALL(439, faccessat2, sys_faccessat2, 4);

static long __syscall
sys_faccessat(int dfd, const char __user *name, u32 mode)
{
	return sys_faccessat2(dfd, name, mode, 0);
}
SYSCALL(307, faccessat, sys_faccessat, 3);

static long __syscall
sys_access(const char __user *name, u32 mode)
{
	return sys_faccessat(AT_FDCWD, name, mode);
}
SYSCALL(33, access, sys_access, 2);

static long __syscall
sys_readlinkat(int dfd, const char __user *name, char __user *to, int size)
{
	struct inode *inode;
	char first;
	long n;

	if (size <= 0)
		return -EINVAL;
	inode = user_inode(dfd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	n = -EINVAL;
	if (!get_user(first, name) && !first)
		n = -ENOENT; /* "" is a link, or nothing */
	if (S_ISLNK(inode->mode)) {
		n = min((int)strlen(inode->target), size);
		if (copy_to_user(to, inode->target, n))
			n = -EFAULT;
	}
	inode_put(inode);
	return n;
}
SYSCALL(305, readlinkat, sys_readlinkat, 4);

static long __syscall
sys_readlink(const char __user *name, char __user *to, int size)
{
	return sys_readlinkat(AT_FDCWD, name, to, size);
}
SYSCALL(85, readlink, sys_readlink, 3);

/* --- Changes ------------------------------------------------------------- */

/* These take the reference of their inode, which may be an error. */
static long
set_mode(struct inode *inode, u32 mode)
{
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	mutex_lock(&fs_lock);
	inode->mode = (inode->mode & S_IFMT) | (mode & S_IALL);
	mutex_unlock(&fs_lock);
	inode_changed(inode);
	inode_put(inode);
	return 0;
}

static long __syscall
sys_fchmodat(int dfd, const char __user *name, u32 mode)
{
	return set_mode(user_inode(dfd, name, 0), mode);
}
SYSCALL(306, fchmodat, sys_fchmodat, 3);

static long __syscall
sys_chmod(const char __user *name, u32 mode)
{
	return sys_fchmodat(AT_FDCWD, name, mode);
}
SYSCALL(15, chmod, sys_chmod, 2);

static long __syscall
sys_fchmod(unsigned int fd, u32 mode)
{
	return set_mode(fd_inode(fd), mode);
}
SYSCALL(94, fchmod, sys_fchmod, 2);

/* -1: that one stays. What runs as its owner does not become another's. */
static long
set_owner(struct inode *inode, u32 uid, u32 gid)
{
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	mutex_lock(&fs_lock);
	if (uid != ~0u)
		inode->uid = uid;
	if (gid != ~0u)
		inode->gid = gid;
	if (!S_ISDIR(inode->mode))
		inode->mode &=
			~(S_ISUID | (inode->mode & S_IXGRP ? S_ISGID : 0));
	mutex_unlock(&fs_lock);
	inode_changed(inode);
	inode_put(inode);
	return 0;
}

static long __syscall
sys_fchownat(int dfd, const char __user *name, u32 uid, u32 gid, u32 flags)
{
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return set_owner(user_inode(dfd, name, flags), uid, gid);
}
SYSCALL(298, fchownat, sys_fchownat, 5);

static long __syscall
sys_chown32(const char __user *name, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, name, uid, gid, 0);
}
SYSCALL(212, chown32, sys_chown32, 3);

static long __syscall
sys_lchown32(const char __user *name, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}
SYSCALL(198, lchown32, sys_lchown32, 3);

static long __syscall
sys_fchown32(unsigned int fd, u32 uid, u32 gid)
{
	return set_owner(fd_inode(fd), uid, gid);
}
SYSCALL(207, fchown32, sys_fchown32, 3);

static long
truncate_put(struct inode *inode, loff_t size)
{
	long error;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (S_ISDIR(inode->mode))
		error = -EISDIR;
	else if (!S_ISREG(inode->mode))
		error = -EINVAL;
	else
		error = inode_truncate_path(inode, size);
	inode_put(inode);
	return error;
}

static long __syscall
sys_truncate64(const char __user *name, loff_t size)
{
	return truncate_put(user_inode(AT_FDCWD, name, 0), size);
}
SYSCALL(193, truncate64, sys_truncate64, 3);

static long __syscall
sys_truncate(const char __user *name, s32 size)
{
	return sys_truncate64(name, size);
}
SYSCALL(92, truncate, sys_truncate, 2);

static long __syscall
sys_ftruncate64(unsigned int fd, loff_t size)
{
	struct file *file;
	long error = -EINVAL;

	if (size < 0)
		return -EINVAL;
	file = fd_get(fd);
	if (!file)
		return -EBADF;
	if ((file->flags & O_ACCMODE) != O_RDONLY && S_ISREG(file->inode->mode))
		error = inode_truncate(file->inode, size);
	file_put(file);
	return error;
}
SYSCALL(194, ftruncate64, sys_ftruncate64, 3);

static long __syscall
sys_ftruncate(unsigned int fd, s32 size)
{
	return sys_ftruncate64(fd, size);
}
SYSCALL(93, ftruncate, sys_ftruncate, 2);

/* There is no disk that could be behind. */
static long __syscall
sys_fsync(unsigned int fd)
{
	struct inode *inode = fd_inode(fd);
	bool kept;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	kept = S_ISREG(inode->mode) || S_ISDIR(inode->mode);
	inode_put(inode);
	return kept ? 0 : -EINVAL;
}
SYSCALL(118, fsync, sys_fsync, 1);

static long __syscall
sys_fdatasync(unsigned int fd)
{
	return sys_fsync(fd);
}
SYSCALL(148, fdatasync, sys_fdatasync, 1);

static long __syscall
sys_sync(void)
{
	return 0;
}
SYSCALL(36, sync, sys_sync, 0);

/* What will be read next makes no difference: it is all there. */
static long __syscall
sys_fadvise64_64(unsigned int fd, loff_t pos __maybe_unused, loff_t n,
		 u32 advice)
{
	struct inode *inode = fd_inode(fd);
	long error = 0;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	if (S_ISFIFO(inode->mode))
		error = -ESPIPE;
	else if (n < 0 || advice > FADV_LAST)
		error = -EINVAL;
	inode_put(inode);
	return error;
}
SYSCALL(272, fadvise64_64, sys_fadvise64_64, 6);
