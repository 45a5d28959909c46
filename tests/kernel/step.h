/* step.h - an interrupt at a chosen instruction of whoever is going to sleep.
 *
 *   sleeper   test --> prepare_to_wait --> test again --> schedule
 *                 ^   ^   ^   ^   ^   ^   ^   ^   ^   ^
 *             1   2   3 ...     at: here an interrupt comes, and what is waited
 *                               for happens: no wakeup may be lost
 *
 * The CPU traps after each instruction; the `at`-th at which interrupts are on
 * gets one. All other threads then run, as if they were more urgent, until they
 * sleep. Who slept before it came has gone the whole way.
 */
#ifndef STEP_H
#define STEP_H

#include "types.h"

enum step_end {
	STEP_WOKEN,  /* it came on the way, and he went on */
	STEP_PASSED, /* he slept before; it was sent then, and he went on */
	STEP_LOST    /* he would have slept for ever; or he never slept */
};

/* step_sleep: run sleep(arg), with the interrupt wake(arg) at the `at`-th
 * instruction. => process context; one at a time */
enum step_end step_sleep(unsigned int at, void (*sleep)(void *arg),
			 void (*wake)(void *arg), void *arg);

/* step_way: how many instructions the last one went until it came, or he slept. */
unsigned int step_way(void);

/* step_all: for at = 1, 2, 3 ... until the whole way has been gone. prepare(arg)
 * comes before each; NULL: nothing to do.
 * => at how many places it came; how often the wakeup was lost in *lost: a few
 *    times are enough */
unsigned int step_all(void (*prepare)(void *arg), void (*sleep)(void *arg),
		      void (*wake)(void *arg), void *arg, unsigned int *lost);

/* step_count: how many instructions fn() takes, this time, without those of
 * interrupts. => process context; it does not sleep */
unsigned int step_count(void (*fn)(void));

#endif
