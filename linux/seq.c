/* seq.c - files that are made when they are read: those of /proc.
 *
 *   read at 0:  show() --seq_printf--> [ text ........ |     ]
 *   read at n:                                 ^ n: the same text goes on
 *
 * So one pass of a reader sees one moment. A text that does not fit is made
 * again, in twice the room.
 *
 * Locking: seq->lock, over the user copy, too: a page fault needs no such text,
 * and what show() locks is never held by who reads.
 */
#include "fs.h"
#include "printf.h"
#include "gfp.h"
#include "seq.h"
#include "slab.h"
#include "string.h"
#include "uaccess.h"
#include "util.h"

void
seq_printf(struct seq *seq, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	seq->len += vsnprintf(seq->buf + min(seq->len, seq->size),
			      seq->size - min(seq->len, seq->size), fmt, ap);
	va_end(ap);
}

/* It is put together at the end of the room, and moved from there:
 *
 *	[ text ............ /bin/a\nb ]  -->  [ text /bin/a\012b ... ]
 */
void
seq_path(struct seq *seq, const struct inode *inode)
{
	size_t used = min(seq->len, seq->size);
	const char *from = path_of(inode, seq->buf + used, seq->size - used);
	char *to = seq->buf + used;

	for (; !IS_ERR(from) && *from; from++) {
		const char c = *from;

		if (c != '\n') {
			*to++ = c;
		} else if (from - to >= 3) {
			memcpy(to, "\\012", 4);
			to += 4;
		} else {
			from = ERR_PTR(-ENAMETOOLONG);
			break;
		}
	}
	seq->len = IS_ERR(from) ? seq->size : (size_t)(to - seq->buf);
}

int
seq_fill(struct seq *seq)
{
	size_t size = seq->size ? seq->size : PAGE_SIZE / 2;
	int error;

	do {
		if (size > seq->size) {
			kfree(seq->buf);
			seq->size = 0;
			seq->buf = kmalloc(size, GFP_KERNEL);
			if (!seq->buf)
				return -ENOMEM;
			seq->size = size;
		}
		seq->len = 0;
		error = seq->file->show(seq, seq->pid);
		size = seq->size * 2;
	} while (!error && seq->len >= seq->size);
	if (error)
		seq->len = 0;
	return error;
}

static int
seq_open(struct file *file)
{
	struct seq *seq = kzalloc(sizeof(*seq), GFP_KERNEL);

	if (!seq)
		return -ENOMEM;
	mutex_init(&seq->lock);
	seq->file = file->inode->private;
	seq->pid = file->inode->pid;
	file->private = seq;
	return 0;
}

static ssize_t
read_locked(struct seq *seq, char __user *buf, size_t n, loff_t *pos)
{
	size_t at = (size_t)*pos, part, left;
	int error = *pos && seq->buf ? 0 : seq_fill(seq);

	if (error || *pos < 0 || *pos >= (loff_t)seq->len)
		return error;
	part = min(n, seq->len - at);
	left = copy_to_user(buf, seq->buf + at, part);
	*pos += part - left;
	return left == part && part ? -EFAULT : (ssize_t)(part - left);
}

static ssize_t
seq_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	struct seq *seq = file->private;
	ssize_t done;

	mutex_lock(&seq->lock);
	done = read_locked(seq, buf, n, pos);
	mutex_unlock(&seq->lock);
	return done;
}

static void
seq_release(struct file *file)
{
	struct seq *seq = file->private;

	kfree(seq->buf);
	kfree(seq);
}

const struct file_ops seq_file_ops = {
	.read = seq_read,
	.open = seq_open,
	.release = seq_release,
};
