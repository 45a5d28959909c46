/* interrupt.h - what an interrupt puts off until it is over: softirqs, and
 * tasklets. Linux's names.
 *
 *   interrupt handler          raise_softirq_irqoff(nr), tasklet_schedule(t)
 *      |  interrupts off       "to do": a bit, a list
 *      v
 *   its end, or local_bh_enable: the softirqs run; interrupts are on
 *      |
 *      v
 *   what was interrupted goes on
 *
 * A softirq may not sleep. On one CPU it is never interrupted by another
 * softirq, so local_bh_disable() keeps them all out.
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include "preempt.h"

/* In the order in which they run. */
enum {
	TIMER_SOFTIRQ,
	TASKLET_SOFTIRQ,
	NR_SOFTIRQS
};

DECLARE_PER_CPU(u32, softirq_pending); /* a bit for each that shall run */

/* open_softirq: action() is what the softirq does. => boot, interrupts off */
void open_softirq(unsigned int nr, void (*action)(void));

/* raise_softirq_irqoff: it shall run: when this interrupt is over; with softirqs
 * disabled, at the last local_bh_enable(); else by the daemon, or when the next
 * interrupt is over. => any context, interrupts off */
void raise_softirq_irqoff(unsigned int nr);

/* do_softirq: run what is pending, unless this is an interrupt itself, or they
 * are off. => any context, most of all the daemon's */
void do_softirq(void);

/* softirq_irq_exit: the same at the end of an interrupt, after irq_exit().
 * => irq.c, interrupts off */
void softirq_run(void);
static inline void
softirq_irq_exit(void)
{
	if (this_cpu(softirq_pending) && !in_interrupt())
		softirq_run();
}

/* softirq_set_daemon: wake() is called, with interrupts off, when softirqs
 * are pending that no interrupt's end will run soon: raised with interrupts
 * off, or again and again by themselves (after 10 rounds they leave the CPU to
 * others). Without: the next interrupt's end does it. => boot */
void softirq_set_daemon(void (*wake)(void));

/* For statistics: how often each has run (and its name, as in /proc/softirqs),
 * how many tasklets have, and how often softirqs were left to the daemon. */
DECLARE_PER_CPU(unsigned long, softirq_counts[NR_SOFTIRQS]);
DECLARE_PER_CPU(unsigned long, tasklets_run);
DECLARE_PER_CPU(unsigned long, softirqs_left);
extern const char *const softirq_names[NR_SOFTIRQS];

/* local_bh_disable, local_bh_enable: no softirq runs on this CPU in between;
 * they nest. The last enable runs what has become pending (not with interrupts
 * off: then it waits for the next interrupt).
 * => process context or softirq */
static inline void
local_bh_disable(void)
{
	this_cpu(preempt_count_var) += SOFTIRQ_DISABLE_OFFSET;
	barrier();
}

static inline void
local_bh_enable(void)
{
	barrier();
	/* Still not preempted, until they have run. */
	this_cpu(preempt_count_var) -= SOFTIRQ_DISABLE_OFFSET - PREEMPT_OFFSET;
	barrier(); /* what is raised from here on, irq exit runs */
	if (unlikely(this_cpu(softirq_pending)))
		do_softirq();
	preempt_enable();
}

/* A tasklet: a function that runs once, in a softirq, however often it was
 * asked for before it began; never on two CPUs at once. Asked for while it
 * runs, by itself too, it runs once more. */
struct tasklet_struct {
	struct tasklet_struct *next; /* (I) in the list of its CPU */
	u32 state;                   /* TASKLET_ bits, changed atomically */
	u32 disabled;                /* (T) how often */
	void (*callback)(struct tasklet_struct *t);
};

#define TASKLET_SCHEDULED 1u /* it shall run, once */
#define TASKLET_RUNNING   2u /* its callback is being called */
#define TASKLET_PARKED    4u /* its turn came while disabled */

#define DECLARE_TASKLET(name, fn) struct tasklet_struct name = {.callback = fn}

/* from_tasklet: the object around the tasklet that a callback was given. */
#define from_tasklet(var, t, member) container_of(t, __typeof__(*(var)), member)

/* tasklet_setup: an idle tasklet. => any context; it must not be scheduled */
#define tasklet_setup(t, fn) (*(t) = (struct tasklet_struct){.callback = (fn)})

/* tasklet_schedule: callback(t) shall run, when: see raise_softirq_irqoff; but
 * in process context with interrupts on at once, before tasklet_schedule
 * returns, as if an interrupt had come here. => any context */
void tasklet_schedule(struct tasklet_struct *t);

/* tasklet_disable: it does not run until as many tasklet_enable; when it
 * returns, it is not running, either. If it is scheduled meanwhile, it runs
 * afterwards. => any context; enabling too often is reported */
void tasklet_disable(struct tasklet_struct *t);
void tasklet_enable(struct tasklet_struct *t);

/* tasklet_kill: let a scheduled run happen, and return when it is over: then
 * its memory may go. What it has scheduled of itself is dropped, and so is the
 * run of a disabled one; other sources must have been stopped before.
 * => process context, interrupts on; elsewhere it is reported, and not done */
void tasklet_kill(struct tasklet_struct *t);

/* softirq_init: the tasklets' softirqs. => boot */
void softirq_init(void);

#endif
