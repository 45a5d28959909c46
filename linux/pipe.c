/* pipe.c - pipes: a ring of 64 KiB, or what F_SETPIPE_SZ says, between open files.
 *
 *   pages[]     [    ][....ooo][ooooooo][oo.....][    ]
 *   counts             tail ^              ^ head
 *
 * head and tail only count up; count % the ring's size is the place, head - tail what
 * is in it. A page is allocated when head comes into it and freed when tail
 * leaves it.
 *
 * Guarantees: up to PIPE_BUF bytes are written all at once or not at all: the
 * writer waits for room for all of them, and has the pages before he begins.
 *
 * It is charged to its maker, whoever writes.
 *
 * Locking: pipe->lock, also over the user copies (no page fault needs a pipe).
 */
#include "pipe.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "uaccess.h"
#include "util.h"

/* --- Reading ------------------------------------------------------------- */

/* n bytes, or none, which lie in one page; if it becomes empty, it goes.
 * => how many are left */
static __always_inline size_t
take_piece(struct pipe *pipe, char __user *buf, size_t n)
{
	char **page = page_at(pipe, pipe->tail);
	size_t left = copy_to_user(buf, *page + pipe->tail % PAGE_SIZE, n);

	pipe->tail += n - left;
	/* When it was full, head may have come into it again. */
	if (unlikely(pipe->tail % PAGE_SIZE == 0) && !left &&
	    pipe_used(pipe) <= pipe_room(pipe) - PAGE_SIZE) {
		pipe_drop_page(pipe, page);
	}
	return left;
}

/* n bytes. => how many are left */
static __noinline size_t
take(struct pipe *pipe, char __user *buf, size_t n)
{
	size_t left = 0;

	while (n && !left) {
		size_t piece = min(n, page_left(pipe->tail));

		left = take_piece(pipe, buf, piece);
		buf += piece;
		n -= piece;
	}
	return n + left;
}

static bool
readable(const struct pipe *pipe)
{
	return pipe_used(pipe) || !READ_ONCE(pipe->writers);
}

/* Sleep until there is something to read, or never will be.
 * => 0, -EAGAIN, -ERESTARTSYS */
static __always_inline int
wait_readable(struct pipe *pipe, const struct file *file)
{
	if (readable(pipe))
		return 0;
	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_interruptible_once(&pipe->readable, readable(pipe));
}

/* => as wait_readable; if 0, it is so, and pipe->lock is held */
static __always_inline int
lock_readable(struct pipe *pipe, const struct file *file) NO_LOCK_ANALYSIS
{
	int error;

	for (;;) {
		error = wait_readable(pipe, file);
		if (error)
			return error;
		mutex_lock(&pipe->lock);
		if (likely(readable(pipe)))
			return 0;
		mutex_unlock(&pipe->lock);
	}
}

static ssize_t
pipe_read(struct file *file, char __user *buf, size_t n,
	  loff_t *pos __maybe_unused) NO_LOCK_ANALYSIS
{
	struct pipe *pipe = pipe_of(file);
	size_t left;
	int error;

	if (!n)
		return 0;
	error = lock_readable(pipe, file);
	if (error)
		return error;
	n = min(n, pipe_used(pipe));
	left = likely(n <= page_left(pipe->tail)) ? take_piece(pipe, buf, n)
						  : take(pipe, buf, n);
	mutex_unlock(&pipe->lock);
	if (unlikely(left == n))
		return n ? -EFAULT : 0;
	wake_waiting(&pipe->writable);
	poll_changed();
	return n - left;
}

/* --- Writing ------------------------------------------------------------- */

/* Pages for the next n bytes. => false: not for all of them */
static __noinline bool
prepare_pages(struct pipe *pipe, u32 n)
{
	u32 first = ALIGN_DOWN(pipe->head, PAGE_SIZE);

	for (u32 at = first; at - first < pipe->head - first + n;
	     at += PAGE_SIZE) {
		if (!pipe_get_page(pipe, page_at(pipe, at)))
			return false;
	}
	return true;
}

/* n bytes, which fit into one page that is there. => how many are left */
static __always_inline size_t
put_piece(struct pipe *pipe, const char __user *buf, size_t n)
{
	size_t left = copy_from_user(*page_at(pipe, pipe->head) +
					     pipe->head % PAGE_SIZE,
				     buf, n);

	pipe->head += n - left;
	return left;
}

