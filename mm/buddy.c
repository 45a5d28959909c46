/* buddy.c - the buddy system: free memory of one zone, in blocks of 2^order.
 *
 *   zone.area[0]  --> [page]---[page]              blocks of 1
 *   zone.area[1]  --> [page  page]                 blocks of 2
 *       ...
 *   zone.area[10] --> [..... 1024 pages .....]
 *
 * A block of order n starts at a frame number that is a multiple of 2^n. Its
 * buddy is the other half of the block of order n + 1, at the frame number
 * with bit n flipped:
 *
 *   pfn   8   9  10  11  12  13  14  15
 *        [  order 1: 8 ][ buddy: 10  ]                8 ^ 2 = 10
 *        [       order 2: 8         ][   buddy: 12  ] 8 ^ 4 = 12
 *
 * Allocating: 1. take the smallest free block that is large enough;
 *             2. while it is too large, give its upper half back.
 * Freeing:    1. while the buddy is free and whole, take it out of its list
 *                and become one block of the next order;
 *             2. put the block into the list of its order.
 *
 * Invariants (debug/zone_check.c): bit n of free_orders is set iff area[n] is not
 * empty; free_pages is the sum; every block is aligned, inside the zone, its
 * head, and no other page, flagged with PG_buddy and its order; no two buddies
 * are both free.
 *
 * Locking: the caller holds zone->lock. Cost: O(orders). Knuth, The Art of
 * Computer Programming, volume 1, section 2.5, algorithm R and S; what Linux
 * has done since 1.x.
 */
#include "mmzone.h"
#include "panic.h"
#include "util.h"

void
zone_init(struct zone *zone, const char *name, unsigned int index,
	  struct page *map, unsigned long start_pfn, unsigned long spanned)
{
	unsigned int order;

	*zone = (struct zone){
		.name = name,
		.index = index,
		.map = map,
		.start_pfn = start_pfn,
		.spanned = spanned,
	};
	spin_lock_init(&zone->lock);
	for (order = 0; order < NR_ORDERS; order++)
		INIT_LIST_HEAD(&zone->area[order].list);
}

static __always_inline void
area_add(struct zone *zone, struct page *page, unsigned int order)
{
	page->flags = PAGE_FLAGS(zone->index, order, PG_buddy);
	list_add(&page->lru, &zone->area[order].list);
	zone->area[order].nr_free++;
	zone->free_orders |= 1u << order;
}

static __always_inline void
area_remove(struct zone *zone, struct page *page, unsigned int order)
{
	struct list_head *prev = page->lru.prev, *next = page->lru.next;

	page->flags = zone->index;
	prev->next = next;
	next->prev = prev;
	zone->area[order].nr_free--;
	if (prev == next) /* only the list's head is left */
		zone->free_orders &= ~(1u << order);
}

/* Halve the block until it has the wanted order:
 *
 *   [          order 3          ]      wanted: order 1
 *   [   order 2  ][ upper half  ]      upper half of order 2: free
 *   [  1  ][ up  ][             ]      upper half of order 1: free
 */
struct page *
buddy_alloc(struct zone *zone, unsigned int order)
{
	u32 large_enough = zone->free_orders >> order << order;
	struct page *page;
	unsigned int have;

	if (!large_enough)
		return NULL;
	have = __builtin_ctz(large_enough);
	page = list_entry(zone->area[have].list.next, struct page, lru);
	area_remove(zone, page, have);
	zone->free_pages -= 1ul << order;
	while (have > order) {
		have--;
		area_add(zone, page + (1ul << have), have);
	}
	page->flags = PAGE_FLAGS(zone->index, order, 0);
	return page;
}

/* Join with the buddy as long as it is free and whole:
 *
 *   [ 12 ][ 13: freed ]                12 = 13 ^ 1 is free, order 0
 *   [   12, order 1   ][ 14, order 1 ] 14 = 12 ^ 2 is free, order 1
 *   [           12, order 2          ] 8 = 12 ^ 4 is not: stop
 */
void
buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	unsigned long pfn = page - zone->map;

	page->flags = zone->index; /* it may end up inside a larger block */
	zone->free_pages += 1ul << order;
	while (order < MAX_ORDER) {
		unsigned long buddy_pfn = pfn ^ (1ul << order);
		struct page *buddy = zone->map + buddy_pfn;

		if (!zone_spans_pfn(zone, buddy_pfn) ||
		    buddy->flags != PAGE_FLAGS(zone->index, order, PG_buddy))
			break;
		area_remove(zone, buddy, order);
		pfn &= buddy_pfn;
		order++;
	}
	area_add(zone, zone->map + pfn, order);
}

void
buddy_free_range(struct zone *zone, unsigned long pfn, unsigned long nr)
{
	while (nr) {
		/* The largest block that starts here and ends in the range. */
		unsigned int order = 31 - __builtin_clz(nr);

		order = min_t(unsigned int, order, MAX_ORDER);
		if (pfn)
			order = min_t(unsigned int, order, __builtin_ctz(pfn));
		buddy_free(zone, zone->map + pfn, order);
		pfn += 1ul << order;
		nr -= 1ul << order;
	}
}
