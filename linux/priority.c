/* priority.c - nice values and scheduling policies: kept, and told; all programs
 * take turns alike (SCHED_OTHER).
 *
 *   nice()  getpriority()   20 - nice: 40 is the nicest to itself, 1 to others
 *           -20 ... 0 ... 19
 *
 * A nice value is inherited by children and kept by exec. It has no effect: the
 * scheduler's priorities are strict, so one program could keep all others, and
 * the monitor, from running.
 */
#include "errno.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define PRIO_PROCESS  0
#define PRIO_PGRP     1
#define PRIO_USER     2
#define SCHED_OTHER   0
#define SCHED_FIFO    1
#define SCHED_RR      2
#define SCHED_BATCH   3
#define SCHED_IDLE    5
#define MAX_REAL_TIME 99

/* Everybody is root. */
static bool
is_meant(const struct process *p, int which, int who)
{
	const struct process *self = current->process->leader;

	if (p->leader != p || p->zombie)
		return false;
	if (which == PRIO_PROCESS)
		return p->pid == (who ? who : self->pid);
	if (which == PRIO_PGRP)
		return p->pgid == (who ? who : self->pgid);
	return who == 0;
}

/* new: NULL, or what they get. => 20 - the lowest of theirs; -ESRCH */
static long
priority(int which, int who, const int *new)
{
	struct process *p = NULL;
	long result = -ESRCH;
	unsigned long flags;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock_irqsave(&process_lock, flags);
	while ((p = process_next(p))) {
		if (!is_meant(p, which, who))
			continue;
		if (new)
			p->nice = *new;
		result = max(result, 20l - p->nice);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return result;
}

static long __syscall
sys_getpriority(int which, int who)
{
	return priority(which, who, NULL);
}
SYSCALL(96, getpriority, sys_getpriority, 2);

static long __syscall
sys_setpriority(int which, int who, int nice)
{
	long result;

	nice = min(max(nice, -20), 19);
	result = priority(which, who, &nice);
	return min(result, 0l);
}
SYSCALL(97, setpriority, sys_setpriority, 3);

static long __syscall
sys_nice(int more)
{
	int nice = current->process->leader->nice + min(max(more, -40), 40);

	return sys_setpriority(PRIO_PROCESS, 0, nice);
}
SYSCALL(34, nice, sys_nice, 1);

/* --- Policies ---------------------------------------------------------------- */

static int
thread_exists(int pid)
{
	unsigned long flags;
	bool exists;

	if (pid < 0)
		return -EINVAL;
	spin_lock_irqsave(&process_lock, flags);
	exists = !pid || process_find(pid);
	spin_unlock_irqrestore(&process_lock, flags);
	return exists ? 0 : -ESRCH;
}

static long __syscall
sys_sched_getscheduler(int pid)
{
	return thread_exists(pid); /* SCHED_OTHER is 0 */
}
SYSCALL(157, sched_getscheduler, sys_sched_getscheduler, 1);

/* struct sched_param is one int, the real-time priority. */
static long __syscall
sys_sched_getparam(int pid, int __user *param)
{
	int err = thread_exists(pid);

	if (err)
		return err;
	return put_user(0, param) ? -EFAULT : 0;
}
SYSCALL(155, sched_getparam, sys_sched_getparam, 2);

static long __syscall
sys_sched_setscheduler(int pid, int policy, const int __user *param)
{
	int err = thread_exists(pid), wanted;

	if (err)
		return err;
	if (get_user(wanted, param))
		return -EFAULT;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return -EPERM; /* there is none */
	return policy == SCHED_OTHER && !wanted ? 0 : -EINVAL;
}
SYSCALL(156, sched_setscheduler, sys_sched_setscheduler, 3);

static long
real_time_or(int policy, long limit)
{
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return limit;
	return policy == SCHED_OTHER || policy == SCHED_BATCH ||
			       policy == SCHED_IDLE
		       ? 0
		       : -EINVAL;
}

static long __syscall
sys_sched_get_priority_max(int policy)
{
	return real_time_or(policy, MAX_REAL_TIME);
}
SYSCALL(159, sched_get_priority_max, sys_sched_get_priority_max, 1);

static long __syscall
sys_sched_get_priority_min(int policy)
{
	return real_time_or(policy, 1);
}
SYSCALL(160, sched_get_priority_min, sys_sched_get_priority_min, 1);

static long __syscall
sys_getcpu(u32 __user *cpu, u32 __user *node)
{
	return (cpu && put_user(0u, cpu)) || (node && put_user(0u, node))
		       ? -EFAULT
		       : 0;
}
SYSCALL(318, getcpu, sys_getcpu, 2);
