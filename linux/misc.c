/* misc.c - small questions: which system is this, who am I, how much is there?
 *
 * There is one user, root, and one group; other numbers are accepted, and
 * forgotten.
 */
#include "cpu.h"
#include "errno.h"
#include "gfp.h"
#include "mmzone.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "time.h"
#include "uaccess.h"
#include "util.h"

#define UTS_LENGTH  65
#define PR_SET_NAME 15
#define PR_GET_NAME 16

#define GRND_FLAGS 7u /* NONBLOCK, RANDOM, INSECURE: all the same here */

/* The release tells the C library which system calls to expect. */
static long __syscall
sys_uname(char __user *user)
{
	char names[6][UTS_LENGTH] = {"Linux", "memoir", "5.10.0-memoir",
				     "#1 Memoir"};

	strscpy(names[4], boot_cpu.platform, UTS_LENGTH);
	return copy_to_user(user, names, sizeof(names)) ? -EFAULT : 0;
}
SYSCALL(122, uname, sys_uname, 1);

struct sysinfo {
	s32 uptime; /* seconds */
	u32 loads[3];
	u32 total, free, shared, buffers, swap, free_swap; /* of `unit` bytes */
	u16 processes, pad;
	u32 total_high, free_high;
	u32 unit;
	u8 unused[8];
};
static_assert(sizeof(struct sysinfo) == 64, "i386's struct sysinfo");

static long __syscall
sys_sysinfo(struct sysinfo __user *user)
{
	u64 uptime = (u64)ktime_get();
	struct sysinfo info = {.unit = PAGE_SIZE};
	struct process *p = NULL;
	unsigned long flags;

	do_div(uptime, NSEC_PER_SEC);
	info.uptime = (s32)uptime;
	for (unsigned int i = 0; i < MAX_NR_ZONES; i++)
		info.total += zones[i].managed;
	info.free = nr_free_pages();
	info.total_high = zones[ZONE_HIGHMEM].managed;
	info.free_high = zones[ZONE_HIGHMEM].free_pages;
	spin_lock_irqsave(&process_lock, flags);
	while ((p = process_next(p)))
		info.processes++;
	spin_unlock_irqrestore(&process_lock, flags);
	return copy_to_user(user, &info, sizeof(info)) ? -EFAULT : 0;
}
SYSCALL(116, sysinfo, sys_sysinfo, 1);

static long __syscall
sys_getrandom(char __user *user, size_t n, u32 flags)
{
	return flags & ~GRND_FLAGS
		       ? -EINVAL
		       : random_to_user(user, min(n, (size_t)0x7FFFFFFF));
}
SYSCALL(355, getrandom, sys_getrandom, 3);

static long __syscall
sys_sched_yield(void)
{
	yield();
	return 0;
}
SYSCALL(158, sched_yield, sys_sched_yield, 0);

/* There is one CPU. => the bytes of the mask */
static long __syscall
sys_sched_getaffinity(int pid __maybe_unused, u32 size, u32 __user *mask)
{
	if (size < sizeof(*mask) || size % sizeof(*mask))
		return -EINVAL;
	return put_user(1u, mask) ? -EFAULT : (long)sizeof(*mask);
}
SYSCALL(242, sched_getaffinity, sys_sched_getaffinity, 3);

static long __syscall
sys_prctl(int option, char __user *name)
{
	char comm[TASK_COMM_LEN] = {0};

	switch (option) {
	case PR_SET_NAME:
		if (strncpy_from_user(comm, name, TASK_COMM_LEN - 1) < 0)
			return -EFAULT;
		strscpy(current->comm, comm, TASK_COMM_LEN);
		return 0;
	case PR_GET_NAME:
		strscpy(comm, current->comm, TASK_COMM_LEN);
		return copy_to_user(name, comm, TASK_COMM_LEN) ? -EFAULT : 0;
	default:
		return -EINVAL;
	}
}
SYSCALL(172, prctl, sys_prctl, 2);

/* --- Users and groups ----------------------------------------------------------- */

static long __syscall
root(void)
{
	return 0;
}

static long __syscall
three_roots(u32 __user *real, u32 __user *effective, u32 __user *saved)
{
	return put_user(0u, real) || put_user(0u, effective) ||
			       put_user(0u, saved)
		       ? -EFAULT
		       : 0;
}

/* Many numbers, one answer. */
#define SAME(number_, name_, nr_args_, fn_)                                   \
	static const struct syscall syscall_##name_ = {(number_), (nr_args_), \
						       #name_,                \
						       (syscall_fn)(void (*)( \
							       void))fn_};    \
	TABLE_ADD(syscalls, syscall_##name_)

SAME(24, getuid, 0, root);
SAME(47, getgid, 0, root);
SAME(49, geteuid, 0, root);
SAME(50, getegid, 0, root);
SAME(199, getuid32, 0, root);
SAME(200, getgid32, 0, root);
SAME(201, geteuid32, 0, root);
SAME(202, getegid32, 0, root);
SAME(203, setreuid32, 2, root);
SAME(204, setregid32, 2, root);
SAME(205, getgroups32, 2, root);
SAME(206, setgroups32, 2, root);
SAME(208, setresuid32, 3, root);
SAME(210, setresgid32, 3, root);
SAME(213, setuid32, 1, root);
SAME(214, setgid32, 1, root);
SAME(209, getresuid32, 3, three_roots);
SAME(211, getresgid32, 3, three_roots);

/* The C library asks for them, and does without: nothing to be told. */
static long __syscall
not_here(void)
{
	return -ENOSYS;
}
SAME(386, rseq, 4, not_here);
SAME(435, clone3, 2, not_here);
