/* fs.h - files: what has a name, what is open, and what connects the two.
 *
 *   struct files     struct file          struct inode
 *   fd 0 ---------> [ pos, flags ] ----> [ mode, size ] ----> pages
 *   fd 1 --------------^                     ^   ^
 *   fd 2 ---------> [ pos, flags ] ----------'   |
 *                                                | a name in a directory
 *                   struct inode (a directory) --'
 *
 * Who holds a pointer counts as a reference: inode_get and inode_put, file_get
 * and file_put. What nobody refers to is gone, so an unlinked file lives until
 * it is closed.
 *
 * There is one file system, in memory, and it is all page cache: no disk to
 * read from or to write back to.
 *
 * Locks, outermost first: file->pos_lock, fs_lock (names: who is in which
 * directory, under what name), inode->writing (one writer), the mm's lock, which
 * user copies may take, inode->lock (size and pages). So nobody copies from or
 * to a user with inode->lock held, nor with fs_lock: the copy may sleep long.
 */
#ifndef LINUX_FS_H
#define LINUX_FS_H

#include "atomic.h"
#include "err.h"
#include "errno.h"
#include "list.h"
#include "mutex.h"
#include "signal.h"
#include "spinlock.h"
#include "table.h"
#include "uapi.h"
#include "wait.h"

struct account;
struct file;
struct inode;
struct page;

/* --- Inodes (inode.c) ---------------------------------------------------- */

/* What a directory can do that makes up what is in it, besides the entries
 * that it has: lookup gives the inode of that name with a reference, or
 * ERR_PTR; readdir emits what lies at or behind pos (see struct dirents). */
struct dirents;
struct inode_ops {
	struct inode *(*lookup)(struct inode *dir, const char *name,
				size_t len);
	void (*readdir)(struct inode *dir, struct dirents *to);
};

/* A file's pages by number (pagetree.c). */
struct page_tree {
	void *root;          /* a node; height 0: the page number 0 */
	unsigned int height; /* of nodes above the pages */
};

/* (C) constant (F) fs_lock (L) lock (R) atomic */
struct inode {
	atomic_t refs; /* (R) */
	u32 ino;       /* (C) */
	u32 mode;      /* S_IF* (C), rights (F) */
	u32 nlink;     /* names; of a directory: 2 and its subdirs (F) */
	u32 uid, gid;  /* whose, as chown said; kept, no more (F) */
	u32 rdev;      /* of a device: major << 8 | minor (C) */
	struct inode_times {
		u64 atime, mtime, ctime; /* microseconds since 1970 (L) */
	} times;
	struct mutex writing; /* one writer at a time, or truncate */
	struct mutex lock;

	/* A file: there is no page where nothing was ever written. */
	u32 size;               /* bytes (L) */
	u32 nr_pages;           /* (L) */
	struct page_tree pages; /* (L) */

	/* A directory. */
	struct list_head entries; /* of struct entry, oldest first (F) */
	u32 next_cookie;          /* where readdir finds the next new one (F) */
	struct entry *cursor;     /* the last that readdir gave, or NULL (F) */
	const struct inode_ops *ops; /* or NULL (C) */

	/* Its oldest name; the last one stays when it is removed, and is ours. */
	struct inode *parent; /* a reference; the root is its own (F) */
	struct entry *name;   /* in there; NULL: it never had one (F) */

	char *target; /* of a symbolic link; ours (C) */

	const struct file_ops *file_ops; /* what open gives (C) */
	const void *private;             /* for them (C) */
	int pid;                         /* whose, in /proc; 0: nobody's (C) */
	struct account *account; /* its maker's; NULL: the file system's (C) */
	struct list_head locks;  /* lock.c */
	int writers; /* open files that may write, or programs: negative (L) */
};

extern struct inode *fs_root;
extern struct mutex fs_lock;

/* inode_create: an inode without a name; a directory has no parent yet. It is
 * charged to the account, with whatever belongs to it; NULL: to the file system.
 * => process context; one reference, the caller's; ERR_PTR(-ENOMEM, -ENOSPC) */
