/* systime.h - time as system calls have it: in nanoseconds here, in struct
 * timespec there, with 32 or 64 bits of seconds.
 */
#ifndef LINUX_SYSTIME_H
#define LINUX_SYSTIME_H

#include "time.h"
#include "types.h"

/* A program's struct timespec, or NULL. timespec_get: => 0, -EFAULT, -EINVAL
 * timespec_put: => 0, -EFAULT
 * timeout_get: as timespec_get; so far from now, as a time of ktime_get. */
int timespec_get(const void __user *user, bool time64, ktime_t *ns);
int timespec_put(void __user *user, bool time64, ktime_t ns);
int timeout_get(const void __user *user, bool time64, ktime_t *end);

/* sleep_once: until woken, or until then; current's state is set.
 * => false: then is now */
bool sleep_once(ktime_t end);

#endif
