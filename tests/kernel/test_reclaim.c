/* test_reclaim.c - who waits for memory, who wakes him, who need not wait, and
 * what the reclaimer does meanwhile.
 *
 *   all pages --> taken           down to the min mark
 *             --> cache.pile      what a shrinker of ours gives back, slowly
 *   the asker: a thread, more urgent than the test: whenever the test runs, it
 *   has either got its page or is asleep
 */
#include "drivers.h"
#include "kthread.h"
#include "mempool.h"
#include "page_helpers.h"
#include "slab.h"
#include "string.h"
#include "test.h"
#include "tick.h"
#include "util.h"

#define URGENT     (DEFAULT_PRIO / 4)
#define TAKE       __GFP_NOWARN /* down to min, and nobody is woken */
#define SCAN_PAGES 8ul
#define ROUNDS     16 /* as in page_alloc.c */

static struct pile taken;

/* --- The shrinker ----------------------------------------------------------- */

enum cache_kind {
	OFF,
	GIVES,    /* SCAN_PAGES, after a tick */
	LIES,     /* says 1 and gives nothing, until `left` is 0 */
	EMPTY,    /* counts, and gives nothing */
	ALLOCATES /* needs a page itself */
};

static struct {
	enum cache_kind kind;
	struct pile pile;
	unsigned int left;
	unsigned int scans, by_reclaimer, balanced, depth, recursed, failed;
} cache;

/* What the reclaimer aims at, for requests without zone flags. */
static bool
is_balanced(void)
{
	unsigned int i;

	for (i = 0; i <= ZONE_NORMAL; i++)
		if (zones[i].free_pages >
		    zones[i].watermark[WMARK_HIGH] +
			    zones[i].lowmem_reserve[ZONE_NORMAL])
			return true;
	return false;
}

static bool
is_reclaimer(void)
{
	return strcmp(current->comm, "reclaimer") == 0;
}

static unsigned long
cache_count(void)
{
	return cache.kind == OFF ? 0 : 1;
}

static unsigned long
give_slowly(void)
{
	unsigned long before = cache.pile.pages;
	struct page *page;

	schedule_timeout_uninterruptible(1);
	while (before - cache.pile.pages < SCAN_PAGES &&
	       (page = pile_pop(&cache.pile)))
		__free_pages(page, page_order(page));
	return before - cache.pile.pages;
}

static unsigned long
allocate(void)
{
	struct page *page;

	cache.recursed += cache.depth++;
	page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	cache.depth--;
	cache.failed += !page;
	if (page)
		__free_page(page);
	return 0;
}

static unsigned long
cache_scan(unsigned long nr __maybe_unused, gfp_t gfp)
{
	cache.scans++;
	cache.by_reclaimer += is_reclaimer();
	cache.balanced += is_balanced();
	EXPECT(gfpflags_allow_blocking(gfp) && !in_atomic());
	EXPECT(current->reclaiming);
	switch (cache.kind) {
	case GIVES:
		return give_slowly();
	case LIES:
		if (is_reclaimer())
			return 0;
		return cache.left && --cache.left ? 1 : give_slowly();
	case ALLOCATES:
		return is_reclaimer() ? 0 : allocate();
	default:
		return 0;
	}
}
SHRINKER(test_slow, cache_count, cache_scan);

/* `pages` for the shrinker, and all others taken. */
static void
use_up(enum cache_kind kind, unsigned long pages)
{
	struct page *page;

	while (shrink_memory(GFP_KERNEL))
		;
	drain_local_pages();
	memset(&cache, 0, sizeof(cache));
	while (cache.pile.pages < pages && (page = alloc_page(TAKE)))
		pile_push(&cache.pile, page);
	pile_fill_all(&taken, TAKE);
	cache.kind = kind;
}

static void
give_all_back(void)
{
	cache.kind = OFF;
	pile_free(&cache.pile);
	pile_free(&taken);
}

/* --- The asker --------------------------------------------------------------- */

static struct {
	gfp_t gfp;
	mempool_t *pool; /* of which it wants an element, or NULL */
	void *got;
	bool done;
	struct task_struct *task;
} asker;

static int
ask(void *arg __maybe_unused)
{
	asker.got = asker.pool ? mempool_alloc(asker.pool, asker.gfp)
			       : alloc_page(asker.gfp);
	asker.done = true;
	return 0;
}

/* It runs as soon as it is woken. */
static bool
asker_start(gfp_t gfp, mempool_t *pool)
{
	asker.gfp = gfp;
	asker.pool = pool;
	asker.got = NULL;
	asker.done = false;
	asker.task = kthread_create(ask, NULL, "asker");
	if (!EXPECT(!IS_ERR(asker.task)))
		return false;
	sched_set_priority(asker.task, URGENT);
	return true;
}

