/* test_hrtimer.c - kernel/hrtimer.c against a plain model: an array of times,
 * searched for the least.
 */
#include "glue.h"
#include "host.h"
#include "hrtimer.h"
#include "string.h"
#include "util.h"

#define NR_TIMERS 50

static struct {
	struct hrtimer timer[NR_TIMERS];
	ktime_t due[NR_TIMERS]; /* the model: KTIME_MAX: not armed */
	ktime_t last;           /* when the one before was due */
	unsigned int fired;
	ktime_t interval; /* arm it again; 0: do not */
	ktime_t programmed;
} t;

static enum hrtimer_restart
fire(struct hrtimer *timer)
{
	size_t i = (size_t)(timer - t.timer);

	EXPECT(t.due[i] <= host_now);
	EXPECT(t.due[i] >= t.last);
	EXPECT(!hrtimer_is_queued(timer) && hrtimer_active(timer));
	t.last = t.due[i];
	t.fired++;
	t.due[i] = KTIME_MAX;
	if (!t.interval)
		return HRTIMER_NORESTART;
	EXPECT(hrtimer_forward_now(timer, t.interval) > 0);
	t.due[i] = timer->expires;
	return HRTIMER_RESTART;
}

static void
program(ktime_t next)
{
	t.programmed = next;
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	host_now = 1000;
	hrtimer_set_program(program);
	for (size_t i = 0; i < NR_TIMERS; i++) {
		hrtimer_init(&t.timer[i], CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
		t.timer[i].function = fire;
		t.due[i] = KTIME_MAX;
	}
}

static ktime_t
earliest(void)
{
	ktime_t least = KTIME_MAX;

	for (size_t i = 0; i < NR_TIMERS; i++)
		least = min(least, t.due[i]);
	return least;
}

static void
end(void)
{
	for (size_t i = 0; i < NR_TIMERS; i++)
		hrtimer_cancel(&t.timer[i]);
	EXPECT_EQ(hrtimer_next(), KTIME_MAX);
	EXPECT_EQ(hrtimer_check(), 0u);
}

TEST(hrtimer, random_steps_agree_with_the_model)
{
	begin();
	for (unsigned int step = 0; step < 200000; step++) {
		size_t i = host_random() % NR_TIMERS;
		ktime_t delay = host_random() % 1000;

		switch (host_random() % 4) {
		case 0:
			t.due[i] = host_now + delay;
			hrtimer_start(&t.timer[i], delay, HRTIMER_MODE_REL);
			break;
		case 1:
			t.due[i] = max(host_now - 300, (ktime_t)0) + delay;
			hrtimer_start(&t.timer[i], t.due[i], HRTIMER_MODE_ABS);
			break;
		case 2:
			EXPECT_EQ(hrtimer_cancel(&t.timer[i]),
				  t.due[i] != KTIME_MAX);
			t.due[i] = KTIME_MAX;
			break;
		default:
			host_now += delay / 8;
			t.last = 0;
			hrtimers_run();
			EXPECT(earliest() > host_now);
			if (earliest() != KTIME_MAX)
				EXPECT_EQ(t.programmed, earliest());
		}
		EXPECT_EQ(hrtimer_next(), earliest());
		if (step % 64 == 0)
			EXPECT_EQ(hrtimer_check(), 0u);
	}
	EXPECT(t.fired > 10000);
	end();
}

TEST(hrtimer, equal_times_go_off_in_the_order_of_arming)
{
	begin();
	for (size_t i = 0; i < NR_TIMERS; i++) {
		t.due[i] = 5000;
		hrtimer_start(&t.timer[i], 5000, HRTIMER_MODE_ABS);
		EXPECT(hrtimer_next() == 5000);
		EXPECT(t.programmed == 5000);
	}
	host_now = 4999;
	hrtimers_run();
	EXPECT_EQ(t.fired, 0u);
	host_now = 5000;
	hrtimers_run();
	EXPECT_EQ(t.fired, (unsigned int)NR_TIMERS);
	end();
}

TEST(hrtimer, an_interval_keeps_its_beat)
{
	begin();
	t.interval = 100;
	t.due[0] = 1100;
	hrtimer_start(&t.timer[0], 1100, HRTIMER_MODE_ABS);
	for (host_now = 1101; host_now < 3000; host_now += 100) {
		t.last = 0;
		hrtimers_run();
		EXPECT_EQ(t.timer[0].expires, host_now + 99);
	}
	EXPECT_EQ(t.fired, 19u);
	/* Very late: once, not as often as it has missed. */
	host_now = 1000000007;
	t.last = 0;
	hrtimers_run();
	EXPECT_EQ(t.fired, 20u);
	EXPECT_EQ(t.timer[0].expires, (ktime_t)1000000100);
	end();
}

TEST(hrtimer, long_intervals_are_counted_too)
{
	struct hrtimer *timer = &t.timer[0];
	const ktime_t week = (ktime_t)7 * 86400 * NSEC_PER_SEC;

	begin();
	timer->expires = 10;
	EXPECT_EQ(hrtimer_forward(timer, 9, week), 0u);
	EXPECT_EQ(hrtimer_forward(timer, 10, week), 1u);
	EXPECT_EQ(timer->expires, 10 + week);
	EXPECT_EQ(hrtimer_forward(timer, 10 + 3 * week, week), 3u);
	EXPECT_EQ(timer->expires, 10 + 4 * week);
	EXPECT_EQ(hrtimer_forward(timer, 10 + 4 * week, 0), 0u);
}

TEST(hrtimer, the_clock_of_the_wall_is_the_same_moment)
{
	begin();
	hrtimer_init(&t.timer[0], CLOCK_REALTIME, HRTIMER_MODE_ABS);
	t.timer[0].function = fire;
	hrtimer_start(&t.timer[0], ktime_get_real() + 50, HRTIMER_MODE_ABS);
	EXPECT_EQ(t.timer[0].expires, host_now + 50);
	hrtimer_start(&t.timer[0], 70, HRTIMER_MODE_REL);
	EXPECT_EQ(t.timer[0].expires, host_now + 70);
	hrtimer_start(&t.timer[0], KTIME_MAX, HRTIMER_MODE_REL);
	EXPECT_EQ(t.timer[0].expires, KTIME_MAX);
	end();
}
