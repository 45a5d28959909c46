/* rtc.c - the clock that runs on a battery: what day it is; and a tick, where
 * the 8254 gives none.
 *
 *   port 0x70: which register    port 0x71: its value
 *
 *   0 seconds  2 minutes  4 hours  7 day  8 month  9 year of the century
 *   10 status A: bit 7, an update is under way; how fast it ticks
 *   11 status B: the format; bit 6, it does tick, 256 times a second
 *   12 status C: it has, since the last look       --> irq 8
 *
 * Of 256 ticks 250 are passed on, so that each is HZ of a second on average.
 *
 * It is taken to show UTC, and a year of this century. Two readings that are
 * equal were not disturbed by an update.
 */
#include "drivers.h"
#include "internal.h"
#include "jiffies.h"
#include "sort.h"
#include "spinlock.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define RTC_INDEX 0x70
#define RTC_DATA  0x71

#define STATUS_A    10
#define STATUS_B    11
#define STATUS_C    12 /* reading it acknowledges the interrupt */
#define ABSENT      0xFF
#define A_UPDATING  0x80
#define A_RATE      0x0F
#define A_256_HZ    0x08
#define B_TICKS     0x40
#define B_BINARY    0x04 /* else two decimal digits a byte */
#define B_24_HOURS  0x02 /* else hour 1 to 12, with bit 7 for pm */
#define HOUR_PM     0x80
#define C_TICKED    0x40
#define MAX_READING 10000  /* polls of 1 us or so; an update takes 2 ms */
#define MAX_POLLS   100000 /* likewise; a tick takes 4 ms */
#define NR_MEASURED 9
#define RTC_HZ      256
#define IRQ_RTC     8

enum {
	SECOND,
	MINUTE,
	HOUR,
	DAY,
	MONTH,
	YEAR,
	NR_FIELDS
};

static DEFINE_SPINLOCK(rtc_lock); /* between index and data */

static u8
rtc_register(u8 index)
{
	unsigned long flags;
	u8 value;

	spin_lock_irqsave(&rtc_lock, flags);
	outb(index, RTC_INDEX);
	value = inb(RTC_DATA);
	spin_unlock_irqrestore(&rtc_lock, flags);
	return value;
}

/* Change the bits of mask to those of value. */
static void
rtc_change(u8 index, u8 mask, u8 value)
{
	unsigned long flags;

	spin_lock_irqsave(&rtc_lock, flags);
	outb(index, RTC_INDEX);
	value |= inb(RTC_DATA) & ~mask;
	outb(index, RTC_INDEX);
	outb(value, RTC_DATA);
	spin_unlock_irqrestore(&rtc_lock, flags);
}

static void
read_fields(u8 *fields)
{
	static const u8 registers[NR_FIELDS] = {0, 2, 4, 7, 8, 9};
	unsigned int i;

	for (i = 0; i < MAX_READING; i++)
		if (!(rtc_register(STATUS_A) & A_UPDATING))
			break;
	for (i = 0; i < NR_FIELDS; i++)
		fields[i] = rtc_register(registers[i]);
}

u32
rtc_seconds(const u8 *fields, u8 format)
{
	u32 value[NR_FIELDS], year, month, days;
	bool pm = !(format & B_24_HOURS) && (fields[HOUR] & HOUR_PM);

	for (unsigned int i = 0; i < NR_FIELDS; i++) {
		u8 field = fields[i] & (i == HOUR ? 0x7F : 0xFF);

		value[i] = format & B_BINARY
				   ? field
				   : (field >> 4) * 10u + (field & 15);
	}
	if (!(format & B_24_HOURS))
		value[HOUR] = value[HOUR] % 12 + (pm ? 12 : 0);
	/* A year from March on: 365 days, a leap day at its end; and its months
	 * have 153 days in every five. */
	month = (value[MONTH] + 9) % 12;
	year = 2000 + value[YEAR] - (month >= 10);
	days = year * 365 + year / 4 - year / 100 + year / 400 +
	       (month * 153 + 2) / 5 + value[DAY] - 1 - 719468;
	return ((days * 24 + value[HOUR]) * 60 + value[MINUTE]) * 60 +
	       value[SECOND];
}

u32
rtc_read(void)
{
	u8 fields[NR_FIELDS], again[NR_FIELDS];

	read_fields(again);
	for (unsigned int i = 0; i < 10; i++) {
		memcpy(fields, again, sizeof(fields));
		read_fields(again);
		if (!memcmp(fields, again, sizeof(fields)))
			break;
	}
	return rtc_seconds(fields, rtc_register(STATUS_B));
}

/* --- Where the 8254 does not tick --------------------------------------------- */

static struct {
	irq_handler_t handler;
	unsigned int due; /* of RTC_HZ; from there on a tick is passed on */
	u32 polls;        /* register reads that take as long as a tick (C) */
} tick;

static irqreturn_t
rtc_irq(int irq, void *dev)
{
	if (!(rtc_register(STATUS_C) & C_TICKED))
		return IRQ_NONE;
	tick.due += HZ;
	if (tick.due >= RTC_HZ) {
		tick.due -= RTC_HZ;
		return tick.handler(irq, dev);
	}
	return IRQ_HANDLED;
}

/* => how many looks it took; 0: it does not tick */
static u32
wait_for_tick(void)
{
	for (u32 i = 1; i < MAX_POLLS; i++)
		if (rtc_register(STATUS_C) & C_TICKED)
			return i;
	return 0;
}

static bool
rtc_ticks(void)
{
	if (rtc_register(STATUS_A) == ABSENT)
		return false;
	rtc_change(STATUS_A, A_RATE, A_256_HZ);
	rtc_change(STATUS_B, B_TICKS, B_TICKS);
	return wait_for_tick() && wait_for_tick();
}

static int
compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return (x > y) - (x < y);
}

/* How long a tick is, by the TSC or in looks: the median of some, since on a
 * busy host one that is seen late gets longer, and the next one shorter. */
static u32
measure(bool by_tsc)
{
	u32 counts[NR_MEASURED];

	for (unsigned int i = 0; i < NR_MEASURED; i++) {
		u64 start = by_tsc ? rdtsc() : 0;
		u32 looks = wait_for_tick();

		counts[i] = by_tsc ? (u32)(rdtsc() - start) : looks;
	}
	sort(counts, NR_MEASURED, sizeof(counts[0]), compare, NULL);
	return counts[NR_MEASURED / 2];
}

u32
rtc_calibrate_tsc(void)
{
	u64 khz = rtc_ticks() ? (u64)measure(true) * RTC_HZ : 0;

	rtc_change(STATUS_B, B_TICKS, 0);
	do_div(khz, 1000);
	return (u32)khz;
}

void
rtc_delay(u32 us)
{
	u64 polls = (u64)us * tick.polls * RTC_HZ;

	do_div(polls, 1000000);
	for (u32 i = 0; i <= (u32)polls; i++)
		rtc_register(STATUS_A);
}

bool
rtc_tick_init(irq_handler_t handler)
{
	if (!rtc_ticks())
		return false;
	tick.polls = measure(false);
	tick.handler = handler;
	return !request_irq(IRQ_RTC, rtc_irq, 0, "rtc", NULL);
}
