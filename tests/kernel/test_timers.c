/* test_timers.c - timers, and the clocks: order, races between arming,
 * disarming and going off, and the wrap of the tick.
 *
 * The structure itself is compared with a model in tests/host/test_timer.c.
 */
#include "cpu.h"
#include "delay.h"
#include "drivers.h"
#include "hrtimer.h"
#include "interrupt.h"
#include "irq.h"
#include "page_helpers.h"
#include "slab.h"
#include "test.h"
#include "tick.h"
#include "time.h"
#include "timer_check.h"
#include "trap.h"
#include "util.h"
#include "wait_helpers.h"
#include "x86.h"

#define NR_TIMERS 1000

/* A timer that notes when it went off. */
struct alarm {
	struct timer_list timer;
	unsigned long armed_for, fired_at; /* ticks */
	unsigned int fired;                /* how often */
	unsigned int order;                /* the how many-th of all */
};

static volatile unsigned int alarms_fired;

static void
alarm_fire(struct timer_list *t)
{
	struct alarm *alarm = from_timer(alarm, t, timer);

	alarm->fired++;
	alarm->fired_at = jiffies;
	alarm->order = ++alarms_fired;
}

static void
alarm_init(struct alarm *alarm)
{
	*alarm = (struct alarm){.fired = 0};
	timer_setup(&alarm->timer, alarm_fire, 0);
	alarms_fired = 0;
}

static int
alarm_set(struct alarm *alarm, unsigned long expires)
{
	alarm->armed_for = expires;
	return mod_timer(&alarm->timer, expires);
}

static bool
have_fired(void *number)
{
	return alarms_fired >= *(unsigned int *)number;
}

static bool
wait_for_alarms(unsigned int number)
{
	return wait_until(have_fired, &number);
}

static bool
has_come(void *tick)
{
	return time_after_eq(jiffies, *(unsigned long *)tick);
}

/* Wait until this tick's timers have gone off. */
static bool
wait_for_tick(unsigned long tick)
{
	tick++;
	return wait_until(has_come, &tick);
}

TEST(timer, it_goes_off_once_in_its_tick_in_a_softirq)
{
	struct alarm a;

	alarm_init(&a);
	EXPECT(!timer_pending(&a.timer));
	EXPECT_EQ(alarm_set(&a, jiffies + 3), 0);
	EXPECT(timer_pending(&a.timer));
	EXPECT(wait_for_alarms(1));
	EXPECT(time_after_eq(a.fired_at, a.armed_for));
	EXPECT(!timer_pending(&a.timer));
	EXPECT(wait_for_tick(a.armed_for + 3));
	EXPECT_EQ(a.fired, 1u);
	EXPECT_EQ(alarm_set(&a, jiffies - 5), 0); /* the past: the next tick */
	EXPECT(wait_for_tick(jiffies + 1));
	EXPECT_EQ(a.fired, 2u);
}

/* --- Order ---------------------------------------------------------------------- */

/* Each must be after its predecessor in time and, where that is the same, in
 * the order of arming, which is that of the array.
 * => the number of pairs that are not */
static unsigned int
out_of_order(const struct alarm *alarms, unsigned int n)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < n; i++) {
		wrong += alarms[i].fired != 1;
		wrong += time_before(alarms[i].fired_at, alarms[i].armed_for);
		for (unsigned int j = i + 1; j < n; j++)
			wrong += time_after(alarms[i].armed_for,
					    alarms[j].armed_for) !=
				 (alarms[i].order > alarms[j].order);
	}
	return wrong;
}

TEST(timer, a_thousand_go_off_in_order_under_load)
{
	struct alarm *alarms =
		kmalloc_array(NR_TIMERS, sizeof(*alarms), GFP_KERNEL);
	unsigned long start = jiffies;
	u32 random = 1;

	ASSERT(alarms);
	for (unsigned int i = 0; i < NR_TIMERS; i++) {
		alarm_init(&alarms[i]);
		random = random * 1664525 + 1013904223;
		alarm_set(&alarms[i], start + 10 + (random >> 16) % 50);
	}
	EXPECT_EQ(timer_base_check(&timer_base), 0u);
	/* Load: 50 ticks at a time, and somebody who allocates. */
	tick_set_hook(fast_time);
	while (alarms_fired < NR_TIMERS && jiffies - start < 100 * HZ)
		kfree(kmalloc(100, GFP_KERNEL));
	tick_set_hook(NULL);
	EXPECT_EQ(alarms_fired, (unsigned int)NR_TIMERS);
	EXPECT_EQ(out_of_order(alarms, NR_TIMERS), 0u);
	for (unsigned int i = 0; i < NR_TIMERS; i++)
		del_timer_sync(&alarms[i].timer);
	kfree(alarms);
}

