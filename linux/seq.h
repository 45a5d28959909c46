/* seq.h - a text that grows: see seq.c. */
#ifndef LINUX_SEQ_H
#define LINUX_SEQ_H

#include "fs.h"

/* Of an open file; inode->private says which one it is, inode->pid whose. */
struct seq {
	const struct proc_file *file;
	int pid;
	char *buf;
	size_t size, len; /* len >= size: it did not fit */
};

extern const struct file_ops seq_file_ops;

#endif
