/* lock.h - locks that programs have on files: records (fcntl), whole files
 * (flock).
 */
#ifndef LINUX_LOCK_H
#define LINUX_LOCK_H

#include "fs.h"

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

#define LOCK_TO_END 0x7FFFFFFFFFFFFFFFll /* the last byte that there can be */

/* Records are a process's or (F_OFD_*) an open file's: they exclude each other;
 * flock's locks only exclude flock's. */
enum lock_kind {
	LOCK_PROCESS,
	LOCK_FILE,
	LOCK_FLOCK
};

/* A lock, or what is asked for. (L) locks_lock (C) constant */
struct file_lock {
	struct list_head link;   /* in inode->locks (L) */
	const void *owner;       /* struct files, or struct file (C) */
	enum lock_kind kind;     /* (C) */
	int type;                /* F_RDLCK, F_WRLCK; F_UNLCK: none (L) */
	loff_t start, end;       /* bytes, both are locked (L) */
	int pid;                 /* who asked; -1: of an open file (C) */
	struct account *account; /* who pays (C) */
};

/* lock_set: what the owner has from start to end is this from now on; where that
 * is in another's way: with `wait` it sleeps until it is not.
 * => process context; 0, -EAGAIN, -ENOLCK; with wait also -EDEADLK, -ERESTARTSYS
 * lock_test: what would be in its way, or F_UNLCK, is put into *ask. */
int lock_set(struct inode *inode, const struct file_lock *ask, bool wait);
void lock_test(struct inode *inode, struct file_lock *ask);

/* locks_drop: all that this owner has on it go: a process closes a descriptor of
 * the file; an open file's last reference went. => process context */
void locks_drop(struct inode *inode, const void *owner);

/* fcntl_lock: F_GETLK and its kin, of fd, which is file. (flock.c)
 * => 0, -Exxx */
long fcntl_lock(struct file *file, unsigned int fd, int cmd, void __user *user);

#endif