TEST(timer, the_wrap_of_the_tick_is_a_tick_like_any_other)
{
	static const unsigned int after[] = {0, 1, 2, 5, 7, 15, 16, 17, 30};
	struct alarm alarms[ARRAY_SIZE(after)];

	/* From where it starts the wrap is 300 s away: let them pass. */
	if ((long)jiffies < 0)
		WRITE_ONCE(jiffies, (unsigned long)-5);
	for (unsigned int i = 0; i < ARRAY_SIZE(after); i++) {
		alarm_init(&alarms[i]);
		alarm_set(&alarms[i], jiffies + after[i]);
	}
	EXPECT(wait_for_alarms(ARRAY_SIZE(after)));
	EXPECT_OP((long)jiffies, >=, 0l);
	EXPECT_EQ(out_of_order(alarms, ARRAY_SIZE(after)), 0u);
	EXPECT_EQ(timer_base_check(&timer_base), 0u);
	EXPECT(time_after(3ul, -3ul) && time_before(-3ul, 3ul));
}

/* --- Armed twice, disarmed ------------------------------------------------------- */

TEST(timer, mod_timer_moves_one_that_is_armed)
{
	struct alarm a;
	unsigned long start = jiffies;

	alarm_init(&a);
	EXPECT_EQ(alarm_set(&a, start + 1000), 0);
	EXPECT_EQ(alarm_set(&a, start + 2), 1);
	EXPECT_EQ(alarm_set(&a, start + 4), 1);
	EXPECT(wait_for_tick(start + 6));
	EXPECT_EQ(a.fired, 1u);
	EXPECT(time_after_eq(a.fired_at, start + 4));
}

TEST(timer, adding_one_that_is_armed_is_reported_and_moves_it)
{
	size_t log = log_end();
	struct alarm a;

	alarm_init(&a);
	a.timer.expires = jiffies + 1000;
	add_timer(&a.timer);
	EXPECT_EQ(log_lines(log, "add_timer"), 0u);
	a.timer.expires = jiffies + 2;
	add_timer(&a.timer);
	EXPECT_EQ(log_lines(log, "BUG: add_timer: alarm_fire"), 1u);
	EXPECT(wait_for_alarms(1));
	EXPECT(!timer_pending(&a.timer));
}

TEST(timer, a_deleted_timer_does_not_go_off)
{
	struct alarm a;
	unsigned long start = jiffies;

	alarm_init(&a);
	EXPECT_EQ(del_timer(&a.timer), 0);
	alarm_set(&a, start + 2);
	EXPECT_EQ(del_timer(&a.timer), 1);
	EXPECT_EQ(del_timer(&a.timer), 0);
	alarm_set(&a, start + 2);
	EXPECT_EQ(del_timer_sync(&a.timer), 1);
	EXPECT_EQ(del_timer_sync(&a.timer), 0);
	EXPECT(wait_for_tick(start + 4));
	EXPECT_EQ(a.fired, 0u);
}

/* --- What a timer's function may do ----------------------------------------------- */

static struct {
	struct alarm a, b;
	unsigned int runs;
	int result;
	bool sound;
} act;

static void
delete_b(struct timer_list *t)
{
	act.result = del_timer_sync(&act.b.timer);
	alarm_fire(t);
}

TEST(timer, one_may_delete_another_that_is_due_in_the_same_tick)
{
	unsigned long tick;

	alarm_init(&act.a);
	alarm_init(&act.b);
	act.a.timer.function = delete_b;
	act.result = -1;
	tick = jiffies + 3;
	alarm_set(&act.a, tick);
	alarm_set(&act.b, tick);
	EXPECT(wait_for_tick(tick));
	EXPECT_EQ(act.result, 1);
	EXPECT_EQ(act.a.fired, 1u);
	EXPECT_EQ(act.b.fired, 0u);
}

static void
arm_again(struct timer_list *t)
{
	act.sound &= in_serving_softirq() && !in_hardirq() &&
		     !irqs_disabled() && !timer_pending(t);
	if (++act.runs < 5)
		act.sound &= mod_timer(t, jiffies + 1) == 0;
	alarms_fired = act.runs;
}

