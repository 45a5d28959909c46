/* seq.h - a text that grows: see seq.c. */
#ifndef LINUX_SEQ_H
#define LINUX_SEQ_H

#include "fs.h"

/* Of an open file; inode->private says which one it is, inode->pid whose.
 * (L) lock */
struct seq {
	const struct proc_file *file;
	int pid;
	struct mutex lock; /* pread has no other */
	char *buf;         /* NULL: not made yet (L) */
	size_t size, len;  /* len >= size: it did not fit (L) */
};

extern const struct file_ops seq_file_ops;

/* seq_fill: the text of seq->file, about seq->pid. The buffer, NULL at first, is
 * the caller's to free. => process context; 0, -ENOMEM, or what show() says */
int seq_fill(struct seq *seq);

/* For show(): more of the text. seq_path: the path of an inode that has a name,
 * with \012 for a line's end in it. */
void seq_printf(struct seq *seq, const char *fmt, ...) __printf(2, 3);
void seq_path(struct seq *seq, const struct inode *inode) REQUIRES(fs_lock);

#endif
