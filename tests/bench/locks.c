/* locks.c - what a lock costs that nobody holds.
 */
#include "spinlock.h"
#include "test.h"

static DEFINE_SPINLOCK(lock);

BENCH(spin_lock_irqsave, 1000)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
}
