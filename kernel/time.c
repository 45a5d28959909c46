/* time.c - nanoseconds since boot.
 *
 *   boot_tsc   base                now
 *   |----------|-------------------|   ns = base.ns +
 *    slope 1    slope 2                     (now - base.tsc) * mult / 2^22
 *
 * The slope is known to 2 % from the start (pit_calibrate_tsc, 1 ms). Then a
 * second of ticks that came regularly makes it exact: the clock goes on from
 * where it is, only at the right speed. Ticks that come late, or in bursts, on
 * a busy host, are no measure: the second begins anew.
 * A CPU without a TSC has only ticks: mult is 0, base.ns goes up with each.
 *
 * Guarantees: ktime_get never goes back, and can be called anywhere, even from
 * a fault in the middle of publish().
 *
 * Locking: none. There are two copies; a reader uses the one that seq's low
 * bit names, while the writer (the tick) fills the other and then moves on.
 *
 * Limits: another CPU's TSC is taken to be the same.
 */
#include "boot.h"
#include "cpu.h"
#include "delay.h"
#include "drivers.h"
#include "jiffies.h"
#include "printk.h"
#include "time.h"
#include "util.h"
#include "x86.h"

/* 10^6 << 22 fits 32 bits when divided by 1000 kHz or more, and one step of
 * mult is one part in a million for 4 GHz. */
#define SHIFT   22
#define MIN_KHZ 1000

struct clock {
	u64 tsc;  /* at this count ... */
	u64 ns;   /* ... it was so late */
	u32 mult; /* ns per count, << SHIFT; 0: no TSC */
};

static struct {
	struct clock copy[2];
	u32 seq; /* its low bit: which copy is valid */
	void (*listener)(u64 tsc, u64 ns, u32 mult); /* (C) or NULL */

	struct { /* of the second under way; the tick only */
		bool done;
		unsigned int ticks; /* regular ones, so far */
		u64 start, last;    /* TSC at the first, at the latest */
		u64 gap;            /* between the latest two */
	} refine;
} state;

static u64
clock_at(const struct clock *clock, u64 tsc)
{
	u64 delta = tsc - clock->tsc;

	return clock->ns + (((delta >> 32) * clock->mult) << (32 - SHIFT)) +
	       (((u64)(u32)delta * clock->mult) >> SHIFT);
}

ktime_t
ktime_get(void)
{
	const struct clock *clock;
	u32 seq;
	u64 ns;

	do {
		seq = READ_ONCE(state.seq);
		clock = &state.copy[seq & 1];
		barrier();
		ns = clock->mult ? clock_at(clock, rdtsc()) : clock->ns;
		barrier();
	} while (unlikely(seq != READ_ONCE(state.seq)));
	return (ktime_t)ns;
}

u64
clock_us(void)
{
	u64 us = (u64)ktime_get();

	do_div(us, NSEC_PER_USEC);
	return us;
}

static void
tell_listener(void)
{
	const struct clock *clock = &state.copy[state.seq & 1];

	if (state.listener)
		state.listener(clock->tsc, clock->ns, clock->mult);
}

static void
publish(u64 tsc, u64 ns, u32 khz)
{
	u64 mult = (u64)NSEC_PER_MSEC << SHIFT;

	if (khz)
		do_div(mult, khz);
	state.copy[(state.seq + 1) & 1] =
		(struct clock){tsc, ns, khz ? (u32)mult : 0};
	barrier();
	WRITE_ONCE(state.seq, state.seq + 1);
	tell_listener();
}

void
time_set_listener(void (*fn)(u64 tsc, u64 ns, u32 mult))
{
	state.listener = fn;
	tell_listener();
}

/* HZ ticks in a row, each as long as the one before to an eighth, are a
 * second: neither was one lost nor did one come late by much. */
static void
refine_tsc(void)
{
	u64 now = rdtsc(), gap = now - state.refine.last, khz;
	s64 off = (s64)(gap - state.refine.gap);

	state.refine.last = now;
	state.refine.gap = gap;
	if ((u64)(off < 0 ? -off : off) > gap >> 3) {
		state.refine.ticks = 0;
		state.refine.start = now;
		return;
	}
	if (++state.refine.ticks < HZ)
		return;
	state.refine.done = true;
	khz = (now - state.refine.start) * NSEC_PER_MSEC;
	do_div(khz, HZ * TICK_NSEC);
	publish(now, clock_at(&state.copy[state.seq & 1], now), (u32)khz);
	boot_cpu.tsc_khz = (u32)khz;
}

void
time_tick(void)
{
	if (!boot_cpu.tsc_khz)
		publish(0, (u64)ktime_get() + TICK_NSEC, 0);
	else if (unlikely(!state.refine.done))
		refine_tsc();
}

bool
time_is_exact(void)
{
	return state.refine.done;
}

ktime_t
ktime_get_real(void)
{
	static ktime_t offset; /* (C) once it is not 0 */

	if (!offset)
		offset = (ktime_t)rtc_read() * NSEC_PER_SEC - ktime_get();
	return ktime_get() + offset;
}

void
delay_ns(u64 ns)
{
	ktime_t start = ktime_get();

	if (!boot_cpu.tsc_khz) {
		do_div(ns, NSEC_PER_USEC);
		pit_delay((u32)ns + 1);
		return;
	}
	while ((u64)(ktime_get() - start) < ns)
		cpu_relax();
}

void
time_init(void)
{
	if (cpu_has(X86_FEATURE_TSC))
		boot_cpu.tsc_khz = pit_calibrate_tsc() ?: rtc_calibrate_tsc();
	if (boot_cpu.tsc_khz < MIN_KHZ)
		boot_cpu.tsc_khz = 0; /* no use as a clock */
	publish(boot_tsc, 0, boot_cpu.tsc_khz);
	printk_set_clock(clock_us);
}
