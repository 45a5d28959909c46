/* exit.c - the end of a process, and those who wait for it.
 *
 *   process_exit:  what it has is given back        (it may still sleep)
 *                  process_lock, at each step
 *                    thread and process part        current->process = NULL
 *                    the last thread? the program has ended:
 *                      each child is init's, or the kernel's
 *                      a zombie, and the parent is told; or nobody wants to know
 *                  the thread ends                  (kernel/task.c)
 *
 *   status, as wait4 gives it:   0 .. 7f  the signal that killed it
 *                                nn00     exit(nn)
 *                                nn7f     stopped by signal nn; ffff: goes on
 */
#include "errno.h"
#include "futex.h"
#include "process.h"
#include "slab.h"
#include "syscall.h"
#include "uaccess.h"

#define WNOHANG    1u
#define WUNTRACED  2u
#define WEXITED    4u
#define WCONTINUED 8u
#define WNOWAIT    0x01000000u
#define WALL       0x40000000u /* a double __ each, as there are ... */
#define WCLONE     0x80000000u
#define WAIT_FLAGS 0xE000000Bu /* ... in wait4's, with __WNOTHREAD */
#define WHAT_FLAGS (WUNTRACED | WEXITED | WCONTINUED)

#define P_ALL  0
#define P_PID  1
#define P_PGID 2

/* Who gets the children of those who have ended, himself not one of them.
 * => process_lock */
static struct process *
child_reaper(void)
{
	struct process *init = process_find(1);

	return init && !list_empty(&init->threads) ? init : &kernel_process;
}

/* A zombie that its parent may see, or that nobody will ever ask for.
 * => true: it is reaped, for the caller to free */
static bool
tell_parent(struct process *p) REQUIRES(process_lock)
{
	struct process *parent = p->parent;
	bool lost = parent == &kernel_process ? p->lost
					      : signal_ignores_child(parent);

	if (lost)
		process_reap(p);
	signal_child(p, CLD_EXITED, p->status);
	return lost;
}

/* One child goes to another parent. => false: there is none left. The lock is
 * taken for each anew: orphan_group looks at all processes. */
static bool
leave_child(struct process *p)
{
	struct process *child = NULL, *reaper, *gone = NULL;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	if (!list_empty(&p->children)) {
		child = list_first_entry(&p->children, struct process, sibling);
		reaper = child_reaper();
		child->parent = reaper;
		child->lost = true;
		child->exit_signal = SIGCHLD;
		list_move_tail(&child->sibling, &reaper->children);
		orphan_group(child, p, NULL);
		if (child->zombie && tell_parent(child))
			gone = child;
	}
	spin_unlock_irqrestore(&process_lock, flags);
	if (gone)
		process_free(gone);
	return child;
}

/* The thread is one of its program's no more. => was it the last one? */
static bool
part(struct process *p, int status) REQUIRES(process_lock)
{
	struct process *leader = p->leader;

	list_del(&p->thread);
	usage_add(&leader->ended, (struct usage){current->ticks, p->min_flt});
	p->task = NULL;
	current->process = NULL;
	if (p == leader && !leader->group_exit)
		leader->status = status;
	if (p != leader) {
		process_reap(p);
		process_free(p);
	}
	return list_empty(&leader->threads);
}

/* Nothing of the program runs any more, and nobody can become its child. */
static void
end_program(struct process *leader)
{
	unsigned long flags;
	bool lost;

	while (leave_child(leader))
		;
	spin_lock_irqsave(&process_lock, flags);
	leader->zombie = true;
	orphan_group(leader, leader->parent, leader);
	lost = tell_parent(leader);
	spin_unlock_irqrestore(&process_lock, flags);
	if (lost)
		process_free(leader);
}

void
process_exit(int status)
{
	struct process *p = current->process, *leader = p->leader;
	struct mm_struct *mm;
	unsigned long flags;
	bool last;

	if (p->pid == 1)
		init_ended(status);
	signal_exit(p);
	if (p->mm)
		futex_exit(p);
	mm = process_set_mm(NULL);
	if (mm)
		mm_put(mm);
	vfork_done(p);
	process_drop(p);
	spin_lock_irqsave(&process_lock, flags);
	last = part(p, status);
	spin_unlock_irqrestore(&process_lock, flags);
	if (last)
		end_program(leader);
	task_exit(0);
}

