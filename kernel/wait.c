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

void
prepare_wait(wait_queue_head_t *queue, struct wait_queue_entry *wait, u32 state,
	     bool exclusive)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	wait->exclusive = exclusive;
	if (list_empty(&wait->entry))
		list_insert(&wait->entry,
			    exclusive ? queue->head.prev : &queue->head,
			    exclusive ? &queue->head : queue->head.next);
	set_current_state(state);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* Who was woken is in no list any more, and prev is the last that the waker
 * writes: then he is done with it, and there is nothing to lock for. */
void
finish_wait(wait_queue_head_t *queue, struct wait_queue_entry *wait)
{
	unsigned long flags;

	set_current_state(TASK_RUNNING);
	if (READ_ONCE(wait->entry.prev) == &wait->entry)
		return;
	spin_lock_irqsave(&queue->lock, flags);
	list_del_init(&wait->entry);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* => the queue's lock held */
static void
wake_locked(wait_queue_head_t *queue, unsigned int nr)
{
	struct wait_queue_entry *wait, *after;

	list_for_each_entry_safe(wait, after, &queue->head, entry)
	{
		bool woken = wake_up_process(wait->task);
		bool exclusive = wait->exclusive;

		list_del_init(&wait->entry); /* from here on it may be gone */
		if (woken && exclusive && --nr == 0)
			break;
	}
}

void
wake_up_nr(wait_queue_head_t *queue, unsigned int nr)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	wake_locked(queue, nr);
	spin_unlock_irqrestore(&queue->lock, flags);
	preempt_check_resched();
}

void
complete_nr(struct completion *c, bool all)
{
	unsigned long flags;

	spin_lock_irqsave(&c->wait.lock, flags);
	if (all)
		c->done = COMPLETION_FOREVER;
	else if (c->done != COMPLETION_FOREVER)
		c->done++;
	wake_locked(&c->wait, all ? 0 : 1);
	spin_unlock_irqrestore(&c->wait.lock, flags);
	preempt_check_resched();
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
