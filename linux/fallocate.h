/* fallocate.h - where a file has no pages. */
#ifndef LINUX_FALLOCATE_H
#define LINUX_FALLOCATE_H

#include "fs.h"

/* seek_hole: the first place from pos on where there is data, or is none; at the
 * end there is always a hole. => -ENXIO: pos is behind the end, or all is hole */
loff_t seek_hole(struct inode *inode, loff_t pos, bool data);

/* inode_allocate: pages for all of these bytes; the file grows to them unless
 * keep_size. (inode.c) => 0; -ENOSPC, -ENOMEM, -EINTR: what is behind the old end
 * is gone again */
int inode_allocate(struct inode *inode, u32 pos, u32 n, bool keep_size);

#endif
