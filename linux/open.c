/* open.c - system calls that open and close: open, close, pipe; ioctl.
 *
 *   path --path_walk--> inode --file_open--> file --fd_install--> a number
 *            | nothing there: O_CREAT
 *            '----> path_create
 */
#include "fs.h"
#include "gfp.h"
#include "pipe.h"
#include "slab.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

/* --- open ---------------------------------------------------------------- */

/* What the last name of a walk is, or is made to be. => with a reference */
static struct inode *
find_or_create(struct path *path, u32 flags, u32 mode) REQUIRES(fs_lock)
{
	bool directory = path->inode && S_ISDIR(path->inode->mode);

	if ((flags & O_CREAT) && path->slash && !path_is_dots(path))
		return ERR_PTR(-EISDIR);
	if (!path->inode) {
		if (!(flags & O_CREAT))
			return ERR_PTR(-ENOENT);
		return path_create(path, S_IFREG | mode);
	}
	if ((flags & O_CREAT) && (flags & O_EXCL))
		return ERR_PTR(-EEXIST);
	if (S_ISLNK(path->inode->mode) && !(flags & (O_DIRECTORY | O_PATH)))
		return ERR_PTR(-ELOOP); /* O_NOFOLLOW */
	if (directory && (flags & (O_ACCMODE | O_CREAT | O_TRUNC)))
		return ERR_PTR(-EISDIR);
	if (!directory && (flags & O_DIRECTORY))
		return ERR_PTR(-ENOTDIR);
	return inode_get(path->inode);
}

static unsigned int
walk_flags(u32 flags)
{
	bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);

	return ((flags & O_NOFOLLOW) || exclusive ? 0 : PATH_FOLLOW) |
	       (flags & O_CREAT ? PATH_NAME : 0);
}

/* Takes the reference of the inode, which may be an error. */
static struct file *
open_found(struct inode *inode, u32 flags)
{
	struct file *file;
	int error = 0;

	if (IS_ERR(inode))
		return ERR_PTR(PTR_ERR(inode));
	file = file_open(inode, flags);
	if (!IS_ERR(file) && (flags & O_TRUNC) && S_ISREG(inode->mode) &&
	    inode->size)
		error = inode_truncate_path(inode, 0);
	inode_put(inode);
	if (!error)
		return file;
	file_put(file);
	return ERR_PTR(error);
}

struct file *
file_open_path(const char *name, u32 flags, u32 mode)
{
	struct inode *inode;
	struct path path;
	int error;

	mutex_lock(&fs_lock);
	error = path_walk(&path, AT_FDCWD, name, walk_flags(flags));
	inode = error ? ERR_PTR(error) : find_or_create(&path, flags, mode);
	if (!error)
		path_end(&path);
	mutex_unlock(&fs_lock);
	return open_found(inode, flags);
}

long
fd_install_or_put(struct file *file, unsigned int from, bool cloexec)
{
	int fd;

	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = fd_install(file, from, cloexec);
	if (fd < 0)
		file_put(file);
	return fd;
}

static long __syscall
sys_openat(int dfd, const char __user *name, u32 flags,
	   u32 mode) NO_LOCK_ANALYSIS
{
	struct inode *inode;
	struct path path;
	int error;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (!fd_is_left()) /* no file is made, or cut, for nothing */
		return -EMFILE;
	error = path_walk_user(&path, dfd, name, walk_flags(flags));
	if (error)
		return error;
	inode = find_or_create(&path, flags,
			       mode & S_IALL & ~process_ops->fs()->umask);
	path_end_user(&path);
	return fd_install_or_put(open_found(inode, flags), 0,
				 flags & O_CLOEXEC);
}
SYSCALL(295, openat, sys_openat, 4);

static long __syscall
sys_open(const char __user *name, u32 flags, u32 mode)
{
	return sys_openat(AT_FDCWD, name, flags, mode);
}
SYSCALL(5, open, sys_open, 3);

static long __syscall
sys_creat(const char __user *name, u32 mode)
{
	return sys_openat(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
SYSCALL(8, creat, sys_creat, 2);

static long __syscall
sys_close(unsigned int fd)
{
	return fd_close(fd);
}
SYSCALL(6, close, sys_close, 1);

/* --- ioctl --------------------------------------------------------------- */

/* => bytes from here to the end, as an int */
static long
put_rest(const struct file *file, int __user *to)
{
	return put_user((int)((loff_t)file->inode->size - file->pos), to);
}

static long
set_nonblock(struct file *file, const int __user *from)
{
	int on = 0;

	if (get_user(on, from))
		return -EFAULT;
	file->flags &= ~O_NONBLOCK;
	file->flags |= on ? O_NONBLOCK : 0;
	return 0;
}

/* What any file can do, then what this one can. */
static long
file_ioctl(struct file *file, unsigned int fd, unsigned int cmd,
	   unsigned long arg)
{
	if (cmd == FIOCLEX || cmd == FIONCLEX)
		return min(fd_cloexec(fd, true, cmd == FIOCLEX), 0);
	if (cmd == FIONBIO)
		return set_nonblock(file, (int __user *)arg);
	if (cmd == FIONREAD && file->ops == &ramfs_file_ops)
		return put_rest(file, (int __user *)arg);
	return file->ops->ioctl ? file->ops->ioctl(file, cmd, arg) : -ENOTTY;
}

static long __syscall
sys_ioctl(unsigned int fd, unsigned int cmd, unsigned long arg)
{
	struct file *file = fd_get(fd);
	long result;

	if (!file)
		return -EBADF;
	result = file_ioctl(file, fd, cmd, arg);
	file_put(file);
	return result;
}
SYSCALL(54, ioctl, sys_ioctl, 3);

/* --- pipe ---------------------------------------------------------------- */

static long __syscall
sys_pipe2(int __user *to, u32 flags)
{
	struct file *ends[2];
	int fd[2], error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	error = pipe_create(ends, flags & O_NONBLOCK);
	if (error)
		return error;
	fd[0] = fd_install_or_put(ends[0], 0, flags & O_CLOEXEC);
	fd[1] = fd_install_or_put(ends[1], 0, flags & O_CLOEXEC);
	error = min(fd[0], fd[1]);
	if (error >= 0 && !copy_to_user(to, fd, sizeof(fd)))
		return 0;
	for (unsigned int i = 0; i < 2; i++)
		if (fd[i] >= 0)
			fd_close(fd[i]);
	return error < 0 ? error : -EFAULT;
}
SYSCALL(331, pipe2, sys_pipe2, 2);

static long __syscall
sys_pipe(int __user *to)
{
	return sys_pipe2(to, 0);
}
SYSCALL(42, pipe, sys_pipe, 1);
