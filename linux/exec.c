/* exec.c - another program in the same process.
 *
 *   read       the first bytes: #! is another file's business, up to 4 deep
 *   build      a new address space: segments (elf.c), a stack; the pages that
 *              are going to be filled are brought in
 *   switch to  it, and fill them; the old one is still there
 *   commit     nothing can fail any more: other threads end, files marked so are
 *              closed, handlers forgotten, registers set; the old space goes
 *
 * The stack that a program begins with, its end at TASK_SIZE:
 *
 *   sp --> argc
 *          argv[0] ... argv[argc - 1], NULL
 *          envp[0] ... NULL
 *          auxv: pairs, AT_NULL is the last
 *          16 random bytes, the processor: "i686"
 *          the strings: argv, envp, the path
 *
 * Whichever thread it is that calls: the others end, and if the first one was
 * among them, the caller goes on in its place and with its number.
 *
 * Limits: ARG_MAX bytes of strings and pointers.
 */
#include "cpu.h"
#include "errno.h"
#include "exec_args.h"
#include "gfp.h"
#include "process.h"
#include "writers.h"
#include "slab.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"
#include "vdso.h"

#define STACK_SPARE  0x4000u /* mapped below what is filled */
#define RANDOM_BYTES 16
#define RANDOM_SIZE  24 /* with "i686" */

enum {
	AT_NULL,
	AT_PHDR = 3,
	AT_PHENT,
	AT_PHNUM,
	AT_PAGESZ,
	AT_BASE,
	AT_FLAGS,
	AT_ENTRY,
	AT_UID = 11,
	AT_EUID,
	AT_GID,
	AT_EGID,
	AT_PLATFORM,
	AT_HWCAP,
	AT_CLKTCK,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_EXECFN = 31,
	AT_SYSINFO,
	AT_SYSINFO_EHDR
};

/* --- The new address space ---------------------------------------------------- */

/* Where on the stack is what. */
struct layout {
	u32 path, strings, random, sp;
};

#define AUXV_WORDS (20 * 2)

static struct layout
stack_layout(const struct exec_args *args)
{
	u32 nr = 1 + args->argc + 1 + args->envc + 1 + AUXV_WORDS;
	struct layout l;

	l.path = TASK_SIZE - sizeof(u32) - (strlen(args->path) + 1);
	l.strings = l.path - args->used;
	l.random = (l.strings - RANDOM_SIZE) & ~15u;
	l.sp = (l.random - nr * sizeof(u32)) & ~15u;
	return l;
}

/* The pages of a range that will be written to: so that no memory is an error
 * as long as the old program can be told. */
