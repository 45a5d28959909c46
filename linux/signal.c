/* signal.c - signals: sent, kept, taken; see signal.h.
 *
 *   sent to            goes into          who is told
 *   a program          leader's shared    the first thread that does not block it;
 *                                         if that one blocks it or ends before it
 *                                         has taken it, the next
 *   a thread           its own            the thread
 *   SIGKILL            leader's shared    all threads: the first ends the program
 *
 * "Told" is task->work and a wakeup: then the thread looks before it goes on in
 * ring 3, and a system call that sleeps returns early (signal_pending). Only
 * the thread itself clears its flag, when nothing is left.
 *
 * Locking: process_lock.
 */
#include "errno.h"
#include "process.h"
#include "slab.h"
#include "string.h"

#define MAX_QUEUED 1024u /* of one program, unless it sets a limit itself */

struct sigaction *
signal_action(const struct process *p, int sig)
{
	return &p->sig.handlers->action[sig - 1];
}

/* --- Taking ----------------------------------------------------------------- */

static int
lowest(u64 set)
{
	return (u32)set ? __builtin_ctz((u32)set) + 1
			: __builtin_ctz((u32)(set >> 32)) + 33;
}

/* What the program did itself comes first, but SIGKILL; then by number. */
static int
choose(u64 set)
{
	if (set & SIGMASK(SIGKILL))
		return SIGKILL;
	if (set & SIGNALS_FAULT)
		set &= SIGNALS_FAULT;
	return lowest(set);
}

int
signal_take(struct sig_info *info, u64 set)
{
	struct process *p = current->process;
	struct sig_queue *queue = &p->sig.own;
	int sig;

	if (!(queue->set & set))
		queue = &p->leader->sig.shared;
	if (!(queue->set & set))
		return 0;
	sig = choose(queue->set & set);
	sigqueue_take(queue, sig, info);
	return sig;
}

/* --- Sending ---------------------------------------------------------------- */

void
signal_tell(struct process *p)
{
	if (!p->task)
		return;
	p->task->work |= WORK_SIGNAL;
	if (p->task != current || p->task->state)
		wake_up_state(p->task, TASK_INTERRUPTIBLE);
}

/* => false: it must wait, this thread blocks it */
static bool
tell_of(struct process *p, int sig)
{
	u64 mask = SIGMASK(sig);

	if (!p->task || p->sig.gone)
		return false;
	if (p->sig.awaited & mask)
		wake_up_state(p->task, TASK_INTERRUPTIBLE);
	else if (!(p->sig.blocked & mask))
		signal_tell(p);
	else
		return false;
	return true;
}

void
signal_retarget(struct process *p, u64 set)
{
	struct process *other;

	for (set &= p->leader->sig.shared.set; set; set &= set - 1) {
		int sig = lowest(set);

		list_for_each_entry(other, &p->leader->threads, thread)
		{
			if (other != p && tell_of(other, sig))
				break;
		}
	}
}

static bool
is_ignored(const struct process *p, int sig)
{
	u32 handler = signal_action(p, sig)->handler;

	if ((p->sig.blocked | p->sig.awaited) & SIGMASK(sig))
		return false;
	if (handler == SIG_DFL)
		return p->leader->pid == 1 || (SIGNALS_IGNORED & SIGMASK(sig));
	return handler == SIG_IGN;
}

void
signal_flush(struct process *leader, u64 mask)
{
	struct process *p;

	sigqueue_flush(&leader->sig.shared, mask);
	list_for_each_entry(p, &leader->threads, thread)
	{
		sigqueue_flush(&p->sig.own, mask);
	}
}

/* To stop and to go on: the later one counts; going on happens at once. */
static void
stop_or_continue(struct process *leader, int sig)
{
	struct process *p;

	if (SIGMASK(sig) & SIGNALS_STOP)
		signal_flush(leader, SIGMASK(SIGCONT));
	if (sig != SIGCONT)
		return;
	signal_flush(leader, SIGNALS_STOP);
	if (!leader->sig.stopped)
		return;
	leader->sig.stopped = 0;
	leader->sig.report = CONTINUED;
	list_for_each_entry(p, &leader->threads, thread)
	{
		signal_tell(p);
	}
	signal_child(leader, CLD_CONTINUED, SIGCONT);
}

int
signal_send_info(struct process *p, const struct sig_info *info)
{
	struct process *leader = p->leader, *thread;
	int err;

	if (leader == &kernel_process || leader->zombie)
		return 0;
	stop_or_continue(leader, info->sig);
	if (is_ignored(leader, info->sig))
		return 0;
	err = sigqueue_add(leader, &leader->sig.shared, info);
	if (err)
		return err;
	list_for_each_entry(thread, &leader->threads, thread)
	{
		if (tell_of(thread, info->sig) && info->sig != SIGKILL)
			break;
	}
	return 0;
}

int
signal_thread(struct process *p, const struct sig_info *info)
{
	int err;

	if (info->sig == SIGKILL)
		return signal_send_info(p, info);
	if (!p->task)
		return 0;
	stop_or_continue(p->leader, info->sig);
	if (is_ignored(p, info->sig))
		return 0;
	err = sigqueue_add(p, &p->sig.own, info);
	if (!err)
		tell_of(p, info->sig);
	return err;
}

void
signal_send(struct process *p, int sig)
{
	const struct sig_info info = {.sig = sig, .code = SI_KERNEL};

	if (signal_send_info(p, &info))
		return; /* never: only real-time signals are counted */
}

void
signal_end(struct process *thread)
{
	thread->sig.ending = true;
	signal_tell(thread);
}

void
signal_group_locked(int pgid, int sig)
{
	struct process *p = NULL;

	while ((p = process_next(p)))
		if (p->leader == p && p->pgid == pgid && !p->zombie)
			signal_send(p, sig);
}

