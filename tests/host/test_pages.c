/* test_pages.c - the page allocator as a whole, against a list of what is
 * held: alloc and free in all their forms, watermarks, fallback, reclaim.
 *
 *     held      [frame 5000, order 3] [frame 8, order 0] ...
 *     each page's first and last word name it, and must still do so when it
 *     is given back; what is held and what is free is always everything
 *
 * mm/page_init.c boots it on 24 MiB, or on 32 MiB and 4 MiB of high memory.
 */
#include "drivers.h"
#include "glue.h"
#include "highmem.h"
#include "host.h"
#include "memblock.h"
#include "pages.h"
#include "sections.h"
#include "string.h"
#include "util.h"

#define SHORT_STEPS 400
#define LONG_STEPS  150000
#define MAX_HELD    4096

enum shape {
	BLOCK,    /* a block of its order */
	COMPOUND, /* a compound page */
	EXACT     /* so many single pages in a row */
};

static struct {
	unsigned long total, pages; /* free at the start; held */
	unsigned int nr;
	struct {
		struct page *page;
		enum shape shape;
		unsigned int order;
		unsigned long pages;
	} held[MAX_HELD];
	u8 taken[PHYS_PFN(LOWMEM_LIMIT + HIGH_RAM)]; /* frame by frame */
} model;

/* --- What must happen -------------------------------------------------------------- */

static int
highest_zone(gfp_t gfp)
{
	return gfp & __GFP_DMA       ? ZONE_DMA
	       : gfp & __GFP_HIGHMEM ? ZONE_HIGHMEM
				     : ZONE_NORMAL;
}

/* May the zone be taken so low, and is there a block? Written once more, from
 * the documentation, not from page_alloc.c. */
static bool
zone_would(int zone, gfp_t gfp, unsigned int order, unsigned long mark)
{
	const struct zone *z = &zones[zone];
	unsigned long left = z->free_pages + 1 - (1ul << order);
	unsigned int o;

	mark += z->lowmem_reserve[highest_zone(gfp)];
	if (z->free_pages < 1ul << order || left <= mark)
		return false;
	for (o = order; o < NR_ORDERS; o++)
		if (z->area[o].nr_free)
			return true;
	return false;
}

static unsigned long
lowest_mark(int zone, gfp_t gfp)
{
	unsigned long min = zones[zone].watermark[WMARK_MIN];

	if (gfp & __GFP_MEMALLOC)
		return 0;
	return gfp & __GFP_HIGH ? DIV_ROUND_UP(min, 2) : min;
}

/* The zone that the long path must choose; -1: none, as things are. */
static int
expected_zone(gfp_t gfp, unsigned int order)
{
	int zone;

	for (zone = highest_zone(gfp); zone >= 0; zone--)
		if (zone_would(zone, gfp, order,
			       zones[zone].watermark[WMARK_LOW]))
			return zone;
	for (zone = highest_zone(gfp); zone >= 0; zone--)
		if (zone_would(zone, gfp, order, lowest_mark(zone, gfp)))
			return zone;
	return -1;
}

/* --- The model -------------------------------------------------------------------- */

static void
name_page(struct page *page, bool check)
{
	u32 *word = kmap_local_page(page), last = PAGE_SIZE / sizeof(*word) - 1;
	u32 name = page_to_pfn(page) ^ 0xF00D0000;

	if (check && (word[0] != name || word[last] != ~name)) {
		EXPECT(!"a page that is held has not changed");
		host_note("frame %#lx", page_to_pfn(page));
	}
	word[0] = name;
	word[last] = ~name;
	kunmap_local(word);
}

static void
check_zero(struct page *page, unsigned int order)
{
	struct page *end = page + (1ul << order);

	for (; page < end; page++) {
		void *bytes = kmap_local_page(page);

		EXPECT(!memchr_inv(bytes, 0, PAGE_SIZE));
		kunmap_local(bytes);
	}
}

