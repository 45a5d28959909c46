/* signal.c - signals, the first part: default actions only; see signal.h. */
#include "process.h"
#include "printk.h"

#define SIGMASK(sig) (1ull << ((sig)-1))
#define IGNORED                                                  \
	(SIGMASK(SIGCHLD) | SIGMASK(SIGCONT) | SIGMASK(SIGURG) | \
	 SIGMASK(SIGWINCH))

void
signal_send(struct process *p, int sig)
{
	if (!p->task || (SIGMASK(sig) & IGNORED))
		return;
	p->sig.pending |= SIGMASK(sig);
	p->task->work |= WORK_SIGNAL;
	wake_up_state(p->task, TASK_INTERRUPTIBLE);
}

int
signal_group(int pgid, int sig)
{
	struct process *p = NULL;
	unsigned long flags;
	int sent = 0;

	spin_lock_irqsave(&process_lock, flags);
	while ((p = process_next(p))) {
		if (p->leader != p || p->pgid != pgid || p->zombie)
			continue;
		signal_send(p, sig);
		sent++;
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return sent;
}

void
force_sig_fault(int sig, int code __maybe_unused, u32 address __maybe_unused)
{
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	signal_send(current->process, sig);
	spin_unlock_irqrestore(&process_lock, flags);
}

bool
signal_pending(void)
{
	return current->work & WORK_SIGNAL;
}

void
do_signal(struct pt_regs *regs __maybe_unused)
{
	u64 pending = current->process->sig.pending;
	int sig;

	for (sig = 1; sig <= 64; sig++)
		if (pending & SIGMASK(sig))
			process_exit_group(sig);
	current->work &= ~WORK_SIGNAL;
}

void
signal_fork(struct process *child, unsigned long flags __maybe_unused)
{
	child->sig.pending = 0;
}

void
signal_exec(struct process *p __maybe_unused)
{
}

bool
signal_ignores_child(const struct process *parent __maybe_unused)
{
	return false;
}
