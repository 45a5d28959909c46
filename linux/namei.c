/* namei.c - system calls that change names: mkdir, mknod, unlink, link, rename,
 * symlink and their kin.
 *
 *   rename("a/x", "b/y")       a: [x|*]            a:
 *                                    |
 *                              b: [y|-+->old]      b: [y|*]---> what was x
 *
 * Each looks up its paths, checks everything, then acts; fs_lock is held from
 * the last lookup to the end, so nothing that was checked can change. What
 * can fail for want of memory comes before the first change.
 */
#include "fs.h"
#include "fscost.h"
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

/* target: of a symbolic link, rdev: of a device. */
static long
make(int dfd, const char __user *name, u32 mode, char *target,
     u32 rdev) NO_LOCK_ANALYSIS
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
		inode->rdev = rdev;
		inode_put(inode);
	}
	path_end_user(&path);
	return IS_ERR(inode) ? PTR_ERR(inode) : 0;
}

static long __syscall
sys_mkdirat(int dfd, const char __user *name, u32 mode)
{
	return make(dfd, name, S_IFDIR | new_mode(mode & 01777), NULL, 0);
}
SYSCALL(296, mkdirat, sys_mkdirat, 3);

static long __syscall
sys_mkdir(const char __user *name, u32 mode)
{
	return sys_mkdirat(AT_FDCWD, name, mode);
}
SYSCALL(39, mkdir, sys_mkdir, 2);

static long __syscall
sys_mknodat(int dfd, const char __user *name, u32 mode, u32 dev)
{
	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		return make(dfd, name, S_IFREG | new_mode(mode), NULL, 0);
	case S_IFCHR:
		return make(dfd, name, S_IFCHR | new_mode(mode), NULL, dev);
	case S_IFIFO:
		return make(dfd, name, S_IFIFO | new_mode(mode), NULL, 0);
	case S_IFDIR:
	case S_IFBLK:
	case S_IFSOCK:
		return -EPERM;
	default:
		return -EINVAL;
	}
}
SYSCALL(297, mknodat, sys_mknodat, 4);

static long __syscall
sys_mknod(const char __user *name, u32 mode, u32 dev)
{
	return sys_mknodat(AT_FDCWD, name, mode, dev);
}
SYSCALL(14, mknod, sys_mknod, 3);

