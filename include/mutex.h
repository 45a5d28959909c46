/* mutex.h - mutual exclusion by sleeping. Linux's names.
 *
 *   owner   [ task | 0 ]  locked, nobody waits
 *           [ task | 1 ]  locked, somebody waits
 *           [ 0 ]         free
 *
 * Locking a free one and unlocking one that nobody waits for is one locked
 * instruction each. Waiters get it in the order in which they came, from hand to
 * hand. The owner, and nobody else, unlocks; locking it again is a bug: both
 * are reported.
 */
#ifndef MUTEX_H
#define MUTEX_H

#include "sched.h"

struct CAPABILITY("mutex") mutex {
	uintptr_t owner;          /* by cmpxchg, or with the lock */
	struct lock_class *class; /* lockdep's */
	spinlock_t lock;          /* of the waiters */
	struct list_head waiters; /* of struct lock_waiter */
};

#define MUTEX_WAITERS 1u /* in owner */

#define DEFINE_MUTEX(name) \
	struct mutex name = {.waiters = LIST_HEAD_INIT(name.waiters)}

#define mutex_init(m)                                                 \
	do {                                                          \
		static struct lock_class mutex_class_ = {.name = #m}; \
		(m)->owner = 0;                                       \
		(m)->class = &mutex_class_;                           \
		spin_lock_init(&(m)->lock);                           \
		INIT_LIST_HEAD(&(m)->waiters);                        \
	} while (0)

/* mutex_is_locked: by whomever. mutex_owner: by whom, or NULL. */
#define mutex_is_locked(m) (READ_ONCE((m)->owner) != 0)
#define mutex_owner(m) \
	((struct task_struct *)(READ_ONCE((m)->owner) & ~MUTEX_WAITERS))

/* The long ways: somebody has it; somebody waits, or it is not ours. */
void mutex_lock_slow(struct mutex *m);
void mutex_unlock_slow(struct mutex *m);

/* mutex_lock: => process context; panics if this thread has it already */
static __always_inline void
mutex_lock(struct mutex *m) ACQUIRE(m) NO_LOCK_ANALYSIS
{
	might_sleep();
	if (lockdep_on())
		sleeplock_acquire(m, &m->class, 0);
	if (unlikely(cmpxchg(&m->owner, 0, (uintptr_t)current)))
		mutex_lock_slow(m);
}

/* mutex_trylock: => process context; false if somebody has it */
static __always_inline bool
mutex_trylock(struct mutex *m) TRY_ACQUIRE(true, m) NO_LOCK_ANALYSIS
{
	if (cmpxchg(&m->owner, 0, (uintptr_t)current))
		return false;
	if (lockdep_on())
		sleeplock_acquire(m, &m->class, LOCKDEP_TRY);
	return true;
}

/* mutex_unlock: => process context; by another than the owner it is reported,
 * counted (mutex_bugs) and ignored */
static __always_inline void
mutex_unlock(struct mutex *m) RELEASE(m) NO_LOCK_ANALYSIS
{
	uintptr_t self = (uintptr_t)current;

	if (lockdep_on() && mutex_owner(m) == current)
		sleeplock_release(m, &m->class);
	if (unlikely(cmpxchg(&m->owner, self, 0) != self))
		mutex_unlock_slow(m);
}
unsigned int mutex_bugs(void);

#endif
