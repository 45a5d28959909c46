/* pit.c - the 8254 timer: the tick, and a millisecond to measure by.
 *
 *   1193182 Hz --+--> channel 0: / 4773 --> irq 0, 250 a second: the tick;
 *                |               or counts down once --> irq 0 (tick.c)
 *                +--> channel 2: counts 1193 down once, then its output, bit 5
 *                     of port 0x61, goes high: 1 ms has passed
 */
#include "drivers.h"
#include "internal.h"
#include "irq.h"
#include "printk.h"
#include "tick.h"
#include "time.h"
#include "util.h"
#include "x86.h"

#define PIT_HZ 1193182 /* a third of the colour television's 3.579545 MHz */

#define CHANNEL_0 0x40
#define CHANNEL_2 0x42
#define COMMAND   0x43
#define SYSTEM    0x61 /* channel 2's gate and output, and the speaker */

/* Command: both bytes of the count, low one first. */
#define CHANNEL_0_RATE  0x34 /* mode 2: a pulse each time it reaches 0 */
#define CHANNEL_0_ONCE  0x30 /* mode 0: high when it reaches 0, once */
#define CHANNEL_0_LATCH 0x00 /* the next two reads: the count right now */
#define CHANNEL_2_ONCE  0xB0 /* mode 0: output high when it reaches 0 */
#define CHANNEL_2_LATCH 0x80 /* as CHANNEL_0_LATCH */

#define SYSTEM_GATE    0x01 /* channel 2 counts */
#define SYSTEM_SPEAKER 0x02
#define SYSTEM_OUTPUT  0x20

/* 1193182 / 250 = 4772.7, so the tick is 0.006 % slow. */
#define TICK_COUNT ((PIT_HZ + HZ / 2) / HZ)

static_assert(TICK_NSEC == ((u64)TICK_COUNT * 1000000000 + PIT_HZ / 2) / PIT_HZ,
	      "drivers.h");

#define MS_COUNT ((PIT_HZ + 500) / 1000) /* 1193.2 */

/* One poll is the loop below (about 100 instructions) and a port read: 50 ns
 * at least, mostly much more. Then a millisecond is 20000 of them at most. */
#define POLL_LOOPS 50
#define MAX_POLLS  400000

/* A measurement is good if it ended within 16 us (19 / PIT_HZ) of the
 * millisecond; else (a hypervisor had other plans) we try again. */
#define GOOD_LATE 19
#define MAX_TRIES 5

#define MAX_LOOKS 50000 /* at a count that changes every 838 ns */

static bool dead; /* it does not count (C) */

static irqreturn_t
pit_irq(int irq __maybe_unused, void *dev __maybe_unused)
{
	tick_interrupt();
	return IRQ_HANDLED;
}

static void
set_count(u16 channel, unsigned int count)
{
	outb(count & 0xFF, channel);
	outb(count >> 8, channel);
}

/* Each new count starts it anew; the mode is set only once. */
void
pit_oneshot(u32 ns)
{
	static bool once; /* (I) */
	u64 counts = (u64)ns * PIT_HZ;

	do_div(counts, NSEC_PER_SEC);
	if (!once)
		outb(CHANNEL_0_ONCE, COMMAND);
	once = true;
	set_count(CHANNEL_0, (u32)counts + 1);
}

static unsigned int
latched(u8 command, u16 channel)
{
	unsigned int count;

	outb(command, COMMAND);
	count = inb(channel);
	return count | (unsigned int)inb(channel) << 8;
}

static bool
counts(void)
{
	unsigned int first = latched(CHANNEL_0_LATCH, CHANNEL_0);

	for (unsigned int i = 0; i < MAX_LOOKS; i++)
		if (latched(CHANNEL_0_LATCH, CHANNEL_0) != first)
			return true;
	return false;
}

void
pit_init(void)
{
	outb(CHANNEL_0_RATE, COMMAND);
	set_count(CHANNEL_0, TICK_COUNT);
	dead = !counts();
	if (!dead && request_irq(IRQ_TIMER, pit_irq, 0, "timer", NULL))
		pr_err("pit: interrupt %d is taken: no tick\n", IRQ_TIMER);
	else if (dead && rtc_tick_init(pit_irq))
		pr_warn("pit: the timer does not count: the clock chip (RTC) "
			"ticks instead\n");
	else if (dead)
		pr_err("pit: the timer does not count, nor does the RTC tick: "
		       "whatever waits for a time waits for ever\n");
}

/* The count goes down from TICK_COUNT, once a tick; what is missing since the
 * last look has passed, at least. */
void
pit_delay(u32 us)
{
	u64 counts = (u64)us * PIT_HZ;
	unsigned int last = 0, now, passed = 0;
	unsigned long flags;

	if (dead) {
		rtc_delay(us);
		return;
	}
	do_div(counts, 1000000);
	while (passed <= (u32)counts) {
		flags = local_irq_save(); /* three accesses, one question */
		now = latched(CHANNEL_0_LATCH, CHANNEL_0);
		local_irq_restore(flags);
		if (last)
			passed += last - now + (last < now ? TICK_COUNT : 0);
		last = now;
	}
}

/* Let channel 2 count a millisecond. Whatever disturbs us only adds to the
 * ticks returned; *late is by how many counts the end was seen late.
 * => 0 if it never ends, or has ended before we looked: then nothing answers
 *    (the bus reads 0xFF) or we were away for longer */
static u64
measure(unsigned int *late)
{
	unsigned int polls = 0;
	u64 start, ticks;

	outb(CHANNEL_2_ONCE, COMMAND);
	start = rdtsc();
	set_count(CHANNEL_2, MS_COUNT);
	while (!(inb(SYSTEM) & SYSTEM_OUTPUT)) {
		if (++polls == MAX_POLLS)
			return 0;
		/* Port reads are dear in an emulator: not all the time. */
		for (int i = 0; i < POLL_LOOPS; i++)
			barrier();
	}
	ticks = rdtsc() - start;
	if (polls == 0)
		return 0;

	/* It has gone on counting, from 0xFFFF down. */
	*late = -latched(CHANNEL_2_LATCH, CHANNEL_2) & 0xFFFF;
	return ticks;
}

u32
pit_calibrate_tsc(void)
{
	u8 system = inb(SYSTEM);
	unsigned int late = GOOD_LATE + 1;
	u64 best = 0;

	outb((system & ~SYSTEM_SPEAKER) | SYSTEM_GATE, SYSTEM);
	for (int i = 0; i < MAX_TRIES && late > GOOD_LATE; i++) {
		u64 ticks = measure(&late);

		if (ticks && (!best || ticks < best))
			best = ticks;
	}
	outb(system & ~(SYSTEM_SPEAKER | SYSTEM_GATE), SYSTEM);

	/* In MS_COUNT / PIT_HZ seconds, to be exact. */
	best *= PIT_HZ;
	do_div(best, MS_COUNT * 1000);
	return (u32)best;
}
