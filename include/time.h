/* time.h - what time it is since boot, in nanoseconds. Linux's names.
 */
#ifndef TIME_H
#define TIME_H

#include "types.h"

#define NSEC_PER_USEC 1000u
#define NSEC_PER_SEC  1000000000u
#define NSEC_PER_MSEC 1000000u

typedef s64 ktime_t; /* nanoseconds */
#define KTIME_MAX ((ktime_t)0x7FFFFFFFFFFFFFFF)

#define CLOCK_REALTIME         0
#define CLOCK_MONOTONIC        1
#define CLOCK_PROCESS_CPUTIME  2
#define CLOCK_THREAD_CPUTIME   3
#define CLOCK_MONOTONIC_RAW    4
#define CLOCK_REALTIME_COARSE  5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME         7

/* ktime_get: since the first instruction; never goes back. As fine as the time
 * stamp counter; without one, a tick.
 * => any context; no lock */
ktime_t ktime_get(void);

/* ktime_get_real: since 1970, by the machine's clock when it was asked first.
 * => process context the first time */
ktime_t ktime_get_real(void);

/* ktime_add_safe: a + b, both not negative, or the end of time. */
static inline ktime_t
ktime_add_safe(ktime_t a, ktime_t b)
{
	return b > KTIME_MAX - a ? KTIME_MAX : a + b;
}

/* time_is_exact: the clock's rate is measured, and it needs no tick to go on.
 * => any context */
bool time_is_exact(void);

/* time_set_listener: fn is told, now and whenever the clock's rate changes: at
 * time stamp tsc it was ns since boot; a count is mult / 2^22 ns; 0: no counter.
 * => boot; fn is called with interrupts off */
void time_set_listener(void (*fn)(u64 tsc, u64 ns, u32 mult));

/* time_tick: a tick has passed. => the timer's interrupt only */
void time_tick(void);

#endif
