/* test_process.c - processes, with a program that we bring ourselves.
 *
 *   ring3_code.asm --ring3_install--> /ring3 --run_program--> its status
 */
#include "../../linux/process.h"
#include "../../linux/seq.h"
#include "errno.h"
#include "heap_helpers.h"
#include "page_owner.h"
#include "printf.h"
#include "printk.h"
#include "ring3.h"
#include "slab.h"
#include "string.h"
#include "test.h"

extern const char ring3_code_start[], ring3_code_end[];

#define PATH "/ring3"

static int
install(const struct ring3_elf *elf)
{
	return ring3_install(PATH, elf, ring3_code_start,
			     ring3_code_end - ring3_code_start);
}

/* => how it ended when told what to do */
static int
run(const char *what)
{
	const char *const argv[] = {"ring3", what, NULL};
	struct ring3_elf elf = ring3_elf(ring3_code_end - ring3_code_start);
	int status = install(&elf);

	if (!status)
		status = run_program(PATH, argv);
	ring3_remove(PATH);
	return status;
}

#define EXITED(code) ((code) << 8)

TEST(process, a_program_runs_and_its_exit_code_arrives)
{
	EXPECT_EQ(run("e"), EXITED(42));
	EXPECT_EQ(run("a"), EXITED(2));
}

TEST(process, fork_vfork_and_exec_make_children_that_can_be_waited_for)
{
	EXPECT_EQ(run("f"), EXITED(7));
	EXPECT_EQ(run("x"), EXITED(42));
	EXPECT_EQ(run("v"), EXITED(42));
}

TEST(process, what_a_program_may_not_do_ends_it_with_the_right_signal)
{
	EXPECT_EQ(run("s"), SIGSEGV);
	EXPECT_EQ(run("k"), SIGSEGV);
	EXPECT_EQ(run("j"), SIGSEGV);
	EXPECT_EQ(run("w"), SIGSEGV);
	EXPECT_EQ(run("o"), SIGSEGV);
	EXPECT_EQ(run("p"), SIGSEGV);
	EXPECT_EQ(run("g"), SIGSEGV);
	EXPECT_EQ(run("u"), SIGILL);
	EXPECT_EQ(run("d"), SIGFPE);
	EXPECT_EQ(run("b"), SIGTRAP);
}

TEST(process, segments_and_flags_are_its_own)
{
	EXPECT_EQ(run("t"), EXITED(42));
	EXPECT_EQ(run("z"), EXITED(42));
	EXPECT_EQ(run("l"), EXITED(42));
}

TEST(process, what_is_no_program_is_not_run)
{
	EXPECT_EQ(run_program("/nothing", (const char *const[]){NULL}),
		  -ENOENT);
	EXPECT_EQ(run_program("/dev", (const char *const[]){NULL}), -EACCES);
	EXPECT_EQ(run_program("/dev/null", (const char *const[]){NULL}),
		  -EACCES);
}

/* --- Hostile headers ---------------------------------------------------------- */

static int
run_elf(const struct ring3_elf *elf)
{
	const char *const argv[] = {"ring3", "e", NULL};
	int status = install(elf);

	if (!status)
		status = run_program(PATH, argv);
	ring3_remove(PATH);
	return status;
}

#define EXPECT_REFUSED(member, value)                \
	do {                                         \
		struct ring3_elf elf_ = good;        \
                                                     \
		elf_.member = (value);               \
		EXPECT_EQ(run_elf(&elf_), -ENOEXEC); \
	} while (0)

