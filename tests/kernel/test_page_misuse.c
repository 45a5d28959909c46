/* test_page_misuse.c - mistakes with pages: each is reported once, changes
 * nothing, and the kernel goes on. And the tools that find the others: poison
 * and failure injection.
 */
#include "drivers.h"
#include "layout.h"
#include "page_helpers.h"
#include "page_owner.h"
#include "pgtable.h"
#include "sections.h"
#include "string.h"
#include "test.h"
#include "util.h"

/* --- Wrong frees ------------------------------------------------------------- */

static struct {
	size_t log;
	unsigned long free;
} before;

static void
watch(void)
{
	before.log = log_end();
	before.free = nr_free_pages();
}

/* One report since watch(), with this reason and who did it; nothing else has
 * changed. */
static bool
refused(const char *why, const char *who)
{
	return log_lines(before.log, "BUG: bad page free at ") == 1 &&
	       log_lines(before.log, why) == 1 &&
	       log_lines(before.log, who) >= 1 &&
	       log_lines(before.log, "nothing was changed") == 1 &&
	       nr_free_pages() == before.free && zones[ZONE_DMA].managed &&
	       !zone_check(&zones[ZONE_DMA]);
}

#define EXPECT_REFUSED(call, why)               \
	do {                                    \
		watch();                        \
		call;                           \
		EXPECT(refused(why, __func__)); \
	} while (0)

/* The page can still be written, freed and had again. */
static void
still_usable(unsigned long addr, unsigned int order)
{
	unsigned long again;

	memset((void *)addr, 0x77, PAGE_SIZE << order);
	free_pages(addr, order);
	EXPECT_EQ(nr_free_pages(), before.free + (1ul << order));
	again = __get_free_pages(GFP_KERNEL, order);
	EXPECT(again != 0);
	free_pages(again, order);
}

TEST(misuse, a_page_is_not_freed_twice)
{
	unsigned long addr = __get_free_page(GFP_KERNEL);

	free_page(addr);
	EXPECT_REFUSED(free_page(addr), "the page is free already");
	EXPECT_REFUSED(__free_page(virt_to_page((void *)addr)),
		       "the page is free already");
	drain_local_pages(); /* now a zone has it */
	EXPECT_REFUSED(free_page(addr), "the page is free already");
	EXPECT_REFUSED(put_page(virt_to_page((void *)addr)),
		       "the page is free already");
}

TEST(misuse, a_large_block_is_not_freed_twice)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 5);

	ASSERT(addr != 0);
	free_pages(addr, 5);
	EXPECT_REFUSED(free_pages(addr, 5), "the page is free already");
	drain_local_pages();
	EXPECT_REFUSED(free_pages(addr, 5), "the page is free already");
	EXPECT_REFUSED(free_pages(addr + 3 * PAGE_SIZE, 0),
		       "the page is free already");
}

TEST(misuse, the_order_must_be_the_one_of_the_allocation)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 2);
	volatile unsigned int order;

	ASSERT(addr != 0);
	EXPECT_REFUSED(free_pages(addr, 0), "allocated with another order");
	EXPECT_REFUSED(free_pages(addr, 3), "allocated with another order");
	EXPECT_REFUSED(free_pages(addr, 11), "allocated with another order");
	for (order = 0; order < 20; order++)
		if (order != 2)
			EXPECT_REFUSED(__free_pages(virt_to_page((void *)addr),
						    order),
				       "allocated with another order");
	still_usable(addr, 2);
}

TEST(misuse, an_address_must_be_that_of_the_block)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 1);

	ASSERT(addr != 0);
	EXPECT_REFUSED(free_pages(addr + 8, 1), "not that of a page");
	EXPECT_REFUSED(free_pages(addr + PAGE_SIZE - 1, 1),
		       "not that of a page");
	EXPECT_REFUSED(free_page(addr + PAGE_SIZE), "the middle of a block");
	EXPECT_REFUSED(free_pages(addr + PAGE_SIZE, 1),
		       "the middle of a block");
	still_usable(addr, 1);
}

