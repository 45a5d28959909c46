/* fallocate.c - a file's holes: fallocate fills them, lseek finds them.
 *
 *   pages    [ 0 ][    ][    ][ 3 ][    ]      size: in page 4
 *              ^   ^hole       ^data ^hole     and behind the end: a hole
 *
 * fallocate makes the pages, so that no later write ends for want of room.
 *
 * Limits: they are not emptied again: FALLOC_FL_PUNCH_HOLE and its kin are
 * EOPNOTSUPP. When it fails half way, pages before the old end stay: zeroes.
 */
#include "fallocate.h"
#include "gfp.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define FALLOC_FL_KEEP_SIZE 1u

/* => 0, or Linux's reason, in its order */
static int
may_allocate(const struct file *file, u32 mode, loff_t pos, loff_t n)
{
	if (pos < 0 || n <= 0)
		return -EINVAL;
	if (mode & ~FALLOC_FL_KEEP_SIZE)
		return -EOPNOTSUPP;
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (S_ISFIFO(file->inode->mode))
		return -ESPIPE;
	if (S_ISDIR(file->inode->mode))
		return -EISDIR;
	if (file->ops != &ramfs_file_ops)
		return -ENODEV;
	return n > FILE_SIZE_MAX - pos ? -EFBIG : 0;
}

static long __syscall
sys_fallocate(unsigned int fd, u32 mode, loff_t pos, loff_t n)
{
	struct file *file = fd_get(fd);
	long error;

	if (!file)
		return -EBADF;
	error = may_allocate(file, mode, pos, n);
	if (!error)
		error = inode_allocate(file->inode, (u32)pos, (u32)n,
				       mode & FALLOC_FL_KEEP_SIZE);
	file_put(file);
	return error;
}
SYSCALL(324, fallocate, sys_fallocate, 6);

/* The first page from this one on that is there, or is not; `end`: none. */
static unsigned long
next_page(struct inode *inode, unsigned long index, unsigned long end,
	  bool there)
{
	for (; index < end && !fatal_signal_pending(); index++) {
		struct page *page = inode_page(inode, index, false);

		if (page)
			put_page(page);
		if (!page != there)
			return index;
	}
	return end;
}

loff_t
seek_hole(struct inode *inode, loff_t pos, bool data)
{
	u32 size = READ_ONCE(inode->size);
	unsigned long first, found;

	if (pos < 0 || pos >= size)
		return -ENXIO;
	first = (u32)pos >> PAGE_SHIFT;
	found = next_page(inode, first, DIV_ROUND_UP(size, PAGE_SIZE), data);
	if (found == first)
		return pos;
	pos = (loff_t)found << PAGE_SHIFT;
	if (pos < size)
		return pos;
	return data ? -ENXIO : (loff_t)size;
}
