/* test_page_short.c - what happens when memory is short: which zone gives, how
 * low each flag may go, and in which order help is called.
 */
#include "drivers.h"
#include "page_helpers.h"
#include "preempt.h"
#include "test.h"
#include "tick.h"
#include "util.h"

/* --- Watermarks -------------------------------------------------------------- */

/* How far flags with this mark take a zone, when they could be served from
 * `highest` too. */
static unsigned long
lowest(const struct zones_state *before, unsigned int zone,
       unsigned int highest, unsigned long mark)
{
	return min(before->free[zone],
		   mark + zones[zone].lowmem_reserve[highest]);
}

static unsigned long
atomic_mark(unsigned int zone)
{
	unsigned long min_mark = zones[zone].watermark[WMARK_MIN];

	return min_mark - min_mark / 2;
}

/* NOWAIT, then ATOMIC, then MEMALLOC: each goes on where the one before it
 * had to stop. */
static void
each_flag_stops(unsigned int highest)
{
	gfp_t zone_flag = zone_gfp(highest);
	struct zones_state before;
	struct pile pile = {};
	unsigned int i;

	zones_note(&before);
	pile_fill_all(&pile, GFP_TRY | zone_flag);
	for (i = 0; i <= highest; i++)
		EXPECT_EQ(zones[i].free_pages,
			  lowest(&before, i, highest,
				 zones[i].watermark[WMARK_MIN]));
	EXPECT(alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN |
			  zone_flag) == NULL);
	pile_fill_all(&pile, GFP_ATOMIC | __GFP_NOWARN | zone_flag);
	for (i = 0; i <= highest; i++)
		EXPECT_EQ(zones[i].free_pages,
			  lowest(&before, i, highest, atomic_mark(i)));
	EXPECT(alloc_page(GFP_TRY | zone_flag) == NULL);
	pile_fill_all(&pile, GFP_EVERYTHING | zone_flag);
	for (i = 0; i <= highest; i++)
		EXPECT_EQ(zones[i].free_pages, 0ul); /* and no reserve */
	EXPECT(alloc_page(GFP_ATOMIC | __GFP_NOWARN | zone_flag) == NULL);
	pile_free(&pile);
	EXPECT_EQ(zones_differ(&before), 0u);
}

TEST(shortage, each_flag_stops_at_its_mark_in_each_zone)
{
	unsigned int i;

	for (i = 0; i < MAX_NR_ZONES; i++)
		each_flag_stops(i);
}

TEST(shortage, atomic_succeeds_where_kernel_fails)
{
	struct pile pile = {};
	struct page *page;

	pile_fill_all(&pile, GFP_TRY);
	EXPECT(alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN) == NULL);
	page = alloc_page(GFP_ATOMIC);
	if (EXPECT(page != NULL))
		__free_page(page);
	pile_free(&pile);
}

/* --- Zones ------------------------------------------------------------------- */

/* The zone that serves a request whose first choice is `highest`; MAX_NR_ZONES
 * if none does. */
static unsigned int
serving_zone(unsigned int highest)
{
	struct page *page = alloc_page(GFP_TRY | zone_gfp(highest));
	unsigned int zone = page ? page_zone_index(page) : MAX_NR_ZONES;

	if (page)
		__free_page(page);
	drain_local_pages();
	return zone;
}

/* The highest zone up to `highest` that has more than it must keep. */
static unsigned int
expected_zone(unsigned int highest)
{
	unsigned int i;

	for (i = highest + 1; i--;)
		if (zones[i].free_pages >
		    zones[i].watermark[WMARK_LOW] +
			    zones[i].lowmem_reserve[highest])
			return i;
	return MAX_NR_ZONES;
}

TEST(shortage, requests_fall_back_from_high_zones_to_low_ones)
{
	struct pile pile = {};
	unsigned int i, highest;

	for (i = MAX_NR_ZONES; i--;) {
		for (highest = 0; highest < MAX_NR_ZONES; highest++) {
			EXPECT_EQ(serving_zone(highest),
				  expected_zone(highest));
			EXPECT(serving_zone(highest) <= highest ||
			       serving_zone(highest) == MAX_NR_ZONES);
		}
		pile_fill_zone(&pile, i);
	}
	EXPECT_EQ(serving_zone(ZONE_HIGHMEM), (unsigned int)MAX_NR_ZONES);
	pile_free(&pile);
}