void
process_exit_group(int status)
{
	struct process *leader = current->process->leader, *p;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	if (!leader->group_exit) {
		leader->group_exit = true;
		leader->status = status;
		list_for_each_entry(p, &leader->threads,
				    thread) if (p != current->process)
			signal_end(p);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	process_exit(status);
}

static long __syscall __noreturn
sys_exit(int code)
{
	process_exit((code & 0xFF) << 8);
}
SYSCALL(1, exit, sys_exit, 1);

static long __syscall __noreturn
sys_exit_group(int code)
{
	process_exit_group((code & 0xFF) << 8);
}
SYSCALL(252, exit_group, sys_exit_group, 1);

/* --- Waiting ---------------------------------------------------------------- */

/* Is it one of those that wait4's pid means? One that does not end with SIGCHLD
 * is only for who asks for such. */
static bool
is_meant(const struct process *child, const struct process *parent, int pid,
	 u32 options)
{
	bool other = child->exit_signal != SIGCHLD;

	if (!(options & WALL) && other != !!(options & WCLONE))
		return false;
	if (pid > 0)
		return child->pid == pid;
	if (pid == -1)
		return true;
	return child->pgid == (pid ? -pid : parent->pgid);
}

struct found {
	int pid, status;
	struct usage usage;
};

/* It has stopped, or goes on; it is said once. */
static bool
take_report(struct process *child, u32 options, struct found *found)
{
	int report = child->sig.report;

	if (!report || child->zombie ||
	    !(options & (report == CONTINUED ? WCONTINUED : WUNTRACED)))
		return false;
	*found = (struct found){child->pid, report, program_usage(child)};
	if (!(options & WNOWAIT))
		child->sig.report = 0;
	return true;
}

/* => true: it has ended; what it has used is its parent's now, but for WNOWAIT */
static bool
take_zombie(struct process *child, u32 options, struct found *found)
	REQUIRES(process_lock)
{
	if (!child->zombie || !(options & WEXITED))
		return false;
	*found = (struct found){child->pid, child->status, child->ended};
	usage_add(&found->usage, child->waited);
	if (!(options & WNOWAIT)) {
		usage_add(&child->parent->waited, found->usage);
		process_reap(child);
	}
	return true;
}

/* => 1 and what it was: it is reaped; 0: none has ended; -ECHILD: there is none */
static int
reap_child(struct process *parent, int pid, u32 options, struct found *found)
{
	struct process *child, *zombie = NULL;
	unsigned long flags;
	int result = -ECHILD;

	spin_lock_irqsave(&process_lock, flags);
	list_for_each_entry(child, &parent->children, sibling)
	{
		if (!is_meant(child, parent, pid, options))
			continue;
		result = take_report(child, options, found);
		if (!result && take_zombie(child, options, found)) {
			result = 1;
			zombie = options & WNOWAIT ? NULL : child;
		}
		if (result)
			break;
	}
	spin_unlock_irqrestore(&process_lock, flags);
	if (zombie)
		process_free(zombie);
	return result;
}

/* => as reap_child, but 0 only with WNOHANG; -ERESTARTSYS */
static int
wait_for_child(int pid, u32 options, struct found *found)
{
	struct process *leader = current->process->leader;
	int result, error;

	while (!(result = reap_child(leader, pid, options, found)) &&
	       !(options & WNOHANG)) {
		error = wait_interruptible_once(&leader->wait,
						reap_child(leader, pid,
							   options | WNOWAIT,
							   found));
		if (error)
			return error;
	}
	return result;
}

static long __syscall
sys_wait4(int pid, int __user *status, u32 options, void __user *rusage)
{
	struct found found;
	int result;

	if (options & ~WAIT_FLAGS)
		return -EINVAL;
	if (pid == (int)0x80000000)
		return -ESRCH; /* a group without a number */
	result = wait_for_child(pid, options | WEXITED, &found);
	if (result <= 0)
		return result;
	if ((status && put_user(found.status, status)) ||
	    (rusage && rusage_put(rusage, found.usage, 0)))
		return -EFAULT;
	return found.pid;
}
SYSCALL(114, wait4, sys_wait4, 4);

static long __syscall
sys_waitpid(int pid, int __user *status, u32 options)
{
	return sys_wait4(pid, status, options, NULL);
}
SYSCALL(7, waitpid, sys_waitpid, 3);

/* waitid's: as the SIGCHLD that told of it. */
static struct sig_info
info_of(const struct found *found)
{
	u32 pid = (u32)found->pid, status = (u32)found->status;
	u32 killer = status & 0x7F;

	if (status == CONTINUED)
		return (struct sig_info){SIGCHLD,
					 CLD_CONTINUED,
					 {pid, 0, SIGCONT}};
	if (killer == 0x7F)
		return (struct sig_info){SIGCHLD,
					 CLD_STOPPED,
					 {pid, 0, status >> 8}};
	if (killer)
		return (struct sig_info){SIGCHLD, CLD_KILLED, {pid, 0, killer}};
	return (struct sig_info){SIGCHLD, CLD_EXITED, {pid, 0, status >> 8}};
}

static int
info_put(struct siginfo __user *user, const struct sig_info *info)
{
	const u32 words[6] = {(u32)info->sig,  0,
			      (u32)info->code, info->field[0],
			      info->field[1],  info->field[2]};

	return copy_to_user(user, words, sizeof(words)) ? -EFAULT : 0;
}

static long __syscall
sys_waitid(int type, int id, struct siginfo __user *user, u32 options,
	   void __user *rusage)
{
	struct sig_info info = {0};
	struct found found;
	int result;

	if ((options & ~(WAIT_FLAGS | WEXITED | WNOWAIT)) ||
	    !(options & WHAT_FLAGS) || type < P_ALL || type > P_PGID ||
	    (type == P_PID && id <= 0) || (type == P_PGID && id < 0))
		return -EINVAL;
	if (type != P_PID)
		id = type == P_ALL ? -1 : -id;
	result = wait_for_child(id, options, &found);
	if (result < 0)
		return result;
	if (result)
		info = info_of(&found);
	if ((user && info_put(user, &info)) ||
	    (result && rusage && rusage_put(rusage, found.usage, 0)))
		return -EFAULT;
	return 0;
}
SYSCALL(284, waitid, sys_waitid, 5);
