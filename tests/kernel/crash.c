/* crash.c - deliberate crashes: what a report looks like, and for the
 * tests a proof that it comes.
 *
 *   crash null-read --> kinds[] --> crash_null_read() --> exception --> report
 *                                         ^                               |
 *                                         +---- named in the backtrace ---+
 *
 * Each kind has a function of its own, never inlined, so that the trace shows
 * its name. The addresses are volatile: a compiler that sees a NULL being used
 * is free to replace the use by anything.
 */
#include "command.h"
#include "complete.h"
#include "console.h"
#include "drivers.h"
#include "errno.h"
#include "explain.h"
#include "gfp.h"
#include "layout.h"
#include "kthread.h"
#include "mmzone.h"
#include "mutex.h"
#include "panic.h"
#include "spinlock.h"
#include "string.h"
#include "tick.h"
#include "uaccess.h"
#include "user_helpers.h"
#include "util.h"
#include "vmalloc.h"
#include "x86.h"

#define NOWHERE 0xBAADF00Du /* in user space, where nothing is mapped */

/* (crash_stack.asm) */
void crash_on_no_stack(void);

struct node {
	u32 payload[5];
	struct node *next; /* at 0x14 */
};

static struct node *volatile null_node;
static void (*volatile null_function)(void);
static volatile u32 zero;
static const u32 constant = 42;
static const u32 *volatile constant_at = &constant;

/* The compiler gives a function that can do without a stack frame none, or a
 * late one, and then the trace leaves out its caller. Between two of these the
 * frame is there. */
static void *volatile last_frame;

static __always_inline void
keep_frame(void)
{
	last_frame = __builtin_frame_address(0);
}

static __noinline void
crash_null_read(void)
{
	keep_frame();
	console_printf("next: %p\n", null_node->next);
	keep_frame();
}

static __noinline void
crash_null_call(void)
{
	keep_frame();
	null_function();
	keep_frame();
}

static __noinline void
crash_wild_write(void)
{
	keep_frame();
	*(volatile u32 *)(NOWHERE + zero) = 1;
	keep_frame();
}

static __noinline void
crash_write_text(void)
{
	keep_frame();
	*(volatile u8 *)(uintptr_t)crash_write_text = 0;
	keep_frame();
}

static __noinline void
crash_write_rodata(void)
{
	keep_frame();
	*(volatile u32 *)(uintptr_t)constant_at = 43;
	keep_frame();
}

static __noinline void
crash_divide(void)
{
	keep_frame();
	console_printf("42 / 0 = %u\n", *constant_at / zero);
	keep_frame();
}

static __noinline u32
crash_recurse(u32 depth)
{
	volatile u32 local[64];

	local[0] = depth;
	if (depth + 1 == zero)
		return 0;
	return crash_recurse(depth + 1) + local[0];
}

static __noinline void
crash_stack_overflow(void)
{
	keep_frame();
	console_printf("depth: %u\n", crash_recurse(0));
	keep_frame();
}

static int
overflow_thread(void *unused __maybe_unused)
{
	crash_stack_overflow();
	return 0;
}

/* Somebody else's stack: the report must say whose. */
static __noinline void
crash_thread_overflow(void)
{
	struct task_struct *k = kthread_run(overflow_thread, NULL, "deep");

	if (!IS_ERR(k))
		task_wait(k);
	keep_frame();
}

static __noinline void
crash_double_fault(void)
{
	keep_frame();
	crash_on_no_stack();
	keep_frame();
}

/* What a string that is too long for its array does to the frame above it:
 * the caller's frame pointer and the return address become "AAAA". */
static __noinline void
crash_broken_frames(void)
{
	volatile u32 *frame = __builtin_frame_address(0);

	frame[0] = frame[1] = 0x41414141;
	null_node->payload[0] = 1;
	keep_frame();
}

/* While this is set, asking our explainer about an address faults. */
static bool explainer_is_broken;

static size_t
crash_explain(u32 address __maybe_unused, char *buf __maybe_unused,
	      size_t size __maybe_unused)
{
	if (!explainer_is_broken)
		return 0;
	return null_node->payload[0];
}
EXPLAIN(crash_explain);

static __noinline void
crash_panic_in_panic(void)
{
	keep_frame();
	explainer_is_broken = true;
	crash_wild_write();
	keep_frame();
}

static __noinline void
crash_assert(void)
{
	u32 answer = *constant_at;

	keep_frame();
	assert_op(answer, ==, 43u);
}

static __noinline void
crash_ud2(void)
{
	keep_frame();
	__builtin_trap();
}

/* (clang sees it coming; it is not asked.) */
static __noinline void NO_LOCK_ANALYSIS
crash_spin_recursion(void)
{
	static DEFINE_SPINLOCK(crash_lock);

	keep_frame();
	spin_lock(&crash_lock);
	spin_lock(&crash_lock);
	keep_frame();
}

static DEFINE_SPINLOCK(timer_lock);

static void NO_LOCK_ANALYSIS
take_in_irq(void)
{
	keep_frame();
	spin_lock(&timer_lock);
	keep_frame();
}

static __noinline void NO_LOCK_ANALYSIS
crash_spin_in_irq(void)
{
	keep_frame();
	spin_lock(&timer_lock);
	tick_set_hook(take_in_irq);
	for (;;)
		halt();
}

/* Noticed at once with the boot option page_guard, and there only. */
static __noinline void
crash_use_after_free(void)
{
	volatile u8 *page = (u8 *)__get_free_page(GFP_KERNEL);

	keep_frame();
	free_page((unsigned long)page);
	page[0x123] = 1;
	keep_frame();
}

