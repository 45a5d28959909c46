/* sleeplock.c - mutex and semaphore (also for readers and writers): locks that
 * are slept for.
 *
 *   waiters --> [ A, all units ] --> [ B, 1 ] --> [ C, 1 ]
 *
 *   who releases hands the lock to the first waiter, and to the next ones as far
 *   as it goes, takes them out, and wakes them: they have it when they run.
 *
 * Guarantees: strictly first come, first served; no wakeup is lost, since what
 * is waited for is given under the lock under which it is tested.
 * Locking: the lock's own spinlock, then rq->lock; interrupts off.
 * Limits: no priority inheritance. From hand to hand costs a switch at each
 * turn where barging would not.
 */
#include "errno.h"
#include "mutex.h"
#include "panic.h"
#include "printk.h"
#include "semaphore.h"
#include "trap.h"

struct lock_waiter {
	struct list_head entry;
	struct task_struct *task;
	u32 units;
	bool granted;
};

/* Not inline: gcc would take a waiter on a stack for one that is left in the
 * list, as it does not see who takes it out. */
static __noinline void
add_waiter(struct lock_waiter *waiter, struct list_head *waiters)
{
	list_add_tail(&waiter->entry, waiters);
}

/* Sleep, last in the list, until the lock is handed to us.
 * => `lock` held with these flags, on return too; false: time is over */
static bool __sched NO_LOCK_ANALYSIS
wait_granted(spinlock_t *lock, unsigned long flags, struct list_head *waiters,
	     u32 units, long ticks)
{
	struct lock_waiter waiter = {.task = current, .units = units};

	add_waiter(&waiter, waiters);
	while (!waiter.granted && ticks) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock_irqrestore(lock, flags);
		ticks = schedule_timeout(ticks);
		spin_lock_irqsave(lock, flags);
	}
	if (!waiter.granted)
		list_del(&waiter.entry);
	return waiter.granted;
}

static void
grant(struct lock_waiter *waiter)
{
	list_del(&waiter->entry);
	waiter->granted = true;
	wake_up_process(waiter->task);
}

/* Who is next, if `units` are enough for him; else NULL. */
static struct lock_waiter *
next_waiter(struct list_head *waiters, u32 units)
{
	struct lock_waiter *first =
		list_first_entry(waiters, struct lock_waiter, entry);

	return list_empty(waiters) || first->units > units ? NULL : first;
}

/* --- Mutex ---------------------------------------------------------------- */

static unsigned int bugs; /* unlocked by another than the owner */

/* Take it, or leave our mark, so that the owner comes to mutex_unlock_slow.
 * => the lock held; was it free? */
static bool
take_or_mark(struct mutex *m)
{
	uintptr_t owner;

	do
		owner = READ_ONCE(m->owner);
	while (cmpxchg(&m->owner, owner,
		       owner ? owner | MUTEX_WAITERS : (uintptr_t)current) !=
	       owner);
	return !owner;
}

void __sched
mutex_lock_slow(struct mutex *m)
{
	unsigned long flags;

	if (mutex_owner(m) == current)
		panic("mutex %pS is held by this very thread, %s/%d: it would "
		      "wait for ever",
		      (void *)m, current->comm, current->pid);
	spin_lock_irqsave(&m->lock, flags);
	if (!take_or_mark(m) && !wait_granted(&m->lock, flags, &m->waiters, 0,
					      MAX_SCHEDULE_TIMEOUT))
		panic("mutex %pS: this context cannot wait", (void *)m);
	spin_unlock_irqrestore(&m->lock, flags);
}

void
mutex_unlock_slow(struct mutex *m)
{
	struct lock_waiter *next;
	unsigned long flags;

	if (mutex_owner(m) != current) {
		bugs++;
		pr_err("BUG: mutex %pS unlocked by %s/%d, who does not hold "
		       "it\n",
		       (void *)m, current->comm, current->pid);
		report_backtrace((u32)__builtin_return_address(0) - 1, 0,
				 *(u32 *)__builtin_frame_address(0));
		return;
	}
	spin_lock_irqsave(&m->lock, flags);
	next = next_waiter(&m->waiters, 0);
	if (next)
		grant(next);
	WRITE_ONCE(m->owner,
		   (next ? (uintptr_t)next->task : 0) |
			   (list_empty(&m->waiters) ? 0 : MUTEX_WAITERS));
	spin_unlock_irqrestore(&m->lock, flags);
	preempt_check_resched();
}

unsigned int
mutex_bugs(void)
{
	return bugs;
}

/* --- Semaphore ------------------------------------------------------------ */

int __sched
down_units(struct semaphore *sem, u32 units, long ticks)
{
	unsigned long flags;
	bool got;

	spin_lock_irqsave(&sem->lock, flags);
	got = list_empty(&sem->waiters) && sem->count >= units;
	if (got)
		sem->count -= units;
	else if (ticks)
		got = wait_granted(&sem->lock, flags, &sem->waiters, units,
				   ticks);
	spin_unlock_irqrestore(&sem->lock, flags);
	return got ? 0 : -ETIME;
}

void __sched
down_units_forever(struct semaphore *sem, u32 units)
{
	might_sleep();
	if (down_units(sem, units, MAX_SCHEDULE_TIMEOUT))
		panic("semaphore %pS: this context cannot wait", (void *)sem);
}

void
up_units(struct semaphore *sem, u32 units)
{
	struct lock_waiter *next;
	unsigned long flags;

	spin_lock_irqsave(&sem->lock, flags);
	sem->count += units;
	while ((next = next_waiter(&sem->waiters, sem->count))) {
		sem->count -= next->units;
		grant(next);
	}
	spin_unlock_irqrestore(&sem->lock, flags);
	preempt_check_resched();
}
