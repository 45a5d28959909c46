/* test_kmap.c - high pages get addresses: for long (kmap), for a moment
 * (kmap_local_page).
 */
#include "drivers.h"
#include "gfp.h"
#include "highmem.h"
#include "interrupt.h"
#include "kthread.h"
#include "page_helpers.h"
#include "pgtable.h"
#include "preempt.h"
#include "string.h"
#include "test.h"
#include "tick.h"
#include "trap.h"
#include "x86.h"

static long
kmap_slots_in_use(void)
{
	unsigned int i;
	long n = 0;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		n += pte_present(pkmap_table[i]) &&
		     !(pkmap_table[i].val & _PAGE_KEPT);
	return n;
}
LEAK_COUNTER("kmap slots in use", kmap_slots_in_use);

#define NO_HIGH_MEMORY() no_high_memory(2 * KMAP_WINDOW_SLOTS)

static struct page *
high_page(void)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	if (EXPECT(page != NULL))
		EXPECT_EQ(page_zone_index(page), ZONE_HIGHMEM);
	return page;
}

static void
read_byte(void *address)
{
	(void)*(volatile u8 *)address;
}

static bool
in_window(const void *address)
{
	return (uintptr_t)address - PKMAP_BASE < KMAP_WINDOW_SLOTS * PAGE_SIZE;
}

TEST(kmap, low_pages_have_their_own_address)
{
	struct page *page = alloc_page(GFP_KERNEL);
	void *local;

	ASSERT(page != NULL);
	EXPECT(kmap(page) == page_address(page));
	local = kmap_local_page(page);
	EXPECT(local == page_address(page));
	EXPECT(!in_atomic());
	kunmap_local(local);
	kunmap(page);
	__free_page(page);
}

TEST(kmap, users_are_counted)
{
	struct page *page, *other;
	char *address, *local;

	if (NO_HIGH_MEMORY())
		return;
	page = high_page();
	other = high_page();
	address = kmap(page);
	ASSERT(in_window(address));
	memset(address, 0x31, PAGE_SIZE);
	EXPECT(kmap(page) == address);
	EXPECT(kmap(other) != address);
	EXPECT_EQ(kmap_slots_in_use(), 2);
	kunmap(page);
	EXPECT_EQ(kmap_slots_in_use(), 2);
	EXPECT_EQ(address[PAGE_SIZE - 1], 0x31);
	local = kmap_local_page(page);
	EXPECT_EQ(local[7], 0x31);
	kunmap_local(local);
	kunmap(page);
	EXPECT_EQ(kmap_slots_in_use(), 1);
	EXPECT(kmap(page) == address); /* it was kept */
	EXPECT_EQ(kmap_slots_in_use(), 2);
	kunmap(page);
	kunmap(other);
	__free_page(page);
	__free_page(other);
}

/* An interrupt after every instruction maps a page of its own, and writes. */
static struct {
	struct page *page;
	u32 times;
} intruder;

static bool
after_instruction(struct pt_regs *regs)
{
	u32 *p;

	if (!(regs->flags & EFLAGS_IF) || in_interrupt())
		return true;
	irq_enter();
	p = kmap_local_page(intruder.page);
	*p = ++intruder.times;
	kunmap_local(p);
	irq_exit();
	return true;
}

TEST(kmap, an_interrupt_may_map_between_any_two_instructions)
{
	unsigned long flags = local_save_flags();
	struct page *page;
	u32 *p, value;

	if (NO_HIGH_MEMORY())
		return;
	page = high_page();
	intruder.page = high_page();
	trap_set_handler(TRAP_DEBUG, after_instruction);
	for (u32 i = 0; i < 20; i++) {
		intruder.times = 0;
		local_irq_restore(flags | EFLAGS_TF);
		p = kmap_local_page(page);
		*p = ~i;
		kunmap_local(p);
		local_irq_restore(flags);
		EXPECT_OP(intruder.times, >, 20u);
		memcpy_from_page(&value, page, 0, sizeof(value));
		EXPECT_EQ(value, ~i);
		memcpy_from_page(&value, intruder.page, 0, sizeof(value));
		EXPECT_EQ(value, intruder.times);
	}
	trap_set_handler(TRAP_DEBUG, NULL);
	__free_page(intruder.page);
	__free_page(page);
}

