/* completion.h - "it is done": one says so, another waits for it, whichever
 * comes first. Linux's names.
 *
 *   complete: done++, wakes one       wait_for_completion: sleeps while done is
 *   complete_all: done = for ever                           0, then done--
 */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "wait.h"

#define COMPLETION_FOREVER 0xFFFFFFFFu

struct completion {
	u32 done; /* (wait.lock) */
	wait_queue_head_t wait;
};

#define init_completion(c)                       \
	do {                                     \
		(c)->done = 0;                   \
		init_waitqueue_head(&(c)->wait); \
	} while (0)

/* complete, complete_all: => any context */
void complete_nr(struct completion *c, bool all);
#define complete(c)     complete_nr(c, false)
#define complete_all(c) complete_nr(c, true)

/* try_wait_for_completion: take one if there is one. => any context */
bool try_wait_for_completion(struct completion *c);

/* wait_for_completion_timeout: => process context; 0 if the time is over, else
 * the ticks left, at least 1. When it returns, complete() has let go of c. */
long wait_for_completion_timeout(struct completion *c, long ticks);
#define wait_for_completion(c) \
	((void)wait_for_completion_timeout(c, MAX_SCHEDULE_TIMEOUT))

#endif
