/* fcntl.c - system calls about descriptors: dup, fcntl.
 *
 *   fd 3 ---> [ close on exec ] ---> struct file [ O_APPEND, O_NONBLOCK ]
 *   fd 7 ---> [               ] -----------'
 *    of each number: F_SETFD           of all that share it: F_SETFL
 */
#include "lock.h"
#include "pipe.h"
#include "process.h"
#include "syscall.h"
#include "util.h"

/* --- dup ----------------------------------------------------------------- */

static long
dup_from(unsigned int fd, unsigned int from, bool cloexec)
{
	struct file *file = fd_get_any(fd);

	return fd_install_or_put(file ? file : ERR_PTR(-EBADF), from, cloexec);
}

static long __syscall
sys_dup(unsigned int fd)
{
	return dup_from(fd, 0, false);
}
SYSCALL(41, dup, sys_dup, 1);

static long __syscall
sys_dup3(unsigned int from, unsigned int to, u32 flags)
{
	struct file *file;
	int fd;

	if (from == to || (flags & ~O_CLOEXEC))
		return -EINVAL;
	file = fd_get_any(from);
	if (!file)
		return -EBADF;
	fd = fd_replace(file, to, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(file);
	return fd;
}
SYSCALL(330, dup3, sys_dup3, 3);

static long __syscall
sys_dup2(unsigned int from, unsigned int to)
{
	if (from != to)
		return sys_dup3(from, to, 0);
	return fd_cloexec(from, false, false) < 0 ? -EBADF : (long)to;
}
SYSCALL(63, dup2, sys_dup2, 2);

/* --- close_range --------------------------------------------------------- */

/* A table of our own, if others share it. */
static int
unshare_files(void)
{
	struct files *old = current_files(), *copy;

	if (atomic_read(&old->refs) == 1)
		return 0;
	copy = files_copy(old);
	if (!copy)
		return -ENOMEM;
	current->process->files = copy;
	files_put(old);
	return 0;
}

static long __syscall
sys_close_range(unsigned int first, unsigned int last, u32 flags)
{
	unsigned int end;

	if (first > last ||
	    (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)))
		return -EINVAL;
	if ((flags & CLOSE_RANGE_UNSHARE) && unshare_files())
		return -ENOMEM;
	end = READ_ONCE(current_files()->limit);
	for (; first < end && first <= last; first++) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			fd_cloexec(first, true, true);
		else
			fd_close(first);
	}
	return 0;
}
SYSCALL(436, close_range, sys_close_range, 3);

/* --- fcntl --------------------------------------------------------------- */

/* The flags that may change while it is open. */
static long
set_flags(unsigned int fd, bool set, u32 flags)
{
	const u32 may_change = O_APPEND | O_NONBLOCK;
	struct file *file = set ? fd_get(fd) : fd_get_any(fd);
	long result;

	if (!file)
		return -EBADF;
	if (set)
		file->flags =
			(file->flags & ~may_change) | (flags & may_change);
	result = set ? 0 : (long)(file->flags & ~O_CLOEXEC);
	if (!set && !(file->flags & O_PATH))
		result |= O_LARGEFILE;
	file_put(file);
	return result;
}

/* What needs the file itself. */
static long
file_fcntl(struct file *file, unsigned int fd, int cmd, unsigned long arg)
{
	switch (cmd) {
	case F_GETLK ... F_SETLKW:
	case F_GETLK64 ... F_SETLKW64:
	case F_OFD_GETLK ... F_OFD_SETLKW:
		return fcntl_lock(file, fd, cmd, (void __user *)arg);
	case F_SETPIPE_SZ:
	case F_GETPIPE_SZ:
		return pipe_size(file, cmd == F_SETPIPE_SZ, arg);
	default:
		return -EINVAL;
	}
}

static long __syscall
sys_fcntl64(unsigned int fd, int cmd, unsigned long arg)
{
	struct file *file;
	long result;

	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return dup_from(fd, arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_cloexec(fd, false, false);
	case F_SETFD:
		result = fd_cloexec(fd, true, arg & FD_CLOEXEC);
		return min(result, 0l);
	case F_GETFL:
	case F_SETFL:
		return set_flags(fd, cmd == F_SETFL, arg);
	}
	file = fd_get(fd);
	if (!file)
		return -EBADF;
	result = file_fcntl(file, fd, cmd, arg);
	file_put(file);
	return result;
}
SYSCALL(221, fcntl64, sys_fcntl64, 3);

/* The old one does not know the structure with 64 bits. */
static long __syscall
sys_fcntl(unsigned int fd, int cmd, unsigned long arg)
{
	if ((cmd >= F_GETLK64 && cmd <= F_SETLKW64) ||
	    (cmd >= F_OFD_GETLK && cmd <= F_OFD_SETLKW))
		cmd = -1;
	return sys_fcntl64(fd, cmd, arg);
}
SYSCALL(55, fcntl, sys_fcntl, 3);
