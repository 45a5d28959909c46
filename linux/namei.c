/* namei.c - system calls that change names, or go somewhere: mkdir, unlink,
 * rename, symlink, chdir, getcwd and their kin.
 *
 *   rename("a/x", "b/y")       a: [x|*]            a:
 *                                    |
 *                              b: [y|-+->old]      b: [y|*]---> what was x
 *
 * Each looks up its paths, checks everything, then acts; fs_lock is held from
 * the first lookup to the end, so nothing that was checked can change. What
 * can fail for want of memory comes before the first change.
 */
#include "fs.h"
#include "gfp.h"
#include "slab.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

/* --- Making and removing ------------------------------------------------- */

static u32
new_mode(u32 mode)
{
	return mode & S_IALL & ~process_ops->fs()->umask;
}

static long
make(int dfd, const char __user *name, u32 mode, char *target) NO_LOCK_ANALYSIS
{
	struct inode *inode;
	struct path path;
	int error = path_walk_user(&path, dfd, name, PATH_NAME);

	if (error)
		return error;
	inode = path.slash && !S_ISDIR(mode) && !path.inode
			? ERR_PTR(-ENOENT)
			: path_create(&path, mode);
	if (!IS_ERR(inode)) {
		inode->target = target;
		inode_put(inode);
	}
	path_end_user(&path);
	return IS_ERR(inode) ? PTR_ERR(inode) : 0;
}

static long __syscall
sys_mkdirat(int dfd, const char __user *name, u32 mode)
{
	return make(dfd, name, S_IFDIR | new_mode(mode & 01777), NULL);
}
SYSCALL(296, mkdirat, sys_mkdirat, 3);

static long __syscall
sys_mkdir(const char __user *name, u32 mode)
{
	return sys_mkdirat(AT_FDCWD, name, mode);
}
SYSCALL(39, mkdir, sys_mkdir, 2);

static long __syscall
sys_symlinkat(const char __user *from, int dfd, const char __user *name)
{
	char *page = user_string(from), *target;
	long error;

	if (IS_ERR(page))
		return PTR_ERR(page);
	target = *page ? kstrdup(page, GFP_KERNEL) : NULL;
	error = target ? make(dfd, name, S_IFLNK | 0777, target)
		       : (*page ? -ENOMEM : -ENOENT);
	kfree(page);
	if (error)
		kfree(target);
	return error;
}
SYSCALL(304, symlinkat, sys_symlinkat, 3);

static long __syscall
sys_symlink(const char __user *from, const char __user *name)
{
	return sys_symlinkat(from, AT_FDCWD, name);
}
SYSCALL(83, symlink, sys_symlink, 2);

/* May this name go? */
static int
may_remove(const struct path *path, bool directory)
{
	if (!path->len)
		return directory ? -EBUSY : -EISDIR;
	if (path_is_dots(path))
		return !directory       ? -EISDIR
		       : path->len == 1 ? -EINVAL
					: -ENOTEMPTY;
	if (path->dir->ops) /* it makes up its contents */
		return -EPERM;
	if (!S_ISDIR(path->inode->mode))
		return directory || path->slash ? -ENOTDIR : 0;
	if (!directory)
		return -EISDIR;
	if (path->inode->ops)
		return -EBUSY;
	return list_empty(&path->inode->entries) ? 0 : -ENOTEMPTY;
}

static long __syscall
sys_unlinkat(int dfd, const char __user *name, u32 flags) NO_LOCK_ANALYSIS
{
	struct path path;
	int error;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	error = path_walk_user(&path, dfd, name, PATH_EXISTS | PATH_NAME);
	if (error)
		return error;
	error = may_remove(&path, flags & AT_REMOVEDIR);
	if (!error)
		entry_remove(path.dir,
			     entry_find(path.dir, path.name, path.len));
	path_end_user(&path);
	return error;
}
SYSCALL(301, unlinkat, sys_unlinkat, 3);

static long __syscall
sys_unlink(const char __user *name)
{
	return sys_unlinkat(AT_FDCWD, name, 0);
}
SYSCALL(10, unlink, sys_unlink, 1);

static long __syscall
sys_rmdir(const char __user *name)
{
	return sys_unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}
SYSCALL(40, rmdir, sys_rmdir, 1);

