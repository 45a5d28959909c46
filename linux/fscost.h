/* fscost.h - see fscost.c, and pagetree.c: what belongs to an inode. */
#ifndef LINUX_FSCOST_H
#define LINUX_FSCOST_H

#include "fs.h"

/* inode_charge: an object of that size from kmalloc for it, to whom the inode is
 * charged; what it costs is found out.
 * => 0, -ENOSPC: the file system may not have it; -ENOMEM: its maker may not
 * fs_charge: for what has no inode yet. => 0, -ENOSPC */
int __must_check inode_charge(struct inode *inode, size_t size);
void inode_uncharge(struct inode *inode, size_t size);
int __must_check fs_charge(size_t size);
void fs_uncharge(size_t size);

/* cost_charge: for what will be an inode's; the account may be NULL.
 * inode_is_full: may it have no page more? inode_count_page: it has one more, or
 * one less. */
int __must_check cost_charge(struct account *account, size_t size);
void cost_uncharge(struct account *account, size_t size);
bool inode_is_full(const struct inode *inode);
void inode_count_page(struct inode *inode, int by);

/* pages_find: NULL: there is none. pages_add: where there is none yet.
 * => 0; -ENOMEM, -ENOSPC
 * pages_cut: from this number on; each goes to drop(). => inode->lock */
struct page *pages_find(const struct page_tree *tree, unsigned long index);
int __must_check pages_add(struct inode *inode, unsigned long index,
			   struct page *page);
void pages_cut(struct inode *inode, unsigned long first,
	       void (*drop)(struct inode *inode, struct page *page));

#endif
