/* inode.c - a file's pages, and how long an inode lives.
 *
 *   inode->pages   a tree (pagetree.c)
 *                    |          |    |
 *                  page       page  page       mapping = inode, index = i
 *
 * The cache is the file: a page stays until the file is cut shorter or gone.
 * Where nothing was written there is no page and the file reads as zeroes; a
 * page's bytes behind the end of the file are zero whenever it can grow.
 *
 * A page that somebody has a reference to (a mapping, a read in progress) lives
 * on when the file lets go of it, without a mapping: it belongs to nobody else.
 *
 * Programs' files may take half of RAM: then they are full, while what else a
 * program needs, to remove one above all, is still to be had. Of that, inodes,
 * names and trees may have a quarter of low memory. What has no name, a pipe or
 * shared memory, is its maker's instead.
 */
#include "fallocate.h"
#include "fscost.h"
#include "account.h"
#include "boot.h"
#include "highmem.h"
#include "mmzone.h"
#include "mm.h"
#include "panic.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "systime.h"
#include "test.h"
#include "uaccess.h"
#include "util.h"
#include "writers.h"

static struct {
	atomic_t inodes, pages;
	atomic_t
		fs_pages; /* of the file system, and what it has but for them */
	atomic_t fs_bytes;
	atomic_t numbers; /* that were given out */
} count;

unsigned long
nr_cached_pages(void)
{
	return atomic_read(&count.pages);
}

unsigned long
nr_inodes(void)
{
	return atomic_read(&count.inodes);
}

static long
count_inodes(void)
{
	return (long)nr_inodes();
}
LEAK_COUNTER("inodes", count_inodes);

/* --- Life ---------------------------------------------------------------- */

struct inode *
inode_create_for(u32 mode, struct account *account)
{
	int error = cost_charge(account, sizeof(struct inode));
	struct inode *inode;

	if (error)
		return ERR_PTR(error);
	inode = kzalloc(sizeof(*inode), GFP_KERNEL);
	if (!inode) {
		cost_uncharge(account, sizeof(*inode));
		return ERR_PTR(-ENOMEM);
	}
	inode->account = account;
	atomic_set(&inode->refs, 1);
	inode->ino = (u32)atomic_add_return(1, &count.numbers);
	inode->mode = mode;
	inode->times.atime = inode->times.mtime = inode->times.ctime = fs_now();
	mutex_init(&inode->writing);
	mutex_init(&inode->lock);
	INIT_LIST_HEAD(&inode->entries);
	INIT_LIST_HEAD(&inode->locks);
	inode->next_cookie = FIRST_COOKIE;
	if (S_ISREG(mode))
		inode->file_ops = &ramfs_file_ops;
	if (S_ISFIFO(mode))
		inode->file_ops = &pipe_file_ops;
	if (S_ISDIR(mode)) {
		inode->file_ops = &dir_file_ops;
		inode->nlink = 1; /* its "." */
	}
	atomic_inc(&count.inodes);
	return inode;
}

struct inode *
inode_get(struct inode *inode)
{
	atomic_inc(&inode->refs);
	return inode;
}

/* The file lets go of a page. => inode->lock, or the last one */
static void
drop_page(struct inode *inode, struct page *page)
{
	page->mapping = NULL;
	put_page(page);
	inode->nr_pages--;
	atomic_dec(&count.pages);
	inode_count_page(inode, -1);
}

/* A directory's parent may have waited for it: a loop, since there can be a
 * long chain of removed directories, each kept by the one below. */
void
inode_put(struct inode *inode)
{
	while (inode && atomic_dec_and_test(&inode->refs)) {
		struct inode *parent = inode->parent;

		assert(list_empty(&inode->entries));
		assert(list_empty(&inode->locks));
		pages_cut(inode, 0, drop_page);
		if (inode->target)
			inode_uncharge(inode, strlen(inode->target) + 1);
		kfree(inode->target);
		entry_free(inode->name);
		inode_uncharge(inode, sizeof(*inode));
		kfree(inode);
		atomic_dec(&count.inodes);
		inode = parent;
	}
}

/* --- Pages --------------------------------------------------------------- */

static struct page *
new_page(struct inode *inode, unsigned long index) REQUIRES(inode->lock)
{
	struct page *page;
	int error;

	if (inode_is_full(inode))
		return ERR_PTR(-ENOSPC);
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	if (!page)
		return ERR_PTR(-ENOMEM);
	error = pages_add(inode, index, page);
	if (error) {
		put_page(page);
		return ERR_PTR(error);
	}
	page->mapping = inode;
	page->index = index;
	inode->nr_pages++;
	atomic_inc(&count.pages);
	inode_count_page(inode, 1);
	return page;
}

