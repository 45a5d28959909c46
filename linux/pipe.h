/* pipe.h - a pipe: what pipe.c moves bytes through, pipe_open.c makes and sizes.
 */
#ifndef LINUX_PIPE_H
#define LINUX_PIPE_H

#include "account.h"
#include "fs.h"
#include "gfp.h"

/* pipe_create: ends[0] to read, ends[1] to write. => 0, -ENOMEM,
 * -ENFILE */
int pipe_create(struct file *ends[2], u32 flags);

/* pipe_size: bytes that it holds; `set`: at least so many from now on.
 * => the size; -EBADF: no pipe; -EBUSY, -EPERM, -EINVAL, -ENOMEM */
long pipe_size(struct file *file, bool set, u32 size);

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

static inline struct pipe *
pipe_of(const struct file *file)
{
	return (struct pipe *)file->inode->private;
}

/* Bytes in it. => pipe->lock, or it is a guess */
static inline u32
pipe_used(const struct pipe *pipe)
{
	return READ_ONCE(pipe->head) - READ_ONCE(pipe->tail);
}

static inline char **
page_at(struct pipe *pipe, u32 count)
{
	return &pipe->pages[count / PAGE_SIZE & (pipe->nr_pages - 1)];
}

static inline u32
pipe_room(const struct pipe *pipe)
{
	return READ_ONCE(pipe->nr_pages) * PAGE_SIZE;
}

/* From this place to the end of its page. */
static inline u32
page_left(u32 count)
{
	return PAGE_SIZE - count % PAGE_SIZE;
}

static inline bool
pipe_reads(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}

static inline bool
pipe_writes(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY;
}

/* Who reads is not told that all writers are gone before there was one: how many
 * had come when it was opened; NO_COUNT: at least one was there. */
#define NO_COUNT (~0u)
static inline unsigned int
opens_before(const struct file *file)
{
	return (uintptr_t)file->private;
}

/* pipe_drop_page: if there is one. pipe_get_page: unless there is one.
 * => false: no memory, or its maker may not have more. pipe->lock
 * pipe_open, pipe_release: an end more, one less: for pipe_file_ops. */
void pipe_drop_page(struct pipe *pipe, char **page);
bool pipe_get_page(struct pipe *pipe, char **page);
int pipe_open(struct file *file);
void pipe_release(struct file *file);

#endif