struct inode *inode_create_for(u32 mode, struct account *account);
static inline struct inode *
inode_create(u32 mode)
{
	return inode_create_for(mode, NULL);
}
struct inode *inode_get(struct inode *inode);
void inode_put(struct inode *inode); /* NULL is allowed; takes no fs_lock */

/* inode_page: a page of a file, as it is cached.
 * => process context; with a reference for the caller; NULL where nothing was
 *    written yet, or with `create` a new one of zeroes, or ERR_PTR(-ENOMEM) */
struct page *inode_page(struct inode *inode, unsigned long index, bool create);

/* inode_get_page: likewise for a mapping of it: what a page fault needs.
 * => ERR_PTR(-EFAULT) behind the end of the file */
struct page *inode_get_page(struct inode *inode, unsigned long index);

/* inode_write: from kernel memory, as write() does. inode_read: to it.
 * => process context; the count, short at the end or without memory; -Exxx */
ssize_t inode_read(struct inode *inode, void *buf, size_t n, loff_t pos);
ssize_t inode_write(struct inode *inode, const void *buf, size_t n, loff_t pos);

/* inode_truncate: a new size; what is added is 0. => 0, -EINVAL, -EFBIG */
int inode_truncate(struct inode *inode, loff_t size);

/* inode_truncate_path: the same for who has not opened it to write. => -ETXTBSY */
int inode_truncate_path(struct inode *inode, loff_t size);

/* anon_shared_object: a file without a name, for memory that is shared.
 * => ERR_PTR(-ENOMEM, -ENOSPC) */
struct inode *anon_shared_object(size_t size);

/* nr_cached_pages, nr_inodes: of all inodes. fs_used_pages: what the file system
 * has, with names and inodes. max_cached_pages: so many it may have, when it is
 * programs who ask. */
unsigned long fs_used_pages(void);
unsigned long nr_cached_pages(void);
unsigned long max_cached_pages(void);
unsigned long nr_inodes(void);

#define FILE_SIZE_MAX 0x7FFFFFFF /* as for a program without large files */

/* fs_now: microseconds since 1970. inode_touch: what is in it changes now.
 * inode_changed: or what is known about it. inode_accessed: it is read, which is
 * kept once after each change. inode_times: its times.
 * => process context, its lock free */
u64 fs_now(void);
void inode_touch(struct inode *inode);
void inode_changed(struct inode *inode);
void inode_accessed(struct inode *inode);
struct inode_times inode_times(struct inode *inode);

/* --- Names (path.c) ------------------------------------------------------ */

/* Where a path leads. => between path_walk and path_end, fs_lock held; path_walk
 * itself may release it on its way */
struct path {
	struct inode *dir;   /* in which the last name is looked up */
	struct inode *inode; /* what has it; NULL: nothing */
	const char *name;    /* not terminated; len 0: the path was "/" */
	size_t len;
	bool slash; /* there was a / behind it: it must be a directory */
	char *kept; /* the path itself, ours */
	char *buf;  /* and what symbolic links made of it, ours */
	unsigned int links; /* how many of them */
};

#define PATH_FOLLOW 1u /* the last name, if it is a symbolic link */
#define PATH_EMPTY  2u /* "" is the directory itself */
#define PATH_EXISTS 4u /* it must: else -ENOENT */
#define PATH_NAME   8u /* it is about the name: see below */

/* path_walk: from the directory dfd (AT_FDCWD: where we are), unless the path
 * is absolute. path_walk_user: the path is the user's; takes fs_lock.
 * With PATH_NAME a slash at the end does not follow a link, and it is for the
 * caller to say that what has the name is no directory.
 * => 0, then path_end when done with it; -Exxx: nothing is held, or locked */
int path_walk(struct path *path, int dfd, const char *name, unsigned int flags)
	REQUIRES(fs_lock);
int path_walk_user(struct path *path, int dfd, const char __user *name,
		   unsigned int flags);
void path_end(struct path *path) REQUIRES(fs_lock);
void path_end_user(struct path *path); /* and fs_lock is free */

/* path_again: another walk came after this one, and may have let others in: what
 * has the last name now? No link is followed. => 0, -Exxx; then path_end */
int path_again(struct path *path) REQUIRES(fs_lock);

/* path_is_dots: is the last name . or .. or nothing? */
bool path_is_dots(const struct path *path);

