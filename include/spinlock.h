/* spinlock.h - mutual exclusion by waiting busily. Linux's names.
 *
 *   spin_lock            against other CPUs; preemption off
 *   spin_lock_irqsave    and against interrupts on this one
 *
 * The lock is a real word even while one CPU runs: on one CPU, finding it held
 * means that its holder is us, and would wait for ever. That is reported.
 */
#ifndef SPINLOCK_H
#define SPINLOCK_H

#include "preempt.h"
#include "x86.h"

/* For clang -Wthread-safety (make lint); nothing to other compilers. */
#if defined(__clang__) && !defined(MEMOIR_HOST)
#define CAPABILITY(name) __attribute__((capability(name)))
#define REQUIRES(...)    __attribute__((requires_capability(__VA_ARGS__)))
#define EXCLUDES(...)    __attribute__((locks_excluded(__VA_ARGS__)))
#define ACQUIRE(...)     __attribute__((acquire_capability(__VA_ARGS__)))
#define RELEASE(...)     __attribute__((release_capability(__VA_ARGS__)))
#define GUARDED_BY(lock) __attribute__((guarded_by(lock)))
#define NO_LOCK_ANALYSIS __attribute__((no_thread_safety_analysis))
#else
#define CAPABILITY(name)
#define REQUIRES(...)
#define EXCLUDES(...)
#define ACQUIRE(...)
#define RELEASE(...)
#define GUARDED_BY(lock)
#define NO_LOCK_ANALYSIS
#endif

typedef struct CAPABILITY("spinlock") spinlock {
	u32 word; /* 1: held */
} spinlock_t;

#define SPIN_LOCK_UNLOCKED \
	(spinlock_t)       \
	{                  \
		0          \
	}
#define DEFINE_SPINLOCK(name) spinlock_t name = {0}

static inline void
spin_lock_init(spinlock_t *lock)
{
	lock->word = 0;
}

/* spin_lock_contended: it was held: on one CPU a bug, explained by a panic. */
void __noreturn spin_lock_contended(spinlock_t *lock);

/* spin_lock, spin_unlock: => any context; not for data that an interrupt
 * handler locks too */
static inline void
spin_lock(spinlock_t *lock) ACQUIRE(lock) NO_LOCK_ANALYSIS
{
	preempt_disable();
	if (unlikely(xchg(&lock->word, 1)))
		spin_lock_contended(lock);
}

static inline void
spin_unlock(spinlock_t *lock) RELEASE(lock) NO_LOCK_ANALYSIS
{
	WRITE_ONCE(lock->word, 0);
	preempt_enable();
}

/* spin_lock_irqsave: the same, interrupts off until spin_unlock_irqrestore
 * with the flags it set. => any context. Linux's macro: flags by name */
#define spin_lock_irqsave(lock, flags)      \
	do {                                \
		(flags) = local_irq_save(); \
		spin_lock(lock);            \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		spin_unlock(lock);          \
		local_irq_restore(flags);   \
	} while (0)

static inline bool
spin_is_locked(const spinlock_t *lock)
{
	return READ_ONCE(lock->word);
}

#endif
