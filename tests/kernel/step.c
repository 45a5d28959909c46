/* step.c - see step.h. */
#include "interrupt.h"
#include "panic.h"
#include "patch.h"
#include "sched.h"
#include "step.h"
#include "tick.h"
#include "trap.h"
#include "x86.h"

#define ASLEEP_TICKS 3   /* so long off the CPU: he sleeps */
#define AWAKE_TICKS  500 /* so long on it: he will not */
#define GIVE_UP      100 /* looks at one that does not wake */

static struct {
	struct task_struct *sleeper;
	void (*wake)(void *arg);
	void *arg;
	unsigned int at;     /* the instruction */
	unsigned int gone;   /* so many until now, with interrupts on */
	unsigned int asleep; /* ticks, in one piece */
	unsigned int awake;  /* ticks, all */
	bool came, passed, lost;
} step;

/* As kernel/irq.c has it. => interrupts off */
static void
interrupt(void)
{
	step.came = true;
	irq_enter();
	step.wake(step.arg);
	irq_exit();
	sched_set_priority(step.sleeper, NR_PRIO - 1);
	softirq_irq_exit();
	if (should_resched())
		preempt_schedule_irq();
}

static bool
after_instruction(struct pt_regs *regs)
{
	if (current != step.sleeper || step.came)
		regs->flags &= ~EFLAGS_TF;
	else if ((regs->flags & EFLAGS_IF) && ++step.gone == step.at)
		interrupt();
	return true;
}

/* At each tick: does he sleep, before it came or for ever? Or does he not even
 * try? */
static void
look_after(void)
{
	bool spins = step.sleeper->queued;

	if (spins)
		step.asleep = 0;
	if (spins ? ++step.awake % AWAKE_TICKS : ++step.asleep % ASLEEP_TICKS)
		return;
	step.lost |= spins || step.came;
	if (step.asleep > GIVE_UP * ASLEEP_TICKS)
		panic("step: a wakeup at instruction %u was lost for good",
		      step.at);
	if (!step.came) {
		step.came = step.passed = true;
		step.wake(step.arg);
	} else {
		wake_up_process(step.sleeper);
	}
}

enum step_end
step_sleep(unsigned int at, void (*sleep)(void *arg), void (*wake)(void *arg),
	   void *arg)
{
	unsigned long flags = local_save_flags();
	unsigned int prio = current->prio;

	step.sleeper = current;
	step.wake = wake;
	step.arg = arg;
	step.at = at;
	step.gone = 0;
	step.asleep = step.awake = 0;
	step.came = step.passed = step.lost = false;
	trap_set_handler(TRAP_DEBUG, after_instruction);
	tick_set_hook(look_after);
	local_irq_restore(flags | EFLAGS_TF);
	sleep(arg);
	local_irq_restore(flags);
	tick_set_hook(NULL);
	trap_set_handler(TRAP_DEBUG, NULL);
	sched_set_priority(current, prio);
	if (step.lost)
		return STEP_LOST;
	return step.came && !step.passed ? STEP_WOKEN : STEP_PASSED;
}

unsigned int
step_way(void)
{
	return step.gone;
}

/* Lockdep's own instructions are many, and nobody's sleep. */
unsigned int
step_all(void (*prepare)(void *arg), void (*sleep)(void *arg),
	 void (*wake)(void *arg), void *arg, unsigned int *lost)
{
	unsigned int stride = patch_is_on(PATCH_LOCKDEP) ? 7 : 1, at, n = 0;
	enum step_end end = STEP_WOKEN;

	*lost = 0;
	for (at = 1; end != STEP_PASSED && *lost < 3; at += stride, n++) {
		if (prepare)
			prepare(arg);
		end = step_sleep(at, sleep, wake, arg);
		*lost += end == STEP_LOST;
	}
	return n;
}

/* --- Counting them --------------------------------------------------------------- */

static unsigned int counted;

static bool
count_instruction(struct pt_regs *regs __maybe_unused)
{
	counted++;
	return true;
}

unsigned int
step_count(void (*fn)(void))
{
	unsigned long flags = local_save_flags();

	counted = 0;
	trap_set_handler(TRAP_DEBUG, count_instruction);
	local_irq_restore(flags | EFLAGS_TF);
	fn();
	local_irq_restore(flags);
	trap_set_handler(TRAP_DEBUG, NULL);
	return counted;
}