/* path_lookup: for the kernel's own use.
 * => an inode with a reference, or ERR_PTR */
struct inode *path_lookup(const char *name, int dfd);

/* path_create: at the place where a walk ended at nothing: a new inode.
 * => with a reference for the caller; ERR_PTR(-EEXIST, -ENOMEM, -ENOENT,
 *    -ENOSPC) */
struct inode *path_create(struct path *path, u32 mode) REQUIRES(fs_lock);

/* fs_create: the same from a path; directories, too. Used at boot.
 * => target of a symbolic link, else NULL */
struct inode *fs_create(const char *name, u32 mode, const char *target);

/* path_of: the path of an inode that has a name, or is the root, at the end of
 * buf: the oldest one; " (deleted)" behind it if it was removed.
 * => where it begins, or ERR_PTR(-ENAMETOOLONG): size is too small */
char *path_of(const struct inode *inode, char *buf, size_t size)
	REQUIRES(fs_lock);

/* user_string: a path from user space. => kmalloc'd, or ERR_PTR(-EFAULT,
 * -ENAMETOOLONG, -ENOMEM) */
char *user_string(const char __user *from);

/* --- The names in directories (entry.c) ---------------------------------- */

/* A directory's entry, or what was one. => fs_lock */
struct entry {
	struct entry *chain; /* the next with the same hash, or NULL ... */
	struct entry **chained_at; /* ... and what points to this one */
	struct list_head link;     /* in dir->entries */
	struct list_head same;     /* other names of the inode: a circle */
	struct inode *inode;       /* a reference, while it is in a directory */
	struct inode *dir;         /* which one */
	u32 cookie; /* grows along the list; from FIRST_COOKIE on */
	u8 len;
	char name[];
};
#define FIRST_COOKIE 2u

/* entries_init: there can be some. => boot
 * entry_find: NULL if there is none. entry_add: a name for an inode, which
 * gets a reference more. => 0, -ENOMEM, -ENOSPC. entry_remove: and the
 * reference; the inode remembers the last one. entry_free: one that is in no
 * directory; NULL is allowed.
 * entry_from: the first with a cookie of pos or more, or one before it: with
 * entry_next from there on. NULL: none. => all with fs_lock */
void entries_init(void);
void entry_free(struct entry *entry);
struct entry *entry_find(struct inode *dir, const char *name, size_t len);
struct entry *entry_from(const struct inode *dir, loff_t pos);
struct entry *entry_next(const struct inode *dir, struct entry *entry);
int __must_check entry_add(struct inode *dir, const char *name, size_t len,
			   struct inode *inode);
void entry_remove(struct inode *dir, struct entry *entry);

/* --- Directories, read (dir.c) ------------------------------------------- */

/* dirents_emit: one entry, if pos has come so far. => false: no room left */
struct dirents {
	char *buf;   /* struct dirent64, one behind the other */
	size_t size; /* of buf */
	size_t used;
	loff_t pos; /* of the next to emit; in: what was read already */
	bool full;  /* the last one did not fit */
	bool old;   /* as getdents gives them, not getdents64 */
};
bool dirents_emit(struct dirents *to, loff_t pos, const char *name, size_t len,
		  const struct inode *inode);
#define DIRENTS_MADE_UP 0x40000000 /* pos of the first one not in entries */

/* --- Open files (file.c) ------------------------------------------------- */

struct file_ops {
	/* => the count or -Exxx; advances *pos */
	ssize_t (*read)(struct file *file, char __user *buf, size_t n,
			loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos);
	unsigned int (*poll)(struct file *file); /* POLL*; NULL: always ready */
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*open)(struct file *file);
	void (*release)(struct file *file); /* the last reference went */
	bool stream;                        /* no positions: -ESPIPE */
};

struct file {
	atomic_t refs;
	struct inode *inode; /* a reference */
	const struct file_ops *ops;
	void *private;
	struct account *account; /* its maker's (C) */
	u32 flags;               /* O_*; NONBLOCK and APPEND may change */
	struct mutex pos_lock;   /* not for streams */
	loff_t pos;
};

extern const struct file_ops ramfs_file_ops, dir_file_ops, pipe_file_ops;

