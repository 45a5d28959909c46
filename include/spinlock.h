/* spinlock.h - mutual exclusion by waiting busily. Linux's names.
 *
 *   spin_lock            against other CPUs; preemption off
 *   spin_lock_bh         and against softirqs on this one
 *   spin_lock_irqsave    and against interrupts on this one
 *
 *   taken      lock bts $0, word; jc contended      both instructions become
 *   given back mov $0, word                         jumps when checks are on
 *
 * The lock is a real word even while one CPU runs: on one CPU, finding it held
 * means that its holder is us, and would wait for ever. That is reported.
 *
 * The forms that turn interrupts off leave the preempt count alone: nothing
 * preempts without an interrupt. So giving such a lock back does not look
 * whether somebody woken meanwhile should run: who wakes up does.
 */
#ifndef SPINLOCK_H
#define SPINLOCK_H

#include "interrupt.h"
#include "lockdep.h"
#include "panic.h"
#include "preempt.h"
#include "x86.h"

/* For clang -Wthread-safety (make lint); nothing to other compilers. */
#if defined(__clang__) && !defined(MEMOIR_HOST)
#define LOCK_ATTRIBUTE(attribute) __attribute__((attribute))
#else
#define LOCK_ATTRIBUTE(attribute)
#endif
#define CAPABILITY(name) LOCK_ATTRIBUTE(capability(name))
#define REQUIRES(...)    LOCK_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ACQUIRE(...)     LOCK_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) LOCK_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define RELEASE(...)     LOCK_ATTRIBUTE(release_capability(__VA_ARGS__))
#define NO_LOCK_ANALYSIS LOCK_ATTRIBUTE(no_thread_safety_analysis)

typedef struct CAPABILITY("spinlock") spinlock {
	u32 word;                 /* bit 0: held */
	struct lock_class *class; /* lockdep's; NULL: static, not seen yet */
} spinlock_t;

#define DEFINE_SPINLOCK(name) spinlock_t name = {0, NULL}

/* spin_lock_init: for a lock that is not defined by DEFINE_SPINLOCK: all that
 * one place initialises are one class to lockdep. */
#define spin_lock_init(lock)                                            \
	do {                                                            \
		static struct lock_class lock_class_ = {.name = #lock}; \
		*(lock) = (spinlock_t){0, &lock_class_};                \
	} while (0)

/* spin_lock_contended: it was held: on one CPU a bug, explained by a panic.
 * The others do what their names say, after asking lockdep. */
void __noreturn spin_lock_contended(spinlock_t *lock);
void spin_lock_checked(spinlock_t *lock);
bool spin_trylock_checked(spinlock_t *lock);
void spin_unlock_checked(spinlock_t *lock);

/* spin_take, spin_give: what all forms share; by themselves for who has turned
 * interrupts off already. => preemption or interrupts off */
static __always_inline void
spin_take(spinlock_t *lock) ACQUIRE(lock) NO_LOCK_ANALYSIS
{
	enum lock_word word = lock_word(&lock->word);

	if (likely(word == WORD_TAKEN))
		return;
	if (word == WORD_HELD)
		spin_lock_contended(lock);
	spin_lock_checked(lock);
}

static __always_inline void
spin_give(spinlock_t *lock) RELEASE(lock) NO_LOCK_ANALYSIS
{
	if (unlikely(!unlock_word(&lock->word)))
		spin_unlock_checked(lock);
}

/* spin_lock, spin_unlock: => any context; not for data that an interrupt
 * handler locks too */
static __always_inline void
spin_lock(spinlock_t *lock) ACQUIRE(lock) NO_LOCK_ANALYSIS
{
	preempt_disable();
	spin_take(lock);
}

static __always_inline void
spin_unlock(spinlock_t *lock) RELEASE(lock) NO_LOCK_ANALYSIS
{
	spin_give(lock);
	preempt_enable();
}

/* spin_trylock: as spin_lock, if it need not wait. => any context; was it
 * taken? */
static __always_inline bool __must_check
spin_trylock(spinlock_t *lock) TRY_ACQUIRE(true, lock) NO_LOCK_ANALYSIS
{
	enum lock_word word;

	preempt_disable();
	word = lock_word(&lock->word);
	if (likely(word == WORD_TAKEN) ||
	    (word == WORD_CHECKED && spin_trylock_checked(lock)))
		return true;
	preempt_enable();
	return false;
}

/* spin_lock_irqsave: the same, interrupts off until spin_unlock_irqrestore
 * with the flags it set. => any context. Linux's macro: flags by name */
#define spin_lock_irqsave(lock, flags)      \
	do {                                \
		(flags) = local_irq_save(); \
		spin_take(lock);            \
	} while (0)
#define spin_unlock_irqrestore(lock, flags) \
	do {                                \
		spin_give(lock);            \
		local_irq_restore(flags);   \
	} while (0)

/* spin_lock_bh: no softirq runs on this CPU until spin_unlock_bh.
 * => process context or softirq, interrupts on */
#define spin_lock_bh(lock)          \
	do {                        \
		local_bh_disable(); \
		spin_take(lock);    \
	} while (0)
#define spin_unlock_bh(lock)       \
	do {                       \
		spin_give(lock);   \
		local_bh_enable(); \
	} while (0)

static __always_inline bool
spin_is_locked(const spinlock_t *lock)
{
	return READ_ONCE(lock->word);
}

#endif
