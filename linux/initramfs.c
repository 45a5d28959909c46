/* initramfs.c - the first files: the root with /dev and /proc, and what the
 * boot loader brought in an archive.
 *
 *   module: [cpio archive] --cpio_read--> entry by entry --> inodes, pages
 *
 * An entry replaces what has its name, if both are files: so a second archive
 * changes the first. A directory that exists stays, with the new rights. The
 * archive's own memory is given to the page allocator.
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
create_entry(const struct cpio_entry *e, const char *name)
{
	struct inode *inode;
	char *target = NULL;

	if (S_ISLNK(e->mode)) {
		if (!e->size || e->size >= PATH_MAX ||
		    memchr_inv(e->data, 0, e->size) == NULL)
			return ERR_PTR(-EINVAL);
		target = kzalloc(e->size + 1, GFP_KERNEL);
		if (!target)
			return ERR_PTR(-ENOMEM);
		memcpy(target, e->data, e->size);
	}
	inode = fs_create(name, e->mode & (S_IFMT | S_IALL), target);
	kfree(target);
	return inode;
}

static int
unpack_entry(const struct cpio_entry *e, const char *name)
{
	struct inode *inode;
	int error = make_way(name, e->mode);
	ssize_t n;

	if (error)
		return error == -EEXIST && S_ISDIR(e->mode) ? 0 : error;
	inode = create_entry(e, name);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->rdev = MKDEV(e->rdev_major & 0xFF, e->rdev_minor & 0xFF);
	if (S_ISREG(e->mode)) {
		n = inode_write(inode, e->data, e->size, 0);
		if (n != (ssize_t)e->size)
			error = n < 0 ? n : -ENOMEM;
	}
	inode->mtime = (u64)e->mtime * US;
	inode_put(inode);
	return error;
}

/* cpio_read's callback. What cannot be made is left out, with a word; only
 * without memory it ends. */
static const char *
take(const struct cpio_entry *e, void *arg)
{
	char *name = arg;
	u32 type = e->mode & S_IFMT;
	int error = -EINVAL;

	if (strlen(e->name) < PATH_MAX - 1) {
		name[0] = '/';
		strscpy(name + 1, e->name, PATH_MAX - 1);
		if (type == S_IFREG || type == S_IFDIR || type == S_IFLNK ||
		    type == S_IFCHR)
			error = unpack_entry(e, name);
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
	char *name = kmalloc(PATH_MAX, GFP_KERNEL);
	const char *error;
	unsigned int taken;

	if (!name)
		return -ENOMEM;
	taken = cpio_read(start, size, take, name, &error);
	kfree(name);
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
	fs_root = inode_create(S_IFDIR | 0755);
	if (!fs_root)
		panic("no memory for the root directory\n");
	fs_root->nlink = 2;
	fs_root->parent = fs_root;
	process_ops->fs()->cwd = inode_get(fs_root);
	if (dev_init() || proc_init())
		panic("no memory for /dev and /proc\n");
	unpack_modules();
}
