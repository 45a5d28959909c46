/* test_string.c - lib/string.c against the host's functions.
 *
 * The bytes around what a function may write are compared too, and strings
 * end where an unmapped page begins, since ASan does not see into the rep
 * instructions.
 */
#include "host.h"
#include "errno.h"
#include "string.h"
#include "types.h"

#define SPAN 40 /* every offset and length below this */

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static void
fill_random(u8 *p, size_t n)
{
	while (n--)
		*p++ = (u8)host_random();
}

/* A string of the given length in few letters, so that parts of it repeat. */
static void
random_string(char *s, size_t length, unsigned int letters)
{
	while (length--)
		*s++ = (char)('a' + host_below(letters));
	*s = '\0';
}

/* Copy inside one buffer, by us and by the host: all of it must be alike. */
static void
compare_move(size_t to, size_t from, size_t n)
{
	u8 ours[2 * SPAN], theirs[2 * SPAN];

	fill_random(ours, sizeof(ours));
	libc_memcpy(theirs, ours, sizeof(ours));
	EXPECT(memmove(ours + to, ours + from, n) == ours + to);
	libc_memmove(theirs + to, theirs + from, n);
	if (!EXPECT(libc_memcmp(ours, theirs, sizeof(ours)) == 0))
		host_note("memmove(+%zu, +%zu, %zu)", to, from, n);
}

TEST(string, memmove_at_every_overlap)
{
	size_t to, from, n;

	for (to = 0; to < SPAN && !host_failed(); to++)
		for (from = 0; from < SPAN; from++)
			for (n = 0; n < SPAN; n++)
				compare_move(to, from, n);
}

TEST(string, memcpy_at_every_offset_and_length)
{
	u8 ours[3 * SPAN], theirs[3 * SPAN], src[2 * SPAN];
	size_t to, from, n;

	fill_random(src, sizeof(src));
	fill_random(ours, sizeof(ours));
	libc_memcpy(theirs, ours, sizeof(ours));
	for (to = 0; to < 8; to++)
		for (from = 0; from < 8; from++)
			for (n = 0; n < 2 * SPAN - 8; n++) {
				EXPECT(memcpy(ours + to, src + from, n) ==
				       ours + to);
				libc_memcpy(theirs + to, src + from, n);
				ASSERT(!libc_memcmp(ours, theirs,
						    sizeof(ours)));
			}
}

TEST(string, memset_at_every_offset_and_length)
{
	u8 ours[2 * SPAN], theirs[2 * SPAN];
	size_t to, n;
	int c;

	fill_random(ours, sizeof(ours));
	libc_memcpy(theirs, ours, sizeof(ours));
	for (to = 0; to < SPAN; to++)
		for (n = 0; n < SPAN; n++) {
			c = (int)host_random(); /* only its low byte counts */
			EXPECT(memset(ours + to, c, n) == ours + to);
			libc_memset(theirs + to, c, n);
			ASSERT(!libc_memcmp(ours, theirs, sizeof(ours)));
		}
}

TEST(string, memory_functions_stop_at_the_last_byte)
{
	u8 *a, *b;
	size_t n;

	for (n = 0; n < SPAN; n++) {
		a = host_guarded(n);
		b = host_guarded(n);
		ASSERT(a && b);
		memset(a, 7, n);
		memcpy(b, a, n);
		memmove(b, a, n);
		EXPECT_EQ(memcmp(a, b, n), 0);
		EXPECT(memchr_inv(a, 7, n) == NULL);
	}
}

TEST(string, memcmp_has_the_hosts_sign)
{
	u8 a[SPAN], b[SPAN];
	unsigned int round;
	size_t n;

	for (round = 0; round < 100000; round++) {
		n = host_below(SPAN);
		fill_random(a, n);
		libc_memcpy(b, a, n);
		if (n && !host_sometimes(4))
			b[host_below((unsigned int)n)] = (u8)host_random();
		ASSERT_EQ(sign(memcmp(a, b, n)), sign(libc_memcmp(a, b, n)));
	}
}

TEST(string, memchr_inv_finds_the_first_other_byte)
{
	u8 a[SPAN];
	size_t n, i;

	for (n = 0; n < SPAN; n++)
		for (i = 0; i <= n; i++) {
			memset(a, 0x6B, n);
			if (i < n)
				a[i] = a[n - 1] = 0xEB;
			ASSERT(memchr_inv(a, 0x16B, n) ==
			       (i < n ? a + i : NULL));
		}
}

TEST(string, strlen_and_strnlen_stop_at_the_terminator)
{
	size_t n, max;
	char *s;

	for (n = 0; n < SPAN; n++) {
		s = host_guarded(n + 1);
		ASSERT(s);
		random_string(s, n, 26);
		EXPECT_EQ(strlen(s), n);
		for (max = 0; max < SPAN; max++)
			ASSERT_EQ(strnlen(s, max), libc_strnlen(s, max));
		s = host_guarded(n);
		ASSERT(s);
		memset(s, 'x', n); /* no terminator */
		EXPECT_EQ(strnlen(s, n), n);
	}
}

TEST(string, comparing_has_the_hosts_sign)
{
	char a[SPAN + 1], b[SPAN + 1];
	unsigned int round;
	size_t n;

	for (round = 0; round < 100000; round++) {
		random_string(a, host_below(SPAN), 26);
		libc_memcpy(b, a, sizeof(a));
		if (host_sometimes(2))
			b[host_below(SPAN)] = '\0';
		if (host_sometimes(2))
			b[host_below(SPAN)] = (char)host_random();
		b[SPAN] = '\0';
		n = host_below(SPAN + 4);
		ASSERT_EQ(sign(strcmp(a, b)), sign(libc_strcmp(a, b)));
		ASSERT_EQ(sign(strncmp(a, b, n)), sign(libc_strncmp(a, b, n)));
	}
}

