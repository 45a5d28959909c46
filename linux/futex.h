/* futex.h - what other parts need of futexes; see futex.c. */
#ifndef LINUX_FUTEX_H
#define LINUX_FUTEX_H

#include "types.h"

struct process;

/* futex_wake: up to nr who wait for this word of the running process.
 * futex_exit: it ends: its robust locks, and clear_child_tid.
 * => process context, its address space still there */
void futex_wake(u32 __user *word, u32 nr);
void futex_exit(struct process *p);

#endif
