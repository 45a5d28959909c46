/* exec.c - another program in the same process.
 *
 *   read       the first bytes: #! is another file's business, up to 4 deep
 *   build      a new address space: segments (elf.c), a stack
 *   switch to  it, and fill the stack; the old one is still there
 *   commit     nothing can fail any more: other threads end, files marked so are
 *              closed, handlers forgotten, registers set; the old space goes
 *
 * The stack that a program begins with, its end at TASK_SIZE:
 *
 *   sp --> argc
 *          argv[0] ... argv[argc - 1], NULL
 *          envp[0] ... NULL
 *          auxv: pairs, AT_NULL is the last
 *          16 random bytes, "i686"
 *          the strings: argv, envp, the path
 *
 * Limits: ARG_MAX bytes of strings and pointers. Only a program's first thread
 * may exec while there are others.
 */
#include "cpu.h"
#include "errno.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"
#include "vmalloc.h"

#define ARG_MAX      0x20000u /* 128 KiB, Linux's oldest limit */
#define HEAD_SIZE    256      /* of a file: enough for #! */
#define MAX_SCRIPTS  4
#define STACK_SPARE  0x4000u /* mapped below what is filled */
#define RANDOM_BYTES 16

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
	AT_EXECFN = 31
};

/* The strings, one behind the other: those of argv, then those of envp. */
struct exec_args {
	char *buf;   /* ARG_MAX bytes */
	size_t used; /* of buf */
	unsigned int argc, envc;
	size_t argv_bytes; /* of the first argc strings */
	char path[PATH_MAX];
};

/* --- Arguments --------------------------------------------------------------- */

static struct exec_args *
args_create(void)
{
	struct exec_args *args = kmalloc(sizeof(*args), GFP_KERNEL);

	if (!args)
		return NULL;
	*args = (struct exec_args){.buf = kvmalloc(ARG_MAX, GFP_KERNEL)};
	if (args->buf)
		return args;
	kfree(args);
	return NULL;
}

static void
args_free(struct exec_args *args)
{
	kvfree(args->buf);
	kfree(args);
}

/* With the pointers that each string will need. */
static size_t
args_room(const struct exec_args *args)
{
	size_t used = args->used + (args->argc + args->envc + 3) * sizeof(u32);

	return used < ARG_MAX ? ARG_MAX - used : 0;
}

/* A user's list of strings. => how many, or -E */
static int
args_add_user(struct exec_args *args, const u32 __user *list,
	      unsigned int *count)
{
	u32 string;
	size_t room;
	long len;

	for (; list; list++, ++*count) {
		if (get_user(string, list))
			return -EFAULT;
		if (!string)
			break;
		room = args_room(args);
		if (!room)
			return -E2BIG;
		len = strncpy_from_user(args->buf + args->used,
					(const char __user *)string, room);
		if (len < 0)
			return len;
		if ((size_t)len == room)
			return -E2BIG;
		args->used += len + 1;
	}
	return 0;
}

static int
args_add_kernel(struct exec_args *args, const char *const list[],
		unsigned int *count)
{
	for (; list && *list; list++, ++*count) {
		size_t len = strlen(*list) + 1;

		if (len > args_room(args))
			return -E2BIG;
		memcpy(args->buf + args->used, *list, len);
		args->used += len;
	}
	return 0;
}

