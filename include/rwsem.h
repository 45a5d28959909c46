/* rwsem.h - many may read, or one write. Linux's names.
 *
 * A semaphore of RWSEM_UNITS: a reader takes one, a writer all. In the order in
 * which they came: a reader behind a waiting writer waits, so that neither kind
 * starves.
 */
#ifndef RWSEM_H
#define RWSEM_H

#include "semaphore.h"

#define RWSEM_UNITS 0x10000u

struct rw_semaphore {
	struct lock_class *class; /* lockdep's; not sem.lock's address */
	struct semaphore sem;
};

#define DECLARE_RWSEM(name)          \
	struct rw_semaphore name = { \
		.sem = __SEMAPHORE_INITIALIZER(name.sem, RWSEM_UNITS)}
#define init_rwsem(rw)                                                 \
	do {                                                           \
		static struct lock_class rwsem_class_ = {.name = #rw}; \
		(rw)->class = &rwsem_class_;                           \
		sema_init(&(rw)->sem, RWSEM_UNITS);                    \
	} while (0)

/* down_read, down_write: => process context
 * the _trylock forms: => any context; true if they have it
 * up_read, up_write: by who has it. downgrade_write: a writer becomes a reader,
 * and readers who wait in front join. => process context */
static __always_inline void
rwsem_down(struct rw_semaphore *rw, u32 units)
{
	if (lockdep_on())
		sleeplock_acquire(rw, &rw->class, 0);
	down_units_forever(&rw->sem, units);
}

static __always_inline bool
rwsem_trydown(struct rw_semaphore *rw, u32 units)
{
	if (down_units(&rw->sem, units, 0))
		return false;
	if (lockdep_on())
		sleeplock_acquire(rw, &rw->class, LOCKDEP_TRY);
	return true;
}

static __always_inline void
rwsem_up(struct rw_semaphore *rw, u32 units)
{
	if (lockdep_on())
		sleeplock_release(rw, &rw->class);
	up_units(&rw->sem, units);
}

#define down_read(rw)          rwsem_down(rw, 1)
#define down_write(rw)         rwsem_down(rw, RWSEM_UNITS)
#define down_read_trylock(rw)  rwsem_trydown(rw, 1)
#define down_write_trylock(rw) rwsem_trydown(rw, RWSEM_UNITS)
#define up_read(rw)            rwsem_up(rw, 1)
#define up_write(rw)           rwsem_up(rw, RWSEM_UNITS)
#define downgrade_write(rw)    up_units(&(rw)->sem, RWSEM_UNITS - 1)

#endif