static __noinline void NO_LOCK_ANALYSIS
crash_mutex_recursion(void)
{
	static DEFINE_MUTEX(crash_mutex);

	keep_frame();
	mutex_lock(&crash_mutex);
	mutex_lock(&crash_mutex);
	keep_frame();
}

/* What __init functions are after booting: int3, or somebody's data. */
static __noinline void
crash_call_init(void)
{
	void (*volatile function)(void) = pages_init;

	keep_frame();
	function();
	keep_frame();
}

static __noinline void
crash_user_read(void)
{
	keep_frame();
	if (user_map(USER_BASE, 1, true))
		console_printf("got: %u\n", *(volatile u32 *)USER_BASE);
	keep_frame();
}

static __noinline void
crash_user_call(void)
{
	void (*volatile function)(void) = (void (*)(void))USER_BASE;

	keep_frame();
	if (user_map(USER_BASE, 1, true))
		function();
	keep_frame();
}

/* Only the user's side of a copy may be missing, not ours. */
static __noinline void
crash_user_copy(void)
{
	keep_frame();
	if (user_map(USER_BASE, 1, true) &&
	    copy_from_user((void *)VMALLOC_END, user_ptr(USER_BASE), 4))
		console_printf("The fault was hidden.\n");
	keep_frame();
}

/* Two areas, so that something lies before the second. They stay: after a
 * crash nobody gives anything back. */
static volatile char *
second_area(size_t size)
{
	char *first = vmalloc(PAGE_SIZE), *second = vmalloc(size);

	assert(first && second);
	return second;
}

static __noinline void
crash_vmalloc_overrun(void)
{
	keep_frame();
	second_area(2 * PAGE_SIZE)[2 * PAGE_SIZE + zero] = 1;
	keep_frame();
}

static __noinline void
crash_vmalloc_underrun(void)
{
	keep_frame();
	console_printf("before: %d\n", *(second_area(2 * PAGE_SIZE) - 1));
	keep_frame();
}

static __noinline void
crash_vmalloc_freed(void)
{
	volatile char *p = second_area(2 * PAGE_SIZE);

	keep_frame();
	vfree((void *)p);
	p[PAGE_SIZE + zero] = 1;
	keep_frame();
}

/* It neither writes nor looks at command_stopped(). */
static __noinline void
crash_endless_loop(void)
{
	while (!zero)
		barrier();
}

static const struct {
	const char *name;
	void (*run)(void);
	const char *shows;
} kinds[] = {
	{"null-read", crash_null_read, "a field of a NULL structure pointer"},
	{"null-call", crash_null_call, "a call through a NULL pointer"},
	{"wild-write", crash_wild_write, "a write to where nothing is mapped"},
	{"write-text", crash_write_text, "a write to the kernel's own code"},
	{"write-rodata", crash_write_rodata, "a write to a constant"},
	{"divide", crash_divide, "a division by zero"},
	{"stack-overflow", crash_stack_overflow,
	 "recursion into the guard page below the stack"},
	{"thread-overflow", crash_thread_overflow,
	 "the same in a thread of its own"},
	{"double-fault", crash_double_fault,
	 "a page fault with no stack to report it on"},
	{"broken-frames", crash_broken_frames,
	 "a backtrace over an overwritten stack frame"},
	{"panic-in-panic", crash_panic_in_panic,
	 "a fault while a fault is being reported"},
	{"assert", crash_assert, "a failed assertion and both its values"},
	{"ud2", crash_ud2, "an instruction that is none"},
	{"spin-recursion", crash_spin_recursion,
	 "a spinlock taken by who holds it"},
	{"spin-in-irq", crash_spin_in_irq,
	 "a spinlock taken by the interrupt of who holds it"},
	{"mutex-recursion", crash_mutex_recursion,
	 "a mutex locked by who holds it"},
	{"call-init", crash_call_init,
	 "a call of code that was given back after booting"},
	{"use-after-free", crash_use_after_free,
	 "a write to a freed page (boot with page_guard)"},
	{"user-read", crash_user_read,
	 "a user page read without copy_from_user (with SMAP)"},
	{"user-call", crash_user_call, "a call of a user page (with SMEP)"},
	{"user-copy", crash_user_copy,
	 "a user copy into a kernel buffer that is not there"},
	{"vmalloc-overrun", crash_vmalloc_overrun,
	 "a write to the byte after a vmalloc area"},
	{"vmalloc-underrun", crash_vmalloc_underrun,
	 "a read of the byte before a vmalloc area"},
	{"vmalloc-freed", crash_vmalloc_freed,
	 "a write to a vmalloc area after vfree"},
	{"endless-loop", crash_endless_loop,
	 "a loop without an end: Ctrl-C leaves it behind"},
};

static void
list_kinds(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		command_line(16, kinds[i].name, kinds[i].shows);
}

static int
cmd_crash(int argc, char **argv)
{
	if (argc > 2)
		return -EINVAL;
	if (argc == 1) {
		console_printf("Kinds of crashes (crash KIND):\n");
		list_kinds();
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(argv[1], kinds[i].name)) {
			kinds[i].run();
			return command_refuse(
				-EIO,
				"%s did not crash: this machine, or "
				"how it was booted, does not "
				"notice (crash lists what each "
				"needs).",
				argv[1]);
		}
	}
	command_refuse(0, "There is no crash \"%s\". There are:", argv[1]);
	list_kinds();
	return -ENOENT;
}

static void
kind_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		sink->add(sink, kinds[i].name);
}
ARGUMENT(crash_kind, "KIND", kind_words);
COMMAND(crash, "[KIND]",
	"crashes the kernel on purpose\n"
	"What follows is a report and whatever the boot option panic= says.\n"
	"Without KIND: the crashes there are, and what each shows.");
