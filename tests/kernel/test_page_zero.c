/* test_page_zero.c - __GFP_ZERO: zeroes, whatever the page held before.
 */
#include "highmem.h"
#include "page_helpers.h"
#include "string.h"
#include "test.h"
#include "util.h"

static bool
is_filled(struct page *page, unsigned int order, u8 byte)
{
	struct page *end = page + (1ul << order);
	bool yes = true;

	for (; page < end; page++) {
		const void *bytes = kmap_local_page(page);

		yes &= !memchr_inv(bytes, byte, PAGE_SIZE);
		kunmap_local(bytes);
	}
	return yes;
}

/* Fill a block, free it, ask for zeroes until it comes back. */
static void
zero_returns(gfp_t gfp, unsigned int order)
{
	struct page *page, *dirty = alloc_pages(gfp, order);
	struct pile pile = {};
	unsigned int tries = 0;

	ASSERT(dirty != NULL);
	fill_pages(dirty, order, 0xDB);
	ASSERT(is_filled(dirty, order, 0xDB));
	__free_pages(dirty, order);
	do {
		page = alloc_pages(gfp | __GFP_ZERO, order);
		if (!page)
			break;
		EXPECT(is_filled(page, order, 0));
		pile_push(&pile, page);
	} while (page != dirty && ++tries < 64);
	EXPECT(page == dirty);
	pile_free(&pile);
}

TEST(pages, zeroed_pages_are_zero_whatever_they_held)
{
	unsigned long addr = __get_free_page(GFP_KERNEL);

	ASSERT(addr != 0);
	memset((void *)addr, 0xDB, PAGE_SIZE);
	free_page(addr);
	addr = get_zeroed_page(GFP_KERNEL);
	ASSERT(addr != 0);
	EXPECT(is_filled(virt_to_page((void *)addr), 0, 0));
	free_page(addr);

	zero_returns(GFP_KERNEL, 0);
	zero_returns(GFP_KERNEL, 3);
	zero_returns(GFP_KERNEL, 6);
	zero_returns(GFP_DMA, 1);
}

TEST(pages, zeroed_pages_are_zero_in_high_memory_too)
{
	struct page *page;

	if (no_high_memory(100)) /* a few may all be in use, or kept back */
		return;
	page = alloc_page(GFP_HIGHUSER);
	ASSERT(page != NULL);
	EXPECT_EQ(page_zone_index(page), (unsigned int)ZONE_HIGHMEM);
	EXPECT(page_address(page) == NULL);
	__free_page(page);
	zero_returns(GFP_HIGHUSER, 0);
	zero_returns(GFP_HIGHUSER, 2);
}
