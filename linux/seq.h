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

#endif
