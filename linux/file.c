/* file.c - open files, and the numbers that a process has for them.
 *
 *   files->fd   [ * ][ * ][ * ][   ][ * ]      cloexec   0 0 0 . 1
 *                 |    |    |         |
 *                 '----+----'         v
 *                      v           struct file
 *                 struct file      refs 1
 *                 refs 3           (+ 1 for each system call at work on it)
 *
 * Whoever works on a file holds a reference: another thread may close the
 * number meanwhile, and take it for another file. Only read and write, which
 * the table's one thread does, go without (rw.c).
 *
 * Locking: files->lock is for the table alone. What is taken out of it is put
 * after it has been released, since the last reference may have to sleep.
 */
#include "lock.h"
#include "gfp.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "test.h"
#include "util.h"
#include "writers.h"

static atomic_t nr_files;

static long
count_files(void)
{
	return atomic_read(&nr_files);
}
LEAK_COUNTER("open files", count_files);

/* --- Files --------------------------------------------------------------- */

static const struct file_ops *
ops_of(const struct inode *inode)
{
	return S_ISCHR(inode->mode) ? dev_ops(inode->rdev) : inode->file_ops;
}

static void
free_file(struct file *file)
{
	inode_put(file->inode);
	account_uncharge(file->account, sizeof(*file));
	kfree(file);
	atomic_dec(&nr_files);
}

/* O_PATH: nothing can be done with what it is, only with where it is. */
static const struct file_ops path_file_ops = {0};

static bool
has_write_access(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY &&
	       file->ops == &ramfs_file_ops;
}

struct file *
file_open(struct inode *inode, u32 flags)
{
	const struct file_ops *ops =
		flags & O_PATH ? &path_file_ops : ops_of(inode);
	struct file *file;
	int error;

	if (!ops)
		return ERR_PTR(-ENXIO);
	if (!account_charge(current_account(), sizeof(*file)))
		return ERR_PTR(-ENFILE);
	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file) {
		account_uncharge(current_account(), sizeof(*file));
		return ERR_PTR(-ENOMEM);
	}
	file->account = current_account();
	atomic_set(&file->refs, 1);
	file->inode = inode_get(inode);
	file->ops = ops;
	file->flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC);
	mutex_init(&file->pos_lock);
	atomic_inc(&nr_files);
	error = ops->open ? ops->open(file) : 0;
	if (!error && has_write_access(file))
		error = inode_get_write(inode);
	if (!error)
		return file;
	free_file(file);
	return ERR_PTR(error);
}

struct file *
file_get(struct file *file)
{
	atomic_inc(&file->refs);
	return file;
}

void
file_put(struct file *file)
{
	if (!file || !atomic_dec_and_test(&file->refs))
		return;
	locks_drop(file->inode, file);
	if (file->ops->release)
		file->ops->release(file);
	if (has_write_access(file))
		inode_put_write(file->inode);
	free_file(file);
}

/* --- The table ----------------------------------------------------------- */

struct files *
files_create(void)
{
	struct files *files = kmalloc(sizeof(*files), GFP_KERNEL);

	if (!files)
		return NULL;
	atomic_set(&files->refs, 1);
	spin_lock_init(&files->lock);
	files->limit = 0;
	files->max = NR_FDS;
	memset(files->cloexec, 0, sizeof(files->cloexec));
	return files;
}

struct files *
files_copy(struct files *files)
{
	struct files *copy = files_create();

	if (!copy)
		return NULL;
	spin_lock(&files->lock);
	copy->limit = files->limit;
	copy->max = files->max;
	memcpy(copy->cloexec, files->cloexec, sizeof(copy->cloexec));
	for (unsigned int fd = 0; fd < files->limit; fd++) {
		copy->fd[fd] = files->fd[fd];
		if (copy->fd[fd])
			file_get(copy->fd[fd]);
	}
	spin_unlock(&files->lock);
	return copy;
}

/* It is no longer in the table: nor are the records that the program has. */
static void
close_file(struct files *files, struct file *file)
{
	if (!file)
		return;
	if (!(file->flags & O_PATH))
		locks_drop(file->inode, files);
	file_put(file);
}

struct files *
files_get(struct files *files)
{
	atomic_inc(&files->refs);
	return files;
}

void
files_put(struct files *files)
{
	if (!files || !atomic_dec_and_test(&files->refs))
		return;
	for (unsigned int fd = 0; fd < files->limit; fd++)
		close_file(files, files->fd[fd]);
	kfree(files);
}

static bool
is_cloexec(const struct files *files, unsigned int fd)
{
	return files->cloexec[fd / 32] >> fd % 32 & 1;
}

static void
set_cloexec(struct files *files, unsigned int fd, bool on)
{
	files->cloexec[fd / 32] &= ~(1u << fd % 32);
	files->cloexec[fd / 32] |= (u32)on << fd % 32;
}

