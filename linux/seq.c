/* seq.c - files that are made when they are read: those of /proc.
 *
 *   read at 0:  show() --seq_printf--> [ text ........ |     ]
 *   read at n:                                 ^ n: the same text goes on
 *   behind it:  show(next record) ---> [ more text ...     ]
 *
 * So one pass of a reader sees one moment, if the text is short; of a long one the
 * kernel keeps no more than a piece. A record that does not fit is made again, in
 * twice the room.
 *
 * Locking: seq->lock, over the user copy, too: a page fault needs no such text,
 * and what show() locks is never held by who reads.
 */
#include "fs.h"
#include "account.h"
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

bool
seq_stop(struct seq *seq, size_t start, unsigned long record)
{
	if (seq->len < seq->size || !start)
		return false;
	seq->len = start;
	seq->next = record;
	return true;
}

/* The old text is lost. */
static int
make_room(struct seq *seq, size_t size)
{
	if (!account_charge(seq->account, size - seq->size))
		return -ENOMEM;
	kfree(seq->buf);
	seq->buf = kmalloc(size, GFP_KERNEL);
	if (!seq->buf) {
		account_uncharge(seq->account, size);
		seq->size = 0;
		return -ENOMEM;
	}
	seq->size = size;
	return 0;
}

/* The text from this record on: as much as there is room for, or all of it. */
static int
fill_from(struct seq *seq, unsigned long record, bool all)
{
	size_t size = seq->size ? seq->size : PAGE_SIZE / 2;
	int error;

	do {
		error = size > seq->size ? make_room(seq, size) : 0;
		seq->len = 0;
		seq->next = record;
		if (!error)
			error = seq->file->show(seq, seq->pid);
		if (seq->next == record)
			seq->next = 0;
		size = seq->size * 2;
	} while (!error && (seq->len >= seq->size || (all && seq->next)));
	if (error)
		seq->len = seq->next = 0;
	return error;
}

int
seq_fill(struct seq *seq)
{
	return fill_from(seq, 0, true);
}

static int
seq_open(struct file *file)
{
	struct seq *seq;

	if (!account_charge(file->account, sizeof(*seq)))
		return -ENOMEM;
	seq = kzalloc(sizeof(*seq), GFP_KERNEL);
	if (!seq) {
		account_uncharge(file->account, sizeof(*seq));
		return -ENOMEM;
	}
	mutex_init(&seq->lock);
	seq->file = file->inode->private;
	seq->pid = file->inode->pid;
	seq->account = file->account;
	file->private = seq;
	return 0;
}

/* The piece with that place in it, or an empty one at the end. */
static int
find_piece(struct seq *seq, loff_t pos)
{
	int error = 0;

	if (!pos || !seq->buf || pos < seq->base) {
		seq->base = 0;
		error = fill_from(seq, 0, false);
	}
	while (!error && seq->next && pos >= seq->base + (loff_t)seq->len) {
		seq->base += seq->len;
		error = fill_from(seq, seq->next, false);
	}
	return error;
}

static ssize_t
read_piece(struct seq *seq, char __user *buf, size_t n, loff_t *pos)
{
	size_t at, part, left;
	int error = *pos < 0 ? 0 : find_piece(seq, *pos);

	if (error || *pos < 0 || *pos >= seq->base + (loff_t)seq->len)
		return error;
	at = (size_t)(*pos - seq->base);
	part = min(n, seq->len - at);
	left = copy_to_user(buf, seq->buf + at, part);
	*pos += part - left;
	return left == part && part ? -EFAULT : (ssize_t)(part - left);
}

static ssize_t
seq_read(struct file *file, char __user *buf, size_t n, loff_t *pos)
{
	struct seq *seq = file->private;
	ssize_t part = 1;
	size_t done = 0;

	mutex_lock(&seq->lock);
	while (done < n && part > 0) {
		part = read_piece(seq, buf + done, n - done, pos);
		done += part > 0 ? (size_t)part : 0;
	}
	mutex_unlock(&seq->lock);
	return done ? (ssize_t)done : part;
}

static void
seq_release(struct file *file)
{
	struct seq *seq = file->private;

	account_uncharge(seq->account, sizeof(*seq) + seq->size);
	kfree(seq->buf);
	kfree(seq);
}

const struct file_ops seq_file_ops = {
	.read = seq_read,
	.open = seq_open,
	.release = seq_release,
};
