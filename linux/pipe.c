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
 * It is charged to its maker, whoever writes.
 *
 * Locking: pipe->lock, also over the user copies (no page fault needs a pipe).
 */
#include "fs.h"
#include "gfp.h"
#include "process.h"
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
	struct account *account;              /* its maker's (C) */
	unsigned int readers, writers;        /* open ends (L) */
};

static struct pipe *
pipe_of(const struct file *file)
{
	return (struct pipe *)file->inode->private;
}

/* Bytes in it. => pipe->lock, or it is a guess */
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

/* From this place to the end of its page. */
static u32
page_left(u32 count)
{
	return PAGE_SIZE - count % PAGE_SIZE;
}

/* --- Its pages ----------------------------------------------------------- */

static void
drop_page(struct pipe *pipe, char **page)
{
	if (!*page)
		return;
	free_page((unsigned long)*page);
	account_uncharge(pipe->account, PAGE_SIZE);
	*page = NULL;
}

static bool
get_one(struct pipe *pipe, char **page)
{
	if (*page)
		return true;
	if (!account_charge(pipe->account, PAGE_SIZE))
		return false;
	*page = (char *)__get_free_page(GFP_KERNEL);
	if (!*page)
		account_uncharge(pipe->account, PAGE_SIZE);
	return *page;
}

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
	    used(pipe) <= PIPE_SIZE - PAGE_SIZE) {
		drop_page(pipe, page);
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
	return used(pipe) || !READ_ONCE(pipe->writers);
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
	n = min(n, used(pipe));
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
		if (!get_one(pipe, page_at(pipe, at)))
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
	return PIPE_SIZE - used(pipe) >= room && READ_ONCE(pipe->readers);
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
	return min(PIPE_SIZE - used(pipe), page_left(pipe->head));
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
		drop_page(pipe, &pipe->pages[i]);
	account_uncharge(pipe->account, sizeof(*pipe));
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
	if (!last) { /* still locked: then the other end is not closed yet */
		wake_up_all(&pipe->readable);
		wake_up_all(&pipe->writable);
	}
	mutex_unlock(&pipe->lock);
	if (last)
		pipe_free(pipe);
	else
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

/* => ERR_PTR(-ENFILE, -ENOMEM) */
static struct pipe *
pipe_alloc(void)
{
	struct account *account = current_account();
	struct pipe *pipe;

	if (!account_charge(account, sizeof(*pipe)))
		return ERR_PTR(-ENFILE);
	pipe = kzalloc(sizeof(*pipe), GFP_KERNEL);
	if (!pipe) {
		account_uncharge(account, sizeof(*pipe));
		return ERR_PTR(-ENOMEM);
	}
	mutex_init(&pipe->lock);
	init_waitqueue_head(&pipe->readable);
	init_waitqueue_head(&pipe->writable);
	pipe->account = account;
	return pipe;
}

static struct inode *
pipe_inode(void)
{
	struct pipe *pipe = pipe_alloc();
	struct inode *inode;

	if (IS_ERR(pipe))
		return ERR_PTR(PTR_ERR(pipe));
	inode = inode_create_for(S_IFIFO | 0600, pipe->account);
	if (IS_ERR(inode)) {
		pipe_free(pipe);
		return inode;
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
	int error;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	pipe = (struct pipe *)inode->private;
	ends[0] = file_open(inode, O_RDONLY | flags);
	ends[1] = file_open(inode, O_WRONLY | flags);
	inode_put(inode);
	pipe->readers = !IS_ERR(ends[0]);
	pipe->writers = !IS_ERR(ends[1]);
	if (pipe->readers && pipe->writers)
		return 0;
	error = PTR_ERR(pipe->readers ? ends[1] : ends[0]);
	if (!pipe->readers && !pipe->writers)
		pipe_free(pipe);
	for (unsigned int i = 0; i < 2; i++)
		if (!IS_ERR(ends[i]))
			file_put(ends[i]);
	return error;
}
