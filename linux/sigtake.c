/* sigtake.c - before ring 3 goes on: what is done about the signals that wait.
 *
 *   default action    ignored:  CHLD CONT URG WINCH
 *                     stops:    STOP TSTP TTIN TTOU
 *                     ends the program: all others
 *
 *   a handler         a frame for each (sigframe.c), the next one on top, until
 *                     none is left that is not blocked
 *
 * A program that has stopped sleeps in next_signal, all of its threads, until
 * SIGCONT or SIGKILL.
 *
 * Locking: process_lock.
 */
#include "errno.h"
#include "process.h"

bool
signal_ending(void)
{
	const struct process *p = current->process;

	return p->sig.ending || (p->leader->sig.shared.set & SIGMASK(SIGKILL));
}

static bool
is_fatal(const struct process *p, int sig)
{
	return !(SIGMASK(sig) & (SIGNALS_IGNORED | SIGNALS_STOP)) &&
	       signal_action(p, sig)->handler == SIG_DFL;
}

bool
signal_is_fatal(void)
{
	const struct process *p = current->process;
	unsigned long flags;
	bool fatal;
	u64 set;

	spin_lock_irqsave(&process_lock, flags);
	fatal = p->sig.ending;
	set = (p->sig.own.set | p->leader->sig.shared.set) & ~p->sig.blocked;
	for (int sig = 1; sig <= NSIG && !fatal; sig++)
		fatal = (set & SIGMASK(sig)) && is_fatal(p, sig);
	spin_unlock_irqrestore(&process_lock, flags);
	return fatal;
}

bool
signal_handled(int sig)
{
	const struct process *p = current->process;

	return signal_action(p, sig)->handler > SIG_IGN &&
	       !(p->sig.blocked & SIGMASK(sig));
}

/* Is anything left to look at? => process_lock */
static void
update_work(struct process *p)
{
	const struct process *leader = p->leader;
	u64 set = (p->sig.own.set | leader->sig.shared.set) & ~p->sig.blocked;

	if (set || p->sig.ending || leader->sig.stopped)
		p->task->work |= WORK_SIGNAL;
	else
		p->task->work &= ~WORK_SIGNAL;
}

void
signal_block(u64 blocked)
{
	struct process *p = current->process;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	blocked &= ~SIGNALS_NEVER_BLOCKED;
	if (p->leader->sig.shared.set)
		signal_retarget(p, blocked & ~p->sig.blocked);
	p->sig.blocked = blocked;
	update_work(p);
	spin_unlock_irqrestore(&process_lock, flags);
}

void
signal_block_for_now(u64 blocked)
{
	struct signals *s = &current->process->sig;

	s->saved = s->blocked;
	s->restore = true;
	signal_block(blocked);
}

void
signal_unblock(void)
{
	struct signals *s = &current->process->sig;

	if (s->restore)
		signal_block(s->saved);
	s->restore = false;
}

void
signal_set_action(int sig, const struct sigaction *new, struct sigaction *old)
{
	struct process *p = current->process;
	struct sigaction *action = signal_action(p, sig);
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	*old = *action;
	if (new) {
		*action = *new;
		action->mask &= ~SIGNALS_NEVER_BLOCKED;
		if (new->handler == SIG_IGN ||
		    (new->handler == SIG_DFL &&
		     (SIGNALS_IGNORED & SIGMASK(sig))))
			signal_flush(p->leader, SIGMASK(sig));
	}
	spin_unlock_irqrestore(&process_lock, flags);
}

static void
stop_program(struct process *leader, int sig)
{
	struct process *p;

	if (sig != SIGSTOP && group_is_orphaned(leader->pgid, NULL))
		return;
	leader->sig.stopped = sig;
	leader->sig.report = sig << 8 | 0x7F;
	list_for_each_entry(p, &leader->threads, thread)
	{
		signal_tell(p);
	}
	signal_child(leader, CLD_STOPPED, sig);
}

/* => the program has stopped: what to do is to be looked at again */
static bool
sleep_stopped(const struct process *p, unsigned long *flags)
	REQUIRES(process_lock)
{
	const struct signals *shared = &p->leader->sig;

	if (!shared->stopped || (shared->shared.set & SIGMASK(SIGKILL)))
		return false;
	set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock_irqrestore(&process_lock, *flags);
	schedule();
	spin_lock_irqsave(&process_lock, *flags);
	return true;
}

/* Default actions are done here. => a signal that has a handler; 0: none */
static int
next_signal(struct sig_info *info, struct sigaction *taken)
{
	struct process *p = current->process;
	struct sigaction *action;
	unsigned long flags;
	int sig;

	spin_lock_irqsave(&process_lock, flags);
	for (;;) {
		if (p->sig.ending) {
			spin_unlock_irqrestore(&process_lock, flags);
			process_exit(0);
		}
		if (sleep_stopped(p, &flags))
			continue;
		sig = signal_take(info, ~p->sig.blocked);
		if (!sig)
			break;
		action = signal_action(p, sig);
		if (action->handler > SIG_IGN) {
			*taken = *action;
			if (action->flags & SA_RESETHAND)
				action->handler = SIG_DFL;
			break;
		}
		if (action->handler == SIG_IGN ||
		    (SIGMASK(sig) & SIGNALS_IGNORED))
			continue;
		if (SIGMASK(sig) & SIGNALS_STOP) {
			stop_program(p->leader, sig);
			continue;
		}
		spin_unlock_irqrestore(&process_lock, flags);
		process_exit_group(sig);
	}
	if (!sig) /* a handler's mask comes next, and then who looks is told */
		update_work(p);
	spin_unlock_irqrestore(&process_lock, flags);
	return sig;
}

/* A system call that a signal has interrupted begins anew, or says so. int 0x80
 * has two bytes. */
static void
restart_call(struct pt_regs *regs, const struct sigaction *action)
{
	bool again = !action;

	if (regs->vector != TRAP_SYSCALL)
		return;
	switch (-(int)regs->ax) {
	case ERESTARTSYS:
		again |= action && (action->flags & SA_RESTART);
		break;
	case ERESTARTNOINTR:
		again = true;
		break;
	case ERESTART_RESTARTBLOCK:
		regs->error = 0; /* restart_syscall */
		break;
	case ERESTARTNOHAND:
		break;
	default:
		return;
	}
	regs->ax = again ? regs->error : (u32)-EINTR;
	if (again)
		regs->ip -= 2;
}

void
do_signal(struct pt_regs *regs)
{
	struct signals *s = &current->process->sig;
	struct sigaction action;
	struct sig_info info;

	if (!next_signal(&info, &action)) {
		restart_call(regs, NULL);
		signal_unblock();
		return;
	}
	restart_call(regs, &action);
	if (!signal_frame(regs, &info, &action)) {
		if (info.sig == SIGSEGV)
			signal_block(s->blocked | SIGMASK(SIGSEGV));
		force_sig_fault(SIGSEGV, SI_KERNEL, 0);
		return;
	}
	s->restore = false;
	signal_block(s->blocked | action.mask |
		     (action.flags & SA_NODEFER ? 0 : SIGMASK(info.sig)));
}