/* file_open: an inode, as the flags say. => a reference; ERR_PTR(-Exxx): -ENFILE
 * if the running program may not have one more. The inode gets a reference of its
 * own.
 * file_open_path: by name, O_CREAT and so on; mode: of what is created. */
struct file *file_open(struct inode *inode, u32 flags);
struct file *file_open_path(const char *name, u32 flags, u32 mode);
struct file *file_get(struct file *file);
void file_put(struct file *file); /* NULL is allowed */

/* kernel_read: from a regular file. => the count, or -Exxx */
ssize_t kernel_read(struct file *file, void *buf, size_t n, loff_t pos);

/* --- Descriptors (file.c) ------------------------------------------------ */

#define NR_FDS 256

struct files {
	atomic_t refs; /* threads that share it */
	spinlock_t lock;
	unsigned int limit; /* no file at this number or above */
	unsigned int max;   /* RLIMIT_NOFILE: nor a new one here or above */
	u32 cloexec[NR_FDS / 32];
	struct file *fd[NR_FDS];
};
extern struct files kernel_files; /* of all kernel threads */

/* files_create: nothing open; NULL without memory. files_copy: the same files
 * open. files_get, files_put: one more, one less that shares them; the last
 * one closes them. files_close_on_exec: those marked so. */
struct files *files_create(void);
struct files *files_copy(struct files *files);
struct files *files_get(struct files *files);
void files_put(struct files *files);
void files_close_on_exec(struct files *files);

/* fd_get: the file with a reference for the caller; NULL: not open, or only with
 * O_PATH; fd_get_any: that, too.
 * fd_install: the file under the lowest number free from `from` on; takes the
 * caller's reference if that succeeds. => the number; -EMFILE, -EINVAL
 * fd_is_left: is there a number that is free? Before something is done that
 * would be in vain without.
 * fd_close: => 0 or -EBADF */
struct file *fd_get(unsigned int fd);
struct file *fd_get_any(unsigned int fd);
int fd_install(struct file *file, unsigned int from, bool cloexec);
bool fd_is_left(void);
int fd_close(unsigned int fd);

/* fd_install_or_put: likewise, and takes the reference in any case; the file may
 * be an error, which is the result then. */
long fd_install_or_put(struct file *file, unsigned int from, bool cloexec);

/* fd_replace: exactly this number; what had it is closed. => fd, or -EBADF: no
 * such number, and the reference is still the caller's
 * fd_cloexec: is it closed on exec? `set`: from now on if `on`. => FD_CLOEXEC,
 * 0, or -EBADF */
int fd_replace(struct file *file, unsigned int fd, bool cloexec);
int fd_cloexec(unsigned int fd, bool set, bool on);

/* Where a process is, and what it takes off the rights of new files; shared by
 * threads (CLONE_FS). fs_copy: NULL without memory. */
struct fs_struct {
	atomic_t refs;
	struct inode *cwd; /* a reference (F) */
	u32 umask;
};
struct fs_struct *fs_copy(struct fs_struct *fs);
void fs_put(struct fs_struct *fs);

/* --- Pipes, devices, the terminal, /proc --------------------------------- */

/* dev_ops: of the character device with that number, or NULL. */
const struct file_ops *dev_ops(u32 rdev);
#define MKDEV(major, minor) ((u32)(major) << 8 | (minor))
#define DEV_ZERO            MKDEV(1, 5)

/* random_bytes: not for secrets: a xorshift started from the time stamp
 * counter. => any context */
void random_bytes(void *buf, size_t n);

/* random_to_user: the same for a program, which a signal may cut short.
 * => process context; the count, -EFAULT */
ssize_t random_to_user(char __user *buf, size_t n);

extern const struct file_ops tty_file_ops;

/* tty_take: from now on what is typed is the terminal's, not the monitor's, and
 * pgrp is in the foreground. tty_give_back: the monitor's again.
 * tty_input: one character was typed. => any context */
void tty_take(int pgrp);
void tty_give_back(void);
bool tty_input(char c);

/* A file in /proc, made when it is read from the start. `pid` is 0 for those
 * of /proc itself. => 0; -ESRCH: there is no such process any more
 * Or a symbolic link: what it leads to, made when it is looked up, kmalloc'd.
 * => ERR_PTR(-ENOENT, -ENOMEM); fs_lock */
