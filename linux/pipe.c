/* pipe.c - pipes: 64 KiB of ring between two open files.
 *
 *   pages[16]   [    ][....ooo][ooooooo][oo.....][    ]
 *   counts             tail ^              ^ head
 *
 * head and tail only count up; count % PIPE_SIZE is the place, head - tail what
 * is in it. A page is allocated when head comes into it and freed when tail
 * leaves it.
 *
 * Guarantees: up to PIPE_BUF bytes are written all at once or not at all: the
 * writer waits for room for all of them, and has the pages before he begins.
 *
 * Locking: pipe->lock, also over the user copies (no page fault needs a pipe).
 */
#include "fs.h"
#include "gfp.h"
#include "slab.h"
#include "uaccess.h"
#include "util.h"

#define PIPE_PAGES 16u
#define PIPE_SIZE  (PIPE_PAGES * PAGE_SIZE)

/* (L) lock */
struct pipe {
	struct mutex lock;
	wait_queue_head_t readable, writable; /* who waits for that */
	u32 head, tail;                       /* bytes since ever (L) */
	char *pages[PIPE_PAGES];              /* (L) */
	unsigned int readers, writers;        /* open ends (L) */
};

static struct pipe *
pipe_of(const struct file *file)
{
	return (struct pipe *)file->inode->private;
}

static u32
used(const struct pipe *pipe)
{
	return READ_ONCE(pipe->head) - READ_ONCE(pipe->tail);
}

static char **
page_at(struct pipe *pipe, u32 count)
{
	return &pipe->pages[count / PAGE_SIZE % PIPE_PAGES];
}

/* --- Reading ------------------------------------------------------------- */

/* Up to n bytes; the pages that become empty go. => how many were copied */
static size_t
take(struct pipe *pipe, char __user *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		u32 offset = pipe->tail % PAGE_SIZE;
		size_t part = min(n - done, PAGE_SIZE - offset);
		char **page = page_at(pipe, pipe->tail);
		size_t left = copy_to_user(buf + done, *page + offset, part);

		done += part - left;
		pipe->tail += part - left;
		if (left)
			break;
		/* When it was full, head may have come into it again. */
		if (pipe->tail % PAGE_SIZE == 0 &&
		    used(pipe) <= PIPE_SIZE - PAGE_SIZE) {
			free_page((unsigned long)*page);
			*page = NULL;
		}
	}
	return done;
}

/* Sleep until there is something to read, or never will be. => pipe->lock is
 * held, or -EAGAIN, -ERESTARTSYS */
static int
lock_readable(struct pipe *pipe, const struct file *file) NO_LOCK_ANALYSIS
{
	int error;

	for (;;) {
		if (used(pipe) || !READ_ONCE(pipe->writers)) {
			mutex_lock(&pipe->lock);
			if (used(pipe) || !pipe->writers)
				return 0;
			mutex_unlock(&pipe->lock);
		}
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		error = wait_interruptible(&pipe->readable,
					   used(pipe) ||
						   !READ_ONCE(pipe->writers));
		if (error)
			return error;
	}
}

static ssize_t
pipe_read(struct file *file, char __user *buf, size_t n,
	  loff_t *pos __maybe_unused) NO_LOCK_ANALYSIS
{
	struct pipe *pipe = pipe_of(file);
	size_t want, done;
	int error;

	if (!n)
		return 0;
	error = lock_readable(pipe, file);
	if (error)
		return error;
	want = min_t(size_t, n, used(pipe));
	done = take(pipe, buf, want);
	mutex_unlock(&pipe->lock);
	if (done) {
		wake_waiting(&pipe->writable);
		poll_changed();
	}
	return done || !want ? (ssize_t)done : -EFAULT;
}

/* --- Writing ------------------------------------------------------------- */

/* Pages for the next n bytes. => false: not for all of them */
static __noinline bool
prepare_pages(struct pipe *pipe, u32 n)
{
	u32 first = ALIGN_DOWN(pipe->head, PAGE_SIZE);

	for (u32 at = first; at - first < pipe->head - first + n;
	     at += PAGE_SIZE) {
		char **page = page_at(pipe, at);

		if (!*page)
			*page = (char *)__get_free_page(GFP_KERNEL);
		if (!*page)
			return false;
	}
	return true;
}

/* Mostly they go into a page that has some already. */
static bool
prepare(struct pipe *pipe, u32 n)
{
	return (*page_at(pipe, pipe->head) &&
		n <= PAGE_SIZE - pipe->head % PAGE_SIZE) ||
	       prepare_pages(pipe, n);
}

/* n bytes, for which there are pages. => how many were copied */
static size_t
put(struct pipe *pipe, const char __user *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		u32 offset = pipe->head % PAGE_SIZE;
		size_t part = min(n - done, PAGE_SIZE - offset);
		size_t left =
			copy_from_user(*page_at(pipe, pipe->head) + offset,
				       buf + done, part);

		done += part - left;
		pipe->head += part - left;
		if (left)
			break;
	}
	return done;
}

