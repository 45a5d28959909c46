/* path.c - from a path to an inode: one name after the other.
 *
 *   "/bin/sh/x"  with  sh -> ../busybox
 *
 *    rest:  bin/sh/x          dir /        bin: a directory, go in
 *           sh/x              dir /bin     sh: a symbolic link, so put its
 *           ../busybox/x      dir /bin     text in the place of its name
 *           busybox/x         dir /
 *           x                 dir busybox  -ENOTDIR
 *
 * The text that links make lies at the end of a buffer, so that more can be put
 * in front: nothing recurses, however links point to each other, and after
 * LINKS_MAX of them it is -ELOOP.
 *
 * Locking: all names are under fs_lock. Who asks holds it from before the last
 * step until he has done what he asked for: what he sees is still true when he
 * acts. A long walk lets others in on its way, and ends where its program is to
 * end. It holds references, also for what has no name (/proc/1).
 *
 * Limits: everybody is root: the rights are kept, and shown, and not looked at.
 */
#include "fs.h"
#include "fscost.h"
#include "printf.h"
#include "slab.h"
#include "string.h"
#include "uaccess.h"
#include "util.h"

#define LINKS_MAX  40
#define WALK_STEPS 64u /* names, until others have their turn */

struct inode *fs_root;
DEFINE_MUTEX(fs_lock);

/* --- Paths --------------------------------------------------------------- */

char *
path_of(const struct inode *inode, char *buf, size_t size)
{
	const char *end = inode->nlink ? "" : " (deleted)";
	size_t left = size, n = strlen(end) + 1;
	char number[12]; /* in /proc the name of a process's directory */

	if (n >= left) /* there will be a / at least */
		return ERR_PTR(-ENAMETOOLONG);
	left -= n;
	memcpy(buf + left, end, n);
	if (inode == fs_root)
		buf[--left] = '/';
	for (; inode != fs_root; inode = inode->parent) {
		const struct entry *entry = inode->name;
		const char *name = entry ? entry->name : number;

		n = entry ? entry->len
			  : (size_t)scnprintf(number, sizeof(number), "%d",
					      inode->pid);
		if (n >= left)
			return ERR_PTR(-ENAMETOOLONG);
		left -= n;
		memcpy(buf + left, name, n);
		buf[--left] = '/';
	}
	return buf + left;
}

/* --- The walk ------------------------------------------------------------ */

bool
path_is_dots(const struct path *path)
{
	return !path->len ||
	       (path->name[0] == '.' &&
		(path->len == 1 || (path->len == 2 && path->name[1] == '.')));
}

/* path->inode: what path->name is in path->dir; NULL if it is nothing. */
static int
look_up(struct path *path)
{
	struct inode *dir = path->dir;
	struct entry *entry;

	path->inode = NULL;
	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	if (path_is_dots(path)) {
		path->inode = inode_get(path->len == 2 ? dir->parent : dir);
		return 0;
	}
	if (!dir->nlink) /* removed: nothing is in it, or will be */
		return -ENOENT;
	entry = entry_find(dir, path->name, path->len);
	if (entry) {
		path->inode = inode_get(entry->inode);
	} else if (dir->ops) {
		struct inode *inode =
			dir->ops->lookup(dir, path->name, path->len);

		if (!IS_ERR(inode))
			path->inode = inode;
		else if (PTR_ERR(inode) != -ENOENT)
			return PTR_ERR(inode);
	}
	return 0;
}

static void
go_to(struct path *path, struct inode *dir)
{
	inode_put(path->dir);
	path->dir = dir;
}

/* path->inode is a symbolic link: its text goes in front of the rest.
 *
 *	buf  [ ......... | target / rest \0 ]
 *	                   ^ the new rest
 */
static int
follow(struct path *path, const char **rest)
{
	const char *target = path->inode->target;
	size_t head = strlen(target), tail = strlen(*rest);
	char *start;

	if (++path->links > LINKS_MAX)
		return -ELOOP;
	if (head + 1 + tail >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!path->buf)
		path->buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!path->buf)
		return -ENOMEM;
	start = path->buf + PATH_MAX - (tail + 1);
	memmove(start, *rest, tail + 1);
	if (path->slash)
		*--start = '/';
	start -= head;
	memcpy(start, target, head);
	*rest = start;
	if (*target == '/')
		go_to(path, inode_get(fs_root));
	inode_put(path->inode);
	path->inode = NULL;
	return 0;
}

/* The next name of the rest. => its length; 0: there is none */
static int
next_name(struct path *path, const char **rest)
{
	const char *p = *rest;

	while (*p == '/')
		p++;
	path->name = p;
	while (*p && *p != '/')
		p++;
	path->len = p - path->name;
	path->slash = *p == '/';
	while (*p == '/')
		p++;
	*rest = p;
	return path->len > NAME_MAX ? -ENAMETOOLONG : (int)path->len;
}

/* What the walk stands on may be removed meanwhile: look_up sees to it. */
static int
let_others_in(void) NO_LOCK_ANALYSIS
{
	mutex_unlock(&fs_lock);
	cond_resched();
	mutex_lock(&fs_lock);
	return fatal_signal_pending() ? -ERESTARTNOINTR : 0;
}

