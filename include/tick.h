/* tick.h - the timer's interrupt: ticks, and what comes between them.
 */
#ifndef TICK_H
#define TICK_H

#include "percpu.h"

/* tick_init: a tick HZ times a second: jiffies counts them, timers run.
 * => boot, after irq_init, timers_init and time_init */
void tick_init(void);

/* tick_interrupt: the timer's interrupt has come. => that interrupt */
void tick_interrupt(void);

/* tick_begin_idle: nobody wants the CPU: ticks are not needed until a timer
 * may be due. tick_end_idle: jiffies counts those that have passed.
 * => interrupts off. Whoever may have interrupted an idle CPU asks tick_idle(),
 *    and ends it before he looks at anything. */
void tick_begin_idle(void);
void tick_end_idle(void);
DECLARE_PER_CPU(bool, tick_idle_var);
#define tick_idle() this_cpu(tick_idle_var)

/* tick_set_hook: fn is called at each tick, in the timer's interrupt, after
 * jiffies went up; NULL: nobody. There is one: for tests of what an interrupt
 * may do. => any context */
void tick_set_hook(void (*fn)(void));

#endif