/* The file at this number, no longer there. => with the table's reference */
static struct file *
take_out(struct files *files, unsigned int fd, bool only_cloexec)
{
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (fd < files->limit && (!only_cloexec || is_cloexec(files, fd))) {
		file = files->fd[fd];
		files->fd[fd] = NULL;
	}
	spin_unlock(&files->lock);
	return file;
}

void
files_close_on_exec(struct files *files)
{
	for (unsigned int fd = 0; fd < files->limit; fd++)
		close_file(files, take_out(files, fd, true));
}

struct file *
fd_get_any(unsigned int fd)
{
	struct files *files = current_files();
	struct file *file = NULL;

	spin_lock(&files->lock);
	if (fd < files->limit && files->fd[fd])
		file = file_get(files->fd[fd]);
	spin_unlock(&files->lock);
	return file;
}

struct file *
fd_get(unsigned int fd)
{
	struct file *file = fd_get_any(fd);

	if (!file || likely(!(file->flags & O_PATH)))
		return file;
	file_put(file);
	return NULL;
}

int
fd_close(unsigned int fd)
{
	struct files *files = current_files();
	struct file *file = take_out(files, fd, false);

	if (!file)
		return -EBADF;
	close_file(files, file);
	return 0;
}

/* => files->lock */
static void
put_in(struct files *files, unsigned int fd, struct file *file, bool cloexec)
{
	while (files->limit <= fd)
		files->fd[files->limit++] = NULL;
	files->fd[fd] = file;
	set_cloexec(files, fd, cloexec);
}

/* The lowest number that is free, or -EMFILE. => files->lock */
static int
find_free(const struct files *files, unsigned int from)
{
	unsigned int fd = from;

	while (fd < files->limit && files->fd[fd])
		fd++;
	return fd < files->max ? (int)fd : -EMFILE;
}

bool
fd_is_left(void)
{
	struct files *files = current_files();
	bool left;

	spin_lock(&files->lock);
	left = find_free(files, 0) >= 0;
	spin_unlock(&files->lock);
	return left;
}

int
fd_install(struct file *file, unsigned int from, bool cloexec)
{
	struct files *files = current_files();
	int fd;

	if (from && from >= READ_ONCE(files->max))
		return -EINVAL;
	spin_lock(&files->lock);
	fd = find_free(files, from);
	if (fd >= 0)
		put_in(files, (unsigned int)fd, file, cloexec);
	spin_unlock(&files->lock);
	return fd;
}

int
fd_replace(struct file *file, unsigned int fd, bool cloexec)
{
	struct files *files = current_files();
	struct file *before;

	if (fd >= READ_ONCE(files->max))
		return -EBADF;
	spin_lock(&files->lock);
	before = fd < files->limit ? files->fd[fd] : NULL;
	put_in(files, fd, file, cloexec);
	spin_unlock(&files->lock);
	close_file(files, before);
	return fd;
}

int
fd_cloexec(unsigned int fd, bool set, bool on)
{
	struct files *files = current_files();
	int result = -EBADF;

	spin_lock(&files->lock);
	if (fd < files->limit && files->fd[fd]) {
		if (set)
			set_cloexec(files, fd, on);
		result = is_cloexec(files, fd) ? FD_CLOEXEC : 0;
	}
	spin_unlock(&files->lock);
	return result;
}

/* --- Without processes --------------------------------------------------- */

struct fs_struct *
fs_copy(struct fs_struct *fs)
{
	struct fs_struct *copy = kmalloc(sizeof(*copy), GFP_KERNEL);

	if (!copy)
		return NULL;
	atomic_set(&copy->refs, 1);
	mutex_lock(&fs_lock);
	copy->cwd = inode_get(fs->cwd);
	mutex_unlock(&fs_lock);
	copy->umask = fs->umask;
	return copy;
}

void
fs_put(struct fs_struct *fs)
{
	if (!fs || !atomic_dec_and_test(&fs->refs))
		return;
	inode_put(fs->cwd);
	kfree(fs);
}

/* Of all kernel threads: always shared. */
struct files kernel_files = {.refs = ATOMIC_INIT(2), .max = NR_FDS};
static struct fs_struct kernel_fs = {.refs = ATOMIC_INIT(1), .umask = 022};

static struct fs_struct *
no_fs(void)
{
	return &kernel_fs;
}

static void
no_action(void)
{
}

static void
no_group(int pgrp __maybe_unused, int signal __maybe_unused)
{
}

static int
no_id(void)
{
	return 0;
}

static int
no_next(int after __maybe_unused)
{
	return 0;
}

static bool
no_such_group(int pgrp __maybe_unused, int session __maybe_unused)
{
	return false;
}

static int
no_jobs(int foreground __maybe_unused, int signal __maybe_unused)
{
	return 0;
}

static const struct process_ops no_processes = {
	.fs = no_fs,
	.send_sigpipe = no_action,
	.signal_group = no_group,
	.to_monitor = no_action,
	.session = no_id,
	.pid = no_id,
	.group_exists = no_such_group,
	.job_control = no_jobs,
	.next_pid = no_next,
};
const struct process_ops *process_ops = &no_processes;