/* => with a reference; see inode_page */
static struct page *
page_locked(struct inode *inode, unsigned long index, bool create)
	REQUIRES(inode->lock)
{
	struct page *page = pages_find(&inode->pages, index);

	if (!page && create)
		page = new_page(inode, index);
	if (page && !IS_ERR(page))
		get_page(page);
	return page;
}

struct page *
inode_page(struct inode *inode, unsigned long index, bool create)
{
	struct page *page;

	mutex_lock(&inode->lock);
	page = page_locked(inode, index, create);
	mutex_unlock(&inode->lock);
	return page;
}

struct page *
inode_get_page(struct inode *inode, unsigned long index)
{
	struct page *page = ERR_PTR(-EFAULT);

	mutex_lock(&inode->lock);
	if (index < DIV_ROUND_UP(inode->size, PAGE_SIZE))
		page = page_locked(inode, index, true);
	mutex_unlock(&inode->lock);
	return page;
}

struct inode *
anon_shared_object(size_t size)
{
	struct inode *inode =
		inode_create_for(S_IFREG | 0600, current_account());

	if (!IS_ERR(inode))
		inode->size = size;
	return inode;
}

/* What is behind the end in its page becomes zero, for when the file grows. */
static void
clear_behind(struct inode *inode) REQUIRES(inode->lock)
{
	unsigned int used = inode->size % PAGE_SIZE;
	struct page *page =
		used ? page_locked(inode, inode->size >> PAGE_SHIFT, false)
		     : NULL;
	char *at;

	if (!page)
		return;
	at = kmap_local_page(page);
	memset(at + used, 0, PAGE_SIZE - used);
	kunmap_local(at);
	put_page(page);
}

/* Nothing is left behind the end. => inode->writing */
static void
cut_at_end(struct inode *inode)
{
	mutex_lock(&inode->lock);
	pages_cut(inode, DIV_ROUND_UP(inode->size, PAGE_SIZE), drop_page);
	clear_behind(inode);
	mutex_unlock(&inode->lock);
}

/* --- Bytes --------------------------------------------------------------- */

enum way {
	TO_USER,
	TO_KERNEL,
	FROM_USER,
	FROM_KERNEL
};

/* Part of one page; `at` NULL: of a hole. => how many bytes were not copied */
static size_t
copy_part(enum way way, char *at, void *buf, size_t n)
{
	switch (way) {
	case TO_USER:
		return at ? copy_to_user((__force void __user *)buf, at, n)
			  : clear_user((__force void __user *)buf, n);
	case FROM_USER:
		return raw_copy_from_user(at, (__force void __user *)buf, n);
	case TO_KERNEL:
		if (at)
			memcpy(buf, at, n);
		else
			memset(buf, 0, n);
		return 0;
	case FROM_KERNEL:
		memcpy(at, buf, n);
		return 0;
	}
	return n;
}

/* => as copy_part, or an error */
static ssize_t
copy_in_page(struct inode *inode, enum way way, char *buf, size_t n, u32 pos)
{
	bool create = way == FROM_USER || way == FROM_KERNEL;
	struct page *page = inode_page(inode, pos >> PAGE_SHIFT, create);
	char *at;
	size_t left;

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (!page)
		return copy_part(way, NULL, buf, n);
	at = kmap(page);
	left = copy_part(way, at + pos % PAGE_SIZE, buf, n);
	kunmap(page);
	put_page(page);
	return left;
}

static void
wrote_until(struct inode *inode, u32 end)
{
	mutex_lock(&inode->lock);
	inode->size = max(inode->size, end);
	inode->times.mtime = inode->times.ctime = fs_now();
	mutex_unlock(&inode->lock);
}

/* pos and n stay below FILE_SIZE_MAX: who calls has looked. */
static ssize_t
copy_pages(struct inode *inode, enum way way, char *buf, size_t n, u32 pos)
{
	size_t done = 0;

	while (done < n) {
		size_t part = min(n - done, PAGE_SIZE - pos % PAGE_SIZE);
		ssize_t left = fatal_signal_pending()
				       ? -ERESTARTNOINTR
				       : copy_in_page(inode, way, buf + done,
						      part, pos);

		if (left < 0)
			return done ? (ssize_t)done : left;
		part -= left;
		done += part;
		pos += part;
		if (part && (way == FROM_USER || way == FROM_KERNEL))
			wrote_until(inode, pos);
		if (left && way == FROM_USER)
			cut_at_end(inode); /* a new page, or part of one */
		if (left)
			return done ? (ssize_t)done : -EFAULT;
	}
	return done;
}

