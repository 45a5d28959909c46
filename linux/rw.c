/* rw.c - system calls that move bytes: read, write, with vectors, at places;
 * lseek.
 *
 *   number --fd_get--> file --ops--> read(file, buf, n, &pos)
 *                        |                               |
 *                        +-- file->pos, under pos_lock --'
 *
 *   number --the table is ours alone--> file, without a reference
 *
 * pos_lock makes two threads that read one file get different parts of it. A
 * stream (a pipe, a terminal) has no position, and nobody waits for a lock
 * there that somebody holds while he waits for data.
 */
#include "fallocate.h"
#include "drivers.h"
#include "gfp.h"
#include "process.h"
#include "slab.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"
#include "util.h"

#define COUNT_MAX 0x7FFFF000u /* of one call: the result must stay positive */

/* May it be read, or written? => 0 or -Exxx */
static __always_inline long
check(const struct file *file, bool write)
{
	if ((file->flags & O_ACCMODE) == (write ? O_RDONLY : O_WRONLY))
		return -EBADF;
	if (write ? file->ops->write != NULL : file->ops->read != NULL)
		return 0;
	if (file->flags & O_PATH)
		return -EBADF;
	return S_ISDIR(file->inode->mode) ? -EISDIR : -EINVAL;
}

/* => with a reference; ERR_PTR: it is not open, or not for this */
static struct file *
begin(unsigned int fd, bool write)
{
	struct file *file = fd_get(fd);
	long error = file ? check(file, write) : -EBADF;

	if (!error)
		return file;
	file_put(file);
	return ERR_PTR(error);
}

static void
lock_pos(struct file *file) NO_LOCK_ANALYSIS
{
	if (!file->ops->stream)
		mutex_lock(&file->pos_lock);
}

static void
unlock_pos(struct file *file) NO_LOCK_ANALYSIS
{
	if (!file->ops->stream)
		mutex_unlock(&file->pos_lock);
}

static __always_inline ssize_t
move(struct file *file, bool write, char __user *buf, size_t n, loff_t *pos)
{
	n = min(n, COUNT_MAX);
	if (!access_ok(buf, n))
		return -EFAULT;
	return write ? file->ops->write(file, buf, n, pos)
		     : file->ops->read(file, buf, n, pos);
}

/* --- read, write --------------------------------------------------------- */

static __noinline long
read_write_pos(struct file *file, bool write, char __user *buf, size_t n)
{
	long result;

	mutex_lock(&file->pos_lock);
	result = move(file, write, buf, n, &file->pos);
	mutex_unlock(&file->pos_lock);
	return result;
}

/* A stream has no position. */
static __always_inline long
read_write_file(struct file *file, bool write, char __user *buf, size_t n)
{
	long result = check(file, write);

	if (result)
		return result;
	if (likely(file->ops->stream))
		return move(file, write, buf, n, NULL);
	return read_write_pos(file, write, buf, n);
}

static __noinline long
read_write_shared(unsigned int fd, bool write, char __user *buf, size_t n)
{
	struct file *file = fd_get(fd);
	long result = -EBADF;

	if (file)
		result = read_write_file(file, write, buf, n);
	file_put(file);
	return result;
}

/* Who has the table of files for himself needs no reference: while he is here,
 * nobody closes anything, or begins to share it. */
static __always_inline long
read_write(bool write, unsigned int fd, char __user *buf, size_t n)
{
	struct files *files = current_files();
	struct file *file;

	if (atomic_read(&files->refs) != 1)
		return read_write_shared(fd, write, buf, n);
	file = fd < files->limit ? files->fd[fd] : NULL;
	return file ? read_write_file(file, write, buf, n) : -EBADF;
}

static long __syscall
sys_read(unsigned int fd, char __user *buf, size_t n)
{
	return read_write(false, fd, buf, n);
}
SYSCALL(3, read, sys_read, 3);

static long __syscall
sys_write(unsigned int fd, char __user *buf, size_t n)
{
	return read_write(true, fd, buf, n);
}
SYSCALL(4, write, sys_write, 3);

static long
read_write_at(bool write, unsigned int fd, char __user *buf, size_t n,
	      loff_t pos)
{
	struct file *file = pos < 0 ? NULL : fd_get(fd);
	long result;

	if (!file)
		return pos < 0 ? -EINVAL : -EBADF;
	result = file->ops->stream ? -ESPIPE : check(file, write);
	if (!result)
		result = move(file, write, buf, n, &pos);
	file_put(file);
	return result;
}

static long __syscall
sys_pread64(unsigned int fd, char __user *buf, size_t n, loff_t pos)
{
	return read_write_at(false, fd, buf, n, pos);
}
SYSCALL(180, pread64, sys_pread64, 5);

static long __syscall
sys_pwrite64(unsigned int fd, char __user *buf, size_t n, loff_t pos)
{
	return read_write_at(true, fd, buf, n, pos);
}
SYSCALL(181, pwrite64, sys_pwrite64, 5);

/* --- With vectors -------------------------------------------------------- */

/* Is this a stream that would make its reader wait? */
static bool
is_empty(struct file *file)
{
	return file->ops->stream && file->ops->poll &&
	       !(file->ops->poll(file) & POLLIN);
}

/* Stops at the first part that is not done whole; who has read something waits
 * for no more. */
