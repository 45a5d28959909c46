/* test_contexts.c - who may do what where: locks, preemption, interrupts; and
 * that interrupts may allocate pages between any two instructions of somebody
 * else who does.
 */
#include "drivers.h"
#include "interrupt.h"
#include "page_helpers.h"
#include "page_owner.h"
#include "patch.h"
#include "preempt.h"
#include "spinlock.h"
#include "test.h"
#include "tick.h"
#include "trap.h"
#include "util.h"
#include "wait_helpers.h"
#include "x86.h"

/* --- The count, and the locks -------------------------------------------------- */

TEST(contexts, a_case_runs_in_process_context)
{
	EXPECT_EQ(preempt_count(), 0u);
	EXPECT(!in_atomic() && !in_interrupt() && !in_hardirq());
	EXPECT(might_sleep());
}

TEST(contexts, preempt_disable_nests)
{
	preempt_disable();
	preempt_disable();
	EXPECT_EQ(preempt_count(), 2u);
	preempt_enable();
	EXPECT(in_atomic());
	EXPECT(!in_interrupt());
	preempt_enable();
	EXPECT(!in_atomic());
}

TEST(contexts, a_spinlock_is_held_from_lock_to_unlock)
{
	static DEFINE_SPINLOCK(lock);

	EXPECT(!spin_is_locked(&lock));
	spin_lock(&lock);
	EXPECT(spin_is_locked(&lock));
	EXPECT(in_atomic());
	EXPECT(!irqs_disabled());
	spin_unlock(&lock);
	EXPECT(!spin_is_locked(&lock));
	EXPECT_EQ(preempt_count(), 0u);
}

TEST(contexts, irqsave_restores_what_it_found)
{
	static DEFINE_SPINLOCK(outer);
	static DEFINE_SPINLOCK(inner);
	unsigned long outer_flags, inner_flags;

	spin_lock_irqsave(&outer, outer_flags);
	EXPECT(irqs_disabled());
	spin_lock_irqsave(&inner, inner_flags);
	EXPECT(!can_sleep());
	spin_unlock_irqrestore(&inner, inner_flags);
	EXPECT(irqs_disabled());
	EXPECT(spin_is_locked(&outer));
	spin_unlock_irqrestore(&outer, outer_flags);
	EXPECT(!irqs_disabled());
	EXPECT_EQ(preempt_count(), 0u);
}

static unsigned int tasklet_runs;

static void
count_run(struct tasklet_struct *t __maybe_unused)
{
	tasklet_runs++;
}

TEST(contexts, spin_lock_bh_keeps_softirqs_out)
{
	static DECLARE_TASKLET(tasklet, count_run);
	static DEFINE_SPINLOCK(lock);

	tasklet_runs = 0;
	spin_lock_bh(&lock);
	EXPECT(in_softirq() && !in_serving_softirq());
	tasklet_schedule(&tasklet);
	EXPECT_EQ(tasklet_runs, 0u);
	spin_unlock_bh(&lock);
	EXPECT_EQ(tasklet_runs, 1u);
	EXPECT_EQ(preempt_count(), 0u);
}

/* --- might_sleep ---------------------------------------------------------------- */

#define SLEEP_BUG "BUG: sleeping function called from invalid context at "

/* It must say no here, count it, and print Linux's line once. */
static void
expect_no_sleep(void)
{
	unsigned int count = might_sleep_count();
	size_t log = log_end();

	EXPECT(!might_sleep());
	test_planted++;
	EXPECT_EQ(might_sleep_count(), count + 1);
	EXPECT_EQ(log_lines(log, SLEEP_BUG "tests/kernel/test_contexts.c:"),
		  1u);
}

static struct {
	u32 preempt_count, in_hardirq, in_interrupt, in_atomic;
	bool irqs_off;
	volatile unsigned int ticks;
} seen;

static void
look_around(void)
{
	if (seen.ticks++)
		return;
	seen.preempt_count = preempt_count();
	seen.in_hardirq = in_hardirq();
	seen.in_interrupt = in_interrupt();
	seen.in_atomic = in_atomic();
	seen.irqs_off = irqs_disabled();
	expect_no_sleep();
}

static bool
has_ticked(void *arg)
{
	return seen.ticks >= *(unsigned int *)arg;
}

TEST(contexts, might_sleep_objects_where_nobody_may)
{
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;

	spin_lock(&lock);
	expect_no_sleep();
	spin_unlock(&lock);
	preempt_disable();
	expect_no_sleep();
	preempt_enable();
	flags = local_irq_save();
	expect_no_sleep();
	local_irq_restore(flags);
}

TEST(contexts, a_timer_handler_is_in_hardirq_context)
{
	unsigned int ticks = 1;

	seen.ticks = 0;
	tick_set_hook(look_around);
	EXPECT(wait_until(has_ticked, &ticks));
	tick_set_hook(NULL);
	EXPECT_EQ(seen.preempt_count, HARDIRQ_OFFSET);
	EXPECT(seen.in_hardirq && seen.in_interrupt && seen.in_atomic);
	EXPECT(seen.irqs_off);
	EXPECT_EQ(preempt_count(), 0u);
}

