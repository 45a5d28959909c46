/* initramfs.c - the first files: the root with /dev and /proc, and what the
 * boot loader brought in an archive.
 *
 *   module: [cpio archive] --cpio_read--> entry by entry --> inodes, pages
 *
 * An entry replaces what has its name, if both are files: so a second archive
 * changes the first. A directory that exists stays, with the new rights. Hard
 * links are entries with one number: the first makes the file, the others are
 * names for it. The archive's own memory is given to the page allocator.
 */
#include "boot.h"
#include "cpio.h"
#include "fs.h"
#include "gfp.h"
#include "layout.h"
#include "mmzone.h"
#include "panic.h"
#include "printk.h"
#include "slab.h"
#include "string.h"
#include "util.h"

#define US 1000000u

static const char magic[] = "0707"; /* what each archive begins with */

/* An archive at work. */
struct unpack {
	char *name; /* room for a path */
	struct list_head links;
};

/* A file of it that has, or will have, more names. */
struct linked {
	struct list_head list; /* in unpack.links */
	u32 ino, dev_major, dev_minor;
	struct inode *inode; /* a reference */
};

/* What has this name, if it may be replaced, goes. => -EEXIST: it stays */
static int
make_way(const char *name, u32 mode)
{
	struct path path;
	int error;

	mutex_lock(&fs_lock);
	error = path_walk(&path, AT_FDCWD, name, 0);
	if (error)
		goto unlock;
	if (path.inode && S_ISDIR(path.inode->mode)) {
		error = -EEXIST;
		if (S_ISDIR(mode))
			path.inode->mode = S_IFDIR | (mode & S_IALL);
	} else if (path.inode && path.dir->ops) {
		error = -EPERM; /* it makes up its contents */
	} else if (path.inode) {
		entry_remove(path.dir,
			     entry_find(path.dir, path.name, path.len));
	}
	path_end(&path);
unlock:
	mutex_unlock(&fs_lock);
	return error;
}

static struct inode *
find_linked(const struct unpack *u, const struct cpio_entry *e)
{
	const struct linked *linked;

	list_for_each_entry(linked, &u->links, list)
	{
		if (linked->ino == e->ino &&
		    linked->dev_major == e->dev_major &&
		    linked->dev_minor == e->dev_minor)
			return linked->inode;
	}
	return NULL;
}

static int
remember(struct unpack *u, const struct cpio_entry *e, struct inode *inode)
{
	struct linked *linked = kmalloc(sizeof(*linked), GFP_KERNEL);

	if (!linked)
		return -ENOMEM;
	linked->ino = e->ino;
	linked->dev_major = e->dev_major;
	linked->dev_minor = e->dev_minor;
	linked->inode = inode_get(inode);
	list_add(&linked->list, &u->links);
	return 0;
}

static void
forget_all(struct unpack *u)
{
	struct linked *linked, *next;

	list_for_each_entry_safe(linked, next, &u->links, list)
	{
		inode_put(linked->inode);
		kfree(linked);
	}
}

/* One name more. => the inode, with a reference */
static struct inode *
link_entry(struct inode *inode, const char *name)
{
	struct path path;
	int error;

	mutex_lock(&fs_lock);
	error = path_walk(&path, AT_FDCWD, name, 0);
	if (!error) {
		error = path.inode ? -EEXIST
				   : entry_add(path.dir, path.name, path.len,
					       inode);
		path_end(&path);
	}
	mutex_unlock(&fs_lock);
	return error ? ERR_PTR(error) : inode_get(inode);
}

static struct inode *
create_entry(struct unpack *u, const struct cpio_entry *e)
{
	bool linked = S_ISREG(e->mode) && e->nlink > 1;
	struct inode *inode = linked ? find_linked(u, e) : NULL;
	char *target = NULL;

	if (inode)
		return link_entry(inode, u->name);
	if (S_ISLNK(e->mode)) {
		if (!e->size || e->size >= PATH_MAX || !*e->data)
			return ERR_PTR(-EINVAL);
		target = kzalloc(e->size + 1, GFP_KERNEL);
		if (!target)
			return ERR_PTR(-ENOMEM);
		memcpy(target, e->data, e->size);
	}
	inode = fs_create(u->name, e->mode & (S_IFMT | S_IALL), target);
	kfree(target);
	if (!IS_ERR(inode) && linked && remember(u, e, inode)) {
		inode_put(inode);
		return ERR_PTR(-ENOMEM);
	}
	return inode;
}

