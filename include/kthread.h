/* kthread.h - kernel threads that somebody owns: started, parked, stopped.
 *
 *	static int				k = kthread_run(pump, &data,
 *	pump(void *data)					"pump/%d", 3);
 *	{					...
 *		while (!kthread_should_stop())	result = kthread_stop(k);
 *			...
 *		return 0;
 *	}
 *
 * Linux's names, and one difference: the creator holds a reference, so that k
 * stays valid when the thread has ended by itself. It is given back by
 * kthread_stop, or by put_task_struct for a thread that is left alone.
 */
#ifndef KTHREAD_H
#define KTHREAD_H

#include "err.h"
#include "sched.h"

/* kthread_create: a thread that will run fn(data) once it is woken
 * (wake_up_process). kthread_run: and wakes it. The name is cut at
 * TASK_COMM_LEN - 1.
 * => process context; the task, or ERR_PTR(-ENOMEM) */
struct task_struct *kthread_create(int (*fn)(void *data), void *data,
				   const char *fmt, ...) __printf(3, 4);
#define kthread_run(fn, data, ...)                             \
	({                                                     \
		struct task_struct *kthread_ =                 \
			kthread_create(fn, data, __VA_ARGS__); \
		if (!IS_ERR(kthread_))                         \
			wake_up_process(kthread_);             \
		kthread_;                                      \
	})

/* kthread_stop: ask it to end, wake it, also if it is parked, and wait until it
 * is gone. The reference goes with it: once.
 * => process context, not the thread itself
 * => what fn returned, also if that was long ago; -EINTR if it never ran */
int kthread_stop(struct task_struct *k);

/* kthread_park: ask it to stand still, and wait until it does.
 * kthread_unpark: let it go on.
 * => process context
 * => 0; -ENOSYS if it has ended */
int kthread_park(struct task_struct *k);
void kthread_unpark(struct task_struct *k);

/* What the thread itself asks, and does: wait in kthread_parkme as long as
 * kthread_should_park. */
bool kthread_should_stop(void);
bool kthread_should_park(void);
void kthread_parkme(void);

#endif
