/* process.h - programs that run: who they are, what they have, whose child.
 *
 *   task_struct (sched.h)      struct process            what may be shared
 *   [ stack, registers ] <---> [ pid, parent   ] ------> mm       CLONE_VM
 *                              [ TLS, FPU      ] ------> files    CLONE_FILES
 *                              [ leader, group ] ------> fs       CLONE_FS
 *                                                ------> signals  CLONE_SIGHAND
 *
 * One for each thread of a program. The threads of one program have the same
 * leader (their first thread); children, waiting and the terminal are his
 * business. When the last of them has ended, the leader is a zombie until his
 * parent has waited for it.
 *
 *   alive --(process_exit)--> zombie --(wait4, or nobody cares)--> gone
 *
 * The monitor's programs and init are children of kernel_process, pid 0.
 *
 * Locking: (P) process_lock, interrupts off, since a key may send a signal
 * (O) the process itself (C) constant.
 */
#ifndef LINUX_PROCESS_H
#define LINUX_PROCESS_H

#include "account.h"
#include "fpu.h"
#include "fs.h"
#include "mm.h"
#include "sched.h"
#include "signal.h"
#include "trap.h"

#define CLONE_VM             0x00000100u
#define CLONE_FS             0x00000200u
#define CLONE_FILES          0x00000400u
#define CLONE_SIGHAND        0x00000800u
#define CLONE_VFORK          0x00004000u
#define CLONE_PARENT         0x00008000u
#define CLONE_THREAD         0x00010000u
#define CLONE_SYSVSEM        0x00040000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_DETACHED       0x00400000u
#define CLONE_CHILD_SETTID   0x01000000u
#define CLONE_NOT_HERE       0x7E021000u /* namespaces, pidfd */
#define CSIGNAL              0x000000FFu

/* What was used: CPU time in ticks, page faults. */
struct usage {
	u32 ticks, faults;
};

#define MAX_PROCESSES 4096
#define NR_TLS        3 /* GDT entries 6 to 8 */

struct process {
	struct fpu_state fpu;     /* while it does not run (O) */
	u64 tls[NR_TLS];          /* its descriptors (O) */
	struct task_struct *task; /* NULL: has ended (P) */
	struct mm_struct *mm;     /* NULL: not yet, or has ended (O) */
	struct files *files;      /* (O) */
	struct fs_struct *fs;     /* (O) */
	struct inode *exe;        /* what it has executed, a reference (P) */
	struct account *account;  /* its program's; the leader ends it (C) */
	struct account *payer;    /* its maker's: it is charged to that (C) */

	int pid, tgid;             /* (C) */
	int pgid, sid;             /* the leader's count (P) */
	struct process *leader;    /* (C) */
	struct process *parent;    /* a leader's: another one (P) */
	struct list_head children; /* a leader's: leaders (P) */
	struct list_head sibling;  /* in parent->children (P) */
	struct list_head threads;  /* a leader's: all of them (P) */
	struct list_head thread;   /* in leader->threads (P) */
	struct list_head all;      /* by pid, in creation order (P) */
	struct list_head hash;     /* (P) */
	wait_queue_head_t wait;    /* a leader's: a child has changed */
	bool zombie;               /* a leader: nothing runs any more (P) */
	bool group_exit;           /* a leader: all of them shall end (P) */
	bool execed;               /* since fork: setpgid comes too late (P) */
	bool exec_going;           /* a leader: a thread is in exec (P) */
	bool lost;                 /* the kernel does not wait for it (P) */
	int status;                /* what wait4 gives (P) */
	int exit_signal;           /* to the parent, at the end; or 0 (P) */
	u32 min_flt;               /* page faults served (O) */
	struct usage ended;        /* a leader: by threads that ended (P) */
	struct usage waited;       /* a leader: by those waited for (P) */

	int __user *set_child_tid;   /* its pid goes there when it starts (O) */
	int __user *clear_child_tid; /* set to 0, and woken, at its end (O) */
	void __user *robust_list;    /* futex.c (O) */
	struct task_struct **vfork;  /* who waits for our exec or end (P) */
	struct signals sig;          /* signal.h */
};

extern spinlock_t process_lock;
extern struct process kernel_process;

/* current_regs: what the running program had in its registers when it entered
 * the kernel: at the top of its kernel stack. => only of processes */
#define task_regs(task) \
	((struct pt_regs *)((char *)(task)->stack + STACK_SIZE) - 1)
#define current_regs() task_regs(current)

/* current_files: the running thread's table of files; the kernel's threads share
 * one. */
static inline struct files *
current_files(void)
{
	const struct process *p = current->process;

	return p ? p->files : &kernel_files;
}

/* current_account: of the running program; the kernel's threads have none. */
static inline struct account *
current_account(void)
{
	const struct process *p = current->process;

	return p ? p->account : NULL;
}

/* call_alloc: what a system call sleeps with, of a size that the user chose.
 * => process context; NULL: no memory, or not for this program */
void *call_alloc(size_t size);
void call_free(void *p, size_t size);

/* process_find: by pid. => process_lock; NULL if there is none. Zombies, too */
struct process *process_find(int pid);

/* process_next: the next one of all, the first after NULL. => process_lock */
struct process *process_next(struct process *p);

/* group_exists: is anybody in that group, in that session? => any context */
bool group_exists(int pgid, int sid);

/* group_is_orphaned: nobody in it has a parent in another group of its session,
 * who could let it go on if it stopped; `but` does not count. => process_lock
 * orphan_group: p, whose parent is or was `parent`, may have been the last one
 * that had one: if somebody in his group has stopped, all get SIGHUP and
 * SIGCONT. `but` as above. => process_lock */