static bool
asker_sleeps(void)
{
	return READ_ONCE(asker.task->state) == TASK_UNINTERRUPTIBLE &&
	       !READ_ONCE(asker.done);
}

static void
asker_end(void)
{
	kthread_stop(asker.task);
	if (asker.got && !asker.pool)
		__free_page(asker.got);
}

/* --- Waiting, and being woken -------------------------------------------------- */

TEST(reclaim, kernel_sleeps_until_pages_are_freed_and_gets_one_at_once)
{
	struct page *page;

	if (!asker_start(GFP_KERNEL, NULL))
		return;
	use_up(OFF, 0);
	wake_up_process(asker.task);
	EXPECT(asker_sleeps());
	schedule_timeout_uninterruptible(HZ / 10);
	EXPECT(asker_sleeps());
	page = pile_pop(&taken);
	preempt_disable();
	__free_pages(page, page_order(page)); /* that wakes, not the time */
	EXPECT_EQ(asker.task->state, TASK_RUNNING);
	EXPECT(!asker.done);
	preempt_enable();
	EXPECT(asker.done && asker.got);
	give_all_back();
	asker_end();
}

/* The short path frees: single pages, into lists that are closed meanwhile. */
TEST(reclaim, nothing_is_hidden_in_lists_while_somebody_waits)
{
	unsigned long in_lists;
	struct page *pages[4];
	unsigned int i;

	if (!asker_start(GFP_KERNEL, NULL))
		return;
	use_up(OFF, 0);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = alloc_page(GFP_EVERYTHING);
	wake_up_process(asker.task);
	EXPECT(asker_sleeps());
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		if (EXPECT(pages[i] != NULL))
			__free_page(pages[i]);
	in_lists = pcp_pages(&zones[ZONE_NORMAL]) + pcp_pages(&zones[ZONE_DMA]);
	EXPECT_EQ(in_lists, 0ul);
	EXPECT(asker_sleeps()); /* min is reached again, not passed */
	give_all_back();
	EXPECT(asker.done && asker.got);
	asker_end();
	pages[0] = alloc_page(GFP_KERNEL);
	__free_page(pages[0]);
	in_lists = pcp_pages(&zones[ZONE_NORMAL]) + pcp_pages(&zones[ZONE_DMA]);
	EXPECT_OP(in_lists, >, 0ul); /* open again */
}

static struct page *atomic_page;

static void
take_atomic(void)
{
	if (!atomic_page)
		atomic_page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
}

TEST(reclaim, atomic_gets_the_reserve_while_kernel_waits)
{
	struct page *page;

	if (!asker_start(GFP_KERNEL, NULL))
		return;
	use_up(OFF, 0);
	wake_up_process(asker.task);
	EXPECT(asker_sleeps());
	page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
	if (EXPECT(page != NULL))
		__free_page(page);
	atomic_page = NULL;
	tick_set_hook(take_atomic);
	schedule_timeout_uninterruptible(3);
	tick_set_hook(NULL);
	if (EXPECT(atomic_page != NULL))
		__free_page(atomic_page);
	EXPECT(alloc_page(GFP_NOWAIT | __GFP_NOWARN) == NULL);
	EXPECT(asker_sleeps());
	give_all_back();
	asker_end();
}

TEST(reclaim, kernel_waits_for_a_slow_shrinker_and_succeeds)
{
	struct page *page;

	use_up(GIVES, 64);
	page = alloc_page(GFP_KERNEL);
	if (EXPECT(page != NULL))
		__free_page(page);
	EXPECT_OP(cache.scans, >, 0u);
	give_all_back();
}

#define CROWD 16

static int
ask_for(void *page)
{
	*(struct page **)page = alloc_page(GFP_KERNEL);
	return 0;
}

TEST(reclaim, all_who_wait_are_served)
{
	struct page *pages[CROWD] = {NULL};
	struct task_struct *tasks[CROWD];
	unsigned int i;

	for (i = 0; i < CROWD; i++) {
		tasks[i] = kthread_create(ask_for, &pages[i], "asker/%u", i);
		ASSERT(!IS_ERR(tasks[i]));
		sched_set_priority(tasks[i], URGENT);
	}
	use_up(GIVES, 2 * CROWD);
	for (i = 0; i < CROWD; i++)
		wake_up_process(tasks[i]);
	for (i = 0; i < CROWD; i++)
		kthread_stop(tasks[i]);
	for (i = 0; i < CROWD; i++)
		if (EXPECT(pages[i] != NULL))
			__free_page(pages[i]);
	give_all_back();
}

/* --- Who does not wait, and who fails -------------------------------------------- */

static unsigned long
ticks_to_fail(gfp_t gfp, unsigned int order)
{
	unsigned long start;

	tick_set_hook(fast_time);
	start = jiffies;
	EXPECT(alloc_pages(gfp | __GFP_NOWARN, order) == NULL);
	start = jiffies - start;
	tick_set_hook(NULL);
	return start;
}

