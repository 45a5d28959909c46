/* test_lockdep.c - each kind of mistake with locks, made on purpose, is found,
 * once, with what one needs to know; and nobody else makes any.
 *
 *   lockdep_reports() == planted      before, after and between all cases of
 *                                     all suites: a leak counter sees to it
 */
#include "drivers.h"
#include "interrupt.h"
#include "lockdep_view.h"
#include "page_helpers.h"
#include "preempt.h"
#include "slab.h"
#include "spinlock.h"
#include "test.h"
#include "tick.h"
#include "util.h"
#include "wait_helpers.h"
#include "x86.h"

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);
static DEFINE_SPINLOCK(lock_c);
static spinlock_t twins[2];
static struct lock_class *sleeper; /* what a mutex would have in it */

static long planted;    /* reports that were expected, since boot */
static long unexpected; /* the others, when this case began */

static long
reports_unexpected(void)
{
	return (long)lockdep_reports() - planted;
}
LEAK_COUNTER("lockdep reports", reports_unexpected);

/* => false, and the case is skipped, if nothing would be found */
static bool
begin(void)
{
	struct lock_class *classes[] = {lock_a.class, lock_b.class,
					lock_c.class, twins[0].class, sleeper};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i])
			lockdep_forget(classes[i]);
	unexpected = reports_unexpected();
	if (!patch_is_on(PATCH_LOCKDEP))
		test_skip("boot it with `lockdep`, or a debug build");
	return patch_is_on(PATCH_LOCKDEP);
}

static void
expect_silence(void)
{
	EXPECT_EQ(reports_unexpected(), unexpected);
}

/* One report since `log`, with these lines. */
#define expect_report(log, ...)                                            \
	expect_lines(log, (const char *const[]){"WARNING: ", __VA_ARGS__}, \
		     ARRAY_SIZE(((const char *const[]){"", __VA_ARGS__})))

static void
expect_lines(size_t log, const char *const *text, size_t n)
{
	size_t i;

	planted++;
	expect_silence();
	for (i = 0; i < n; i++)
		if (!EXPECT_EQ(log_lines(log, text[i]), 1u))
			EXPECT_STREQ("no such line, or several", text[i]);
}

/* (Not inline: the reports shall name them.) */
static __noinline void
take_both(spinlock_t *first, spinlock_t *second) NO_LOCK_ANALYSIS
{
	spin_lock(first);
	spin_lock(second);
	spin_unlock(second);
	spin_unlock(first);
}

static __noinline void
take_a(void)
{
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
}

/* fn() in the timer's interrupt. */
static struct {
	void (*fn)(void);
	volatile bool done;
} in_irq;

static void
once_in_irq(void)
{
	if (!in_irq.done)
		in_irq.fn();
	in_irq.done = true;
}

static bool
irq_is_done(void *arg __maybe_unused)
{
	return in_irq.done;
}

static void
run_in_irq(void (*fn)(void))
{
	in_irq.fn = fn;
	in_irq.done = false;
	tick_set_hook(once_in_irq);
	EXPECT(wait_until(irq_is_done, NULL));
	tick_set_hook(NULL);
}

/* --- Order --------------------------------------------------------------------- */

TEST(lockdep, nothing_was_found_until_now)
{
	if (!begin())
		return;
	EXPECT_EQ(unexpected, 0l);
	EXPECT_OP(lockdep_max_depth(), >, 0u);
}

TEST(lockdep, an_order_turned_round_is_reported_with_both_chains)
{
	size_t log = log_end();

	if (!begin())
		return;
	take_both(&lock_a, &lock_b);
	take_both(&lock_b, &lock_c);
	take_both(&lock_a, &lock_c);
	take_both(&lock_a, &lock_b);
	expect_silence();
	take_both(&lock_c, &lock_a);
	expect_report(log, "possible circular locking dependency detected",
		      " (lock_a), at: take_both+0x",
		      "which lock already depends on the new lock.",
		      "-> #1 (lock_c), at: take_both+0x",
		      "   with (lock_a) held, at: take_both+0x",
		      "CPU0: lock(lock_c);",
		      "CPU0: lock(lock_a);  *** DEADLOCK",
		      "test_lockdep_an_order_turned_round_is_reported");
	take_both(&lock_c, &lock_a); /* once is enough */
	expect_silence();
}