struct seq;
struct proc_file {
	const char *name;
	int (*show)(struct seq *seq, int pid);
	char *(*link)(int pid);
};
extern struct table_range proc_files, proc_pid_files;
#define PROC_FILE(name_, show_)                                         \
	static const struct proc_file proc_##show_ = {.name = #name_,   \
						      .show = (show_)}; \
	TABLE_ADD(proc_files, proc_##show_)
#define PROC_PID_FILE(name_, show_)                                         \
	static const struct proc_file proc_pid_##show_ = {.name = #name_,   \
							  .show = (show_)}; \
	TABLE_ADD(proc_pid_files, proc_pid_##show_)
#define PROC_PID_LINK(name_, link_)                                         \
	static const struct proc_file proc_pid_##link_ = {.name = #name_,   \
							  .link = (link_)}; \
	TABLE_ADD(proc_pid_files, proc_pid_##link_)

/* fs_init: the root, /dev, /proc; the archives that the loader brought.
 * => boot, process context
 * dev_init, proc_init: called by it. => 0 or -ENOMEM */
void fs_init(void);
int dev_init(void);
int proc_init(void);

/* proc_pid_file: the one of that name; NULL if there is none. */
const struct proc_file *proc_pid_file(const char *name, size_t len);

/* initramfs_unpack: a cpio archive (newc) into the root. A broken one: said
 * so in the log, and what is behind the mistake is left out.
 * => process context; the number of entries made, or -EINVAL, -ENOMEM */
int initramfs_unpack(const void *start, size_t size);

/* --- What files need to know of processes -------------------------------- */

/* Set once there are some; until then the kernel's own.
 * => signal_group and to_monitor: any context, interrupts off; next_pid and pid
 *    with fs_lock held; the others in process context */
struct process_ops {
	struct fs_struct *(*fs)(void); /* current's */
	void (*send_sigpipe)(void);    /* to current */
	void (*signal_group)(int pgrp, int signal);
	void (*to_monitor)(void); /* Ctrl-\ was typed */
	int (*session)(void);     /* current's */
	int (*pid)(void);
	bool (*group_exists)(int pgrp, int session);    /* in that session */
	int (*job_control)(int foreground, int signal); /* see process.h */
	int (*next_pid)(int after); /* the first one above; 0: none */
};
extern const struct process_ops *process_ops;

/* Beside errno.h, in the kernel only: of a call that a signal has interrupted.
 * It gives EINTR, or begins again where the handler has SA_RESTART. Where no
 * handler runs, it begins again in all of these cases; the last one by
 * restart_syscall. */
#define ERESTARTSYS           512
#define ERESTARTNOINTR        513 /* with a handler, too, it begins again */
#define ERESTARTNOHAND        514 /* with a handler always EINTR */
#define ERESTART_RESTARTBLOCK 516 /* likewise */

/* wait_interruptible_once: unless cond, sleep until woken, or a signal; the caller
 * looks again. => 0, -ERESTARTSYS
 * wake_waiting: whoever waits so; quick where nobody does. The cond was made
 * true before a locked instruction (a lock's release) before this. */
#define wait_interruptible_once(queue, cond)                              \
	({                                                                \
		DEFINE_WAIT(wi_entry_);                                   \
		int wi_error_ = 0;                                        \
                                                                          \
		prepare_to_wait((queue), &wi_entry_, TASK_INTERRUPTIBLE); \
		if (!(cond)) {                                            \
			if (signal_pending())                             \
				wi_error_ = -ERESTARTSYS;                 \
			else                                              \
				schedule();                               \
		}                                                         \
		finish_wait((queue), &wi_entry_);                         \
		wi_error_;                                                \
	})
static inline void
wake_waiting(wait_queue_head_t *queue)
{
	if (!list_empty(&queue->head))
		wake_up(queue);
}

/* poll_queue: who is in poll() sleeps here. poll_changed: look again. */
extern wait_queue_head_t poll_queue;
extern atomic_t nr_polling;
static inline void
poll_changed(void)
{
	if (atomic_read(&nr_polling))
		wake_up_all(&poll_queue);
}

#endif
