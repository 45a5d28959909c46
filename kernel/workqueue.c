/* workqueue.c - threads that do what others leave to them.
 *
 *   queue_work      list --> [ w1 ] --> [ w2 ]     wakes the worker
 *   worker          running = w1; func(w1); running = NULL
 *   flush_work(w2)  list --> [ w2 ] --> [ barrier ]: sleeps until that has run
 *
 * And ksoftirqd, a thread for softirqs that would wait for the next interrupt.
 *
 * Locking: works_lock, interrupts off, for all queues: held for a few
 * instructions. func runs without any lock, interrupts on.
 */
#include "completion.h"
#include "drivers.h"
#include "interrupt.h"
#include "kthread.h"
#include "panic.h"
#include "slab.h"
#include "workqueue.h"

struct workqueue_struct {
	struct list_head list;       /* (works_lock) to be run */
	struct work_struct *running; /* (works_lock) may be freed already */
	wait_queue_head_t more;      /* the worker */
	struct task_struct *worker;  /* (C) */
};

static DEFINE_SPINLOCK(works_lock);

struct workqueue_struct *system_wq;

/* --- The worker ----------------------------------------------------------- */

/* => the next work, out of the list and marked as running; NULL if none */
static struct work_struct *
next_work(struct workqueue_struct *wq)
{
	struct work_struct *work = NULL;
	unsigned long flags;

	spin_lock_irqsave(&works_lock, flags);
	if (!list_empty(&wq->list)) {
		work = list_first_entry(&wq->list, struct work_struct, entry);
		list_del_init(&work->entry);
		WRITE_ONCE(wq->running, work); /* first: see flush_work */
		WRITE_ONCE(work->pending, false);
	}
	spin_unlock_irqrestore(&works_lock, flags);
	return work;
}

static int
worker(void *data)
{
	struct workqueue_struct *wq = data;
	struct work_struct *work;

	for (;;) {
		while ((work = next_work(wq))) {
			work->func(work);
			WRITE_ONCE(wq->running, NULL);
		}
		if (kthread_should_stop())
			return 0;
		wait_event(wq->more,
			   !list_empty(&wq->list) || kthread_should_stop());
	}
}

struct workqueue_struct *
alloc_workqueue(const char *name)
{
	struct workqueue_struct *wq = kzalloc(sizeof(*wq), GFP_KERNEL);

	if (!wq)
		return NULL;
	INIT_LIST_HEAD(&wq->list);
	init_waitqueue_head(&wq->more);
	wq->worker = kthread_run(worker, wq, "%s", name);
	if (IS_ERR(wq->worker)) {
		kfree(wq);
		return NULL;
	}
	return wq;
}

/* --- Giving it work ------------------------------------------------------- */

bool
queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	unsigned long flags;
	bool accept;

	spin_lock_irqsave(&works_lock, flags);
	accept = !work->pending && !work->canceling;
	if (accept) {
		work->pending = true;
		work->wq = wq;
		list_add_tail(&work->entry, &wq->list);
	}
	spin_unlock_irqrestore(&works_lock, flags);
	if (accept)
		wake_up(&wq->more);
	return accept;
}

void
delayed_work_timer(struct timer_list *timer)
{
	struct work_struct *work =
		&container_of(timer, struct delayed_work, timer)->work;

	queue_work(work->wq, work);
}

bool
queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		   unsigned long ticks)
{
	if (timer_pending(&dwork->timer) || dwork->work.pending ||
	    dwork->work.canceling)
		return false;
	dwork->work.wq = wq;
	mod_timer(&dwork->timer, jiffies + ticks);
	return true;
}

/* --- Waiting for it, and taking it back ----------------------------------- */

struct barrier {
	struct work_struct work;
	struct completion passed;
};

static void
pass_barrier(struct work_struct *work)
{
	complete(&container_of(work, struct barrier, work)->passed);
}

/* Until all that is in the queue now has run. */
static void
wait_barrier(struct workqueue_struct *wq)
{
	struct barrier barrier;

	assert(current != wq->worker);
	INIT_WORK(&barrier.work, pass_barrier);
	init_completion(&barrier.passed);
	queue_work(wq, &barrier.work);
	wait_for_completion(&barrier.passed);
}

void
destroy_workqueue(struct workqueue_struct *wq)
{
	wait_barrier(wq);
	kthread_stop(wq->worker);
	kfree(wq);
}

bool
flush_work(struct work_struct *work)
{
	bool busy = READ_ONCE(work->pending) ||
		    (work->wq && READ_ONCE(work->wq->running) == work);

	might_sleep();
	if (busy)
		wait_barrier(work->wq);
	return busy;
}

bool
cancel_work_sync(struct work_struct *work)
{
	unsigned long flags;
	bool was;

	spin_lock_irqsave(&works_lock, flags);
	was = work->pending;
	list_del_init(&work->entry);
	work->pending = false;
	work->canceling = true;
	spin_unlock_irqrestore(&works_lock, flags);
	flush_work(work);
	work->canceling = false;
	return was;
}

/* What runs just now may arm the timer again before it is told not to. */
bool
cancel_delayed_work_sync(struct delayed_work *dwork)
{
	bool was = cancel_work_sync(&dwork->work);

	while (del_timer_sync(&dwork->timer)) {
		was = true;
		cancel_work_sync(&dwork->work);
	}
	return was;
}

/* --- Softirqs that the end of no interrupt runs ------------------------------ */

static struct task_struct *ksoftirqd;

static int __noreturn
run_softirqs(void *unused __maybe_unused)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!this_cpu(softirq_pending))
			schedule();
		set_current_state(TASK_RUNNING);
		do_softirq();
		cond_resched();
	}
}

static void
wake_ksoftirqd(void)
{
	wake_up_process(ksoftirqd);
}

void __init
workqueue_init(void)
{
	system_wq = alloc_workqueue("events");
	ksoftirqd = kthread_run(run_softirqs, NULL, "ksoftirqd");
	if (!system_wq || IS_ERR(ksoftirqd))
		panic("no memory for the kernel's own threads");
	softirq_set_daemon(wake_ksoftirqd);
}
