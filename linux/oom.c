/* oom.c - who has to go when there is no memory left.
 *
 *   no page: reclaiming and waiting was in vain --+
 *   no table, no child: the accounts' sum is full +--> oom_relieve
 *                                                         |
 *          the program that weighs most: is it the caller?
 *          no:  it is killed; the caller waits, and tries again
 *          yes: he is told that there is no memory; a page fault kills him
 *
 * It weighs what goes when it ends: its pages, and what is charged to it; and what
 * its makers had when they made it, so that a family is heavier than its members.
 * Of equals the youngest goes. Where only accounts are full, only they count.
 *
 * Who ends so may use all of the reserve: he may have to, to end.
 *
 * Locking: oom_lock: one at a time; process_lock.
 */
#include "errno.h"
#include "gfp.h"
#include "jiffies.h"
#include "mmzone.h"
#include "printk.h"
#include "process.h"
#include "string.h"

#define LOOK_EVERY (HZ / 50)
#define LOOKS      250 /* five seconds */

static DEFINE_MUTEX(oom_lock);

/* What is left of a program that was chosen. */
struct victim {
	int pid;
	char comm[TASK_COMM_LEN];
	unsigned long size, anon, file, kernel; /* pages */
};

static const struct mm_struct *
mm_of(const struct process *leader)
{
	const struct process *p;

	list_for_each_entry(p, &leader->threads, thread)
	{
		if (p->mm)
			return p->mm;
	}
	return NULL;
}

static unsigned long
weight(const struct process *leader, bool pages)
{
	const struct mm_struct *mm = pages ? mm_of(leader) : NULL;
	unsigned long sum = account_weight(leader->account);

	return mm ? sum + mm->rss[RSS_FILE] + mm->rss[RSS_ANON] : sum;
}

static bool
is_dying(const struct process *leader)
{
	return leader->sig.shared.set & SIGMASK(SIGKILL);
}

/* Not init, and not who did not end when he should. => process_lock */
static struct process *
heaviest(void)
{
	bool pages = !account_sum_is_full();
	struct process *p = NULL, *best = NULL;

	while ((p = process_next(p)))
		if (p->leader == p && !p->zombie && p->pid != 1 &&
		    !is_dying(p) &&
		    (!best || weight(p, pages) >= weight(best, pages)))
			best = p;
	return best;
}

/* => process_lock */
static struct victim
end_program(struct process *leader)
{
	const struct mm_struct *mm = mm_of(leader);
	struct victim v = {.pid = leader->pid,
			   .kernel = account_weight(leader->account)};
	struct process *p;

	if (mm) {
		v.size = mm->total_vm;
		v.anon = mm->rss[RSS_ANON];
		v.file = mm->rss[RSS_FILE];
	}
	list_for_each_entry(p, &leader->threads, thread)
	{
		strscpy(v.comm, p->task->comm, TASK_COMM_LEN);
		p->task->dying = true;
	}
	signal_send(leader, SIGKILL);
	return v;
}

/* Like Linux's report. */
static void
say(const struct victim *v)
{
	pr_err("%s invoked oom-killer\n", current->comm);
	pr_err("Mem-Info: free:%lukB low:%lukB min:%lukB of ZONE_NORMAL, "
	       "free:%lukB of all\n",
	       zones[ZONE_NORMAL].free_pages * PAGE_KIB,
	       zones[ZONE_NORMAL].watermark[WMARK_LOW] * PAGE_KIB,
	       zones[ZONE_NORMAL].watermark[WMARK_MIN] * PAGE_KIB,
	       nr_free_pages() * PAGE_KIB);
	pr_err("Out of memory: Killed process %d (%s) total-vm:%lukB, "
	       "anon-rss:%lukB, file-rss:%lukB, kernel:%lukB\n",
	       v->pid, v->comm, v->size * PAGE_KIB, v->anon * PAGE_KIB,
	       v->file * PAGE_KIB, v->kernel * PAGE_KIB);
}

static bool
has_ended(int pid)
{
	const struct process *p;
	unsigned long flags;
	bool ended;

	spin_lock_irqsave(&process_lock, flags);
	p = process_find(pid);
	ended = !p || p->zombie;
	spin_unlock_irqrestore(&process_lock, flags);
	return ended;
}

/* => 0: it is the running program itself, or there is none */
static int
kill_heaviest(bool myself)
{
	struct process *self = current->process, *p;
	struct victim v = {0};
	unsigned long flags;
	bool kill;

	spin_lock_irqsave(&process_lock, flags);
	p = myself ? self->leader : heaviest();
	kill = p && (myself || !self || p != self->leader);
	if (kill)
		v = end_program(p);
	spin_unlock_irqrestore(&process_lock, flags);
	if (kill)
		say(&v);
	return v.pid;
}

bool
oom_relieve(void)
{
	int pid, looks;

	if (current->process && is_dying(current->process->leader))
		return false;
	if (!mutex_trylock(&oom_lock)) { /* somebody is at it */
		schedule_timeout_uninterruptible(LOOK_EVERY);
		return true;
	}
	pid = kill_heaviest(false);
	for (looks = 0; pid && !has_ended(pid) && looks < LOOKS; looks++)
		schedule_timeout_uninterruptible(LOOK_EVERY);
	mutex_unlock(&oom_lock);
	return pid;
}

/* What is short is no page, then the allocator had asked already, but a table. */
bool
oom_fault(void)
{
	if (account_sum_is_full() && !account_is_full(current_account()) &&
	    oom_relieve())
		return true;
	if (!is_dying(current->process->leader))
		kill_heaviest(true);
	return false;
}

bool
oom_make_room(long error)
{
	return (error == -ENOMEM || error == -EAGAIN) &&
	       account_is_light(current_account()) && account_sum_is_full() &&
	       oom_relieve();
}

/* What the page allocator asks. The kernel's own threads never kill. */
static bool
out_of_memory(void)
{
	return current->process && oom_relieve();
}

void __init
oom_init(void)
{
	set_out_of_memory(out_of_memory);
}
