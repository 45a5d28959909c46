/* cwd.c - system calls about where a process is: chdir, getcwd, umask.
 *
 *   process --> struct fs_struct [ cwd, umask ] <-- threads that share it
 *                                   |
 *                                   '--> the inode of a directory
 */
#include "fs.h"
#include "gfp.h"
#include "slab.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

static int
set_cwd(struct inode *inode) REQUIRES(fs_lock)
{
	struct fs_struct *fs = process_ops->fs();

	if (!S_ISDIR(inode->mode))
		return -ENOTDIR;
	inode_get(inode);
	inode_put(fs->cwd);
	fs->cwd = inode;
	return 0;
}

static long __syscall
sys_chdir(const char __user *name) NO_LOCK_ANALYSIS
{
	struct path path;
	int error = path_walk_user(&path, AT_FDCWD, name,
				   PATH_FOLLOW | PATH_EXISTS);

	if (error)
		return error;
	error = set_cwd(path.inode);
	path_end_user(&path);
	return error;
}
SYSCALL(12, chdir, sys_chdir, 1);

static long __syscall
sys_fchdir(unsigned int fd)
{
	struct file *file = fd_get_any(fd);
	int error;

	if (!file)
		return -EBADF;
	mutex_lock(&fs_lock);
	error = set_cwd(file->inode);
	mutex_unlock(&fs_lock);
	file_put(file);
	return error;
}
SYSCALL(133, fchdir, sys_fchdir, 1);

/* => how long it is with its 0; or -E: it was removed, or has no name */
static long
put_cwd(char __user *to, size_t size, char *buf)
{
	const struct inode *cwd;
	char *at = ERR_PTR(-ENOENT);
	size_t n;

	mutex_lock(&fs_lock);
	cwd = process_ops->fs()->cwd;
	if (cwd->nlink && (cwd->name || cwd->pid || cwd == fs_root))
		at = path_of(cwd, buf, PATH_MAX);
	mutex_unlock(&fs_lock);
	if (IS_ERR(at))
		return PTR_ERR(at);
	n = buf + PATH_MAX - at;
	if (n > size)
		return -ERANGE;
	return copy_to_user(to, at, n) ? -EFAULT : (long)n;
}

static long __syscall
sys_getcwd(char __user *to, size_t size)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	long n;

	if (!buf)
		return -ENOMEM;
	n = put_cwd(to, size, buf);
	kfree(buf);
	return n;
}
SYSCALL(183, getcwd, sys_getcwd, 2);

static long __syscall
sys_umask(u32 mask)
{
	struct fs_struct *fs = process_ops->fs();
	u32 old = fs->umask;

	fs->umask = mask & 0777;
	return old;
}
SYSCALL(60, umask, sys_umask, 1);