TEST(reclaim, with_nothing_to_reclaim_kernel_fails_after_some_rounds)
{
	use_up(EMPTY, 0);
	EXPECT_OP(ticks_to_fail(GFP_KERNEL, 0), >=, HZ);
	/* A page of the heap may have been found at first: that is progress. */
	EXPECT_OP(cache.scans - cache.by_reclaimer, >=, ROUNDS);
	EXPECT_OP(cache.scans - cache.by_reclaimer, <=, ROUNDS + 2);
	give_all_back();
}

TEST(reclaim, progress_is_a_reason_to_go_on)
{
	struct page *page;

	use_up(LIES, 64);
	cache.left = 3 * ROUNDS;
	page = alloc_page(GFP_KERNEL);
	if (EXPECT(page != NULL))
		__free_page(page);
	EXPECT_EQ(cache.left, 0u);
	give_all_back();
}

TEST(reclaim, noretry_and_large_orders_ask_once_and_never_wait)
{
	unsigned long start;

	use_up(EMPTY, 0);
	start = jiffies;
	EXPECT(alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN) == NULL);
	EXPECT_EQ(cache.scans - cache.by_reclaimer, 1u);
	EXPECT(alloc_pages(GFP_KERNEL | __GFP_NOWARN,
			   PAGE_ALLOC_COSTLY_ORDER + 1) == NULL);
	EXPECT_EQ(cache.scans - cache.by_reclaimer, 2u);
	EXPECT_OP(jiffies - start, <, HZ / 4ul);
	EXPECT_OP(ticks_to_fail(GFP_KERNEL | __GFP_RETRY_MAYFAIL,
				PAGE_ALLOC_COSTLY_ORDER + 1),
		  >=, HZ);
	give_all_back();
}

/* --- Who reclaims ------------------------------------------------------------------ */

TEST(reclaim, a_shrinker_may_allocate_and_does_not_recurse)
{
	use_up(ALLOCATES, 0);
	EXPECT(alloc_page(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN) == NULL);
	EXPECT_OP(cache.scans, >, 0u);
	EXPECT_EQ(cache.failed, 0u);
	EXPECT_EQ(cache.recursed, 0u);
	EXPECT(!current->reclaiming);
	give_all_back();
}

static unsigned long
above_high(void)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i <= ZONE_NORMAL; i++) {
		unsigned long high = zones[i].watermark[WMARK_HIGH] +
				     zones[i].lowmem_reserve[ZONE_NORMAL];

		if (zones[i].free_pages > high)
			pages += zones[i].free_pages - high;
	}
	return pages;
}

TEST(reclaim, the_reclaimer_begins_below_low_and_stops_at_high)
{
	unsigned long want = 0, start = jiffies;
	struct page *page;
	unsigned int i;

	for (i = 0; i <= ZONE_NORMAL; i++)
		want += 2 * zones[i].watermark[WMARK_HIGH];
	use_up(GIVES, want);
	schedule_timeout_uninterruptible(3);
	EXPECT_EQ(cache.scans, 0u); /* nobody has woken it */
	page = alloc_page(GFP_ATOMIC);
	if (EXPECT(page != NULL))
		__free_page(page);
	while (!is_balanced() && jiffies - start < 8 * HZ)
		schedule_timeout_uninterruptible(1);
	i = cache.scans;
	EXPECT_OP(i, >, 0u);
	schedule_timeout_uninterruptible(5);
	EXPECT_EQ(cache.scans, i);
	EXPECT_EQ(cache.by_reclaimer, i); /* who asked did not do it */
	EXPECT_EQ(cache.balanced, 0u);
	EXPECT(is_balanced());
	EXPECT_OP(above_high(), <=, 2 * SCAN_PAGES);
	EXPECT_OP(cache.pile.pages, >, 0ul);
	give_all_back();
}

/* --- Pools --------------------------------------------------------------------------- */

static void *
nothing(gfp_t gfp __maybe_unused, void *data __maybe_unused)
{
	return NULL;
}

TEST(reclaim, who_waits_for_a_pool_is_woken_by_mempool_free)
{
	mempool_t *pool = mempool_create_kmalloc_pool(1, 64);
	void *element;

	ASSERT(pool);
	pool->alloc = nothing; /* there is the reserve only */
	element = mempool_alloc(pool, GFP_ATOMIC);
	EXPECT(element != NULL);
	if (!asker_start(GFP_KERNEL, pool))
		return;
	wake_up_process(asker.task);
	EXPECT(asker_sleeps());
	preempt_disable();
	mempool_free(element, pool);
	EXPECT_EQ(asker.task->state, TASK_RUNNING);
	preempt_enable();
	EXPECT(asker.done);
	EXPECT(asker.got == element);
	asker_end();
	mempool_free(element, pool);
	mempool_destroy(pool);
}
