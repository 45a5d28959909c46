/* internal.h - between sched.c, which switches threads, and task.c, which makes
 * and buries them.
 */
#ifndef KERNEL_INTERNAL_H
#define KERNEL_INTERNAL_H

#include "sched.h"

/* finish_switch: a thread that has just got the CPU clears up after the one
 * that had it. => on the new stack, rq->lock held, interrupts off */
void finish_switch(struct task_struct *prev);

/* schedule_dead: leave the CPU for ever. => process context */
void __noreturn schedule_dead(void);

/* task_reap: a dead thread's stack, and its own reference to itself.
 * => interrupts off, not on that stack */
void task_reap(struct task_struct *task);

/* task_add: into the list of all, with a pid. => any context */
void task_add(struct task_struct *task);

/* What is wrong is reported and counted by debug/sched_debug.c. idle_bug: the
 * idle thread wants to sleep. schedule_bug: somebody schedules in atomic context.
 * => may he all the same? */
void idle_bug(void);
bool schedule_bug(void);

#endif
