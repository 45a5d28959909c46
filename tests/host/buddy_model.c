/* buddy_model.c - see buddy_model.h: the bitmap, and the operations on both.
 *
 *     model_alloc:  buddy_alloc --> is it aligned, inside, free, and out of
 *                                   the smallest block that would do?
 *                   take        --> the bitmap, the counts
 *
 * Frames outside the zone look like free blocks of it: whoever joins with one
 * has not looked where the zone ends.
 */
#include "buddy_model.h"
#include "host.h"
#include "string.h"
#include "util.h"

#define TEST_ZONE ZONE_NORMAL

/* EXPECT, for hot loops: no call as long as it holds. */
#define HOLDS(cond) holds(!!(cond), #cond, __FILE__, __LINE__)

static __always_inline bool
holds(bool ok, const char *what, const char *file, int line)
{
	return likely(ok) || host_check(false, what, file, line);
}

struct world world;

static bool
in_zone(unsigned int pfn)
{
	return pfn - world.zone.start_pfn < world.zone.spanned;
}

/* --- The bitmap --------------------------------------------------------------- */

/* Up to order 4 a block is part of a word of the bitmap, from 5 on words. */
static u32
mask_of(unsigned int pfn, unsigned int order)
{
	return ((1u << (1u << order)) - 1) << pfn % 32;
}

static bool
is_free(unsigned int pfn, unsigned int order)
{
	const u32 *word = &world.taken[pfn / 32];
	const u32 *end = word + (1u << order) / 32;

	if (order < 5)
		return !(*word & mask_of(pfn, order));
	while (word < end && !*word)
		word++;
	return word == end;
}

static void
mark(unsigned int pfn, unsigned int order, bool taken)
{
	u32 *word = &world.taken[pfn / 32], *end = word + (1u << order) / 32;

	if (order < 5 && taken)
		*word |= mask_of(pfn, order);
	else if (order < 5)
		*word &= ~mask_of(pfn, order);
	while (word < end)
		*word++ = taken ? ~0u : 0;
}

unsigned int
model_order_of(unsigned int pfn, unsigned int order)
{
	while (order < MAX_ORDER && is_free(pfn ^ 1u << order, order)) {
		pfn &= ~(1u << order);
		order++;
	}
	return order;
}

static void
take(unsigned int pfn, unsigned int order)
{
	unsigned int from = model_order_of(pfn, order), half;

	world.count[from]--;
	for (half = order; half < from; half++)
		world.count[half]++;
	mark(pfn, order, true);
	world.free_pages -= 1u << order;
}

static void
give(unsigned int pfn, unsigned int order)
{
	unsigned int whole, half;

	mark(pfn, order, false);
	whole = model_order_of(pfn, order);
	for (half = order; half < whole; half++)
		world.count[half]--;
	world.count[whole]++;
	world.free_pages += 1u << order;
}

static void
give_run(unsigned int pfn, unsigned int nr)
{
	while (nr--)
		give(pfn++, 0);
}

/* --- Operations ---------------------------------------------------------------- */

static void
lay_trap(unsigned int pfn)
{
	struct page *page = &world.map[pfn];
	unsigned int order = pfn ? min(__builtin_ctz(pfn), MAX_ORDER) : 0;

	page->flags = PAGE_FLAGS(TEST_ZONE, order, PG_buddy);
	INIT_LIST_HEAD(&page->lru);
}

void
model_start(const struct shape *shape)
{
	unsigned int i, pfn;

	memset(world.map, 0, sizeof(world.map));
	memset(world.taken, 0xFF, sizeof(world.taken));
	memset(world.count, 0, sizeof(world.count));
	world.free_pages = world.nr_held = 0;
	zone_init(&world.zone, shape->name, TEST_ZONE, world.map, shape->start,
		  shape->spanned);
	for (pfn = 0; pfn < FRAMES; pfn++) {
		if (in_zone(pfn))
			world.map[pfn].flags = TEST_ZONE | PG_reserved;
		else
			lay_trap(pfn);
	}
	for (i = 0; i < MAX_RANGES && shape->given[i].nr; i++) {
		unsigned int nr = shape->given[i].nr;

		for (pfn = shape->given[i].pfn; nr; pfn++, nr--)
			world.map[pfn].flags = TEST_ZONE;
		pfn -= shape->given[i].nr;
		world.zone.managed += shape->given[i].nr;
		buddy_free_range(&world.zone, pfn, shape->given[i].nr);
		give_run(pfn, shape->given[i].nr);
	}
	model_agree();
}

