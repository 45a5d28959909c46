/* wait.h - wait queues: sleeping until something holds. Linux's names.
 *
 *	wait_event(queue, count > 0);		count++;
 *						wake_up(&queue);
 *
 *   queue --> [ A ] --> [ B ] --> [ C, exclusive ] --> [ D, exclusive ]
 *
 *   wake_up: A, B and C; wake_up_nr(2): and D; wake_up_all: everybody
 *
 * Who is woken looks again, and goes on sleeping if it does not hold (any more).
 * Locking: the queue's own, interrupts off.
 */
#ifndef WAIT_H
#define WAIT_H

#include "jiffies.h"
#include "sched.h"

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
} wait_queue_head_t;

/* One who waits, on his own stack. */
struct wait_queue_entry {
	struct task_struct *task;
	struct list_head entry; /* empty: woken, or not in the queue yet */
	bool exclusive;
};

#define __WAIT_QUEUE_HEAD_INITIALIZER(name)       \
	{                                         \
		.head = LIST_HEAD_INIT(name.head) \
	}
#define DECLARE_WAIT_QUEUE_HEAD(name) \
	wait_queue_head_t name = __WAIT_QUEUE_HEAD_INITIALIZER(name)

#define init_waitqueue_head(queue)              \
	do {                                    \
		spin_lock_init(&(queue)->lock); \
		INIT_LIST_HEAD(&(queue)->head); \
	} while (0)

#define DEFINE_WAIT(name)                                \
	struct wait_queue_entry name = {.task = current, \
					.entry = LIST_HEAD_INIT(name.entry)}

/* prepare_to_wait: into the queue, unless in it, and set our state; then test,
 * then schedule(). Exclusive: at its end, and wake_up wakes one such.
 * finish_wait: out of it again, and running.
 * leave_queue: its long way.
 * => process context; the entry and the queue stay until finish_wait */
void prepare_to_wait(wait_queue_head_t *queue, struct wait_queue_entry *wait,
		     u32 state);
#define prepare_to_wait_exclusive(queue, wait, state) \
	((wait)->exclusive = true, prepare_to_wait(queue, wait, state))
void leave_queue(wait_queue_head_t *queue, struct wait_queue_entry *wait);
static inline void
finish_wait(wait_queue_head_t *queue, struct wait_queue_entry *wait)
{
	set_current_state(TASK_RUNNING);
	/* Who was woken is in no list any more, and prev is the last that the
	 * waker writes: then he is done with it: nothing to lock for. */
	if (unlikely(READ_ONCE(wait->entry.prev) != &wait->entry))
		leave_queue(queue, wait);
}

/* wake_up_nr: all who are not exclusive, and nr of those who are; 0: all.
 * => any context */
void wake_up_nr(wait_queue_head_t *queue, unsigned int nr);
#define wake_up(queue)     wake_up_nr(queue, 1)
#define wake_up_all(queue) wake_up_nr(queue, 0)

/* waitqueue_active: does anybody wait? For who holds the lock under which the
 * waiters test, and so cannot miss one. */
#define waitqueue_active(queue) (!list_empty(&(queue)->head))

/* wait_event: sleep until the condition holds; it is evaluated anew after each
 * wakeup and must not sleep. wait_event_timeout: for at most so many ticks.
 * => process context
 * => 0 if it does not hold and the time is over; else the ticks left, at least
 *    1 */
#define wait_event_timeout(queue, condition, ticks)                       \
	({                                                                \
		long wait_left_ = (ticks);                                \
		DEFINE_WAIT(wait_entry_);                                 \
		might_sleep();                                            \
		for (;;) {                                                \
			prepare_to_wait(&(queue), &wait_entry_,           \
					TASK_UNINTERRUPTIBLE);            \
			if (condition) {                                  \
				wait_left_ = wait_left_ ? wait_left_ : 1; \
				break;                                    \
			}                                                 \
			if (!wait_left_)                                  \
				break;                                    \
			wait_left_ = schedule_timeout(wait_left_);        \
		}                                                         \
		finish_wait(&(queue), &wait_entry_);                      \
		wait_left_;                                               \
	})
#define wait_event(queue, condition) \
	((void)wait_event_timeout(queue, condition, MAX_SCHEDULE_TIMEOUT))

#endif
