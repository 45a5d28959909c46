/* kthread.c - kernel threads with an owner.
 *
 *   owner                      thread
 *   kthread_run  ------------> kthread_main --> fn(data)
 *   kthread_park ------------> kthread_should_park: kthread_parkme
 *        sleeps <--- parked ------  PARKED
 *   kthread_unpark ----------> goes on
 *   kthread_stop ------------> kthread_should_stop: return n
 *        sleeps <--- n ----------  gone
 *
 * Locking: none. A request is one byte that only the owner writes; he then
 * wakes the thread, which looks at it after it has set its state.
 */
#include "errno.h"
#include "kthread.h"
#include "printf.h"
#include "wait.h"

static DECLARE_WAIT_QUEUE_HEAD(parked);

bool
kthread_should_stop(void)
{
	return READ_ONCE(current->should_stop);
}

bool
kthread_should_park(void)
{
	return READ_ONCE(current->should_park);
}

void __sched
kthread_parkme(void)
{
	for (;;) {
		set_current_state(TASK_PARKED);
		if (!kthread_should_park())
			break;
		WRITE_ONCE(current->is_parked, true);
		wake_up_all(&parked);
		schedule();
	}
	WRITE_ONCE(current->is_parked, false);
	set_current_state(TASK_RUNNING);
}

/* Asked to stop, or to park, before it ever ran: then not at all, or later. */
static int
kthread_main(void)
{
	int code;

	if (kthread_should_park())
		kthread_parkme();
	code = kthread_should_stop() ? -EINTR : current->fn(current->data);
	WRITE_ONCE(current->ended, true);
	wake_up_all(&parked);
	return code;
}

struct task_struct *
kthread_create(int (*fn)(void *data), void *data, const char *fmt, ...)
{
	struct task_struct *k = task_create(kthread_main);
	va_list ap;

	if (!k)
		return ERR_PTR(-ENOMEM);
	va_start(ap, fmt);
	vsnprintf(k->comm, sizeof(k->comm), fmt, ap);
	va_end(ap);
	k->fn = fn;
	k->data = data;
	return k;
}

int
kthread_park(struct task_struct *k)
{
	WRITE_ONCE(k->should_park, true);
	wake_up_process(k);
	wait_event(parked, READ_ONCE(k->is_parked) || READ_ONCE(k->ended));
	return READ_ONCE(k->ended) ? -ENOSYS : 0;
}

void
kthread_unpark(struct task_struct *k)
{
	WRITE_ONCE(k->should_park, false);
	wake_up_state(k, TASK_PARKED);
}

int
kthread_stop(struct task_struct *k)
{
	int code;

	WRITE_ONCE(k->should_stop, true);
	kthread_unpark(k);
	wake_up_process(k);
	code = task_wait(k);
	put_task_struct(k);
	return code;
}
