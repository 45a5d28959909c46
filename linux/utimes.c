/* utimes.c - a file's times, and the system calls that set them.
 *
 *   utime        seconds       \
 *   utimes       microseconds   \    access, modification: a time, now, or
 *   futimesat    microseconds    >   left as it is ---> inode->times
 *   utimensat    nanoseconds    /    (the third, of the last change, is now)
 */
#include "fs.h"
#include "stat.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"
#include "util.h"

#define UTIME_NOW  0x3FFFFFFF
#define UTIME_OMIT 0x3FFFFFFE
#define SEC        1000000u /* microseconds */

/* --- As a file is used --------------------------------------------------- */

u64
fs_now(void)
{
	u64 us = (u64)ktime_get_real();

	do_div(us, NSEC_PER_USEC);
	return us;
}

void
inode_touch(struct inode *inode)
{
	mutex_lock(&inode->lock);
	inode->times.mtime = inode->times.ctime = fs_now();
	mutex_unlock(&inode->lock);
}

void
inode_changed(struct inode *inode)
{
	mutex_lock(&inode->lock);
	inode->times.ctime = fs_now();
	mutex_unlock(&inode->lock);
}

/* As Linux's "relatime": who looks for new mail sees whether it was read. */
void
inode_accessed(struct inode *inode)
{
	struct inode_times *times = &inode->times;

	if (likely(times->atime > times->mtime && times->atime > times->ctime))
		return;
	mutex_lock(&inode->lock);
	times->atime = fs_now();
	mutex_unlock(&inode->lock);
}

struct inode_times
inode_times(struct inode *inode)
{
	struct inode_times times;

	mutex_lock(&inode->lock);
	times = inode->times;
	mutex_unlock(&inode->lock);
	return times;
}

/* --- As a program says --------------------------------------------------- */

/* What a program says is UTIME_NOW, UTIME_OMIT, or a time after 1970. */
static bool
is_time(const struct timespec64 *time)
{
	return time->nsec == UTIME_NOW || time->nsec == UTIME_OMIT ||
	       (time->sec >= 0 && time->nsec >= 0 && time->nsec < 1000ll * SEC);
}

static void
set_time(u64 *to, const struct timespec64 *time)
{
	if (time->nsec == UTIME_NOW)
		*to = fs_now();
	else if (time->nsec != UTIME_OMIT)
		*to = time->sec * SEC + (u32)time->nsec / 1000;
}

/* name NULL: the file dfd itself. */
static struct inode *
whose(int dfd, const char __user *name, u32 flags)
{
	if (name || dfd == AT_FDCWD)
		return user_inode(dfd, name, flags);
	return flags ? ERR_PTR(-EINVAL) : fd_inode(dfd);
}

/* times: of access, of modification. */
static long
set_times(int dfd, const char __user *name, const struct timespec64 times[2],
	  u32 flags)
{
	struct inode *inode;

	if (!is_time(&times[0]) || !is_time(&times[1]))
		return -EINVAL;
	if (times[0].nsec == UTIME_OMIT && times[1].nsec == UTIME_OMIT)
		return 0; /* nobody looks whether it is there */
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	inode = whose(dfd, name, flags);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	mutex_lock(&inode->lock);
	set_time(&inode->times.atime, &times[0]);
	set_time(&inode->times.mtime, &times[1]);
	inode->times.ctime = fs_now();
	mutex_unlock(&inode->lock);
	inode_put(inode);
	return 0;
}

#define NOW                          \
	{                            \
		{0, UTIME_NOW},      \
		{                    \
			0, UTIME_NOW \
		}                    \
	}

/* times NULL: now. */
static long __syscall
sys_utimensat_time64(int dfd, const char __user *name,
		     const struct timespec64 __user *user, u32 flags)
{
	struct timespec64 times[2] = NOW;

	if (user && copy_from_user(times, user, sizeof(times)))
		return -EFAULT;
	times[0].nsec = (s32)times[0].nsec; /* there may be anything above */
	times[1].nsec = (s32)times[1].nsec;
	return set_times(dfd, name, times, flags);
}
SYSCALL(412, utimensat_time64, sys_utimensat_time64, 4);

static long __syscall
sys_utimensat(int dfd, const char __user *name, const s32 __user *user,
	      u32 flags)
{
	struct timespec64 times[2] = NOW;
	s32 t[4];

	if (user && copy_from_user(t, user, sizeof(t)))
		return -EFAULT;
	for (unsigned int i = 0; user && i < 2; i++)
		times[i] = (struct timespec64){t[2 * i], t[2 * i + 1]};
	return set_times(dfd, name, times, flags);
}
SYSCALL(320, utimensat, sys_utimensat, 4);

static long __syscall
sys_futimesat(int dfd, const char __user *name, const s32 __user *user)
{
	struct timespec64 times[2] = NOW;
	s32 t[4];

	if (user && copy_from_user(t, user, sizeof(t)))
		return -EFAULT;
	for (unsigned int i = 0; user && i < 2; i++) {
		if ((u32)t[2 * i + 1] >= SEC)
			return -EINVAL;
		times[i] = (struct timespec64){t[2 * i], t[2 * i + 1] * 1000};
	}
	return set_times(dfd, name, times, 0);
}
SYSCALL(299, futimesat, sys_futimesat, 3);

static long __syscall
sys_utimes(const char __user *name, const s32 __user *user)
{
	return sys_futimesat(AT_FDCWD, name, user);
}
SYSCALL(271, utimes, sys_utimes, 2);

static long __syscall
sys_utime(const char __user *name, const s32 __user *user)
{
	struct timespec64 times[2] = NOW;
	s32 t[2];

	if (user && copy_from_user(t, user, sizeof(t)))
		return -EFAULT;
	for (unsigned int i = 0; user && i < 2; i++)
		times[i] = (struct timespec64){t[i], 0};
	return set_times(AT_FDCWD, name, times, 0);
}
SYSCALL(30, utime, sys_utime, 2);