/* A string before all others. */
static int
args_prepend(struct exec_args *args, const char *s, size_t len)
{
	if (len + 1 > args_room(args))
		return -E2BIG;
	memmove(args->buf + len + 1, args->buf, args->used);
	memcpy(args->buf, s, len);
	args->buf[len] = '\0';
	args->used += len + 1;
	args->argv_bytes += len + 1;
	args->argc++;
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first word of text, terminated; *rest is what follows, without blanks on
 * either side. */
static char *
first_word(char *text, char **rest)
{
	char *end;

	while (is_blank(*text))
		text++;
	*rest = text;
	while (**rest && !is_blank(**rest))
		++*rest;
	while (is_blank(**rest))
		*(*rest)++ = '\0';
	end = *rest + strlen(*rest);
	while (end > *rest && is_blank(end[-1]))
		*--end = '\0';
	return text;
}

/* "#!/bin/sh -e" of file `path`: argv becomes /bin/sh, -e, path, argv[1] ...
 * => 0, and args->path is the interpreter's */
static int
args_script(struct exec_args *args, char *line)
{
	size_t len = args->argc ? strlen(args->buf) + 1 : 0;
	char *newline = strchr(line, '\n'), *name, *rest;
	int err;

	if (newline)
		*newline = '\0';
	name = first_word(line + 2, &rest);
	if (!*name)
		return -ENOEXEC;
	memmove(args->buf, args->buf + len, args->used - len); /* argv[0] */
	args->used -= len;
	args->argv_bytes -= len;
	args->argc -= args->argc > 0;
	err = args_prepend(args, args->path, strlen(args->path));
	if (!err && *rest)
		err = args_prepend(args, rest, strlen(rest));
	if (!err)
		err = args_prepend(args, name, strlen(name));
	strscpy(args->path, name, sizeof(args->path));
	return err;
}

/* --- The new address space ---------------------------------------------------- */

/* => the file to load, or ERR_PTR */
static struct file *
open_program(struct exec_args *args)
{
	char head[HEAD_SIZE];
	unsigned int depth;

	for (depth = 0; depth <= MAX_SCRIPTS; depth++) {
		struct file *file = file_open_path(args->path, O_RDONLY, 0);
		ssize_t n;
		int err = 0;

		if (IS_ERR(file))
			return file;
		n = kernel_read(file, head, HEAD_SIZE - 1, 0);
		if (!S_ISREG(file->inode->mode) || !(file->inode->mode & 0111))
			err = -EACCES;
		else if (n < 0)
			err = n;
		else if (n < 2 || head[0] != '#' || head[1] != '!')
			return file;
		file_put(file);
		if (err)
			return ERR_PTR(err);
		head[n] = '\0';
		err = args_script(args, head);
		if (err)
			return ERR_PTR(err);
	}
	return ERR_PTR(-ELOOP);
}

static int
map_stack(struct mm_struct *mm, const struct exec_args *args)
{
	size_t size = PAGE_ALIGN(ARG_MAX - args_room(args)) + STACK_SPARE;
	const struct mmap_request r = {
		.addr = TASK_SIZE - size,
		.len = size,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_GROWSDOWN,
	};
	long at = mm_mmap(mm, &r);

	return IS_ERR_VALUE(at) ? -ENOMEM : 0;
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
#define AUXV_WORDS (18 * 2)

/* In the new address space: => the stack pointer, 0 if a page was missing */
static u32
fill_stack(struct mm_struct *mm, const struct exec_args *args,
	   const struct elf_image *image)
{
	char random[RANDOM_BYTES + 8] = {0};
	size_t path_len = strlen(args->path) + 1;
	u32 path = TASK_SIZE - sizeof(u32) - path_len;
	u32 strings = path - args->used, below;
	u32 nr = 1 + args->argc + 1 + args->envc + 1 + AUXV_WORDS;
	struct words w;

	random_bytes(random, RANDOM_BYTES);
	memcpy(random + RANDOM_BYTES, "i686", 5);
	below = (strings - sizeof(random)) & ~15u;
	w.at = (u32 __user *)((below - nr * sizeof(u32)) & ~15u);
	w.failed =
		copy_to_user((void __user *)path, args->path, path_len) ||
		copy_to_user((void __user *)strings, args->buf, args->used) ||
		copy_to_user((void __user *)below, random, sizeof(random));
	mm->start_stack = (u32)w.at;
	mm->arg_start = strings;
	put_word(&w, args->argc);
	mm->arg_end = put_strings(&w, args->buf, args->argc, strings);
	mm->env_start = mm->arg_end;
	mm->env_end = put_strings(&w, args->buf + args->argv_bytes, args->envc,
				  mm->env_start);
	put_auxv(&w, image, below, path);
	return w.failed ? 0 : mm->start_stack;
}

/* => the address space, not switched to; or ERR_PTR */
static struct mm_struct *
build_mm(struct file *file, const struct exec_args *args,
	 struct elf_image *image)
{
	struct mm_struct *mm = mm_create(), *old = current->process->mm;
	int err;

	if (!mm)
		return ERR_PTR(-ENOMEM);
	if (old) {
		mm->limit_stack = old->limit_stack;
		mm->limit_as = old->limit_as;
	}
	err = elf_load(file, mm, image);
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
		list_for_each_entry(other, &p->threads, thread)
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
	gdt_set_tls(p->tls);
	fpu_reset_state(&p->fpu);
	fpu_restore(&p->fpu);
	local_irq_restore(flags);
}

static void
commit(const struct exec_args *args, u32 entry, u32 sp)
{
	struct process *p = current->process;
	unsigned long flags;

	end_threads(p);
	files_close_on_exec(p->files);
	set_name(args->path);
	set_registers(entry, sp);
	p->clear_child_tid = NULL;
	p->robust_list = NULL;
	spin_lock_irqsave(&process_lock, flags);
	p->execed = true;
	signal_exec(p);
	spin_unlock_irqrestore(&process_lock, flags);
	vfork_done(p);
}

/* A table of files that is shared becomes one's own. */
static int
unshare_files(struct process *p)
{
	struct files *copy;

	if (atomic_read(&p->files->refs) == 1)
		return 0;
	copy = files_copy(p->files);
	if (!copy)
		return -ENOMEM;
	files_put(p->files);
	p->files = copy;
	return 0;
}

static int
exec(struct exec_args *args)
{
	struct process *p = current->process;
	struct elf_image image;
	struct mm_struct *mm, *old;
	struct file *file;
	u32 sp = 0;
	int err;

	if (p->leader != p)
		return -EAGAIN;
	err = unshare_files(p);
	if (err)
		return err;
	file = open_program(args);
	if (IS_ERR(file))
		return PTR_ERR(file);
	mm = build_mm(file, args, &image);
	file_put(file);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	old = process_set_mm(mm);
	if (!clear_user((void __user *)image.zero, image.zero_len))
		sp = fill_stack(mm, args, &image);
	if (!sp) {
		process_set_mm(old);
		mm_put(mm);
		return -ENOMEM;
	}
	commit(args, image.entry, sp);
	if (old)
		mm_put(old);
	return 0;
}

int
exec_kernel(const char *path, const char *const argv[],
	    const char *const envp[])
{
	struct exec_args *args = args_create();
	int err;

	if (!args)
		return -ENOMEM;
	strscpy(args->path, path, sizeof(args->path));
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