static int
unpack_entry(struct unpack *u, const struct cpio_entry *e)
{
	struct inode *inode;
	int error = make_way(u->name, e->mode);
	ssize_t n;

	if (error)
		return error == -EEXIST && S_ISDIR(e->mode) ? 0 : error;
	inode = create_entry(u, e);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->rdev = MKDEV(e->rdev_major & 0xFF, e->rdev_minor & 0xFF);
	if (S_ISREG(e->mode)) {
		n = inode_write(inode, e->data, e->size, 0);
		if (n != (ssize_t)e->size)
			error = n < 0 ? n : -ENOMEM;
	}
	inode->uid = e->uid;
	inode->gid = e->gid;
	inode->times.mtime = (u64)e->mtime * US;
	inode_put(inode);
	return error;
}

/* cpio_read's callback. What cannot be made is left out, with a word; only
 * without memory it ends. */
static const char *
take(const struct cpio_entry *e, void *arg)
{
	struct unpack *u = arg;
	u32 type = e->mode & S_IFMT;
	int error = -EINVAL;

	if (strlen(e->name) < PATH_MAX - 1) {
		u->name[0] = '/';
		strscpy(u->name + 1, e->name, PATH_MAX - 1);
		if (type == S_IFREG || type == S_IFDIR || type == S_IFLNK ||
		    type == S_IFCHR)
			error = unpack_entry(u, e);
	}
	if (error == -ENOMEM)
		return "there is no memory for all of it";
	if (error)
		pr_warn("initramfs: %s left out: error %d\n", e->name, -error);
	return NULL;
}

int
initramfs_unpack(const void *start, size_t size)
{
	struct unpack u = {kmalloc(PATH_MAX, GFP_KERNEL),
			   LIST_HEAD_INIT(u.links)};
	const char *error;
	unsigned int taken;

	if (!u.name)
		return -ENOMEM;
	taken = cpio_read(start, size, take, &u, &error);
	forget_all(&u);
	kfree(u.name);
	if (error)
		pr_err("initramfs: after %u files: %s\n", taken, error);
	else
		pr_info("initramfs: %u files, %lu KiB\n", taken,
			nr_cached_pages() * PAGE_KIB);
	return error ? -EINVAL : (int)taken;
}

/* The modules that are archives, in order; others are left alone. What the
 * loader says is believed only where it cannot do harm: above the first MiB,
 * in the direct map. */
static void
unpack_modules(void)
{
	const u32 end = __pa(high_memory);

	for (unsigned int i = 0; i < bootinfo.nr_modules; i++) {
		const struct boot_module *m = &bootinfo.modules[i];

		if (m->start < SZ_1M || m->start >= end ||
		    m->size > end - m->start || m->size < sizeof(magic) - 1 ||
		    memcmp(__va(m->start), magic, sizeof(magic) - 1) != 0)
			continue;
		initramfs_unpack(__va(m->start), m->size);
		/* As what else was for the boot only: page_poison looks. */
		memset(__va(m->start), POISON_INIT, m->size);
		free_reserved(PHYS_PFN(PAGE_ALIGN(m->start)),
			      PHYS_PFN(m->start + m->size));
	}
}

void
fs_init(void)
{
	entries_init();
	fs_root = inode_create(S_IFDIR | 0755);
	if (IS_ERR(fs_root))
		panic("no memory for the root directory\n");
	fs_root->nlink = 2;
	fs_root->parent = fs_root;
	process_ops->fs()->cwd = inode_get(fs_root);
	if (dev_init() || proc_init())
		panic("no memory for /dev and /proc\n");
	unpack_modules();
}