TEST(lockdep, an_order_turned_round_is_found_over_others)
{
	size_t log = log_end();

	if (!begin())
		return;
	take_both(&lock_a, &lock_b);
	take_both(&lock_b, &lock_c);
	take_both(&lock_c, &lock_a);
	expect_report(log, "possible circular locking dependency detected",
		      "-> #1 (lock_c), at: take_both+0x",
		      "   with (lock_b) held, at: take_both+0x",
		      "-> #2 (lock_b), at: take_both+0x",
		      "   with (lock_a) held, at: take_both+0x");
}

TEST(lockdep, giving_back_in_any_order_is_all_right)
{
	if (!begin())
		return;
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_a);
	spin_lock(&lock_c);
	spin_unlock(&lock_b);
	spin_unlock(&lock_c);
	take_both(&lock_a, &lock_c);
	expect_silence();
	EXPECT(!lockdep_is_held(&lock_a) && !lockdep_is_held(&lock_c));
}

TEST(lockdep, trying_to_take_a_lock_deadlocks_with_nobody)
{
	size_t log = log_end();
	bool got;

	if (!begin())
		return;
	take_both(&lock_a, &lock_b);
	spin_lock(&lock_b);
	got = spin_trylock(&lock_a);
	EXPECT(got);
	if (got) {
		EXPECT(!spin_trylock(&lock_a));
		spin_unlock(&lock_a);
	}
	spin_unlock(&lock_b);
	expect_silence();

	/* But who has got one that way and waits for another does. */
	got = spin_trylock(&lock_c);
	EXPECT(got);
	if (got) {
		take_a();
		spin_unlock(&lock_c);
	}
	take_both(&lock_b, &lock_c);
	expect_report(log, "possible circular locking dependency detected",
		      "   with (lock_c) held, at: ");
	EXPECT_EQ(preempt_count(), 0u);
}

TEST(lockdep, one_that_was_only_tried_does_not_hide_those_held_before)
{
	size_t log = log_end();
	bool got;

	if (!begin())
		return;
	spin_lock(&lock_a);
	got = spin_trylock(&lock_c);
	EXPECT(got);
	if (got) {
		spin_lock(&lock_b);
		spin_unlock(&lock_b);
		spin_unlock(&lock_c);
	}
	spin_unlock(&lock_a);
	take_both(&lock_b, &lock_a);
	expect_report(log, "possible circular locking dependency detected",
		      "-> #1 (lock_b), at: ", "   with (lock_a) held, at: ");
}

TEST(lockdep, two_locks_of_one_class_have_no_order)
{
	size_t log = log_end();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(twins); i++)
		spin_lock_init(&twins[i]);
	if (!begin())
		return;
	take_both(&twins[0], &twins[1]);
	expect_report(log, "possible recursive locking detected",
		      "trying to acquire lock:", "but already holding lock:",
		      "(two locks of one class");
	EXPECT_EQ(log_lines(log, "(&twins[i]), at: take_both+0x"), 2u);
	take_both(&twins[1], &twins[0]);
	expect_silence();
}

/* --- Interrupts ------------------------------------------------------------------ */

static void
try_a(void)
{
	bool got = spin_trylock(&lock_a);

	EXPECT(got);
	if (got)
		spin_unlock(&lock_a);
}

static void
take_a_irqs_off(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock_a, flags);
	spin_unlock_irqrestore(&lock_a, flags);
	EXPECT(!irqs_disabled());
}

TEST(lockdep, a_lock_of_an_interrupt_must_not_be_taken_with_interrupts_on)
{
	size_t log = log_end();

	if (!begin())
		return;
	run_in_irq(take_a);
	take_a_irqs_off();
	expect_silence();
	take_a();
	expect_report(log, "inconsistent lock state",
		      "inconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage.",
		      "{IN-HARDIRQ-W} state was registered at: take_a+0x",
		      " (lock_a), at: take_a+0x");
	take_a();
	run_in_irq(take_a);
	expect_silence();
}

