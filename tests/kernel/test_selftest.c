/* test_selftest.c - tests that must fail: the proof that the harness notices.
 *
 *   suite               what it does                    tools/test.py demands
 *   selftest_fail       checks that do not hold         "not ok", both values
 *   selftest_leak       takes and does not give back    "not ok", leaked
 *   selftest_skip       skips                           a skip, its reason
 *   selftest_panic      panics half-way                 a failure: panic
 *   selftest_hang       never returns                   a failure: time is up
 *   selftest_spin       neither, and without interrupts a failure: silence
 *   selftest_short      leaves QEMU half-way, happily   a failure: no end
 *
 * They run only when asked for by name, so that `test *` can pass.
 */
#include "drivers.h"
#include "panic.h"
#include "test.h"
#include "trap.h"
#include "x86.h"

static void
do_nothing(void *arg __maybe_unused)
{
}

static void
execute_ud2(void *arg __maybe_unused)
{
	__builtin_trap();
}

TEST(selftest_fail, a_false_condition)
{
	int sum = 1 + 1;

	EXPECT(sum == 3);
}

TEST(selftest_fail, two_values_that_differ)
{
	int three = 3;

	EXPECT_EQ(three, 4);
	EXPECT_OP(three, >, 2);
	EXPECT_OP(-three, >=, 0);
	EXPECT_EQ((const void *)do_nothing, NULL);
}

TEST(selftest_fail, two_strings_that_differ)
{
	EXPECT_STREQ("tree", "tr\nie");
}

TEST(selftest_fail, a_trap_that_does_not_come)
{
	EXPECT_TRAP(TRAP_PAGE_FAULT, do_nothing, NULL);
}

TEST(selftest_fail, a_trap_that_is_another)
{
	EXPECT_TRAP(TRAP_PAGE_FAULT, execute_ud2, NULL);
	EXPECT_TRAP(TRAP_INVALID_OP, execute_ud2, NULL);
}

TEST(selftest_fail, an_assert_leaves_the_case)
{
	int one = 1;

	ASSERT_EQ(one, 2);
	panic("ASSERT did not leave the case");
}

TEST(selftest_fail, many_failures_are_cut)
{
	for (int i = 0; i < 1000; i++)
		EXPECT(i < 0);
}

TEST(selftest_fail, interrupts_left_off)
{
	local_irq_disable();
}

TEST(selftest_fail, what_follows_still_runs)
{
	EXPECT(!irqs_disabled());
}

static long objects;

static long
count_objects(void)
{
	return objects;
}
LEAK_COUNTER("selftest objects", count_objects);

TEST(selftest_leak, two_objects_are_taken)
{
	objects += 2;
}

TEST(selftest_leak, one_object_too_many_is_given_back)
{
	objects--;
}

TEST(selftest_leak, all_objects_are_given_back)
{
	objects += 2;
	objects -= 2;
}

TEST(selftest_skip, on_any_machine)
{
	test_skip("no machine can show this");
}

TEST(selftest_skip, after_a_failure)
{
	EXPECT(false);
	test_skip("too late");
}

TEST(selftest_panic, before_it)
{
}

TEST(selftest_panic, in_it)
{
	panic("selftest");
}

TEST(selftest_panic, after_it)
{
}

TEST(selftest_hang, for_ever)
{
	for (;;)
		halt();
}

TEST(selftest_spin, for_ever)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

TEST(selftest_short, before_the_exit)
{
}

TEST(selftest_short, the_exit)
{
	qemu_exit(QEMU_EXIT_PASS);
}

TEST(selftest_short, after_the_exit)
{
}