TEST(process, a_header_that_cannot_be_is_refused)
{
	size_t len = ring3_code_end - ring3_code_start;
	const struct ring3_elf good = ring3_elf(len);
	struct ring3_elf larger = good, last = good;

	larger.ph.filesz = larger.ph.memsz = 0x10000; /* than the file */
	EXPECT_EQ(run_elf(&larger), -ENOEXEC);
	last.ph.vaddr = 0xBFFFF010; /* the last page; its end wraps */
	last.ph.offset = 0x10;
	last.ph.filesz = 0;
	last.ph.memsz = 0xFFFFF000;
	EXPECT_EQ(run_elf(&last), -ENOEXEC);

	EXPECT_EQ(run_elf(&good), EXITED(42));
	EXPECT_REFUSED(ident[0], 0);
	EXPECT_REFUSED(ident[4], 2);
	EXPECT_REFUSED(ident[5], 2);
	EXPECT_REFUSED(ident[6], 0);
	EXPECT_REFUSED(type, 1);
	EXPECT_REFUSED(machine, 62);
	EXPECT_REFUSED(version, 2);
	EXPECT_REFUSED(phentsize, 31);
	EXPECT_REFUSED(phnum, 0);
	EXPECT_REFUSED(phnum, 0xFFFF);
	EXPECT_REFUSED(phoff, 0xFFFFFFF0);
	EXPECT_REFUSED(phoff, sizeof(good) + len - 8);
	EXPECT_REFUSED(ph.type, 0);
	EXPECT_REFUSED(ph.type, 3);
	EXPECT_REFUSED(ph.offset, 1);
	EXPECT_REFUSED(ph.offset, 0xFFFFF000);
	EXPECT_REFUSED(ph.vaddr, 0);
	EXPECT_REFUSED(ph.vaddr, 0xF000);
	EXPECT_REFUSED(ph.vaddr, 0xC0000000);
	EXPECT_REFUSED(ph.vaddr, 0xFFFFF000);
	EXPECT_REFUSED(ph.vaddr, 0xBFFFF000);
	EXPECT_REFUSED(ph.filesz, sizeof(good) + len + 1);
	EXPECT_REFUSED(ph.filesz, 0xFFFFFFFF);
	EXPECT_REFUSED(ph.memsz, 1);
	EXPECT_REFUSED(ph.memsz, 0xFFFFFFFF);
	EXPECT_REFUSED(entry, 0xC0100000);
}