TEST(timer, one_may_arm_itself_again)
{
	struct alarm a;

	alarm_init(&a);
	a.timer.function = arm_again;
	act.runs = 0;
	act.sound = true;
	alarm_set(&a, jiffies);
	EXPECT(wait_for_alarms(5));
	EXPECT(wait_for_tick(jiffies + 2));
	EXPECT_EQ(act.runs, 5u);
	EXPECT(act.sound);
}

static void
free_itself(struct timer_list *t)
{
	kfree(container_of(t, struct alarm, timer));
	alarms_fired++;
}

TEST(timer, one_may_free_its_own_memory)
{
	struct alarm *a = kmalloc(sizeof(*a), GFP_KERNEL);

	ASSERT(a);
	alarm_init(a);
	a->timer.function = free_itself;
	alarm_set(a, jiffies + 1);
	EXPECT(wait_for_alarms(1));
}

static void
delete_itself(struct timer_list *t)
{
	act.result = del_timer_sync(t);
	alarms_fired++;
}

TEST(timer, waiting_for_oneself_is_reported)
{
	size_t log = log_end();
	struct alarm a;

	alarm_init(&a);
	a.timer.function = delete_itself;
	alarm_set(&a, jiffies);
	EXPECT(wait_for_alarms(1));
	EXPECT_EQ(act.result, 0);
	EXPECT_EQ(log_lines(log, "BUG: del_timer_sync waits for delete_itself"),
		  1u);
}

/* --- Races ---------------------------------------------------------------------- */

/* An interrupt after every instruction arms and disarms the timer that is being
 * armed and disarmed, and a tick passes. */

static struct {
	struct alarm a, b;
	unsigned int interrupts;
} racing;

static bool
after_instruction(struct pt_regs *regs)
{
	if (!(regs->flags & EFLAGS_IF) || in_interrupt())
		return true;
	irq_enter();
	switch (racing.interrupts++ % 4) {
	case 0:
		mod_timer(&racing.a.timer, jiffies);
		break;
	case 1:
		mod_timer(&racing.b.timer, jiffies + 20);
		jiffies++;
		timers_tick();
		break;
	case 2:
		del_timer(&racing.a.timer);
		break;
	case 3:
		del_timer(&racing.b.timer);
		break;
	}
	irq_exit();
	softirq_irq_exit();
	return true;
}

TEST(timer, interrupts_may_do_all_that_between_any_two_instructions)
{
	unsigned long flags = local_save_flags();

	alarm_init(&racing.a);
	alarm_init(&racing.b);
	racing.interrupts = 0;
	trap_set_handler(TRAP_DEBUG, after_instruction);
	for (unsigned int i = 0; i < 200; i++) {
		local_irq_restore(flags | EFLAGS_TF);
		mod_timer(&racing.a.timer, jiffies + i % 40);
		mod_timer(&racing.b.timer, jiffies + 1);
		del_timer(&racing.a.timer);
		del_timer_sync(&racing.b.timer);
		local_irq_restore(flags);
		EXPECT_EQ(timer_base_check(&timer_base), 0u);
	}
	trap_set_handler(TRAP_DEBUG, NULL);
	del_timer_sync(&racing.a.timer);
	del_timer_sync(&racing.b.timer);
	EXPECT_OP(racing.interrupts, >, 2000u);
	EXPECT_OP(racing.a.fired, >, 0u);
	EXPECT(!racing.a.timer.entry.next && !racing.b.timer.entry.next);
}

/* --- Clocks --------------------------------------------------------------------- */

TEST(time, jiffies_convert_to_milliseconds_and_back)
{
	EXPECT_EQ(msecs_to_jiffies(0), 0ul);
	EXPECT_EQ(msecs_to_jiffies(1), 1ul); /* never shorter than asked */
	EXPECT_EQ(msecs_to_jiffies(4), 1ul);
	EXPECT_EQ(msecs_to_jiffies(5), 2ul);
	EXPECT_EQ(msecs_to_jiffies(1000), (unsigned long)HZ);
	EXPECT_EQ(msecs_to_jiffies(0x7FFFFFFF), 0x20000000ul);
	EXPECT_EQ(msecs_to_jiffies((unsigned int)-1), MAX_JIFFY_OFFSET);
	EXPECT_EQ(jiffies_to_msecs(HZ), 1000u);
}

TEST(time, the_clock_never_goes_back)
{
	unsigned long start = jiffies;
	ktime_t before = ktime_get(), now;
	unsigned int back = 0;

	/* Long enough to see the clock refined, if it is still to be. */
	while (jiffies - start < HZ + HZ / 4) {
		now = ktime_get();
		back += now < before;
		before = now;
	}
	EXPECT_EQ(back, 0u);
}