static void
take(struct page *page, enum shape shape, unsigned int order,
     unsigned long pages)
{
	unsigned long pfn = page_to_pfn(page), i;

	ASSERT(pfn < ARRAY_SIZE(model.taken) && model.nr < MAX_HELD);
	for (i = 0; i < pages; i++) {
		EXPECT(!model.taken[pfn + i]);
		model.taken[pfn + i] = 1;
		name_page(page + i, false);
	}
	model.held[model.nr].page = page;
	model.held[model.nr].shape = shape;
	model.held[model.nr].order = order;
	model.held[model.nr++].pages = pages;
	model.pages += pages;
}

static void
drop(unsigned int n)
{
	struct page *page = model.held[n].page;
	unsigned long i;

	for (i = 0; i < model.held[n].pages; i++) {
		name_page(page + i, true);
		model.taken[page_to_pfn(page) + i] = 0;
	}
	model.pages -= model.held[n].pages;
	model.held[n] = model.held[--model.nr];
}

static void
check_block(struct page *page, gfp_t gfp, unsigned int order)
{
	EXPECT(IS_ALIGNED(page_to_pfn(page), 1ul << order));
	EXPECT((int)page_zone_index(page) <= highest_zone(gfp));
	EXPECT_EQ(page_order(page), order);
	EXPECT_EQ(page_count(page), 1);
	EXPECT_EQ(!!(page->flags & PG_head), (gfp & __GFP_COMP) && order);
	if (gfp & __GFP_ZERO)
		check_zero(page, order);
}

static void
alloc_block(gfp_t gfp, unsigned int order)
{
	int expected = expected_zone(gfp, order);
	struct page *page = __alloc_pages(gfp, order);

	if (!page) {
		/* The lists have been drained, and still: */
		EXPECT_EQ(expected, -1);
		EXPECT_EQ(expected_zone(gfp, order), -1);
		return;
	}
	if (expected >= 0)
		EXPECT_EQ(page_zone_index(page), expected);
	check_block(page, gfp, order);
	take(page, page->flags & PG_head ? COMPOUND : BLOCK, order,
	     1ul << order);
}

/* The forms with a constant order: the short path. */
static void
alloc_short(void)
{
	struct page *page = NULL;
	unsigned long addr = 0;
	unsigned int order = 0;

	switch (host_below(4)) {
	case 0:
		page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
		break;
	case 1:
		page = alloc_pages(GFP_NOWAIT | __GFP_NOWARN, 3);
		order = 3;
		break;
	case 2:
		addr = __get_free_pages(GFP_ATOMIC | __GFP_NOWARN, 1);
		order = 1;
		break;
	default:
		addr = get_zeroed_page(GFP_ATOMIC | __GFP_NOWARN);
		if (addr)
			check_zero(virt_to_page((void *)addr), 0);
		break;
	}
	if (addr)
		page = virt_to_page((void *)addr);
	if (!page)
		return;
	check_block(page, GFP_ATOMIC, order);
	take(page, BLOCK, order, 1ul << order);
}

static void
alloc_exact(void)
{
	size_t size = 1 + host_below(host_sometimes(4) ? 300000 : 30000);
	void *virt = alloc_pages_exact(size, GFP_NOWAIT | __GFP_NOWARN);

	if (virt)
		take(virt_to_page(virt), EXACT, 0,
		     DIV_ROUND_UP(size, PAGE_SIZE));
}

static void
free_exact(struct page *page, unsigned long pages)
{
	free_pages_exact(page_address(page), pages * PAGE_SIZE - 4095);
}

static void
free_block(struct page *page, unsigned int order)
{
	void *virt = page_address(page);

	if (virt && order == 0 && host_sometimes(2))
		free_page((unsigned long)virt);
	else if (virt && host_sometimes(2))
		free_pages((unsigned long)virt, order);
	else if (order == 3)
		__free_pages(page, 3);
	else
		__free_pages(page, order);
}

