/* wait_helpers.h - how tests wait for what has no wait queue.
 */
#ifndef WAIT_HELPERS_H
#define WAIT_HELPERS_H

#include "jiffies.h"
#include "sched.h"

/* wait_until: sleep until cond(arg) holds, looking at every tick.
 * => process context; false if it did not within a second */
static inline bool
wait_until(bool (*cond)(void *arg), void *arg)
{
	unsigned long start = jiffies;

	while (!cond(arg)) {
		if (jiffies - start > HZ)
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

#endif
