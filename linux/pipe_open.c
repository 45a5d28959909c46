/* pipe_open.c - how a pipe comes and goes, and how large it is.
 *
 *   pipe()   inode without a name --private--> struct pipe   refs: open files
 *   FIFO     inode with one       --private--> struct pipe   while there are any
 *
 *   open("fifo", O_RDONLY) waits ----> <---- open("fifo", O_WRONLY) waits
 *
 *   F_SETPIPE_SZ   [ 0 ][ 1 ][ 2 ][ 3 ]   tail in 6, head in 9: page 6 is at 2, ...
 *              --> [   ][ 9 ][   ][   ][   ][   ][ 6 ][ 7 ][ 8 ] ...
 *
 * Locking: pipes_lock: which inode has a pipe; pipe->lock inside.
 */
#include "pipe.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "util.h"

#define PIPE_PAGES     16u
#define MAX_PIPE_PAGES 256u /* 1 MiB: pipe-max-size */

static DEFINE_MUTEX(pipes_lock);

/* --- Its pages ----------------------------------------------------------- */

void
pipe_drop_page(struct pipe *pipe, char **page)
{
	if (!*page)
		return;
	free_page((unsigned long)*page);
	account_uncharge(pipe->account, PAGE_SIZE);
	*page = NULL;
}

bool
pipe_get_page(struct pipe *pipe, char **page)
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
		pipe_drop_page(pipe, &pipe->pages[i]);
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
	pipe->readers -= pipe_reads(file);
	pipe->writers -= pipe_writes(file);
	wake_up_all(&pipe->readable);
	wake_up_all(&pipe->writable);
	mutex_unlock(&pipe->lock);
}

void
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
	pipe->readers += pipe_reads(file);
	pipe->writers += pipe_writes(file);
	pipe->read_opens += pipe_reads(file);
	pipe->write_opens += pipe_writes(file);
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

	if (!pipe_writes(file) && !READ_ONCE(pipe->writers) && !nonblock)
		return wait_for_end(&pipe->readable, &pipe->write_opens);
	if (!pipe_reads(file) && !READ_ONCE(pipe->readers))
		return nonblock ? -ENXIO
				: wait_for_end(&pipe->writable,
					       &pipe->read_opens);
	return 0;
}

int
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
		if (!pipe_get_page(pipe, &shared))
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
		pipe_drop_page(pipe, &pipe->pages[i]);
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
	size = pipe_room(pipe);
	wake_up_all(&pipe->writable);
	mutex_unlock(&pipe->lock);
	return error ?: (long)size;
}
