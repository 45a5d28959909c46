/* writers.h - a file is written to, or executed: not both. */
#ifndef LINUX_WRITERS_H
#define LINUX_WRITERS_H

#include "fs.h"

/* inode_get_write, inode_put_write: one who may write to it: not while it is
 * executed. inode_get_exec, inode_put_exec: the other way round, each with a
 * reference; NULL is allowed. => process context; 0, -ETXTBSY; who executes it
 * already is not refused */
int __must_check inode_get_write(struct inode *inode);
void inode_put_write(struct inode *inode);
int inode_get_exec(struct inode *inode);
void inode_put_exec(struct inode *inode);

#endif
