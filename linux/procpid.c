/* procpid.c - what /proc tells about a process: maps, status, statm, in Linux's
 * formats; and the monitor shows the same.
 *
 *   pid --process_lock--> its mm, with a reference --mm->lock--> the areas
 *                                                    --fs_lock--> their names
 *
 * exe is a link with a text, not more: that of a program that was removed leads
 * nowhere.
 */
#include "errno.h"
#include "process.h"
#include "seq.h"
#include "slab.h"
#include "string.h"
#include "util.h"
#include "vdso.h"

struct mm_struct *
process_get_mm(int pid)
{
	struct mm_struct *mm = NULL;
	struct process *p;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	p = process_find(pid);
	if (p && p->mm) {
		mm = p->mm;
		mm_get(mm);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return mm;
}

static const char *
area_name(const struct vm_area_struct *area)
{
	const struct mm_struct *mm = area->mm;

	if (area->start <= mm->start_stack && area->end > mm->start_stack)
		return "[stack]";
	if (!area->ops && area->start < mm->brk && area->end > mm->start_brk)
		return "[heap]";
	return "";
}

/* The names begin in one column, as on a 32-bit Linux. */
#define NAME_COLUMN 49

static void
show_area(struct seq *seq, const struct vm_area_struct *a) REQUIRES(fs_lock)
{
	const struct inode *inode = a->ops ? a->object : NULL;
	const char *name = inode ? "/dev/zero (deleted)" : area_name(a);
	size_t start = seq->len;

	seq_printf(seq, "%08lx-%08lx %c%c%c%c %08lx 00:%02x %u ", a->start,
		   a->end, a->flags & VM_READ ? 'r' : '-',
		   a->flags & VM_WRITE ? 'w' : '-',
		   a->flags & VM_EXEC ? 'x' : '-',
		   a->flags & VM_SHARED ? 's' : 'p',
		   inode ? a->pgoff * PAGE_SIZE : 0, inode ? 1 : 0,
		   inode ? inode->ino : 0);
	if (*name)
		seq_printf(seq, "%*s",
			   max(NAME_COLUMN - (int)(seq->len - start), 0), "");
	if (inode && inode->name)
		seq_path(seq, inode);
	else
		seq_printf(seq, "%s", name);
	seq_printf(seq, "\n");
}

static int
show_maps(struct seq *seq, int pid)
{
	struct mm_struct *mm = process_get_mm(pid);
	struct vm_area_struct *a;

	if (!mm)
		return process_ops->next_pid(pid - 1) == pid ? 0 : -ESRCH;
	mutex_lock(&fs_lock);
	mutex_lock(&mm->lock);
	for (a = find_vma(mm, seq->next); a; a = next_vma(a)) {
		size_t start = seq->len;

		show_area(seq, a);
		if (seq_stop(seq, start, a->start))
			break;
	}
	mutex_unlock(&mm->lock);
	seq_printf(seq, "%08x-%08x r-xp 00000000 00:00 0          [vdso]\n",
		   VDSO_BASE, VDSO_BASE + PAGE_SIZE);
	mutex_unlock(&fs_lock);
	mm_put(mm);
	return 0;
}
PROC_PID_FILE(maps, show_maps);

static struct inode *
get_exe(int pid)
{
	struct inode *exe = NULL;
	struct process *p;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	p = process_find(pid);
	if (p && p->exe)
		exe = inode_get(p->exe);
	spin_unlock_irqrestore(&process_lock, flags);
	return exe;
}

static char *
link_exe(int pid) NO_LOCK_ANALYSIS
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	struct inode *exe = get_exe(pid);
	char *target = ERR_PTR(buf ? -ENOENT : -ENOMEM);

	if (buf && exe)
		target = path_of(exe, buf, PATH_MAX);
	if (!IS_ERR(target))
		target = kstrdup(target, GFP_KERNEL);
	inode_put(exe);
	kfree(buf);
	return target ? target : ERR_PTR(-ENOMEM);
}
PROC_PID_LINK(exe, link_exe);

int
process_info(int pid, struct process_info *info)
{
	const struct task_struct *task;
	struct process *p, *thread;
	unsigned long flags;

	memset(info, 0, sizeof(*info));
	spin_lock_irqsave(&process_lock, flags);
	p = process_find(pid);
	if (p) {
		task = p->task;
		info->ppid = p->leader->parent->pid;
		info->pgid = p->leader->pgid;
		info->sid = p->leader->sid;
		info->state = p->zombie                              ? 'Z'
			      : p->leader->sig.stopped               ? 'T'
			      : !task || task->state == TASK_RUNNING ? 'R'
			      : task->state == TASK_INTERRUPTIBLE    ? 'S'
								     : 'D';
		strscpy(info->comm, task ? task->comm : "-", TASK_COMM_LEN);
		list_for_each_entry(thread, &p->leader->threads, thread)
			info->threads++;
	}
	if (p && p->mm) { /* numbers only: no lock */
		info->size = p->mm->total_vm;
		info->file = p->mm->rss[RSS_FILE];
		info->anon = p->mm->rss[RSS_ANON];
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return p ? 0 : -ESRCH;
}

static const char *
state_name(char state)
{
	return state == 'Z'   ? "zombie"
	       : state == 'T' ? "stopped"
	       : state == 'R' ? "running"
	       : state == 'S' ? "sleeping"
			      : "disk sleep";
}

static int
show_status(struct seq *seq, int pid)
{
	struct process_info i;
	int err = process_info(pid, &i);

	if (err)
		return err;
	seq_printf(seq, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\n",
		   i.comm, i.state, state_name(i.state), pid, pid);
	seq_printf(seq, "PPid:\t%d\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
		   i.ppid);
	if (i.size) /* not of a zombie */
		seq_printf(seq,
			   "VmSize:\t%8lu kB\nVmRSS:\t%8lu kB\n"
			   "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n",
			   i.size * PAGE_KIB, (i.anon + i.file) * PAGE_KIB,
			   i.anon * PAGE_KIB, i.file * PAGE_KIB);
	seq_printf(seq, "Threads:\t%u\n", i.threads);
	return 0;
}
PROC_PID_FILE(status, show_status);

/* How many pages its areas have of code, and of what only it can write to. */
static void
count_kinds(int pid, unsigned long *text, unsigned long *data)
{
	struct mm_struct *mm = process_get_mm(pid);
	struct vm_area_struct *a;

	*text = *data = 0;
	if (!mm)
		return;
	mutex_lock(&mm->lock);
	for (a = first_vma(mm); a; a = next_vma(a)) {
		if (a->ops && (a->flags & VM_EXEC))
			*text += (a->end - a->start) / PAGE_SIZE;
		if ((a->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
			*data += (a->end - a->start) / PAGE_SIZE;
	}
	mutex_unlock(&mm->lock);
	mm_put(mm);
}

static int
show_statm(struct seq *seq, int pid)
{
	unsigned long text, data;
	struct process_info i;
	int err = process_info(pid, &i);

	if (err)
		return err;
	count_kinds(pid, &text, &data);
	seq_printf(seq, "%lu %lu %lu %lu 0 %lu 0\n", i.size, i.anon + i.file,
		   i.file, text, data);
	return 0;
}
PROC_PID_FILE(statm, show_statm);