TEST(time, a_delay_is_not_shorter_than_asked_for)
{
	ktime_t start, passed;
	unsigned long tick, ticks = 0;

	/* A busy host loses ticks: one of many delays sees all of them. */
	for (unsigned int i = 0; i < 250 && ticks < 4; i++) {
		start = ktime_get();
		tick = jiffies;
		mdelay(20);
		passed = ktime_get() - start;
		ticks = jiffies - tick;
	}
	EXPECT_OP(ticks, >=, 4ul); /* of 4 ms */
	if (!boot_cpu.tsc_khz)
		return; /* the clock is no finer than a tick */
	EXPECT_OP(passed, >=, (ktime_t)20 * NSEC_PER_MSEC);
	start = ktime_get();
	udelay(50);
	ndelay(900);
	EXPECT_OP(ktime_get() - start, >=, (ktime_t)50900);
}

/* --- To the microsecond -------------------------------------------------------------- */

#define TRIES 20 /* a busy host spoils some, not all */

/* => false, and skipped, where it takes too long: there is no such clock, or the
 * host has never let a second of ticks come regularly */
static bool
until_exact(void)
{
	for (unsigned int i = 0; i < 200 && !time_is_exact(); i++)
		msleep(10);
	if (!time_is_exact())
		test_skip("the clock does not get exact");
	return time_is_exact();
}

static ktime_t
sleep_ns(ktime_t ns)
{
	ktime_t start = ktime_get();

	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_until(start + ns);
	return ktime_get() - start;
}

TEST(timer, a_sleep_of_microseconds_takes_no_tick)
{
	unsigned int quick = 0;
	ktime_t took;

	if (!until_exact())
		return;
	for (unsigned int i = 0; i < 10 * TRIES && quick < TRIES; i++) {
		took = sleep_ns(100 * NSEC_PER_USEC);
		EXPECT_OP(took, >=, (ktime_t)100 * NSEC_PER_USEC);
		quick += took < TICK_NSEC / 2;
	}
	EXPECT_EQ(quick, TRIES);
	EXPECT_EQ(hrtimer_check(), 0u);
}

/* A quarter of a second. => were jiffies those of the clock? */
static bool
idle_for_a_while(unsigned long *irqs)
{
	unsigned long was = jiffies;
	ktime_t start = ktime_get();
	u64 ticks;

	*irqs = irq_count(0);
	sleep_ns(NSEC_PER_SEC / 4);
	*irqs = irq_count(0) - *irqs;
	ticks = (u64)(ktime_get() - start);
	do_div(ticks, TICK_NSEC);
	was = jiffies - was;
	return was + 1 >= ticks && was <= ticks + 1;
}

TEST(timer, an_idle_cpu_has_fewer_ticks_and_the_same_time)
{
	unsigned long irqs;
	bool right = false;

	if (!until_exact())
		return;
	for (unsigned int i = 0; i < TRIES && !right; i++)
		right = idle_for_a_while(&irqs);
	EXPECT(right);
	EXPECT_OP(irqs, <, HZ / 8ul);
}

static enum hrtimer_restart
count_beats(struct hrtimer *t)
{
	alarms_fired++;
	hrtimer_forward_now(t, 250 * NSEC_PER_USEC);
	return HRTIMER_RESTART;
}

/* => the beats in 50 ms, or a little more */
static unsigned int
beat(struct hrtimer *t)
{
	ktime_t start = ktime_get();
	u64 most;

	alarms_fired = 0;
	hrtimer_start(t, 250 * NSEC_PER_USEC, HRTIMER_MODE_REL);
	sleep_ns(50 * NSEC_PER_MSEC);
	EXPECT(hrtimer_active(t));
	EXPECT_EQ(hrtimer_cancel(t), 1);
	most = (u64)(ktime_get() - start);
	do_div(most, 250 * NSEC_PER_USEC);
	EXPECT_OP(alarms_fired, <=, most);
	return alarms_fired;
}

TEST(timer, one_that_restarts_itself_keeps_its_beat)
{
	unsigned int least = until_exact() ? 150 : 10, beats = 0;
	struct hrtimer t;

	test_skip(NULL); /* it does so by the tick, too */
	hrtimer_init(&t, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	t.function = count_beats;
	for (unsigned int i = 0; i < TRIES && beats < least; i++)
		beats = beat(&t);
	EXPECT_OP(beats, >=, least);
	sleep_ns(NSEC_PER_MSEC);
	EXPECT_EQ(alarms_fired, beats);
	EXPECT_EQ(hrtimer_cancel(&t), 0);
}
