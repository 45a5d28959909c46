/* ktap.c - runs the in-kernel tests and prints what came out as KTAP 1, which
 * people and tools/test.py both read.
 *
 *   table `tests`, as linked             printed
 *
 *   { list,   an_emptied_... }           KTAP version 1
 *   { printf, widths_...     }           1..2
 *   { list,   moving_...     }             KTAP version 1
 *                                          # Subtest: list
 *                                          1..2
 *                                          ok 1 an_emptied_...
 *                                          # lib/list.c:7: expected ...
 *                                          not ok 2 moving_...
 *                                        not ok 1 list
 *                                          ... printf ...
 *                                        ok 2 printf
 *                                        # Totals: pass:2 fail:1 skip:0
 *
 * For `test=` a line says which case begins, "# Case: NAME", and one that is
 * not done after MAX_SECONDS of ticks ends all: "Bail out! SUITE.NAME ...". A
 * case that sets a tick hook of its own, or stops the ticks, is not watched.
 *
 * Guarantees: the cases of a suite stay together, in the order in which they
 * were linked (gcc places the last one of a file first); each is followed by a
 * reading of every leak counter; nothing is allocated; a diagnostic is one
 * line, or goes on behind "#   ".
 * Limits: suites are found by search, O(cases^2); MAX_LEAK_COUNTERS.
 */
#include <stdarg.h>
#include "command.h"
#include "complete.h"
#include "console.h"
#include "drivers.h"
#include "errno.h"
#include "jiffies.h"
#include "mutex.h"
#include "panic.h"
#include "param.h"
#include "preempt.h"
#include "printf.h"
#include "sched.h"
#include "string.h"
#include "test.h"
#include "tick.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

#define MAX_LEAK_COUNTERS 16
#define MAX_NOTES         10 /* of one case: a loop may fail a million times */
#define MAX_SECONDS       120
#define MOST_SKIPPED      16ul
#define SETTLE_TICKS      10
#define WORD_SIZE         128 /* of a test's name */
#define SELFTEST          "selftest_"

TABLE_DEFINE(tests);
TABLE_DEFINE(leak_counters);

void *test_slots[TEST_SLOTS];
unsigned int test_planted;

static struct {
	/* What to run: the glob, cut at its dot. */
	char suite_glob[64];
	const char *name_glob;

	/* The case under way. */
	unsigned int notes;  /* failures noted: 0 means it passes */
	const char *skipped; /* why, or NULL */
	unsigned long ticks; /* that it has left ... */
	unsigned long seen;  /* ... in this one */
	long before[MAX_LEAK_COUNTERS];

	/* So far, in cases. */
	unsigned int passes, failures, skips;

	/* From the command line, or NULL. */
	const char *test_param, *bench_param;
} state;

/* --- What a case calls ---------------------------------------------------- */

static void
note(const char *line)
{
	console_printf("  # ");
	console_rows(line, strlen(line), 4, "  #   ");
	console_printf("\n");
}

/* One line of diagnostics, whatever a string in it may contain. */
static void __printf(1, 2) fail(const char *fmt, ...)
{
	char line[300];
	va_list ap;

	if (state.notes++ >= MAX_NOTES)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	note(line);
}

void
test_skip(const char *reason)
{
	state.skipped = reason;
}

bool
test_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok)
		fail("%s:%d: expected %s", file, line, what);
	return ok;
}

bool
test_check_op(bool ok, const char *a, const char *op, const char *b,
	      u64 a_value, u64 b_value, const char *file, int line)
{
	if (!ok)
		fail("%s:%d: expected %s %s %s, but %s is %lld (%#llx) and "
		     "%s is %lld (%#llx)",
		     file, line, a, op, b, a, a_value, a_value, b, b_value,
		     b_value);
	return ok;
}

bool
test_check_str(const char *a, const char *b, const char *what, const char *file,
	       int line)
{
	bool ok = strcmp(a, b) == 0;

	if (!ok)
		fail("%s:%d: expected %s to be \"%s\", but it is \"%s\"", file,
		     line, what, b, a);
	return ok;
}

bool
test_check_trap(int vector, void (*fn)(void *), void *arg, const char *what,
		const char *file, int line)
{
	int got = trap_probe(fn, arg, NULL, NULL);

	if (got < 0)
		fail("%s:%d: expected exception %d (%s) from %s, but it "
		     "returned",
		     file, line, vector, trap_name(vector), what);
	else if (got != vector)
		fail("%s:%d: expected exception %d (%s) from %s, but "
		     "exception %d (%s) came",
		     file, line, vector, trap_name(vector), what, got,
		     trap_name(got));
	return got == vector;
}

