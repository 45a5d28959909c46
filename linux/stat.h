/* stat.h - what is known about a file. */
#ifndef LINUX_STAT_H
#define LINUX_STAT_H

#include "fs.h"

/* user_inode: of a path or, with AT_EMPTY_PATH and "", of a descriptor.
 * fd_inode: of a descriptor; fd_inode_any: also with O_PATH. => with a reference; or ERR_PTR
 * inode_stat: as stat64 says it. => process context */
struct inode *user_inode(int dfd, const char __user *name, u32 flags);
struct inode *fd_inode(unsigned int fd);
struct inode *fd_inode_any(unsigned int fd);
void inode_stat(struct inode *inode, struct stat64 *st);

#endif