static void
free_something(void)
{
	unsigned int n = host_below(model.nr);
	struct page *page = model.held[n].page;
	enum shape shape = model.held[n].shape;
	unsigned long pages = model.held[n].pages;
	unsigned int order = model.held[n].order;

	drop(n);
	if (shape == EXACT)
		free_exact(page, pages);
	else if (shape == COMPOUND || host_sometimes(8))
		put_page(page + (shape == COMPOUND ? host_below(pages) : 0));
	else
		free_block(page, order);
}

/* A block becomes single pages, to be given back one by one. */
static void
split_something(void)
{
	unsigned int n = host_below(model.nr);
	struct page *page = model.held[n].page;
	unsigned long i, pages = model.held[n].pages;

	if (model.held[n].shape != BLOCK || model.nr + pages > MAX_HELD)
		return;
	split_page(page, model.held[n].order);
	drop(n);
	for (i = 0; i < pages; i++)
		take(page + i, BLOCK, 0, 1);
}

static void
share_something(void)
{
	unsigned int n = host_below(model.nr);
	struct page *page = model.held[n].page;

	get_page(page);
	EXPECT_EQ(page_count(page), 2);
	put_page(page);
	EXPECT_EQ(page_count(page), 1);
}

static void
random_step(unsigned int fill)
{
	static const gfp_t flags[] = {
		GFP_KERNEL,   GFP_KERNEL | __GFP_COMP,
		GFP_ATOMIC,   GFP_ATOMIC | __GFP_COMP | __GFP_HIGHMEM,
		GFP_NOWAIT,   GFP_HIGHUSER,
		GFP_DMA,      GFP_DMA | __GFP_ZERO,
		GFP_HIGHUSER, GFP_HIGHUSER | __GFP_ZERO | __GFP_COMP,
		GFP_NOFS,     GFP_KERNEL | __GFP_MEMALLOC,
	};
	gfp_t gfp = flags[host_below(ARRAY_SIZE(flags))] | __GFP_NOWARN |
		    __GFP_NORETRY;
	unsigned int order =
		host_sometimes(6) ? host_below(NR_ORDERS) : host_below(3);

	if (host_below(16) < fill && model.nr + 1 < MAX_HELD) {
		if (host_sometimes(3))
			alloc_short();
		else if (host_sometimes(10))
			alloc_exact();
		else
			alloc_block(gfp, order);
	} else if (model.nr) {
		if (host_sometimes(20))
			split_something();
		else if (host_sometimes(10))
			share_something();
		else
			free_something();
	}
}

static void
random_steps(unsigned int steps, unsigned int check_every)
{
	unsigned int i, fill = 10;

	memset(&model, 0, sizeof(model));
	model.total = nr_free_pages();
	for (i = 0; i < steps && !host_failed(); i++) {
		if (host_sometimes(500))
			fill = 4 + host_below(9);
		if (host_sometimes(1000))
			drain_local_pages();
		random_step(fill);
		EXPECT_EQ(nr_free_pages() + model.pages, model.total);
		if (i % check_every == 0)
			pages_check();
	}
	if (host_failed())
		host_note("step %u", i);
	while (model.nr)
		free_something();
	pages_end();
}

TEST(pages, every_step_of_short_runs_leaves_everything_whole)
{
	pages_boot(LOW_RAM, 0, "");
	random_steps(SHORT_STEPS, 1);
	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	random_steps(SHORT_STEPS, 1);
}

TEST(pages, random_operations_agree_with_the_model)
{
	pages_boot(LOW_RAM, 0, "");
	random_steps(LONG_STEPS, 2000);
}

TEST(pages, random_operations_with_high_memory_agree_with_the_model)
{
	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	random_steps(LONG_STEPS, 5000);
}

