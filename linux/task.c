/* task.c - the processes there are, and what switching to one means.
 *
 *   hash[pid % 64] --> [ ] --> [ ]        all --> [ 1 ] --> [ 7 ] --> ...
 *
 *   user_switch:  address space (CR3)  kernel stack (TSS)  TLS (GDT)  FPU
 *
 * A kernel thread runs in whatever address space was there before: it touches
 * no user memory. So who gives one up loads another first.
 *
 * A process and its thread end separately: process_exit cuts the tie, then the
 * thread dies by itself, and the process stays until somebody has waited for it.
 *
 * Locking: process_lock (P).
 */
#include "cpu.h"
#include "errno.h"
#include "panic.h"
#include "pgtable.h"
#include "printf.h"
#include "printk.h"
#include "process.h"
#include "writers.h"
#include "slab.h"
#include "string.h"
#include "vdso.h"

#define HASH_SIZE 64u

DEFINE_SPINLOCK(process_lock);

struct process kernel_process = {
	.leader = &kernel_process,
	.parent = &kernel_process,
	.children = LIST_HEAD_INIT(kernel_process.children),
	.wait = __WAIT_QUEUE_HEAD_INITIALIZER(kernel_process.wait),
};

static struct {
	struct kmem_cache *cache;         /* (C) */
	atomic_t count;                   /* structures */
	struct list_head all;             /* (P) */
	struct list_head hash[HASH_SIZE]; /* (P) */
} processes = {.all = LIST_HEAD_INIT(processes.all)};

/* --- Finding them ----------------------------------------------------------- */

struct process *
process_find(int pid)
{
	struct list_head *head = &processes.hash[(u32)pid % HASH_SIZE];
	struct process *p;

	list_for_each_entry(p, head, hash) if (p->pid == pid) return p;
	return NULL;
}

struct process *
process_next(struct process *p)
{
	struct list_head *next = p ? p->all.next : processes.all.next;

	return next == &processes.all ? NULL
				      : list_entry(next, struct process, all);
}

/* --- Coming and going ------------------------------------------------------- */

/* What one is charged for: with its thread, its table of files, and the rest that
 * it may share with others or not. Its address space is charged by itself. */
#define PROCESS_COST                                                        \
	(sizeof(struct process) + sizeof(struct task_struct) + STACK_SIZE + \
	 sizeof(struct handlers) + sizeof(struct files) +                   \
	 sizeof(struct fs_struct))

/* The last ones are for those who do not have many. */
static bool
too_many(void)
{
	int most = account_is_light(current_account())
			   ? MAX_PROCESSES
			   : MAX_PROCESSES - MAX_PROCESSES / 8;

	return atomic_read(&processes.count) >= most;
}

struct process *
process_alloc(void)
{
	struct account *payer = current_account();
	struct process *p;

	if (too_many() || !account_charge(payer, PROCESS_COST))
		return NULL;
	p = kmem_cache_zalloc(processes.cache, GFP_KERNEL);
	if (!p)
		goto uncharge;
	if (!signal_alloc(p))
		goto free;
	p->payer = payer;
	atomic_inc(&processes.count);
	p->leader = p;
	INIT_LIST_HEAD(&p->children);
	INIT_LIST_HEAD(&p->threads);
	init_waitqueue_head(&p->wait);
	return p;
free:
	kmem_cache_free(processes.cache, p);
uncharge:
	account_uncharge(payer, PROCESS_COST);
	return NULL;
}

void *
call_alloc(size_t size)
{
	void *p = NULL;

	if (account_charge(current_account(), size)) {
		p = kmalloc(size, GFP_KERNEL);
		if (!p)
			account_uncharge(current_account(), size);
	}
	return p;
}

void
call_free(void *p, size_t size)
{
	if (p)
		account_uncharge(current_account(), size);
	kfree(p);
}

/* A thread that will be no process's after all. */
static int
end_at_once(void)
{
	return 0;
}

int
process_add(struct process *p, int (*main)(void), int pid,
	    struct process *parent, struct process *leader)
{
	struct task_struct *task = task_create(main);
	unsigned long flags;

