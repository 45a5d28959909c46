/* test_timer.c - the timer wheel of kernel/timer.c against an array.
 *
 * The model knows of each timer whether it is armed, its tick, and when it was
 * armed; the next to go off is the least by tick, then by arming. Each one that
 * goes off is compared with that, from within its own function, which also arms
 * and disarms others, as kernel code does.
 */
#include "glue.h"
#include "host.h"
#include "timer_check.h"
#include "util.h"

#define NR_TIMERS 48

struct model {
	struct timer_list timer;
	bool armed;
	unsigned long expires;
	unsigned long due; /* expires, or the next tick if that is past */
	unsigned int seq;  /* when it was armed */
};

static struct {
	struct timer_base base;
	struct model timers[NR_TIMERS];
	unsigned long clk;  /* the tick that comes next */
	unsigned long span; /* how far ahead they are armed */
	unsigned int seq, fired;
	bool running;
} world;

static struct model *
any(void)
{
	return &world.timers[host_below(NR_TIMERS)];
}

static void
arm(struct model *m, unsigned long expires)
{
	EXPECT_EQ(timer_base_mod(&world.base, &m->timer, expires), m->armed);
	m->armed = true;
	m->expires = expires;
	m->due = time_before(expires, world.clk) ? world.clk : expires;
	m->seq = world.seq++;
}

static void
disarm(struct model *m)
{
	EXPECT_EQ(host_sometimes(2) && !world.running
			  ? timer_base_delete_sync(&world.base, &m->timer)
			  : timer_base_delete(&world.base, &m->timer),
		  m->armed);
	m->armed = false;
}

/* Mostly near, sometimes far, sometimes past. */
static unsigned long
some_tick(void)
{
	unsigned long ahead = host_random();

	switch (host_below(8)) {
	case 0:
		return world.clk - host_below(40);
	case 1:
		return world.clk + (ahead & 0x7FFFFFFF);
	case 2:
		return world.clk + ahead % 65536;
	default:
		return world.clk + ahead % world.span;
	}
}

/* => the armed one that goes off first; NULL: none is armed */
static struct model *
first(void)
{
	struct model *best = NULL, *m;

	for (m = world.timers; m < ARRAY_END(world.timers); m++) {
		if (!m->armed)
			continue;
		if (!best || time_before(m->due, best->due) ||
		    (m->due == best->due && (int)(m->seq - best->seq) < 0))
			best = m;
	}
	return best;
}

static void
act(void)
{
	if (host_sometimes(3))
		disarm(any());
	else
		arm(any(), some_tick());
}

static void
fire(struct timer_list *t)
{
	struct model *m = from_timer(m, t, timer);

	EXPECT(m == first());
	EXPECT(!timer_pending(t));
	EXPECT(world.base.running == t);
	m->armed = false;
	world.clk = m->due + 1;
	world.fired++;
	if (host_sometimes(3))
		arm(m, some_tick());
	while (host_sometimes(3))
		act();
}

static void
run_until(unsigned long now)
{
	struct model *m;

	world.running = true;
	timer_base_run(&world.base, now);
	world.running = false;
	world.clk = now + 1;
	m = first();
	EXPECT(!m || time_after(m->due, now));
	EXPECT_EQ(world.base.clk, world.clk);
}

static void
reset(unsigned long clk, unsigned long span)
{
	struct model *m;

	timer_base_init(&world.base, clk);
	world.clk = clk;
	world.span = span;
	world.fired = 0;
	for (m = world.timers; m < ARRAY_END(world.timers); m++) {
		timer_setup(&m->timer, fire, 0);
		m->armed = false;
	}
}

static unsigned int
count_armed(void)
{
	unsigned int n = 0;

	for (const struct model *m = world.timers; m < ARRAY_END(world.timers);
	     m++)
		n += m->armed;
	return n;
}

/* Arm, disarm, let ticks pass: one by one, or late and many at once. */
static void
play(unsigned int rounds, unsigned int burst)
{
	struct timer_list copies[NR_TIMERS];
	unsigned long now;

	while (rounds-- && !host_failed()) {
		for (unsigned int i = host_below(8); i; i--)
			act();
		now = world.clk + (host_sometimes(8) ? host_below(burst) : 0);
		run_until(now);
		if (!host_sometimes(64))
			continue;
		EXPECT_EQ(timer_base_check(&world.base), 0);
		EXPECT_EQ(timer_base_list(&world.base, copies, NR_TIMERS),
			  count_armed());
	}
}

TEST(timer, random_timers_go_off_as_in_the_model)
{
	static const unsigned int spans[] = {2, 10, 50, 300, 3000, 100000};

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		reset(host_random(), spans[i]);
		play(60000, 400);
		EXPECT(world.fired > 10000 || spans[i] > 1000);
	}
}

TEST(timer, the_wrap_is_a_tick_like_any_other)
{
	for (unsigned int i = 0; i < 3000; i++) {
		reset(0ul - host_below(300), 1 + host_below(600));
		play(30, 60);
	}
}

/* Every digit of clk goes up here, one after the other and all at once. */
TEST(timer, a_turn_of_each_level_moves_its_timers_down)
{
	for (unsigned int shift = 4; shift < 32; shift += 4) {
		for (unsigned int i = 0; i < 2000; i++) {
			reset((host_random() << shift) - host_below(20),
			      host_sometimes(2) ? 40 : 1 + host_below(4096));
			play(12, 40);
		}
	}
}

TEST(timer, the_farthest_tick_is_2_to_the_31_away)
{
	static const unsigned long ahead[] = {0x7FFFFFFF, 0x7FFFFFFE,
					      0x40000000, 0x10000000};

	for (size_t i = 0; i < ARRAY_SIZE(ahead); i++) {
		unsigned long clk = host_random();

		reset(clk, 1);
		arm(&world.timers[0], clk + ahead[i]);
		run_until(clk + 300000);
		EXPECT_EQ(world.fired, 0);
		EXPECT_EQ(timer_base_check(&world.base), 0);
		disarm(&world.timers[0]);
	}
}

TEST(timer, more_than_there_is_room_for_are_counted_only)
{
	struct timer_list copies[2];

	reset(0, 100);
	for (unsigned int i = 0; i < 5; i++)
		arm(&world.timers[i], 10 * i);
	EXPECT_EQ(timer_base_list(&world.base, copies, 2), 5);
	EXPECT_EQ(timer_base_list(&world.base, NULL, 0), 5);
	EXPECT_EQ(copies[0].expires, 0);
	EXPECT_EQ(copies[1].expires, 10);
}