static ssize_t
read_some(struct inode *inode, enum way way, void *buf, size_t n, loff_t pos)
{
	u32 size = READ_ONCE(inode->size);

	if (pos < 0)
		return -EINVAL;
	if (pos >= size)
		return 0;
	return copy_pages(inode, way, buf, min(n, (size_t)(size - (u32)pos)),
			  (u32)pos);
}

static ssize_t
write_some(struct inode *inode, enum way way, const void *buf, size_t n,
	   loff_t pos)
{
	if (pos < 0)
		return -EINVAL;
	if (n && pos >= FILE_SIZE_MAX)
		return -EFBIG;
	if (n && pos > inode->size) {
		mutex_lock(&inode->lock);
		clear_behind(inode);
		mutex_unlock(&inode->lock);
	}
	return copy_pages(inode, way, (char *)buf,
			  min(n, (size_t)(FILE_SIZE_MAX - (u32)pos)), (u32)pos);
}

ssize_t
inode_read(struct inode *inode, void *buf, size_t n, loff_t pos)
{
	return read_some(inode, TO_KERNEL, buf, n, pos);
}

ssize_t
inode_write(struct inode *inode, const void *buf, size_t n, loff_t pos)
{
	ssize_t done;

	mutex_lock(&inode->writing);
	done = write_some(inode, FROM_KERNEL, buf, n, pos);
	mutex_unlock(&inode->writing);
	return done;
}

/* Programs lose what they have mapped behind the new end: SIGBUS. No fault
 * brings a page back, since the size is set already. */
int
inode_truncate(struct inode *inode, loff_t size)
{
	bool shorter;

	if (size < 0)
		return -EINVAL;
	if (size > FILE_SIZE_MAX)
		return -EFBIG;
	if (inode->file_ops != &ramfs_file_ops)
		return 0; /* what /proc makes up has no size, as on Linux */
	mutex_lock(&inode->writing);
	mutex_lock(&inode->lock);
	clear_behind(inode); /* a program may have written there */
	shorter = (u32)size < inode->size;
	inode->size = (u32)size;
	inode->times.mtime = inode->times.ctime = fs_now();
	mutex_unlock(&inode->lock);
	if (shorter) {
		rmap_unmap_object(inode, DIV_ROUND_UP((u32)size, PAGE_SIZE));
		cut_at_end(inode);
	}
	mutex_unlock(&inode->writing);
	return 0;
}

int
inode_truncate_path(struct inode *inode, loff_t size)
{
	int error = inode_get_write(inode);

	if (error)
		return error;
	error = inode_truncate(inode, size);
	inode_put_write(inode);
	return error;
}

/* Behind what is allocated already, or the end, or both. => 0, -Exxx */
static int
allocate_pages(struct inode *inode, unsigned long index, unsigned long end)
{
	for (; index < end; index++) {
		struct page *page = fatal_signal_pending()
					    ? ERR_PTR(-EINTR)
					    : inode_page(inode, index, true);

		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	return 0;
}

int
inode_allocate(struct inode *inode, u32 pos, u32 n, bool keep_size)
{
	int error;

	mutex_lock(&inode->writing);
	error = allocate_pages(inode, pos >> PAGE_SHIFT,
			       DIV_ROUND_UP(pos + n, PAGE_SIZE));
	if (error) {
		cut_at_end(inode);
	} else if (!keep_size && pos + n > inode->size) {
		mutex_lock(&inode->lock);
		clear_behind(inode);
		inode->size = pos + n;
		inode->times.ctime = fs_now();
		mutex_unlock(&inode->lock);
	}
	mutex_unlock(&inode->writing);
	return error;
}

/* --- Open files ---------------------------------------------------------- */

static ssize_t
ramfs_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	ssize_t done =
		read_some(file->inode, TO_USER, (__force void *)buf, n, *pos);

	inode_accessed(file->inode);
	if (done > 0)
		*pos += done;
	return done;
}

static ssize_t
ramfs_write(struct file *file, const char __user *buf, size_t n, loff_t *pos)
{
	struct inode *inode = file->inode;
	ssize_t done;
	loff_t at;

	mutex_lock(&inode->writing);
	at = file->flags & O_APPEND ? inode->size : *pos;
	done = write_some(inode, FROM_USER, (__force void *)buf, n, at);
	mutex_unlock(&inode->writing);
	if (done > 0)
		*pos = at + done;
	return done;
}

const struct file_ops ramfs_file_ops = {
	.read = ramfs_read,
	.write = ramfs_write,
};

ssize_t
kernel_read(struct file *file, void *buf, size_t n, loff_t pos)
{
	if (!S_ISREG(file->inode->mode) || file->ops != &ramfs_file_ops)
		return -EINVAL;
	return inode_read(file->inode, buf, n, pos);
}
