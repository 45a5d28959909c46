/* reclaim.c - who gets memory back when it is short, and who waits for it.
 *
 *   free pages
 *    high  -----------------------------+ the reclaimer stops
 *    low   --+ wake: the reclaimer ...  |    \
 *            |    shrinkers, again and again  > the others go on meanwhile
 *    min   --+--------------------------+    /
 *             GFP_KERNEL stops here:  shrinks itself, then
 *
 *   waiting --> [ A ] --> [ B ]          page_alloc.c: reclaim_and_wait
 *                 ^
 *                 +--- wakes, and they look: the reclaimer, after each round;
 *                      whoever frees a page (set_pages_freed)
 *
 * Guarantees: no wakeup is lost: A is in the queue, and no list of a CPU hides
 * what is freed, before A looks for the last time. Who reclaims never waits for
 * pages: what he needs himself comes out of the whole reserve.
 * Locking: reclaim.lock, interrupts off, then the zones'.
 * Limits: all who wait are woken, also when one page came free. The reclaimer
 * gives up as soon as the shrinkers have nothing, until it is woken again.
 */
#include "gfp.h"
#include "kthread.h"
#include "panic.h"
#include "wait.h"

static struct {
	spinlock_t lock;
	unsigned int nr_waiting; /* (lock) */
	wait_queue_head_t waiting;
	wait_queue_head_t kick; /* where the reclaimer sleeps */
	u32 wanted; /* atomic; bit z: requests from zone z downwards */
} reclaim = {
	.waiting = __WAIT_QUEUE_HEAD_INITIALIZER(reclaim.waiting),
	.kick = __WAIT_QUEUE_HEAD_INITIALIZER(reclaim.kick),
};

/* Is a zone that serves such requests above its high mark? */
static bool
is_balanced(unsigned int highest)
{
	const struct zone *zone;

	for (zone = zones; zone <= &zones[highest]; zone++)
		if (zone->free_pages >
		    zone->watermark[WMARK_HIGH] + zone->lowmem_reserve[highest])
			return true;
	return false;
}

static void
wake_waiting(void)
{
	wake_up_all(&reclaim.waiting);
}

static int __noreturn
reclaimer(void *unused __maybe_unused)
{
	unsigned int highest;
	u32 wanted;

	for (;;) {
		wait_event(reclaim.kick, READ_ONCE(reclaim.wanted));
		wanted = __atomic_exchange_n(&reclaim.wanted, 0,
					     __ATOMIC_RELAXED);
		for (highest = 0; highest < MAX_NR_ZONES; highest++)
			while ((wanted & 1u << highest) &&
			       !is_balanced(highest) &&
			       shrink_memory(GFP_KERNEL)) {
				drain_local_pages();
				wake_waiting();
			}
	}
}

static void
wake_reclaimer(enum zone_type highest)
{
	__atomic_fetch_or(&reclaim.wanted, 1u << highest, __ATOMIC_RELAXED);
	wake_up(&reclaim.kick);
}

static void
count_waiting(int by)
{
	unsigned long flags;

	spin_lock_irqsave(&reclaim.lock, flags);
	reclaim.nr_waiting += by;
	set_pages_freed(reclaim.nr_waiting ? wake_waiting : NULL);
	spin_unlock_irqrestore(&reclaim.lock, flags);
}

static bool
wait_for_pages(bool (*cond)(void *arg), void *arg, long ticks)
{
	bool held;

	count_waiting(1);
	held = wait_event_timeout(reclaim.waiting, cond(arg), ticks);
	count_waiting(-1);
	return held;
}

void __init
reclaim_init(void)
{
	static const struct reclaim_ops ops = {wake_reclaimer, wait_for_pages};
	struct task_struct *task = kthread_run(reclaimer, NULL, "reclaimer");

	if (IS_ERR(task))
		panic("no memory for the reclaimer");
	/* Before those who use the memory up. */
	sched_set_priority(task, DEFAULT_PRIO / 2);
	reclaim_ops = &ops;
}