/* --- What a case must leave as it was ------------------------------------- */

static long
mistakes_reported(void)
{
	return (long)(might_sleep_count() + schedule_bugs() + mutex_bugs()) -
	       (long)test_planted;
}
LEAK_COUNTER("reports of mistakes", mistakes_reported);

static void
leaks_note(void)
{
	const struct leak_counter *counter;
	size_t i = 0;

	table_for_each(counter, &leak_counters)
	{
		assert(i < MAX_LEAK_COUNTERS);
		state.before[i++] = counter->read();
	}
}

static bool
leaks_differ(void)
{
	const struct leak_counter *counter;
	size_t i = 0;

	table_for_each(counter, &leak_counters)
	{
		if (counter->read() != state.before[i++])
			return true;
	}
	return false;
}

/* A thread that has said that it ends may still be on its way out: it has a few
 * ticks for that. */
static void
leaks_check(void)
{
	const struct leak_counter *counter;
	size_t i = 0;

	for (unsigned int ticks = 0; ticks < SETTLE_TICKS; ticks++)
		if (!irqs_disabled() && !in_atomic() && leaks_differ())
			schedule_timeout_uninterruptible(1);
	table_for_each(counter, &leak_counters)
	{
		long before = state.before[i++];
		long now = counter->read();

		if (now != before)
			fail("leaked: %s went from %ld to %ld", counter->name,
			     before, now);
	}
}

/* A case that forgot to turn them on again would stop the clock for all that
 * follow. */
static void
interrupts_check(void)
{
	if (!irqs_disabled())
		return;
	local_irq_enable();
	fail("left interrupts off");
}

/* --- Which cases there are ------------------------------------------------ */

static bool
is_selftest(const char *suite)
{
	return strncmp(suite, SELFTEST, strlen(SELFTEST)) == 0;
}

/* Neither a suite nor a case has a dot in its name: two globs do as well as
 * one over "suite.case". => false when that cannot match any name */
static bool
select(const char *glob)
{
	const char *dot = strchr(glob, '.');
	size_t n = dot ? (size_t)(dot - glob) : strlen(glob);

	if (n >= sizeof(state.suite_glob))
		return false;
	memcpy(state.suite_glob, glob, n);
	state.suite_glob[n] = '\0';
	state.name_glob = dot ? dot + 1 : "*";
	return true;
}

static bool
is_selected(const struct test_case *c)
{
	if (is_selftest(c->suite) && !is_selftest(state.suite_glob))
		return false;
	return glob_match(state.suite_glob, c->suite) &&
	       glob_match(state.name_glob, c->name);
}

/* The first selected case of a suite stands for the suite. */
static bool
is_first_of_suite(const struct test_case *first)
{
	const struct test_case *c;

	table_for_each(c, &tests)
	{
		if (is_selected(c) && strcmp(c->suite, first->suite) == 0)
			return c == first;
	}
	return false;
}

static unsigned int
count_suites(void)
{
	const struct test_case *c;
	unsigned int n = 0;

	table_for_each(c, &tests)
	{
		n += is_first_of_suite(c);
	}
	return n;
}

static unsigned int
count_cases(const char *suite)
{
	const struct test_case *c;
	unsigned int n = 0;

	table_for_each(c, &tests)
	{
		n += is_selected(c) && strcmp(c->suite, suite) == 0;
	}
	return n;
}

/* --- One that does not end ------------------------------------------------ */

/* At each tick. An idle CPU skips some; but when many have passed at once it
 * is a case that has set the clock, or a host that did not let us run. */
static void
watch(void)
{
	unsigned long passed = min(jiffies - state.seen, MOST_SKIPPED);

	state.seen = jiffies;
	if (state.ticks > passed) {
		state.ticks -= passed;
		return;
	}
	console_printf("Bail out! it is not done after %u s\n", MAX_SECONDS);
	report_backtrace((u32)__builtin_return_address(0) - 1, 0,
			 *(u32 *)__builtin_frame_address(0));
	qemu_exit(QEMU_EXIT_FAIL);
}

static void
watch_begin(const struct test_case *c)
{
	if (!state.test_param)
		return;
	console_printf("  # Case: %s\n", c->name);
	test_may_take(MAX_SECONDS);
	tick_set_hook(watch);
}

void
test_may_take(unsigned int seconds)
{
	state.ticks = (unsigned long)seconds * HZ;
	state.seen = jiffies;
}

/* --- Running them --------------------------------------------------------- */

