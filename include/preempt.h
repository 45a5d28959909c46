/* preempt.h - in which context this code runs, and keeping it there.
 *
 *   preempt_count   31 ..... 16 15 ..... 8 7 ...... 0
 *                  |  hardirq  | softirq  | preempt  |
 *
 * Not 0 means "atomic": whoever runs may not sleep. Linux's names and layout.
 */
#ifndef PREEMPT_H
#define PREEMPT_H

#include "percpu.h"
#include "x86.h"

#define PREEMPT_OFFSET         1u
#define SOFTIRQ_OFFSET         0x100u
#define SOFTIRQ_DISABLE_OFFSET (2 * SOFTIRQ_OFFSET) /* bit 8: one runs */
#define HARDIRQ_OFFSET         0x10000u
#define PREEMPT_MASK           0xFFu
#define SOFTIRQ_MASK           0xFF00u
#define HARDIRQ_MASK           0xFFFF0000u

DECLARE_PER_CPU(u32, preempt_count_var);

#define preempt_count() (this_cpu(preempt_count_var) + 0)

/* preempt_disable, preempt_enable: the running thread stays; they nest. */
static inline void
preempt_disable(void)
{
	this_cpu(preempt_count_var) += PREEMPT_OFFSET;
	barrier();
}

static inline void
preempt_enable(void)
{
	barrier();
	this_cpu(preempt_count_var) -= PREEMPT_OFFSET;
}

/* should_resched: somebody more important is ready, and this context can be
 * preempted. preempt_schedule_irq: let him run. => irq.c, interrupts off
 * sched_tick: a tick has passed. => the timer's interrupt only */
static inline bool
should_resched(void)
{
	return false;
}

static inline void
preempt_schedule_irq(void)
{
}

static inline void
sched_tick(void)
{
}

/* irq_enter, irq_exit: around every interrupt handler. => irq.c only */
static inline void
irq_enter(void)
{
	this_cpu(preempt_count_var) += HARDIRQ_OFFSET;
}

static inline void
irq_exit(void)
{
	this_cpu(preempt_count_var) -= HARDIRQ_OFFSET;
}

/* in_hardirq: inside an interrupt handler. in_serving_softirq: inside a
 * softirq; in_softirq: there, or where they are disabled. in_interrupt: any of
 * these. in_atomic: anywhere that must not sleep, as far as the count tells
 * (interrupts that are merely off do not count). */
#define in_hardirq()         (preempt_count() & HARDIRQ_MASK)
#define in_softirq()         (preempt_count() & SOFTIRQ_MASK)
#define in_serving_softirq() (preempt_count() & SOFTIRQ_OFFSET)
#define in_interrupt()       (preempt_count() & (HARDIRQ_MASK | SOFTIRQ_MASK))
#define in_atomic()          (preempt_count() != 0)

/* system_running: boot is over; before, interrupts are off and nobody
 * complains. */
extern bool system_running;

/* can_sleep: may this context sleep, as far as one can tell? */
static inline bool
can_sleep(void)
{
	return !system_running || (!in_atomic() && !irqs_disabled());
}

/* might_sleep: say so if sleeping here would be a bug: in an interrupt, with a
 * spinlock held, preemption or interrupts off. Linux's words.
 * => any context; false, and counted, if it must not sleep here */
#define might_sleep() might_sleep_at(__FILE__, __LINE__)
bool might_sleep_at(const char *file, int line);

/* might_sleep_count: how often it has found a bug; for tests. */
unsigned int might_sleep_count(void);

/* wait_until: halt with interrupts on until cond(arg) holds; what everybody
 * does who must wait, until there are threads to switch to.
 * => process context
 * => false if it did not within a second, or if this context cannot wait */
bool wait_until(bool (*cond)(void *arg), void *arg);

#endif
