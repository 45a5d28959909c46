/* sched.h - threads, and which one runs.
 *
 *   kthread_create       wake_up_process          schedule
 *        |                      |                     |
 *   UNINTERRUPTIBLE ---> RUNNING: ready <----> RUNNING: on the CPU ---> DEAD
 *        ^                                            |
 *        +------- set_current_state + schedule -------+
 *
 * A thread that waits sets its state, looks whether what it waits for is there
 * already, and only then calls schedule(): a wakeup in between sets the state
 * back, and schedule() returns at once. Linux's names.
 *
 * Priorities: 0 (most urgent) to 15. The most urgent ready thread runs; equals
 * take turns of SLICE_TICKS, behind those that have not used up one of them. Every STARVE_TICKS the longest-waiting of those less urgent
 * than the running one gets a tick, so that none starves.
 */
#ifndef SCHED_H
#define SCHED_H

#include "atomic.h"
#include "layout.h"
#include "list.h"
#include "percpu.h"
#include "preempt.h"
#include "spinlock.h"
#include "time.h"

#define TASK_COMM_LEN 16
#define NR_PRIO       16
#define NR_LEVELS     32 /* two a priority: rested, and busy */
#define DEFAULT_PRIO  8
#define SLICE_TICKS   2 /* 8 ms */
#define STARVE_TICKS  5 /* 20 ms */

#define TASK_RUNNING         0u
#define TASK_INTERRUPTIBLE   1u
#define TASK_UNINTERRUPTIBLE 2u
#define TASK_PARKED          4u
#define TASK_DEAD            8u
#define TASK_NORMAL          (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/* Functions that only wait for somebody: `ps` shows who called them. */
#define __sched __section(".text.sched")

struct completion;

/* (C) constant after creation (R) rq->lock (O) the task itself
 * (L) the list of tasks' lock */
struct task_struct {
	u32 sp;    /* (R) while it does not run; switch.asm: first */
	u32 work;  /* before ring 3 goes on: entry.asm; linux/ sets it */
	u32 state; /* (O) to sleep, (R) to wake */
	u8 prio;   /* (R) */
	u8 level;  /* (R) its queue: twice prio, and 1 more while it is busy */
	u8 slice;  /* (R) ticks left of its turn */
	bool queued;  /* (R) ready or running: in a queue */
	u32 switches; /* (R) how often it was switched to */
	u32 ticks;    /* (R) on the CPU */
	u32 since;    /* (R) jiffies when it became ready or stopped running */
	struct list_head run; /* (R) in the queue of its priority */

	int pid;              /* (C) */
	atomic_t usage;       /* references: its own, its creator's */
	void *stack;          /* (C) STACK_SIZE bytes */
	int (*main)(void);    /* (C) what it runs */
	int (*fn)(void *);    /* (C) what a kernel thread runs: kthread.c */
	void *data;           /* (C) */
	struct list_head all; /* (L) in the list of tasks, until it is reaped */
	char comm[TASK_COMM_LEN];

	bool reclaiming; /* (O) shrink_memory: all of the reserve is his */
	bool dying;      /* killed for want of memory: likewise */
	bool should_stop, should_park; /* asked for: kthread.c */
	bool is_parked, ended;         /* (O) */
	int exit_code;                 /* (O) until it is dead */
	struct process *process;       /* of a program: linux/; else NULL (O) */
	struct held_locks held;        /* lockdep's */
	bool exited;                   /* (L) */
	struct completion *exit_done;  /* (L) who waits for its end */
};

/* The boot thread is one, too, from the first instruction on. */
extern struct task_struct init_task;
DECLARE_PER_CPU(struct task_struct *, current_task);
#define current this_cpu(current_task)

/* A CPU's ready threads, by level; the one that runs is among them.
 *
 *   ready   ...0100010      queue[1]  --> A --> B      A runs
 *                 ^         queue[5]  --> C
 */
struct rq {
	spinlock_t lock;
	u32 ready; /* (R) bit l: queue[l] has somebody */
	struct list_head queue[NR_LEVELS]; /* (R) */
	struct task_struct *curr;          /* (R) */
	struct task_struct *idle;          /* (C) for when nobody is ready */
	struct task_struct *boost;         /* (R) gets the next turn, or NULL */
	u32 boosted;                       /* (R) jiffies of the last time */
	u32 nr_ready;                      /* (R) */
};
DECLARE_PER_CPU(struct rq, runqueue);

/* The queues by themselves (kernel/runqueue.c).
 * => rq->lock held, interrupts off */
void rq_init(struct rq *rq, struct task_struct *idle);

/* rq_enqueue: it is ready now, behind its equals. rq_dequeue: it is not. */
static inline void
rq_enqueue(struct rq *rq, struct task_struct *task, u32 now)
{
	const u32 level = 2u * task->prio;

	task->level = (u8)level;
	list_add_tail(&task->run, &rq->queue[level]);
	rq->ready |= 1u << level;
	rq->nr_ready++;
	task->queued = true;
	task->since = now;
}