static u32
next_random(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

TEST(process, any_header_is_survived)
{
	size_t len = ring3_code_end - ring3_code_start;
	u32 seed = 1;
	int i, status;

	for (i = 0; i < 300; i++) {
		struct ring3_elf elf = ring3_elf(len);
		u8 *byte = (u8 *)&elf + next_random(&seed) % sizeof(elf);

		*byte = (u8)next_random(&seed);
		if (i & 1)
			*((u8 *)&elf + next_random(&seed) % sizeof(elf)) = 0xFF;
		status = run_elf(&elf);
		EXPECT(status == -ENOEXEC || status == -ENOMEM ||
		       status == EXITED(42) || status == EXITED(99) ||
		       (status > 0 && status < 32));
	}
}

/* --- Without memory ------------------------------------------------------------- */

/* => whether the program came to its right end; anything else must be an error
 * or an end of its own */
static bool
survives(const char *what, int good)
{
	struct ring3_elf elf = ring3_elf(ring3_code_end - ring3_code_start);
	const char *const argv[] = {"ring3", what, NULL};
	int status = run_program(PATH, argv);

	(void)elf;
	EXPECT(status == good || status == -ENOMEM || status == -EAGAIN ||
	       status == EXITED(99) || status == EXITED(127) ||
	       status == SIGKILL || status == EXITED(SIGKILL));
	return status == good;
}

static void
fail_each(const char *what, int good, bool pages)
{
	unsigned int n;
	bool ok = false;

	/* Once without: then each n meets the same allocations, since slabs and
	 * stacks that this time are new are there the next. */
	EXPECT(survives(what, good));
	for (n = 1; n < 300 && !ok; n++) {
		if (pages)
			fail_page_alloc_set(0, n, 0);
		else
			fail_alloc_set(0, n);
		ok = survives(what, good);
		fail_page_alloc_set(0, 0, 0);
		fail_alloc_set(0, 0);
	}
	EXPECT(ok);
	EXPECT_OP(n, >, 5u);
}

TEST(process, a_failure_at_any_allocation_loses_nothing)
{
	struct ring3_elf elf = ring3_elf(ring3_code_end - ring3_code_start);

	ASSERT_EQ(install(&elf), 0);
	fail_each("f", EXITED(7), false);
	fail_each("f", EXITED(7), true);
	fail_each("v", EXITED(42), false);
	fail_each("v", EXITED(42), true);
	fail_each("m", EXITED(42), true);
	ring3_remove(PATH);
}

/* As long as there is somebody to tell; who is called /ring3 until there is a
 * new program, and then ring3. */
TEST(process, exec_without_memory_is_an_error_and_kills_nobody)
{
	struct ring3_elf elf = ring3_elf(ring3_code_end - ring3_code_start);
	const char *const argv[] = {"ring3", "e", NULL};
	size_t log;
	unsigned int n;
	int status = 0;

	ASSERT_EQ(install(&elf), 0);
	/* Slabs are there from now on. */
	EXPECT_EQ(run_program(PATH, argv), EXITED(42));
	log = log_mark();
	for (n = 1; n < 100 && status != EXITED(42); n++) {
		fail_page_alloc_set(0, n, 0);
		status = run_program(PATH, argv);
		fail_page_alloc_set(0, 0, 0);
		EXPECT(status == -ENOMEM || status == SIGKILL ||
		       status == EXITED(42));
	}
	EXPECT_EQ(status, EXITED(42));
	EXPECT_OP(n, >, 4u);
	EXPECT_EQ(log_has(log, "Killed"), log_has(log, " (ring3)"));
	ring3_remove(PATH);
}

/* --- What /proc says of one ------------------------------------------------------ */

/* It ends as soon as it runs. */
static int
end_at_once(void)
{
	process_exit(0);
}

/* One that is there, and does not run yet: with a program, and that mapped. */
static struct process *
make_idle(struct inode *exe)
{
	const struct mmap_request r = {.len = PAGE_SIZE,
				       .prot = PROT_READ,
				       .flags = MAP_PRIVATE,
				       .ops = &file_vm_ops,
				       .object = exe};
	struct process *p = process_alloc();

	p->mm = mm_create();
	p->files = files_create();
	p->fs = fs_copy(process_ops->fs());
	p->exe = inode_get(exe);
	p->lost = true; /* nobody waits for it */
	EXPECT(!IS_ERR_VALUE(mm_mmap(p->mm, &r)));
	EXPECT_EQ(process_add(p, end_at_once, 0, &kernel_process, NULL), 0);
	return p;
}

/* => false: there was no memory */
static bool
ask_proc(void *arg)
{
	const struct process *p = arg;
	struct seq seq = {.file = proc_pid_file("maps", 4), .pid = p->pid};
	char name[32];
	struct inode *exe;
	int err = seq_fill(&seq);
	bool ok = !err && EXPECT(strstr(seq.buf, " " PATH "\n"));

	kfree(seq.buf);
	EXPECT(!err || err == -ENOMEM);
	scnprintf(name, sizeof(name), "/proc/%d/exe", p->pid);
	exe = path_lookup(name, AT_FDCWD);
	if (IS_ERR(exe)) {
		EXPECT_EQ(PTR_ERR(exe), -ENOMEM);
		return false;
	}
	EXPECT_EQ(exe, p->exe);
	inode_put(exe);
	return ok;
}

TEST(process, proc_fails_without_memory_and_loses_nothing)
{
	struct ring3_elf elf = ring3_elf(ring3_code_end - ring3_code_start);
	struct task_struct *task;
	struct process *p;
	struct inode *exe;

	ASSERT_EQ(install(&elf), 0);
	exe = path_lookup(PATH, AT_FDCWD);
	ASSERT(!IS_ERR(exe));
	p = make_idle(exe);
	task = p->task;
	get_task_struct(task);
	EXPECT_OP(heap_fail_each(ask_proc, p), >, 4u);
	process_start(p);
	task_wait(task);
	put_task_struct(task);
	inode_put(exe);
	ring3_remove(PATH);
}
