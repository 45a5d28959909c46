/* sendfile.c - system calls that move a file's bytes to another file: sendfile.
 *
 *   in's cached pages --mapped, read-only, for a moment--> [ window ]
 *                                                              |
 *   out <----------------------- its own write() --------------'
 *
 * What can be written to (a pipe, the terminal, a file) reads from user memory:
 * so the file becomes some, and nothing is copied twice.
 *
 * Limits: other threads see the window in `maps`; one that unmaps it gets EFAULT
 * here, as with any buffer. In must be a file of the file system.
 */
#include "fs.h"
#include "mm.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define WINDOW SZ_1M

/* From pos to the end of the window or of the file. => the count, -Exxx */
static ssize_t
send_window(struct file *out, struct file *in, loff_t pos, size_t n)
{
	u32 size = READ_ONCE(in->inode->size), skip = (u32)pos % PAGE_SIZE;
	struct mmap_request r = {
		.prot = PROT_READ,
		.flags = MAP_PRIVATE,
		.ops = &file_vm_ops,
		.object = in->inode,
		.pgoff = (unsigned long)(pos >> PAGE_SHIFT),
	};
	ssize_t done;
	long at;

	if (pos >= size || !n)
		return 0;
	n = min(n, (size_t)(size - (u32)pos));
	n = min(n, (size_t)(WINDOW - skip));
	r.len = PAGE_ALIGN(skip + n);
	at = mm_mmap(current->process->mm, &r);
	if (IS_ERR_VALUE(at))
		return at;
	done = out->ops->write(out, (char __user *)at + skip, n, &out->pos);
	mm_munmap(current->process->mm, (uintptr_t)at, r.len);
	return done;
}

/* => how many came there, and *pos is behind them */
static ssize_t
send_all(struct file *out, struct file *in, loff_t *pos, size_t n)
{
	ssize_t done = 0, part = 0;

	while (n) {
		part = send_window(out, in, *pos, n);
		if (part <= 0)
			break;
		*pos += part;
		done += part;
		n -= part;
		if (signal_pending())
			break;
	}
	return done ?: part;
}

/* => 0, -EBADF, -EINVAL */
static int
may_send(const struct file *out, const struct file *in)
{
	if (!out || !in || (in->flags & O_ACCMODE) == O_WRONLY ||
	    (out->flags & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	if (in->ops != &ramfs_file_ops || !out->ops->write ||
	    (out->flags & O_APPEND))
		return -EINVAL;
	return 0;
}

/* A stream has none. */
static ssize_t
send_locked(struct file *out, struct file *in, loff_t *pos, size_t n)
{
	ssize_t done;

	if (out->ops->stream)
		return send_all(out, in, pos, n);
	mutex_lock(&out->pos_lock);
	done = send_all(out, in, pos, n);
	mutex_unlock(&out->pos_lock);
	return done;
}

/* One position after the other: as on Linux, who sends from one open file twice
 * at a time may send the same bytes. */
static ssize_t
send_from_position(struct file *out, struct file *in, size_t n)
{
	ssize_t done;
	loff_t pos;

	mutex_lock(&in->pos_lock);
	pos = in->pos;
	mutex_unlock(&in->pos_lock);
	done = send_locked(out, in, &pos, n);
	mutex_lock(&in->pos_lock);
	if (done > 0)
		in->pos = pos;
	mutex_unlock(&in->pos_lock);
	return done;
}

/* at: where to read; NULL: at in's position. */
static long
sendfile(unsigned int out_fd, unsigned int in_fd, loff_t *at, size_t n)
{
	struct file *out = fd_get(out_fd), *in = fd_get(in_fd);
	long result = may_send(out, in);

	if (!result && ((ssize_t)n < 0 || (at && *at < 0)))
		result = -EINVAL;
	n = min(n, (size_t)0x7FFFF000);
	if (!result)
		result = at ? send_locked(out, in, at, n)
			    : send_from_position(out, in, n);
	file_put(out);
	file_put(in);
	return result;
}

static long __syscall
sys_sendfile64(unsigned int out, unsigned int in, loff_t __user *user, size_t n)
{
	loff_t at = 0;
	long result;

	if (user && get_user(at, user))
		return -EFAULT;
	result = sendfile(out, in, user ? &at : NULL, n);
	return user && put_user(at, user) ? -EFAULT : result;
}
SYSCALL(239, sendfile64, sys_sendfile64, 4);

static long __syscall
sys_sendfile(unsigned int out, unsigned int in, s32 __user *user, size_t n)
{
	s32 before = 0;
	loff_t at;
	long result;

	if (user && get_user(before, user))
		return -EFAULT;
	at = before;
	result = sendfile(out, in, user ? &at : NULL, n);
	return user && put_user((s32)at, user) ? -EFAULT : result;
}
SYSCALL(187, sendfile, sys_sendfile, 4);