	if (!task)
		return -ENOMEM;
	if (pid)
		task->pid = pid;
	spin_lock_irqsave(&process_lock, flags);
	if (signal_pending()) {
		spin_unlock_irqrestore(&process_lock, flags);
		task->main = end_at_once;
		wake_up_process(task);
		put_task_struct(task);
		return -ERESTARTNOINTR;
	}
	p->task = task;
	task->process = p;
	p->pid = task->pid;
	p->leader = leader ? leader : p;
	p->tgid = p->leader->pid;
	p->parent = leader ? NULL : parent;
	p->pgid = parent->pgid;
	p->sid = parent->sid;
	if (!leader)
		list_add_tail(&p->sibling, &parent->children);
	list_add_tail(&p->thread, &p->leader->threads);
	list_add_tail(&p->all, &processes.all);
	list_add_tail(&p->hash, &processes.hash[(u32)p->pid % HASH_SIZE]);
	if (p->leader->group_exit) /* the others have been told already */
		signal_end(p);
	spin_unlock_irqrestore(&process_lock, flags);
	return 0;
}

int
process_start(struct process *p)
{
	struct task_struct *task = p->task;
	int pid = p->pid;

	wake_up_new_task(task);
	put_task_struct(task);
	return pid;
}

void
process_reap(struct process *p)
{
	list_del(&p->all);
	list_del(&p->hash);
	if (p->leader == p)
		list_del(&p->sibling);
}

void
process_set_exe(struct process *p, struct inode *exe)
{
	struct inode *old;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	old = p->exe;
	p->exe = exe;
	spin_unlock_irqrestore(&process_lock, flags);
	inode_put_exec(old);
}

void
process_drop(struct process *p)
{
	if (p->mm)
		mm_put(p->mm);
	if (p->files)
		files_put(p->files);
	if (p->fs)
		fs_put(p->fs);
	p->mm = NULL;
	p->files = NULL;
	p->fs = NULL;
	process_set_exe(p, NULL);
}

void
process_free(struct process *p)
{
	signal_free(p);
	if (p->leader == p && p->account)
		account_end(p->account);
	account_uncharge(p->payer, PROCESS_COST);
	atomic_dec(&processes.count);
	kmem_cache_free(processes.cache, p);
}

/* --- Switching -------------------------------------------------------------- */

/* => interrupts off, on the stack of prev */
static void
switch_user(const struct task_struct *prev, const struct task_struct *next)
{
	struct process *from = prev->process, *to = next->process;

	if (from)
		fpu_save(&from->fpu);
	if (!to)
		return;
	if (to->mm)
		pgtable_load(to->mm->pgd);
	gdt_set_user(to->tls, task_regs(next) + 1);
	fpu_restore(&to->fpu);
}

struct mm_struct *
process_set_mm(struct mm_struct *mm)
{
	struct process *p = current->process;
	struct mm_struct *old = p->mm;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	p->mm = mm;
	pgtable_load(mm ? mm->pgd : swapper_pg_dir);
	spin_unlock_irqrestore(&process_lock, flags);
	return old;
}

/* --- What files ask (fs.h) -------------------------------------------------- */

static const struct process_ops *kernel_ops; /* for kernel threads */

static struct fs_struct *
current_fs(void)
{
	return current->process ? current->process->fs : kernel_ops->fs();
}

static void
send_sigpipe(void)
{
	if (current->process)
		signal_self(SIGPIPE);
}

static int
current_session(void)
{
	return current->process ? current->process->leader->sid : 0;
}

static int
current_pid(void)
{
	return current->process ? current->process->tgid : 0;
}

static int
next_pid(int after)
{
	struct process *p = NULL;
	unsigned long flags;
	int best = 0;

	spin_lock_irqsave(&process_lock, flags);
	while ((p = process_next(p)))
		if (p->leader == p && p->pid > after &&
		    (!best || p->pid < best))
			best = p->pid;
	spin_unlock_irqrestore(&process_lock, flags);
	return best;
}

void
processes_init(void)
{
	static struct process_ops ops = {
		.fs = current_fs,
		.send_sigpipe = send_sigpipe,
		.signal_group = signal_group,
		.to_monitor = run_interrupt,
		.session = current_session,
		.pid = current_pid,
		.group_exists = group_exists,
		.job_control = job_control,
		.next_pid = next_pid,
	};
	unsigned int i;

	for (i = 0; i < HASH_SIZE; i++)
		INIT_LIST_HEAD(&processes.hash[i]);
	processes.cache = kmem_cache_create("process", sizeof(struct process),
					    16, SLAB_PANIC, NULL);
	kernel_ops = process_ops;
	process_ops = &ops;
	user_switch = switch_user;
	syscalls_init();
	vdso_init();
	oom_init();
}