TEST(contexts, kernel_allocations_with_a_lock_held_are_caught)
{
	static DEFINE_SPINLOCK(lock);
	unsigned int count = might_sleep_count();
	bool was_on = patch_is_on(PATCH_PAGE_HOOKS);
	struct page *page, *atomic;

	patch_set(PATCH_PAGE_HOOKS, true); /* the short path checks, too */
	spin_lock(&lock);
	atomic = alloc_page(GFP_ATOMIC);
	EXPECT_EQ(might_sleep_count(), count);
	page = alloc_page(GFP_KERNEL); /* succeeds all the same, as on Linux */
	EXPECT_EQ(might_sleep_count(), count + 1);
	test_planted++;
	spin_unlock(&lock);
	patch_set(PATCH_PAGE_HOOKS, was_on);
	ASSERT(page && atomic);
	__free_page(page);
	__free_page(atomic);
}

/* --- Patching ------------------------------------------------------------------- */

static __noinline bool
key_is_on(void)
{
	return patched(PATCH_PAGE_HOOKS);
}

TEST(contexts, patched_switches_with_its_key)
{
	bool was_on = patch_is_on(PATCH_PAGE_HOOKS);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		patch_set(PATCH_PAGE_HOOKS, i % 2);
		EXPECT_EQ(key_is_on(), (bool)(i % 2));
		EXPECT_EQ(patch_is_on(PATCH_PAGE_HOOKS), (bool)(i % 2));
	}
	patch_set(PATCH_PAGE_HOOKS, was_on);
	EXPECT_EQ(key_is_on(), was_on);
}

/* --- Interrupts that allocate ----------------------------------------------------- */

#define IRQ_BLOCKS 24

/* What the interrupt holds. Each time it frees one slot and fills it anew, of
 * another order, so that lists run empty and full under everybody's feet. */
static struct {
	struct page *blocks[IRQ_BLOCKS];
	unsigned int next, failures, collisions;
	volatile unsigned int calls;
	const void *volatile busy; /* what the interrupted code owns */
} irq;

static void
allocate_in_irq(void)
{
	struct page **slot = &irq.blocks[irq.next++ % IRQ_BLOCKS];
	unsigned int order = irq.calls++ % 5;

	if (*slot)
		__free_pages(*slot, page_order(*slot));
	*slot = alloc_pages(GFP_ATOMIC | __GFP_NOWARN, order);
	irq.failures += !*slot;
	irq.collisions += *slot && *slot == irq.busy;
}

static void
irq_begin(void)
{
	unsigned int i;

	for (i = 0; i < IRQ_BLOCKS; i++)
		irq.blocks[i] = NULL;
	irq.calls = irq.next = irq.failures = irq.collisions = 0;
	irq.busy = NULL;
}

static void
irq_end(void)
{
	unsigned int i;

	for (i = 0; i < IRQ_BLOCKS; i++)
		if (irq.blocks[i])
			__free_pages(irq.blocks[i], page_order(irq.blocks[i]));
	EXPECT_EQ(irq.failures, 0u);
	EXPECT_EQ(irq.collisions, 0u);
}

/* What is interrupted: pages in and out, by both paths, with short lists. */
static void
allocate_and_free(unsigned int order)
{
	struct page *a = alloc_pages(GFP_KERNEL, 0), *b;
	unsigned long addr;

	irq.busy = a;
	b = alloc_pages(GFP_KERNEL | __GFP_ZERO, order);
	addr = __get_free_pages(GFP_KERNEL, 1);
	irq.busy = NULL;
	EXPECT(a && b && addr && a != b);
	free_pages(addr, 1);
	__free_pages(b, order);
	__free_pages(a, 0);
}

TEST(contexts, the_timer_may_allocate_while_others_do)
{
	struct zones_state before;
	unsigned int rounds = 0;

	zones_note(&before);
	irq_begin();
	tick_set_hook(allocate_in_irq);
	while (irq.calls < 100) {
		allocate_and_free(rounds++ % 5);
		if (rounds % 64 == 0)
			drain_local_pages();
	}
	tick_set_hook(NULL);
	irq_end();
	EXPECT_EQ(zones_broken(), 0u); /* before the lists are drained */
	EXPECT_EQ(zones_differ(&before), 0u);
}

/* The same without luck: the CPU traps after every instruction, and wherever
 * an interrupt could have come, one "comes". */

static bool
after_instruction(struct pt_regs *regs)
{
	if (regs->flags & EFLAGS_IF)
		allocate_in_irq();
	return true;
}

TEST(contexts, an_interrupt_between_any_two_instructions_may_allocate)
{
	struct zones_state before;
	unsigned long flags = local_save_flags();
	unsigned int i;

	if (page_poison_on()) {
		test_skip("poisoning a page is too many instructions");
		return;
	}
	zones_note(&before);
	irq_begin();
	trap_set_handler(TRAP_DEBUG, after_instruction);
	for (i = 0; i < 40; i++) {
		local_irq_restore(flags | EFLAGS_TF);
		allocate_and_free(i % 5);
		if (i % 8 == 0)
			drain_local_pages();
		local_irq_restore(flags);
	}
	trap_set_handler(TRAP_DEBUG, NULL);
	EXPECT_OP(irq.calls, >, 1000u);
	irq_end();
	EXPECT_EQ(zones_broken(), 0u); /* before the lists are drained */
	EXPECT_EQ(zones_differ(&before), 0u);
}
