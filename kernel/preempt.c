/* preempt.c - what all code needs of the scheduler, which stands above it.
 *
 *   spin_unlock, preempt_enable: count 0, somebody waits
 *        |
 *        v
 *   preempt_schedule --> preempt  (sched.c, once there are threads)
 */
#include "drivers.h"
#include "sched.h"
#include "sections.h"

DEFINE_PER_CPU(u32, preempt_count_var) = PREEMPT_ENABLED;

struct task_struct init_task = {
	.prio = DEFAULT_PRIO,
	.level = 2 * DEFAULT_PRIO,
	.slice = SLICE_TICKS,
	.usage = ATOMIC_INIT(1),
	.pid = 1,
	.stack = boot_stack,
	.comm = "main",
};
DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;

static void (*preempt)(void); /* (C) NULL until there are threads */

void
set_preempt(void (*fn)(void))
{
	preempt = fn;
}

void
preempt_schedule(void)
{
	if (irqs_disabled())
		return;
	local_irq_disable();
	preempt();
	local_irq_enable();
}

void
preempt_schedule_irq(void)
{
	preempt();
}