static long __syscall
sys_symlinkat(const char __user *from, int dfd, const char __user *name)
{
	char *page = user_string(from), *target;
	long error;

	if (IS_ERR(page))
		return PTR_ERR(page);
	error = *page ? fs_charge(strlen(page) + 1) : -ENOENT;
	if (error)
		goto free_page;
	target = kstrdup(page, GFP_KERNEL);
	error = target ? make(dfd, name, S_IFLNK | 0777, target, 0) : -ENOMEM;
	if (error) {
		fs_uncharge(strlen(page) + 1);
		kfree(target);
	}
free_page:
	kfree(page);
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

/* --- Renaming and linking ------------------------------------------------ */

static bool
is_inside(const struct inode *dir, const struct inode *ancestor)
{
	for (; dir != ancestor; dir = dir->parent)
		if (dir == dir->parent)
			return false;
	return true;
}

/* What is wrong, in Linux's order: programs look at the first. */
static int
may_rename(const struct path *from, const struct path *to, bool replace)
{
	bool directory;

	if (path_is_dots(from) || path_is_dots(to))
		return -EBUSY;
	if (!from->inode)
		return -ENOENT;
	if (to->inode && !replace)
		return -EEXIST;
	if (from->dir->ops || to->dir->ops)
		return -EPERM;
	directory = S_ISDIR(from->inode->mode);
	if (!directory && (from->slash || to->slash))
		return -ENOTDIR;
	if (directory && is_inside(to->dir, from->inode))
		return -EINVAL;
	if (!to->inode || to->inode == from->inode)
		return 0;
	if (is_inside(from->dir, to->inode))
		return -ENOTEMPTY;
	if (directory && !S_ISDIR(to->inode->mode))
		return -ENOTDIR;
	return may_remove(to, directory);
}

/* Two paths, as the user gave them, and what is to be done with them. */
struct two_names {
	int from_dfd, to_dfd;
	char *from, *to;
	u32 flags;
};

/* Both are there, and neither would get into itself. */
static int
may_exchange(const struct path *from, const struct path *to)
{
	bool from_dir, to_dir;

	if (path_is_dots(from) || path_is_dots(to))
		return -EBUSY;
	if (!from->inode || !to->inode)
		return -ENOENT;
	if (from->dir->ops || to->dir->ops || from->inode->ops ||
	    to->inode->ops)
		return -EPERM;
	from_dir = S_ISDIR(from->inode->mode);
	to_dir = S_ISDIR(to->inode->mode);
	if ((!from_dir && from->slash) || (!to_dir && to->slash))
		return -ENOTDIR;
	if ((from_dir && is_inside(to->dir, from->inode)) ||
	    (to_dir && is_inside(from->dir, to->inode)))
		return -EINVAL;
	return 0;
}

/* The new names are found before the old ones until those go. */
static int
exchange(const struct path *from, const struct path *to) REQUIRES(fs_lock)
{
	struct entry *old_from, *old_to;
	int error = may_exchange(from, to);

	if (error || from->inode == to->inode)
		return error;
	old_from = entry_find(from->dir, from->name, from->len);
	old_to = entry_find(to->dir, to->name, to->len);
	error = entry_add(to->dir, to->name, to->len, from->inode);
	if (error)
		return error;
	error = entry_add(from->dir, from->name, from->len, to->inode);
	if (error) {
		entry_remove(to->dir, entry_find(to->dir, to->name, to->len));
		return error;
	}
	entry_remove(from->dir, old_from);
	entry_remove(to->dir, old_to);
	return 0;
}

static int
rename_locked(const struct two_names *names) REQUIRES(fs_lock)
{
	struct path from, to;
	struct entry *replaced;
	int error = path_walk(&from, names->from_dfd, names->from, PATH_NAME);

	if (error)
		return error;
	error = path_walk(&to, names->to_dfd, names->to, PATH_NAME);
	if (error)
		goto end_from;
	error = path_again(&from);
	if (error)
		goto end_to;
	if (names->flags & RENAME_EXCHANGE) {
		error = exchange(&from, &to);
		goto end_to;
	}
	error = may_rename(&from, &to, !(names->flags & RENAME_NOREPLACE));
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

/* A second name. A directory has but one, and what is made up has none. */
static int
link_locked(const struct two_names *names) REQUIRES(fs_lock)
{
	bool follow = names->flags & AT_SYMLINK_FOLLOW;
	struct path from, to;
	int error = path_walk(&from, names->from_dfd, names->from,
			      PATH_EXISTS | (follow ? PATH_FOLLOW : 0));

	if (error)
		return error;
	error = path_walk(&to, names->to_dfd, names->to, PATH_NAME);
	if (error)
		goto end_from;
	if (to.inode)
		error = -EEXIST;
	else if (!from.inode->nlink) /* removed while the other walk went on */
		error = -ENOENT;
	else if (to.slash)
		error = -ENOENT;
	else if (from.dir->ops || to.dir->ops || S_ISDIR(from.inode->mode))
		error = -EPERM;
	else
		error = entry_add(to.dir, to.name, to.len, from.inode);
	path_end(&to);
end_from:
	path_end(&from);
	return error;
}

/* The names come from the user. */
static long
with_names(struct two_names *names, const char __user *from,
	   const char __user *to, int (*fn)(const struct two_names *names))
{
	long error;

	names->from = user_string(from);
	if (IS_ERR(names->from))
		return PTR_ERR(names->from);
	names->to = user_string(to);
	error = IS_ERR(names->to) ? PTR_ERR(names->to) : 0;
	if (!error) {
		mutex_lock(&fs_lock);
		error = fn(names);
		mutex_unlock(&fs_lock);
		kfree(names->to);
	}
	kfree(names->from);
	return error;
}

static long __syscall
sys_renameat2(int from_dfd, const char __user *from, int to_dfd,
	      const char __user *to, u32 flags)
{
	struct two_names names = {.from_dfd = from_dfd,
				  .to_dfd = to_dfd,
				  .flags = flags};

	if (flags != 0 && flags != RENAME_NOREPLACE && flags != RENAME_EXCHANGE)
		return -EINVAL;
	return with_names(&names, from, to, rename_locked);
}
SYSCALL(353, renameat2, sys_renameat2, 5);

static long __syscall
sys_renameat(int from_dfd, const char __user *from, int to_dfd,
	     const char __user *to)
{
	return sys_renameat2(from_dfd, from, to_dfd, to, 0);
}
SYSCALL(302, renameat, sys_renameat, 4);

static long __syscall
sys_rename(const char __user *from, const char __user *to)
{
	return sys_renameat(AT_FDCWD, from, AT_FDCWD, to);
}
SYSCALL(38, rename, sys_rename, 2);

static long __syscall
sys_linkat(int from_dfd, const char __user *from, int to_dfd,
	   const char __user *to, u32 flags)
{
	struct two_names names = {.from_dfd = from_dfd,
				  .to_dfd = to_dfd,
				  .flags = flags};

	if (flags & ~AT_SYMLINK_FOLLOW)
		return -EINVAL;
	return with_names(&names, from, to, link_locked);
}
SYSCALL(303, linkat, sys_linkat, 5);

static long __syscall
sys_link(const char __user *from, const char __user *to)
{
	return sys_linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}
SYSCALL(9, link, sys_link, 2);