TEST(lockdep, nor_be_taken_by_an_interrupt_when_it_was)
{
	size_t log = log_end();

	if (!begin())
		return;
	take_a();
	run_in_irq(try_a);
	expect_silence();
	run_in_irq(take_a);
	expect_report(log, "inconsistent lock state",
		      "inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.",
		      "once_in_irq+0x");
}

static void
tasklet_take_a(struct tasklet_struct *t __maybe_unused)
{
	take_a();
}

static void
take_a_bh(void)
{
	spin_lock_bh(&lock_a);
	spin_unlock_bh(&lock_a);
}

TEST(lockdep, a_lock_of_a_softirq_must_not_be_taken_with_softirqs_on)
{
	static DECLARE_TASKLET(tasklet, tasklet_take_a);
	size_t log = log_end();

	if (!begin())
		return;
	tasklet_schedule(&tasklet);
	tasklet_kill(&tasklet);
	EXPECT(lock_a.class->usage & 1u << IN_SOFTIRQ);
	take_a_bh();
	take_a_irqs_off();
	expect_silence();
	take_a();
	expect_report(log, "inconsistent lock state",
		      "inconsistent {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W} usage.",
		      "{IN-SOFTIRQ-W} state was registered at: take_a+0x");
}

static void
take_b_then_a(void)
{
	take_both(&lock_b, &lock_a);
}

TEST(lockdep, what_an_interrupt_takes_has_no_order_with_what_it_interrupts)
{
	unsigned long flags;

	if (!begin())
		return;
	lockdep_acquire(&sleeper, &sleeper, 0, (u32)take_a);
	run_in_irq(take_b_then_a);
	lockdep_release(&sleeper, &sleeper, (u32)take_a);
	spin_lock_irqsave(&lock_b, flags);
	lockdep_acquire(&sleeper, &sleeper, 0, (u32)take_a);
	lockdep_release(&sleeper, &sleeper, (u32)take_a);
	spin_unlock_irqrestore(&lock_b, flags);
	expect_silence();
}

static unsigned long left_flags;

static __noinline void
leave_a_held(void) NO_LOCK_ANALYSIS
{
	spin_lock_irqsave(&lock_a, left_flags);
	barrier(); /* what a function does last is not done in its name */
}

TEST(lockdep, an_interrupt_must_give_back_what_it_took)
{
	size_t log = log_end();

	if (!begin())
		return;
	run_in_irq(leave_a_held);
	expect_report(log, "locks left held!", " still has locks held:",
		      " (lock_a), at: leave_a_held+0x", "handle_irq+0x");
	EXPECT(!lockdep_is_held(&lock_a));
	EXPECT(spin_is_locked(&lock_a));
	WRITE_ONCE(lock_a.word, 0);
}

/* --- Giving back ------------------------------------------------------------------ */

static __noinline void
give_back_a(void) NO_LOCK_ANALYSIS
{
	spin_unlock(&lock_a);
	preempt_disable(); /* what spin_unlock has undone */
}

TEST(lockdep, a_lock_that_nobody_holds_cannot_be_given_back)
{
	size_t log = log_end();

	if (!begin())
		return;
	preempt_disable();
	give_back_a();
	expect_report(log, "bad unlock balance detected!",
		      "trying to release lock:", "no locks held",
		      " (lock_a), at: give_back_a+0x");
	give_back_a();
	expect_silence();
	preempt_enable();
}

TEST(lockdep, nor_one_that_somebody_else_holds)
{
	struct held_locks *own = this_cpu(held_locks), other = {.depth = 0};
	size_t log = log_end();

	if (!begin())
		return;
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	this_cpu(held_locks) = &other; /* another thread's */
	spin_unlock(&lock_a);
	this_cpu(held_locks) = own;
	expect_report(log, "bad unlock balance detected!", "no locks held");
	spin_unlock(&lock_b);
	EXPECT_EQ(own->depth, 1u);
	own->depth = 0;
}