static int
walk_on(struct path *path, const char *rest, unsigned int flags)
{
	unsigned int steps = 0;
	int error;

	for (;;) {
		error = ++steps % WALK_STEPS ? 0 : let_others_in();
		if (!error)
			error = next_name(path, &rest);
		if (error < 0)
			return error;
		if (!error) {
			path->inode = inode_get(path->dir);
			return 0;
		}
		error = look_up(path);
		if (error)
			return error;
		if (path->inode && S_ISLNK(path->inode->mode) &&
		    (*rest || (path->slash ? !(flags & PATH_NAME)
					   : flags & PATH_FOLLOW))) {
			error = follow(path, &rest);
			if (error)
				return error;
			continue;
		}
		if (!*rest)
			break;
		if (!path->inode)
			return -ENOENT;
		go_to(path, path->inode);
		path->inode = NULL;
	}
	if (path->slash && !(flags & PATH_NAME) && path->inode &&
	    !S_ISDIR(path->inode->mode))
		return -ENOTDIR;
	return path->inode || !(flags & PATH_EXISTS) ? 0 : -ENOENT;
}

/* => with a reference */
static struct inode *
start_of(int dfd, const char *name)
{
	struct inode *inode;
	struct file *file;

	if (*name == '/')
		return inode_get(fs_root);
	if (dfd == AT_FDCWD)
		return inode_get(process_ops->fs()->cwd);
	file = fd_get_any(dfd);
	if (!file)
		return ERR_PTR(-EBADF);
	inode = inode_get(file->inode);
	file_put(file);
	return inode;
}

int
path_again(struct path *path)
{
	inode_put(path->inode);
	return look_up(path);
}

int
path_walk(struct path *path, int dfd, const char *name, unsigned int flags)
{
	struct inode *start;
	int error;

	*path = (struct path){0};
	if (!*name && !(flags & PATH_EMPTY))
		return -ENOENT;
	start = start_of(dfd, name);
	if (IS_ERR(start))
		return PTR_ERR(start);
	path->dir = start;
	error = walk_on(path, name, flags);
	if (error)
		path_end(path);
	return error;
}

void
path_end(struct path *path)
{
	inode_put(path->dir);
	inode_put(path->inode);
	kfree(path->buf);
}

char *
user_string(const char __user *from)
{
	char *s = kmalloc(PATH_MAX, GFP_KERNEL);
	long len;

	if (!s)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(s, from, PATH_MAX);
	if (len >= 0 && len < PATH_MAX)
		return s;
	kfree(s);
	return ERR_PTR(len < 0 ? len : -ENAMETOOLONG);
}

int
path_walk_user(struct path *path, int dfd, const char __user *name,
	       unsigned int flags) NO_LOCK_ANALYSIS
{
	char *kept = user_string(name);
	int error;

	if (IS_ERR(kept))
		return PTR_ERR(kept);
	mutex_lock(&fs_lock);
	error = path_walk(path, dfd, kept, flags);
	path->kept = kept;
	if (error) {
		mutex_unlock(&fs_lock);
		kfree(kept);
	}
	return error;
}

void
path_end_user(struct path *path) NO_LOCK_ANALYSIS
{
	path_end(path);
	mutex_unlock(&fs_lock);
	kfree(path->kept);
}

/* --- For the kernel ------------------------------------------------------ */

struct inode *
path_lookup(const char *name, int dfd)
{
	struct inode *inode;
	struct path path;
	int error;

	mutex_lock(&fs_lock);
	error = path_walk(&path, dfd, name, PATH_FOLLOW | PATH_EXISTS);
	if (error) {
		inode = ERR_PTR(error);
	} else {
		inode = inode_get(path.inode);
		path_end(&path);
	}
	mutex_unlock(&fs_lock);
	return inode;
}

struct inode *
path_create(struct path *path, u32 mode)
{
	struct inode *inode;
	int error;

	if (path->inode)
		return ERR_PTR(-EEXIST);
	if (path->dir->ops) /* what makes up its contents takes no others */
		return ERR_PTR(-ENOENT);
	inode = inode_create(mode);
	if (IS_ERR(inode))
		return inode;
	if (path->dir->mode & S_ISGID) { /* the group's: so is what is in it */
		inode->gid = path->dir->gid;
		inode->mode |= S_ISDIR(mode) ? S_ISGID : 0;
	}
	error = entry_add(path->dir, path->name, path->len, inode);
	if (!error)
		return inode;
	inode_put(inode);
	return ERR_PTR(error);
}

struct inode *
fs_create(const char *name, u32 mode, const char *target)
{
	char *copy = kstrdup(target, GFP_KERNEL);
	struct inode *inode;
	struct path path;
	int error = target && copy ? fs_charge(strlen(copy) + 1) : 0;

	if (target && (!copy || error)) {
		kfree(copy);
		return ERR_PTR(error ? error : -ENOMEM);
	}
	mutex_lock(&fs_lock);
	error = path_walk(&path, AT_FDCWD, name, 0);
	inode = error ? ERR_PTR(error) : path_create(&path, mode);
	if (!IS_ERR(inode))
		inode->target = copy;
	else if (copy)
		fs_uncharge(strlen(copy) + 1);
	if (IS_ERR(inode))
		kfree(copy);
	if (!error)
		path_end(&path);
	mutex_unlock(&fs_lock);
	return inode;
}
