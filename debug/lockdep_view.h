/* lockdep_view.h - what lockdep has learnt: for the monitor and for tests. */
#ifndef LOCKDEP_VIEW_H
#define LOCKDEP_VIEW_H

#include "lockdep.h"

/* For the monitor: the class of a number from 1 on, NULL past the last. The
 * n-th pair "b was taken with a held", from 0 on; false past the last. The most
 * that was ever held at once. */
const struct lock_class *lockdep_class(unsigned int nr);
bool lockdep_edge(unsigned int n, const struct lock_class **a,
		  const struct lock_class **b);
unsigned int lockdep_max_depth(void);

/* lock_class_name: for people. => returns buf */
char *lock_class_name(const struct lock_class *class, char *buf, size_t size);

/* lockdep_reports: how many there were since boot. lockdep_forget: what is known
 * of a class, and what was reported about it. => for tests */
unsigned int lockdep_reports(void);
void lockdep_forget(struct lock_class *class);

#endif
