/* wait_helpers.h - how tests wait for what has no wait queue.
 */
#ifndef WAIT_HELPERS_H
#define WAIT_HELPERS_H

#include "jiffies.h"
#include "sched.h"

/* wait_until: sleep until cond(arg) holds, looking at every tick. It counts
 * looks, not ticks: those that a busy host brings late come in one burst, in
 * which nobody else has run.
 * => process context; false if it did not in a second's worth of looks */
static inline bool
wait_until(bool (*cond)(void *arg), void *arg)
{
	for (unsigned int looks = 0; looks < HZ; looks++) {
		if (cond(arg))
			return true;
		schedule_timeout_uninterruptible(1);
	}
	return false;
}

#endif
