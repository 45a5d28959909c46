/* test_rtc.c - the machine's clock: every format, leap days, centuries' ends.
 */
#include "drivers.h"
#include "test.h"
#include "util.h"

#define BINARY   0x04
#define HOURS_24 0x02

struct moment {
	u8 fields[6]; /* second, minute, hour, day, month, year */
	u8 format;
	u32 seconds; /* since 1970, as `date -u -d ... +%s` says */
};

TEST(rtc, dates_become_seconds)
{
	static const struct moment moments[] = {
		{{0, 0, 0, 1, 1, 0}, BINARY | HOURS_24, 946684800},
		{{59, 59, 23, 28, 2, 0}, BINARY | HOURS_24, 951782399},
		{{0, 0, 0, 29, 2, 0}, BINARY | HOURS_24, 951782400},
		{{0, 0, 0, 1, 3, 1}, BINARY | HOURS_24, 983404800},
		{{56, 34, 12, 31, 12, 24}, BINARY | HOURS_24, 1735648496},
		{{0, 0, 0, 1, 1, 99}, BINARY | HOURS_24, 4070908800u},
		{{0x56, 0x34, 0x12, 0x31, 0x12, 0x24}, HOURS_24, 1735648496},
		{{56, 34, 12 | 0x80, 31, 12, 24}, BINARY, 1735648496},
		{{0x56, 0x34, 0x12, 0x31, 0x12, 0x24}, 0, 1735605296},
		{{0x56, 0x34, 0x91, 0x31, 0x12, 0x24}, 0, 1735688096},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(moments); i++)
		EXPECT_EQ(rtc_seconds(moments[i].fields, moments[i].format),
			  moments[i].seconds);
}

TEST(rtc, the_clock_is_read)
{
	u32 before = rtc_read(), after = rtc_read();

	EXPECT_OP(after - before, <=, 1);
	EXPECT_OP(before, >, 1700000000u); /* this was written later */
}
