/* test_printf.c - lib/printf.c against the host's vsnprintf, and alone where
 * the two differ on purpose (%p, %pS, %pa).
 *
 * A round draws a format and its arguments. The arguments are words in an
 * array: on i386 a va_list is a pointer to just that,
 *
 *     "%-*d|%llx"      | width | int | low half | high half |
 *                      ^ va_list
 *
 * so one round may mix any types and both functions get the same words.
 */
#include "host.h"
#include "printf.h"
#include "string.h"
#include "types.h"

#define ROUNDS 300000
#define ROOM   1024 /* for one text; a longer one is cut by both */
#define CANARY 0xEE

static struct {
	char fmt[256];
	size_t fmt_len;
	u32 args[64];
	size_t nr_args;
} draw;

static void
draw_char(char c)
{
	draw.fmt[draw.fmt_len++] = c;
	draw.fmt[draw.fmt_len] = '\0';
}

static void
draw_text(const char *s)
{
	while (*s)
		draw_char(*s++);
}

static void
draw_arg(u64 value, size_t size)
{
	draw.args[draw.nr_args++] = (u32)value;
	if (size == 8)
		draw.args[draw.nr_args++] = (u32)(value >> 32);
}

/* Ends of ranges, and all magnitudes alike. */
static u64
draw_value(void)
{
	u64 value = (u64)host_random() << 32 | host_random();

	if (host_sometimes(3)) /* a power of two, or 1 or 2 below; 0 and -1 */
		return (1ull << host_below(64)) - host_below(3);
	return value >> host_below(64);
}

/* A number below n, written into the format or passed for a '*'. */
static void
draw_field(unsigned int n, bool negative)
{
	unsigned int value = host_below(n);
	char digits[16], *d = digits + sizeof(digits);

	if (host_sometimes(3)) {
		draw_char('*');
		draw_arg(negative ? -value : value, 4);
		return;
	}
	if (!value)
		return;
	for (*--d = '\0'; value; value /= 10)
		*--d = (char)('0' + value % 10);
	draw_text(d);
}

static void
draw_flags(const char *flags)
{
	while (host_sometimes(2))
		draw_char(flags[host_below((unsigned int)libc_strlen(flags))]);
}

static void
draw_integer(void)
{
	static const char *const lengths[] = {"hh", "h", "", "l",
					      "ll", "z", "t"};
	const char *length = lengths[host_below(7)];

	draw_flags("-+ #0");
	if (host_sometimes(2))
		draw_field(host_sometimes(20) ? 400 : 30, host_sometimes(2));
	if (host_sometimes(2)) {
		draw_char('.');
		draw_field(host_sometimes(20) ? 400 : 30, host_sometimes(4));
	}
	draw_text(length);
	draw_char("diuxXo"[host_below(6)]);
	draw_arg(draw_value(), libc_strcmp(length, "ll") ? 4 : 8);
}

/* The flags '0' and '#' mean nothing here in C, so they are left out. */
static void
draw_string(void)
{
	static const char *const strings[] = {
		"",
		"x",
		"kmalloc",
		"a rather long one, forty characters long",
		"100% \n\t\377",
		NULL};
	const char *s = strings[host_below(6)];

	draw_flags("-+ ");
	if (host_sometimes(2))
		draw_field(60, host_sometimes(2));
	if (s && host_sometimes(2)) { /* the host cuts "(null)" otherwise */
		draw_char('.');
		draw_field(50, host_sometimes(4));
	}
	draw_char('s');
	draw_arg((uintptr_t)s, 4);
}

static void
draw_character(void)
{
	draw_flags("-");
	if (host_sometimes(2))
		draw_field(30, host_sometimes(2));
	draw_char('c');
	draw_arg(host_random(), 4);
}

static void
draw_format(void)
{
	unsigned int pieces = 1 + host_below(4);

	draw.fmt_len = 0;
	draw.nr_args = 0;
	draw.fmt[0] = '\0';
	while (pieces--) {
		if (host_sometimes(3))
			draw_text("0x1f is ");
		if (host_sometimes(10))
			draw_text("%%");
		draw_char('%');
		switch (host_below(8)) {
		case 0:
			draw_character();
			break;
		case 1:
		case 2:
			draw_string();
			break;
		default:
			draw_integer();
			break;
		}
	}
}

static bool
all_canary(const u8 *p, size_t n)
{
	while (n && *p == CANARY) {
		n--;
		p++;
	}
	return n == 0;
}

/* Both texts, cut to size: same length, same bytes, nothing behind. */
static bool
compare(size_t size)
{
	va_list ap = (va_list)draw.args;
	char ours[ROOM], theirs[ROOM];
	int our_len, their_len;
	size_t written;

	libc_memset(ours, CANARY, ROOM);
	libc_memset(theirs, CANARY, ROOM);
	our_len = vsnprintf(ours, size, draw.fmt, ap);
	their_len = libc_vsnprintf(theirs, size, draw.fmt, ap);
	written = (size_t)their_len < size ? (size_t)their_len + 1 : size;
	if (our_len == their_len && !libc_memcmp(ours, theirs, written) &&
	    all_canary((u8 *)ours + written, ROOM - written))
		return true;
	ours[ROOM - 1] = theirs[ROOM - 1] = '\0';
	host_note("format \"%s\", size %zu", draw.fmt, size);
	host_note("ours   %d \"%s\"", our_len, size ? ours : "");
	host_note("theirs %d \"%s\"", their_len, size ? theirs : "");
	return false;
}

