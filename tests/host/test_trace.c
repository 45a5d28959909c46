/* test_trace.c - traces of allocations, and build/host/replay: see traces.md.
 */
#include "host.h"
#include "printf.h"
#include "string.h"
#include "trace.h"
#include "util.h"

int libc_system(const char *command) __asm__("system");
void libc_free(void *p) __asm__("free");

#define HEADER "0\n3\n4\n1\n"

/* => the line that is wrong, 0 if none, and what is wrong with it */
static unsigned int
parse(const char *text, const char **what)
{
	struct trace trace;
	struct trace_error error = trace_parse(&trace, text, strlen(text));

	trace_free(&trace);
	*what = error.what;
	EXPECT_EQ(error.line == 0, !error.what);
	return error.line;
}

TEST(trace, good_traces_are_read)
{
	static const char *const good[] = {
		HEADER "a 0 10\nr 0 20\na 2 0\nf 0\n",
		HEADER "a 0 10\r\nr 0 20\r\n\r\na 2 30\r\nf 0",
		"0\r\n3\r\n4\r\n1\r\na 0 1\r\nf 0\r\na 0 1\r\nf 0\r\n\r\n",
		HEADER "\n  a\t0 10 \nr 1 20\nf 0\nr 1 4000000\n",
		"0\n0\n0\n0\n",
	};
	const char *what;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		parse(good[i], &what);
		EXPECT(!what);
	}
}

TEST(trace, a_malformed_trace_is_refused_with_its_line)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *what;
	} bad[] = {
		{"", 0, NULL}, /* line 0: nothing was read at all */
		{"0\n3\n4\n", 3, "ends within the four"},
		{"0\n3 4\n4\n1\n", 2, "one number"},
		{"0\n3\nfour\n1\n", 3, "one number"},
		{"0\n3\n4000000\n1\na 0 1\n", 3, "more than a file"},
		{"0\n-1\n4\n1\n", 2, "one number"},
		{HEADER "a 0 1\nf 0\n", 6, "ends before"},
		{HEADER "a 0 1\nf 0\na 0 1\nf 0\na 0 1\n", 9,
		 "more operations"},
		{HEADER "b 0 1\n", 5, "not an operation"},
		{HEADER "aa 0 1\n", 5, "not an operation"},
		{HEADER "a 0 1\n\na 0\n", 7, "an id and a size"},
		{HEADER "a 0 1 2\n", 5, "an id and a size"},
		{HEADER "f 0 1\n", 5, "an id"},
		{HEADER "a 3 1\n", 5, "not an id"},
		{HEADER "a -1 1\n", 5, "not an id"},
		{HEADER "a 0 1k\n", 5, "not a size"},
		{HEADER "a 0 4294967296\n", 5, "not a size"},
		{HEADER "a 0 1\na 0 1\n", 6, "live already"},
		{HEADER "a 0 1\nf 1\n", 6, "is not live"},
		{HEADER "a 0 1\nf 0\nf 0\n", 7, "is not live"},
		{HEADER "a 0 00000000000000000000000000000000000000000000000000"
			"0000000000000000000000000000000000000001\n",
		 5, "an id and a size"},
	};
	const char *what;
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(parse(bad[i].text, &what), bad[i].line);
		EXPECT(what && strstr(what, bad[i].what));
		if (host_failed()) {
			host_note("trace %u", i);
			break;
		}
	}
}

TEST(trace, the_numbers_are_those_of_traces_md)
{
	static const char text[] = "0\n3\n5\n1\n"
				   "a 0 100\na 1 9000\nr 0 130\nf 1\nf 0\n";
	struct trace_result result;
	struct trace trace;

	EXPECT(!trace_parse(&trace, text, sizeof(text) - 1).what);
	EXPECT(!trace_replay(&trace, &result).what);
	trace_free(&trace);
	/* kmalloc-112's empty slab, kmalloc-160's with one live object, and
	 * 9000 bytes in 4 pages. */
	EXPECT_EQ(result.peak_op, 3);
	EXPECT_EQ(result.peak_payload, 9130);
	EXPECT_EQ(result.peak_pages, 6);
	EXPECT_EQ(result.rounding, 30 + 16384 - 9000);
	EXPECT_EQ(result.tails, 4096 % 160);
	EXPECT_EQ(result.in_use, 4096 + 16384);
}

TEST(trace, the_generators_do_what_their_law_says_and_run_well)
{
	struct trace_result result;
	struct trace trace;
	unsigned int i;

	for (i = 0; i < NR_GENERATORS; i++) {
		char *text = trace_generate(i);

		EXPECT(!trace_parse(&trace, text, strlen(text)).what);
		EXPECT(trace.nr_ops >= 40000);
		EXPECT(!trace_replay(&trace, &result).what);
		EXPECT(trace_waste(&result) > 100);
		EXPECT(trace_waste(&result) < 2000);
		trace_free(&trace);
		libc_free(text);
	}
}

/* The program itself: exit status and message. */
#define REPLAY "build/host/replay "
#define TRACES "tests/host/traces/"

static bool
says(const char *command, const char *message)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "%s >build/host/replay.out 2>&1; e=$?; "
		 "grep -q '%s' build/host/replay.out && exit $e; exit 99",
		 command, message);
	return libc_system(line) == (strstr(message, ": ") ? 1 << 8 : 0);
}

TEST(trace, the_replayer_tells_good_files_from_bad)
{
	EXPECT(says(REPLAY TRACES "good.rep", "good.rep .* 6 .* %"));
	EXPECT(says(REPLAY TRACES "crlf.rep", "crlf.rep .* 6 .* %"));
	EXPECT(says(REPLAY TRACES "truncated.rep",
		    "truncated.rep:8: ends before"));
	EXPECT(says(REPLAY TRACES "malformed.rep",
		    "malformed.rep:7: not an operation"));
	EXPECT(says(REPLAY TRACES "too-large.rep",
		    "too-large.rep:6: larger than any kmalloc"));
	EXPECT(says(REPLAY TRACES "good.rep " TRACES "none.rep",
		    "none.rep: cannot be read"));
}
