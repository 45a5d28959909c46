/* preempt.c - what all code needs of the scheduler, which stands above it.
 *
 *   spin_unlock, preempt_enable: count 0, somebody waits
 *        |
 *        v
 *   preempt_schedule --> ops->preempt  (sched.c, once there are threads)
 *   wait_until       --> ops->sleep    (before: halt)
 */
#include "drivers.h"
#include "sched.h"
#include "sections.h"

DEFINE_PER_CPU(u32, preempt_count_var) = PREEMPT_ENABLED;

struct task_struct init_task = {
	.prio = DEFAULT_PRIO,
	.slice = SLICE_TICKS,
	.usage = ATOMIC_INIT(1),
	.pid = 1,
	.stack = boot_stack,
	.comm = "main",
};
DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;

static const struct sched_ops *ops; /* (C) NULL until there are threads */

void
set_sched_ops(const struct sched_ops *sched_ops)
{
	ops = sched_ops;
}

void
preempt_schedule(void)
{
	if (irqs_disabled())
		return;
	local_irq_disable();
	ops->preempt();
	local_irq_enable();
}

void
preempt_schedule_irq(void)
{
	ops->preempt();
}

/* Until the next interrupt, unless cond(arg) holds: one that came between the
 * test and the halt would be slept through. => did it hold? */
static bool
halt_unless(bool (*cond)(void *arg), void *arg)
{
	bool holds;

	local_irq_disable();
	holds = cond(arg);
	if (holds)
		local_irq_enable();
	else
		safe_halt();
	return holds;
}

bool
wait_until(bool (*cond)(void *arg), void *arg)
{
	unsigned long start = jiffies;

	if (!system_running || in_atomic() || irqs_disabled())
		return cond(arg);
	for (;;) {
		if (ops ? cond(arg) : halt_unless(cond, arg))
			return true;
		if (jiffies - start > HZ)
			return false;
		if (ops)
			ops->sleep();
	}
}
