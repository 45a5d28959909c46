/* softirq.c - work that interrupts leave for later: softirqs, and tasklets.
 *
 *   pending: [ TASKLET | TIMER ]   a bit each
 *                 |        |
 *     lowest bit first: action(), with interrupts on
 *                 |
 *     tasklets:  t1 -> t2 -> t3     in the order in which they were scheduled
 *
 * A tasklet's state:
 *
 *     0 --schedule--> SCHEDULED --its turn--> RUNNING, callback --> 0
 *                       ^   '--its turn, disabled--> SCHEDULED PARKED --.
 *                       '-------------------- enable -------------------'
 *
 * Guarantees: softirqs do not nest; whatever raises itself again and again
 * gets MAX_ROUNDS at a time, then what was interrupted goes on.
 *
 * Locking: (I) pending and the lists belong to their CPU, interrupts off; (T)
 * tasklet_lock. Whoever sets SCHEDULED queues it; until it runs, nobody else
 * writes its state, but for what (T) does to a parked one.
 */
#include "interrupt.h"
#include "panic.h"
#include "printk.h"
#include "spinlock.h"
#include "util.h"

#define MAX_ROUNDS 10

DEFINE_PER_CPU(u32, softirq_pending);

struct tasklet_cpu {
	struct tasklet_struct
		*head; /* (I) the tasklets whose turn is to come */
	struct tasklet_struct **tail; /* (I) the link to the next one */
};

static DEFINE_PER_CPU(struct tasklet_cpu, tasklet_cpu);
DEFINE_PER_CPU(unsigned long, softirq_counts[NR_SOFTIRQS]);
DEFINE_PER_CPU(unsigned long, tasklets_run);
DEFINE_PER_CPU(unsigned long, softirqs_left);
const char *const softirq_names[NR_SOFTIRQS] = {"TIMER", "TASKLET"};

static struct {
	void (*action[NR_SOFTIRQS])(void);
	void (*wake)(void);
} state; /* constant after boot */

static DEFINE_SPINLOCK(tasklet_lock);

/* --- Softirqs ------------------------------------------------------------------ */

void
open_softirq(unsigned int nr, void (*action)(void))
{
	assert_op(nr, <, (unsigned int)NR_SOFTIRQS);
	state.action[nr] = action;
}

/* Run what is pending now, which is something. => what is pending then */
static __always_inline u32
softirq_round(void)
{
	u32 pending = this_cpu(softirq_pending);
	unsigned int nr;

	this_cpu(softirq_pending) = 0;
	local_irq_enable();
	do {
		nr = (unsigned int)__builtin_ctz(pending);
		this_cpu(softirq_counts[nr])++;
		state.action[nr]();
		if (lockdep_on())
			lockdep_none_held("a softirq");
		pending &= pending - 1;
	} while (pending);
	local_irq_disable();
	return this_cpu(softirq_pending);
}

static __noinline void
softirq_again(void)
{
	for (unsigned int round = 1; round < MAX_ROUNDS; round++)
		if (!softirq_round())
			return;
	this_cpu(softirqs_left)++;
	if (state.wake)
		state.wake();
}

/* => something is pending; interrupts off, before and after; not in an
 *    interrupt */
void
softirq_run(void)
{
	this_cpu(preempt_count_var) += SOFTIRQ_OFFSET;
	if (unlikely(softirq_round()))
		softirq_again();
	this_cpu(preempt_count_var) -= SOFTIRQ_OFFSET;
	if (should_resched())
		preempt_schedule_irq();
}

void
do_softirq(void)
{
	if (in_interrupt() || irqs_disabled())
		return;
	local_irq_disable();
	if (this_cpu(softirq_pending))
		softirq_run();
	local_irq_enable();
}

void
raise_softirq_irqoff(unsigned int nr)
{
	this_cpu(softirq_pending) |= 1u << nr;
	if (!in_interrupt() && state.wake)
		state.wake();
}

void
softirq_set_daemon(void (*wake)(void))
{
	state.wake = wake;
}

/* --- Tasklets ------------------------------------------------------------------ */

