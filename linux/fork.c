/* fork.c - a second process out of one.
 *
 *   flags        without                        with
 *   CLONE_VM     a copy of the address space    the same one
 *   CLONE_FILES  the same files, own numbers    the same numbers
 *   CLONE_FS     an own current directory       the same one
 *   CLONE_VFORK                                 the parent sleeps until the
 *                                               child has called exec, or ended
 *   CLONE_THREAD a child                        one more thread of the program
 *
 * A signal that comes while the copies are made goes before the child: it is
 * taken, then the call begins anew. Else one that is sent to all of a process
 * group would miss the child.
 *
 * Everything that can fail comes first; the child is known to nobody until all
 * of it has succeeded. It begins where the parent does, with a result of 0: its
 * registers are a copy, at the top of its own kernel stack.
 */
#include "errno.h"
#include "process.h"
#include "writers.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"

/* Threads share what belongs to one program: Linux's rules. And nobody becomes
 * his parent's child (CLONE_PARENT): who would wait for him? */
static bool
flags_are_sane(u32 flags)
{
	return !(flags & (CLONE_PARENT | CLONE_NOT_HERE)) &&
	       (!(flags & CLONE_THREAD) || (flags & CLONE_SIGHAND)) &&
	       (!(flags & CLONE_SIGHAND) || (flags & CLONE_VM));
}

static int
fork_main(void)
{
	struct process *p = current->process;

	if (p->set_child_tid && put_user(p->pid, p->set_child_tid))
		p->set_child_tid = NULL; /* as Linux: his own fault */
	enter_user(current_regs());
}

/* => false if there is no memory: process_drop */
static bool
copy_parts(struct process *child, u32 flags)
{
	struct process *p = current->process;

	if (flags & CLONE_VM) {
		mm_get(p->mm);
		child->mm = p->mm;
	} else {
		child->mm = mm_copy_for(p->mm, child->account);
	}
	if (flags & CLONE_FILES)
		child->files = files_get(p->files);
	else if (child->mm)
		child->files = files_copy(p->files);
	if (flags & CLONE_FS) {
		atomic_inc(&p->fs->refs);
		child->fs = p->fs;
	} else if (child->files) {
		child->fs = fs_copy(p->fs);
	}
	if (!inode_get_exec(p->exe)) /* it is executed: nobody writes to it */
		child->exe = p->exe;
	return child->mm && child->files && child->fs;
}

/* The registers: those of the FPU are in the CPU now. */
static void
copy_registers(struct process *child, u32 sp)
{
	struct pt_regs *regs = task_regs(child->task);

	*regs = *current_regs();
	regs->ax = 0;
	if (sp)
		regs->sp = sp;
	preempt_disable();
	fpu_copy(&child->fpu);
	preempt_enable();
}

struct clone_args {
	u32 flags, sp;
	int __user *parent_tid;
	void __user *tls;
	int __user *child_tid;
};

static int
make_child(struct process *child, const struct clone_args *a)
{
	struct process *p = current->process, *leader = p->leader;
	int err = 0;

	if (a->flags & CLONE_THREAD) {
		child->leader = leader;
		child->account = p->account;
	} else {
		child->account = account_create(p->account);
		err = child->account ? 0 : -ENOMEM;
	}
	memcpy(child->tls, p->tls, sizeof(child->tls));
	if (!err && (a->flags & CLONE_SETTLS))
		err = tls_set(child->tls, a->tls, false);
	if (!err && !copy_parts(child, a->flags))
		err = -ENOMEM;
	if (err)
		return err;
	child->exit_signal = (int)(a->flags & CSIGNAL);
	if (a->flags & CLONE_CHILD_SETTID)
		child->set_child_tid = a->child_tid;
	if (a->flags & CLONE_CHILD_CLEARTID)
		child->clear_child_tid = a->child_tid;
	signal_fork(child, a->flags);
	return process_add(child, fork_main, 0, leader,
			   a->flags & CLONE_THREAD ? leader : NULL);
}

/* Only his own end keeps a parent from waiting. The child takes our address out
 * of here when it is done: until then it exists. */
static void
wait_for_vfork(struct process *child, struct task_struct **self)
{
	unsigned long flags;
	bool done;

	do {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_lock_irqsave(&process_lock, flags);
		done = !*self || signal_ending();
		if (*self && done)
			child->vfork = NULL;
		spin_unlock_irqrestore(&process_lock, flags);
		if (!done)
			schedule();
	} while (!done);
	set_current_state(TASK_RUNNING);
}

void
vfork_done(struct process *p)
{
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	if (p->vfork) {
		wake_up_process(*p->vfork);
		*p->vfork = NULL;
		p->vfork = NULL;
	}
	spin_unlock_irqrestore(&process_lock, flags);
}

static long
try_clone(const struct clone_args *a)
{
	struct process *child;
	struct task_struct *self = current;
	int err, pid;

	if (!flags_are_sane(a->flags))
		return -EINVAL;
	child = process_alloc();
	if (!child)
		return -EAGAIN;
	err = make_child(child, a);
	if (err) {
		process_drop(child);
		process_free(child);
		return err;
	}
	memcpy(child->task->comm, current->comm, TASK_COMM_LEN);
	copy_registers(child, a->sp);
	if (a->flags & CLONE_VFORK)
		child->vfork = &self; /* cppcheck-suppress autoVariables */
	if (a->flags & CLONE_PARENT_SETTID)
		err = put_user(child->pid, a->parent_tid); /* likewise */
	pid = process_start(child);
	if (a->flags & CLONE_VFORK)
		wait_for_vfork(child, &self);
	return pid;
}

static long
do_clone(const struct clone_args *a)
{
	long pid;

	do
		pid = try_clone(a);
	while (oom_make_room(pid));
	return pid;
}

static long __syscall
sys_fork(void)
{
	const struct clone_args a = {.flags = SIGCHLD};

	return do_clone(&a);
}
SYSCALL(2, fork, sys_fork, 0);

static long __syscall
sys_vfork(void)
{
	const struct clone_args a = {.flags = CLONE_VFORK | CLONE_VM | SIGCHLD};

	return do_clone(&a);
}
SYSCALL(190, vfork, sys_vfork, 0);

static long __syscall
sys_clone(u32 flags, u32 sp, int __user *parent_tid, void __user *tls,
	  int __user *child_tid)
{
	const struct clone_args a = {flags, sp, parent_tid, tls, child_tid};

	return do_clone(&a);
}
SYSCALL(120, clone, sys_clone, 5);