TEST(shortage, kernel_requests_never_take_high_memory)
{
	struct pile pile = {};
	struct page *page;
	unsigned long high = zones[ZONE_HIGHMEM].free_pages;

	pile_fill_all(&pile, GFP_EVERYTHING);
	EXPECT_EQ(zones[ZONE_HIGHMEM].free_pages, high);
	EXPECT_EQ(zones[ZONE_NORMAL].free_pages, 0ul);
	while ((page = pile_pop(&pile))) {
		EXPECT(page_address(page) != NULL);
		__free_pages(page, page_order(page));
	}
}

/* --- Help -------------------------------------------------------------------- */

static unsigned int wakes;

static void
count_wake(enum zone_type highest __maybe_unused)
{
	wakes++;
}

TEST(shortage, the_reclaimer_is_woken_below_the_low_mark_only)
{
	static const struct reclaim_ops ops = {.wake = count_wake};
	const struct reclaim_ops *before = reclaim_ops;
	struct pile pile = {};
	struct page *page;

	reclaim_ops = &ops;
	wakes = 0;
	page = alloc_page(GFP_KERNEL);
	EXPECT_EQ(wakes, 0u);
	__free_page(page);
	pile_fill_all(&pile, __GFP_HIGH | __GFP_NOWARN); /* may not wake */
	EXPECT_EQ(wakes, 0u);
	page = pile_pop(&pile); /* 4 MiB hold more than low - min, or less */
	__free_pages(page, page_order(page));
	drain_local_pages();
	pile_fill_all(&pile, GFP_ATOMIC | __GFP_NOWARN);
	EXPECT_OP(wakes, >, 0u);
	reclaim_ops = before;
	pile_free(&pile);
}

/* A cache of pages that can go. */
static struct {
	struct pile pile;
	unsigned int counts, scans;
	bool on;
} cache;

static unsigned long
cache_count(void)
{
	if (!cache.on)
		return 0;
	cache.counts++;
	return cache.pile.pages;
}

static unsigned long
cache_scan(unsigned long nr, gfp_t gfp)
{
	unsigned long pages = cache.pile.pages;

	cache.scans++;
	EXPECT_EQ(nr, pages);
	EXPECT(gfpflags_allow_blocking(gfp));
	EXPECT(!in_atomic() && !irqs_disabled());
	pile_free(&cache.pile);
	return pages;
}
SHRINKER(test_cache, cache_count, cache_scan);

/* At least so many pages, the smallest blocks first: they were taken last. */
static void
move_pages(struct pile *to, struct pile *from, unsigned long pages)
{
	while (to->pages < pages && from->top)
		pile_push(to, pile_pop(from));
}

TEST(shortage, shrinkers_are_asked_by_who_may_sleep)
{
	const struct reclaim_ops *ops = reclaim_ops;
	struct zones_state before;
	struct pile pile = {};
	struct page *page;

	reclaim_ops = NULL;
	zones_note(&before);
	pile_fill(&cache.pile, GFP_TRY | GFP_DMA, 8);
	cache.counts = cache.scans = 0;
	cache.on = true;
	pile_fill_all(&pile, GFP_ATOMIC | __GFP_NOWARN);
	EXPECT(alloc_page(GFP_ATOMIC | __GFP_NOWARN) == NULL);
	EXPECT(alloc_page(GFP_TRY) == NULL);
	EXPECT_EQ(cache.counts + cache.scans, 0u);

	page = alloc_pages(GFP_KERNEL | __GFP_NORETRY, 8);
	if (EXPECT(page != NULL))
		__free_pages(page, 8);
	EXPECT_EQ(cache.counts, 1u);
	EXPECT_EQ(cache.scans, 1u);
	cache.on = false;
	pile_fill_all(&pile, GFP_ATOMIC | __GFP_NOWARN);
	EXPECT(alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN) == NULL);
	EXPECT_EQ(cache.counts, 1u);
	reclaim_ops = ops;
	pile_free(&pile);
	EXPECT_EQ(zones_differ(&before), 0u);
}

/* --- Waiting ----------------------------------------------------------------- */

/* What the timer does while somebody waits: after so many ticks it gives back
 * everything in the pile, single pages. */