/* Where the reason has no room it is a note, in the line above. */
static void
skipped(const char *name, unsigned int number)
{
	bool fits = snprintf(NULL, 0, "  ok %u %s # SKIP %s", number, name,
			     state.skipped) <= CONSOLE_COLUMNS;

	if (!fits)
		note(state.skipped);
	console_printf("  ok %u %s # SKIP%s%s\n", number, name, fits ? " " : "",
		       fits ? state.skipped : "");
}

static void
run_case(const struct test_case *c, unsigned int number)
{
	state.notes = 0;
	state.skipped = NULL;
	leaks_note();
	watch_begin(c);
	c->run();
	interrupts_check();
	memset(test_slots, 0, sizeof(test_slots));
	leaks_check();

	if (state.notes > MAX_NOTES)
		console_printf("  # and %u more\n", state.notes - MAX_NOTES);
	if (state.notes) {
		state.failures++;
		console_printf("  not ok %u %s\n", number, c->name);
	} else if (state.skipped) {
		state.skips++;
		skipped(c->name, number);
	} else {
		state.passes++;
		console_printf("  ok %u %s\n", number, c->name);
	}
}

static void
run_suite(const char *suite, unsigned int number)
{
	const struct test_case *c;
	unsigned int failures = state.failures, n = 0;

	console_printf("  KTAP version 1\n  # Subtest: %s\n  1..%u\n", suite,
		       count_cases(suite));
	table_for_each(c, &tests)
	{
		if (!command_stopped() && is_selected(c) &&
		    strcmp(c->suite, suite) == 0)
			run_case(c, ++n);
	}
	console_printf("%s %u %s\n",
		       state.failures == failures ? "ok" : "not ok", number,
		       suite);
}

int
test_run(const char *glob)
{
	const struct test_case *c;
	unsigned int suites = 0;

	if (select(glob))
		suites = count_suites();
	if (!suites)
		return command_refuse(-ENOENT,
				      "No test matches \"%s\": test lists the "
				      "suites.",
				      glob);

	state.passes = state.failures = state.skips = 0;
	console_printf("KTAP version 1\n1..%u\n", suites);
	suites = 0;
	table_for_each(c, &tests)
	{
		if (!command_stopped() && is_first_of_suite(c))
			run_suite(c->suite, ++suites);
	}
	console_printf("# Totals: pass:%u fail:%u skip:%u\n", state.passes,
		       state.failures, state.skips);
	return state.failures;
}

static void
list_suites(void)
{
	const struct test_case *c;

	select("*");
	table_for_each(c, &tests)
	{
		if (is_first_of_suite(c))
			console_printf("  %-16s %u case%s\n", c->suite,
				       count_cases(c->suite),
				       plural(count_cases(c->suite)));
	}
}

static int
cmd_test(int argc, char **argv)
{
	int result;

	if (argc > 2)
		return -EINVAL;
	if (argc == 1) {
		console_printf("Suites (test SUITE, test SUITE.CASE):\n");
		list_suites();
		return 0;
	}
	result = test_run(argv[1]);
	return result > 0 ? -EIO : result;
}

/* Suites; behind the dot their cases. */
static void
test_words(const char *typed, struct word_sink *sink)
{
	bool cases = strchr(typed, '.') != NULL;
	const struct test_case *c;
	char name[WORD_SIZE];

	table_for_each(c, &tests)
	{
		scnprintf(name, sizeof(name), cases ? "%s.%s" : "%s", c->suite,
			  c->name);
		sink->add(sink, name);
	}
}
ARGUMENT(test, "TEST", test_words);
COMMAND(test, "[TEST]",
	"runs the kernel's own tests\n"
	"TEST is a suite, or suite.case; * and ? match as in file names:\n"
	"`test *` runs everything. Without TEST: the suites there are.\n"
	"A failure is a line \"not ok\", with the reason in the lines above.");

/* --- The command line ----------------------------------------------------- */

static int
set_test(const char *value)
{
	state.test_param = value;
	return *value ? 0 : -EINVAL;
}
BOOT_PARAM(test, "GLOB", "run these tests, then leave QEMU", set_test);

static int
set_bench(const char *value)
{
	state.bench_param = value;
	return *value ? 0 : -EINVAL;
}
BOOT_PARAM(bench, "GLOB", "run these benchmarks, then leave QEMU", set_bench);

void
tests_from_cmdline(void)
{
	bool ok = true;

	bench_mark_prompt();
	if (!state.test_param && !state.bench_param)
		return;
	if (state.test_param)
		ok = test_run(state.test_param) == 0;
	tick_set_hook(NULL);
	if (state.bench_param)
		ok &= bench_run(state.bench_param) > 0;
	qemu_exit(ok ? QEMU_EXIT_PASS : QEMU_EXIT_FAIL);
}
