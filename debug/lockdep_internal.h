/* lockdep_internal.h - between lockdep.c, which finds, and lockdep_report.c,
 * which says it.
 */
#ifndef LOCKDEP_INTERNAL_H
#define LOCKDEP_INTERNAL_H

#include "lockdep_view.h"

/* One class was taken with another held, by these. */
struct edge {
	const struct lock_class *first, *second;
	u32 first_site, second_site;
};

/* Each prints, counts, and ends with a backtrace; what concerns one class only
 * is said once. `new` is the lock that is being taken, `old` one that is held.
 * via[nr]: the last edge of the way to a class, from new's to old's.
 * => lockdep's lock is held */
void report_off(const char *why);
void report_recursion(const struct held_lock *old, const struct held_lock *new);
void report_inversion(const struct held_lock *old, const struct held_lock *new,
		      const struct edge *const *via);
void report_usage(const struct held_lock *new, enum lock_usage usage);
void report_unlock(const struct held_lock *what);
void report_left(const struct held_lock *what, const char *who);
void report_not_held(const char *what, const char *file, int line);

#endif
