/* sched.c - switching between threads, sleeping and waking.
 *
 *   schedule      I wait (state), or yield         a wakeup, a tick: need_resched
 *      |                                               |
 *      |               preempt_enable, end of an interrupt: preempt_schedule
 *      v                                               v
 *   __schedule: rq_pick --> context_switch --> [ the other thread's stack ]
 *                                                     |
 *          who came back reaps who has died  <--------+
 *
 * Guarantees: a wakeup is never lost: set_current_state, then the test, then
 * schedule(). A thread that dies keeps its stack until another one runs.
 * Locking: rq->lock, interrupts off; it is taken on one stack and released on
 * the next. It is the innermost lock there is.
 * Limits: one CPU's queues.
 */
#include "drivers.h"
#include "internal.h"
#include "panic.h"
#include "hrtimer.h"
#include "string.h"
#include "tick.h"
#include "timer.h"
#include "trap.h"
#include "util.h"

struct task_struct *switch_stacks(struct task_struct *prev,
				  struct task_struct *next);
static_assert(offsetof(struct task_struct, sp) == 0, "switch.asm: TASK_SP");
static_assert(offsetof(struct task_struct, work) == 4, "entry.asm: TASK_WORK");

void (*user_switch)(const struct task_struct *prev,
		    const struct task_struct *next);

DEFINE_PER_CPU(struct rq, runqueue);

enum why {
	BLOCK,  /* by state: to sleep, or only to look around */
	YIELD,  /* equals first */
	PREEMPT /* stays ready, whatever its state: it had no say */
};

/* --- The switch ----------------------------------------------------------- */

/* The one place where threads change. */
static __always_inline void
context_switch(struct rq *rq, struct task_struct *prev,
	       struct task_struct *next)
{
	prev->since = jiffies;
	next->switches++;
	rq->curr = next;
	if (lockdep_on())
		lockdep_switch(&next->held, &rq->lock);
	current = next;
	if (prev->process || next->process)
		user_switch(prev, next);
	finish_switch(switch_stacks(prev, next));
}

/* => interrupts off, and back with them off */
static __always_inline void NO_LOCK_ANALYSIS
__schedule(enum why why)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	struct task_struct *prev = current, *next;

	spin_take(&rq->lock);
	if (why == YIELD)
		rq_requeue(rq, prev);
	else if (prev->state == TASK_RUNNING || why == PREEMPT)
		; /* stays where it is */
	else if (likely(prev != rq->idle))
		rq_dequeue(rq, prev);
	else
		idle_bug();
	next = rq_pick(rq);
	clear_need_resched();
	if (likely(next != prev))
		context_switch(rq, prev, next);
	else
		spin_give(&rq->lock);
}

/* Switch, though somebody has forbidden it: the others must run with a count of
 * their own. */
static __noinline void __sched
schedule_anyway(enum why why)
{
	u32 count = preempt_count();

	if (!schedule_bug())
		return;
	this_cpu(preempt_count_var) -= count;
	why == YIELD ? yield() : schedule();
	this_cpu(preempt_count_var) += count;
}

static __always_inline void
schedule_why(enum why why)
{
	if (unlikely(preempt_count() || irqs_disabled())) {
		schedule_anyway(why);
		return;
	}
	local_irq_disable();
	do
		__schedule(why);
	while (unlikely(need_resched()));
	local_irq_enable();
}

void __sched
schedule(void)
{
	schedule_why(BLOCK);
}

void __sched
yield(void)
{
	schedule_why(YIELD);
}

void __sched
cond_resched(void)
{
	might_sleep();
	preempt_check_resched();
}

static void __sched
preempt(void)
{
	while (need_resched())
		__schedule(PREEMPT);
}

void
sched_tick(void)
{
	struct rq *rq = this_cpu_ptr(runqueue);

	spin_lock(&rq->lock);
	if (rq->curr && rq_tick(rq, jiffies))
		set_need_resched();
	spin_unlock(&rq->lock);
}

