/* test_kernel.c - the services everyone stands on: symbols, log, options,
 * ticks, the registration tables.
 */
#include "../../linux/process.h"
#include "boot.h"
#include "command.h"
#include "cpu.h"
#include "drivers.h"
#include "errno.h"
#include "error.h"
#include "param.h"
#include "printf.h"
#include "printk.h"
#include "string.h"
#include "symbols.h"
#include "sched.h"
#include "test.h"
#include "util.h"
#include "x86.h"

TEST(symbols, a_function_is_found_by_address_and_by_name)
{
	struct symbol sym;

	ASSERT(symbol_find((u32)symbol_find + 1, &sym));
	EXPECT_STREQ(sym.name, "symbol_find");
	EXPECT_EQ(sym.address, (u32)symbol_find);
	ASSERT(symbol_lookup("kmain", &sym));
	EXPECT_EQ(sym.address, (u32)kmain);
	EXPECT(!symbol_lookup("no_such_symbol", &sym));
}

TEST(symbols, addresses_outside_the_image_have_none)
{
	struct symbol sym;

	EXPECT(!symbol_find(0, &sym));
	EXPECT(!symbol_find(0x00500000, &sym));
	EXPECT(!symbol_find(0xFFFFFFFF, &sym));
}

TEST(symbols, the_table_is_sorted)
{
	struct symbol sym, next;
	size_t n;

	for (n = 0; symbol_nth(n, &sym) && symbol_nth(n + 1, &next); n++)
		ASSERT(sym.address < next.address);
	EXPECT(n > 100);
}

TEST(symbols, printf_prints_them)
{
	char text[64];

	snprintf(text, sizeof(text), "%pS", (char *)kmain + 4);
	text[strlen("kmain+0x4/")] = '\0';
	EXPECT_STREQ(text, "kmain+0x4/");
}

/* Find the newest line that holds the text. */
static bool
in_log(const char *text)
{
	char line[200];
	size_t pos = log_first();
	bool found = false;
	int level;

	while (log_next(&pos, line, sizeof(line), &level))
		found |= strstr(line, text) != NULL;
	return found;
}

TEST(printk, messages_are_kept_with_their_level)
{
	unsigned int before = printk_count(4);

	pr_debug("a message for the log test, %d\n", 42);
	EXPECT(in_log("a message for the log test, 42"));
	EXPECT_EQ(printk_count(4), before);
	EXPECT(!in_log("a message that was never printed"));
}

TEST(printk, the_oldest_messages_make_room_for_new_ones)
{
	char line[200];
	size_t pos = log_first();
	int level, i;

	for (i = 0; i < 600; i++)
		pr_debug("filling the ring, line %d\n", i);
	EXPECT(in_log("filling the ring, line 599"));
	EXPECT(!in_log("filling the ring, line 1\n"));
	EXPECT(log_first() > pos);
	/* A reader that fell behind goes on at the oldest. */
	EXPECT(log_next(&pos, line, sizeof(line), &level) > 0);
	EXPECT(strstr(line, "filling the ring"));
}

TEST(printk, a_long_message_is_cut)
{
	char line[600];
	size_t pos, last = 0;
	int level;

	pr_debug("%0500d\n", 7);
	for (pos = log_first(); log_next(&pos, line, sizeof(line), &level);)
		last = strlen(line);
	EXPECT(last > 300 && last < 450);
}

TEST(param, sizes_have_suffixes)
{
	u32 bytes = 0;

	EXPECT_EQ(parse_size("4096", &bytes), 0);
	EXPECT_EQ(bytes, 4096u);
	EXPECT_EQ(parse_size("64k", &bytes), 0);
	EXPECT_EQ(bytes, 65536u);
	EXPECT_EQ(parse_size("0x10M", &bytes), 0);
	EXPECT_EQ(bytes, 16u << 20);
	EXPECT_EQ(parse_size("3G", &bytes), 0);
	EXPECT_EQ(bytes, 3u << 30);
	EXPECT_EQ(parse_size("4G", &bytes), -ERANGE);
	EXPECT_EQ(parse_size("", &bytes), -EINVAL);
	EXPECT_EQ(parse_size("M", &bytes), -EINVAL);
	EXPECT_EQ(parse_size("12x", &bytes), -EINVAL);
	EXPECT_EQ(parse_size("-1", &bytes), -EINVAL);
}

TEST(param, an_unknown_option_is_named_in_the_log)
{
	static const char line[] = "frobnicate=9 mem=lots";

	params_parse(line);
	EXPECT(in_log("unknown option 'frobnicate'"));
	EXPECT(in_log("mem='lots' makes no sense"));
}

TEST(time, the_clock_goes_forward_and_agrees_with_the_tick)
{
	u64 start, us;
	unsigned long tick;
	u32 battery;

	if (!boot_cpu.tsc_khz) {
		test_skip("no time stamp counter");
		return;
	}
	battery = rtc_read();
	tick = jiffies;
	start = clock_us();
	while (jiffies - tick < HZ)
		schedule_timeout_uninterruptible(1);
	us = clock_us() - start;
	battery = rtc_read() - battery;
	/* A busy host makes ticks late, so that some come at once, and others
	 * never; but the clock with the battery, in seconds, does go on. */
	EXPECT_OP(us, >, (u64)500000);
	EXPECT_OP(us, <, ((u64)battery + 1) * 1100000);
}

TEST(monitor, errors_and_signals_have_names)
{
	EXPECT_STREQ(error_text(-ENOENT), "no such file or directory (ENOENT)");
	EXPECT_STREQ(error_text(ENOENT), error_text(-ENOENT));
	EXPECT_STREQ(error_text(0), "unknown error");
	EXPECT_STREQ(error_text(-5000), "unknown error");
	for (int sig = 1; sig <= NSIG; sig++)
		EXPECT(signal_name(sig));
	EXPECT(!signal_name(0) && !signal_name(NSIG + 1));
	EXPECT_STREQ(signal_name(SIGSEGV), "SIGSEGV");
	EXPECT_STREQ(signal_name(SIGSYS), "SIGSYS");
	EXPECT_EQ(signal_number("SIGKILL"), SIGKILL);
	EXPECT_EQ(signal_number("KILL"), SIGKILL);
	EXPECT_EQ(signal_number("64"), 64);
	EXPECT_EQ(signal_number("65") | signal_number("") |
			  signal_number("-9") | signal_number("kil"),
		  0);
}

TEST(monitor, bad_command_lines_are_refused_not_fatal)
{
	static const char *const lines[] = {
		"",
		";",
		";;;",
		"   ",
		"nosuchcommand",
		"peek",
		"peek zzz",
		"poke 0",
		"pt",
		"pt 5G",
		"peek 0 0",
		"peek 0xffffffff 9",
		"\"unclosed",
		"help nosuch",
		"sym",
		"crash nosuch",
		"a b c d e f g h i j k l m n o p q r s t u v",
	};
	char line[80];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		strscpy(line, lines[i], sizeof(line));
		command_run(line);
	}
	strscpy(line, "nosuchcommand", sizeof(line));
	EXPECT_EQ(command_run(line), -ENOENT);
}
