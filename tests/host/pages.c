/* pages.c - see pages.h.
 */
#include "pages.h"
#include "glue.h"
#include "host.h"
#include "memblock.h"
#include "page_owner.h"
#include "param.h"
#include "string.h"
#include "util.h"

static struct {
	unsigned long free_pages; /* after booting */
	struct zone zones[MAX_NR_ZONES];
	struct pcp pcps[NR_PCP];
	struct page map[PHYS_PFN(LOW_RAM)];
} before;

static void
hold(phys_addr_t from, phys_addr_t to)
{
	EXPECT_EQ(memblock_reserve(&memblock, from, to - from, "held"), 0);
}

void
pages_boot(phys_addr_t low, phys_addr_t high, const char *cmdline)
{
	page_poison_set(false);
	fail_page_alloc_set(0, 0, 0);
	host_machine(low, high);
	hold(0, 64 * SZ_1K);
	hold(636 * SZ_1K, SZ_1M);
	hold(SZ_1M, 2 * SZ_1M);
	memset(pcps, 0, sizeof(pcps));
	reclaim_ops = NULL;
	system_running = false;
	params_parse(cmdline);
	pages_init();
	system_running = true;
	before.free_pages = nr_free_pages();
	pages_check();
	host_log_clear();
}

void
pages_check(void)
{
	struct zone *zone;

	for (zone = zones; zone < ARRAY_END(zones); zone++) {
		EXPECT_EQ(zone_check(zone), 0);
		EXPECT(!spin_is_locked(&zone->lock));
	}
	EXPECT_EQ(pcp_check(), 0);
	EXPECT(!irqs_disabled());
	EXPECT_EQ(preempt_count(), 0);
	EXPECT_EQ(host_windows(), 0);
}

void
pages_note(void)
{
	drain_local_pages();
	before.free_pages = nr_free_pages();
}

void
pages_end(void)
{
	pages_check();
	drain_local_pages();
	pages_check();
	EXPECT_EQ(nr_free_pages(), before.free_pages);
	EXPECT_EQ(host_logged("BUG"), 0);
}

void
pages_snapshot(void)
{
	memcpy(before.zones, zones, sizeof(zones));
	memcpy(before.pcps, pcps, sizeof(pcps));
	memcpy(before.map, mem_map, sizeof(before.map));
}

bool
pages_same(void)
{
	return memcmp(before.zones, zones, sizeof(zones)) == 0 &&
	       memcmp(before.pcps, pcps, sizeof(pcps)) == 0 &&
	       memcmp(before.map, mem_map, sizeof(before.map)) == 0;
}

unsigned long
pages_fill(gfp_t gfp, struct page **chain)
{
	unsigned long pages = 0;
	struct page *page;

	while ((page = __alloc_pages(gfp | __GFP_NOWARN, 0))) {
		page->private = (unsigned long)*chain;
		*chain = page;
		pages++;
	}
	return pages;
}

void
pages_release(struct page **chain)
{
	while (*chain) {
		struct page *page = *chain;

		*chain = (struct page *)page->private;
		__free_pages_any(page, 0);
	}
}