/* --- Waking --------------------------------------------------------------- */

bool
wake_up_state(struct task_struct *task, u32 states)
{
	unsigned long flags = local_irq_save();
	bool asleep = wake_task(task, states);

	local_irq_restore(flags);
	preempt_check_resched();
	return asleep;
}

void
wake_up_new_task(struct task_struct *task)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	task->state = TASK_RUNNING;
	rq_enqueue(rq, task, jiffies);
	rq_requeue(rq, task);
	spin_unlock_irqrestore(&rq->lock, flags);
}

void
sched_set_priority(struct task_struct *task, unsigned int prio)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	unsigned long flags;

	assert_op(prio, <, (unsigned int)NR_PRIO);
	spin_lock_irqsave(&rq->lock, flags);
	if (task->queued) {
		rq_dequeue(rq, task);
		task->prio = (u8)prio;
		rq_enqueue(rq, task, jiffies);
		set_need_resched();
	} else {
		task->prio = (u8)prio;
	}
	spin_unlock_irqrestore(&rq->lock, flags);
	preempt_check_resched();
}

/* --- Sleeping for a time -------------------------------------------------- */

struct sleeper {
	struct timer_list timer;
	struct task_struct *task;
};

static void
wake_sleeper(struct timer_list *timer)
{
	wake_up_process(container_of(timer, struct sleeper, timer)->task);
}

long __sched
schedule_timeout(long ticks)
{
	struct sleeper sleeper = {.task = current};
	unsigned long end = jiffies + ticks;

	if (!might_sleep()) {
		set_current_state(TASK_RUNNING);
		return 0;
	}
	if (ticks == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return ticks;
	}
	timer_setup(&sleeper.timer, wake_sleeper, 0);
	mod_timer(&sleeper.timer, end);
	schedule();
	del_timer_sync(&sleeper.timer);
	ticks = end - jiffies;
	return max(ticks, 0l);
}

struct hr_sleeper {
	struct hrtimer timer;
	struct task_struct *task;
};

static enum hrtimer_restart
wake_hr_sleeper(struct hrtimer *timer)
{
	wake_up_process(container_of(timer, struct hr_sleeper, timer)->task);
	return HRTIMER_NORESTART;
}

void __sched
schedule_until(ktime_t end)
{
	struct hr_sleeper sleeper = {.task = current};

	if (!might_sleep()) {
		set_current_state(TASK_RUNNING);
		return;
	}
	if (end == KTIME_MAX) {
		schedule();
		return;
	}
	hrtimer_init(&sleeper.timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
	sleeper.timer.function = wake_hr_sleeper;
	hrtimer_start(&sleeper.timer, end, HRTIMER_MODE_ABS);
	schedule();
	hrtimer_cancel(&sleeper.timer);
}

long __sched
schedule_timeout_uninterruptible(long ticks)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(ticks);
}

void __sched
msleep(unsigned int ms)
{
	long ticks = DIV_ROUND_UP(ms, 1000 / HZ) + 1;

	while (ticks)
		ticks = schedule_timeout_uninterruptible(ticks);
}

/* --- Idle, and the start -------------------------------------------------- */

static int __noreturn
idle_loop(void)
{
	for (;;) {
		local_irq_disable();
		preempt();
		tick_begin_idle();
		safe_halt();
	}
}

void __init
sched_init(void)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	struct task_struct *idle;

	task_add(current);
	idle = task_create(idle_loop);
	if (!idle)
		panic("no memory for the idle thread");
	strscpy(idle->comm, "idle", sizeof(idle->comm));
	idle->prio = NR_PRIO;
	idle->level = NR_LEVELS;
	idle->state = TASK_RUNNING;
	idle->pid = 0;
	rq_init(rq, idle);
	rq->curr = current;
	rq_enqueue(rq, current, jiffies);
	set_preempt(preempt);
}