TEST(kmap, kunmap_of_what_was_not_mapped_is_reported)
{
	struct page *page;
	size_t log = log_end();

	if (NO_HIGH_MEMORY())
		return;
	page = high_page();
	kunmap(page);
	EXPECT_EQ(log_lines(log, "BUG: kunmap of page frame"), 1u);
	EXPECT(kmap(page) != NULL);
	kunmap(page);
	kunmap(page);
	EXPECT_EQ(log_lines(log, "BUG: kunmap of page frame"), 2u);
	EXPECT_EQ(kmap_slots_in_use(), 0);
	__free_page(page);
}

/* All slots in use; the pages that use them, and one more that waits. */
static struct page **const users = slots_of(struct page *);
static_assert(TEST_SLOTS > KMAP_WINDOW_SLOTS, "one more than there are");

static void
fill_window(void)
{
	unsigned int i;

	for (i = 0; i <= KMAP_WINDOW_SLOTS; i++) {
		unsigned int *address;

		users[i] = high_page();
		if (i == KMAP_WINDOW_SLOTS)
			return;
		address = kmap(users[i]);
		ASSERT(in_window(address));
		*address = i;
	}
}

/* All but one page, whose slot is not in use. */
static void
empty_window(unsigned int unused)
{
	unsigned int i;

	for (i = 0; i <= KMAP_WINDOW_SLOTS; i++) {
		if (i != unused)
			kunmap(users[i]);
		__free_page(users[i]);
	}
}

TEST(kmap, a_full_window_gives_null_after_a_second)
{
	size_t log = log_end();
	unsigned int i;

	if (NO_HIGH_MEMORY())
		return;
	fill_window();
	tick_set_hook(fast_time);
	EXPECT(kmap(users[KMAP_WINDOW_SLOTS]) == NULL);
	tick_set_hook(NULL);
	EXPECT_EQ(log_lines(log, "kmap: all 1023 slots are in use"), 1u);
	for (i = 0; i < KMAP_WINDOW_SLOTS; i++) {
		EXPECT_EQ(*(unsigned int *)kmap(users[i]), i);
		kunmap(users[i]);
	}
	empty_window(KMAP_WINDOW_SLOTS);
}

static void
give_one_back(void)
{
	tick_set_hook(NULL);
	kunmap(users[500]);
}

TEST(kmap, a_full_window_waits_for_a_kunmap)
{
	size_t log = log_end();

	if (NO_HIGH_MEMORY())
		return;
	fill_window();
	tick_set_hook(give_one_back);
	EXPECT(kmap(users[KMAP_WINDOW_SLOTS]) != NULL);
	EXPECT_EQ(log_lines(log, "kmap:"), 0u);
	empty_window(500);
}

static int
map_one_more(void *address)
{
	*(void **)address = kmap(users[KMAP_WINDOW_SLOTS]);
	return 0;
}

TEST(kmap, kunmap_wakes_who_waits)
{
	struct task_struct *task;
	void *address = NULL;

	if (NO_HIGH_MEMORY())
		return;
	task = kthread_create(map_one_more, &address, "mapper");
	ASSERT(!IS_ERR(task));
	sched_set_priority(task, DEFAULT_PRIO / 4);
	fill_window();
	wake_up_process(task);
	EXPECT_EQ(task->state, TASK_UNINTERRUPTIBLE);
	preempt_disable();
	kunmap(users[500]);
	EXPECT_EQ(task->state, TASK_RUNNING);
	preempt_enable();
	EXPECT_EQ(kthread_stop(task), 0);
	EXPECT(in_window(address));
	empty_window(500);
}

/* Three windows full of pages, one after the other: a stale translation would
 * show another page's number. */
