/* test_pages.c - the pages that alloc_pages gives out are what was asked for,
 * and all of them come back.
 */
#include "../../mm/internal.h"
#include "explain.h"
#include "page_helpers.h"
#include "sections.h"
#include "string.h"
#include "test.h"
#include "util.h"

/* --- One block -------------------------------------------------------------- */

/* Write a word of its own at both ends of each page; are they still there? */
static void
tag_block(struct page *page, unsigned int order, u32 tag)
{
	struct page *end = page + (1ul << order);

	for (; page < end; page++) {
		u32 *words = page_address(page);

		words[0] = tag + page_to_pfn(page);
		words[PAGE_SIZE / sizeof(u32) - 1] = ~words[0];
	}
}

static bool
has_tags(struct page *page, unsigned int order, u32 tag)
{
	struct page *end = page + (1ul << order);

	for (; page < end; page++) {
		const u32 *words = page_address(page);
		u32 word = tag + page_to_pfn(page);

		if (words[0] != word ||
		    words[PAGE_SIZE / sizeof(u32) - 1] != ~word)
			return false;
	}
	return true;
}

TEST(pages, a_block_of_each_order_is_aligned_and_has_one_owner)
{
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		struct page *page = alloc_pages(GFP_KERNEL, order);

		ASSERT(page != NULL);
		EXPECT(IS_ALIGNED(page_to_pfn(page), 1ul << order));
		EXPECT_EQ(page_count(page), 1);
		EXPECT_EQ(page_order(page), order);
		EXPECT_EQ(page->flags & ~PAGE_ZONE_MASK,
			  PAGE_FLAGS(0, order, 0));
		EXPECT(page_to_pfn(page) - page_zone(page)->start_pfn <
		       page_zone(page)->spanned);
		EXPECT(page_address(page) == __va(page_to_phys(page)));
		EXPECT(virt_to_page(page_address(page)) == page);
		__free_pages(page, order);
	}
}

TEST(pages, blocks_of_all_orders_do_not_overlap)
{
	struct page *blocks[NR_ORDERS][2];
	unsigned int order, i;

	for (order = 0; order < NR_ORDERS; order++)
		for (i = 0; i < 2; i++) {
			struct page *page =
				alloc_pages(GFP_KERNEL | __GFP_NORETRY |
						    __GFP_NOWARN,
					    order);

			blocks[order][i] = page;
			if (page)
				tag_block(page, order, order * 2 + i);
			else /* two of the largest: not on a small machine */
				EXPECT(max_pfn <= 32 * SZ_1M / PAGE_SIZE);
		}
	for (order = 0; order < NR_ORDERS; order++)
		for (i = 0; i < 2; i++) {
			struct page *page = blocks[order][i];

			if (!page)
				continue;
			EXPECT(has_tags(page, order, order * 2 + i));
			__free_pages(page, order);
		}
}

TEST(pages, addresses_and_pages_are_two_names_for_the_same)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 2);

	ASSERT(addr != 0);
	EXPECT_EQ(addr % PAGE_SIZE, 0ul);
	EXPECT_EQ(virt_to_phys((void *)addr), (phys_addr_t)addr - PAGE_OFFSET);
	EXPECT_EQ(page_count(virt_to_page((void *)addr)), 1);
	__free_pages(virt_to_page((void *)addr), 2);
	free_pages(0, 0);
	free_pages(0, 11);
}

TEST(pages, dma_pages_are_below_16_mib)
{
	struct page *page;
	struct pile pile = {};
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		page = alloc_pages(GFP_DMA | GFP_TRY, order);
		if (!page)
			break;
		EXPECT_EQ(page_zone_index(page), (unsigned int)ZONE_DMA);
		EXPECT_OP(page_to_phys(page) + (PAGE_SIZE << order), <=,
			  (phys_addr_t)ZONE_DMA_END);
		pile_push(&pile, page);
	}
	EXPECT_OP(order, >, 8u);
	pile_free(&pile);
}

/* --- Blocks as one, and in pieces ------------------------------------------- */

TEST(pages, the_pages_of_a_compound_page_know_their_head)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
	unsigned int i;

	ASSERT(page != NULL);
	EXPECT(page->flags & PG_head);
	EXPECT(compound_head(page) == page);
	for (i = 1; i < 8; i++) {
		EXPECT(page[i].flags & PG_tail);
		EXPECT(compound_head(&page[i]) == page);
	}
	get_page(&page[5]); /* of any page: the head's */
	EXPECT_EQ(page_count(page), 2);
	EXPECT_EQ(page_count(&page[7]), 2);
	put_page(&page[2]);
	EXPECT_EQ(page_count(page), 1);
	put_page(&page[1]);
	for (i = 0; i < 8; i++)
		EXPECT(!(page[i].flags & (PG_head | PG_tail)));
}

