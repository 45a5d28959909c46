/* workqueue.h - "do this soon, where you may sleep": what an interrupt leaves to
 * a thread. Linux's names.
 *
 *   queue_work --> [ work ] --> [ work ] --> the queue's thread: func(work)
 *
 *   idle --> pending --> running        pending again while it runs: runs again
 *
 * One thread a queue: its works never run side by side, and in order.
 */
#ifndef WORKQUEUE_H
#define WORKQUEUE_H

#include "timer.h"
#include "wait.h"

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

/* A work's fields belong to the lock of all workqueues. */
struct work_struct {
	struct list_head entry; /* in the queue; empty: not, or not yet */
	work_func_t func;
	struct workqueue_struct *wq; /* the last one it was given to */
	bool pending;                /* in the queue */
	bool canceling;              /* may not be queued */
};

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
};

/* INIT_WORK, INIT_DELAYED_WORK: idle ones. => any context
 * delayed_work_timer: the delay is over. => for INIT_DELAYED_WORK */
#define INIT_WORK(work, fn)                                                   \
	(*(work) =                                                            \
		 (struct work_struct){.entry = LIST_HEAD_INIT((work)->entry), \
				      .func = (fn)})
#define INIT_DELAYED_WORK(dwork, fn)                                 \
	do {                                                         \
		INIT_WORK(&(dwork)->work, fn);                       \
		timer_setup(&(dwork)->timer, delayed_work_timer, 0); \
	} while (0)
void delayed_work_timer(struct timer_list *timer);

/* alloc_workqueue: a queue with a thread of its own. destroy_workqueue: when
 * what is in it has run.
 * => process context; NULL: no memory */
struct workqueue_struct *__must_check alloc_workqueue(const char *name);
void destroy_workqueue(struct workqueue_struct *wq);

/* queue_work: run it once, soon; it stays its owner's, and valid until it has
 * begun. func may free it, or queue it again. schedule_work: on the queue that
 * is for everybody. queue_delayed_work: in so many ticks.
 * => any context; false if it was pending already */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long ticks);
extern struct workqueue_struct *system_wq;
#define schedule_work(work) queue_work(system_wq, work)
#define schedule_delayed_work(dwork, ticks) \
	queue_delayed_work(system_wq, dwork, ticks)

/* flush_work: sleep until it is neither pending nor running; of a delayed work,
 * only what its timer has let go.
 * cancel_work_sync: it will not run, and does not run any more, also if it queues
 * itself; nobody else may queue it meanwhile.
 * => process context, not from the work itself; was it (pending)? */
bool flush_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work_sync(struct delayed_work *dwork);

/* workqueue_init: the queue for everybody, and ksoftirqd. => boot, once there
 * are threads */
void workqueue_init(void);

#endif
