/* zone_check.c - is a zone what mm/buddy.c says it is?
 *
 *   area[n]  [head]->[head]->[head]     each: aligned, inside, flagged so; its
 *            nr_free, free_orders       other pages flagged with nothing; its
 *   map      ....B.......B.....B...     buddy not free too; all of those
 *                                       marked B are in some list
 *
 * Also: which free block holds a page, for reports.
 *
 * Locking: zone->lock, interrupts off, for as long as it takes: O(pages).
 */
#include "mmzone.h"
#include "util.h"

/* What is wrong with one free block. */
static unsigned int
check_block(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page - zone->map, i;
	unsigned long buddy = pfn ^ (1ul << order);
	unsigned int bad = 0;

	if (!zone_spans_pfn(zone, pfn) ||
	    !zone_spans_pfn(zone, pfn + (1ul << order) - 1))
		return 1;
	bad += !IS_ALIGNED(pfn, 1ul << order);
	bad += page->flags != PAGE_FLAGS(zone->index, order, PG_buddy);
	for (i = 0; i < 1ul << order; i++) {
		bad += page[i]._refcount != 0;
		bad += i && page[i].flags != zone->index;
	}
	if (order < MAX_ORDER && zone_spans_pfn(zone, buddy))
		bad += zone->map[buddy].flags == page->flags;
	return bad;
}

/* Frames that say they head a free block, in a list or not. */
static unsigned long
count_heads(const struct zone *zone)
{
	const struct page *page = zone->map + zone->start_pfn;
	const struct page *end = page + zone->spanned;
	unsigned long heads = 0;

	for (; page < end; page++)
		heads += (page->flags & PG_buddy) != 0;
	return heads;
}

unsigned int
zone_check(struct zone *zone)
{
	unsigned long flags, pages = 0, heads = 0, blocks;
	unsigned int order, bad = 0;
	struct page *page;

	spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order < NR_ORDERS; order++) {
		struct free_area *area = &zone->area[order];

		blocks = 0;
		list_for_each_entry(page, &area->list, lru)
		{
			bad += check_block(zone, page, order);
			if (++blocks > area->nr_free)
				break; /* a loop, or more than counted */
		}
		bad += blocks != area->nr_free;
		bad += !!blocks != (zone->free_orders >> order & 1);
		pages += blocks << order;
		heads += blocks;
	}
	bad += heads != count_heads(zone);
	bad += pages != zone->free_pages || pages > zone->managed;
	spin_unlock_irqrestore(&zone->lock, flags);
	return bad;
}

struct page *
buddy_head_of(struct zone *zone, unsigned long pfn)
{
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		unsigned long head = ALIGN_DOWN(pfn, 1ul << order);

		if (zone_spans_pfn(zone, head) &&
		    zone->map[head].flags ==
			    PAGE_FLAGS(zone->index, order, PG_buddy))
			return &zone->map[head];
	}
	return NULL;
}
