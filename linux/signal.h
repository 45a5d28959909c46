/* signal.h - signals: what is sent, and to whom. (The first part: default
 * actions only.)
 */
#ifndef LINUX_SIGNAL_H
#define LINUX_SIGNAL_H

#include "trap.h"
#include "types.h"
#include "uapi.h"

struct process;

/* In struct process. (P) */
struct signals {
	u64 pending;
};

#define WORK_SIGNAL 1u /* task->work: look for signals before ring 3 */

/* signal_send: to a process, or a thread of one. => process_lock */
void signal_send(struct process *p, int sig);

/* signal_group: to all of a process group. => any context; how many */
int signal_group(int pgid, int sig);

/* force_sig_fault: the running program has done something that cannot go on:
 * this signal, even if it is blocked. => process context */
void force_sig_fault(int sig, int code, u32 address);

/* signal_pending: is there a reason not to sleep? Of the running process. */
bool signal_pending(void);

/* do_signal: before the running process returns to ring 3. => process context,
 * interrupts on; may not return */
void do_signal(struct pt_regs *regs);

/* signal_fork: a child's; signal_exec: a new program's; signal_ignores_child:
 * does nobody want to know that his children end? => process_lock */
void signal_fork(struct process *child, unsigned long flags);
void signal_exec(struct process *p);
bool signal_ignores_child(const struct process *parent);

#endif