static int
bring_in(struct mm_struct *mm, u32 start, u32 end)
{
	struct page *page;
	u32 va;

	for (va = start & PAGE_MASK; va < end; va += PAGE_SIZE) {
		page = pin_user_page(mm, va, true);
		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	return 0;
}

static int
map_stack(struct mm_struct *mm, const struct exec_args *args)
{
	u32 sp = stack_layout(args).sp;
	size_t size = TASK_SIZE - (sp & PAGE_MASK) + STACK_SPARE;
	const struct mmap_request r = {
		.addr = TASK_SIZE - size,
		.len = size,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_GROWSDOWN,
	};
	long at = mm_mmap(mm, &r);

	return IS_ERR_VALUE(at) ? -ENOMEM : bring_in(mm, sp, TASK_SIZE);
}

/* Words onto the stack, upwards. */
struct words {
	u32 __user *at;
	bool failed;
};

static void
put_word(struct words *w, u32 word)
{
	w->failed |= put_user(word, w->at) != 0;
	w->at++;
}

static void
put_pair(struct words *w, u32 type, u32 value)
{
	put_word(w, type);
	put_word(w, value);
}

/* The addresses of n strings, the first of which lies at `string`. */
static u32
put_strings(struct words *w, const char *text, unsigned int n, u32 string)
{
	for (; n; n--) {
		size_t len = strlen(text) + 1;

		put_word(w, string);
		string += len;
		text += len;
	}
	put_word(w, 0);
	return string;
}

static void
put_auxv(struct words *w, const struct elf_image *image, u32 random, u32 path)
{
	put_pair(w, AT_SYSINFO, (u32)vdso_vsyscall);
	put_pair(w, AT_SYSINFO_EHDR, VDSO_BASE);
	put_pair(w, AT_PHDR, image->phdr);
	put_pair(w, AT_PHENT, 32);
	put_pair(w, AT_PHNUM, image->phnum);
	put_pair(w, AT_PAGESZ, PAGE_SIZE);
	put_pair(w, AT_BASE, 0);
	put_pair(w, AT_FLAGS, 0);
	put_pair(w, AT_ENTRY, image->entry);
	put_pair(w, AT_UID, 0);
	put_pair(w, AT_EUID, 0);
	put_pair(w, AT_GID, 0);
	put_pair(w, AT_EGID, 0);
	put_pair(w, AT_HWCAP, boot_cpu.features[CPU_1_EDX]);
	put_pair(w, AT_CLKTCK, 100);
	put_pair(w, AT_SECURE, 0);
	put_pair(w, AT_RANDOM, random);
	put_pair(w, AT_PLATFORM, random + RANDOM_BYTES);
	put_pair(w, AT_EXECFN, path);
	put_pair(w, AT_NULL, 0);
}

/* In the new address space. => false: a page was missing after all: of a file
 * that has just been cut off */
static bool
fill_stack(struct mm_struct *mm, const struct exec_args *args,
	   const struct elf_image *image)
{
	const struct layout l = stack_layout(args);
	char random[RANDOM_SIZE] = {0};
	struct words w = {.at = (u32 __user *)l.sp};

	random_bytes(random, RANDOM_BYTES);
	strscpy(random + RANDOM_BYTES, boot_cpu.platform,
		RANDOM_SIZE - RANDOM_BYTES);
	w.failed =
		clear_user((void __user *)image->zero, image->zero_len) ||
		copy_to_user((void __user *)l.path, args->path,
			     strlen(args->path) + 1) ||
		copy_to_user((void __user *)l.strings, args->buf, args->used) ||
		copy_to_user((void __user *)l.random, random, RANDOM_SIZE);
	mm->start_stack = l.sp;
	mm->arg_start = l.strings;
	put_word(&w, args->argc);
	mm->arg_end = put_strings(&w, args->buf, args->argc, l.strings);
	mm->env_start = mm->arg_end;
	mm->env_end = put_strings(&w, args->buf + args->argv_bytes, args->envc,
				  mm->env_start);
	put_auxv(&w, image, l.random, l.path);
	return !w.failed;
}

/* => the address space, not switched to; or ERR_PTR */
static struct mm_struct *
build_mm(struct file *file, const struct exec_args *args,
	 struct elf_image *image)
{
	struct mm_struct *mm = mm_create_for(current_account()),
			 *old = current->process->mm;
	int err;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	if (old) {
		mm->limit_stack = old->limit_stack;
		mm->limit_as = old->limit_as;
	}
	err = elf_load(file, args->path, mm, image);
	if (!err && image->zero_len)
		err = bring_in(mm, image->zero, image->zero + image->zero_len);
	if (!err)
		err = map_stack(mm, args);
	if (!err)
		return mm;
	mm_put(mm);
	return ERR_PTR(err);
}

/* --- Commit -------------------------------------------------------------------- */

static void
set_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	strscpy(current->comm, slash ? slash + 1 : path, TASK_COMM_LEN);
}

/* Only one thread of a program can be the one that is left over.
 * => -EAGAIN: another one is at it, or the program ends */
