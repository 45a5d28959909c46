/* dir.c - what is in a directory: getdents64, getdents.
 *
 *   pos   0    1    2      5      9         0x40000000 + ...
 *         "."  ".." "etc"  "dev"  "proc"    made up: /proc/1, /proc/2
 *
 * An entry has the number that it got when it was made, so that reading goes on
 * at the right place whatever was removed or added meanwhile.
 *
 * It is collected in a page of the kernel's under fs_lock and copied to the
 * user without.
 */
#include "fs.h"
#include "gfp.h"
#include "slab.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

/* What getdents gives; the type is its last byte. */
struct old_dirent {
	u32 ino, off;
	u16 reclen;
	char name[];
};
#define OLD_DIRENT 11 /* with the type */

static void
fill_old(struct old_dirent *d, loff_t pos, size_t reclen,
	 const struct inode *inode)
{
	d->ino = inode->ino;
	d->off = (u32)pos + 1;
	d->reclen = reclen;
	((char *)d)[reclen - 1] = inode->mode >> 12;
}

bool
dirents_emit(struct dirents *to, loff_t pos, const char *name, size_t len,
	     const struct inode *inode)
{
	size_t fixed = to->old ? OLD_DIRENT : DIRENT_NAME;
	size_t reclen = ALIGN(fixed + len + 1, 4u);
	struct dirent64 *d = (void *)(to->buf + to->used);

	if (pos < to->pos)
		return true;
	to->full = reclen > to->size - to->used;
	if (to->full)
		return false;
	*(u32 *)((char *)d + reclen - sizeof(u32)) = 0; /* the name's end */
	if (to->old) {
		fill_old((struct old_dirent *)d, pos, reclen, inode);
		memcpy(((struct old_dirent *)d)->name, name, len);
		((struct old_dirent *)d)->name[len] = '\0';
	} else {
		d->ino = inode->ino;
		d->off = pos + 1;
		d->reclen = reclen;
		d->type = inode->mode >> 12;
		memcpy(d->name, name, len);
	}
	to->used += reclen;
	to->pos = pos + 1;
	return true;
}

static void
read_dir(struct inode *dir, struct dirents *to) REQUIRES(fs_lock)
{
	struct entry *entry;

	if (!dirents_emit(to, 0, ".", 1, dir) ||
	    !dirents_emit(to, 1, "..", 2, dir->parent))
		return;
	for (entry = entry_from(dir, to->pos); entry;
	     entry = entry_next(dir, entry)) {
		if (!dirents_emit(to, entry->cookie, entry->name, entry->len,
				  entry->inode))
			return;
		dir->cursor = entry;
	}
	if (dir->ops)
		dir->ops->readdir(dir, to);
}

/* => the count of bytes; 0 at the end; -EINVAL: not even one fits; -ENOENT */
static long
getdents(struct file *file, char __user *user, size_t size, bool old)
{
	struct dirents to = {.pos = file->pos, .old = old};
	long result = 0;

	to.size = min_t(size_t, size, PAGE_SIZE);
	to.buf = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!to.buf)
		return -ENOMEM;
	mutex_lock(&fs_lock);
	if (file->inode->nlink)
		read_dir(file->inode, &to);
	else
		result = -ENOENT; /* removed */
	mutex_unlock(&fs_lock);
	inode_accessed(file->inode);
	if (to.used || to.full)
		result = to.used ? (long)to.used : -EINVAL;
	if (result > 0 && copy_to_user(user, to.buf, result))
		result = -EFAULT;
	if (result > 0)
		file->pos = to.pos;
	kfree(to.buf);
	return result;
}

static long
getdents_of(unsigned int fd, char __user *user, size_t size, bool old)
{
	struct file *file = fd_get(fd);
	long result = -ENOTDIR;

	if (!file)
		return -EBADF;
	if (S_ISDIR(file->inode->mode)) {
		mutex_lock(&file->pos_lock);
		result = getdents(file, user, size, old);
		mutex_unlock(&file->pos_lock);
	}
	file_put(file);
	return result;
}
static long __syscall
sys_getdents(unsigned int fd, char __user *user, size_t size)
{
	return getdents_of(fd, user, size, true);
}
SYSCALL(141, getdents, sys_getdents, 3);

static long __syscall
sys_getdents64(unsigned int fd, char __user *user, size_t size)
{
	return getdents_of(fd, user, size, false);
}
SYSCALL(220, getdents64, sys_getdents64, 3);

const struct file_ops dir_file_ops = {0};
