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

#define ndelay(ns) delay_ns(ns)
#define udelay(us) delay_ns((u64)(us)*1000)
#define mdelay(ms) delay_ns((u64)(ms)*1000000)

#endif