static inline void
rq_dequeue(struct rq *rq, struct task_struct *task)
{
	list_del(&task->run);
	if (list_empty(&rq->queue[task->level]))
		rq->ready &= ~(1u << task->level);
	rq->nr_ready--;
	task->queued = false;
	if (rq->boost == task)
		rq->boost = NULL;
}

/* rq_requeue: its turn is over: with a new slice behind those that are busy.
 * rq_lower: when it was not one of them. */
void rq_lower(struct rq *rq, struct task_struct *task);

static inline void
rq_requeue(struct rq *rq, struct task_struct *task)
{
	task->slice = SLICE_TICKS;
	if (likely(task->level & 1))
		list_move_tail(&task->run, &rq->queue[task->level]);
	else
		rq_lower(rq, task);
}

/* rq_tick: the running thread had the CPU for one more tick.
 * => true if another one should have it now */
bool rq_tick(struct rq *rq, u32 now);

/* rq_check: => how much is wrong with the queues */
unsigned int rq_check(const struct rq *rq);

/* rq_pick: who should run. */
static inline struct task_struct *
rq_pick(struct rq *rq)
{
	struct task_struct *task = rq->boost;

	if (unlikely(task)) {
		rq->boost = NULL;
		return task;
	}
	if (unlikely(!rq->ready))
		return rq->idle;
	return list_first_entry(&rq->queue[__builtin_ctz(rq->ready)],
				struct task_struct, run);
}

/* set_current_state: what schedule() shall make of us; not to be undone by a
 * wakeup that came before. */
static inline void
set_current_state(u32 state)
{
	WRITE_ONCE(current->state, state);
	barrier();
}

/* schedule: let another thread run; come back when woken, or if ready, in turn.
 * => process context; in any other it says so, as Linux does, is counted by
 *    schedule_bugs(), and returns at once in an interrupt or with interrupts
 *    off (else it does switch) */
void schedule(void);
unsigned int schedule_bugs(void);

/* yield: to the others of the same priority. cond_resched: only if somebody
 * should run; preemption makes it needless but where it is long off.
 * => process context; as schedule */
void yield(void);
void cond_resched(void);

/* wake_up_process: make it ready. wake_up_state: if it is in one of these.
 * => any context, with the caller's reference
 * => false if it was not asleep */
bool wake_up_state(struct task_struct *task, u32 states);

/* wake_up_new_task: one that has never run, as one that is busy.
 * => any context, with the caller's reference */
void wake_up_new_task(struct task_struct *task);
#define wake_up_process(task) wake_up_state(task, TASK_NORMAL)

/* schedule_timeout: schedule() for at most so many ticks; the caller has set
 * his state, as he has for schedule().
 * => process context; elsewhere might_sleep reports, and it does not sleep
 * => ticks left, 0 if they are over; MAX_SCHEDULE_TIMEOUT has no end */
#define MAX_SCHEDULE_TIMEOUT 0x7FFFFFFFl
long schedule_timeout(long ticks);
long schedule_timeout_uninterruptible(long ticks);

/* schedule_until: schedule() until woken, or until then, to the nanosecond.
 * => as schedule_timeout */
void schedule_until(ktime_t end);

/* msleep: at least so many milliseconds. => process context */
void msleep(unsigned int ms);

/* sched_set_priority: 0 to 31, for a thread that may be in any state.
 * => any context */
void sched_set_priority(struct task_struct *task, unsigned int prio);

/* get_task_struct, put_task_struct: hold on to a task, and let it go; the last
 * one frees it. => any context */
#define get_task_struct(task) atomic_inc(&(task)->usage)
void put_task_struct(struct task_struct *task);

/* task_create: a thread that is not ready yet, with a reference for the caller.
 * => process context; NULL: no memory */
struct task_struct *task_create(int (*main)(void));

/* task_exit: the end of the running thread; no lock may be held.
 * task_wait: sleep until a thread is gone, its stack too. For one waiter.
 * => process context; its exit code */
void __noreturn task_exit(int code);
int task_wait(struct task_struct *task);

/* task_next: the next one in the list of all, the first after NULL, NULL after
 * the last. => interrupts off, or the list may change */
struct task_struct *task_next(struct task_struct *task);

/* nr_tasks: how many there are. stack_used: the most bytes of its stack that
 * the thread has ever used. stacks_drain: free the stacks kept for later. */
unsigned int nr_tasks(void);
size_t stack_used(const struct task_struct *task);
void stacks_drain(void);

/* user_switch: with a thread of a program on either side: what its ring 3 has.
 * => interrupts off; set at boot */
extern void (*user_switch)(const struct task_struct *prev,
			   const struct task_struct *next);

/* sched_init: the boot thread becomes one of many; idle is made.
 * => boot, once the heap works */
void sched_init(void);

#endif