TEST(printf, random_formats_print_what_the_host_prints)
{
	unsigned int round;

	for (round = 0; round < ROUNDS && !host_failed(); round++) {
		draw_format();
		EXPECT(compare(ROOM));
	}
}

TEST(printf, a_short_buffer_cuts_as_the_host_does)
{
	unsigned int round;

	for (round = 0; round < ROUNDS && !host_failed(); round++) {
		draw_format();
		EXPECT(compare(host_below(host_sometimes(2) ? 16 : 120)));
	}
}

TEST(printf, the_last_byte_is_respected)
{
	char *buf;
	size_t size;

	for (size = 0; size < 20; size++) {
		buf = host_guarded(size);
		ASSERT(buf);
		EXPECT_EQ(snprintf(buf, size, "%s %04x", "overflow", 0xab), 13);
	}
}

TEST(printf, a_size_of_zero_needs_no_buffer)
{
	EXPECT_EQ(snprintf(NULL, 0, "%d", 12345), 5);
	EXPECT_EQ(scnprintf(NULL, 0, "%d", 12345), 0);
}

TEST(printf, scnprintf_returns_what_it_wrote)
{
	char buf[8];

	EXPECT_EQ(scnprintf(buf, sizeof(buf), "%s", "1234567"), 7);
	EXPECT_EQ(scnprintf(buf, sizeof(buf), "%s", "12345678"), 7);
	EXPECT_STREQ(buf, "1234567");
	EXPECT_EQ(scnprintf(buf, 1, "x"), 0);
	EXPECT_STREQ(buf, "");
}

TEST(printf, a_string_is_read_no_further_than_its_precision)
{
	char buf[16], *s = host_guarded(4);

	ASSERT(s);
	libc_memcpy(s, "abcd", 4); /* no terminator */
	EXPECT_EQ(snprintf(buf, sizeof(buf), "%.4s", s), 4);
	EXPECT_STREQ(buf, "abcd");
}

/* The formats below are wrong on purpose, or ours alone: the compiler may not
 * check them. */
static const char *
format(const char *fmt, ...)
{
	static char buf[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return buf;
}

TEST(printf, null_strings_say_so)
{
	EXPECT_STREQ(format("%s", NULL), "(null)");
	EXPECT_STREQ(format("[%8s]", NULL), "[  (null)]");
	EXPECT_STREQ(format("%.3s", NULL), "(nu");
}

TEST(printf, pointers_have_eight_digits)
{
	EXPECT_STREQ(format("%p", NULL), "0x00000000");
	EXPECT_STREQ(format("%p", (void *)0xC0100ABC), "0xc0100abc");
	EXPECT_STREQ(format("[%12p]", (void *)1), "[  0x00000001]");
	EXPECT_STREQ(format("[%-12p]", (void *)1), "[0x00000001  ]");
	EXPECT_STREQ(format("%px", (void *)1), "0x00000001x");
}

TEST(printf, physical_addresses_are_read_through_a_pointer)
{
	phys_addr_t pa = 0x100000;

	EXPECT_STREQ(format("%pa", &pa), "0x00100000");
	EXPECT_STREQ(format("[%-11pa]", &pa), "[0x00100000 ]");
}

static size_t
fake_symbol(char *buf, size_t size, u32 address)
{
	return (size_t)scnprintf(buf, size, "vmalloc+%#x/0x40",
				 address - 0xC0100000);
}

TEST(printf, symbols_have_names_once_there_is_a_table)
{
	void *address = (void *)0xC0100012;

	EXPECT_STREQ(format("%pS", address), "0xc0100012");
	printf_set_symbol(fake_symbol);
	EXPECT_STREQ(format("%pS.", address), "vmalloc+0x12/0x40.");
	EXPECT_STREQ(format("[%-20pS]", address), "[vmalloc+0x12/0x40   ]");
	EXPECT_STREQ(format("%p", address), "0xc0100012");
	printf_set_symbol(NULL);
}

TEST(printf, unknown_conversions_stay_visible)
{
	EXPECT_STREQ(format("%d%%", 5), "5%");
	EXPECT_STREQ(format("%q %d", 5), "%q 5");
	EXPECT_STREQ(format("%-5.2lk!"), "%-5.2lk!");
	EXPECT_STREQ(format("100%"), "100%");
	EXPECT_STREQ(format("100%-5"), "100%-5");
}

static int
format_length(const char *fmt, ...)
{
	char buf[8];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return len;
}

TEST(printf, wild_widths_cost_little)
{
	EXPECT_EQ(format_length("%32766d", 1), 32766);
	EXPECT_EQ(format_length("%32768d", 1), 32767);
	EXPECT_EQ(format_length("%99999999999999999999d", 1), 32767);
	EXPECT_EQ(format_length("%*d", 0x7FFFFFFF, 1), 32767);
	EXPECT_EQ(format_length("%*d", -0x7FFFFFFF - 1, 1), 32767);
	EXPECT_EQ(format_length("%.*d", 0x7FFFFFFF, 1), 32767);
	EXPECT_EQ(format_length("%.*d", -0x7FFFFFFF - 1, 1), 1);
}
