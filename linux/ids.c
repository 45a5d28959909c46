/* ids.c - who a process is: its numbers, its group, its session, its limits.
 *
 *   session 5 ---+-- group 5: the shell        the terminal knows the session,
 *                +-- group 9: ls | more        and which group is in front
 */
#include "errno.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"

static long __syscall
sys_getpid(void)
{
	return current->process->tgid;
}
SYSCALL(20, getpid, sys_getpid, 0);

static long __syscall
sys_gettid(void)
{
	return current->process->pid;
}
SYSCALL(224, gettid, sys_gettid, 0);

static long __syscall
sys_getppid(void)
{
	unsigned long flags;
	int pid;

	spin_lock_irqsave(&process_lock, flags);
	pid = current->process->leader->parent->pid;
	spin_unlock_irqrestore(&process_lock, flags);
	return pid;
}
SYSCALL(64, getppid, sys_getppid, 0);

static long __syscall
sys_set_tid_address(int __user *tid)
{
	current->process->clear_child_tid = tid;
	return current->process->pid;
}
SYSCALL(258, set_tid_address, sys_set_tid_address, 1);

static long __syscall
sys_set_robust_list(void __user *list, u32 size)
{
	if (size != 12)
		return -EINVAL;
	current->process->robust_list = list;
	return 0;
}
SYSCALL(311, set_robust_list, sys_set_robust_list, 2);

/* --- Groups and sessions ----------------------------------------------------- */

/* pid 0 is the caller's. => process_lock; a leader, perhaps a zombie, or NULL */
static struct process *
find_program(int pid)
{
	struct process *p;

	if (!pid)
		return current->process->leader;
	p = process_find(pid);
	return p && p->leader == p ? p : NULL;
}

static bool
group_exists_locked(int pgid, int sid)
{
	struct process *p = NULL;

	while ((p = process_next(p)))
		if (p->leader == p && p->pgid == pgid && p->sid == sid)
			return true;
	return false;
}

bool
group_exists(int pgid, int sid)
{
	unsigned long flags;
	bool exists;

	spin_lock_irqsave(&process_lock, flags);
	exists = group_exists_locked(pgid, sid);
	spin_unlock_irqrestore(&process_lock, flags);
	return exists;
}

static int
set_group(int pid, int pgid)
{
	struct process *self = current->process->leader;
	struct process *p = find_program(pid);

	if (!p || (p != self && p->parent != self))
		return -ESRCH;
	if (p != self && p->execed)
		return -EACCES;
	if (p->sid != self->sid || p->sid == p->pid)
		return -EPERM;
	if (!pgid)
		pgid = p->pid;
	if (pgid != p->pid && !group_exists_locked(pgid, self->sid))
		return -EPERM;
	p->pgid = pgid;
	return 0;
}

static long __syscall
sys_setpgid(int pid, int pgid)
{
	unsigned long flags;
	int err;

	if (pgid < 0)
		return -EINVAL;
	spin_lock_irqsave(&process_lock, flags);
	err = set_group(pid, pgid);
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}
SYSCALL(57, setpgid, sys_setpgid, 2);

static long
group_or_session(int pid, bool session)
{
	const struct process *p;
	unsigned long flags;
	long id = -ESRCH;

	spin_lock_irqsave(&process_lock, flags);
	p = find_program(pid);
	if (p)
		id = session ? p->sid : p->pgid;
	spin_unlock_irqrestore(&process_lock, flags);
	return id;
}

static long __syscall
sys_getpgid(int pid)
{
	return group_or_session(pid, false);
}
SYSCALL(132, getpgid, sys_getpgid, 1);

static long __syscall
sys_getpgrp(void)
{
	return group_or_session(0, false);
}
SYSCALL(65, getpgrp, sys_getpgrp, 0);

static long __syscall
sys_getsid(int pid)
{
	return group_or_session(pid, true);
}
SYSCALL(147, getsid, sys_getsid, 1);

static long __syscall
sys_setsid(void)
{
	struct process *p = current->process->leader, *other = NULL;
	unsigned long flags;
	long id = p->pid;

	spin_lock_irqsave(&process_lock, flags);
	while ((other = process_next(other)))
		if (other->leader == other && other->pgid == p->pid)
			id = -EPERM;
	if (id > 0)
		p->sid = p->pgid = p->pid;
	spin_unlock_irqrestore(&process_lock, flags);
	return id;
}
SYSCALL(66, setsid, sys_setsid, 0);

