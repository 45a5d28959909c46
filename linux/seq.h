/* seq.h - a text that grows: see seq.c. */
#ifndef LINUX_SEQ_H
#define LINUX_SEQ_H

#include "fs.h"

/* Of an open file; inode->private says which one it is, inode->pid whose.
 * (L) lock */
struct seq {
	const struct proc_file *file;
	int pid;
	struct account *account; /* who pays; NULL: the kernel (C) */
	struct mutex lock;       /* pread has no other */
	char *buf;               /* NULL: not made yet (L) */
	size_t size, len;        /* len >= size: it did not fit (L) */
	loff_t base;             /* of the file, where buf begins (L) */
	unsigned long next; /* the record behind what is in buf, or 0 (L) */
};

extern const struct file_ops seq_file_ops;

/* seq_fill: the text of seq->file, about seq->pid, all of it. The buffer, NULL at
 * first, is the caller's to free. => process context; 0, -ENOMEM, or what show()
 * says */
int seq_fill(struct seq *seq);

/* For show(): more of the text. seq_path: the path of an inode that has a name,
 * with \012 for a line's end in it. */
void seq_printf(struct seq *seq, const char *fmt, ...) __printf(2, 3);

/* seq_stop: a text of many records is made in pieces: show() begins with the one
 * that seq->next says, 0 the first, and asks after each that began at `start`.
 * => true: it did not fit, and is taken back: that was all for now */
bool seq_stop(struct seq *seq, size_t start, unsigned long record);
void seq_path(struct seq *seq, const struct inode *inode) REQUIRES(fs_lock);

#endif
