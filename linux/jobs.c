/* jobs.c - process groups in the background of a terminal.
 *
 *   session 5   group 5: the shell <--- parent ---+
 *               group 9: ls | more    foreground  |   reads and writes
 *               group 12: cat &       background -+   reads: SIGTTIN, it stops
 *
 * Who has stopped goes on when his shell says so. A group none of whose members
 * has a parent in another group of the session is orphaned: nobody would. So it
 * does not stop for the terminal's sake (EIO instead), and if somebody in it has
 * stopped when it becomes one, all of it is told: SIGHUP, SIGCONT.
 *
 * Locking: process_lock.
 */
#include "errno.h"
#include "process.h"

bool
group_is_orphaned(int pgid, const struct process *but)
{
	const struct process *parent;
	struct process *p = NULL;

	while ((p = process_next(p))) {
		parent = p->parent;
		if (p->leader != p || p->pgid != pgid || p->zombie ||
		    p == but || parent->pid == 1)
			continue;
		if (parent->pgid != pgid && parent->sid == p->sid)
			return false;
	}
	return true;
}

static bool
has_stopped(int pgid)
{
	struct process *p = NULL;

	while ((p = process_next(p)))
		if (p->leader == p && p->pgid == pgid && !p->zombie &&
		    p->sig.stopped)
			return true;
	return false;
}

void
orphan_group(const struct process *p, const struct process *parent,
	     const struct process *but)
{
	if (parent->pgid == p->pgid || parent->sid != p->sid ||
	    !has_stopped(p->pgid) || !group_is_orphaned(p->pgid, but))
		return;
	signal_group_locked(p->pgid, SIGHUP);
	signal_group_locked(p->pgid, SIGCONT);
}

/* => process_lock; as job_control, and -ERESTARTSYS: it is to stop */
static int
may_use(const struct process *p, int foreground, int sig)
{
	int pgid = p->leader->pgid;
	bool deaf = (p->sig.blocked & SIGMASK(sig)) ||
		    signal_action(p, sig)->handler == SIG_IGN;

	if (pgid == foreground || (deaf && sig == SIGTTOU))
		return 0;
	return deaf || group_is_orphaned(pgid, NULL) ? -EIO : -ERESTARTSYS;
}

/* The running thread is told in any case: it may be another one of its program
 * that takes the signal. */
int
job_control(int foreground, int sig)
{
	struct process *p = current->process;
	unsigned long flags;
	int err;

	if (!p)
		return 0;
	spin_lock_irqsave(&process_lock, flags);
	err = may_use(p, foreground, sig);
	if (err == -ERESTARTSYS) {
		signal_group_locked(p->leader->pgid, sig);
		signal_tell(p);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}
