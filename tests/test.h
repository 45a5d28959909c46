/* test.h - in-kernel tests and benchmarks: how to write one.
 *
 *	TEST(list, an_emptied_list_is_empty)
 *	{
 *		...
 *		EXPECT(list_empty(&head));
 *		EXPECT_EQ(count, 3);
 *	}
 *
 *	BENCH(kmalloc_const_8, 1000)	(one row: what an operation costs)
 *	{
 *		kfree(kmalloc(8, GFP_KERNEL));
 *	}
 *
 * The name of a case is a sentence. `test=list.*` on the command line, `test
 * list.*` at the monitor or `make test T=list.*` runs the ones that match.
 */
#ifndef TEST_H
#define TEST_H

#include "table.h"
#include "types.h"

extern struct table_range tests, leak_counters, benches;

struct test_case {
	const char *suite;
	const char *name;
	void (*run)(void);
};

#define TEST(suite_, name_)                                       \
	static void test_##suite_##_##name_(void);                \
	static const struct test_case case_##suite_##_##name_ = { \
		.suite = #suite_,                                 \
		.name = #name_,                                   \
		.run = test_##suite_##_##name_,                   \
	};                                                        \
	TABLE_ADD(tests, case_##suite_##_##name_);                \
	static void test_##suite_##_##name_(void)

/* A value widened for display: int, long and s64 keep their sign. (The one
 * layout that clang-format has for _Generic cannot be read.) */
/* clang-format off */
#define TEST_VALUE(x)                                                          \
	((u64)(__typeof__(_Generic((x), int: 0, long: 0, s64: (s64)0,          \
				   u64: (u64)0, default: (uintptr_t)0)))(x))
/* clang-format on */

/* EXPECT: note a failure and go on. ASSERT: note it and leave the function.
 * The _EQ and _OP forms show both values. All give whether it held, and take
 * each operand once: integers (of a bit-field, +field) or pointers, compared
 * as C compares them. */
#define EXPECT(cond) test_check(!!(cond), #cond, __FILE__, __LINE__)
/* clang-format off */
#define EXPECT_OP(a, op, b)                                                    \
	({                                                                     \
		__auto_type expect_a_ = (a);                                   \
		__auto_type expect_b_ = (b);                                   \
		_Pragma("GCC diagnostic push")                                 \
		_Pragma("GCC diagnostic ignored \"-Wsign-compare\"")           \
		bool expect_ok_ = expect_a_ op expect_b_;                      \
		_Pragma("GCC diagnostic pop")                                  \
		test_check_op(expect_ok_, #a, #op, #b, TEST_VALUE(expect_a_),  \
			      TEST_VALUE(expect_b_), __FILE__, __LINE__);      \
	})
/* clang-format on */
#define EXPECT_EQ(a, b)    EXPECT_OP(a, ==, b)
#define EXPECT_STREQ(a, b) test_check_str(a, b, #a, __FILE__, __LINE__)
#define ASSERT(cond)               \
	do {                       \
		if (!EXPECT(cond)) \
			return;    \
	} while (0)
#define ASSERT_EQ(a, b)               \
	do {                          \
		if (!EXPECT_EQ(a, b)) \
			return;       \
	} while (0)

/* EXPECT_TRAP: the call fn(arg) must raise this exception. */
#define EXPECT_TRAP(vector, fn, arg) \
	test_check_trap(vector, fn, arg, #fn "(" #arg ")", __FILE__, __LINE__)

/* test_skip: this machine cannot show it; the reason goes into the report.
 * => the caller returns right after */
void test_skip(const char *reason);

/* test_may_take: so many seconds of ticks from now on, instead of two minutes,
 * before it counts as hanging (see ktap.c). */
void test_may_take(unsigned int seconds);

/* test_slots: room for pointers of the case or row that runs, for which its stack
 * is too small; cleared after a case, lest a scan for leaks finds references
 * there. As an array of T: slots_of(T). */
#define TEST_SLOTS 1500
extern void *test_slots[TEST_SLOTS];
#define slots_of(type) ((type *)(void *)test_slots)

/* What the macros call; `what`, `a`, `op` and `b` are the source text. */
bool test_check(bool ok, const char *what, const char *file, int line);
bool test_check_op(bool ok, const char *a, const char *op, const char *b,
		   u64 a_value, u64 b_value, const char *file, int line);
bool test_check_str(const char *a, const char *b, const char *what,
		    const char *file, int line);
bool test_check_trap(int vector, void (*fn)(void *), void *arg,
		     const char *what, const char *file, int line);

/* LEAK_COUNTER: a number that every test case must leave as it found it:
 * free pages, live objects, vmalloc areas. read() may first settle what is
 * only parked (drain caches). */
struct leak_counter {
	const char *name;
	long (*read)(void);
};
#define LEAK_COUNTER(name_, read_)                                      \
	static const struct leak_counter leak_##read_ = {name_, read_}; \
	TABLE_ADD(leak_counters, leak_##read_)

/* test_planted: mistakes that cases have made on purpose since boot: sleeping where
 * one must not (might_sleep_count, schedule_bugs), somebody else's mutex
 * (mutex_bugs). Whoever provokes such a report adds it here; one more, or less,
 * fails the case. */
extern unsigned int test_planted;

/* test_run: run the cases whose "suite.name" matches the glob and print KTAP.
 * Suites that start with "selftest_" fail on purpose and run only when the
 * glob names them.
 * => process context; the number of cases that failed, -ENOENT if none
 *    matched */
int test_run(const char *glob);

/* tests_from_cmdline: run what `test=GLOB` and `bench=GLOB` ask for, then leave
 * QEMU with QEMU_EXIT_PASS or QEMU_EXIT_FAIL.
 * => process context, when the monitor would start
 * => returns when neither was given, or on a machine without exit device */
void tests_from_cmdline(void);

/* A benchmark: run() does the operation `times` times and is timed as a
 * whole; setup() and teardown() around it are not. With value() nothing is
 * timed: it returns the row's number. */
struct bench_row {
	const char *name;
	unsigned int times;
	void (*run)(unsigned int times);
	void (*setup)(void);
	void (*teardown)(void);
	u64 (*value)(void);
};

#define BENCH_ROW(name_, times_, run_, setup_, teardown_) \
	static const struct bench_row row_##name_ = {     \
		.name = #name_,                           \
		.times = (times_),                        \
		.run = (run_),                            \
		.setup = (setup_),                        \
		.teardown = (teardown_),                  \
	};                                                \
	TABLE_ADD(benches, row_##name_)

/* BENCH_VALUE: a number that is known, not timed. */
#define BENCH_VALUE(name_, value_)                    \
	static const struct bench_row row_##name_ = { \
		.name = #name_,                       \
		.value = (value_),                    \
	};                                            \
	TABLE_ADD(benches, row_##name_)

/* BENCH: the common case, one operation, no setup. */
#define BENCH(name_, times_)                                      \
	static __always_inline void bench_##name_(void);          \
	static void bench_loop_##name_(unsigned int times)        \
	{                                                         \
		while (times--)                                   \
			bench_##name_();                          \
	}                                                         \
	BENCH_ROW(name_, times_, bench_loop_##name_, NULL, NULL); \
	static __always_inline void bench_##name_(void)

/* bench_run: time the rows whose name matches and print a line for each:
 * "bench: NAME MEDIAN MEAN MIN", in TSC ticks an operation.
 * => process context; the number of rows; -ENOENT if none matched, -ENODEV
 *    without a TSC */
int bench_run(const char *glob);

/* bench_mark_prompt: the kernel is ready for its first command: this moment is
 * what the row boot_to_monitor measures. => boot, once */
void bench_mark_prompt(void);

#endif