TEST(pages, random_operations_without_a_normal_zone_agree_with_the_model)
{
	pages_boot(8 * SZ_1M, 0, "");
	EXPECT_EQ(zones[ZONE_NORMAL].managed, 0);
	random_steps(LONG_STEPS / 2, 2000);
}

/* --- Booting ------------------------------------------------------------------------ */

TEST(pages, booting_gives_the_zones_all_that_memblock_has_free)
{
	unsigned long pfn, free[MAX_NR_ZONES] = {0};
	int zone;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	EXPECT_EQ(max_pfn, PHYS_PFN(LOWMEM_LIMIT + HIGH_RAM));
	for (pfn = 0; pfn < max_pfn; pfn++) {
		struct page *page = pfn_to_page(pfn);
		phys_addr_t pa = PFN_PHYS(pfn);
		bool is_free = memblock_is_memory(&memblock, pa) &&
			       !memblock_owner(&memblock, pa);

		zone = pa < ZONE_DMA_END   ? ZONE_DMA
		       : pa < LOWMEM_LIMIT ? ZONE_NORMAL
					   : ZONE_HIGHMEM;
		free[zone] += is_free;
		if (page_zone_index(page) != (unsigned int)zone ||
		    !!(page->flags & PG_reserved) == is_free ||
		    page_count(page) != !is_free)
			EXPECT_EQ(page->flags, pfn);
		if (is_free)
			EXPECT(buddy_head_of(&zones[zone], pfn) != NULL);
	}
	for (zone = 0; zone < MAX_NR_ZONES; zone++) {
		EXPECT_EQ(zones[zone].managed, free[zone]);
		EXPECT_EQ(zones[zone].free_pages, free[zone]);
	}
	pages_end();
}

/* min_free_kbytes = sqrt(16 * KiB of low memory). */
TEST(pages, watermarks_and_reserves_are_linux_s)
{
	const struct zone *dma = &zones[ZONE_DMA],
			  *normal = &zones[ZONE_NORMAL];
	const struct zone *high = &zones[ZONE_HIGHMEM];
	unsigned long low, kb = 0, min;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	low = dma->managed + normal->managed;
	while ((kb + 1) * (kb + 1) <= low * 4 * 16)
		kb++;
	EXPECT(kb > 128);
	min = kb / 4 * normal->managed / low;
	EXPECT_EQ(normal->watermark[WMARK_MIN], min);
	EXPECT_EQ(normal->watermark[WMARK_LOW], min + min / 4);
	EXPECT_EQ(normal->watermark[WMARK_HIGH], min + min / 4 * 2);
	EXPECT_EQ(high->watermark[WMARK_MIN], 32);
	EXPECT_EQ(dma->lowmem_reserve[ZONE_DMA], 0);
	EXPECT_EQ(dma->lowmem_reserve[ZONE_NORMAL], normal->managed / 256);
	EXPECT_EQ(dma->lowmem_reserve[ZONE_HIGHMEM],
		  (normal->managed + high->managed) / 256);
	EXPECT_EQ(normal->lowmem_reserve[ZONE_HIGHMEM], high->managed / 32);
}

TEST(pages, boot_only_memory_is_given_back_once_and_filled)
{
	const unsigned long first = PHYS_PFN(KERNEL_PHYS), pages = 64;
	unsigned long before;

	pages_boot(LOW_RAM, 0, "");
	before = nr_free_pages();
	free_initmem();
	EXPECT_EQ(nr_free_pages(), before + pages);
	EXPECT(!memchr_inv(__va(KERNEL_PHYS), POISON_INIT, pages * PAGE_SIZE));
	EXPECT(pfn_to_page(first + pages)->flags & PG_reserved);
	EXPECT(buddy_head_of(&zones[ZONE_DMA], first + pages - 1) != NULL);
	EXPECT(initmem_freed);
	pages_check();
}

/* --- Watermarks, fallback -------------------------------------------------------------- */

#define PLAIN (__GFP_KSWAPD_RECLAIM) /* GFP_NOWAIT: at once, or not */

