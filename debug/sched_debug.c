/* sched_debug.c - what looks for mistakes in and with threads.
 *
 *   schedule() with a lock held   --> schedule_bug  "scheduling while atomic"
 *   schedule() to sleep, by idle  --> idle_bug
 *   a run queue                   --> rq_check      walks it all, and counts
 *   an address in a report        --> explain_stack "guard page below the stack
 *                                                    of thread ..."
 * Locking: rq->lock is held for the second and the third.
 */
#include "../kernel/internal.h"
#include "explain.h"
#include "printf.h"
#include "printk.h"
#include "trap.h"

#define MAX_WALK 10000 /* tasks, in a list that may be broken */

static unsigned int bugs;

unsigned int
schedule_bugs(void)
{
	return bugs;
}

bool
schedule_bug(void)
{
	bugs++;
	pr_err("BUG: scheduling while atomic: %s/%d/0x%08x\n", current->comm,
	       current->pid, preempt_count());
	if (lockdep_on())
		lockdep_print_held();
	report_backtrace((u32)__builtin_return_address(0) - 1, 0,
			 *(u32 *)__builtin_frame_address(0));
	if (!in_interrupt() && !irqs_disabled())
		return true;
	set_current_state(TASK_RUNNING);
	return false;
}

void
idle_bug(void)
{
	bugs++;
	set_current_state(TASK_RUNNING);
	pr_err("BUG: the idle thread must not sleep\n");
	report_backtrace((u32)__builtin_return_address(0) - 1, 0,
			 *(u32 *)__builtin_frame_address(0));
}

unsigned int
rq_check(const struct rq *rq)
{
	const struct task_struct *task;
	unsigned int wrong = 0, count = 0;

	for (unsigned int p = 0; p < NR_LEVELS; p++) {
		wrong += (rq->ready >> p & 1) == list_empty(&rq->queue[p]);
		list_for_each_entry(task, &rq->queue[p], run)
		{
			wrong += task->level != p || task->prio != p / 2 ||
				 !task->queued || !task->slice ||
				 task->slice > SLICE_TICKS;
			wrong += task->run.next->prev != &task->run;
			count++;
		}
	}
	wrong += count != rq->nr_ready;
	wrong += rq->boost && !rq->boost->queued;
	return wrong;
}

size_t
stack_used(const struct task_struct *task)
{
	const u32 *word = task->stack, *top = word + STACK_SIZE / sizeof(u32);

	while (word < top && !*word)
		word++;
	return (top - word) * sizeof(u32);
}

/* Without the lock: the machine is failing. */
static size_t
explain_stack(u32 address, char *buf, size_t size)
{
	struct task_struct *task = NULL;
	u32 bottom;

	for (unsigned int i = 0; i < MAX_WALK && (task = task_next(task));
	     i++) {
		bottom = (u32)task->stack;
		if (address - bottom < STACK_SIZE)
			return scnprintf(buf, size,
					 "stack of thread \"%s\" (pid %d), %u "
					 "bytes below its top",
					 task->comm, task->pid,
					 bottom + STACK_SIZE - address);
		if (bottom - 1 - address < PAGE_SIZE)
			return scnprintf(buf, size,
					 "guard page below the stack of thread "
					 "\"%s\" (pid %d)",
					 task->comm, task->pid);
	}
	return 0;
}
EXPLAIN(explain_stack);
