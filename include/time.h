/* time.h - what time it is since boot, in nanoseconds. Linux's names.
 */
#ifndef TIME_H
#define TIME_H

#include "types.h"

#define NSEC_PER_USEC 1000u
#define NSEC_PER_SEC  1000000000u
#define NSEC_PER_MSEC 1000000u

typedef s64 ktime_t; /* nanoseconds */

/* ktime_get: since the first instruction; never goes back. As fine as the time
 * stamp counter; without one, a tick.
 * => any context; no lock */
ktime_t ktime_get(void);

/* time_tick: a tick has passed. => the timer's interrupt only */
void time_tick(void);

#endif