static void
expect_free(int zone, unsigned long mark, int highest)
{
	EXPECT_EQ(zones[zone].free_pages,
		  mark + zones[zone].lowmem_reserve[highest]);
	EXPECT_EQ(pcp_pages(&zones[zone]), 0);
}

/* Whoever asks with less restraint goes further, and each exactly so far. */
static void
fill_to_the_marks(gfp_t zone_flag, int zone)
{
	unsigned long min = zones[zone].watermark[WMARK_MIN];
	struct page *chain = NULL;

	EXPECT(min > 2 && min % 2 == 1); /* so that its half is rounded */
	EXPECT(pages_fill(PLAIN | zone_flag, &chain) > 0);
	expect_free(zone, min, zone);
	EXPECT_EQ(pages_fill(GFP_KERNEL | __GFP_NORETRY | zone_flag, &chain),
		  0);
	EXPECT(pages_fill(GFP_ATOMIC | zone_flag, &chain) > 0);
	expect_free(zone, (min + 1) / 2, zone);
	EXPECT(pages_fill(__GFP_MEMALLOC | zone_flag, &chain) > 0);
	expect_free(zone, 0, zone);
	pages_check();
	pages_release(&chain);
	pages_end();
}

TEST(pages, kernel_stops_at_min_atomic_at_half_memalloc_at_nothing)
{
	phys_addr_t low = LOW_RAM;

	/* A size whose min is odd. */
	do {
		low -= 64 * SZ_1K;
		pages_boot(low, 0, "");
	} while (zones[ZONE_NORMAL].watermark[WMARK_MIN] % 2 == 0);
	fill_to_the_marks(0, ZONE_NORMAL);
	do {
		low -= 64 * SZ_1K;
		pages_boot(low, 0, "");
	} while (zones[ZONE_DMA].watermark[WMARK_MIN] % 2 == 0);
	fill_to_the_marks(__GFP_DMA, ZONE_DMA);
}

TEST(pages, a_zone_keeps_a_reserve_from_requests_for_a_higher_one)
{
	struct page *chain = NULL;
	int zone;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	pages_fill(PLAIN | __GFP_HIGHMEM, &chain);
	for (zone = 0; zone < MAX_NR_ZONES; zone++)
		expect_free(zone, zones[zone].watermark[WMARK_MIN],
			    ZONE_HIGHMEM);
	EXPECT(pages_fill(PLAIN, &chain) > 0);
	for (zone = 0; zone < ZONE_HIGHMEM; zone++)
		expect_free(zone, zones[zone].watermark[WMARK_MIN],
			    ZONE_NORMAL);
	EXPECT(pages_fill(PLAIN | __GFP_DMA, &chain) > 0);
	expect_free(ZONE_DMA, zones[ZONE_DMA].watermark[WMARK_MIN], ZONE_DMA);
	EXPECT(pages_fill(__GFP_MEMALLOC | __GFP_DMA, &chain) > 0);
	expect_free(ZONE_DMA, 0, ZONE_DMA);
	pages_release(&chain);
	pages_end();
}

TEST(pages, zones_are_used_from_high_to_low)
{
	struct page *page, *chain = NULL;
	int zone, last = ZONE_HIGHMEM, changes = 0;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	for (;;) {
		int expected = expected_zone(PLAIN | __GFP_HIGHMEM, 0);

		page = __alloc_pages(GFP_NOWAIT | __GFP_HIGHMEM | __GFP_NOWARN,
				     0);
		if (!page)
			break;
		zone = page_zone_index(page);
		if (expected >= 0)
			EXPECT_EQ(zone, expected);
		changes += zone != last;
		last = zone;
		page->private = (unsigned long)chain;
		chain = page;
	}
	EXPECT(changes >= 4); /* to low: 2, 1, 0; to min: 2, 1, 0 */
	pages_release(&chain);
	pages_end();
}

/* --- Reclaim and waiting --------------------------------------------------------------- */