TEST(string, searching_finds_what_the_host_finds)
{
	char s[SPAN + 1], what[8];
	unsigned int round;
	int c;

	for (round = 0; round < 100000; round++) {
		random_string(s, host_below(SPAN), 3);
		random_string(what, host_below(6), 3);
		c = host_sometimes(8) ? 0 : 'a' + (int)host_below(4);
		c += host_sometimes(8) ? 256 : 0; /* it is taken as a char */
		ASSERT(strchr(s, c) == libc_strchr(s, c));
		ASSERT(strrchr(s, c) == libc_strrchr(s, c));
		ASSERT(strstr(s, what) == libc_strstr(s, what));
	}
}

TEST(string, strscpy_cuts_and_terminates)
{
	char src[SPAN + 1], *dst;
	size_t length, size;
	ssize_t result;

	for (length = 0; length < SPAN; length++)
		for (size = 0; size < SPAN; size++) {
			random_string(src, length, 26);
			dst = host_guarded(size);
			ASSERT(dst);
			result = strscpy(dst, src, size);
			if (length < size) {
				ASSERT_EQ(result, (ssize_t)length);
				ASSERT(!libc_strcmp(dst, src));
				continue;
			}
			ASSERT_EQ(result, -E2BIG);
			if (!size)
				continue;
			ASSERT_EQ(libc_strnlen(dst, size), size - 1);
			ASSERT(!libc_memcmp(dst, src, size - 1));
		}
}

TEST(string, strscpy_reads_no_more_than_size)
{
	char dst[8], *src = host_guarded(8);

	ASSERT(src);
	libc_memset(src, 'x', 8); /* no terminator */
	EXPECT_EQ(strscpy(dst, src, 8), -E2BIG);
	EXPECT_STREQ(dst, "xxxxxxx");
}

/* The definition of matching, as it is: exponential, but easy to believe. */
static bool
slow_match(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return slow_match(pattern + 1, text) ||
		       (*text && slow_match(pattern, text + 1));
	if (!*pattern || !*text)
		return !*pattern && !*text;
	return (*pattern == '?' || *pattern == *text) &&
	       slow_match(pattern + 1, text + 1);
}

TEST(string, glob_matches_as_defined)
{
	static const char letters[] = "ab*?";
	char pattern[9], text[13];
	unsigned int round, i, n, matched = 0;

	for (round = 0; round < 300000; round++) {
		n = host_below(sizeof(pattern));
		for (i = 0; i < n; i++)
			pattern[i] = letters[host_below(4)];
		pattern[n] = '\0';
		random_string(text, host_below(sizeof(text) - 1), 2);
		matched += slow_match(pattern, text);
		if (!EXPECT_EQ(glob_match(pattern, text),
			       slow_match(pattern, text))) {
			host_note("pattern \"%s\" text \"%s\"", pattern, text);
			return;
		}
	}
	EXPECT(matched > 10000); /* else it was no test */
}

TEST(string, glob_is_quick_where_backtracking_explodes)
{
	char text[4001];

	libc_memset(text, 'a', 4000);
	text[4000] = '\0';
	EXPECT(!glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
	text[3999] = 'b';
	EXPECT(glob_match("*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static void
expect_number(const char *s, unsigned int base, int error, u32 number)
{
	u32 value = 12345;
	int result = kstrtou32(s, base, &value);

	if (!EXPECT_EQ(result, error) ||
	    !EXPECT_EQ(value, error ? 12345 : number))
		host_note("kstrtou32(\"%s\", %u)", s, base);
}

TEST(string, kstrtou32_takes_digits_and_nothing_else)
{
	expect_number("0", 0, 0, 0);
	expect_number("42", 0, 0, 42);
	expect_number("042", 0, 0, 042);
	expect_number("0x2a", 0, 0, 42);
	expect_number("0X2A", 0, 0, 42);
	expect_number("0000000000000000000017", 10, 0, 17);
	expect_number("ff", 16, 0, 255);
	expect_number("11", 2, 0, 3);
	expect_number("zZ", 36, 0, 35 * 36 + 35);
	expect_number("", 0, -EINVAL, 0);
	expect_number("", 10, -EINVAL, 0);
	expect_number("0x", 0, -EINVAL, 0);
	expect_number("0x", 16, -EINVAL, 0);
	expect_number("08", 0, -EINVAL, 0);
	expect_number(" 1", 0, -EINVAL, 0);
	expect_number("1 ", 0, -EINVAL, 0);
	expect_number("-1", 0, -EINVAL, 0);
	expect_number("+1", 0, -EINVAL, 0);
	expect_number("1\n", 0, -EINVAL, 0);
	expect_number("0x1g", 0, -EINVAL, 0);
	expect_number("12", 2, -EINVAL, 0);
	expect_number("\xb1", 0, -EINVAL, 0);
	expect_number("[", 36, -EINVAL, 0);
}

TEST(string, kstrtou32_knows_what_fits)
{
	expect_number("4294967295", 0, 0, 0xFFFFFFFF);
	expect_number("0xffffffff", 0, 0, 0xFFFFFFFF);
	expect_number("037777777777", 0, 0, 0xFFFFFFFF);
	expect_number("4294967296", 0, -ERANGE, 0);
	expect_number("0x100000000", 0, -ERANGE, 0);
	expect_number("040000000000", 0, -ERANGE, 0);
	expect_number("99999999999999999999999999", 0, -ERANGE, 0);
	expect_number("99999999999999999999999999x", 0, -EINVAL, 0);
}
