/* test_pools.c - a mempool gives what it promised with no memory left; an arena
 * gives everything back at once.
 *
 *   exhaust:   pages --> taken -> [page] -> [page] -> ...
 *              what is left in the pool's cache --> scraps -> [obj] -> ...
 */
#include "../../mm/internal.h"
#include "arena.h"
#include "drivers.h"
#include "errno.h"
#include "mempool.h"
#include "printk.h"
#include "string.h"
#include "test.h"
#include "tick.h"
#include "util.h"

#define RESERVE 4
#define SIZE    192

/* --- With no memory left ---------------------------------------------------- */

static struct page *taken;
static void **scraps;

static void
exhaust(struct kmem_cache *cache)
{
	struct page *page;
	void **object;

	while ((page = alloc_page(GFP_KERNEL | __GFP_MEMALLOC | __GFP_NORETRY |
				  __GFP_NOWARN))) {
		page->next = taken;
		taken = page;
	}
	while ((object = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN))) {
		*object = scraps;
		scraps = object;
	}
}

static void
recover(struct kmem_cache *cache)
{
	struct page *page;
	void **object;

	while ((object = scraps)) {
		scraps = *object;
		kmem_cache_free(cache, object);
	}
	while ((page = taken)) {
		taken = page->next;
		__free_page(page);
	}
	drain_local_pages();
}

/* What the timer's interrupt does after so many ticks. Each of them counts for
 * a tenth of a second, so that waiting is not a matter of patience. */
static struct {
	mempool_t *pool;
	void *element;
	unsigned int ticks, in;
} timer;

static void
give_back(void)
{
	jiffies += HZ / 10 - 1;
	if (timer.ticks < timer.in && ++timer.ticks == timer.in)
		mempool_free(timer.element, timer.pool);
}

static void *
alloc_while_timer_frees(mempool_t *pool, void *element, unsigned int in)
{
	void *got;

	timer.pool = pool;
	timer.element = element;
	timer.ticks = 0;
	timer.in = in;
	tick_set_hook(give_back);
	got = mempool_alloc(pool, GFP_KERNEL);
	tick_set_hook(NULL);
	return got;
}

static unsigned int
logged_since(size_t pos, const char *text)
{
	unsigned int n = 0;
	char line[200];
	int level;

	while (log_next(&pos, line, sizeof(line), &level))
		n += strstr(line, text) != NULL;
	return n;
}

static size_t
log_now(void)
{
	size_t pos = log_first();
	char line[200];
	int level;

	while (log_next(&pos, line, sizeof(line), &level))
		;
	return pos;
}

/* The part of the next case that runs with nothing left: no ASSERT here. */
static void
use_reserve(mempool_t *pool, void **elements)
{
	size_t log = log_now();
	unsigned int i;

	for (i = 0; i < RESERVE; i++)
		EXPECT((elements[i] = mempool_alloc(pool, GFP_ATOMIC)));
	EXPECT_EQ(pool->curr_nr, 0);
	EXPECT(!mempool_alloc(pool, GFP_ATOMIC));
	EXPECT(!mempool_alloc(pool, GFP_NOWAIT));
	EXPECT_EQ(pool->nr_out, RESERVE);

	EXPECT_EQ(alloc_while_timer_frees(pool, elements[1], 5), elements[1]);
	EXPECT_EQ(timer.ticks, 5);
	EXPECT_EQ(logged_since(log, ""), 0); /* all of this is no trouble */
	EXPECT_EQ(alloc_while_timer_frees(pool, elements[2], 35), elements[2]);
	EXPECT_EQ(timer.ticks, 35);
	EXPECT_EQ(logged_since(log, "mempool: all elements are out (4)"), 1);
}

TEST(mempool, with_no_memory_left_the_reserve_is_there_and_a_sleeper_waits)
{
	struct kmem_cache *cache = kmem_cache_create("pool", SIZE, 0, 0, NULL);
	mempool_t *pool = mempool_create_slab_pool(RESERVE, cache);
	void *elements[RESERVE] = {NULL};
	unsigned int i, j;

	ASSERT(pool);
	exhaust(cache);
	use_reserve(pool, elements);
	for (i = 0; i < RESERVE; i++) {
		for (j = 0; j < i; j++)
			EXPECT(elements[i] != elements[j]);
		mempool_free(elements[i], pool);
		EXPECT_EQ(pool->curr_nr, i + 1);
	}
	EXPECT_EQ(pool->nr_out, 0);
	recover(cache);
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
}

/* --- Who is asked, and in which order ------------------------------------------ */

static struct {
	gfp_t flags[16]; /* of the last calls, oldest first */
	unsigned int calls, left, live;
} source;

static void *
count_alloc(gfp_t gfp, void *pool_data __maybe_unused)
{
	source.flags[source.calls++ % ARRAY_SIZE(source.flags)] = gfp;
	if (!source.left)
		return NULL;
	source.left--;
	source.live++;
	return kmalloc(SIZE, gfp);
}