TEST(misuse, what_was_never_allocated_is_not_freed)
{
	EXPECT_REFUSED(free_page((unsigned long)_text), "reserved");
	EXPECT_REFUSED(free_page((unsigned long)_sdata), "reserved");
	EXPECT_REFUSED(free_page(PAGE_OFFSET), "reserved");
	EXPECT_REFUSED(free_page(PAGE_OFFSET + 0xB8000), "reserved");
	EXPECT_REFUSED(free_page((unsigned long)mem_map), "reserved");
}

TEST(misuse, an_address_must_be_in_the_direct_map)
{
	static const char why[] = "not in the direct map";

	EXPECT_REFUSED(free_page(0x08048000), why);
	EXPECT_REFUSED(free_page(PAGE_SIZE), why);
	EXPECT_REFUSED(free_page(PAGE_OFFSET - PAGE_SIZE), why);
	EXPECT_REFUSED(free_page((unsigned long)high_memory), why);
	EXPECT_REFUSED(free_page(FIXADDR_START), why);
	EXPECT_REFUSED(free_pages(0xFFFFF000, 3), why);
}

TEST(misuse, the_tail_of_a_compound_page_is_not_freed)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);

	ASSERT(page != NULL);
	EXPECT_REFUSED(__free_page(page + 1), "the middle of a compound page");
	EXPECT_REFUSED(free_pages((unsigned long)page_address(page + 3), 2),
		       "the middle of a compound page");
	EXPECT_REFUSED(__free_page(page), "another order");
	EXPECT(compound_head(page + 3) == page);
	still_usable((unsigned long)page_address(page), 2);
}

TEST(misuse, a_page_with_users_is_not_freed)
{
	struct page *page = alloc_page(GFP_KERNEL);

	ASSERT(page != NULL);
	page->flags |= PG_mapped;
	EXPECT_REFUSED(__free_page(page), "still mapped");
	page->flags ^= PG_mapped | PG_slab;
	EXPECT_REFUSED(__free_page(page), "belongs to the heap");
	page->flags &= ~PG_slab;
	still_usable((unsigned long)page_address(page), 0);
}

/* --- Impossible requests ------------------------------------------------------ */

#define EXPECT_IMPOSSIBLE(call)                                            \
	do {                                                               \
		watch();                                                   \
		EXPECT(!(call));                                           \
		EXPECT_EQ(log_lines(before.log,                            \
				    "impossible page allocation: order:"), \
			  1u);                                             \
		EXPECT_OP(log_lines(before.log, __func__), >=, 1u);        \
		EXPECT_EQ(nr_free_pages(), before.free);                   \
	} while (0)

TEST(misuse, impossible_requests_get_null_and_a_report)
{
	volatile unsigned int too_large = 11;

	EXPECT_IMPOSSIBLE(alloc_pages(GFP_KERNEL, 11));
	EXPECT_IMPOSSIBLE(alloc_pages(GFP_KERNEL, too_large));
	EXPECT_IMPOSSIBLE(__get_free_pages(GFP_KERNEL, ~0u));
	EXPECT_IMPOSSIBLE(alloc_page(GFP_KERNEL | GFP_DMA | __GFP_HIGHMEM));
	EXPECT_IMPOSSIBLE(alloc_page(GFP_KERNEL | (__force gfp_t)0x80000000));
	EXPECT_IMPOSSIBLE(alloc_page(GFP_KERNEL | (__force gfp_t)0x4));
	EXPECT_IMPOSSIBLE(alloc_page(GFP_ATOMIC | __GFP_NOFAIL));
	EXPECT_IMPOSSIBLE(__get_free_page(GFP_HIGHUSER));
	EXPECT_IMPOSSIBLE(get_zeroed_page(GFP_HIGHUSER));
}

