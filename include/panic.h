/* panic.h - kernel bugs: say what, where and how we came there, then stop.
 */
#ifndef PANIC_H
#define PANIC_H

#include "types.h"

/* panic: print the reason and a backtrace, then do what `panic=` says: exit
 * QEMU, halt (the default) or reboot.
 * => any context */
void __noreturn panic(const char *fmt, ...) __printf(1, 2);

/* panic_stop: only the last step, for whoever printed a report of his own. */
void __noreturn panic_stop(void);

/* panic_enter: a report begins. From here on nobody waits for a lock.
 * => 0 for the first; 1 for a failure inside it; more: say nothing, stop */
unsigned int panic_enter(void);

/* assert: a kernel bug if false; on in every build. assert_op shows both
 * values. assert_debug is for hot paths: DEBUG=1 only. */
#define assert(cond)                                                       \
	((cond) ? (void)0                                                  \
		: panic("assertion failed: %s, at %s:%d", #cond, __FILE__, \
			__LINE__))

#define assert_op(a, op, b)                                                 \
	do {                                                                \
		__typeof__(a) assert_a_ = (a);                              \
		__typeof__(b) assert_b_ = (b);                              \
		if (unlikely(!(assert_a_ op assert_b_)))                    \
			panic("assertion failed: %s %s %s (%#llx, %#llx), " \
			      "at %s:%d",                                   \
			      #a, #op, #b, (u64)assert_a_, (u64)assert_b_,  \
			      __FILE__, __LINE__);                          \
	} while (0)

#ifdef DEBUG
#define assert_debug(cond) assert(cond)
#else
#define assert_debug(cond) ((void)sizeof((cond) != 0))
#endif

#endif