/* Sleep until there is room for so much, or nobody reads. => as lock_readable;
 * -EPIPE */
static int
lock_writable(struct pipe *pipe, const struct file *file,
	      size_t room) NO_LOCK_ANALYSIS
{
	int error;

	for (;;) {
		mutex_lock(&pipe->lock);
		if (pipe->readers && PIPE_SIZE - used(pipe) >= room)
			return 0;
		error = pipe->readers ? 0 : -EPIPE;
		mutex_unlock(&pipe->lock);
		if (error)
			return error;
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		error = wait_interruptible(&pipe->writable,
					   PIPE_SIZE - used(pipe) >= room ||
						   !pipe->readers);
		if (error)
			return error;
	}
}

/* At the end of the page, or of the room. */
static size_t
fits(const struct pipe *pipe)
{
	return min(PIPE_SIZE - used(pipe), PAGE_SIZE - pipe->head % PAGE_SIZE);
}

/* What fits now, all of it if it is to be atomic. => the count or -Exxx */
static ssize_t
write_part(struct file *file, const char __user *buf, size_t n,
	   bool atomic) NO_LOCK_ANALYSIS
{
	struct pipe *pipe = pipe_of(file);
	ssize_t done = -ENOMEM;
	int error;

	error = lock_writable(pipe, file, atomic ? n : 1);
	if (error)
		return error;
	if (!atomic)
		n = min(n, fits(pipe));
	if (prepare(pipe, n)) {
		done = put(pipe, buf, n);
		if (!done)
			done = -EFAULT;
	}
	mutex_unlock(&pipe->lock);
	if (done > 0) {
		wake_waiting(&pipe->readable);
		poll_changed();
	}
	return done;
}

static ssize_t
pipe_write(struct file *file, const char __user *buf, size_t n,
	   loff_t *pos __maybe_unused)
{
	bool atomic = n <= PIPE_BUF;
	size_t done = 0;

	while (done < n) {
		ssize_t part = write_part(file, buf + done, n - done, atomic);

		if (part == -EPIPE)
			process_ops->send_sigpipe();
		if (part < 0)
			return done ? (ssize_t)done : part;
		done += part;
	}
	return done;
}

/* --- Both ends ----------------------------------------------------------- */

static unsigned int
pipe_poll(struct file *file)
{
	struct pipe *pipe = pipe_of(file);
	unsigned int events = 0;

	mutex_lock(&pipe->lock);
	if ((file->flags & O_ACCMODE) == O_RDONLY) {
		if (used(pipe))
			events |= POLLIN | POLLRDNORM;
		if (!pipe->writers)
			events |= POLLHUP;
	} else {
		if (PIPE_SIZE - used(pipe) >= PIPE_BUF)
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
	return put_user((int)used(pipe_of(file)), (int __user *)arg);
}

static void
pipe_free(struct pipe *pipe)
{
	for (unsigned int i = 0; i < PIPE_PAGES; i++)
		free_page((unsigned long)pipe->pages[i]);
	kfree(pipe);
}

static void
pipe_release(struct file *file)
{
	struct pipe *pipe = pipe_of(file);
	bool last;

	mutex_lock(&pipe->lock);
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		pipe->readers--;
	else
		pipe->writers--;
	last = !pipe->readers && !pipe->writers;
	mutex_unlock(&pipe->lock);
	if (last) {
		pipe_free(pipe);
		return;
	}
	wake_up_all(&pipe->readable);
	wake_up_all(&pipe->writable);
	poll_changed();
}

static const struct file_ops pipe_file_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.release = pipe_release,
	.stream = true,
};

static struct inode *
pipe_inode(void)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);
	struct inode *inode;

	if (!pipe)
		return NULL;
	mutex_init(&pipe->lock);
	init_waitqueue_head(&pipe->readable);
	init_waitqueue_head(&pipe->writable);
	inode = inode_create(S_IFIFO | 0600);
	if (!inode) {
		kfree(pipe);
		return NULL;
	}
	inode->nlink = 1;
	inode->private = pipe;
	inode->file_ops = &pipe_file_ops;
	return inode;
}

/* An end counts once it is open: the one that fails to was never there. */
int
pipe_create(struct file *ends[2], u32 flags)
{
	struct inode *inode = pipe_inode();
	struct pipe *pipe;

	if (!inode)
		return -ENOMEM;
	pipe = (struct pipe *)inode->private;
	ends[0] = file_open(inode, O_RDONLY | flags);
	ends[1] = file_open(inode, O_WRONLY | flags);
	inode_put(inode);
	pipe->readers = !IS_ERR(ends[0]);
	pipe->writers = !IS_ERR(ends[1]);
	if (pipe->readers && pipe->writers)
		return 0;
	if (!pipe->readers && !pipe->writers)
		pipe_free(pipe);
	for (unsigned int i = 0; i < 2; i++)
		if (!IS_ERR(ends[i]))
			file_put(ends[i]);
	return -ENOMEM;
}