TEST(kmap, slots_are_reused_and_flushed)
{
	unsigned int i, round;

	if (NO_HIGH_MEMORY())
		return;
	for (round = 0; round < 3; round++) {
		for (i = 0; i <= KMAP_WINDOW_SLOTS; i++) {
			unsigned int *address;

			users[i] = high_page();
			address = kmap(users[i]);
			ASSERT(address != NULL);
			*address = i;
			kunmap(users[i]);
		}
		for (i = 0; i <= KMAP_WINDOW_SLOTS; i++) {
			unsigned int *address = kmap_local_page(users[i]);

			EXPECT_EQ(*address, i);
			kunmap_local(address);
			__free_page(users[i]);
		}
	}
}

TEST(kmap, kmap_objects_where_it_must_not_sleep)
{
	unsigned int bugs = might_sleep_count();
	struct page *page;

	if (NO_HIGH_MEMORY())
		return;
	page = high_page();
	preempt_disable();
	EXPECT(kmap(page) == NULL);
	preempt_enable();
	EXPECT_EQ(might_sleep_count(), bugs + 1);
	test_planted++;
	__free_page(page);
}

TEST(kmap, local_mappings_nest)
{
	struct page *pages[KMAP_SLOTS];
	u8 *at[KMAP_SLOTS];
	unsigned int i;

	if (NO_HIGH_MEMORY())
		return;
	for (i = 0; i < KMAP_SLOTS; i++)
		pages[i] = high_page(); /* may sleep, as nobody may below */
	for (i = 0; i < KMAP_SLOTS; i++) {
		at[i] = kmap_local_page(pages[i]);
		memset(at[i], i, PAGE_SIZE);
	}
	EXPECT(in_atomic());
	for (i = 0; i < KMAP_SLOTS; i++)
		EXPECT(!memchr_inv(at[i], i, PAGE_SIZE));
	while (i--) {
		kunmap_local(at[i]);
		EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, at[i]);
		if (i)
			EXPECT_EQ(*at[i - 1], i - 1);
		__free_page(pages[i]);
	}
	EXPECT(!in_atomic());
}

static struct page *irq_page;
static volatile bool irq_ran;

static void
map_in_irq(void)
{
	u8 *at = kmap_local_page(irq_page);

	*at = 0x99;
	kunmap_local(at);
	tick_set_hook(NULL);
	irq_ran = true;
}

static bool
has_run(void *arg)
{
	(void)arg;
	return irq_ran;
}

TEST(kmap, interrupts_map_locally_too)
{
	struct page *page;
	unsigned long start;
	u8 *at;

	if (NO_HIGH_MEMORY())
		return;
	page = high_page();
	irq_page = high_page();
	irq_ran = false;
	at = kmap_local_page(page);
	*at = 0x11;
	tick_set_hook(map_in_irq);
	for (start = jiffies; !has_run(NULL) && jiffies - start < HZ;)
		cpu_relax();
	EXPECT(has_run(NULL));
	EXPECT_EQ(*at, 0x11);
	kunmap_local(at);
	at = kmap_local_page(irq_page);
	EXPECT_EQ(*at, 0x99);
	kunmap_local(at);
	__free_page(page);
	__free_page(irq_page);
}

TEST(kmap, high_pages_are_cleared_and_copied)
{
	gfp_t gfp = zones[ZONE_HIGHMEM].managed ? GFP_HIGHUSER : GFP_KERNEL;
	struct page *from = alloc_page(gfp), *to = alloc_page(GFP_KERNEL);
	struct page *last = alloc_page(gfp);
	char text[8];

	ASSERT(from && to && last);
	fill_pages(from, 0, 0x77);
	clear_highpage(last);
	memcpy_to_page(from, PAGE_SIZE - 8, "written!", 8);
	copy_highpage(to, from);
	copy_highpage(last, to);
	memcpy_from_page(text, last, PAGE_SIZE - 8, 8);
	EXPECT_EQ(memcmp(text, "written!", 8), 0);
	EXPECT(!memchr_inv(page_address(to), 0x77, PAGE_SIZE - 8));
	clear_highpage(last);
	memcpy_from_page(text, last, PAGE_SIZE - 8, 8);
	EXPECT(!memchr_inv(text, 0, 8));
	__free_page(from);
	__free_page(to);
	__free_page(last);
}