static ssize_t
move_parts(struct file *file, bool write, const struct iovec *vec,
	   unsigned int nr, loff_t *pos)
{
	ssize_t done = 0;

	for (unsigned int i = 0; i < nr; i++) {
		ssize_t n;

		if (done && !write && is_empty(file))
			break;
		n = move(file, write, vec[i].base, vec[i].len, pos);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < vec[i].len)
			break;
	}
	return done;
}

/* The user's vector, checked, and cut to what a call can move.
 * => 0, -EFAULT, -EINVAL */
static int
copy_vec(struct iovec *vec, const struct iovec __user *user, unsigned int nr)
{
	size_t total = 0;

	if (copy_from_user(vec, user, nr * sizeof(*vec)))
		return -EFAULT;
	for (unsigned int i = 0; i < nr; i++) {
		if ((s32)vec[i].len < 0)
			return -EINVAL;
		vec[i].len = min(vec[i].len, COUNT_MAX - total);
		total += vec[i].len;
	}
	return 0;
}

static ssize_t
move_vec(struct file *file, bool write, const struct iovec *vec,
	 unsigned int nr, loff_t *at)
{
	ssize_t result;

	if (at)
		return move_parts(file, write, vec, nr, at);
	lock_pos(file);
	result = move_parts(file, write, vec, nr, &file->pos);
	unlock_pos(file);
	return result;
}

/* at: where; NULL: at its position. */
static long
read_write_vec(bool write, unsigned int fd, const struct iovec __user *user,
	       unsigned int nr, loff_t *at)
{
	struct iovec few[8], *vec = few;
	struct file *file;
	long result;

	if (nr > IOV_MAX)
		return -EINVAL;
	file = begin(fd, write);
	if (IS_ERR(file))
		return PTR_ERR(file);
	if (at && file->ops->stream) {
		file_put(file);
		return -ESPIPE;
	}
	if (nr > ARRAY_SIZE(few))
		vec = call_alloc(nr * sizeof(*vec));
	result = vec ? copy_vec(vec, user, nr) : -ENOMEM;
	if (!result)
		result = move_vec(file, write, vec, nr, at);
	if (vec != few)
		call_free(vec, nr * sizeof(*vec));
	file_put(file);
	return result;
}

static long __syscall
sys_readv(unsigned int fd, const struct iovec __user *vec, unsigned int nr)
{
	return read_write_vec(false, fd, vec, nr, NULL);
}
SYSCALL(145, readv, sys_readv, 3);

static long __syscall
sys_writev(unsigned int fd, const struct iovec __user *vec, unsigned int nr)
{
	return read_write_vec(true, fd, vec, nr, NULL);
}
SYSCALL(146, writev, sys_writev, 3);

static long __syscall
sys_preadv(unsigned int fd, const struct iovec __user *vec, unsigned int nr,
	   loff_t pos)
{
	return pos < 0 ? -EINVAL : read_write_vec(false, fd, vec, nr, &pos);
}
SYSCALL(333, preadv, sys_preadv, 5);

static long __syscall
sys_pwritev(unsigned int fd, const struct iovec __user *vec, unsigned int nr,
	    loff_t pos)
{
	return pos < 0 ? -EINVAL : read_write_vec(true, fd, vec, nr, &pos);
}
SYSCALL(334, pwritev, sys_pwritev, 5);

/* --- lseek --------------------------------------------------------------- */

static loff_t
seek_locked(struct file *file, loff_t offset, unsigned int whence)
{
	loff_t base = 0;

	if (S_ISCHR(file->inode->mode)) /* anything is its beginning */
		offset = 0;
	else if (whence == SEEK_CUR)
		base = file->pos;
	else if (whence == SEEK_END)
		base = file->inode->size;
	else if (whence == SEEK_DATA || whence == SEEK_HOLE)
		offset = file->ops == &ramfs_file_ops
				 ? seek_hole(file->inode, offset,
					     whence == SEEK_DATA)
				 : -EINVAL;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset == -ENXIO && whence > SEEK_END)
		return offset;
	if (__builtin_add_overflow(base, offset, &offset) || offset < 0)
		return -EINVAL;
	file->pos = offset;
	return offset;
}

static loff_t
seek(unsigned int fd, loff_t offset, unsigned int whence)
{
	struct file *file = fd_get(fd);
	loff_t result = -ESPIPE;

	if (!file)
		return -EBADF;
	if (!file->ops->stream) {
		mutex_lock(&file->pos_lock);
		result = seek_locked(file, offset, whence);
		mutex_unlock(&file->pos_lock);
	}
	file_put(file);
	return result;
}

static long __syscall
sys_lseek(unsigned int fd, s32 offset, unsigned int whence)
{
	loff_t result = seek(fd, offset, whence);

	return result > FILE_SIZE_MAX ? -EOVERFLOW : (long)result;
}
SYSCALL(19, lseek, sys_lseek, 3);

static long __syscall
sys_llseek(unsigned int fd, u32 high, u32 low, loff_t __user *to,
	   unsigned int whence)
{
	loff_t result = seek(fd, (loff_t)((u64)high << 32 | low), whence);

	if (result < 0)
		return (long)result;
	return put_user(result, to);
}
SYSCALL(140, _llseek, sys_llseek, 5);