static struct {
	struct pile pile;
	unsigned int ticks, after;
} giver;

static void
give_back(void)
{
	if (++giver.ticks == giver.after)
		pile_free(&giver.pile);
}

/* Wait with nothing left but what give_back has. => the page, and the ticks in
 * giver.ticks */
static struct page *
wait_for_page(gfp_t gfp, unsigned int after, unsigned long pages)
{
	struct pile pile = {};
	struct page *page;

	/* Single pages on top of the pile: what the timer will give. */
	pile_fill_all(&pile, GFP_TRY);
	giver.ticks = 0;
	giver.after = after;
	move_pages(&giver.pile, &pile, pages);
	tick_set_hook(give_back);
	page = alloc_page(gfp);
	tick_set_hook(NULL);
	pile_free(&giver.pile);
	pile_free(&pile);
	return page;
}

/* Four pages stay in a per-CPU list, where no watermark counts them. */
TEST(shortage, who_waits_gets_what_an_interrupt_gives_back)
{
	struct page *page = wait_for_page(GFP_KERNEL, 5, 4);

	if (EXPECT(page != NULL))
		__free_page(page);
	EXPECT_OP(giver.ticks, >=, 5u);
	EXPECT_OP(giver.ticks, <, (unsigned int)HZ);
}

TEST(shortage, who_may_not_retry_does_not_wait)
{
	EXPECT(wait_for_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, HZ / 2,
			     4) == NULL);
	EXPECT_OP(giver.ticks, <, (unsigned int)HZ / 2);
}

TEST(shortage, who_waits_in_vain_fails_after_a_second_with_a_report)
{
	struct pile pile = {};
	unsigned long start;
	size_t log = log_end();

	jiffies += 2 * HZ; /* earlier reports do not silence this one */
	pile_fill_all(&pile, GFP_TRY);
	tick_set_hook(fast_time);
	start = jiffies;
	EXPECT(alloc_page(GFP_KERNEL) == NULL);
	EXPECT_OP(jiffies - start, >, (unsigned long)HZ);
	EXPECT_OP(jiffies - start, <,
		  10ul * HZ); /* late ticks come in bursts */
	tick_set_hook(NULL);
	EXPECT_EQ(log_lines(log, "page allocation failure: order:0"), 1u);
	EXPECT_EQ(log_lines(log, "(GFP_KERNEL)"), 1u);
	EXPECT_EQ(log_lines(log, "  DMA "), 1u);
	pile_free(&pile);
}

static void
give_back_in_fast_time(void)
{
	fast_time();
	give_back();
}

TEST(shortage, who_must_not_fail_waits_for_longer_than_a_second)
{
	unsigned long start = jiffies;
	struct pile pile = {};
	struct page *page;

	pile_fill_all(&pile, GFP_TRY);
	giver.ticks = 0;
	giver.after = 18; /* more than three seconds of fast_time */
	move_pages(&giver.pile, &pile, 1);
	tick_set_hook(give_back_in_fast_time);
	page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	tick_set_hook(NULL);
	if (EXPECT(page != NULL))
		__free_page(page);
	EXPECT_OP(giver.ticks, >=, 18u);
	EXPECT_OP(jiffies - start, >, 3ul * HZ);
	pile_free(&giver.pile);
	pile_free(&pile);
}

TEST(shortage, failures_are_reported_five_times_a_second)
{
	struct pile pile = {};
	size_t log = log_end();
	unsigned int i;

	pile_fill_all(&pile, GFP_ATOMIC | __GFP_NOWARN);
	jiffies += 2 * HZ;
	for (i = 0; i < 20; i++)
		EXPECT(alloc_page(GFP_ATOMIC) == NULL);
	EXPECT_EQ(log_lines(log, "failure: order:0, mode:0x820(GFP_ATOMIC)"),
		  5u);
	jiffies += 2 * HZ;
	EXPECT(alloc_page(GFP_ATOMIC) == NULL);
	EXPECT_EQ(log_lines(log, "(15 like it were not shown)"), 1u);
	log = log_end();
	EXPECT(alloc_page(GFP_ATOMIC | __GFP_NOWARN) == NULL);
	EXPECT_EQ(log_end(), log);
	pile_free(&pile);
}
