/* flock.c - system calls that lock files: fcntl's, flock.
 *
 *   struct flock (32 bits) --> struct flock64 --whence, start, len--> file_lock
 *   struct flock64 -----------------^                                 (lock.c)
 *
 *   fcntl64   F_SETLK the first; F_SETLK64, F_OFD_SETLK the second
 *   fcntl     the first alone
 *
 * A process's records go when it closes any descriptor of that file: also one
 * that a thread closes while another one gets a record with it.
 */
#include "lock.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define S32_MAX 0x7FFFFFFF

#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8

/* --- Records ------------------------------------------------------------- */

struct flock {
	s16 type, whence;
	s32 start, len, pid;
};

struct flock64 {
	s16 type, whence;
	s64 start, len;
	s32 pid;
};
static_assert(sizeof(struct flock64) == 24, "i386's struct flock64");

static int
get_flock(struct flock64 *to, const void __user *from, bool wide)
{
	struct flock old;

	if (wide)
		return copy_from_user(to, from, sizeof(*to)) ? -EFAULT : 0;
	if (copy_from_user(&old, from, sizeof(old)))
		return -EFAULT;
	*to = (struct flock64){.type = old.type,
			       .whence = old.whence,
			       .start = old.start,
			       .len = old.len,
			       .pid = old.pid};
	return 0;
}

static int
put_flock(const struct flock64 *from, void __user *to, bool wide)
{
	const struct flock old = {
		from->type,     from->whence, (s32)from->start,
		(s32)from->len, from->pid,
	};

	if (wide)
		return copy_to_user(to, from, sizeof(*from)) ? -EFAULT : 0;
	if (from->start + (from->len ?: 1) - 1 > S32_MAX)
		return -EOVERFLOW;
	return copy_to_user(to, &old, sizeof(old)) ? -EFAULT : 0;
}

/* Bytes, counted from the file's beginning. => 0, -EINVAL, -EOVERFLOW */
static int
get_range(struct file_lock *ask, const struct file *file,
	  const struct flock64 *from)
{
	loff_t start = 0;

	if (from->whence == SEEK_CUR)
		start = file->pos;
	else if (from->whence == SEEK_END)
		start = file->inode->size;
	else if (from->whence != SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(start, from->start, &start))
		return -EOVERFLOW;
	if (start < 0 || (from->len < 0 && start + from->len < 0))
		return -EINVAL;
	ask->start = from->len < 0 ? start + from->len : start;
	ask->end = from->len < 0 ? start - 1 : LOCK_TO_END;
	if (from->len > 0 &&
	    __builtin_add_overflow(start, from->len - 1, &ask->end))
		return -EOVERFLOW;
	return 0;
}

static bool
is_open_files(int cmd)
{
	return cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;
}

static bool
is_get(int cmd)
{
	return cmd == F_GETLK || cmd == F_GETLK64 || cmd == F_OFD_GETLK;
}

/* What is asked for. => 0, -EINVAL, -EOVERFLOW, -EBADF: not open for that */
static int
get_ask(struct file_lock *ask, struct file *file, int cmd,
	const struct flock64 *from)
{
	u32 mode = file->flags & O_ACCMODE;
	int error;

	ask->kind = is_open_files(cmd) ? LOCK_FILE : LOCK_PROCESS;
	ask->owner = is_open_files(cmd) ? (void *)file : current_files();
	ask->pid = is_open_files(cmd) ? -1 : process_ops->pid();
	ask->type = from->type;
	if (from->type < F_RDLCK || from->type > F_UNLCK ||
	    (is_get(cmd) && from->type == F_UNLCK))
		return -EINVAL;
	error = get_range(ask, file, from);
	if (error)
		return error;
	if (!is_get(cmd) && ((from->type == F_RDLCK && mode == O_WRONLY) ||
			     (from->type == F_WRLCK && mode == O_RDONLY)))
		return -EBADF;
	return is_open_files(cmd) && from->pid ? -EINVAL : 0;
}

static void
say_lock(struct flock64 *to, const struct file_lock *lock)
{
	to->type = lock->type;
	if (lock->type == F_UNLCK)
		return;
	to->whence = SEEK_SET;
	to->start = lock->start;
	to->len = lock->end == LOCK_TO_END ? 0 : lock->end - lock->start + 1;
	to->pid = lock->pid;
}

/* The descriptor may have been closed before the lock was there to go. */
static int
still_open(struct file *file, unsigned int fd, const struct file_lock *lock)
{
	struct file *now = fd_get(fd);

	file_put(now);
	if (now == file || lock->kind != LOCK_PROCESS || lock->type == F_UNLCK)
		return 0;
	locks_drop(file->inode, lock->owner);
	return -EBADF;
}

long
fcntl_lock(struct file *file, unsigned int fd, int cmd, void __user *user)
{
	bool wide = cmd > F_SETLKW;
	struct file_lock ask;
	struct flock64 flock;
	int error = get_flock(&flock, user, wide);

	if (!error)
		error = get_ask(&ask, file, cmd, &flock);
	if (error)
		return error;
	if (is_get(cmd)) {
		lock_test(file->inode, &ask);
		say_lock(&flock, &ask);
		return put_flock(&flock, user, wide);
	}
	error = lock_set(file->inode, &ask,
			 cmd == F_SETLKW || cmd == F_SETLKW64 ||
				 cmd == F_OFD_SETLKW);
	return error ?: still_open(file, fd, &ask);
}

/* --- Whole files --------------------------------------------------------- */

static int
flock_type(u32 how)
{
	switch (how & ~LOCK_NB) {
	case LOCK_SH:
		return F_RDLCK;
	case LOCK_EX:
		return F_WRLCK;
	case LOCK_UN:
		return F_UNLCK;
	default:
		return -EINVAL;
	}
}

static long __syscall
sys_flock(unsigned int fd, u32 how)
{
	struct file_lock ask = {.kind = LOCK_FLOCK, .end = LOCK_TO_END};
	struct file *file = fd_get(fd);
	long error = -EBADF;

	if (!file)
		return error;
	ask.owner = file;
	ask.type = flock_type(how);
	error = ask.type < 0 ? ask.type
			     : lock_set(file->inode, &ask, !(how & LOCK_NB));
	file_put(file);
	return error;
}
SYSCALL(143, flock, sys_flock, 2);
