/* internal.h - between sched.c, which switches threads, task.c, which makes and
 * buries them, and wait.c, which wakes them.
 */
#ifndef KERNEL_INTERNAL_H
#define KERNEL_INTERNAL_H

#include "jiffies.h"
#include "sched.h"

/* task_reap: a dead thread's stack, and its own reference to itself.
 * => interrupts off, not on that stack */
void task_reap(struct task_struct *task);

/* finish_switch: a thread that has just got the CPU does what the one that had
 * it could not. => on the new stack, rq->lock held, interrupts off */
static inline void NO_LOCK_ANALYSIS
finish_switch(struct task_struct *prev)
{
	spin_give(&this_cpu_ptr(runqueue)->lock);
	/* One that was preempted on its way out comes back once more. */
	if (unlikely(prev->state == TASK_DEAD) && !prev->queued)
		task_reap(prev);
}

/* wake_task: wake_up_state, but that the caller sees to it that who is more
 * urgent runs: preempt_check_resched. => interrupts off */
static inline bool
wake_task(struct task_struct *task, u32 states)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	bool asleep;

	spin_take(&rq->lock);
	asleep = task->state & states;
	if (likely(asleep)) {
		task->state = TASK_RUNNING;
		if (likely(!task->queued))
			rq_enqueue(rq, task, jiffies);
		if (task->level < rq->curr->level)
			set_need_resched();
	}
	spin_give(&rq->lock);
	return asleep;
}

/* task_add: into the list of all, with a pid. => any context */
void task_add(struct task_struct *task);

/* What is wrong is reported and counted by debug/sched_debug.c. idle_bug: the
 * idle thread wants to sleep. schedule_bug: somebody schedules in atomic context.
 * => may he all the same? */
void idle_bug(void);
bool schedule_bug(void);

#endif
