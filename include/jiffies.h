/* jiffies.h - time as the kernel counts it: a tick HZ times a second.
 *
 *   INITIAL_JIFFIES = 2^32 - 300 * HZ        0
 *   |--------------- 5 minutes --------------|------------ 198 days --->
 *   boot                                     the count wraps
 *
 * It starts shortly before it wraps, so that whoever compares ticks wrongly
 * finds out within minutes, not after half a year. Compare with the macros
 * below, or compare differences. Linux's names.
 */
#ifndef JIFFIES_H
#define JIFFIES_H

#include "types.h"

#define HZ              250
#define INITIAL_JIFFIES ((unsigned long)-300 * HZ)

/* drivers/pit.c counts, in the timer's interrupt. */
extern volatile unsigned long jiffies;

/* Is a later than b? Right while they are less than 2^31 ticks (99 days)
 * apart. */
#define time_after(a, b)    ((long)((b) - (a)) < 0)
#define time_before(a, b)   time_after(b, a)
#define time_after_eq(a, b) (!time_before(a, b))

/* The farthest that anybody may look ahead. */
#define MAX_JIFFY_OFFSET (0x7FFFFFFFul / 2 - 1)

#define MSEC_PER_JIFFY (1000 / HZ)

static inline unsigned int
jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)j * MSEC_PER_JIFFY;
}

/* msecs_to_jiffies: rounded up, so that nobody waits too short.
 * => MAX_JIFFY_OFFSET for a number that is negative as an int: "for ever" */
static inline unsigned long
msecs_to_jiffies(unsigned int ms)
{
	if ((int)ms < 0)
		return MAX_JIFFY_OFFSET;
	return (ms + MSEC_PER_JIFFY - 1) / MSEC_PER_JIFFY;
}

#endif
