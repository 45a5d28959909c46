/* lockdep.h - who takes which lock where: what is checked about locks.
 *
 *   spin_lock --> patched no-op --> lockdep_acquire     debug/lockdep.c
 *                                        |
 *            task's held_locks  [a] [b] [c]      a lock is of a class: all that
 *                                                one place has initialised
 *            classes            a --> b --> c    the order, as far as seen
 *
 * On in DEBUG=1, and with `lockdep` on the command line. Otherwise none of this
 * is ever called, and a lock costs what it costs without.
 */
#ifndef LOCKDEP_H
#define LOCKDEP_H

#include "patch.h"
#include "percpu.h"
#include "types.h"

/* How a lock can be taken that an interrupt takes, too. IN: in a hard interrupt
 * or a softirq. ON: where such a one could come while it is held. */
enum lock_usage {
	IN_HARDIRQ,
	HARDIRQ_ON,
	IN_SOFTIRQ,
	SOFTIRQ_ON,
	NR_LOCK_USAGES
};

/* All locks that one place initialises; a static lock is a class of its own.
 * All but the name is lockdep's. */
struct lock_class {
	const char *name;         /* or NULL: the symbol of ... */
	const void *lock;         /* ... this, a static lock */
	u8 nr;                    /* from 1; 0: not seen yet */
	u8 usage;                 /* bits: enum lock_usage */
	u8 said;                  /* bits: which report has been printed */
	unsigned long count;      /* times taken */
	u32 site[NR_LOCK_USAGES]; /* where first taken like that */
};

/* What a task holds, the oldest first. Whatever it is interrupted by adds to
 * it, and has taken that away when it returns. A task begins with depth 0. */
#define MAX_HELD_LOCKS 16
struct held_locks {
	unsigned int depth;
	struct held_lock {
		const void *lock;
		struct lock_class *class;
		u32 ip;      /* who took it */
		u16 context; /* in which interrupt: 0 is none */
		u16 flags;
	} lock[MAX_HELD_LOCKS];
};

/* The running task's, while lockdep_on(); lockdep_switch sets it. */
DECLARE_PER_CPU(struct held_locks *, held_locks);

#define LOCKDEP_SPIN 1u /* its holder must not sleep */
#define LOCKDEP_TRY  2u /* taken without waiting: cannot deadlock */

#ifdef MEMOIR_HOST
#define lockdep_on() false
#else
#define lockdep_on() patched(PATCH_LOCKDEP)
#endif

/* lockdep_acquire: a lock is about to be taken, or, with LOCKDEP_TRY, has been.
 * *class is the lock's own: NULL at first if it is a static one, else what its
 * init function has put there. lockdep_release: it is about to be given back.
 * ip: an address in whoever does it. A lock that waits calls both, and only
 *
 *	if (lockdep_on())
 *		lockdep_acquire(lock, &lock->class, 0, ip);
 *
 * => any context; what is wrong is printed and counted, and nothing else
 *    happens */
void lockdep_acquire(const void *lock, struct lock_class **class,
		     unsigned int flags, u32 ip);
void lockdep_release(const void *lock, struct lock_class **class, u32 ip);

/* sleeplock_acquire, sleeplock_release: tell lockdep, if lockdep_on(); the place
 * is the caller's. Flags: 0 or LOCKDEP_TRY. => process context */
void sleeplock_acquire(const void *lock, struct lock_class **class,
		       unsigned int flags);
void sleeplock_release(const void *lock, struct lock_class **class);

/* lockdep_switch: the scheduler switches to the task whose list this is; `lock`
 * is taken by the one and given back by the other. Only if lockdep_on().
 * => interrupts off */
void lockdep_switch(struct held_locks *next, const void *lock);

/* lockdep_is_held: does the running task, or interrupt, hold the lock?
 * => any context; only meaningful while lockdep_on() */
bool lockdep_is_held(const void *lock);

/* lockdep_assert_held: report it if the lock is not held. Costs one no-op.
 * => any context */
#define lockdep_assert_held(held)                                    \
	do {                                                         \
		if (lockdep_on() && !lockdep_is_held(held))          \
			lockdep_not_held(#held, __FILE__, __LINE__); \
	} while (0)
void lockdep_not_held(const char *what, const char *file, int line);

/* lockdep_print_held: "2 locks held:" and a line for each, or that there are
 * none. For reports. => any context */
void lockdep_print_held(void);

/* lockdep_none_held: report the locks that this context has taken and not
 * given back, and forget them: an interrupt handler returns, a thread ends.
 * => any context, before the context is left; `who` is for the report */
void lockdep_none_held(const char *who);

/* lockdep_init: switch it on if it is to be. => boot, after the command line */
void lockdep_init(void);

#endif
