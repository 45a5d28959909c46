/* test_threads.c - threads: that they run, in the right order, sleep, wake, stop
 * and park, and that what one must not do is reported.
 */
#include "completion.h"
#include "drivers.h"
#include "errno.h"
#include "kthread.h"
#include "page_helpers.h"
#include "page_owner.h"
#include "slab.h"
#include "test.h"
#include "time.h"
#include "tick.h"
#include "util.h"

static long
count_tasks(void)
{
	return nr_tasks();
}
LEAK_COUNTER("tasks", count_tasks);

static long
check_queue(void)
{
	unsigned long flags = local_irq_save();
	long wrong = rq_check(this_cpu_ptr(runqueue));

	local_irq_restore(flags);
	return wrong;
}
LEAK_COUNTER("broken invariants of the run queue", check_queue);

static void
spin_ticks(unsigned long ticks)
{
	unsigned long start = jiffies;

	while (jiffies - start < ticks)
		cpu_relax();
}

/* A thread of another priority, that has not run yet. */
static struct task_struct *
create_at(unsigned int prio, int (*fn)(void *), void *data)
{
	struct task_struct *k = kthread_create(fn, data, "prio-%u", prio);

	if (!IS_ERR(k))
		sched_set_priority(k, prio);
	return k;
}

static int
set_flag(void *flag)
{
	*(volatile bool *)flag = true;
	return 0;
}

static int
count_for_ever(void *count)
{
	while (!kthread_should_stop())
		++*(volatile unsigned int *)count;
	return 0;
}

static int
wait_for_stop(void *result)
{
	while (!kthread_should_stop())
		schedule_timeout_uninterruptible(1);
	return (int)(long)result;
}

/* --- Switching ------------------------------------------------------------ */

#define CROWD  100
#define ROUNDS 100

static struct {
	unsigned int turns[CROWD];
	unsigned int total, out_of_turn;
} crowd;

/* Nobody may be more than one round ahead of, or behind, the others. */
static int
take_turns(void *index)
{
	unsigned int *mine = &crowd.turns[(uintptr_t)index];

	for (*mine = 0; *mine < ROUNDS; yield()) {
		unsigned int round = crowd.total++ / CROWD;

		crowd.out_of_turn += round + 1 < *mine || *mine + 1 < round;
		++*mine;
	}
	return ROUNDS;
}

TEST(threads, a_hundred_change_ten_thousand_times)
{
	static struct task_struct *k[CROWD];
	uintptr_t i, n;

	crowd.total = crowd.out_of_turn = 0;
	for (n = 0; n < CROWD; n++) {
		k[n] = kthread_create(take_turns, (void *)n, "crowd-%lu", n);
		if (IS_ERR(k[n]))
			break;
	}
	EXPECT_EQ(n, (uintptr_t)CROWD);
	preempt_disable(); /* all start in the same round */
	for (i = 0; i < n; i++)
		wake_up_process(k[i]);
	preempt_enable();
	for (i = 0; i < n; i++)
		EXPECT_EQ(task_wait(k[i]), ROUNDS);
	EXPECT_EQ(crowd.total, (unsigned int)(CROWD * ROUNDS));
	EXPECT_OP(crowd.out_of_turn, <, 50u); /* a tick may end a turn early */
	for (i = 0; i < n; i++) {
		EXPECT_OP(k[i]->switches, >=, (u32)ROUNDS);
		put_task_struct(k[i]);
	}
}

TEST(threads, registers_and_stack_survive_a_switch)
{
	volatile u32 local[32];
	unsigned int count = 0;
	struct task_struct *k = kthread_run(count_for_ever, &count, "count");

	ASSERT(!IS_ERR(k));
	for (u32 i = 0; i < 32; i++)
		local[i] = i * 0x01010101;
	for (u32 i = 0; i < 32; i++) {
		yield(); /* i, k and local: in registers and on the stack */
		EXPECT_EQ(local[i], i * 0x01010101);
	}
	EXPECT_EQ(kthread_stop(k), 0);
	EXPECT_OP(count, >, 0u);
}

TEST(threads, a_busy_one_is_preempted_by_the_tick)
{
	unsigned int a = 0, b = 0;
	struct task_struct *x = kthread_run(count_for_ever, &a, "busy-a");
	struct task_struct *y = kthread_run(count_for_ever, &b, "busy-b");

	ASSERT(!IS_ERR(x) && !IS_ERR(y));
	spin_ticks(6 * SLICE_TICKS); /* we never give the CPU away */
	EXPECT_OP(a, >, 0u);
	EXPECT_OP(b, >, 0u);
	kthread_stop(x);
	kthread_stop(y);
}