/* --- Limits: those that mean something here ----------------------------------- */

#define RLIMIT_STACK      3u
#define RLIMIT_NPROC      6u
#define RLIMIT_NOFILE     7u
#define RLIMIT_AS         9u
#define RLIMIT_SIGPENDING 11u
#define NR_LIMITS         16u
#define INFINITE          0xFFFFFFFFu

static int
get_limit(u32 which, u32 *limit)
{
	const struct process *p = current->process;

	if (which >= NR_LIMITS)
		return -EINVAL;
	*limit = INFINITE;
	if (which == RLIMIT_STACK)
		*limit = p->mm->limit_stack;
	else if (which == RLIMIT_NPROC)
		*limit = MAX_PROCESSES;
	else if (which == RLIMIT_NOFILE)
		*limit = p->files->max;
	else if (which == RLIMIT_SIGPENDING)
		*limit = p->leader->sig.limit;
	else if (which == RLIMIT_AS && p->mm->limit_as < TASK_SIZE / PAGE_SIZE)
		*limit = p->mm->limit_as * PAGE_SIZE;
	return 0;
}

static int
set_limit(u32 which, u64 limit)
{
	struct process *p = current->process;

	if (which >= NR_LIMITS)
		return -EINVAL;
	if (which == RLIMIT_NOFILE && limit > NR_FDS)
		return -EPERM;
	if (limit > TASK_SIZE)
		limit = TASK_SIZE;
	if (which == RLIMIT_NOFILE)
		WRITE_ONCE(p->files->max, (u32)limit);
	else if (which == RLIMIT_SIGPENDING)
		WRITE_ONCE(p->leader->sig.limit, (u32)limit);
	else if (which == RLIMIT_STACK)
		mm_limit_stack(p->mm, (size_t)limit);
	else if (which == RLIMIT_AS)
		WRITE_ONCE(p->mm->limit_as, (u32)limit / PAGE_SIZE);
	return 0;
}

static long __syscall
sys_getrlimit(u32 which, u32 __user *user)
{
	u32 limit[2];
	int err = get_limit(which, &limit[0]);

	if (err)
		return err;
	limit[1] = limit[0];
	return copy_to_user(user, limit, sizeof(limit)) ? -EFAULT : 0;
}
SYSCALL(191, ugetrlimit, sys_getrlimit, 2);

/* As it was when no limit was the largest long. */
static long __syscall
sys_old_getrlimit(u32 which, u32 __user *user)
{
	u32 limit;
	int err = get_limit(which, &limit);

	if (err)
		return err;
	limit = min(limit, 0x7FFFFFFFu);
	return put_user(limit, user) || put_user(limit, user + 1) ? -EFAULT : 0;
}
SYSCALL(76, getrlimit, sys_old_getrlimit, 2);

static long __syscall
sys_setrlimit(u32 which, const u32 __user *user)
{
	u32 limit[2];

	if (copy_from_user(limit, user, sizeof(limit)))
		return -EFAULT;
	if (limit[0] > limit[1])
		return -EINVAL;
	return set_limit(which, limit[0]);
}
SYSCALL(75, setrlimit, sys_setrlimit, 2);

static long __syscall
sys_prlimit64(int pid, u32 which, const u64 __user *new, u64 __user *old)
{
	u64 limit[2];
	u32 before = 0;
	int err;

	if (pid && pid != current->process->tgid)
		return -ESRCH;
	if (new &&copy_from_user(limit, new, sizeof(limit)))
		return -EFAULT;
	if (new &&limit[0] > limit[1])
		return -EINVAL;
	err = get_limit(which, &before);
	if (!err && new)
		err = set_limit(which, limit[0]);
	if (err || !old)
		return err;
	limit[0] = limit[1] = before == INFINITE ? ~0ull : before;
	return copy_to_user(old, limit, sizeof(limit)) ? -EFAULT : 0;
}
SYSCALL(340, prlimit64, sys_prlimit64, 4);
