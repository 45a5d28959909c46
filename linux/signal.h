/* signal.h - signals: what is sent, what waits, and what becomes of it.
 *
 *   kill, a fault, a key        pending              before ring 3 goes on
 *        |                  +-- own (a thread's) --+     |
 *        +-- signal_send -->|                      |--> do_signal: default action,
 *                           +-- shared (program's)-+     or a frame for a handler
 *
 * A signal that is ignored, and not blocked, is not even kept. One below
 * SIGRTMIN is pending once; later ones are lost. What is blocked waits.
 *
 * Locking: (P) process_lock (O) the process itself (C) constant.
 */
#ifndef LINUX_SIGNAL_H
#define LINUX_SIGNAL_H

#include "atomic.h"
#include "list.h"
#include "sched.h"
#include "time.h"
#include "hrtimer.h"
#include "trap.h"
#include "types.h"
#include "uapi.h"
#include "uapi_signal.h"

struct process;

#define SIGMASK(sig) (1ull << ((sig)-1))

/* What happens where there is no handler; all others end the program. */
#define SIGNALS_IGNORED                                          \
	(SIGMASK(SIGCHLD) | SIGMASK(SIGCONT) | SIGMASK(SIGURG) | \
	 SIGMASK(SIGWINCH))
#define SIGNALS_STOP                                              \
	(SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) | \
	 SIGMASK(SIGTTOU))

/* What a program did itself. */
#define SIGNALS_FAULT                                           \
	(SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGILL) | \
	 SIGMASK(SIGTRAP) | SIGMASK(SIGFPE) | SIGMASK(SIGSYS))

#define SIGNALS_NEVER_BLOCKED (SIGMASK(SIGKILL) | SIGMASK(SIGSTOP))

/* What comes with a signal: the beginning of struct siginfo's field. */
struct sig_info {
	int sig, code;
	u32 field[3];
};

/* What is done about each; CLONE_SIGHAND shares it. */
struct handlers {
	atomic_t refs;                 /* processes that have it */
	struct sigaction action[NSIG]; /* of signal n at n - 1 (P) */
};

struct sig_queue {
	u64 set;                /* which are pending (P) */
	unsigned int nr;        /* in infos (P) */
	struct list_head infos; /* oldest first; none if there was no memory */
};

/* A call that a signal has interrupted, to go on (restart_syscall). */
struct restart {
	long (*fn)(const struct restart *restart);
	ktime_t end;        /* until when it sleeps */
	void __user *where; /* fn's, like the rest */
	bool time64, private;
	u32 value, bits;
};

/* In struct process. shared, limit, queued, stopped, report, timer, interval: a leader's. */
struct signals {
	struct handlers *handlers;    /* a reference (P) */
	struct sig_queue own, shared; /* (P) */
	u64 blocked;                  /* by itself only (P) */
	u64 awaited;              /* blocked, but somebody asks for it (P) */
	u64 saved;                /* for now: what was blocked before ... */
	bool restore;             /* ... and shall be again (O) */
	bool ending;              /* this thread shall end (P) */
	bool gone;                /* it does (P) */
	struct sigaltstack stack; /* for handlers; size 0: none (O) */
	struct restart restart;   /* (O) */

	u32 limit;            /* RLIMIT_SIGPENDING (O) */
	u32 queued;           /* in the program's queues (P) */
	int stopped;          /* by which signal; 0: it is not (P) */
	int report;           /* what wait4 may say of that, or 0 (P) */
	struct hrtimer timer; /* ITIMER_REAL */
	ktime_t interval;     /* how long after that again; or 0 (P) */
};

/* sigqueue_add: one that p is sent, into its own queue or its program's.
 * => 0; -EAGAIN: too many wait, and what comes with it would be lost
 * sigqueue_flush: these are not pending any more. sigqueue_take: one that is, the
 * oldest of its number. => process_lock */
int sigqueue_add(struct process *p, struct sig_queue *queue,
		 const struct sig_info *info);
void sigqueue_flush(struct sig_queue *queue, u64 mask);
void sigqueue_take(struct sig_queue *queue, int sig, struct sig_info *info);

#define CONTINUED 0xFFFF /* report: it goes on */

#define WORK_SIGNAL 1u /* task->work: look for signals before ring 3 */

