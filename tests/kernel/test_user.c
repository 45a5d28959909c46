/* test_user.c - the tests of ring 3, tests/user, each a case.
 *
 *   tests/user/NAME.c --> /test/NAME in the initramfs --> user.NAME
 *
 * A case runs the program in the foreground, as the monitor's `run` does; what
 * it finds wrong it prints as notes of the case. Meanwhile a thread checks the
 * address spaces of all programs, one after the other. Without an initramfs all
 * are skipped. A program that is missing here stops the build (user/user.mk).
 * `fuzz=CALLS,SEED,WORKERS` says how many random system calls are made.
 */
#include "../../linux/process.h"
#include "../../linux/syscall.h"
#include "cpu.h"
#include "errno.h"
#include "heap_helpers.h"
#include "kthread.h"
#include "mmzone.h"
#include "page_debug.h"
#include "page_owner.h"
#include "param.h"
#include "pgtable.h"
#include "printf.h"
#include "step.h"
#include "timer_check.h"
#include "uaccess.h"
#include "util.h"
#include "vmap_debug.h"
#include "wait.h"

#define PATH_SIZE   40
#define CHECK_TICKS 5 /* from one address space to the next */

#define CALLS_PER_SECOND 100 /* at the least */

static const char *fuzz_args = "10000";

static int
set_fuzz(const char *value)
{
	fuzz_args = value;
	return 0;
}
BOOT_PARAM(
	fuzz, "CALLS[,SEED[,WORKERS[,FAILS]]]",
	"how many random system calls the test user.fuzz makes; one of FAILS "
	"while allocations fail",
	set_fuzz);

/* The address space of the first process after that pid, and its pid; NULL after
 * the last. => with a reference */
