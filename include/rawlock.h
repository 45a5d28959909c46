/* rawlock.h - the lock below all locks: for printk, which every checked lock
 * may have to call. A word, interrupts off, no checks, no owner.
 */
#ifndef RAWLOCK_H
#define RAWLOCK_H

#include "x86.h"

struct raw_lock {
	u32 word; /* 1: held */
};

/* raw_lock_irqsave: take the lock with interrupts off; *flags is for
 * raw_unlock_irqrestore. With `try`, give up at once when it is held.
 * => any context; whether the lock was taken (always, without try) */
static inline bool
raw_lock_irqsave(struct raw_lock *lock, unsigned long *flags, bool try)
{
	*flags = local_irq_save();
	while (xchg(&lock->word, 1)) {
		if (try)
			return false;
		cpu_relax();
	}
	return true;
}

static inline void
raw_unlock_irqrestore(struct raw_lock *lock, unsigned long flags, bool locked)
{
	if (locked)
		WRITE_ONCE(lock->word, 0);
	local_irq_restore(flags);
}

#endif