/* The order of the smallest free block that will do; NR_ORDERS: none. */
static unsigned int
best_fit(unsigned int order)
{
	while (order < NR_ORDERS && !world.count[order])
		order++;
	return order;
}

bool
model_alloc(unsigned int order)
{
	unsigned int fit = best_fit(order), pfn;
	struct page *page = buddy_alloc(&world.zone, order);

	if (!HOLDS((page != NULL) == (fit < NR_ORDERS)) || !page)
		return false;
	pfn = page - world.map;
	if (!HOLDS(in_zone(pfn)) || !HOLDS(IS_ALIGNED(pfn, 1u << order)) ||
	    !HOLDS(is_free(pfn, order)))
		return false;
	HOLDS(model_order_of(pfn, order) == fit);
	HOLDS(page->flags == PAGE_FLAGS(TEST_ZONE, order, 0));
	HOLDS(page->_refcount == 0);
	take(pfn, order);
	world.held[world.nr_held].pfn = pfn;
	world.held[world.nr_held++].order = order;
	return true;
}

static void
forget(unsigned int i)
{
	world.held[i] = world.held[--world.nr_held];
}

void
model_free(unsigned int i)
{
	unsigned int pfn = world.held[i].pfn, order = world.held[i].order;

	buddy_free(&world.zone, &world.map[pfn], order);
	give(pfn, order);
	forget(i);
}

void
model_free_parts(unsigned int i, unsigned int nr)
{
	unsigned int pfn = world.held[i].pfn;
	unsigned int rest = (1u << world.held[i].order) - nr;

	buddy_free_range(&world.zone, pfn, nr);
	give_run(pfn, nr);
	model_agree();
	buddy_free_range(&world.zone, pfn + nr, rest);
	give_run(pfn + nr, rest);
	forget(i);
}

void
model_free_all(unsigned int (*below)(unsigned int n))
{
	while (world.nr_held)
		model_free(below ? below(world.nr_held) : world.nr_held - 1);
}

/* --- Comparing --------------------------------------------------------------------- */

void
model_agree(void)
{
	const struct zone *zone = &world.zone;
	unsigned int order;
	u32 orders = 0;

	for (order = 0; order < NR_ORDERS; order++) {
		HOLDS(zone->area[order].nr_free == world.count[order]);
		orders |= (u32)(world.count[order] != 0) << order;
	}
	HOLDS(zone->free_orders == orders);
	HOLDS(zone->free_pages == world.free_pages);
}

/* A frame of a free block: who heads it, and what its fields say. */
static void
check_free_frame(unsigned int pfn)
{
	unsigned int order = model_order_of(pfn, 0);
	struct page *page = &world.map[pfn];
	struct page *head = &world.map[ALIGN_DOWN(pfn, 1u << order)];

	HOLDS(buddy_head_of(&world.zone, pfn) == head);
	HOLDS(page->flags == (page == head
				      ? PAGE_FLAGS(TEST_ZONE, order, PG_buddy)
				      : TEST_ZONE));
	HOLDS(page->_refcount == 0);
}

void
model_check(void)
{
	unsigned int pfn, pages = 0;

	model_agree();
	EXPECT_EQ(zone_check(&world.zone), 0);
	for (pfn = 0; pfn < FRAMES && !host_failed(); pfn++) {
		const struct page *page = &world.map[pfn];

		if (!in_zone(pfn)) {
			HOLDS(page->flags & PG_buddy &&
			      page->lru.next == &page->lru);
		} else if (is_free(pfn, 0)) {
			check_free_frame(pfn);
			pages++;
		} else {
			HOLDS(buddy_head_of(&world.zone, pfn) == NULL);
		}
	}
	HOLDS(pages == world.free_pages);
}