static void
count_free(void *element, void *pool_data __maybe_unused)
{
	source.live--;
	kfree(element);
}

static mempool_t *
make_counted(int min_nr, unsigned int left)
{
	memset(&source, 0, sizeof(source));
	source.left = left;
	return mempool_create(min_nr, count_alloc, count_free, NULL);
}

TEST(mempool, the_allocator_is_asked_without_waiting_then_the_reserve)
{
	const gfp_t quiet = __GFP_NORETRY | __GFP_NOWARN;
	mempool_t *pool = make_counted(1, 2);
	void *first, *second, *third;

	ASSERT(pool);
	source.calls = 0;
	first = mempool_alloc(pool, GFP_KERNEL); /* the allocator's last */
	EXPECT_EQ(source.calls, 1);
	EXPECT(source.flags[0] == (__GFP_KSWAPD_RECLAIM | __GFP_FS | quiet));
	EXPECT_EQ(pool->curr_nr, 1);
	second = mempool_alloc(pool, GFP_KERNEL);
	EXPECT_EQ(source.calls, 2);
	EXPECT_EQ(pool->curr_nr, 0);
	third = alloc_while_timer_frees(pool, first, 3);
	EXPECT_EQ(third, first);
	EXPECT(source.flags[3] == (GFP_KERNEL | quiet));
	mempool_free(second, pool);
	mempool_free(third, pool);
	EXPECT_EQ(pool->curr_nr, 1);
	EXPECT_EQ(source.live, 1);
	mempool_destroy(pool);
	EXPECT_EQ(source.live, 0);
}

static void
more_memory(void)
{
	source.left = ++timer.ticks >= 3;
}

TEST(mempool, a_sleeper_also_finds_what_the_allocator_has_again)
{
	mempool_t *pool = make_counted(1, 1);
	void *element;

	ASSERT(pool);
	element = mempool_alloc(pool, GFP_KERNEL);
	EXPECT(!mempool_alloc(pool, GFP_ATOMIC));
	timer.ticks = 0;
	tick_set_hook(more_memory);
	mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
	tick_set_hook(NULL);
	EXPECT_OP(timer.ticks, >=, 3);
	EXPECT_OP(timer.ticks, <, HZ);
	mempool_free(element, pool);
	mempool_free(NULL, pool);
	EXPECT_EQ(pool->nr_out, 0);
	mempool_destroy(pool);
	EXPECT_EQ(source.live, 0);
}

TEST(mempool, who_must_not_sleep_is_told_and_gets_null)
{
	unsigned int before = might_sleep_count();
	mempool_t *pool = make_counted(1, 1);
	void *element;

	ASSERT(pool);
	preempt_disable();
	element = mempool_alloc(pool, GFP_KERNEL); /* the reserve's */
	EXPECT(element);
	EXPECT(!mempool_alloc(pool, GFP_KERNEL));
	preempt_enable();
	EXPECT_OP(might_sleep_count(), >, before);
	test_planted += might_sleep_count() - before;
	mempool_free(element, pool);
	mempool_destroy(pool);
}

/* --- Pools come, change and go -------------------------------------------------- */

TEST(mempool, resize_fills_a_larger_reserve_and_empties_a_smaller_one)
{
	mempool_t *pool = make_counted(2, 100);
	void *element;

	ASSERT(pool);
	element = mempool_alloc(pool, GFP_KERNEL);
	EXPECT_EQ(mempool_resize(pool, 8), 0);
	EXPECT_EQ(pool->curr_nr, 8);
	EXPECT_EQ(source.live, 9);
	EXPECT_EQ(mempool_resize(pool, 3), 0);
	EXPECT_EQ(pool->curr_nr, 3);
	EXPECT_EQ(source.live, 4);
	source.left = 1;
	EXPECT_EQ(mempool_resize(pool, 6), 0); /* the rest comes later */
	EXPECT_EQ(pool->curr_nr, 4);
	mempool_free(element, pool);
	EXPECT_EQ(pool->curr_nr, 5);
	EXPECT_EQ(mempool_resize(pool, 0), -EINVAL);
	EXPECT_EQ(mempool_resize(pool, 0x7FFFFFFF), -ENOMEM);
	EXPECT_EQ(pool->min_nr, 6);
	mempool_destroy(pool);
	EXPECT_EQ(source.live, 0);
}

TEST(mempool, destroy_with_an_element_out_is_reported_and_refused)
{
	mempool_t *pool = mempool_create_kmalloc_pool(RESERVE, SIZE);
	size_t log = log_now();
	void *element;

	ASSERT(pool);
	element = mempool_alloc(pool, GFP_KERNEL);
	EXPECT_OP(ksize(element), >=, SIZE);
	mempool_destroy(pool);
	EXPECT_EQ(logged_since(log, "mempool_destroy: 1 elements"), 1);
	EXPECT_EQ(pool->curr_nr, RESERVE);
	mempool_free(element, pool);
	mempool_destroy(pool);
	mempool_destroy(NULL);
	EXPECT_EQ(logged_since(log, "mempool_destroy"), 1);
}