static struct {
	unsigned int wakes, counts, scans;
	struct page *hoard; /* what the shrinker, or the interrupt, gives */
	unsigned long tick; /* when the interrupt does */
	bool on;            /* the shrinker has something to give */
} reclaim;

static void
wake(enum zone_type highest)
{
	EXPECT_EQ(highest, ZONE_NORMAL);
	reclaim.wakes++;
}

static unsigned long
count_objects(void)
{
	if (!reclaim.on)
		return 0;
	reclaim.counts++;
	return reclaim.hoard != NULL;
}

static unsigned long
scan_objects(unsigned long nr, gfp_t gfp)
{
	(void)gfp;
	EXPECT_EQ(nr, 1);
	reclaim.scans++;
	pages_release(&reclaim.hoard);
	return 1;
}

SHRINKER(host, count_objects, scan_objects);

/* Sleeping is halting. */
static bool
wait_here(bool (*cond)(void *arg), void *arg, long ticks)
{
	for (; ticks; ticks--) {
		if (cond(arg))
			return true;
		host_tick();
	}
	return cond(arg);
}

static const struct reclaim_ops ops = {wake, wait_here};

static void
free_in_interrupt(void)
{
	struct page *page;

	if (jiffies != reclaim.tick)
		return;
	/* An interrupt may allocate, too. */
	page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
	pages_release(&reclaim.hoard);
	if (page)
		__free_page(page);
}

/* All memory that GFP_KERNEL may have, and 100 pages more, for later. */
static void
run_out(struct page **chain)
{
	struct page *page;
	unsigned int i;

	memset(&reclaim, 0, sizeof(reclaim));
	pages_boot(LOW_RAM, 0, "");
	reclaim_ops = &ops;
	pages_fill(PLAIN, chain);
	for (i = 0; i < 100; i++) {
		page = *chain;
		*chain = (struct page *)page->private;
		page->private = (unsigned long)reclaim.hoard;
		reclaim.hoard = page;
	}
}

TEST(pages, the_reclaimer_is_woken_below_low_if_the_flags_say_so)
{
	const struct zone *normal = &zones[ZONE_NORMAL],
			  *dma = &zones[ZONE_DMA];
	struct page *page, *chain = NULL;

	memset(&reclaim, 0, sizeof(reclaim));
	pages_boot(LOW_RAM, 0, "");
	reclaim_ops = &ops;
	while (expected_zone(GFP_NOWAIT, 0) >= 0 && !reclaim.wakes) {
		page = __alloc_pages(GFP_NOWAIT, 0);
		ASSERT(page != NULL);
		page->private = (unsigned long)chain;
		chain = page;
	}
	EXPECT_EQ(reclaim.wakes, 1);
	EXPECT(normal->free_pages <= normal->watermark[WMARK_LOW]);
	EXPECT(dma->free_pages <=
	       dma->watermark[WMARK_LOW] + dma->lowmem_reserve[ZONE_NORMAL]);
	page = __alloc_pages(__GFP_HIGH, 0);
	EXPECT_EQ(reclaim.wakes, 1);
	ASSERT(page != NULL);
	__free_page(page);
	pages_release(&chain);
	pages_end();
}

TEST(pages, shrinkers_are_asked_when_the_caller_may_sleep)
{
	struct page *page, *chain = NULL;

	run_out(&chain);
	reclaim.on = true;
	EXPECT(!__alloc_pages(GFP_NOWAIT | __GFP_NOWARN, 0));
	EXPECT_EQ(reclaim.counts, 0);
	page = __alloc_pages(GFP_KERNEL | __GFP_NORETRY, 0);
	EXPECT_EQ(reclaim.scans, 1);
	EXPECT_EQ(jiffies - reclaim.tick, jiffies); /* nobody has waited */
	ASSERT(page != NULL);
	__free_page(page);
	reclaim.on = false;
	reclaim.counts = 0;
	pages_fill(GFP_KERNEL | __GFP_NORETRY, &chain);
	EXPECT_EQ(reclaim.counts, 0);
	pages_release(&chain);
	pages_end();
}