TEST(pages, the_last_owner_frees)
{
	struct zones_state before;
	struct page *page;

	zones_note(&before);
	page = alloc_pages(GFP_KERNEL, 2);
	ASSERT(page != NULL);
	get_page(page);
	__free_pages(page, 2);
	EXPECT_EQ(page_count(page), 1);
	EXPECT_EQ(nr_free_pages(),
		  before.free[0] + before.free[1] + before.free[2] - 4);
	put_page(page);
	EXPECT_EQ(page_count(page), 0);
	EXPECT_EQ(zones_differ(&before), 0u);
}

TEST(pages, a_split_block_is_single_pages)
{
	struct zones_state before;
	struct page *page;
	unsigned int i;

	zones_note(&before);
	page = alloc_pages(GFP_KERNEL, 3);
	ASSERT(page != NULL);
	split_page(page, 3);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(page_count(&page[i]), 1);
		EXPECT_EQ(page_order(&page[i]), 0u);
	}
	for (i = 0; i < 8; i++)
		__free_page(&page[i * 5 % 8]);
	EXPECT_EQ(zones_differ(&before), 0u);
}

TEST(pages, exact_sizes_give_back_what_is_left_over)
{
	static const struct {
		size_t size;
		unsigned long pages;
	} cases[] = {{1, 1},
		     {4096, 1},
		     {4097, 2},
		     {3 * PAGE_SIZE, 3},
		     {9 * PAGE_SIZE + 1, 10}};
	unsigned long before = nr_free_pages();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		void *area = alloc_pages_exact(cases[i].size, GFP_KERNEL);

		ASSERT(area != NULL);
		EXPECT_EQ(nr_free_pages(), before - cases[i].pages);
		EXPECT_EQ((uintptr_t)area % PAGE_SIZE, 0u);
		memset(area, 0x5A, cases[i].size);
		free_pages_exact(area, cases[i].size);
		EXPECT_EQ(nr_free_pages(), before);
	}
	EXPECT(alloc_pages_exact(5 * SZ_1M, GFP_KERNEL | __GFP_NOWARN) == NULL);
	EXPECT(alloc_pages_exact(0, GFP_KERNEL | __GFP_NOWARN) == NULL);
	EXPECT(alloc_pages_exact(-1, GFP_KERNEL | __GFP_NOWARN) == NULL);
}

TEST(pages, what_the_per_cpu_lists_hold_counts_as_free)
{
	struct pile pile = {};
	unsigned long before;
	unsigned int i;

	drain_local_pages();
	before = nr_free_pages();
	for (i = 0; i < 100; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		ASSERT(page != NULL);
		pile_push(&pile, page);
		EXPECT_EQ(nr_free_pages(), before - i - 1);
	}
	EXPECT_EQ(zones_broken(), 0u);
	while (pile.top)
		__free_page(pile_pop(&pile));
	EXPECT_EQ(nr_free_pages(), before);
	EXPECT_EQ(zones_broken(), 0u);
}

/* However many are freed at a time, two magazines are what the list keeps. */
TEST(pages, a_full_list_gives_the_rest_to_the_zone)
{
	struct pile pile = {};
	struct zone *zone = &zones[ZONE_NORMAL];
	unsigned long free;
	s32 limit;

	if (!zone->managed) {
		test_skip("no such zone");
		return;
	}
	for (unsigned int i = 0; i < 300; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		ASSERT(page != NULL);
		pile_push(&pile, page);
	}
	drain_local_pages();
	free = zone->free_pages;
	limit = pcp_of(zone, 0)->limit;
	for (unsigned int i = 1; pile.top; i++) {
		struct page *page = pile_pop(&pile);

		if (page_zone(page) != zone)
			i--;
		__free_page(page);
		EXPECT_OP(pcp_pages(zone), <=, 2 * limit + 1u);
		EXPECT_EQ(zone->free_pages + pcp_pages(zone), free + i);
	}
	EXPECT_EQ(zones_broken(), 0u);
}

/* A zone of the test's own, and behind its last frame what looks like that one's
 * buddy. */
