/* runqueue.c - the ready threads of one CPU, in two levels a priority.
 *
 *   ready   bit 1   queue[1]  --> A --> B --> C     rq_pick: A, by one bsf
 *           bit 6   queue[6]  --> D
 *
 *   A's turn is over (rq_requeue)       queue[1]  --> B --> C --> A
 *   A waits for something (rq_dequeue)  queue[1]  --> B --> C
 *   A is preempted                      queue[1]  --> A --> B --> C  as it was
 *
 * Priority p has the levels 2p and, below it, 2p + 1. Who uses up a slice, or
 * yields, is busy: he is on the lower one until he sleeps again; a new program
 * until it sleeps for the first time. So whoever mostly waits (for a key, a
 * pipe, a moment) has the CPU at once when he is woken, however many are busy,
 * and the busy ones take turns among themselves. (Corbato, 1962: a feedback of
 * two levels.)
 *
 * So that D does not wait for ever: every STARVE_TICKS the first of some queue
 * behind the running thread's, the one that has waited longest, is boosted: it
 * has the next turn, of one tick, as a more urgent one that wakes may still take
 * the CPU from it. The urgent ones keep 80 % at least.
 *
 * Guarantees: all in constant time, but for the search of rq_tick, which looks
 * at NR_LEVELS queues every STARVE_TICKS. No priority inheritance.
 * Locking: rq->lock, interrupts off.
 */
#include "sched.h"

void
rq_init(struct rq *rq, struct task_struct *idle)
{
	spin_lock_init(&rq->lock);
	for (unsigned int p = 0; p < NR_LEVELS; p++)
		INIT_LIST_HEAD(&rq->queue[p]);
	rq->idle = idle;
}

/* Of the first in each queue behind the running one's, the one that has waited
 * longest; NULL if each has run since the last boost was over. */
static struct task_struct *
find_starving(const struct rq *rq, u32 now)
{
	struct task_struct *task, *found = NULL;
	u32 longest = STARVE_TICKS - 2;

	for (unsigned int p = rq->curr->level + 1u; p < NR_LEVELS; p++) {
		if (list_empty(&rq->queue[p]))
			continue;
		task = list_first_entry(&rq->queue[p], struct task_struct, run);
		if (now - task->since > longest) {
			longest = now - task->since;
			found = task;
		}
	}
	return found;
}

void
rq_lower(struct rq *rq, struct task_struct *task)
{
	list_move_tail(&task->run, &rq->queue[task->level + 1]);
	if (list_empty(&rq->queue[task->level]))
		rq->ready &= ~(1u << task->level);
	task->level++;
	rq->ready |= 1u << task->level;
}

bool
rq_tick(struct rq *rq, u32 now)
{
	struct task_struct *curr = rq->curr;

	curr->ticks++;
	if (curr == rq->idle)
		return rq->ready != 0;
	if (now - rq->boosted >= STARVE_TICKS) {
		rq->boosted = now;
		rq->boost = find_starving(rq, now);
		if (rq->boost)
			rq->boost->slice = 1;
	}
	if (curr->slice > 1) {
		curr->slice--;
		return rq->boost != NULL;
	}
	rq_requeue(rq, curr);
	return rq->boost ||
	       &curr->run != rq->queue[__builtin_ctz(rq->ready)].next;
}