TEST(mempool, a_pool_that_cannot_be_filled_is_not_made)
{
	EXPECT(!make_counted(RESERVE, RESERVE - 1));
	EXPECT_EQ(source.calls, RESERVE);
	EXPECT_EQ(source.live, 0);
	EXPECT(!make_counted(0, 10));
	EXPECT(!make_counted(-1, 10));
	EXPECT(!mempool_create_kmalloc_pool(1, KMALLOC_MAX_SIZE + 1));
	EXPECT_EQ(source.live, 0);
}

TEST(mempool, without_memory_for_itself_it_is_not_made)
{
	for (unsigned int n = 1; n <= 4; n++) { /* pool, array, two elements */
		fail_alloc_set(0, n);           /* from it on */
		EXPECT(!mempool_create(2, mempool_kmalloc, mempool_kfree,
				       (void *)64));
		fail_alloc_set(n, 0); /* it alone */
		EXPECT(!mempool_create(2, mempool_kmalloc, mempool_kfree,
				       (void *)64));
		fail_alloc_set(0, 0);
	}
}

/* --- Arenas --------------------------------------------------------------------- */

TEST(arena, objects_are_aligned_and_all_come_back_at_once)
{
	unsigned long before = nr_slab_objects(), i;
	struct arena arena;

	arena_init(&arena, PAGE_SIZE, ARENA_NO_LIMIT, GFP_KERNEL);
	EXPECT_EQ(nr_slab_objects(), before);
	for (i = 0; i < 1000; i++) {
		size_t size = i * 37 % 700, align = 1ul << i % 7;
		char *p = arena_alloc(&arena, size, align);

		ASSERT(p);
		EXPECT(IS_ALIGNED((uintptr_t)p, align));
		memset(p, (int)i, size);
	}
	EXPECT_OP(nr_slab_objects(), >, before + 50);
	arena_destroy(&arena);
	EXPECT_EQ(arena.held, 0);
	EXPECT_EQ(nr_slab_objects(), before);
}

TEST(arena, the_limit_holds_and_a_reset_makes_room)
{
	unsigned long before = nr_slab_objects();
	struct arena arena;
	unsigned int n, i;

	arena_init(&arena, 1024, 4096, GFP_ATOMIC);
	for (n = 0; arena_alloc(&arena, 32, 8); n++)
		;
	EXPECT_EQ(n, 4 * ((1024 - 8) / 32));
	EXPECT_EQ(arena.held, 4096);
	arena_reset(&arena);
	EXPECT_EQ(nr_slab_objects(), before + 1);
	for (i = 0; arena_alloc(&arena, 32, 8); i++)
		;
	EXPECT_EQ(i, n);
	arena_destroy(&arena);
	EXPECT_EQ(nr_slab_objects(), before);
}

TEST(arena, large_objects_are_whole_blocks_of_pages)
{
	struct arena arena;
	char *small, *large;

	arena_init(&arena, PAGE_SIZE, ARENA_NO_LIMIT, GFP_KERNEL);
	small = arena_alloc(&arena, 8, 8);
	large = arena_alloc(&arena, SZ_1M, PAGE_SIZE);
	ASSERT(small && large);
	EXPECT(IS_ALIGNED((uintptr_t)large, PAGE_SIZE));
	EXPECT_EQ((char *)arena_alloc(&arena, 8, 8), small + 8);
	EXPECT(!arena_alloc(&arena, KMALLOC_MAX_SIZE, 8));
	arena_destroy(&arena);
	EXPECT_EQ(arena.held, 0);
}

/* The case against arenas, as docs/pools.md has it: 10000 objects of 20 bytes,
 * one of which is needed longer. */
TEST(arena, one_object_keeps_all_of_it)
{
	struct kmem_cache *cache = kmem_cache_create("one", 20, 0, 0, NULL);
	const unsigned int n = 10000;
	void **objects = kmalloc_array(n, sizeof(void *), GFP_KERNEL);
	struct arena arena;
	unsigned int i;

	ASSERT(cache && objects);
	arena_init(&arena, PAGE_SIZE, ARENA_NO_LIMIT, GFP_KERNEL);
	for (i = 0; i < n; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(objects[i] && arena_alloc(&arena, 20, 4));
	}
	EXPECT_EQ(arena.held, 50 * PAGE_SIZE);
	for (i = 0; i < n - 1; i++)
		kmem_cache_free(cache, objects[i]);
	kmem_cache_shrink(cache);
	EXPECT_EQ(cache->nr_slabs << cache->order, 1);
	kmem_cache_free(cache, objects[n - 1]);
	kfree(objects);
	kmem_cache_destroy(cache);
	arena_destroy(&arena);
}