TEST(pages, nothing_is_merged_over_the_end_of_a_zone)
{
	enum {
		NR = 37, /* frames: the last is even, 36, and so without buddy */
		BEHIND = 27
	};
	size_t bytes = (NR + BEHIND) * sizeof(struct page);
	struct page *map = kzalloc(bytes, GFP_KERNEL), *page;
	struct zone *zone = kzalloc(sizeof(*zone), GFP_KERNEL);
	unsigned long flags, taken = 0;

	ASSERT(map && zone);
	zone_init(zone, "test", 0, map, 0, NR);
	for (unsigned int i = NR; i < NR + BEHIND; i++)
		map[i].flags = PAGE_FLAGS(0, i % 2 ? 0 : 2, PG_buddy);
	spin_lock_irqsave(&zone->lock, flags);
	zone->managed = NR;
	buddy_free_range(zone, 0, NR);
	spin_unlock_irqrestore(&zone->lock, flags);
	EXPECT_EQ(zone_check(zone), 0u);
	EXPECT_EQ(zone->area[0].nr_free, 1u); /* 37 = 32 + 4 + 1 */
	EXPECT_EQ(zone->area[2].nr_free, 1u);
	EXPECT_EQ(zone->area[5].nr_free, 1u);
	spin_lock_irqsave(&zone->lock, flags);
	while ((page = buddy_alloc(zone, 0)) && page - map < NR)
		taken++;
	for (unsigned int i = 0; i < NR; i++)
		buddy_free(zone, map + i, 0);
	spin_unlock_irqrestore(&zone->lock, flags);
	EXPECT_EQ(taken, NR);
	EXPECT_EQ(zone_check(zone), 0u);
	EXPECT_EQ(zone->area[5].nr_free, 1u);
	for (unsigned int i = NR; i < NR + BEHIND; i++)
		EXPECT_EQ(map[i].flags, PAGE_FLAGS(0, i % 2 ? 0 : 2, PG_buddy));
	kfree(map);
	kfree(zone);
}

/* --- All of it -------------------------------------------------------------- */

TEST(pages, all_memory_can_be_taken_page_by_page_and_comes_back)
{
	struct zones_state before;
	struct pile pile = {};
	unsigned long total = 0;
	unsigned int i;

	zones_note(&before);
	/* The highest first; a lower zone keeps its reserve from it. */
	for (i = MAX_NR_ZONES; i--;)
		pile_fill(&pile, GFP_EVERYTHING | zone_gfp(i), 0);
	for (i = 0; i < MAX_NR_ZONES; i++) {
		total += before.free[i];
		EXPECT_EQ(zones[i].free_pages, 0ul);
		EXPECT_EQ(zones[i].free_orders, 0u);
	}
	EXPECT_EQ(pile.pages, total);
	EXPECT_EQ(nr_free_pages(), 0ul);
	pile_free(&pile);
	EXPECT_EQ(zones_differ(&before), 0u);
	EXPECT_EQ(zones_broken(), 0u);
}

TEST(pages, all_memory_can_be_taken_in_the_largest_blocks)
{
	struct zones_state before;
	struct pile pile = {};
	unsigned int i;

	zones_note(&before);
	for (i = 0; i < MAX_NR_ZONES; i++) {
		pile_fill_zone(&pile, i);
		EXPECT_EQ(zones[i].free_pages, 0ul);
	}
	pile_free(&pile);
	EXPECT_EQ(zones_differ(&before), 0u);
}

/* Give back the blocks with an odd frame number, or all. */
static void
free_odd(struct pile *pile)
{
	struct pile even = {};
	struct page *page;

	while ((page = pile_pop(pile))) {
		if (page_to_pfn(page) % 2)
			__free_page(page);
		else
			pile_push(&even, page);
	}
	*pile = even;
}

TEST(pages, half_of_low_memory_free_and_no_two_pages_together)
{
	struct zones_state before;
	struct pile pile = {};
	unsigned int i;

	zones_note(&before);
	pile_fill(&pile, GFP_EVERYTHING, 0);
	pile_fill(&pile, GFP_EVERYTHING | GFP_DMA, 0);
	free_odd(&pile);
	drain_local_pages();
	EXPECT_OP(nr_free_pages(), >=,
		  (before.free[ZONE_DMA] + before.free[ZONE_NORMAL]) / 2 - 64);
	EXPECT_EQ(zones[ZONE_DMA].free_orders, 1u);
	EXPECT(alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 1) == NULL);
	for (i = 0; i < 1000; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		ASSERT(page != NULL);
		EXPECT(page_to_pfn(page) % 2);
		__free_page(page);
	}
	pile_free(&pile);
	EXPECT_EQ(zones_differ(&before), 0u);
	EXPECT_EQ(zones_broken(), 0u);
}

TEST(pages, the_boot_only_code_is_free_memory)
{
	uintptr_t va;

	for (va = PAGE_OFFSET + KERNEL_PHYS; va < (uintptr_t)__init_end;
	     va += PAGE_SIZE) {
		struct page *page = virt_to_page((void *)va);

		EXPECT(!(page->flags & PG_reserved));
		EXPECT(strstr(address_region(va), "freed init"));
	}
	EXPECT(virt_to_page(_text)->flags & PG_reserved);
	EXPECT_STREQ(address_region((uintptr_t)__init_end), ".text");
}
