/* pcp.c - per-CPU lists of free blocks, in front of the zones.
 *
 *   alloc_pages --> pcps[zone, order].head --> [p]->[p]->[p]     a pop
 *   free_pages  -->                                              a push
 *                       |  ^
 *     refill: one block |  | drain: runs of neighbours become
 *     cut into limit    v  | one block again
 *                     buddy.c
 *
 * Nobody else may touch them, so "interrupts off" is all the lock they need.
 * Pages in a list are free: no references; their flags say zone and order.
 *
 * Limits: up to 2 * limit blocks of an order are held back from merging. Who
 * finds no block of the order he wants drains the lists first (page_alloc.c).
 */
#include "internal.h"
#include "util.h"

DEFINE_PER_CPU(struct pcp, pcps[NR_PCP]);
void (*pages_freed)(void); /* NULL: nobody waits for pages */

/* Blocks a magazine holds, by order: at most 256 KiB each, and one of the
 * large ones, which saves splitting and merging through all orders. */
#define MAGAZINE_PAGES 64
#define LARGE_ORDER    4 /* from here on one block, and no spare */

void
pcp_init(struct zone *zone)
{
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		unsigned int blocks =
			order < LARGE_ORDER ? MAGAZINE_PAGES >> order : 1;

		/* At most 1/64 of the zone in one list. */
		while (blocks && (blocks << order) > zone->managed / 64)
			blocks /= 2;
		if (pages_freed)
			blocks = 0;
		pcp_of(zone, order)->limit = blocks;
		pcp_of(zone, order)->room = blocks;
	}
}

/* Cut a free block into `count` times 2^order pages, in front of a list:
 *
 *   buddy  [                order 5                ]
 *   head -> [0]->[1]->[2]-> ... ->[31]-> rest          order 0, count 32
 */
static struct page *
chain(struct zone *zone, struct page *page, unsigned int order,
      unsigned int count, struct page *rest)
{
	u32 flags = PAGE_FLAGS(zone->index, order, 0);
	struct page *head = page;

	for (; --count; page = page->next) {
		page->flags = flags;
		page->next = page + (1ul << order);
	}
	page->flags = flags;
	page->next = rest;
	return head;
}

/* How large a block (order + this) to cut next, for `want` blocks: small ones,
 * if that many lie about; else the smallest that makes up all that is missing,
 * or nearly; else the largest there is. A few fragments are left alone: taken
 * in, they would leave the list short by an odd number, which is then cut from
 * a large block, whose odd rest the next refill finds, and so on. So each order
 * below a list's worth keeps at most a list's worth of fragments for nothing. */
static unsigned int
next_cut(const struct zone *zone, unsigned int order, unsigned int want)
{
	unsigned int missing = 31 - __builtin_clz(want), cut;
	u32 have = zone->free_orders >> order;

	for (cut = 0; cut < missing; cut++)
		if (zone->area[order + cut].nr_free << cut >= want)
			return cut;
	if (have >> missing)
		return missing;
	return 31 - __builtin_clz(have);
}

/* Fill the empty list with `want` blocks. */
static void
refill(struct zone *zone, struct pcp *pcp, unsigned int order,
       unsigned int want)
{
	spin_lock(&zone->lock);
	while (want && zone->free_orders >> order) {
		unsigned int cut = next_cut(zone, order, want);
		struct page *page = buddy_alloc(zone, order + cut);

		pcp->head = chain(zone, page, order, 1u << cut, pcp->head);
		pcp->room -= 1 << cut;
		want -= 1u << cut;
	}
	spin_unlock(&zone->lock);
}

struct page *
pcp_alloc(struct zone *zone, unsigned int order, bool batch)
{
	struct pcp *pcp = pcp_of(zone, order);
	struct page *page;

	if (!pcp->head && pcp->spare) {
		pcp->head = pcp->spare;
		pcp->room = 0;
		pcp->spare = NULL;
	}
	if (!pcp->head)
		refill(zone, pcp, order, batch && pcp->limit ? pcp->limit : 1);
	page = pcp->head;
	if (page) {
		pcp->head = page->next;
		pcp->room++;
	}
	return page;
}

/* Free one run of neighbours at the head of a chain, as one range; returns the
 * rest. Pages that were handed out together come back together more often than
 * not, up or down:
 *
 *   [7]->[6]->[5]->[4]->[9]        a run of 4, down: one block of order 2
 */
static struct page *
free_run(struct zone *zone, struct page *first, unsigned int order)
	REQUIRES(zone->lock)
{
	const long size = 1l << order;
	struct page *last = first, *next = first->next, *page;
	const long step = next == first + size ? size : -size;

	while (next == last + step) {
		last = next;
		next = last->next;
	}
	if (last < first)
		swap(first, last);
	for (page = first; order && page <= last; page += size)
		page->flags = zone->index; /* the order is not theirs now */
	buddy_free_range(zone, first - zone->map, last - first + size);
	return next;
}

static void
free_chain(struct zone *zone, struct page *page, unsigned int order)
{
	spin_lock(&zone->lock);
	while (page)
		page = free_run(zone, page, order);
	spin_unlock(&zone->lock);
}

void
pcp_free(struct zone *zone, struct page *page, unsigned int order)
{
	struct pcp *pcp = pcp_of(zone, order);

	if (pcp->room <= 0) {
		if (pcp->limit <= 1) { /* no spare: straight to the zone */
			spin_lock(&zone->lock);
			buddy_free(zone, page, order);
			spin_unlock(&zone->lock);
			return;
		}
		free_chain(zone, pcp->spare, order);
		pcp->spare = pcp->head;
		pcp->head = NULL;
		pcp->room = pcp->limit;
	}
	page->_refcount = 0;
	page->next = pcp->head;
	pcp->head = page;
	pcp->room--;
}

void
pcp_drain(struct zone *zone)
{
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		struct pcp *pcp = pcp_of(zone, order);

		free_chain(zone, pcp->head, order);
		free_chain(zone, pcp->spare, order);
		pcp->head = pcp->spare = NULL;
		pcp->room = pcp->limit;
	}
}

void
drain_local_pages(void)
{
	unsigned long flags = local_irq_save();
	struct zone *zone;

	for (zone = zones; zone < ARRAY_END(zones); zone++)
		pcp_drain(zone);
	local_irq_restore(flags);
}

void
set_pages_freed(void (*fn)(void))
{
	unsigned long flags = local_irq_save();
	struct zone *zone;

	pages_freed = fn;
	for (zone = zones; zone < ARRAY_END(zones); zone++) {
		pcp_drain(zone);
		pcp_init(zone);
	}
	local_irq_restore(flags);
}

unsigned long
pcp_pages(const struct zone *zone)
{
	unsigned long pages = 0;
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		const struct pcp *pcp = pcp_of(zone, order);

		pages += (unsigned long)(pcp->limit - pcp->room) << order;
		if (pcp->spare)
			pages += (unsigned long)pcp->limit << order;
	}
	return pages;
}

unsigned long
nr_free_pages(void)
{
	unsigned long pages = 0;
	struct zone *zone;

	for (zone = zones; zone < ARRAY_END(zones); zone++)
		pages += zone->free_pages + pcp_pages(zone);
	return pages;
}
