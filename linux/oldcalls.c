/* oldcalls.c - numbers from before users, files and times grew: each is another
 * call, once its arguments or its result are translated.
 *
 *   chown(name, 0xFFFF, 7) --the ids from argument 1 on--> chown32(name, -1, 7)
 *   select(&block)         --its arguments lie there-----> _newselect(...)
 *   stat(name, &old)       --narrower, or EOVERFLOW------- stat64
 *
 * In the calls' own files: what differs in more than that (truncate, utimes,
 * getdents, statfs, fcntl).
 */
#include "fs.h"
#include "stat.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

static long
instead(unsigned int number, const long args[6])
{
	return syscall_table[number](args[0], args[1], args[2], args[3],
				     args[4], args[5]);
}

/* --- Users and groups of 16 bits ----------------------------------------- */

/* The arguments from `first` on are numbers of users: -1 is -1. */
static long
widen(unsigned int number, unsigned int first, long a, long b, long c)
{
	long args[6] = {a, b, c};

	for (unsigned int i = first; i < 3; i++)
		args[i] = (u16)args[i] == 0xFFFF ? -1 : (u16)args[i];
	return instead(number, args);
}

#define NARROW(number_, name_, nr_args_, instead_, first_)           \
	static long __syscall narrow_##name_(long a, long b, long c) \
	{                                                            \
		return widen((instead_), (first_), a, b, c);         \
	}                                                            \
	SYSCALL(number_, name_, narrow_##name_, nr_args_)

NARROW(16, lchown, 3, 198, 1);
NARROW(23, setuid, 1, 213, 0);
NARROW(46, setgid, 1, 214, 0);
NARROW(70, setreuid, 2, 203, 0);
NARROW(71, setregid, 2, 204, 0);
NARROW(80, getgroups, 2, 205, 3);
NARROW(81, setgroups, 2, 206, 3);
NARROW(95, fchown, 3, 207, 1);
NARROW(164, setresuid, 3, 208, 0);
NARROW(170, setresgid, 3, 210, 0);
NARROW(182, chown, 3, 212, 1);

/* --- Arguments in memory ------------------------------------------------- */

static long __syscall
sys_old_select(const long __user *block)
{
	long args[6] = {0};

	if (copy_from_user(args, block, 5 * sizeof(*args)))
		return -EFAULT;
	return instead(142, args);
}
SYSCALL(82, select, sys_old_select, 1);

/* The last one counts bytes, not pages. */
static long __syscall
sys_old_mmap(const long __user *block)
{
	long args[6];

	if (copy_from_user(args, block, sizeof(args)))
		return -EFAULT;
	if (args[5] % PAGE_SIZE)
		return -EINVAL;
	args[5] = (u32)args[5] / PAGE_SIZE;
	return instead(192, args);
}
SYSCALL(90, mmap, sys_old_mmap, 1);

/* --- stat ---------------------------------------------------------------- */

struct old_stat {
	u32 dev, ino;
	u16 mode, nlink, uid, gid;
	u32 rdev, size, blksize, blocks;
	struct {
		u32 sec, nsec;
	} atime, mtime, ctime;
	u32 unused[2];
};
static_assert(sizeof(struct old_stat) == 64, "i386's struct stat");

static u16
narrow_id(u32 id)
{
	return id > 0xFFFF ? 65534 : id; /* as Linux says: the overflow id */
}

/* Takes the reference of its inode, which may be an error. */
static long
put_old_stat(struct inode *inode, struct old_stat __user *to)
{
	struct stat64 st;
	struct old_stat old = {0};

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_stat(inode, &st);
	inode_put(inode);
	if (st.nlink > 0xFFFF)
		return -EOVERFLOW;
	old.dev = (u32)st.dev;
	old.ino = st.ino_low;
	old.mode = st.mode;
	old.nlink = st.nlink;
	old.uid = narrow_id(st.uid);
	old.gid = narrow_id(st.gid);
	old.rdev = (u32)st.rdev;
	old.size = (u32)st.size;
	old.blksize = st.blksize;
	old.blocks = (u32)st.blocks;
	memcpy(&old.atime, &st.atime, 3 * sizeof(st.atime));
	return copy_to_user(to, &old, sizeof(old)) ? -EFAULT : 0;
}

static long __syscall
sys_stat(const char __user *name, struct old_stat __user *to)
{
	return put_old_stat(user_inode(AT_FDCWD, name, 0), to);
}
SYSCALL(106, stat, sys_stat, 2);

static long __syscall
sys_lstat(const char __user *name, struct old_stat __user *to)
{
	return put_old_stat(user_inode(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW),
			    to);
}
SYSCALL(107, lstat, sys_lstat, 2);

static long __syscall
sys_fstat(unsigned int fd, struct old_stat __user *to)
{
	return put_old_stat(fd_inode_any(fd), to);
}
SYSCALL(108, fstat, sys_fstat, 2);

/* --- fadvise ------------------------------------------------------------- */

static long __syscall
sys_fadvise64(long fd, long low, long high, u32 n, u32 advice)
{
	const long args[6] = {fd, low, high, n, 0, advice};

	return instead(272, args);
}
SYSCALL(250, fadvise64, sys_fadvise64, 5);