/* --- Renaming ------------------------------------------------------------ */

static bool
is_inside(const struct inode *dir, const struct inode *ancestor)
{
	for (; dir != ancestor; dir = dir->parent)
		if (dir == dir->parent)
			return false;
	return true;
}

static int
may_rename(const struct path *from, const struct path *to)
{
	bool directory = S_ISDIR(from->inode->mode);

	if (path_is_dots(from) || path_is_dots(to))
		return -EBUSY;
	if (from->dir->ops || to->dir->ops)
		return -EPERM;
	if (!directory && (from->slash || to->slash))
		return -ENOTDIR;
	if (directory && is_inside(to->dir, from->inode))
		return -EINVAL;
	if (!to->inode || to->inode == from->inode)
		return 0;
	if (directory && !S_ISDIR(to->inode->mode))
		return -ENOTDIR;
	return may_remove(to, directory);
}

static int
rename_locked(int from_dfd, const char *from_name, int to_dfd,
	      const char *to_name) REQUIRES(fs_lock)
{
	struct path from, to;
	struct entry *replaced;
	int error =
		path_walk(&from, from_dfd, from_name, PATH_EXISTS | PATH_NAME);

	if (error)
		return error;
	error = path_walk(&to, to_dfd, to_name, PATH_NAME);
	if (error)
		goto end_from;
	error = may_rename(&from, &to);
	if (error || from.inode == to.inode)
		goto end_to;
	replaced = to.inode ? entry_find(to.dir, to.name, to.len) : NULL;
	error = entry_add(to.dir, to.name, to.len, from.inode);
	if (error)
		goto end_to;
	if (replaced)
		entry_remove(to.dir, replaced);
	entry_remove(from.dir, entry_find(from.dir, from.name, from.len));
end_to:
	path_end(&to);
end_from:
	path_end(&from);
	return error;
}

static long __syscall
sys_renameat(int from_dfd, const char __user *from, int to_dfd,
	     const char __user *to)
{
	char *from_name = user_string(from), *to_name;
	long error;

	if (IS_ERR(from_name))
		return PTR_ERR(from_name);
	to_name = user_string(to);
	error = IS_ERR(to_name) ? PTR_ERR(to_name) : 0;
	if (!error) {
		mutex_lock(&fs_lock);
		error = rename_locked(from_dfd, from_name, to_dfd, to_name);
		mutex_unlock(&fs_lock);
		kfree(to_name);
	}
	kfree(from_name);
	return error;
}
SYSCALL(302, renameat, sys_renameat, 4);

static long __syscall
sys_rename(const char __user *from, const char __user *to)
{
	return sys_renameat(AT_FDCWD, from, AT_FDCWD, to);
}
SYSCALL(38, rename, sys_rename, 2);

/* --- Where we are -------------------------------------------------------- */

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
	struct file *file = fd_get(fd);
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

static const struct entry *
entry_of(const struct inode *dir)
{
	const struct entry *entry;

	list_for_each_entry(entry, &dir->parent->entries, link)
	{
		if (entry->inode == dir)
			return entry;
	}
	return NULL;
}

/* The path of a directory, from its end to its beginning, at the end of buf.
 * => where it begins; NULL: it was removed, or does not fit */
static char *
path_of(const struct inode *dir, char *buf)
{
	char *at = buf + PATH_MAX - 1;

	*at = '\0';
	if (dir == fs_root)
		*--at = '/';
	for (; dir != fs_root; dir = dir->parent) {
		const struct entry *entry = entry_of(dir);

		if (!entry || entry->len >= at - buf)
			return NULL;
		at -= entry->len;
		memcpy(at, entry->name, entry->len);
		*--at = '/';
	}
	return at;
}

static long __syscall
sys_getcwd(char __user *to, size_t size)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL), *at;
	long n;

	if (!buf)
		return -ENOMEM;
	mutex_lock(&fs_lock);
	at = path_of(process_ops->fs()->cwd, buf);
	mutex_unlock(&fs_lock);
	n = at ? buf + PATH_MAX - at : -ENOENT;
	if (n > 0 && (size_t)n > size)
		n = -ERANGE;
	if (n > 0 && copy_to_user(to, at, n))
		n = -EFAULT;
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