bool group_is_orphaned(int pgid, const struct process *but);
void orphan_group(const struct process *p, const struct process *parent,
		  const struct process *but) REQUIRES(process_lock);

/* job_control: may the running process use the terminal of its session?
 * => process context. 0: it may; -ERESTARTSYS: it is in the background, its
 *    group gets the signal (SIGTTIN to read, else SIGTTOU); -EIO: and nobody
 *    would let it go on */
int job_control(int foreground, int signal);

/* process_alloc: one that has nothing yet: mm, files, fs are for the caller to
 * fill in, and the account. It is charged to the running program.
 * => process context; NULL: no memory, or too many
 * process_add: it gets a thread that will run main() when it is woken, and a
 * pid; it is a thread of leader, or if that is NULL a child of parent, and is
 * found, in the group and the session of parent. pid 0: the next one.
 * => 0; -ENOMEM, -ERESTARTNOINTR (a signal came first, perhaps one to all of
 *    that group): nothing has changed
 * process_drop: what it has goes: mm, files, fs. process_free: and itself, if
 * it was never added, or is reaped. => process context */
struct process *process_alloc(void);
int __must_check process_add(struct process *p, int (*main)(void), int pid,
			     struct process *parent, struct process *leader);
void process_drop(struct process *p);
void process_free(struct process *p);

/* vfork_done: who has called vfork goes on, if he still waits. */
void vfork_done(struct process *p);

/* process_start: the thread of one that was just added may run. => the pid;
 * the process may be gone already */
int process_start(struct process *p);

/* process_exit: the running thread ends. status as wait4 gives it.
 * process_exit_group: and all others of its program.
 * process_reap: a zombie is gone. => process_lock; then process_free */
void __noreturn process_exit(int status);
void __noreturn process_exit_group(int status);
void process_reap(struct process *p) REQUIRES(process_lock);

/* program_usage: of all threads. => process_lock
 * rusage_put: to a program's struct rusage. => 0, -EFAULT */
struct usage program_usage(const struct process *leader);
int rusage_put(void __user *user, struct usage usage, u32 maxrss);
static inline void
usage_add(struct usage *to, struct usage more)
{
	to->ticks += more.ticks;
	to->faults += more.faults;
}

/* tls_set: a descriptor of the user's (struct user_desc), into one of NR_TLS.
 * choose: -1 as its number picks a free one, and says which.
 * => 0, -EFAULT, -EINVAL, -ESRCH: none is free */
int tls_set(u64 *tls, void __user *user, bool choose);

/* process_set_mm: the running process works in another address space from now
 * on; the reference is the process's. => the one before, the caller's now */
struct mm_struct *process_set_mm(struct mm_struct *mm);

/* exec: another program in the running process. The strings are the kernel's.
 * => 0: current_regs() is its beginning; -E: nothing has changed */
int exec_kernel(const char *path, const char *const argv[],
		const char *const envp[]);

/* What exec hands to a loader, and gets back from it (elf.c).
 * => 0; -ENOEXEC, -ENOMEM, -EIO; mm may be half filled then */
struct elf_image {
	u32 entry, phdr, phnum;
	u32 zero, zero_len; /* the end of a file page that is not the file's */
};
int elf_load(struct file *file, const char *name, struct mm_struct *mm,
	     struct elf_image *image);

/* file_vm_ops: areas whose object is an inode. */
extern const struct vm_operations file_vm_ops;

/* run_program: run it in the foreground until it ends. argv ends with NULL.
 * => process context; how it ended, as wait4 gives it; -E: it could not be
 *    started; -EINTR: it is left alone in the background (Ctrl-\) */
int run_program(const char *path, const char *const argv[]);

/* run_interrupt: back to the monitor: run_program returns, or init has the
 * terminal no longer. => any context
 * init_ended: process 1 ends: likewise. */
void run_interrupt(void);
void init_ended(int status);

/* oom_relieve: there is too little memory: the program that has most is killed, if
 * that is not the running one. => process context; true: try again
 * oom_make_room: the same, if the error is for want of kernel memory that the
 * running program, which has little, could have if others had not all of it.
 * oom_fault: a page fault of the running program lacks memory. => true: try again;
 * false: it ends, and the log says why
 * oom_init: the page allocator asks, too. => boot */
bool oom_relieve(void);
bool oom_make_room(long error);
bool oom_fault(void);
void oom_init(void);

/* What traps of programs lead to (fault.c); see struct user_traps. */
bool user_page_fault(struct pt_regs *regs, u32 address);
bool user_exception(struct pt_regs *regs, u32 address);

/* process_kill: a signal from the kernel's own user to a program, which memory
 * is not needed for. => process context; 0, -ESRCH
 * signal_name: "SIGKILL"; NULL: there is no such signal. signal_number: of
 * "SIGKILL", "KILL" or "9"; 0: likewise. */
int process_kill(int pid, int sig);
const char *signal_name(int sig);
int signal_number(const char *name);

/* process_set_exe: what runs in it; takes the reference. NULL: nothing. */
void process_set_exe(struct process *p, struct inode *exe);

/* process_get_mm: its address space, with a reference; NULL if it has none.
 * process_info: what one can say about it. => process context; 0, -ESRCH */
struct mm_struct *process_get_mm(int pid);
struct process_info {
	int ppid, pgid, sid;
	char state, comm[TASK_COMM_LEN];
	unsigned int threads;
	unsigned long size, file, anon; /* pages: in areas, mapped */
};
int process_info(int pid, struct process_info *info);

/* processes_init: from now on there can be some. init_start: starts init=.
 * syscalls_init: int 0x80 leads somewhere. => boot */
void processes_init(void);
void init_start(void);
void syscalls_init(void);

#endif
