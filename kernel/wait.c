/* wait.c - wait queues and completions.
 *
 *   prepare_to_wait     queue --> [ task, entry ] --> ...      state: asleep
 *   test: not yet
 *   schedule                      wake_up: state RUNNING, entry out of the queue
 *   prepare_to_wait               (into the queue again)
 *   test: holds
 *   finish_wait                   (out of it)                  state: RUNNING
 *
 * Guarantees: of those who wait exclusively, who came first is woken first.
 * Locking: the queue's lock, then rq->lock; interrupts off.
 */
#include "completion.h"
#include "internal.h"

void
prepare_to_wait(wait_queue_head_t *queue, struct wait_queue_entry *wait,
		u32 state)
{
	struct list_head *prev = &queue->head;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	if (unlikely(wait->exclusive))
		prev = prev->prev;
	if (list_empty(&wait->entry))
		list_insert(&wait->entry, prev, prev->next);
	set_current_state(state);
	spin_unlock_irqrestore(&queue->lock, flags);
}

void
leave_queue(wait_queue_head_t *queue, struct wait_queue_entry *wait)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	list_del_init(&wait->entry);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* => the queue's lock held with these flags, and released */
static __noinline void NO_LOCK_ANALYSIS
wake_unlock(wait_queue_head_t *queue, unsigned int nr, unsigned long flags)
{
	struct wait_queue_entry *wait;
	bool enough = false;

	while (!enough && waitqueue_active(queue)) {
		wait = list_first_entry(&queue->head, struct wait_queue_entry,
					entry);
		enough = wake_task(wait->task, TASK_NORMAL) &&
			 wait->exclusive && --nr == 0;
		list_del_init(&wait->entry); /* from here on it may be gone */
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	preempt_check_resched();
}

void NO_LOCK_ANALYSIS
wake_up_nr(wait_queue_head_t *queue, unsigned int nr)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	wake_unlock(queue, nr, flags);
}

void NO_LOCK_ANALYSIS
complete_nr(struct completion *c, bool all)
{
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	if (c->done != COMPLETION_FOREVER)
		c->done = all ? COMPLETION_FOREVER : c->done + 1;
	wake_unlock(&c->wait, all ? 0 : 1, flags);
}

bool
try_wait_for_completion(struct completion *c)
{
	unsigned long flags;
	bool done;

	spin_lock_irqsave(&c->wait.lock, flags);
	done = c->done != 0;
	if (done && c->done != COMPLETION_FOREVER)
		c->done--;
	spin_unlock_irqrestore(&c->wait.lock, flags);
	return done;
}

long __sched
wait_for_completion_timeout(struct completion *c, long ticks)
{
	DEFINE_WAIT(wait);
	bool done;

	might_sleep();
	for (;;) {
		prepare_to_wait_exclusive(&c->wait, &wait,
					  TASK_UNINTERRUPTIBLE);
		done = try_wait_for_completion(c);
		if (done || !ticks)
			break;
		ticks = schedule_timeout(ticks);
	}
	finish_wait(&c->wait, &wait);
	return done ? max(ticks, 1l) : 0;
}