TEST(threads, preempt_disable_holds_others_off)
{
	bool ran = false;
	struct task_struct *k = create_at(DEFAULT_PRIO - 1, set_flag, &ran);

	ASSERT(!IS_ERR(k));
	preempt_disable();
	EXPECT(wake_up_process(k));
	EXPECT(need_resched());
	EXPECT_EQ(preempt_count(), 1u);
	spin_ticks(2 * SLICE_TICKS);
	EXPECT(!READ_ONCE(ran));
	preempt_enable();
	EXPECT(READ_ONCE(ran));
	EXPECT(!need_resched());
	kthread_stop(k);
}

TEST(threads, interrupts_off_hold_others_off)
{
	bool ran = false;
	struct task_struct *k = create_at(DEFAULT_PRIO - 1, set_flag, &ran);
	unsigned long flags;

	ASSERT(!IS_ERR(k));
	flags = local_irq_save();
	wake_up_process(k);
	EXPECT(!READ_ONCE(ran));
	local_irq_restore(flags);
	preempt_check_resched();
	EXPECT(READ_ONCE(ran));
	kthread_stop(k);
}

/* --- Priorities ------------------------------------------------------------- */

TEST(threads, the_more_urgent_runs_at_once_the_less_urgent_waits)
{
	bool urgent = false, lazy = false;
	struct task_struct *u = create_at(DEFAULT_PRIO - 5, set_flag, &urgent);
	struct task_struct *l = create_at(DEFAULT_PRIO + 5, set_flag, &lazy);

	ASSERT(!IS_ERR(u) && !IS_ERR(l));
	wake_up_process(l);
	wake_up_process(u);
	EXPECT(READ_ONCE(urgent));
	for (unsigned int i = 0; i < 10; i++)
		yield();
	EXPECT(!READ_ONCE(lazy));
	sched_set_priority(l, DEFAULT_PRIO - 1);
	EXPECT(READ_ONCE(lazy));
	EXPECT_EQ(kthread_stop(u), 0);
	EXPECT_EQ(kthread_stop(l), 0);
}

/* Between DEAD and schedule(): who has the CPU then must not bury it yet. */
TEST(threads, one_that_ends_may_be_preempted_once_more)
{
	bool ran = false;
	struct task_struct *k = create_at(DEFAULT_PRIO - 1, set_flag, &ran);

	ASSERT(!IS_ERR(k));
	set_current_state(TASK_DEAD);
	wake_up_process(k);
	set_current_state(TASK_RUNNING);
	EXPECT(READ_ONCE(ran));
	EXPECT(!current->exited);
	EXPECT_EQ(kthread_stop(k), 0);
}

TEST(threads, nobody_starves_behind_a_busy_one)
{
	unsigned int low = 0, lowest = 0;
	struct task_struct *x = create_at(NR_PRIO - 2, count_for_ever, &low);
	struct task_struct *y = create_at(NR_PRIO - 1, count_for_ever, &lowest);
	u32 ticks = current->ticks, start;

	ASSERT(!IS_ERR(x) && !IS_ERR(y));
	wake_up_process(x);
	wake_up_process(y);
	start = jiffies;
	spin_ticks(8 * STARVE_TICKS);
	start = jiffies - start;
	EXPECT_OP(low, >, 0u);
	EXPECT_OP(lowest, >, 0u);
	EXPECT_OP((current->ticks - ticks) * 4, >=, start * 3); /* 80 % */
	kthread_stop(x);
	kthread_stop(y);
}

TEST(threads, the_idle_thread_runs_when_nobody_else_can)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	u32 switches = rq->idle->switches, ticks = current->ticks;

	msleep(20);
	EXPECT_OP(rq->idle->switches, >, switches);
	EXPECT_OP(current->ticks - ticks, <=, 2u);
}

/* --- Sleeping and waking ------------------------------------------------------ */

TEST(threads, a_wakeup_before_the_sleep_is_not_lost)
{
	set_current_state(TASK_INTERRUPTIBLE);
	EXPECT(wake_up_process(current));
	EXPECT_OP(schedule_timeout(HZ), >, (long)HZ / 2);
	EXPECT(!wake_up_process(current)); /* awake */
}

static int
wake_later(void *task)
{
	schedule_timeout_uninterruptible(2);
	wake_up_process(task);
	return 0;
}