TEST(misuse, impossible_requests_without_warning_are_silent)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;

	watch();
	EXPECT(alloc_pages(gfp, 11) == NULL);
	EXPECT(alloc_page(gfp | GFP_DMA | __GFP_HIGHMEM) == NULL);
	EXPECT(alloc_page(gfp | (__force gfp_t)0x80000000) == NULL);
	EXPECT_EQ(__get_free_page(gfp | __GFP_HIGHMEM), 0ul);
	EXPECT_EQ(log_end(), before.log);
}

/* --- Poison ------------------------------------------------------------------- */

/* Get this very page again; the others meanwhile in the pile. */
static bool
get_again(struct pile *pile, struct page *wanted)
{
	struct page *page;

	do {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			return false;
		pile_push(pile, page);
	} while (page != wanted && pile->pages < 64);
	return page == wanted;
}

TEST(misuse, a_write_after_free_is_found_at_the_next_allocation)
{
	unsigned long errors = page_poison_errors();
	bool was_on = page_poison_on();
	struct pile pile = {};
	struct page *page;
	u8 *bytes;

	if (max_pfn > 256 * SZ_1M / PAGE_SIZE) {
		test_skip("filling all memory takes too long");
		return;
	}
	page_poison_set(true);
	page = alloc_page(GFP_KERNEL);
	bytes = page_address(page);
	EXPECT(!memchr_inv(bytes, POISON_FRESH, PAGE_SIZE));
	__free_page(page);
	if (page_guard) /* which would catch it earlier */
		pgtable_lookup(swapper_pg_dir, (uintptr_t)bytes)->val |=
			_PAGE_PRESENT;
	EXPECT(!memchr_inv(bytes, POISON_FREE, PAGE_SIZE));
	watch();
	bytes[0x123] = 0x42;
	bytes[0x456] = 0x43;
	EXPECT(get_again(&pile, page));
	EXPECT_EQ(page_poison_errors(), errors + 1);
	EXPECT_EQ(log_lines(before.log, "bytes 0x123 to 0x456, the first is "
					"0x42, not 0x6b"),
		  1u);
	pile_free(&pile);
	EXPECT(get_again(&pile, page)); /* filled again: no second report */
	EXPECT_EQ(page_poison_errors(), errors + 1);
	pile_free(&pile);
	page_poison_set(was_on);
	EXPECT_EQ(page_poison_on(), was_on);
}

/* --- Failure injection ---------------------------------------------------------- */

static __noinline bool
alloc_here(gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_NOWARN);

	if (page)
		__free_page(page);
	return page != NULL;
}

/* Ten allocations, from here and from there in turn: a bit for each that
 * succeeded. */
static u32
ten_allocations(void)
{
	u32 succeeded = 0;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		struct page *page;

		if (i % 2) {
			succeeded |= (u32)alloc_here(GFP_KERNEL) << i;
			continue;
		}
		page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
		succeeded |= (u32)(page != NULL) << i;
		if (page)
			__free_page(page);
	}
	return succeeded;
}

TEST(misuse, allocations_can_be_made_to_fail)
{
	fail_page_alloc_set(3, 0, 0); /* the third, sixth, ninth */
	EXPECT_EQ(ten_allocations(), 0x3FFu & ~(4u | 32u | 256u));
	fail_page_alloc_set(0, 4, 0); /* all from the fourth on */
	EXPECT_EQ(ten_allocations(), 7u);
	fail_page_alloc_set(1, 0, (u32)alloc_here); /* all of alloc_here */
	EXPECT_EQ(ten_allocations(), 0x155u);
	fail_page_alloc_set(1, 0, 0);
	EXPECT_EQ(ten_allocations(), 0u);
	EXPECT(alloc_here(GFP_KERNEL | __GFP_NOFAIL));
	watch();
	EXPECT(alloc_page(GFP_ATOMIC | __GFP_NOWARN) == NULL);
	EXPECT_EQ(log_end(), before.log);
	fail_page_alloc_set(0, 0, 0);
	EXPECT_EQ(ten_allocations(), 0x3FFu);
}
