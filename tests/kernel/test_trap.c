/* test_trap.c - exceptions: every kind of end that trap_dispatch knows, short
 * of the last (a crash test has a boot of its own).
 */
#include "errno.h"
#include "explain.h"
#include "layout.h"
#include "page.h"
#include "sections.h"
#include "string.h"
#include "test.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

static void
divide_by_zero(void *arg)
{
	static volatile int dividend = 1, divisor; /* nothing to fold */

	*(volatile int *)arg = dividend / divisor;
}

static void
read_null(void *arg)
{
	(void)*(volatile int *)arg;
}

static void
do_nothing(void *arg)
{
	(void)arg;
}

TEST(trap, a_probe_survives_an_exception_and_names_it)
{
	volatile int result = 7;
	struct pt_regs regs;
	u32 address;

	EXPECT_EQ(trap_probe(divide_by_zero, (void *)&result, &regs, NULL),
		  TRAP_DIVIDE);
	EXPECT_EQ(result, 7);
	EXPECT(section_of(regs.ip) == section_of((uintptr_t)divide_by_zero));

	EXPECT_EQ(trap_probe(read_null, (void *)0x28, &regs, &address),
		  TRAP_PAGE_FAULT);
	EXPECT_EQ(address, 0x28u);
	EXPECT_EQ(regs.error, 0u);
}

TEST(trap, a_probe_without_an_exception_returns)
{
	EXPECT_EQ(trap_probe(do_nothing, NULL, NULL, NULL), -1);
	EXPECT_EQ(trap_probe(do_nothing, NULL, NULL, NULL), -1);
}

TEST(trap, a_probe_leaves_the_interrupt_flag_as_it_was)
{
	unsigned long flags = local_irq_save();

	trap_probe(read_null, NULL, NULL, NULL);
	EXPECT(irqs_disabled());
	local_irq_enable();
	trap_probe(read_null, NULL, NULL, NULL);
	EXPECT(!irqs_disabled());
	local_irq_restore(flags);
}

TEST(trap, nofault_copies_copy)
{
	char src[] = "memoir", dst[8] = "";

	EXPECT_EQ(copy_from_kernel_nofault(dst, src, sizeof(src)), 0);
	EXPECT_STREQ(dst, "memoir");
	EXPECT_EQ(copy_to_kernel_nofault(dst, "other", 6), 0);
	EXPECT_STREQ(dst, "other");
}

TEST(trap, nofault_copies_survive_a_bad_source_or_destination)
{
	char buf[16] = "";

	EXPECT_EQ(copy_from_kernel_nofault(buf, NULL, 4), -EFAULT);
	EXPECT_EQ(copy_from_kernel_nofault(buf, (void *)(TASK_SIZE - 4), 4),
		  -EFAULT);
	EXPECT_EQ(copy_from_kernel_nofault(buf, (char *)high_memory - 2, 4),
		  -EFAULT);
	EXPECT_EQ(copy_to_kernel_nofault(_text, buf, 1), -EFAULT);
	EXPECT_EQ(copy_to_kernel_nofault((void *)0xFFFFFFFF, buf, 1), -EFAULT);
}

TEST(trap, every_address_is_in_a_region)
{
	EXPECT(strstr(address_region(0), "64 KiB"));
	EXPECT(strstr(address_region(TASK_SIZE - 1), "user"));
	EXPECT_STREQ(address_region((uintptr_t)divide_by_zero), ".text");
	EXPECT(strstr(address_region((uintptr_t)boot_stack_guard), "guard"));
	EXPECT(strstr(address_region((uintptr_t)high_memory), "hole"));
	EXPECT(strstr(address_region(VMALLOC_END - 1), "vmalloc"));
	EXPECT(strstr(address_region(PKMAP_BASE), "kmap"));
	EXPECT(strstr(address_region(FIXADDR_START), "fixmap"));
	EXPECT(strstr(address_region(0xFFFFFFF2), "ERR_PTR"));
}

TEST(trap, an_explainer_knows_who_holds_the_kernel_image)
{
	char text[120];

	EXPECT(explain((uintptr_t)_text, text, sizeof(text)) > 0);
	EXPECT(strstr(text, "kernel image"));
	EXPECT_EQ(explain(0x1000, text, sizeof(text)), 0u);
}
