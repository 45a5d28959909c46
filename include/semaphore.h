/* semaphore.h - so many may; who comes later sleeps until one is done. Linux's
 * names.
 *
 *   count 2 --down--> 1 --down--> 0     [ A ] --> [ B ]   sleep, in order
 *                                 0 <--up: A has it
 */
#ifndef SEMAPHORE_H
#define SEMAPHORE_H

#include "sched.h"

struct semaphore {
	spinlock_t lock;
	u32 count;                /* (lock) how many more may */
	struct list_head waiters; /* (lock) of struct lock_waiter */
};

#define __SEMAPHORE_INITIALIZER(name, n)                              \
	{                                                             \
		.count = (n), .waiters = LIST_HEAD_INIT(name.waiters) \
	}
#define DEFINE_SEMAPHORE(name, n) \
	struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)

#define sema_init(sem, n)                        \
	do {                                     \
		spin_lock_init(&(sem)->lock);    \
		(sem)->count = (n);              \
		INIT_LIST_HEAD(&(sem)->waiters); \
	} while (0)

/* down_units: take so many at once, when all who came before have theirs; sleep
 * for at most so many ticks. down_units_forever: no longer than that.
 * up_units: give them back.
 * => process context; any context if ticks is 0; any context
 * => 0, or -ETIME */
int __must_check down_units(struct semaphore *sem, u32 units, long ticks);
void down_units_forever(struct semaphore *sem, u32 units);
void up_units(struct semaphore *sem, u32 units);

/* down, down_timeout (0 or -ETIME), down_trylock (Linux's oddity: 0 if it has
 * it); up: also by somebody else. => as above */
#define down(sem)                down_units_forever(sem, 1)
#define down_timeout(sem, ticks) down_units(sem, 1, ticks)
#define down_trylock(sem)        (down_units(sem, 1, 0) != 0)
#define up(sem)                  up_units(sem, 1)

#endif