/* n bytes, for which there are pages. => how many are left */
static size_t
put(struct pipe *pipe, const char __user *buf, size_t n)
{
	size_t left = 0;

	while (n && !left) {
		size_t piece = min(n, page_left(pipe->head));

		left = put_piece(pipe, buf, piece);
		buf += piece;
		n -= piece;
	}
	return n + left;
}

static bool
writable(const struct pipe *pipe, size_t room)
{
	return pipe_room(pipe) - pipe_used(pipe) >= room &&
	       READ_ONCE(pipe->readers);
}

/* Is there nothing for such a writer to wait for? */
static bool
writer_goes_on(const struct pipe *pipe, size_t room)
{
	return writable(pipe, room) || !READ_ONCE(pipe->readers);
}

/* Tell the readers, and sleep until there is room for so much, or nobody reads.
 * => pipe->lock held before, and after if 0; -EAGAIN, -ERESTARTSYS, -EPIPE */
static int
wait_writable(struct pipe *pipe, const struct file *file,
	      size_t room) NO_LOCK_ANALYSIS
{
	while (!writable(pipe, room)) {
		bool broken = !pipe->readers;
		int error;

		mutex_unlock(&pipe->lock);
		wake_waiting(&pipe->readable);
		poll_changed();
		if (broken) {
			process_ops->send_sigpipe();
			return -EPIPE;
		}
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		error = wait_interruptible_once(&pipe->writable,
						writer_goes_on(pipe, room));
		if (error)
			return error;
		mutex_lock(&pipe->lock);
	}
	return 0;
}

/* At the end of the page, or of the room. */
static size_t
fits(const struct pipe *pipe)
{
	return min(pipe_room(pipe) - pipe_used(pipe), page_left(pipe->head));
}

/* Page by page; but all at once if it is to be atomic.
 * => pipe->lock held before, free after; the count or -Exxx */
static __noinline ssize_t
write_pages(struct file *file, const char __user *buf,
	    size_t n) NO_LOCK_ANALYSIS
{
	struct pipe *pipe = pipe_of(file);
	const size_t room = n <= PIPE_BUF ? n : 1;
	size_t done = 0;
	ssize_t error = 0;

	while (done < n && !error) {
		size_t part, left;

		error = wait_writable(pipe, file, room);
		if (error)
			return done ? (ssize_t)done : error;
		part = max(room, min(n - done, fits(pipe)));
		error = -ENOMEM;
		if (prepare_pages(pipe, part)) {
			left = put(pipe, buf + done, part);
			error = left ? -EFAULT : 0;
			done += part - left;
		}
	}
	mutex_unlock(&pipe->lock);
	wake_waiting(&pipe->readable);
	poll_changed();
	return done ? (ssize_t)done : error;
}

/* Mostly there is room, in a page that has some already. */
static ssize_t
pipe_write(struct file *file, const char __user *buf, size_t n,
	   loff_t *pos __maybe_unused) NO_LOCK_ANALYSIS
{
	struct pipe *pipe = pipe_of(file);
	size_t left;

	mutex_lock(&pipe->lock);
	if (unlikely(!writable(pipe, n) || !*page_at(pipe, pipe->head) ||
		     n > page_left(pipe->head)))
		return write_pages(file, buf, n);
	left = put_piece(pipe, buf, n);
	mutex_unlock(&pipe->lock);
	if (unlikely(left == n))
		return n ? -EFAULT : 0;
	wake_waiting(&pipe->readable);
	poll_changed();
	return n - left;
}

/* --- Both ends ----------------------------------------------------------- */

static unsigned int
pipe_poll(struct file *file)
{
	struct pipe *pipe = pipe_of(file);
	unsigned int events = 0;

	mutex_lock(&pipe->lock);
	if (pipe_reads(file)) {
		if (pipe_used(pipe))
			events |= POLLIN | POLLRDNORM;
		if (!pipe->writers && pipe->write_opens != opens_before(file))
			events |= POLLHUP;
	}
	if (pipe_writes(file)) {
		if (pipe_room(pipe) - pipe_used(pipe) >= PIPE_BUF)
			events |= POLLOUT | POLLWRNORM;
		if (!pipe->readers)
			events |= POLLERR;
	}
	mutex_unlock(&pipe->lock);
	return events;
}

static long
pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd != FIONREAD)
		return -ENOTTY;
	return put_user((int)pipe_used(pipe_of(file)), (int __user *)arg);
}

const struct file_ops pipe_file_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.open = pipe_open,
	.release = pipe_release,
	.stream = true,
};