/* signal_send: to a program, by the kernel. signal_send_info: with what comes
 * with it. signal_thread: to one thread of a program. => process_lock
 * => 0; -EAGAIN: too many of SIGRTMIN and above wait already, and what comes with
 *    it would be lost */
void signal_send(struct process *p, int sig);
int signal_send_info(struct process *p, const struct sig_info *info);
int signal_thread(struct process *p, const struct sig_info *info);

/* signal_end: this thread shall end, whatever it does. => process_lock */
void signal_end(struct process *thread);

/* signal_group: to all of a process group. => any context
 * signal_group_locked: likewise. => process_lock */
void signal_group(int pgid, int sig);
void signal_group_locked(int pgid, int sig);

/* signal_self: to the running thread; it may be ignored.
 * force_sig_fault: the running program has done something that cannot go on:
 * this signal, even if it is blocked. => process context */
void signal_self(int sig);
void force_sig_fault(int sig, int code, u32 address);

/* signal_set_action: what the program does about it; new may be NULL.
 * => process context */
void signal_set_action(int sig, const struct sigaction *new,
		       struct sigaction *old);

/* signal_handled: will the running program deal with this one? */
bool signal_handled(int sig);

/* signal_pending: is there a reason not to sleep? Of the running thread. */
static inline bool
signal_pending(void)
{
	return current->work & WORK_SIGNAL;
}

/* fatal_signal_pending: will one end the running program, or is it ending? Who is
 * long at work looks now and then, and gives up: the rest is nobody's.
 * => process context; false for a kernel thread */
bool signal_is_fatal(void);
static inline bool
fatal_signal_pending(void)
{
	return unlikely(signal_pending()) && signal_is_fatal();
}

/* signal_ending: will the running process end before it is back in ring 3,
 * killed or with the rest of its program? => process_lock */
bool signal_ending(void);

/* signal_take: one of these signals that is pending for the running thread, or
 * 0. => process_lock
 * signal_block: from now on these. => process context, not process_lock
 * signal_block_for_now: until a handler begins (whose frame has what was blocked
 * before), ring 3 goes on, or signal_unblock. => likewise */
int signal_take(struct sig_info *info, u64 set);
void signal_block(u64 blocked);
void signal_block_for_now(u64 blocked);
void signal_unblock(void);

/* do_signal: before the running process returns to ring 3. => process context,
 * interrupts on; may not return */
void do_signal(struct pt_regs *regs);

/* signal_frame: a handler's, on the stack of the program. => process context;
 * false: there is no room */
bool signal_frame(struct pt_regs *regs, const struct sig_info *info,
		  const struct sigaction *action);

/* signal_waiting: those that are pending, but blocked.
 * signal_wait_with: sleep until one comes, with only these blocked.
 * => -ERESTARTNOHAND
 * => process context */
u64 signal_waiting(void);
long signal_wait_with(u64 blocked);

/* signal_fpu_code: which exception of the FPU's, or of SSE's, it was that the
 * running program had not masked: si_code of its SIGFPE. => process context */
int signal_fpu_code(bool sse);

/* Between signal.c, sigtake.c and sigcalls.c, all => process_lock:
 * signal_action: what p does about it. signal_tell: p shall look for signals.
 * signal_flush: these do not wait any more, in the whole program.
 * signal_retarget: p was told, but will not take them: others are told. */
struct sigaction *signal_action(const struct process *p, int sig);
void signal_tell(struct process *p);
void signal_flush(struct process *leader, u64 mask);
void signal_retarget(struct process *p, u64 set);

/* signal_alloc: a new process's; false: no memory. signal_fork: the running
 * one's for a child. signal_exit: the thread ends. => process context
 * signal_free: nobody has it any more. signal_exec: a new program's, who has his
 * handlers for himself: `own` is memory for them, NULL if he has.
 * signal_move: the last thread's, to the leader that it becomes.
 * signal_ignores_child: does nobody want to know that his children end?
 * signal_child: a child has ended, stopped, or goes on. => process_lock */
bool signal_alloc(struct process *p);
void signal_free(struct process *p);
void signal_fork(struct process *child, unsigned long flags);
void signal_exec(struct process *p, struct handlers *own);
void signal_move(struct process *leader, struct process *p);
void signal_exit(struct process *p);
bool signal_ignores_child(const struct process *parent);
void signal_child(struct process *child, int code, int status);

#endif
