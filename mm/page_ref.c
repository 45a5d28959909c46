/* page_ref.c - what can be done with pages that one has: share them, cut a
 * block into single pages, have just as many as one needs.
 *
 *   get_page   1 owner --> 2        alloc_pages_exact(5 pages)
 *   put_page   2 --> 1 --> free       [ 5 pages | 3 given back ]   of order 3
 *
 * Who holds a reference may take another for somebody else; the last one that
 * is put frees the block, with the order it was allocated with.
 */
#include "internal.h"
#include "panic.h"
#include "patch.h"

void
get_page(struct page *page)
{
	page = compound_head(page);
	assert(page->_refcount > 0);
	page->_refcount++;
}

void
put_page(struct page *page)
{
	page = compound_head(page);
	__free_pages_any(page, page_order(page));
}

void
split_page(struct page *page, unsigned int order)
{
	unsigned long i;

	assert(page->_refcount == 1 && page_order(page) == order);
	assert(!(page->flags & (PG_head | PG_tail)));
	for (i = 0; i < 1ul << order; i++) {
		page[i].flags = PAGE_FLAGS(page_zone_index(page), 0, 0);
		page[i]._refcount = 1;
	}
	if (patch_is_on(PATCH_PAGE_HOOKS))
		page_hook_split(page, order);
}

void *
alloc_pages_exact(size_t size, gfp_t gfp)
{
	unsigned int order;
	unsigned long addr, end, used;

	if (!size || size > PAGE_SIZE << MAX_ORDER) {
		report_bad_request(gfp, MAX_ORDER + 1,
				   (u32)__builtin_return_address(0));
		return NULL;
	}
	order = get_order(size);
	addr = get_free_pages_any(gfp & ~__GFP_COMP, order);
	if (!addr)
		return NULL;
	/*  [ used      |  given back  ]   of 2^order pages */
	split_page(virt_to_page((void *)addr), order);
	end = addr + ((unsigned long)PAGE_SIZE << order);
	for (used = addr + PAGE_ALIGN(size); used < end; used += PAGE_SIZE)
		free_page(used);
	return (void *)addr;
}

void
free_pages_exact(void *virt, size_t size)
{
	unsigned long addr = (unsigned long)virt;
	unsigned long end = addr + PAGE_ALIGN(size);

	for (; addr < end; addr += PAGE_SIZE)
		free_page(addr);
}
