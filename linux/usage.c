/* usage.c - what a program has used so far, and its children.
 *
 *   thread   ticks, faults --ends--> leader->ended --wait4--> the parent's
 *   thread   ...                        + waited         waited
 *
 * CPU time is counted in ticks, by the clock that interrupts a thread; ring 3 and
 * ring 0 are not told apart: all of it is said to be ring 3's. A child that
 * nobody waits for is not counted, as on Linux.
 *
 * Locking: process_lock.
 */
#include "drivers.h"
#include "errno.h"
#include "jiffies.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define CLOCK_TICKS     100u /* a second, for times() */
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_SELF     0
#define RUSAGE_THREAD   1

struct rusage {
	s32 user_sec, user_usec, system_sec, system_usec;
	u32 maxrss, ixrss, idrss, isrss, minflt, majflt;
	u32 rest[8];
};
static_assert(sizeof(struct rusage) == 72, "i386's struct rusage");

struct usage
program_usage(const struct process *leader)
{
	struct usage usage = leader->ended;
	const struct process *p;

	list_for_each_entry(p, &leader->threads, thread)
	{
		usage_add(&usage, (struct usage){p->task->ticks, p->min_flt});
	}
	return usage;
}

int
rusage_put(void __user *user, struct usage usage, u32 maxrss)
{
	u32 ms = jiffies_to_msecs(usage.ticks);
	const struct rusage r = {.user_sec = (s32)(ms / 1000),
				 .user_usec = (s32)(ms % 1000 * 1000),
				 .maxrss = maxrss,
				 .minflt = usage.faults};

	return copy_to_user(user, &r, sizeof(r)) ? -EFAULT : 0;
}

static void
usage_get(struct usage *program, struct usage *children)
{
	const struct process *leader = current->process->leader;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	*program = program_usage(leader);
	*children = leader->waited;
	spin_unlock_irqrestore(&process_lock, flags);
}

static long __syscall
sys_getrusage(int who, void __user *user)
{
	const struct process *p = current->process;
	struct usage program, children;
	u32 rss = (p->mm->rss[RSS_FILE] + p->mm->rss[RSS_ANON]) *
		  (PAGE_SIZE / SZ_1K);

	usage_get(&program, &children);
	switch (who) {
	case RUSAGE_SELF:
		return rusage_put(user, program, rss);
	case RUSAGE_THREAD:
		program = (struct usage){current->ticks, p->min_flt};
		return rusage_put(user, program, rss);
	case RUSAGE_CHILDREN:
		return rusage_put(user, children, 0);
	default:
		return -EINVAL;
	}
}
SYSCALL(77, getrusage, sys_getrusage, 2);

static u32
clock_ticks(u64 ns)
{
	do_div(ns, NSEC_PER_SEC / CLOCK_TICKS);
	return (u32)ns;
}

/* struct tms: in ring 3, in ring 0; the children's likewise. */
static long __syscall
sys_times(u32 __user *user)
{
	struct usage program, children;
	u32 tms[4] = {0};

	usage_get(&program, &children);
	tms[0] = clock_ticks((u64)program.ticks * TICK_NSEC);
	tms[2] = clock_ticks((u64)children.ticks * TICK_NSEC);
	if (user && copy_to_user(user, tms, sizeof(tms)))
		return -EFAULT;
	return (long)(clock_ticks((u64)ktime_get()) & 0x7FFFFFFF);
}
SYSCALL(43, times, sys_times, 1);