/* => it is SCHEDULED, by us. It runs at once if nobody else will see to it. */
static __always_inline void
tasklet_queue(struct tasklet_struct *t)
{
	unsigned long flags = local_irq_save();
	struct tasklet_cpu *cpu = this_cpu_ptr(tasklet_cpu);

	t->next = NULL;
	*cpu->tail = t;
	cpu->tail = &t->next;
	this_cpu(softirq_pending) |= 1u << TASKLET_SOFTIRQ;
	if (!in_interrupt()) {
		if (flags & EFLAGS_IF)
			softirq_run();
		else if (state.wake)
			state.wake();
	}
	local_irq_restore(flags);
}

void __leaf
tasklet_schedule(struct tasklet_struct *t)
{
	u32 before = __sync_fetch_and_or(&t->state, TASKLET_SCHEDULED);

	if (!(before & TASKLET_SCHEDULED))
		tasklet_queue(t);
}

/* Its turn has come. */
static __always_inline void
tasklet_call(struct tasklet_struct *t)
{
	WRITE_ONCE(t->state, TASKLET_RUNNING);
	this_cpu(tasklets_run)++;
	t->callback(t);
	__sync_fetch_and_and(&t->state, ~TASKLET_RUNNING);
}

/* ... while it runs on another CPU, or is disabled. */
static __noinline void
tasklet_call_later(struct tasklet_struct *t)
{
	unsigned long flags;
	bool parked;

	while (READ_ONCE(t->state) & TASKLET_RUNNING)
		cpu_relax();
	spin_lock_irqsave(&tasklet_lock, flags);
	parked = t->disabled;
	if (parked)
		t->state |= TASKLET_PARKED;
	spin_unlock_irqrestore(&tasklet_lock, flags);
	if (!parked)
		tasklet_call(t);
}

static void
tasklet_action(void)
{
	struct tasklet_cpu *cpu = this_cpu_ptr(tasklet_cpu);
	struct tasklet_struct *t, *next;

	local_irq_disable();
	t = cpu->head;
	cpu->head = NULL;
	cpu->tail = &cpu->head;
	local_irq_enable();
	for (; t; t = next) {
		next = t->next; /* it may schedule itself */
		if (likely(t->state == TASKLET_SCHEDULED && !t->disabled))
			tasklet_call(t);
		else
			tasklet_call_later(t);
	}
}

void
tasklet_disable(struct tasklet_struct *t)
{
	unsigned long flags;

	spin_lock_irqsave(&tasklet_lock, flags);
	t->disabled++;
	spin_unlock_irqrestore(&tasklet_lock, flags);
	while (READ_ONCE(t->state) & TASKLET_RUNNING && !in_interrupt())
		cpu_relax();
}

/* Undo one tasklet_disable. => drop: forget the run that a parked one missed */
static void
enable(struct tasklet_struct *t, bool drop)
{
	bool bug, parked;
	unsigned long flags;

	spin_lock_irqsave(&tasklet_lock, flags);
	parked = t->state & TASKLET_PARKED;
	bug = !t->disabled;
	if (!bug)
		t->disabled--;
	if (parked && drop)
		t->state = 0;
	else if (parked && !t->disabled)
		t->state = TASKLET_SCHEDULED;
	parked &= t->state == TASKLET_SCHEDULED;
	spin_unlock_irqrestore(&tasklet_lock, flags);
	if (bug)
		pr_err("BUG: tasklet_enable: %pS is not disabled\n",
		       (void *)t->callback);
	else if (parked)
		tasklet_queue(t);
}

void
tasklet_enable(struct tasklet_struct *t)
{
	enable(t, false);
}

void
tasklet_kill(struct tasklet_struct *t)
{
	if (!might_sleep())
		return;
	do_softirq();
	tasklet_disable(t); /* it has run; what it wants now, it will not get */
	while ((READ_ONCE(t->state) & (TASKLET_SCHEDULED | TASKLET_PARKED)) ==
	       TASKLET_SCHEDULED)
		do_softirq();
	enable(t, true);
}

void
softirq_init(void)
{
	struct tasklet_cpu *cpu = this_cpu_ptr(tasklet_cpu);

	cpu->tail = &cpu->head;
	open_softirq(TASKLET_SOFTIRQ, tasklet_action);
}