TEST(threads, a_sleep_ends_by_its_timeout_or_by_a_wakeup)
{
	unsigned long start = jiffies;
	struct task_struct *k;

	EXPECT_EQ(schedule_timeout_uninterruptible(3), 0l);
	EXPECT_OP(jiffies - start, >=, 3ul);
	k = kthread_run(wake_later, current, "waker");
	ASSERT(!IS_ERR(k));
	EXPECT_OP(schedule_timeout_uninterruptible(HZ * 5), >, (long)HZ);
	kthread_stop(k);
}

TEST(threads, msleep_is_never_too_short)
{
	for (unsigned int ms = 0; ms < 20; ms += 3) {
		unsigned long start = jiffies;

		msleep(ms);
		EXPECT_OP((jiffies - start) * (1000 / HZ), >=,
			  (unsigned long)ms);
	}
}

/* --- Stopping and parking ------------------------------------------------------- */

static int
return_seven(void *ran)
{
	*(volatile unsigned int *)ran += 1;
	return 7;
}

TEST(threads, stop_returns_what_the_thread_returned)
{
	unsigned int ran = 0;
	struct task_struct *k = kthread_run(wait_for_stop, (void *)42, "wait");

	ASSERT(!IS_ERR(k));
	EXPECT_STREQ(k->comm, "wait");
	yield();
	EXPECT_EQ(kthread_stop(k), 42);

	/* ... also if it had ended long before ... */
	k = kthread_run(return_seven, &ran, "seven");
	ASSERT(!IS_ERR(k));
	msleep(10);
	EXPECT(READ_ONCE(k->exited));
	EXPECT_EQ(k->stack, NULL);
	EXPECT_EQ(kthread_stop(k), 7);
	EXPECT_EQ(ran, 1u);

	/* ... and it does not run if it was stopped before. */
	k = kthread_create(return_seven, &ran, "never");
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(kthread_stop(k), -EINTR);
	EXPECT_EQ(ran, 1u);
}

TEST(threads, stop_meets_exit_at_any_moment)
{
	unsigned int ran = 0;

	for (unsigned int i = 0; i < 200; i++) {
		struct task_struct *k = kthread_run(return_seven, &ran, "race");

		ASSERT(!IS_ERR(k));
		for (unsigned int n = 0; n < i % 3; n++)
			yield();
		if (i % 3)
			EXPECT_EQ(kthread_stop(k), 7);
		else
			EXPECT(kthread_stop(k) == -EINTR || ran);
	}
}

static int
park_when_asked(void *count)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		++*(volatile unsigned int *)count;
		yield();
	}
	return 0;
}

TEST(threads, a_parked_one_stands_still_until_it_is_let_go)
{
	unsigned int count = 0, seen, ran = 0;
	struct task_struct *k = kthread_run(park_when_asked, &count, "park");

	ASSERT(!IS_ERR(k));
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_EQ(kthread_park(k), 0);
		seen = count;
		wake_up_process(k); /* an ordinary wakeup is not enough */
		msleep(8);
		EXPECT_EQ(count, seen);
		kthread_unpark(k);
		yield();
		yield();
		EXPECT_OP(count, >, seen);
	}
	EXPECT_EQ(kthread_park(k), 0);
	EXPECT_EQ(kthread_stop(k), 0); /* also while parked */

	k = kthread_run(return_seven, &ran, "gone");
	ASSERT(!IS_ERR(k));
	msleep(8);
	EXPECT_EQ(kthread_park(k), -ENOSYS);
	kthread_stop(k);
}

/* --- Making them ---------------------------------------------------------------- */

TEST(threads, without_memory_none_is_made_and_nothing_leaks)
{
	unsigned int ran = 0, failures = 0;
	struct task_struct *k = ERR_PTR(-EIO);

	stacks_drain();
	for (unsigned int n = 1; n < 10 && IS_ERR(k); n++) {
		fail_page_alloc_set(0, n, 0);
		fail_alloc_set(0, n);
		k = kthread_run(return_seven, &ran, "poor");
		fail_page_alloc_set(0, 0, 0);
		fail_alloc_set(0, 0);
		failures += IS_ERR(k);
		if (IS_ERR(k))
			EXPECT_EQ(PTR_ERR(k), (long)-ENOMEM);
	}
	EXPECT_OP(failures, >=, 1u);
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(task_wait(k), 7);
	put_task_struct(k);
}

static __noinline unsigned int
go_deep(unsigned int levels)
{
	volatile u8 deep[1000];

	for (size_t i = 0; i < sizeof(deep); i++)
		deep[i] = 1;
	return (levels ? go_deep(levels - 1) : 0) + deep[0];
}

static int
use_stack(void *bytes)
{
	go_deep(2);
	*(volatile size_t *)bytes = stack_used(current);
	return 0;
}

