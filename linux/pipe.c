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
 * It is charged to its maker, whoever writes. One with a name (a FIFO) is there
 * while somebody has it open; who opens one end waits for the other.
 *
 * Locking: pipe->lock, also over the user copies (no page fault needs a pipe).
 */
#include "fs.h"
#include "gfp.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "uaccess.h"
#include "util.h"

#define PIPE_PAGES     16u
#define MAX_PIPE_PAGES 256u /* 1 MiB: pipe-max-size */

static DEFINE_MUTEX(pipes_lock); /* which inode has a pipe */

/* (L) lock (P) pipes_lock */
struct pipe {
	struct mutex lock;
	wait_queue_head_t readable, writable; /* who waits for that */
	u32 head, tail;                       /* bytes since ever (L) */
	char **pages;                         /* (L) */
	u32 nr_pages;                         /* a power of two (L) */
	struct account *account;              /* its maker's (C) */
	unsigned int readers, writers;        /* open ends (L) */
	unsigned int read_opens, write_opens; /* since ever (L) */
	unsigned int refs;                    /* open files (P) */
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
	return &pipe->pages[count / PAGE_SIZE & (pipe->nr_pages - 1)];
}

static u32
size_of(const struct pipe *pipe)
{
	return READ_ONCE(pipe->nr_pages) * PAGE_SIZE;
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
	    used(pipe) <= size_of(pipe) - PAGE_SIZE) {
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
	return size_of(pipe) - used(pipe) >= room && READ_ONCE(pipe->readers);
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
	return min(size_of(pipe) - used(pipe), page_left(pipe->head));
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

static bool
reads(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

static bool
writes(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY;
}

/* Who reads is not told that all writers are gone before there was one: how many
 * had come when it was opened; NO_COUNT: at least one was there. */
#define NO_COUNT (~0u)
static unsigned int
opens_before(const struct file *file)
{
	return (uintptr_t)file->private;
}

static unsigned int
pipe_poll(struct file *file)
{
	struct pipe *pipe = pipe_of(file);
	unsigned int events = 0;

	mutex_lock(&pipe->lock);
	if (reads(file)) {
		if (used(pipe))
			events |= POLLIN | POLLRDNORM;
		if (!pipe->writers && pipe->write_opens != opens_before(file))
			events |= POLLHUP;
	}
	if (writes(file)) {
		if (size_of(pipe) - used(pipe) >= PIPE_BUF)
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

/* --- Coming and going ---------------------------------------------------- */

static void
pages_free(struct pipe *pipe, char **pages, u32 nr)
{
	account_uncharge(pipe->account, nr * sizeof(*pages));
	kfree(pages);
}

static char **
pages_alloc(struct pipe *pipe, u32 nr)
{
	char **pages;

	if (!account_charge(pipe->account, nr * sizeof(*pages)))
		return NULL;
	pages = kcalloc(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		account_uncharge(pipe->account, nr * sizeof(*pages));
	return pages;
}

static void
pipe_free(struct pipe *pipe)
{
	for (unsigned int i = 0; pipe->pages && i < pipe->nr_pages; i++)
		drop_page(pipe, &pipe->pages[i]);
	if (pipe->pages)
		pages_free(pipe, pipe->pages, pipe->nr_pages);
	account_uncharge(pipe->account, sizeof(*pipe));
	kfree(pipe);
}

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
	pipe->nr_pages = PIPE_PAGES;
	pipe->pages = pages_alloc(pipe, PIPE_PAGES);
	if (pipe->pages)
		return pipe;
	pipe_free(pipe);
	return ERR_PTR(-ENOMEM);
}

/* The inode's, a new one if nobody has it open. */
static struct pipe *
pipe_get(struct inode *inode)
{
	struct pipe *pipe;

	mutex_lock(&pipes_lock);
	pipe = (struct pipe *)inode->private;
	if (!pipe)
		pipe = pipe_alloc();
	if (!IS_ERR(pipe)) {
		inode->private = pipe;
		pipe->refs++;
	}
	mutex_unlock(&pipes_lock);
	return pipe;
}

static void
pipe_put(struct inode *inode, struct pipe *pipe)
{
	mutex_lock(&pipes_lock);
	if (!--pipe->refs) {
		inode->private = NULL;
		pipe_free(pipe);
	}
	mutex_unlock(&pipes_lock);
}

/* Still locked when the others wake: the last of them may free it. */
static void
pipe_leave(struct file *file)
{
	struct pipe *pipe = pipe_of(file);

	mutex_lock(&pipe->lock);
	pipe->readers -= reads(file);
	pipe->writers -= writes(file);
	wake_up_all(&pipe->readable);
	wake_up_all(&pipe->writable);
	mutex_unlock(&pipe->lock);
}

static void
pipe_release(struct file *file)
{
	pipe_leave(file);
	pipe_put(file->inode, pipe_of(file));
	poll_changed();
}

static void
pipe_enter(struct file *file, struct pipe *pipe)
{
	mutex_lock(&pipe->lock);
	file->private = (void *)(uintptr_t)(pipe->writers ? NO_COUNT
							  : pipe->write_opens);
	pipe->readers += reads(file);
	pipe->writers += writes(file);
	pipe->read_opens += reads(file);
	pipe->write_opens += writes(file);
	wake_up_all(&pipe->readable);
	wake_up_all(&pipe->writable);
	mutex_unlock(&pipe->lock);
}

/* Sleep until *opens has changed: the other end was opened, if only for a moment.
 * => 0, -ERESTARTSYS */
static int
wait_for_end(wait_queue_head_t *queue, const unsigned int *opens)
{
	const unsigned int before = READ_ONCE(*opens);
	int error = 0;

	while (!error && READ_ONCE(*opens) == before)
		error = wait_interruptible_once(queue,
						READ_ONCE(*opens) != before);
	return error;
}

/* Of a FIFO:         the other end is open     it is not
 *	to read       0                         waits; O_NONBLOCK: 0
 *	to write      0                         waits; O_NONBLOCK: -ENXIO
 *	both          0                         is itself
 */
static int
wait_for_other(struct file *file, struct pipe *pipe)
{
	bool nonblock = file->flags & O_NONBLOCK;

	if (!writes(file) && !READ_ONCE(pipe->writers) && !nonblock)
		return wait_for_end(&pipe->readable, &pipe->write_opens);
	if (!reads(file) && !READ_ONCE(pipe->readers))
		return nonblock ? -ENXIO : wait_for_end(&pipe->writable,
							&pipe->read_opens);
	return 0;
}

static int
pipe_open(struct file *file)
{
	struct pipe *pipe = pipe_get(file->inode);
	int error;

	if (IS_ERR(pipe))
		return PTR_ERR(pipe);
	pipe_enter(file, pipe);
	poll_changed();
	error = file->inode->name ? wait_for_other(file, pipe) : 0;
	if (error)
		pipe_release(file);
	return error;
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
	pipe->refs = 1; /* until both ends are open */
	return inode;
}

int
pipe_create(struct file *ends[2], u32 flags)
{
	struct inode *inode = pipe_inode();
	long error = 0;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	ends[0] = file_open(inode, O_RDONLY | flags);
	ends[1] = file_open(inode, O_WRONLY | flags);
	pipe_put(inode, (struct pipe *)inode->private);
	inode_put(inode);
	for (unsigned int i = 0; i < 2; i++)
		if (IS_ERR(ends[i]))
			error = PTR_ERR(ends[i]);
	for (unsigned int i = 0; error && i < 2; i++)
		if (!IS_ERR(ends[i]))
			file_put(ends[i]);
	return error;
}

/* --- Its size ------------------------------------------------------------ */

/* What is in it goes to its places in another ring. Where it was full and head
 * had come into tail's page again, that part gets a page of its own.
 * => false: no memory for that; nothing has changed */
static bool
move_ring(struct pipe *pipe, char **pages, u32 nr)
{
	u32 first = ALIGN_DOWN(pipe->tail, PAGE_SIZE);
	u32 span = DIV_ROUND_UP(pipe->head - first, PAGE_SIZE);
	char *shared = NULL;

	if (span > pipe->nr_pages) {
		if (!get_one(pipe, &shared))
			return false;
		memcpy(shared, *page_at(pipe, pipe->head),
		       pipe->head % PAGE_SIZE);
		span--;
		pages[pipe->head / PAGE_SIZE & (nr - 1)] = shared;
	}
	for (u32 i = 0; i < span; i++) {
		char **from = page_at(pipe, first + i * PAGE_SIZE);

		pages[(first / PAGE_SIZE + i) & (nr - 1)] = *from;
		*from = NULL;
	}
	return true;
}

/* => pipe->lock; 0, -EBUSY: more is in it, -ENOMEM */
static int
change_ring(struct pipe *pipe, u32 nr)
{
	u32 first = ALIGN_DOWN(pipe->tail, PAGE_SIZE);
	char **pages;

	if (pipe->head - first > nr * PAGE_SIZE)
		return -EBUSY;
	pages = pages_alloc(pipe, nr);
	if (!pages)
		return -ENOMEM;
	if (!move_ring(pipe, pages, nr)) {
		pages_free(pipe, pages, nr);
		return -ENOMEM;
	}
	for (u32 i = 0; i < pipe->nr_pages; i++)
		drop_page(pipe, &pipe->pages[i]);
	pages_free(pipe, pipe->pages, pipe->nr_pages);
	pipe->pages = pages;
	pipe->nr_pages = nr;
	return 0;
}

long
pipe_size(struct file *file, bool set, u32 size)
{
	struct pipe *pipe = pipe_of(file);
	int error = 0;
	u32 nr = 1;

	if (file->ops != &pipe_file_ops)
		return -EBADF;
	if (set && size > MAX_PIPE_PAGES * PAGE_SIZE)
		return size > 1u << 31 ? -EINVAL : -EPERM;
	while (set && nr * PAGE_SIZE < size)
		nr *= 2;
	mutex_lock(&pipe->lock);
	if (set && nr != pipe->nr_pages)
		error = change_ring(pipe, nr);
	size = size_of(pipe);
	wake_up_all(&pipe->writable);
	mutex_unlock(&pipe->lock);
	return error ?: (long)size;
}
