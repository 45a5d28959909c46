/* delay.h - waiting busily, for hardware that needs a moment. Linux's names.
 *
 * They wait at least as long as said (until the clock has been refined, a
 * second after boot, to within 2 %); interrupts and the scheduler make it
 * longer. A millisecond and more is better slept: msleep.
 */
#ifndef DELAY_H
#define DELAY_H

#include "types.h"

/* delay_ns: => any context, after time_init; without a time stamp counter
 * after pit_init */
void delay_ns(u64 ns);

static inline void
ndelay(unsigned long ns)
{
	delay_ns(ns);
}

static inline void
udelay(unsigned long us)
{
	delay_ns((u64)us * 1000);
}

static inline void
mdelay(unsigned long ms)
{
	delay_ns((u64)ms * 1000000);
}

#endif
