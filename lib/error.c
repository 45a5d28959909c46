/* error.c - error numbers in words.
 *
 *   -ENOENT --> texts[2] --> "no such file or directory (ENOENT)"
 *
 * `make lint` holds the table against errno.h.
 */
#include "error.h"
#include "errno.h"
#include "util.h"

static const char *const texts[] = {
	[EPERM] = "operation not permitted (EPERM)",
	[ENOENT] = "no such file or directory (ENOENT)",
	[ESRCH] = "no such process (ESRCH)",
	[EINTR] = "interrupted (EINTR)",
	[EIO] = "input/output error (EIO)",
	[ENXIO] = "no such device or address (ENXIO)",
	[E2BIG] = "argument list too long (E2BIG)",
	[ENOEXEC] = "not a program that can run here (ENOEXEC)",
	[EBADF] = "bad file descriptor (EBADF)",
	[ECHILD] = "no child processes (ECHILD)",
	[EAGAIN] = "resource temporarily unavailable (EAGAIN)",
	[ENOMEM] = "out of memory (ENOMEM)",
	[EACCES] = "permission denied (EACCES)",
	[EFAULT] = "bad address (EFAULT)",
	[EBUSY] = "device or resource busy (EBUSY)",
	[EEXIST] = "file exists (EEXIST)",
	[ENODEV] = "no such device (ENODEV)",
	[ENOTDIR] = "not a directory (ENOTDIR)",
	[EISDIR] = "is a directory (EISDIR)",
	[EINVAL] = "invalid argument (EINVAL)",
	[ENFILE] = "too many open files in all (ENFILE)",
	[EMFILE] = "too many open files (EMFILE)",
	[ENOTTY] = "not a terminal (ENOTTY)",
	[ETXTBSY] = "program is running, or being written (ETXTBSY)",
	[EFBIG] = "file too large (EFBIG)",
	[ENOSPC] = "no space left (ENOSPC)",
	[ESPIPE] = "illegal seek (ESPIPE)",
	[EPIPE] = "broken pipe (EPIPE)",
	[ERANGE] = "number out of range (ERANGE)",
	[EDEADLK] = "it would wait for itself (EDEADLK)",
	[ENAMETOOLONG] = "file name too long (ENAMETOOLONG)",
	[ENOLCK] = "no more locks (ENOLCK)",
	[ENOSYS] = "no such system call (ENOSYS)",
	[ENOTEMPTY] = "directory not empty (ENOTEMPTY)",
	[ELOOP] = "too many levels of symbolic links (ELOOP)",
	[ETIME] = "timer expired (ETIME)",
	[EOVERFLOW] = "value too large (EOVERFLOW)",
	[EOPNOTSUPP] = "operation not supported (EOPNOTSUPP)",
	[ETIMEDOUT] = "timed out (ETIMEDOUT)",
};

const char *
error_text(int error)
{
	unsigned int n = error < 0 ? -(unsigned int)error : (unsigned int)error;

	return n < ARRAY_SIZE(texts) && texts[n] ? texts[n] : "unknown error";
}
