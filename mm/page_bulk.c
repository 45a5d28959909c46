/* page_bulk.c - many single pages at once.
 *
 *   alloc   zone:  [       order 3          ] [  order 2  ] ...
 *           array:  p0 p1 p2 p3 p4 p5 p6 p7    p8 ..          one lock, blocks
 *                                                             cut up
 *   free    array: [7][8][9][10][11][12][13][14] [40] [3]
 *                  \________ one range ________/   \___/ per-CPU list
 *
 * A run of neighbours goes back as the blocks it was cut from: nothing is
 * merged page by page. A few pages are what the per-CPU lists are for.
 *
 * Guarantees: what zones in the order of the flags have above their low
 * watermark, and the first one's list, is taken here; the rest comes from alloc_page, one by one, which
 * reclaims, waits and reports. While the page hooks are on, everything does,
 * so that owner, poison and failure injection see each page.
 *
 * Locking: zone->lock, for at most LOCKED_PAGES at a time.
 * Cost: some 8 instructions a page to take, 10 to give back.
 */
#include "highmem.h"
#include "internal.h"
#include "patch.h"
#include "util.h"
#include "x86/pcp.h"

#define FEW          8 /* pages below which splitting and merging does not pay */
#define PIECE        32ul /* pages taken in one block: as much as a list has */
#define LOCKED_PAGES (1ul << MAX_ORDER)

/* Up to nr pages out of a zone's free blocks. PIECE at a time, so that a large
 * block is broken only when there is no smaller one that would do. */
static unsigned long
cut_blocks(struct zone *zone, unsigned long nr, unsigned long leave,
	   struct page **array)
{
	unsigned long flags, got = 0;

	spin_lock_irqsave(&zone->lock, flags);
	if (zone->free_pages <= leave)
		nr = 0;
	else
		nr = min(nr, zone->free_pages - leave);
	nr = min(nr, LOCKED_PAGES);
	while (got < nr) {
		unsigned long n = min(nr - got, PIECE);
		unsigned int order = min(31 - __builtin_clz(n),
					 31 - __builtin_clz(zone->free_orders));
		struct page *page = buddy_alloc(zone, order);
		struct page *end = page + (1ul << order);

		page->flags = zone->index; /* as all the others */
		for (; page < end; page++) {
			page->_refcount = 1;
			array[got++] = page;
		}
	}
	spin_unlock_irqrestore(&zone->lock, flags);
	return got;
}

/* From this CPU's list, as long as it has some. */
static unsigned long
pop_pages(struct zone *zone, unsigned long nr, struct page **array)
{
	u32 spare = 0, slot = PCP_SLOT(PAGE_FLAGS(zone->index, 0, 0));
	unsigned long got;

	for (got = 0; got < nr && pcp_pop(slot, &spare, &array[got]); got++)
		array[got]->_refcount = 1;
	return got;
}

static unsigned long
take_blocks(struct zone *zone, gfp_t gfp, unsigned long nr, struct page **array)
{
	unsigned long leave, more, got = 0;

	for (; zone >= zones && nr - got >= FEW; zone--) {
		leave = pages_to_leave(zone, gfp, true);
		do {
			more = cut_blocks(zone, nr - got, leave, array + got);
			got += more;
		} while (more && nr - got >= FEW);
	}
	return got;
}

/* The highest zone to take from; NULL: take them singly. */
static struct zone *
first_zone(gfp_t gfp)
{
	if (patched(PATCH_PAGE_HOOKS) || gfp_contradicts(gfp) ||
	    (gfp & GFP_UNCOMMON & ~(__GFP_HIGHMEM | __GFP_ZERO)))
		return NULL;
	if ((gfp & __GFP_HIGHMEM) && zones[ZONE_HIGHMEM].managed)
		return &zones[ZONE_HIGHMEM];
	return &zones[ZONE_NORMAL];
}

unsigned long
alloc_pages_bulk_array(gfp_t gfp, unsigned long nr, struct page **array)
{
	struct zone *zone = first_zone(gfp);
	unsigned long got = 0, i;

	if (zone && nr >= FEW)
		got = take_blocks(zone, gfp, nr, array);
	if (zone)
		got += pop_pages(zone, nr - got, array + got);
	for (i = 0; (gfp & __GFP_ZERO) && i < got; i++)
		clear_pages(array[i], 0);
	while (got < nr && (array[got] = alloc_page(gfp)))
		got++;
	return got;
}

/* How many of these pages are neighbours that only we have: they have no
 * reference any more. FEW at least, or 0. */
static __noinline unsigned long
drop_run(struct page *const *pages, unsigned long nr)
{
	struct page *const *next = pages;
	struct page *const *end = pages + min(nr, LOCKED_PAGES);
	struct page *page = pages[0];
	const u32 flags = page->flags;

	if (flags >= MAX_NR_ZONES)
		return 0;
	for (; next < end && *next == page; next++, page++) {
		if (page->flags != flags || page->_refcount != 1)
			break;
		page->_refcount = 0;
	}
	if (next - pages >= FEW)
		return next - pages;
	while (next-- > pages)
		(*next)->_refcount = 1;
	return 0;
}

static void
free_run(struct page *page, unsigned long nr)
{
	struct zone *zone = page_zone(page);
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	buddy_free_range(zone, page - zone->map, nr);
	spin_unlock_irqrestore(&zone->lock, flags);
	call_pages_freed();
}

void
release_pages(struct page **pages, unsigned long nr)
{
	unsigned long n;

	for (; nr; nr -= n, pages += n) {
		n = 0;
		if (nr >= FEW && !patched(PATCH_PAGE_HOOKS))
			n = drop_run(pages, nr);
		if (n) {
			free_run(pages[0], n);
			continue;
		}
		n = 1;
		if (likely(pages[0]->flags < MAX_NR_ZONES))
			__free_page(pages[0]); /* the short path */
		else
			put_page(pages[0]);
	}
}