TEST(lockdep, a_thread_must_give_back_what_it_took)
{
	size_t log = log_end();

	if (!begin())
		return;
	lockdep_none_held("nobody");
	expect_silence();
	lockdep_acquire(&sleeper, &sleeper, 0, (u32)take_a);
	lockdep_none_held("thread test");
	expect_report(log, "locks left held!",
		      "thread test still has locks held:",
		      " (sleeper), at: take_a+0x");
	EXPECT(!lockdep_is_held(&sleeper));
}

TEST(lockdep, a_lock_may_be_held_from_one_thread_to_the_next)
{
	struct held_locks *own = this_cpu(held_locks), other = {.depth = 0};
	unsigned long flags;

	if (!begin())
		return;
	flags = local_irq_save();
	spin_lock(&lock_b);
	spin_lock(&lock_a);
	lockdep_switch(&other, &lock_a);
	EXPECT(lockdep_is_held(&lock_a) && !lockdep_is_held(&lock_b));
	spin_unlock(&lock_a);
	lockdep_switch(own, &lock_a);
	EXPECT(!lockdep_is_held(&lock_a) && lockdep_is_held(&lock_b));
	spin_unlock(&lock_b);
	local_irq_restore(flags);
	expect_silence();
}

/* --- What is held ------------------------------------------------------------------ */

TEST(lockdep, a_sleep_with_a_spinlock_held_names_the_lock)
{
	size_t log = log_end();

	if (!begin())
		return;
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	EXPECT(!might_sleep());
	test_planted++;
	EXPECT_EQ(log_lines(log, "2 locks held:"), 1u);
	EXPECT_EQ(log_lines(log, " (lock_a), at: test_lockdep_a_sleep"), 1u);
	EXPECT_EQ(log_lines(log, " (lock_b), at: test_lockdep_a_sleep"), 1u);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);
}

TEST(lockdep, an_assertion_knows_who_holds_a_lock)
{
	struct held_locks *own = this_cpu(held_locks), other = {.depth = 0};
	size_t log = log_end();

	if (!begin())
		return;
	spin_lock(&lock_a);
	lockdep_assert_held(&lock_a);
	expect_silence();
	this_cpu(held_locks) = &other;
	lockdep_assert_held(&lock_a);
	this_cpu(held_locks) = own;
	expect_report(log, "a lock should be held",
		      "&lock_a is not, at tests/kernel/test_lockdep.c:");
	spin_unlock(&lock_a);
}

/* --- When it cannot go on ------------------------------------------------------------ */

/* It has switched itself off, and said why. Nothing is held: on again. */
static void
expect_off(size_t log, const char *why)
{
	EXPECT(!patch_is_on(PATCH_LOCKDEP));
	expect_report(log, why,
		      "turning off the locking correctness validator.");
	patch_set(PATCH_LOCKDEP, true);
}

TEST(lockdep, a_lock_that_nobody_initialised_is_reported)
{
	spinlock_t *lock = kzalloc(sizeof(*lock), GFP_KERNEL);
	size_t log = log_end();
	unsigned long flags;

	ASSERT(lock);
	if (begin()) {
		flags = local_irq_save(); /* nobody runs while it is off */
		spin_lock(lock);
		spin_unlock(lock);
		expect_off(log, "trying to register non-static key");
		local_irq_restore(flags);
	}
	kfree(lock);
}

TEST(lockdep, more_locks_than_fit_are_reported)
{
	struct held_locks *own = this_cpu(held_locks);
	struct held_locks other = {.depth = MAX_HELD_LOCKS};
	size_t log = log_end();
	unsigned long flags;

	if (!begin())
		return;
	flags = local_irq_save();
	this_cpu(held_locks) = &other;
	lockdep_acquire(&sleeper, &sleeper, 0, (u32)take_a);
	this_cpu(held_locks) = own;
	expect_off(log, "MAX_LOCK_DEPTH too low!");
	local_irq_restore(flags);
}