static int
claim(struct process *leader)
{
	unsigned long flags;
	int err = -EAGAIN;

	spin_lock_irqsave(&process_lock, flags);
	if (!leader->exec_going && !signal_ending()) {
		leader->exec_going = true;
		err = 0;
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}

/* Other threads end: they have no part in the new program. */
static void
end_threads(struct process *p)
{
	struct process *other;
	unsigned long flags;
	bool alone = false;

	while (!alone) {
		alone = true;
		spin_lock_irqsave(&process_lock, flags);
		list_for_each_entry(other, &p->leader->threads, thread)
		{
			if (other == p)
				continue;
			alone = false;
			signal_end(other);
		}
		spin_unlock_irqrestore(&process_lock, flags);
		if (!alone)
			schedule_timeout_uninterruptible(1);
	}
}

/* The last thread goes on as the leader, who has ended before it: parents,
 * children and the terminal know him. What a thread has itself moves. */
static void
become_leader(struct process *p)
{
	struct process *leader = p->leader;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	leader->task = p->task;
	leader->mm = p->mm;
	leader->files = p->files;
	leader->fs = p->fs;
	leader->exe = p->exe;
	leader->min_flt = p->min_flt;
	p->mm = NULL;
	p->files = NULL;
	p->fs = NULL;
	p->exe = NULL;
	signal_move(leader, p);
	list_del(&p->thread);
	list_add(&leader->thread, &leader->threads);
	process_reap(p);
	current->process = leader;
	current->pid = leader->pid;
	spin_unlock_irqrestore(&process_lock, flags);
	process_free(p);
}

static void
set_registers(u32 ip, u32 sp)
{
	struct process *p = current->process;
	unsigned long flags;

	*current_regs() = (struct pt_regs){
		.ds = SEL_USER_DATA,
		.es = SEL_USER_DATA,
		.ip = ip,
		.cs = SEL_USER_CODE,
		.flags = EFLAGS_FIXED | EFLAGS_IF,
		.sp = sp,
		.ss = SEL_USER_DATA,
	};
	flags = local_irq_save();
	memset(p->tls, 0, sizeof(p->tls));
	gdt_set_user(p->tls, current_regs() + 1);
	fpu_reset();
	local_irq_restore(flags);
}

/* What is shared with others, and will be one's own: NULL where it is already. */
struct own {
	struct files *files;
	struct handlers *handlers;
};

static void
commit(const struct exec_args *args, struct inode *exe, const struct own *own,
       u32 entry, u32 sp)
{
	struct process *p = current->process, *leader = p->leader;
	unsigned long flags;

	end_threads(p);
	if (p != leader)
		become_leader(p);
	p = leader;
	if (own->files) {
		files_put(p->files);
		p->files = own->files;
	}
	files_close_on_exec(p->files);
	set_name(args->path);
	if (!inode_get_exec(exe)) /* args_open has it so already */
		process_set_exe(p, exe);
	set_registers(entry, sp);
	p->clear_child_tid = NULL;
	p->robust_list = NULL;
	spin_lock_irqsave(&process_lock, flags);
	p->execed = true;
	p->exit_signal = SIGCHLD;
	p->exec_going = false;
	signal_exec(p, own->handlers);
	spin_unlock_irqrestore(&process_lock, flags);
	vfork_done(p);
}

/* => 0: done; -E: nothing has changed */
static int
load_and_commit(struct exec_args *args, struct file *file,
		const struct own *own)
{
	struct elf_image image;
	struct mm_struct *mm, *old;

	do
		mm = build_mm(file, args, &image);
	while (IS_ERR(mm) && oom_make_room(PTR_ERR(mm)));
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	old = process_set_mm(mm);
	if (!fill_stack(mm, args, &image)) {
		process_set_mm(old);
		mm_put(mm);
		return -EFAULT;
	}
	commit(args, file->inode, own, image.entry, mm->start_stack);
	if (old)
		mm_put(old);
	return 0;
}

/* Copies, which count from the commit on. They are charged already: each process
 * is, for what it may share. */
static int
copy_shared(struct own *own)
{
	const struct process *p = current->process;
	bool handlers = atomic_read(&p->sig.handlers->refs) > 1;

	if (handlers)
		own->handlers = kmalloc(sizeof(*own->handlers), GFP_KERNEL);
	if (atomic_read(&p->files->refs) > 1)
		own->files = files_copy(p->files);
	return (handlers && !own->handlers) ||
			       (atomic_read(&p->files->refs) > 1 && !own->files)
		       ? -ENOMEM
		       : 0;
}

static int
exec_claimed(struct exec_args *args)
{
	struct own own = {NULL, NULL};
	struct file *file;
	int err = copy_shared(&own);

	if (!err) {
		file = args_open(args);
		err = IS_ERR(file) ? PTR_ERR(file)
				   : load_and_commit(args, file, &own);
		if (!IS_ERR(file))
			args_close(file);
	}
	if (err) {
		files_put(own.files);
		kfree(own.handlers);
	}
	return err;
}

static int
exec(struct exec_args *args)
{
	struct process *leader = current->process->leader;
	unsigned long flags;
	int err = claim(leader);

	if (err)
		return err;
	err = exec_claimed(args);
	if (err) {
		spin_lock_irqsave(&process_lock, flags);
		leader->exec_going = false;
		spin_unlock_irqrestore(&process_lock, flags);
	}
	return err;
}

int
exec_kernel(const char *path, const char *const argv[],
	    const char *const envp[])
{
	struct exec_args *args = args_create();
	int err;

	if (!args)
		return -ENOMEM;
	strscpy(args->path, path, PATH_MAX);
	err = args_add_kernel(args, argv, &args->argc);
	args->argv_bytes = args->used;
	if (!err)
		err = args_add_kernel(args, envp, &args->envc);
	if (!err)
		err = exec(args);
	args_free(args);
	return err;
}

static long __syscall
sys_execve(const char __user *path, const u32 __user *argv,
	   const u32 __user *envp)
{
	struct exec_args *args = args_create();
	long err;

	if (!args)
		return -ENOMEM;
	err = strncpy_from_user(args->path, path, PATH_MAX);
	if (err >= 0)
		err = err == PATH_MAX ? -ENAMETOOLONG : err ? 0 : -ENOENT;
	if (!err)
		err = args_add_user(args, argv, &args->argc);
	args->argv_bytes = args->used;
	if (!err)
		err = args_add_user(args, envp, &args->envc);
	if (!err)
		err = exec(args);
	args_free(args);
	return err;
}
SYSCALL(11, execve, sys_execve, 3);