TEST(threads, stack_use_is_measured)
{
	size_t bytes = 0;
	struct task_struct *k = kthread_run(wait_for_stop, NULL, "shallow");

	ASSERT(!IS_ERR(k));
	msleep(8);
	EXPECT_OP(stack_used(k), <, (size_t)2000);
	kthread_stop(k);
	k = kthread_run(use_stack, &bytes, "deep");
	ASSERT(!IS_ERR(k));
	yield();
	kthread_stop(k);
	EXPECT_OP(bytes, >, (size_t)3000);
	EXPECT_OP(bytes, <, (size_t)5000);
}

TEST(threads, a_dead_ones_stack_serves_the_next)
{
	unsigned int ran = 0;
	struct task_struct *k = kthread_create(return_seven, &ran, "first");
	void *stack;

	ASSERT(!IS_ERR(k));
	stack = k->stack;
	wake_up_process(k);
	kthread_stop(k);
	k = kthread_create(return_seven, &ran, "second");
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(k->stack, stack);
	EXPECT_OP(stack_used(k), <=, 128u); /* cleared */
	kthread_stop(k);
}

/* --- What one must not do ---------------------------------------------------------- */

#define ATOMIC_BUG "BUG: scheduling while atomic: main/2/0x00000001"

TEST(threads, scheduling_while_atomic_is_reported_and_goes_on)
{
	unsigned int bugs = schedule_bugs();
	size_t log = log_end();
	bool ran = false;
	struct task_struct *k = kthread_run(set_flag, &ran, "other");

	ASSERT(!IS_ERR(k));
	preempt_disable();
	yield();
	EXPECT_EQ(preempt_count(), 1u);
	preempt_enable();
	EXPECT(READ_ONCE(ran));
	EXPECT_EQ(schedule_bugs(), bugs + 1);
	test_planted++;
	EXPECT_EQ(log_lines(log, ATOMIC_BUG), 1u);
	kthread_stop(k);
}

static struct {
	unsigned int left, bugs;
	long slept;
} in_irq;

static void
sleep_in_irq(void)
{
	if (!in_irq.left)
		return;
	in_irq.left--;
	in_irq.slept = schedule_timeout_uninterruptible(100);
	schedule();
}

TEST(threads, an_interrupt_that_sleeps_is_reported_and_does_not)
{
	unsigned int bugs = schedule_bugs(), sleeps = might_sleep_count();

	in_irq.left = 1;
	tick_set_hook(sleep_in_irq);
	spin_ticks(3);
	tick_set_hook(NULL);
	EXPECT_EQ(in_irq.left, 0u);
	EXPECT_EQ(in_irq.slept, 0l);
	EXPECT_EQ(schedule_bugs(), bugs + 1);
	test_planted++;
	EXPECT_EQ(might_sleep_count(), sleeps + 1);
	test_planted++;
}

/* This thread plays idle: what counts is who the queue thinks is. */
TEST(threads, the_idle_thread_must_not_sleep)
{
	struct rq *rq = this_cpu_ptr(runqueue);
	struct task_struct *idle = rq->idle;
	unsigned int bugs = schedule_bugs();
	size_t log = log_end();

	preempt_disable();
	rq->idle = current;
	set_current_state(TASK_UNINTERRUPTIBLE);
	preempt_enable();
	schedule();
	rq->idle = idle;
	EXPECT_EQ(schedule_bugs(), bugs + 1);
	test_planted++;
	EXPECT_EQ(log_lines(log, "BUG: the idle thread must not sleep"), 1u);
}

/* Also from the middle of a tick on. */
TEST(threads, a_sleep_is_not_shorter_than_it_was_asked_for)
{
	for (unsigned int ms = 1; ms < 20; ms++) {
		ktime_t start = ktime_get();

		msleep(ms);
		EXPECT_OP(ktime_get() - start, >=, (ktime_t)ms * NSEC_PER_MSEC);
	}
}

/* --- The queues by themselves ----------------------------------------------------- */

/* The one whose turn was next has gone to sleep meanwhile: it is not picked. */
TEST(threads, a_boost_ends_with_who_should_have_had_it)
{
	static struct rq rq;
	static struct task_struct first, second, idle;

	rq_init(&rq, &idle);
	first.prio = 3;
	second.prio = 7;
	rq_enqueue(&rq, &first, 0);
	rq_enqueue(&rq, &second, 0);
	rq.boost = &second;
	rq_dequeue(&rq, &second);
	EXPECT_EQ(rq_pick(&rq), &first);
	rq_dequeue(&rq, &first);
	EXPECT_EQ(rq_pick(&rq), &idle);
	EXPECT_EQ(rq.nr_ready, 0u);
}
