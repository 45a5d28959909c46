/* futex.h - what other parts need of futexes; see futex.c. */
#ifndef LINUX_FUTEX_H
#define LINUX_FUTEX_H

#include "types.h"

struct process;

/* futex_wake: up to nr who wait for this word of the running process.
 * futex_exit: it ends: its robust locks, and clear_child_tid.
 * => process context, its address space still there */
void futex_wake(u32 __user *word, int nr);
void futex_exit(struct process *p);

/* FUTEX_WAKE_OP's operation, which op says (futex_op.c).
 * futex_operate: on the word, if that takes no page fault. => any context; 0 and
 * what it was; -EFAULT, -ENOSYS
 * futex_bring_in: the word's page, to be written to. => process context
 * futex_holds: is what op asks of the old value true? => 0, 1, -ENOSYS */
int futex_operate(u32 __user *word, u32 op, u32 *old);
int futex_bring_in(u32 __user *word);
int futex_holds(u32 op, s32 old);

#endif