TEST(pages, kernel_waits_for_an_interrupt_that_frees)
{
	struct page *page, *chain = NULL;
	unsigned long start = jiffies;

	run_out(&chain);
	host_irq = free_in_interrupt;
	reclaim.tick = start + 20;
	EXPECT(!__alloc_pages(GFP_ATOMIC & ~__GFP_HIGH, 0));
	EXPECT(!__alloc_pages(GFP_KERNEL | __GFP_NORETRY, 0));
	EXPECT_EQ(jiffies, start);
	page = __alloc_pages(GFP_KERNEL, 0);
	EXPECT_EQ(jiffies, reclaim.tick);
	ASSERT(page != NULL);
	__free_page(page);
	pages_release(&chain);
	pages_end();
}

TEST(pages, kernel_gives_up_after_a_second_and_nofail_never)
{
	struct page *page, *chain = NULL;
	unsigned long start = jiffies;

	run_out(&chain);
	EXPECT(!__alloc_pages(GFP_KERNEL | __GFP_NOWARN, 0));
	EXPECT(jiffies - start >= HZ && jiffies - start <= 2 * HZ);
	host_irq = free_in_interrupt;
	reclaim.tick = jiffies + 5 * HZ;
	page = __alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 0);
	EXPECT_EQ(jiffies, reclaim.tick);
	ASSERT(page != NULL);
	__free_page(page);
	pages_release(&chain);
	pages_end();
}

TEST(pages, a_sleeping_allocation_in_atomic_context_is_told_and_does_not_wait)
{
	unsigned int bugs = might_sleep_count();
	struct page *chain = NULL;
	unsigned long start = jiffies;

	run_out(&chain);
	preempt_disable();
	EXPECT(!__alloc_pages(GFP_KERNEL | __GFP_NOWARN, 0));
	preempt_enable();
	EXPECT_EQ(might_sleep_count(), bugs + 1);
	EXPECT_EQ(host_logged("BUG: sleeping function called"), 1);
	EXPECT_EQ(jiffies, start);
	host_log_clear();
	pages_release(&reclaim.hoard);
	pages_release(&chain);
	pages_end();
}

/* --- References, compound pages, exact sizes ----------------------------------------------- */

TEST(pages, a_compound_page_is_one_page_to_its_owners)
{
	struct page *page, *tail;
	unsigned long i, before;

	pages_boot(LOW_RAM, 0, "");
	before = nr_free_pages();
	page = __alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
	ASSERT(page != NULL);
	for (i = 1; i < 8; i++) {
		EXPECT(page[i].flags & PG_tail);
		EXPECT(compound_head(page + i) == page);
		get_page(page + i);
	}
	EXPECT_EQ(page_count(page + 5), 8);
	for (i = 1; i < 8; i++) {
		EXPECT_EQ(nr_free_pages(), before - 8);
		put_page(page + 8 - i);
	}
	tail = page + 7;
	put_page(tail);
	EXPECT_EQ(nr_free_pages(), before);
	for (i = 0; i < 8; i++)
		EXPECT_EQ(page[i].flags & (PG_head | PG_tail), 0);
	page = __alloc_pages(GFP_KERNEL | __GFP_COMP, 0);
	ASSERT(page != NULL);
	EXPECT_EQ(page->flags, ZONE_NORMAL);
	__free_page(page);
	pages_end();
}

