/* pcp_check.c - are this CPU's lists of free pages what mm/pcp.c says?
 *
 *   head  -> [ ]->[ ]->[ ]              limit - room blocks, or
 *   spare -> [ ]->[ ]->[ ]->[ ]         limit of them, or NULL
 *
 * Each block: without an owner, aligned, of this zone and order, in no free
 * block of the zone. Interrupts are off meanwhile. Also: which page lies in one,
 * for reports.
 */
#include "../mm/internal.h"
#include "util.h"

static unsigned int
check_chain(struct zone *zone, const struct page *page, unsigned int order,
	    unsigned int count)
{
	unsigned int bad = 0;

	for (; page && count; page = page->next, count--) {
		unsigned long pfn = page - zone->map;

		bad += page->flags != PAGE_FLAGS(zone->index, order, 0);
		bad += page->_refcount != 0;
		bad += !IS_ALIGNED(pfn, 1ul << order);
		bad += buddy_head_of(zone, pfn) != NULL;
	}
	return bad + count + (page != NULL);
}

unsigned int
pcp_check(void)
{
	unsigned long flags = local_irq_save();
	unsigned int order, bad = 0;
	struct zone *zone;

	for (zone = zones; zone < ARRAY_END(zones); zone++)
		for (order = 0; order < NR_ORDERS; order++) {
			const struct pcp *pcp = pcp_of(zone, order);

			bad += check_chain(zone, pcp->head, order,
					   pcp->limit - pcp->room);
			if (pcp->spare)
				bad += check_chain(zone, pcp->spare, order,
						   pcp->limit);
		}
	local_irq_restore(flags);
	return bad;
}

/* Is the frame in this chain? Bounded: a chain may be broken. */
static bool
chain_holds(const struct page *head, const struct page *page,
	    unsigned int order, unsigned int limit)
{
	for (; head && limit; head = head->next, limit--)
		if (page - head >= 0 && page - head < 1l << order)
			return true;
	return false;
}

bool
pcp_holds(const struct page *page)
{
	const struct zone *zone = page_zone(page);
	unsigned int order;

	for (order = 0; order < NR_ORDERS; order++) {
		const struct pcp *pcp = pcp_of(zone, order);

		if (chain_holds(pcp->head, page, order,
				pcp->limit - pcp->room) ||
		    chain_holds(pcp->spare, page, order, pcp->limit))
			return true;
	}
	return false;
}
