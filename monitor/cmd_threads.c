/* cmd_threads.c - ps: which threads there are and what they wait for.
 *
 *	task list --> copies (interrupts off) --> a line each (on)
 */
#include "../linux/process.h"
#include "command.h"
#include "console.h"
#include "errno.h"
#include "printf.h"
#include "sched.h"
#include "sections.h"
#include "slab.h"
#include "string.h"
#include "trap.h"
#include "util.h"

/* What a thread that does not run has on top of its stack: see switch.asm. */
struct switch_frame {
	u32 di, si, bx, bp, ip;
};

#define MAX_FRAMES 16

static bool
only_waits(u32 ip)
{
	return ip - (u32)__sched_text_start <
	       (u32)(__sched_text_end - __sched_text_start);
}

/* The function in which it sleeps: the first caller that is none of those that
 * only do the sleeping. 0 if the stack does not tell. */
static u32
wait_channel(const struct task_struct *task)
{
	struct switch_frame top;
	u32 frame[2], bp;

	if (copy_from_kernel_nofault(&top, (void *)task->sp, sizeof(top)))
		return 0;
	if (!only_waits(top.ip))
		return 0;
	bp = top.bp;
	for (unsigned int i = 0; i < MAX_FRAMES; i++) {
		if (bp - (u32)task->stack >= STACK_SIZE - sizeof(frame) ||
		    copy_from_kernel_nofault(frame, (void *)bp, sizeof(frame)))
			return 0;
		if (!only_waits(frame[1]))
			return frame[1];
		bp = frame[0];
	}
	return 0;
}

static char
state_letter(const struct task_struct *task)
{
	if (task == current)
		return '*';
	switch (task->state) {
	case TASK_RUNNING:
		return 'R';
	case TASK_INTERRUPTIBLE:
		return 'S';
	case TASK_UNINTERRUPTIBLE:
		return 'D';
	case TASK_PARKED:
		return 'P';
	default:
		return 'X';
	}
}

struct row {
	int pid;
	char comm[TASK_COMM_LEN];
	char state;
	u8 prio;
	u32 switches, ticks, stack, channel;
};

/* => how many tasks there are; rows for the first max of them */
static unsigned int
copy_tasks(struct row *rows, unsigned int max)
{
	unsigned long flags = local_irq_save();
	struct task_struct *task = NULL;
	unsigned int n = 0;

	for (; (task = task_next(task)); n++) {
		struct row *row = &rows[n];

		if (n >= max)
			continue;
		row->pid = task->pid;
		memcpy(row->comm, task->comm, sizeof(row->comm));
		row->state = state_letter(task);
		row->prio = task->prio;
		row->switches = task->switches;
		row->ticks = task->ticks;
		row->stack = stack_used(task);
		row->channel =
			task->state == TASK_RUNNING ? 0 : wait_channel(task);
	}
	local_irq_restore(flags);
	return n;
}

static void
print_processes(void)
{
	struct process_info i;
	int pid = process_ops->next_pid(0);

	if (pid)
		console_printf("\n  pid  ppid  pgid state    size       rss  "
			       "program\n");
	for (; pid; pid = process_ops->next_pid(pid)) {
		if (process_info(pid, &i))
			continue;
		console_printf("%5d %5d %5d %c %8lu kB %6lu kB  %s\n", pid,
			       i.ppid, i.pgid, i.state, i.size * PAGE_KIB,
			       (i.anon + i.file) * PAGE_KIB, i.comm);
	}
}

static int
cmd_ps(int argc __maybe_unused, char **argv __maybe_unused)
{
	unsigned int max = nr_tasks(), n, i;
	struct row *rows = kcalloc(max, sizeof(*rows), GFP_KERNEL);

	if (!rows)
		return command_refuse(-ENOMEM,
				      "There is no memory for the "
				      "list of %u threads.",
				      max);
	n = min(copy_tasks(rows, max), max);
	console_printf("  pid name            state prio switches   ticks  "
		       "stack  sleeps in\n");
	for (i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		char place[23]; /* what a row has room for */

		if (r->channel)
			scnprintf(place, sizeof(place), "%pS",
				  (void *)r->channel);
		console_printf("%5d %-15s %c     %4u %8u %7u  %5u  %s\n",
			       r->pid, r->comm, r->state, r->prio, r->switches,
			       r->ticks, r->stack, r->channel ? place : "-");
	}
	kfree(rows);
	print_processes();
	return 0;
}
COMMAND(ps, "",
	"lists the threads, and the programs\n"
	"State: * runs now, R is ready, S and D sleep (D: only what it waits\n"
	"for can wake it), P is parked. Priority: 0 is the most urgent, "
	"idle's\n"
	"is 32. Ticks had the CPU, 250 a second. Stack: the most bytes, of\n"
	"8192, that it has ever used.");