/* Linux: a block that is shared is given back by the last of its owners. */
TEST(pages, the_last_owner_frees)
{
	unsigned long before, addr;
	struct page *page;

	pages_boot(LOW_RAM, 0, "");
	before = nr_free_pages();
	addr = __get_free_pages(GFP_KERNEL, 2);
	ASSERT(addr != 0);
	page = virt_to_page((void *)addr);
	get_page(page);
	get_page(page);
	free_pages(addr, 2);
	EXPECT_EQ(page_count(page), 2);
	__free_pages_any(page, 2);
	EXPECT_EQ(page_count(page), 1);
	EXPECT_EQ(nr_free_pages(), before - 4);
	put_page(page);
	EXPECT_EQ(nr_free_pages(), before);
	pages_end();
}

TEST(pages, exact_sizes_take_no_page_more)
{
	unsigned long before, pages;
	void *virt;

	pages_boot(LOW_RAM, 0, "");
	before = nr_free_pages();
	for (pages = 1; pages <= 1024; pages += pages < 40 ? 1 : 123) {
		virt = alloc_pages_exact(pages * PAGE_SIZE - 1, GFP_KERNEL);
		ASSERT(virt != NULL);
		EXPECT_EQ(nr_free_pages(), before - pages);
		memset(virt, 0xEE, pages * PAGE_SIZE);
		free_pages_exact(virt, pages * PAGE_SIZE - 1);
		EXPECT_EQ(nr_free_pages(), before);
		pages_check();
	}
	EXPECT(!alloc_pages_exact(0, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!alloc_pages_exact(4 * SZ_1M + 1, GFP_KERNEL | __GFP_NOWARN));
	pages_end();
}

TEST(pages, zeroed_pages_are_zero_in_every_zone_and_order)
{
	static const gfp_t where[] = {GFP_KERNEL | __GFP_DMA, GFP_KERNEL,
				      GFP_HIGHUSER};
	unsigned int zone, order;
	struct page *page;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "");
	for (zone = 0; zone < MAX_NR_ZONES; zone++) {
		for (order = 0; order < MAX_ORDER; order++) {
			page = __alloc_pages(where[zone] | __GFP_ZERO, order);
			ASSERT(page != NULL);
			EXPECT_EQ(page_zone_index(page), zone);
			check_zero(page, order);
			fill_pages(page, order, 0x77);
			__free_pages_any(page, order);
		}
	}
	pages_end();
}

/* --- The checker itself ------------------------------------------------------------------- */

TEST(pages, pcp_check_finds_each_kind_of_damage)
{
	struct pcp *pcp = &pcps[PAGE_FLAGS(ZONE_NORMAL, 0, 0)], good;
	struct page *page, copy;

	pages_boot(LOW_RAM, 0, "");
	__free_page(alloc_page(GFP_KERNEL));
	page = pcp->head;
	good = *pcp;
	copy = *page;
	ASSERT(page != NULL && page->next != NULL);
	ASSERT_EQ(pcp_check(), 0);
	page->_refcount = 1;
	EXPECT(pcp_check() > 0);
	*page = copy;
	page->flags |= PG_mapped;
	EXPECT(pcp_check() > 0);
	page->flags = PAGE_FLAGS(ZONE_NORMAL, 1, 0);
	EXPECT(pcp_check() > 0);
	*page = copy;
	page->next = NULL;
	EXPECT(pcp_check() > 0);
	*page = copy;
	pcp->room++;
	EXPECT(pcp_check() > 0);
	*pcp = good;
	pages_end();
}

/* a is held, b, its upper buddy, in the list, and in a free block of both. */
TEST(pages, pcp_check_finds_a_page_that_is_also_in_a_free_block)
{
	struct page *a, *b;

	pages_boot(LOW_RAM, 0, "");
	a = __alloc_pages(GFP_KERNEL, 1);
	ASSERT(a != NULL);
	split_page(a, 1);
	b = a + 1;
	__free_page(b);
	EXPECT_EQ(pcp_check(), 0);
	a->flags = PAGE_FLAGS(ZONE_NORMAL, 1, PG_buddy);
	EXPECT_EQ(pcp_check(), 1);
	a->flags = ZONE_NORMAL;
	__free_page(a);
	pages_end();
}