void
signal_group(int pgid, int sig)
{
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	signal_group_locked(pgid, sig);
	spin_unlock_irqrestore(&process_lock, flags);
}

void
signal_self(int sig)
{
	const struct sig_info info = {sig, SI_USER, {current->process->tgid}};
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	signal_thread(current->process, &info);
	spin_unlock_irqrestore(&process_lock, flags);
}

/* => process_lock; the running one. A fault comes once: it is never too many. */
static void
force(struct process *p, const struct sig_info *info)
{
	struct sigaction *action = signal_action(p, info->sig);

	if ((p->sig.blocked & SIGMASK(info->sig)) ||
	    action->handler == SIG_IGN) {
		action->handler = SIG_DFL;
		p->sig.blocked &= ~SIGMASK(info->sig);
	}
	sigqueue_add(p, &p->sig.own, info);
	signal_tell(p);
}

void
force_sig_fault(int sig, int code, u32 address)
{
	const struct sig_info info = {sig, code, {address}};
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	force(current->process, &info);
	spin_unlock_irqrestore(&process_lock, flags);
}

void
signal_child(struct process *child, int code, int status)
{
	struct process *parent = child->parent;
	struct sig_info info = {child->exit_signal, code, {0, 0, 0}};
	bool ended = code == CLD_EXITED;

	wake_up_all(&parent->wait);
	if (parent == &kernel_process)
		return;
	info.field[0] = (u32)child->pid;
	info.field[2] = (u32)status;
	if (ended) {
		info.code = status & 0x7F ? CLD_KILLED : CLD_EXITED;
		info.field[2] = status & 0x7F ? status & 0x7F : status >> 8;
	} else {
		info.sig = SIGCHLD;
		if (signal_action(parent, SIGCHLD)->flags & SA_NOCLDSTOP)
			return;
	}
	if (info.sig >= 1 && info.sig <= NSIG) /* clone takes any number */
		signal_send_info(parent, &info);
}

bool
signal_ignores_child(const struct process *parent)
{
	const struct sigaction *action = signal_action(parent, SIGCHLD);

	return action->handler == SIG_IGN || (action->flags & SA_NOCLDWAIT);
}

/* --- A process's ------------------------------------------------------------ */

bool
signal_alloc(struct process *p)
{
	p->sig.handlers = kzalloc(sizeof(*p->sig.handlers), GFP_KERNEL);
	if (!p->sig.handlers)
		return false;
	atomic_set(&p->sig.handlers->refs, 1);
	p->sig.limit = MAX_QUEUED;
	INIT_LIST_HEAD(&p->sig.own.infos);
	INIT_LIST_HEAD(&p->sig.shared.infos);
	return true;
}

static void
put_handlers(struct handlers *handlers)
{
	if (atomic_dec_and_test(&handlers->refs))
		kfree(handlers);
}

void
signal_free(struct process *p)
{
	sigqueue_flush(&p->sig.own, ~0ull);
	sigqueue_flush(&p->sig.shared, ~0ull);
	put_handlers(p->sig.handlers);
}

void
signal_fork(struct process *child, unsigned long flags)
{
	struct process *p = current->process;
	unsigned long irq;

	spin_lock_irqsave(&process_lock, irq);
	child->sig.blocked = p->sig.blocked;
	child->sig.limit = p->leader->sig.limit;
	if (!(flags & CLONE_VM) || (flags & CLONE_VFORK))
		child->sig.stack = p->sig.stack;
	if (flags & CLONE_SIGHAND) {
		put_handlers(child->sig.handlers);
		child->sig.handlers = p->sig.handlers;
		atomic_inc(&child->sig.handlers->refs);
	} else {
		memcpy(child->sig.handlers->action, p->sig.handlers->action,
		       sizeof(p->sig.handlers->action));
	}
	spin_unlock_irqrestore(&process_lock, irq);
}

/* The leader itself has ended. Threads share their handlers. */
void
signal_move(struct process *leader, struct process *p)
{
	sigqueue_flush(&leader->sig.own, ~0ull);
	list_splice_init(&p->sig.own.infos, &leader->sig.own.infos);
	leader->sig.own.set = p->sig.own.set;
	leader->sig.own.nr = p->sig.own.nr;
	leader->sig.blocked = p->sig.blocked;
	leader->sig.ending = p->sig.ending;
	leader->sig.awaited = 0;
	leader->sig.restore = false;
	leader->sig.gone = false;
	p->sig.own.set = 0;
}

/* Handlers are gone with the program; what was ignored still is. Nobody begins to
 * share them between signal_exec_prepare and this. */
void
signal_exec(struct process *p, struct handlers *own)
{
	int sig;

	if (own) {
		*own = *p->sig.handlers;
		atomic_set(&own->refs, 1);
		put_handlers(p->sig.handlers);
		p->sig.handlers = own;
	}
	for (sig = 1; sig <= NSIG; sig++) {
		u32 handler = signal_action(p, sig)->handler;

		*signal_action(p, sig) = (struct sigaction){
			.handler = handler == SIG_IGN ? SIG_IGN : SIG_DFL};
	}
	p->sig.stack.size = 0;
}

void
signal_exit(struct process *p)
{
	struct process *leader = p->leader, *thread;
	unsigned long flags;
	bool last = true;

	spin_lock_irqsave(&process_lock, flags);
	p->sig.gone = true;
	signal_retarget(p, ~0ull);
	list_for_each_entry(thread, &leader->threads, thread)
	{
		last &= thread->sig.gone;
	}
	spin_unlock_irqrestore(&process_lock, flags);
	if (last)
		hrtimer_cancel(&leader->sig.timer);
}
