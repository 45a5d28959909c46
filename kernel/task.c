/* task.c - a thread's life: its stack, its place in the list of all, its end.
 *
 *   stack (8 KiB)                      task_create
 *   +------------------+ <- +8192          |
 *   | a program's regs |  struct pt_regs, what ring 3 had
 *   | 0: no caller     |               a cached stack, or a new one, cleared
 *   | thread_start     |
 *   | ebp ebx esi edi  | <- task->sp   first switch: "returns" to thread_start
 *   |        ...       |                   |
 *   | 0 0 0 0 0 0 0 0  |  never used   fn(data) --> task_exit --> off the CPU
 *   +------------------+ <- stack          |
 *   | guard: no page   |               the next thread: task_reap
 *
 * Guarantees: nobody frees the stack he stands on. The structure stays until
 * the last reference is gone, the stack only until the next thread runs.
 * Locking: tasks.lock, interrupts off: the list, pids and ends.
 * Limits: STACKS_KEPT stacks are kept for later, on each CPU.
 */
#include "completion.h"
#include "internal.h"
#include "panic.h"
#include "slab.h"
#include "vmalloc.h"
#include "trap.h"

#define STACKS_KEPT 8

static struct {
	spinlock_t lock;
	struct list_head all;
	atomic_t count; /* structures, dead ones too */
	int last_pid;
} tasks = {
	.all = LIST_HEAD_INIT(tasks.all), .last_pid = 1, /* init's */
};

/* Stacks of the dead, for the next. */
struct stacks {
	void *stack[STACKS_KEPT];
	unsigned int nr;
};
static DEFINE_PER_CPU(struct stacks, kept);

/* --- Stacks --------------------------------------------------------------- */

static void *
stack_take(void)
{
	unsigned long flags = local_irq_save();
	void *stack = this_cpu(kept).nr
			      ? this_cpu(kept).stack[--this_cpu(kept).nr]
			      : NULL;

	local_irq_restore(flags);
	return stack;
}

/* Cleared: a word that is not 0 has been used. => NULL: no memory */
static void *
stack_alloc(void)
{
	void *stack = stack_take(), *p;

	if (!stack)
		stack = vmalloc(STACK_SIZE);
	p = stack;
	if (stack)
		rep_stosl(&p, 0, STACK_SIZE / sizeof(u32));
	return stack;
}

/* => interrupts off */
static void
stack_free(void *stack)
{
	if (this_cpu(kept).nr < STACKS_KEPT)
		this_cpu(kept).stack[this_cpu(kept).nr++] = stack;
	else
		vfree(stack);
}

void
stacks_drain(void)
{
	void *stack;

	while ((stack = stack_take()))
		vfree(stack);
}

/* --- Birth and death ------------------------------------------------------ */

static void __noreturn
thread_start(struct task_struct *prev)
{
	finish_switch(prev);
	local_irq_enable();
	task_exit(current->main());
}

void
task_add(struct task_struct *task)
{
	unsigned long flags;

	spin_lock_irqsave(&tasks.lock, flags);
	task->pid = ++tasks.last_pid;
	list_add_tail(&task->all, &tasks.all);
	spin_unlock_irqrestore(&tasks.lock, flags);
	atomic_inc(&tasks.count);
}

struct task_struct *
task_create(int (*main)(void))
{
	struct task_struct *task = kzalloc(sizeof(*task), GFP_KERNEL);
	u32 *sp;

	if (!task)
		return NULL;
	task->stack = stack_alloc();
	if (!task->stack) {
		kfree(task);
		return NULL;
	}
	sp = (u32 *)((struct pt_regs *)((char *)task->stack + STACK_SIZE) - 1);
	sp[-2] = (u32)thread_start;
	task->sp = (u32)(sp - 6);
	task->state = TASK_UNINTERRUPTIBLE;
	task->prio = DEFAULT_PRIO;
	task->slice = SLICE_TICKS;
	task->main = main;
	atomic_set(&task->usage, 2);
	task_add(task);
	return task;
}

void
task_exit(int code)
{
	assert_op(preempt_count(), ==, 0u);
	assert(!irqs_disabled());
	if (lockdep_on())
		lockdep_none_held(current->comm);
	current->exit_code = code;
	set_current_state(TASK_DEAD);
	for (;;)
		schedule();
}

void
task_reap(struct task_struct *task)
{
	unsigned long flags;
	struct completion *done;

	stack_free(task->stack);
	spin_lock_irqsave(&tasks.lock, flags);
	list_del(&task->all);
	task->stack = NULL;
	task->exited = true;
	done = task->exit_done;
	spin_unlock_irqrestore(&tasks.lock, flags);
	if (done)
		complete(done);
	put_task_struct(task);
}

int
task_wait(struct task_struct *task)
{
	struct completion done;
	unsigned long flags;
	bool exited;

	might_sleep();
	assert(task != current);
	init_completion(&done);
	spin_lock_irqsave(&tasks.lock, flags);
	exited = task->exited;
	if (!exited)
		task->exit_done = &done; /* cppcheck-suppress autoVariables */
	spin_unlock_irqrestore(&tasks.lock, flags);
	if (!exited)
		wait_for_completion(&done);
	return task->exit_code;
}

void
put_task_struct(struct task_struct *task)
{
	if (!atomic_dec_and_test(&task->usage))
		return;
	atomic_dec(&tasks.count);
	kfree(task);
}

/* --- All of them ---------------------------------------------------------- */

struct task_struct *
task_next(struct task_struct *task)
{
	struct list_head *next = task ? task->all.next : tasks.all.next;

	return next == &tasks.all ? NULL
				  : list_entry(next, struct task_struct, all);
}

unsigned int
nr_tasks(void)
{
	return atomic_read(&tasks.count);
}
