/* tick.c - when the timer's interrupt comes next: at the tick, or before.
 *
 *   periodic (at boot; for ever without a TSC)
 *      |     |     |     |     |     |     the PIT repeats by itself
 *
 *   one-shot (once the TSC's rate is known)
 *      |     | !   |     |                     |      |
 *      tick   hrtimer    tick, then idle: none before a timer of the wheel
 *                        may be due, or an interrupt comes
 *
 * In one-shot mode each interrupt says when the next shall be: at the next tick
 * or at the first hrtimer, whichever is earlier. Ticks are counted by the clock
 * then: whoever comes late counts all that have passed. While the CPU is idle
 * nobody needs a tick; an interrupt that ends the idleness first sets jiffies
 * right (tick_end_idle), and nobody ever reads an old one.
 *
 * Locking: (I) the CPU's own, interrupts off.
 * Limits: the PIT counts 54 ms at most, and the wheel is not asked beyond the
 * end of its lowest level's turn (64 ms): an idle CPU still wakes 20 to 30 times a
 * second.
 */
#include "drivers.h"
#include "hrtimer.h"
#include "sched.h"
#include "tick.h"
#include "time.h"
#include "timer.h"
#include "util.h"

#define MIN_WAIT 2000u                /* ns: two counts of the PIT */
#define MAX_WAIT (50 * NSEC_PER_MSEC) /* its 16 bits hold 54.9 ms */

DEFINE_PER_CPU(bool, tick_idle_var);

static struct {
	bool oneshot;
	ktime_t next;  /* (I) when jiffies goes up */
	ktime_t quiet; /* (I) while idle: the first tick that may be needed */
	void (*hook)(void);
} tick;

void
tick_set_hook(void (*fn)(void))
{
	tick.hook = fn;
}

static void
count(unsigned long ticks)
{
	void (*hook)(void) = READ_ONCE(tick.hook);

	jiffies += ticks;
	timers_tick();
	sched_tick();
	if (hook)
		hook();
}

/* All the ticks that have passed. */
static void
count_until(ktime_t now)
{
	u64 late = (u64)(now - tick.next);

	if (now < tick.next)
		return;
	do_div(late, TICK_NSEC);
	tick.next += (ktime_t)(late + 1) * TICK_NSEC;
	count((unsigned long)late + 1);
}

/* The next interrupt: at the tick, or at the first hrtimer. One that is due
 * now is called by the softirq that this interrupt has raised. */
static void
program(ktime_t hrtimer)
{
	ktime_t now = ktime_get();
	ktime_t at = this_cpu(tick_idle_var) ? tick.quiet : tick.next;

	if (hrtimer > now)
		at = min(at, hrtimer);
	at = min(at, now + (ktime_t)MAX_WAIT);
	pit_oneshot((u32)max(at - now, (ktime_t)MIN_WAIT));
}

/* Somebody has armed an hrtimer that is now the first. */
static void
program_hrtimer(ktime_t expires)
{
	ktime_t now = ktime_get();

	if (tick.oneshot)
		program(max(expires, now + (ktime_t)MIN_WAIT));
}

static void
go_oneshot(void)
{
	tick.next = ktime_get() + TICK_NSEC;
	tick.oneshot = true;
	program(hrtimer_next());
}

void
tick_interrupt(void)
{
	ktime_t now;

	if (!tick.oneshot) {
		time_tick();
		count(1);
		if (time_is_exact())
			go_oneshot();
		return;
	}
	now = ktime_get();
	count_until(now);
	if (hrtimer_next() <= now)
		timers_tick();
	program(hrtimer_next());
}

void
tick_begin_idle(void)
{
	unsigned int ticks;

	if (!tick.oneshot)
		return;
	ticks = timer_base_quiet(&timer_base);
	if (!ticks)
		return;
	tick.quiet = tick.next + (ktime_t)ticks * TICK_NSEC;
	this_cpu(tick_idle_var) = true;
	program(hrtimer_next());
}

void
tick_end_idle(void)
{
	this_cpu(tick_idle_var) = false;
	count_until(ktime_get());
	program(hrtimer_next());
}

void
tick_init(void)
{
	hrtimer_set_program(program_hrtimer);
	pit_init();
}
