/* test_page_helpers.c - see page_helpers.h; and what every test case, not only
 * those of the page allocator, must leave as it was: the free pages, and zones
 * without a broken invariant.
 */
#include "drivers.h"
#include "../../mm/internal.h"
#include "page_helpers.h"
#include "pgtable.h"
#include "printk.h"
#include "sched.h"
#include "string.h"
#include "test.h"
#include "util.h"
#include "vmalloc.h"

/* zone_check looks at every free page. That is 1 ms here; where it would be
 * 30, twice a case, the leak counter does without, and the cases that change
 * much ask for it. */
#define ALWAYS_CHECKED (SZ_1M * 256 / PAGE_SIZE)

static long
free_pages_drained(void)
{
	stacks_drain();
	pgtable_drain();
	vmap_purge();
	drain_local_pages();
	return nr_free_pages();
}
LEAK_COUNTER("free pages", free_pages_drained);

static long
broken_invariants(void)
{
	return max_pfn <= ALWAYS_CHECKED ? zones_broken() : pcp_check();
}
LEAK_COUNTER("broken invariants of the zones", broken_invariants);

void
pile_push(struct pile *pile, struct page *page)
{
	page->private = (unsigned long)pile->top;
	pile->top = page;
	pile->pages += 1ul << page_order(page);
}

struct page *
pile_pop(struct pile *pile)
{
	struct page *page = pile->top;

	if (page) {
		pile->top = (struct page *)page->private;
		pile->pages -= 1ul << page_order(page);
	}
	return page;
}

void
pile_free(struct pile *pile)
{
	struct page *page;

	while ((page = pile_pop(pile)))
		__free_pages(page, page_order(page));
}

void
pile_fill(struct pile *pile, gfp_t gfp, unsigned int order)
{
	struct page *page;

	while ((page = alloc_pages(gfp, order)))
		pile_push(pile, page);
}

void
pile_fill_all(struct pile *pile, gfp_t gfp)
{
	unsigned int order;

	for (order = NR_ORDERS; order--;)
		pile_fill(pile, gfp, order);
}

gfp_t
zone_gfp(unsigned int zone)
{
	if (zone == ZONE_HIGHMEM)
		return __GFP_HIGHMEM;
	return zone == ZONE_DMA ? __GFP_DMA : (__force gfp_t)0;
}

/* A lower zone serves, too, before this one is taken below its low mark. */
void
pile_shatter(struct pile *kept)
{
	struct pile all = {0};
	struct page *page;

	pile_fill(&all, GFP_EVERYTHING | __GFP_HIGHMEM, 0);
	while ((page = pile_pop(&all)))
		if (page_to_pfn(page) % 2)
			__free_page(page);
		else
			pile_push(kept, page);
	drain_local_pages();
}

void
pile_fill_zone(struct pile *pile, unsigned int zone)
{
	struct pile all = {}, others = {};
	struct page *page;

	pile_fill_all(&all, GFP_EVERYTHING | zone_gfp(zone));
	while ((page = pile_pop(&all)))
		pile_push(page_zone_index(page) == zone ? pile : &others, page);
	pile_free(&others);
	drain_local_pages();
}

void
zones_note(struct zones_state *state)
{
	unsigned int i, order;

	drain_local_pages();
	for (i = 0; i < MAX_NR_ZONES; i++) {
		state->free[i] = zones[i].free_pages;
		for (order = 0; order < NR_ORDERS; order++)
			state->blocks[i][order] = zones[i].area[order].nr_free;
	}
}

unsigned int
zones_differ(const struct zones_state *before)
{
	unsigned int i, order, n = 0;
	struct zones_state now;

	zones_note(&now);
	for (i = 0; i < MAX_NR_ZONES; i++) {
		n += now.free[i] != before->free[i];
		for (order = 0; order < NR_ORDERS; order++)
			n += now.blocks[i][order] != before->blocks[i][order];
	}
	return n;
}

unsigned int
zones_broken(void)
{
	unsigned int i, bad = pcp_check();

	for (i = 0; i < MAX_NR_ZONES; i++)
		bad += zone_check(&zones[i]);
	return bad;
}

bool
no_high_memory(unsigned long pages)
{
	if (zones[ZONE_HIGHMEM].free_pages >= pages)
		return false;
	test_skip("no high memory, or too little");
	return true;
}

size_t
log_end(void)
{
	size_t pos = log_first();
	char line[64];
	int level;

	while (log_next(&pos, line, sizeof(line), &level))
		;
	return pos;
}

unsigned int
log_lines(size_t from, const char *text)
{
	unsigned int n = 0;
	char line[300];
	int level;

	while (log_next(&from, line, sizeof(line), &level))
		n += strstr(line, text) != NULL;
	return n;
}

void
fast_time(void)
{
	jiffies += 49;
}
