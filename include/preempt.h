/* preempt.h - in which context this code runs, and keeping it there.
 *
 *   preempt_count   31   30 ...... 16 15 ..... 8 7 ...... 0
 *                  | no | hardirq    | softirq  | preempt  |
 *                    |
 *                    +-- 1: no other thread waits for this CPU
 *
 * A count of 0 means that whoever runs may be preempted; anything else is
 * "atomic": he may not even sleep. Bit 31 says the opposite of "reschedule", so
 * that the whole word is 0 exactly if a thread should be switched to, and may:
 * preempt_enable is a decrement and a jump that is not taken. Linux's names and
 * layout.
 */
#ifndef PREEMPT_H
#define PREEMPT_H

#include "percpu.h"
#include "x86.h"

#define PREEMPT_OFFSET         1u
#define SOFTIRQ_OFFSET         0x100u
#define SOFTIRQ_DISABLE_OFFSET (2 * SOFTIRQ_OFFSET) /* bit 8: one runs */
#define HARDIRQ_OFFSET         0x10000u
#define SOFTIRQ_MASK           0xFF00u
#define HARDIRQ_MASK           0x7FFF0000u

#define PREEMPT_NEED_RESCHED 0x80000000u /* clear: reschedule */
#define PREEMPT_ENABLED      PREEMPT_NEED_RESCHED

DECLARE_PER_CPU(u32, preempt_count_var);

#define preempt_count() (this_cpu(preempt_count_var) & ~PREEMPT_NEED_RESCHED)

/* need_resched: should this CPU run another thread? set_need_resched asks for
 * it, at the next preempt_enable or end of an interrupt. => any context */
#define need_resched() (!(this_cpu(preempt_count_var) & PREEMPT_NEED_RESCHED))
#define set_need_resched() \
	((void)(this_cpu(preempt_count_var) &= ~PREEMPT_NEED_RESCHED))
#define clear_need_resched() \
	((void)(this_cpu(preempt_count_var) |= PREEMPT_NEED_RESCHED))

/* preempt_schedule: run whoever should; nothing while interrupts are off.
 * preempt_schedule_irq: the same at the end of an interrupt: irq.c only.
 * => the count is 0 and need_resched(); the latter with interrupts off */
void preempt_schedule(void);
void preempt_schedule_irq(void);

/* sched_tick: HZ times a second, from the timer's interrupt. */
void sched_tick(void);

/* should_resched: another thread should run, and may. => any context */
#define should_resched() (!this_cpu(preempt_count_var))

/* preempt_check_resched: switch now if one should and may; for whoever has
 * woken somebody with interrupts off. => any context */
static inline void
preempt_check_resched(void)
{
	if (unlikely(should_resched()))
		preempt_schedule();
}

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
	if (unlikely(!(this_cpu(preempt_count_var) -= PREEMPT_OFFSET)))
		preempt_schedule();
}

/* irq_enter, irq_exit: around every interrupt handler. => irq.c only */
#define irq_enter() ((void)(this_cpu(preempt_count_var) += HARDIRQ_OFFSET))
#define irq_exit()  ((void)(this_cpu(preempt_count_var) -= HARDIRQ_OFFSET))

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
#define might_sleep() might_sleep_in(__FILE__, __LINE__)
bool might_sleep_at(const char *file, int line);

static __always_inline bool
might_sleep_in(const char *file, int line)
{
	return (likely(this_cpu(preempt_count_var) == PREEMPT_ENABLED) &&
		likely(!irqs_disabled())) ||
	       might_sleep_at(file, line);
}

/* might_sleep_count: how often it has found a bug; for tests. While
 * might_sleep_quiet it only counts. */
unsigned int might_sleep_count(void);
extern bool might_sleep_quiet;

/* set_preempt: what runs whoever should, with interrupts off: from the scheduler,
 * for code below it. => boot */
void set_preempt(void (*preempt)(void));

#endif
