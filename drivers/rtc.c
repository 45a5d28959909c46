/* rtc.c - the clock that runs on a battery: what day it is.
 *
 *   port 0x70: which register    port 0x71: its value
 *
 *   0 seconds  2 minutes  4 hours  7 day  8 month  9 year of the century
 *   10 status A: bit 7, an update is under way     11 status B: the format
 *
 * It is taken to show UTC, and a year of this century. Two readings that are
 * equal were not disturbed by an update.
 */
#include "drivers.h"
#include "string.h"
#include "x86.h"

#define RTC_INDEX 0x70
#define RTC_DATA  0x71

#define STATUS_A    10
#define STATUS_B    11
#define A_UPDATING  0x80
#define B_BINARY    0x04 /* else two decimal digits a byte */
#define B_24_HOURS  0x02 /* else hour 1 to 12, with bit 7 for pm */
#define HOUR_PM     0x80
#define MAX_READING 10000 /* polls of 1 us or so; an update takes 2 ms */

enum {
	SECOND,
	MINUTE,
	HOUR,
	DAY,
	MONTH,
	YEAR,
	NR_FIELDS
};

static u8
rtc_register(u8 index)
{
	outb(index, RTC_INDEX);
	return inb(RTC_DATA);
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