static struct mm_struct *
mm_after(int *pid)
{
	struct process *p = NULL, *best = NULL;
	struct mm_struct *mm = NULL;
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	while ((p = process_next(p)))
		if (p->mm && p->pid > *pid && (!best || p->pid < best->pid))
			best = p;
	*pid = best ? best->pid : 0;
	if (best) {
		mm = best->mm;
		mm_get(mm);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return mm;
}

static int
check_programs(void *bad)
{
	struct mm_struct *mm;
	int pid = 0;

	while (!kthread_should_stop()) {
		mm = mm_after(&pid);
		if (mm) {
			*(unsigned int *)bad += mm_check(mm);
			mm_put(mm);
		}
		schedule_timeout_uninterruptible(CHECK_TICKS);
	}
	return 0;
}

/* Everything that it took comes back: the leak counters are read after it. */
static void
run_test(const char *name, const char *arg)
{
	char path[PATH_SIZE];
	const char *const argv[] = {path, *arg ? arg : NULL, NULL};
	struct inode *folder = path_lookup("/test", AT_FDCWD);
	struct task_struct *checker;
	unsigned int bad = 0;

	if (!cpu_has(X86_FEATURE_CMOV)) {
		test_skip("glibc's programs need CMOV");
		return;
	}
	if (IS_ERR(folder)) {
		test_skip("there is no initramfs");
		return;
	}
	inode_put(folder);
	scnprintf(path, sizeof(path), "/test/%s", name);
	checker = kthread_run(check_programs, &bad, "mm_check");
	ASSERT(!IS_ERR(checker));
	EXPECT_EQ(run_program(path, argv), 0);
	kthread_stop(checker);
	EXPECT_EQ(bad, 0u);
}

#define USER_TEST(name_, ...)                     \
	TEST(user, name_)                         \
	{                                         \
		run_test(#name_, "" __VA_ARGS__); \
	}

/* A thousand processes: their kernel stacks and page tables alone are 20 MiB. */
TEST(user, many)
{
	if (max_pfn < PHYS_PFN(60 * SZ_1M))
		test_skip("less than 60 MiB");
	else
		run_test("many", "");
}

/* A system call for two of the programs, while they are tested: let allocations
 * fail, of the heap or of pages (see fail_alloc_set), but from SPARE_ME on only
 * those of other programs, and from NEVER on none. 223 is nobody's. */
enum {
	FAIL_HEAP,
	FAIL_PAGES,
	SPARE_ME,
	NEVER
};

static bool failures_run;
static const struct task_struct *spared;

static bool
is_spared(void)
{
	return in_interrupt() || !current->process || current == spared;
}

static void
end_failures(void)
{
	failures_run = false;
	fail_page_alloc_set(0, 0, 0);
	fail_alloc_set(0, 0);
	fail_spares = NULL;
	spared = NULL;
}

static long __syscall
sys_fail(u32 what, u32 every, u32 from)
{
	if (!failures_run)
		return -ENOSYS;
	if (!spared && (every || from)) { /* what is kept is not allocated */
		stacks_drain();
		pgtable_drain();
		heap_settle();
	}
	if (what == SPARE_ME) {
		spared = current;
		fail_spares = is_spared;
	} else if (what == FAIL_PAGES) {
		fail_page_alloc_set(every, from, 0);
	} else if (what == NEVER) {
		end_failures();
	} else {
		fail_alloc_set(every, from);
	}
	return 0;
}
SYSCALL(223, fail, sys_fail, 3);

/* Each kind of object until it is refused: those with names; the others. */
TEST(user, refused_names)
{
	run_test("refused", "names");
}

TEST(user, refused)
{
	run_test("refused", "others");
}

/* Another one, for who is going to sleep: make a system call, and wake the child
 * that waits for it after the at-th instruction: step.h. With at == 0: wait until
 * more than so many such wakeups have come.
 * => an enum step_end; in arg[6] what the call gave, in arg[0] how many
 *    instructions it went */
struct stepped {
	unsigned int number;
	long arg[7];
};

static DECLARE_WAIT_QUEUE_HEAD(steppers);
static u32 steps_come;

static void
step_call(void *arg)
{
	struct stepped *s = arg;

	s->arg[6] =
		syscall_find(s->number)->fn(s->arg[0], s->arg[1], s->arg[2],
					    s->arg[3], s->arg[4], s->arg[5]);
}

static void
step_wake(void *unused __maybe_unused)
{
	steps_come++;
	wake_up_all(&steppers);
}

static long __syscall
sys_step(u32 at, u32 number, long __user *arg)
{
	struct stepped s = {.number = number};
	long end;

	if (!failures_run)
		return -ENOSYS;
	if (!at) {
		wait_event(steppers, READ_ONCE(steps_come) > number);
		return 0;
	}
	if (!syscall_find(number) ||
	    copy_from_user(s.arg, arg, 6 * sizeof(s.arg[0])))
		return -EINVAL;
	end = step_sleep(at, step_call, step_wake, &s);
	s.arg[0] = (long)step_way();
	return copy_to_user(arg, s.arg, sizeof(s.arg)) ? -EFAULT : end;
}
SYSCALL(222, step, sys_step, 3);

TEST(user, wakeups)
{
	steps_come = 0;
	failures_run = true;
	run_test("wakeups", "");
	end_failures();
}

/* Whatever the programs do to each other, the kernel is as it was. */
TEST(user, fuzz)
{
	u32 calls = 0;

	for (const char *c = fuzz_args; *c >= '0' && *c <= '9'; c++)
		calls = calls * 10 + *c - '0';
	test_may_take(120 + calls / CALLS_PER_SECOND);
	failures_run = true;
	run_test("fuzz", fuzz_args);
	end_failures();
	EXPECT_EQ(heap_broken(), 0u);
	EXPECT_EQ(vmap_check(), 0u);
	EXPECT_EQ(timer_base_check(&timer_base), 0u);
}

TEST(user, failures)
{
	failures_run = true;
	run_test("failures", "");
	end_failures();
	EXPECT_EQ(heap_broken(), 0u);
}

USER_TEST(background)
USER_TEST(badptr)
USER_TEST(brk)
USER_TEST(clobber)
USER_TEST(clone_vm)
USER_TEST(exec_args)
USER_TEST(exec_bad)
USER_TEST(faults)
USER_TEST(file_mmap)
USER_TEST(fifo)
USER_TEST(file_times)
USER_TEST(files)
USER_TEST(fork_cow)
USER_TEST(forktree)
USER_TEST(fpu)
USER_TEST(full)
USER_TEST(futex)
USER_TEST(futex_two)
USER_TEST(glibc_all)
USER_TEST(holes)
USER_TEST(jobs)
USER_TEST(links)
USER_TEST(madvise)
USER_TEST(limits)
USER_TEST(locks)
USER_TEST(locks_open)
USER_TEST(locks_wait)
USER_TEST(longcalls)
USER_TEST(maps)
USER_TEST(mmap_fixed)
USER_TEST(mmap_hint)
USER_TEST(mprotect_fault)
USER_TEST(mprotect_race)
USER_TEST(mremap)
USER_TEST(munmap_hole)
USER_TEST(nested_handlers)
USER_TEST(o_path)
USER_TEST(oom_others)
USER_TEST(old_calls)
USER_TEST(orphans)
USER_TEST(paths)
USER_TEST(pipe_block)
USER_TEST(pipe_sigpipe)
USER_TEST(pipe_size)
USER_TEST(poll)
USER_TEST(proc)
USER_TEST(proc_read)
USER_TEST(readdir)
USER_TEST(rename_exchange)
USER_TEST(select)
USER_TEST(sendfile)
USER_TEST(shared_anon)
USER_TEST(signal_restart)
USER_TEST(signals_altstack)
USER_TEST(signals_old)
USER_TEST(signals_wait)
USER_TEST(sigreturn_fpu)
USER_TEST(sigpending)
USER_TEST(sigreturn_hostile)
USER_TEST(spawn)
USER_TEST(stack)
USER_TEST(stack_guard)
USER_TEST(text_busy)
USER_TEST(thread_ends)
USER_TEST(threads)
USER_TEST(time)
USER_TEST(times)
USER_TEST(tls)
USER_TEST(usage)
USER_TEST(vdso)
USER_TEST(vectors)
USER_TEST(vfork_order)
USER_TEST(vm86)
USER_TEST(wait_status)
USER_TEST(walks)
USER_TEST(zero_page)
