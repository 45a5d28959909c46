/* test_heap.c - slab.c and kmalloc.c against a model, over the page allocator.
 *
 *     blocks[]   | p, size, seed | ... |      what each owner believes
 *                     |
 *     the heap    [ .. | block | .. ]         claimed in heap_glue's watch,
 *                                             full of the seed's pattern
 *
 * After every few thousand operations everything is counted: live objects,
 * slabs, pages.
 */
#include "glue.h"
#include "heap_glue.h"
#include "host.h"
#include "page_owner.h"
#include "string.h"
#include "util.h"

#define RAM         (40 * SZ_1M)
#define BLOCKS      500
#define EDGE        96   /* bytes of a long block that are looked at, */
#define CHECK_EVERY 4096 /* so that a case does millions of operations */

struct block {
	u8 *p; /* NULL: none */
	size_t size;
	unsigned int seed;
	struct kmem_cache *cache; /* NULL: kmalloc's */
};

static struct {
	struct block blocks[BLOCKS];
	unsigned int seed;
	bool may_fail;
	unsigned long failures;
	unsigned long pages; /* free when booted */
} model;

static void
start_with(phys_addr_t ram, bool checks)
{
	heap_boot(ram, checks);
	memset(&model, 0, sizeof(model));
	model.pages = nr_free_pages();
}

static void
start(phys_addr_t ram)
{
	start_with(ram, false);
}

/* --- Blocks ------------------------------------------------------------------- */

static void
fill(const struct block *b)
{
	heap_fill(b->p, b->seed, 0, min(b->size, (size_t)EDGE));
	if (b->size > EDGE)
		heap_fill(b->p + b->size - EDGE / 2, b->seed + 1, 0, EDGE / 2);
}

static bool
holds(const struct block *b)
{
	size_t head = min(b->size, (size_t)EDGE);

	if (b->size > EDGE && b->size < EDGE + EDGE / 2)
		head = b->size - EDGE / 2; /* the tail lies over it */
	return heap_holds(b->p, b->seed, head) &&
	       (b->size <= EDGE ||
		heap_holds(b->p + b->size - EDGE / 2, b->seed + 1, EDGE / 2));
}

static bool
is_zero(const u8 *p, size_t size)
{
	while (size--)
		if (*p++)
			return false;
	return true;
}

/* p is a new block, or a failure. */
static void
own(struct block *b, void *p, size_t size, size_t align)
{
	*b = (struct block){.cache = b->cache};
	if (!p) {
		model.failures++;
		EXPECT(model.may_fail);
		return;
	}
	*b = (struct block){p, size, model.seed++, b->cache};
	EXPECT(heap_claim(p, size, align));
	EXPECT(b->cache || ksize(p) >= size);
	fill(b);
}

static void
check_and_unclaim(const struct block *b)
{
	EXPECT(holds(b));
	heap_unclaim(b->p, b->size);
}

/* All over the place: classes' borders, 0, whole pages; mostly small. */
static size_t
draw_size(void)
{
	switch (host_below(32)) {
	case 0:
		return host_below(3) ? 0 : host_below(300000);
	case 1:
		return (8u << host_below(11)) + host_below(3) - 1;
	case 2:
		return host_below(KMALLOC_MAX_CACHE_SIZE + 100);
	default:
		return 1 + host_below(8u << host_below(8));
	}
}

static gfp_t
draw_gfp(void)
{
	return (host_sometimes(16) ? GFP_DMA : GFP_NOWAIT) | __GFP_NOWARN;
}

/* --- kmalloc and its family ----------------------------------------------------- */

static void
op_alloc(struct block *b)
{
	size_t size = draw_size();
	gfp_t gfp = draw_gfp();
	u8 *p;

	b->cache = NULL;
	if (host_sometimes(4)) {
		p = kmalloc(size, gfp | __GFP_ZERO);
		EXPECT(!p || is_zero(p, size));
	} else {
		p = kmalloc(size, gfp);
	}
	own(b, p, size, heap_align(size));
}

static void
op_free(struct block *b)
{
	check_and_unclaim(b);
	if (host_sometimes(16))
		kfree_sensitive(b->p);
	else
		kfree(b->p);
	b->p = NULL;
}

/* krealloc in place where the block is large enough, else elsewhere; a failure
 * leaves the block as it was. */
static void
op_realloc(struct block *b)
{
	size_t size = draw_size(), kept = min(b->size, size),
	       have = ksize(b->p);
	u8 *p = krealloc(b->p, size, draw_gfp());

	if (!p) {
		model.failures++;
		EXPECT(model.may_fail && holds(b));
		return;
	}
	if (size)
		EXPECT_EQ(p == b->p, size <= have);
	EXPECT(heap_holds(p, b->seed, min(kept, (size_t)(EDGE / 2))));
	heap_unclaim(b->p, b->size);
	own(b, p, size, p == b->p ? 1 : heap_align(size));
}

/* --- Caches ----------------------------------------------------------------------- */

#define CTOR_SEED 0x33

static unsigned int constructed;

static void
construct_40(void *object)
{
	heap_fill(object, CTOR_SEED, 0, 40);
	constructed++;
}

static void
construct_700(void *object)
{
	heap_fill(object, CTOR_SEED, 0, 700);
	constructed++;
}

static const struct {
	const char *name;
	unsigned int size, align, flags;
	void (*ctor)(void *);
} kinds[] = {
	{"one", 1, 0, 0, NULL},
	{"odd", 23, 0, 0, NULL},
	{"aligned", 100, 16, 0, NULL},
	{"line", 192, 0, SLAB_HWCACHE_ALIGN, NULL},
	{"built", 40, 0, 0, construct_40},
	{"built-aligned", 700, 64, 0, construct_700},
	{"dma", 320, 0, SLAB_CACHE_DMA, NULL},
	{"page", 2100, 4096, 0, NULL},
	{"large", 8192, 0, 0, NULL},
};

static struct kmem_cache *cache_of_kind[ARRAY_SIZE(kinds)];

static void
create_caches(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		cache_of_kind[i] =
			kmem_cache_create(kinds[i].name, kinds[i].size,
					  kinds[i].align, kinds[i].flags,
					  kinds[i].ctor);
		ASSERT(cache_of_kind[i]);
		EXPECT_EQ(kmem_cache_size(cache_of_kind[i]), kinds[i].size);
	}
}

static unsigned int
kind_of(const struct kmem_cache *cache)
{
	unsigned int i;

	for (i = 0; cache_of_kind[i] != cache; i++)
		;
	return i;
}

static void
own_object(struct block *b, u8 *p, struct kmem_cache *cache)
{
	unsigned int kind = kind_of(cache), size = kinds[kind].size;
	unsigned int align = max(kinds[kind].align, 8u);

	if (kinds[kind].flags & SLAB_HWCACHE_ALIGN)
		align = 64;
	if (p && kinds[kind].ctor)
		EXPECT(heap_holds(p, CTOR_SEED, size));
	if (p && kinds[kind].flags & SLAB_CACHE_DMA)
		EXPECT(__pa(p) < ZONE_DMA_END);
	b->cache = cache;
	own(b, p, size, align);
}

static void
op_cache_alloc(struct block *b)
{
	struct kmem_cache *cache = cache_of_kind[host_below(ARRAY_SIZE(kinds))];
	gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	u8 *p;

	if (host_sometimes(4) && !kinds[kind_of(cache)].ctor) {
		p = kmem_cache_zalloc(cache, gfp);
		EXPECT(!p || is_zero(p, kmem_cache_size(cache)));
	} else if (host_sometimes(2)) {
		p = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	} else {
		p = kmem_cache_alloc(cache, gfp);
	}
	own_object(b, p, cache);
}

/* An object of a cache with a constructor goes back as it came. */
static void
prepare_object(const struct block *b)
{
	check_and_unclaim(b);
	if (kinds[kind_of(b->cache)].ctor)
		heap_fill(b->p, CTOR_SEED, 0, b->size);
}

static void
op_cache_free(struct block *b)
{
	prepare_object(b);
	kmem_cache_free(b->cache, b->p);
	b->p = NULL;
}

/* Up to 20 objects into places that are empty; at times straight back. */
static void
op_bulk(void)
{
	struct kmem_cache *cache = cache_of_kind[host_below(ARRAY_SIZE(kinds))];
	unsigned int nr = host_below(20), i;
	struct block blocks[20] = {0};
	void *objects[20];

	if (kmem_cache_alloc_bulk(cache, GFP_NOWAIT | __GFP_NOWARN, nr,
				  objects) != (int)nr) {
		EXPECT(model.may_fail);
		model.failures++;
		return;
	}
	for (i = 0; i < nr; i++)
		own_object(&blocks[i], objects[i], cache);
	for (i = 0; i < nr; i++)
		prepare_object(&blocks[i]);
	kmem_cache_free_bulk(cache, nr, objects);
}

/* --- The whole -------------------------------------------------------------------- */

static void
check_all(void)
{
	unsigned long objects = 0, large = 0;
	unsigned int i;

	for (i = 0; i < BLOCKS; i++) {
		const struct block *b = &model.blocks[i];

		if (!b->p || !b->size)
			continue;
		EXPECT(holds(b));
		if (slab_of(b->p))
			objects++;
		else
			large += PHYS_PFN(ksize(b->p));
	}
	EXPECT_EQ(nr_slab_objects(), objects + heap_caches());
	EXPECT_EQ(nr_free_pages() + heap_slab_pages() + large, model.pages);
	heap_check();
}

static void
free_block(struct block *b)
{
	if (b->p && b->cache)
		op_cache_free(b);
	else if (b->p)
		op_free(b);
}

static void
step(bool with_caches)
{
	struct block *b = &model.blocks[host_below(BLOCKS)];
	unsigned int dice = host_below(1024);

	if (b->p && !b->cache && dice < 256)
		op_realloc(b);
	else if (b->p)
		free_block(b);
	else if (with_caches && dice == 0)
		kmem_cache_shrink(cache_of_kind[host_below(ARRAY_SIZE(kinds))]);
	else if (with_caches && dice < 30)
		op_bulk();
	else if (with_caches && dice < 700)
		op_cache_alloc(b);
	else if (dice == 1023)
		kmem_cache_shrink(
			&kmalloc_caches[host_below(2 * KMALLOC_CLASSES)]);
	else
		op_alloc(b);
}

static void
steps(unsigned int times, bool with_caches)
{
	unsigned int i;

	for (i = 1; i <= times && !host_failed(); i++) {
		step(with_caches);
		if (i % CHECK_EVERY == 0)
			check_all();
	}
}

static void
finish(void)
{
	unsigned int i;

	if (host_failed())
		return;
	check_all();
	for (i = 0; i < BLOCKS; i++)
		free_block(&model.blocks[i]);
	heap_end();
}

/* --- kmalloc ---------------------------------------------------------------------- */

TEST(heap, every_size_has_a_class_that_wastes_a_fifth_at_most)
{
	size_t size;
	void *a, *b;

	start(RAM);
	for (size = 1; size <= KMALLOC_MAX_CACHE_SIZE; size++) {
		a = kmalloc(size, GFP_KERNEL);
		b = kmalloc(size, GFP_DMA);
		EXPECT(heap_claim(a, size, heap_align(size)));
		EXPECT(heap_claim(b, size, heap_align(size)));
		EXPECT(__pa(b) < ZONE_DMA_END);
		EXPECT(slab_cache(slab_of(a)) ==
		       &kmalloc_caches[kmalloc_class(size)]);
		EXPECT(ksize(a) >= size &&
		       ksize(a) <= max(size + size / 4, size + 7));
		heap_unclaim(a, size);
		heap_unclaim(b, size);
		kfree(a);
		kfree(b);
	}
	heap_end();
}

TEST(heap, large_blocks_are_whole_pages_aligned_to_their_size)
{
	size_t size;

	start(RAM);
	for (size = 2 * PAGE_SIZE + 1; size <= KMALLOC_MAX_SIZE;
	     size += size / 3) {
		u8 *p = kmalloc(size, GFP_KERNEL);

		ASSERT(p);
		EXPECT(!slab_of(p));
		EXPECT_EQ(ksize(p), PAGE_SIZE << get_order(size));
		EXPECT(heap_claim(p, size, ksize(p)));
		heap_unclaim(p, size);
		kfree(p);
	}
	size = KMALLOC_MAX_SIZE;
	kfree(kmalloc(size, GFP_KERNEL));
	EXPECT(!kmalloc(size + 1, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!kmalloc((size_t)-1, GFP_KERNEL | __GFP_NOWARN));
	EXPECT_EQ(host_logged("kmalloc:"), 0);
	EXPECT(!kmalloc((size_t)-100, GFP_KERNEL));
	EXPECT_EQ(host_logged("kmalloc:"), 1);
	heap_end();
}

TEST(heap, nothing_is_a_block_too)
{
	size_t many = SZ_1M;

	start(RAM);
	EXPECT(kmalloc(0, GFP_KERNEL) == ZERO_SIZE_PTR);
	EXPECT_EQ(ksize(ZERO_SIZE_PTR) + ksize(NULL), 0);
	kfree(NULL);
	kfree(ZERO_SIZE_PTR);
	kfree_sensitive(NULL);
	EXPECT(krealloc(NULL, 0, GFP_KERNEL) == ZERO_SIZE_PTR);
	EXPECT(krealloc(kmalloc(20, GFP_KERNEL), 0, GFP_KERNEL) ==
	       ZERO_SIZE_PTR);
	EXPECT(!kstrdup(NULL, GFP_KERNEL));
	EXPECT(!kmalloc_array(many, 4096, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!kcalloc(4097, many, GFP_KERNEL | __GFP_NOWARN));
	heap_end();
}

TEST(heap, copies_are_equal_and_apart)
{
	char text[] = "one and the same", *a, *b;

	start(RAM);
	a = kstrdup(text, GFP_KERNEL);
	b = kmemdup(text, 7, GFP_KERNEL);
	EXPECT_STREQ(a, text);
	EXPECT_EQ(memcmp(b, text, 7), 0);
	EXPECT(a != b && a != text);
	kfree(a);
	kfree(b);
	heap_end();
}

TEST(heap, random_calls_keep_every_block)
{
	start(RAM);
	steps(1300000, false);
	finish();
}

/* --- Caches ------------------------------------------------------------------------- */

TEST(heap, random_calls_of_many_caches_keep_every_object)
{
	start(RAM);
	create_caches();
	steps(1300000, true);
	finish();
}

TEST(heap, random_calls_with_every_check_on_find_no_mistake)
{
	start_with(RAM, true);
	create_caches();
	steps(200000, true);
	finish();
}

TEST(heap, a_constructor_runs_once_for_each_object_of_a_slab)
{
	struct kmem_cache *cache;
	void *objects[300];
	unsigned int round, i;

	start(RAM);
	constructed = 0;
	cache = kmem_cache_create("built", 40, 0, 0, construct_40);
	for (round = 0; round < 5; round++) {
		for (i = 0; i < ARRAY_SIZE(objects); i++)
			objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_EQ(constructed, cache->nr_slabs * cache->per_slab);
		for (i = 0; i < ARRAY_SIZE(objects); i += 2)
			kmem_cache_free(cache, objects[i]);
		for (i = 0; i < ARRAY_SIZE(objects); i += 2)
			objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT_EQ(constructed, cache->nr_slabs * cache->per_slab);
		for (i = 0; i < ARRAY_SIZE(objects); i++)
			kmem_cache_free(cache, objects[i]);
		constructed = cache->nr_slabs * cache->per_slab;
	}
	heap_end();
}

TEST(heap, a_cache_in_use_is_not_destroyed)
{
	struct kmem_cache *cache;
	void *object;

	start(RAM);
	cache = kmem_cache_create("busy", 64, 0, 0, NULL);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
	EXPECT_EQ(host_logged("kmem_cache_destroy(busy)"), 1);
	EXPECT_EQ(nr_slab_objects(), 1 + heap_caches());
	EXPECT(!kmem_cache_create("busy", 64, 0, 0, NULL));
	kmem_cache_free(cache, object);
	kmem_cache_destroy(cache);
	EXPECT_EQ(host_logged("kmem_cache_destroy("), 1);
	kmem_cache_destroy(NULL);
	EXPECT(kmem_cache_create("busy", 64, 0, 0, NULL));
	heap_end();
}

TEST(heap, an_impossible_cache_is_refused)
{
	start(RAM);
	EXPECT(!kmem_cache_create(NULL, 8, 0, 0, NULL));
	EXPECT(!kmem_cache_create("none", 0, 0, 0, NULL));
	EXPECT(!kmem_cache_create("huge", KMALLOC_MAX_CACHE_SIZE + 1, 0, 0,
				  NULL));
	EXPECT(!kmem_cache_create("odd", 8, 24, 0, NULL));
	EXPECT(!kmem_cache_create("far", 8, 2 * PAGE_SIZE, 0, NULL));
	EXPECT(!kmem_cache_create("kmalloc-64", 64, 0, 0, NULL));
	EXPECT_EQ(host_logged("kmem_cache_create("), 6);
	heap_end();
}

TEST(heap, few_empty_slabs_are_kept)
{
	static void *objects[4000];
	struct kmem_cache *cache;
	unsigned int i;

	start(RAM);
	cache = kmem_cache_create("many", 200, 0, 0, NULL);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT(cache->nr_slabs >= ARRAY_SIZE(objects) / cache->per_slab);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(cache, objects[i]);
	EXPECT(cache->nr_empty <= 2);
	EXPECT(cache->nr_slabs <= 2 + 2 * 128); /* two magazines, spread out */
	EXPECT(kmem_cache_shrink(cache) > 0);
	EXPECT_EQ(cache->nr_slabs, 0);
	heap_end();
}

/* --- Without memory ----------------------------------------------------------------- */

TEST(heap, every_nth_page_allocation_may_fail)
{
	unsigned int n;

	start(RAM);
	create_caches();
	model.may_fail = true;
	for (n = 1; n < 40 && !host_failed(); n++) {
		fail_page_alloc_set(n, 0, 0);
		steps(5 * CHECK_EVERY, true);
	}
	fail_page_alloc_set(0, 0, 0);
	EXPECT(model.failures > 1000);
	finish();
}

/* A scenario of many allocations. => whether all of them succeeded */
static bool
scenario(void)
{
	struct block blocks[80] = {0};
	bool ok = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(blocks) && ok; i++) {
		size_t size = 1 + i * 131;
		u8 *p = kmalloc(size, GFP_KERNEL | __GFP_NOWARN), *more;

		own(&blocks[i], p, size, heap_align(size));
		if (!(ok = p))
			break;
		more = krealloc(p, 2 * size, GFP_KERNEL | __GFP_NOWARN);
		EXPECT(holds(&(struct block){more ? more : p, EDGE / 2,
					     blocks[i].seed, NULL}) ||
		       size < EDGE / 2);
		if (!(ok = more))
			break;
		heap_unclaim(p, size);
		own(&blocks[i], more, 2 * size,
		    more == p ? 1 : heap_align(2 * size));
	}
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		if (blocks[i].p)
			op_free(&blocks[i]);
	return ok;
}

TEST(heap, a_scenario_fails_at_each_of_its_allocations_and_leaks_nothing)
{
	unsigned int from = 0;
	bool ok;

	start(RAM);
	model.may_fail = true;
	do {
		struct kmem_cache *cache = NULL;

		fail_page_alloc_set(0, ++from, 0);
		ok = scenario();
		fail_page_alloc_set(0, 0, 0);
		EXPECT_EQ(nr_slab_objects(), 0);
		while ((cache = cache_next(cache)))
			kmem_cache_shrink(cache);
		EXPECT_EQ(nr_free_pages(), model.pages);
	} while (!ok && !host_failed());
	EXPECT(from > 50);
	heap_end();
}

TEST(heap, exhaustion_is_survived)
{
	void **chain, **next;
	size_t size;

	start(LOW_RAM);
	for (size = 8; size <= 32768; size = size * 2 + 8) {
		unsigned long blocks = 0;

		chain = NULL;
		while ((next = kmalloc(size, GFP_NOWAIT | __GFP_NOWARN))) {
			*next = chain;
			chain = next;
			blocks++;
		}
		EXPECT(blocks * size > LOW_RAM / 8);
		heap_check();
		while (chain) {
			next = *chain;
			kfree(chain);
			chain = next;
		}
	}
	heap_end();
}

TEST(heap, empty_slabs_are_given_back_under_pressure)
{
	struct page *chain = NULL, *page;
	size_t size;

	start(LOW_RAM);
	for (size = 8; size <= 8192; size += 100)
		kfree(kmalloc(size, GFP_KERNEL));
	EXPECT(heap_slab_pages() > 50);
	pages_fill(GFP_NOWAIT, &chain);
	page = alloc_pages(GFP_KERNEL, 0);
	EXPECT(page);
	EXPECT_EQ(heap_slab_pages(), 0);
	if (page)
		__free_pages(page, 0);
	pages_release(&chain);
	heap_end();
}

/* --- Mistakes ----------------------------------------------------------------------- */

TEST(heap, kfree_of_what_kmalloc_never_returned_is_reported)
{
	char local, *large;
	struct page *page;

	start(RAM);
	large = kmalloc(20000, GFP_KERNEL);
	page = alloc_pages(GFP_KERNEL, 0);
	kfree(&local);
	EXPECT_EQ(host_logged("bad free of"), 1);
	kfree(large + PAGE_SIZE);
	EXPECT_EQ(host_logged("bad free of"), 2);
	kfree(large + 8);
	EXPECT_EQ(host_logged("bad free of"), 3);
	kfree(page_address(page));
	EXPECT_EQ(host_logged("bad free of"), 4);
	kfree(large);
	kfree(large);
	EXPECT_EQ(host_logged("bad free of"), 5);
	__free_pages(page, 0);
	host_log_clear();
	heap_end();
}

TEST(heap, an_object_freed_twice_in_a_row_has_one_owner)
{
	void *p, *a, *b;

	start(RAM);
	p = kmalloc(100, GFP_KERNEL);
	kfree(p);
	kfree(p);
	EXPECT_EQ(host_logged("bad free of"), 1);
	a = kmalloc(100, GFP_KERNEL);
	b = kmalloc(100, GFP_KERNEL);
	EXPECT(a != b);
	kfree(a);
	kfree(b);
	host_log_clear();
	heap_end();
}

/* Every free object is taken once, and all go back to their slabs. */
static void
sweep(struct kmem_cache *cache)
{
	static void *objects[20000];
	unsigned long nr = cache->nr_objects - cache->nr_out + parked(cache), n;

	for (n = 0; n < nr; n++)
		objects[n] = kmem_cache_alloc(cache, GFP_KERNEL);
	while (n--)
		kmem_cache_free(cache, objects[n]);
	kmem_cache_shrink(cache);
}

/* A free object's words are overwritten, again and again, by all kinds of
 * values, while blocks come and go: none gets two owners, and after each round
 * the cache is whole. What is lost is given back by hand. */
static void
damage(struct kmem_cache *cache, void **live, unsigned int nr)
{
	void *victim, *value;
	struct page *slab = slab_of(live[host_below(nr)]);
	unsigned int word = host_below(2);

	victim = slab_object(slab, host_below(slab_objects(slab)));
	if (!is_marked(cache, victim))
		return;
	switch (host_below(6)) {
	case 0:
		value = NULL;
		break;
	case 1:
		value = live[host_below(nr)];
		break;
	case 2:
		value = (u8 *)live[host_below(nr)] + 8;
		break;
	case 3:
		value = slab_object(slab, host_below(slab_objects(slab)));
		break;
	case 4:
		value = (void *)0x41414148;
		break;
	default:
		value = victim;
		break;
	}
	((void **)victim)[word] = value;
	sweep(cache);
	EXPECT_EQ(cache_check(cache), 0);
	EXPECT_EQ(cache->nr_out, nr + (word == 0));
	if (word == 0) /* lost: as if somebody had it */
		kmem_cache_free(cache, victim);
}

TEST(heap, free_lists_that_are_written_to_are_mended)
{
	static void *live[300];
	struct kmem_cache *cache;
	unsigned int round, i;

	start(RAM);
	cache = kmem_cache_create("damaged", 48, 0, 0, NULL);
	for (i = 0; i < ARRAY_SIZE(live); i++)
		live[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (round = 0; round < 2000 && !host_failed(); round++) {
		for (i = host_below(100); i--;) {
			void **p = &live[host_below(ARRAY_SIZE(live))];

			kmem_cache_free(cache, *p);
			*p = kmem_cache_alloc(cache, GFP_KERNEL);
			if (host_sometimes(8))
				kmem_cache_shrink(cache);
		}
		for (i = 0; i < ARRAY_SIZE(live); i++)
			*(void ***)live[i] = &live[i];
		for (i = 0; i < ARRAY_SIZE(live); i++)
			EXPECT(*(void ***)live[i] == &live[i]); /* one owner */
		damage(cache, live, ARRAY_SIZE(live));
	}
	kmem_cache_shrink(cache);
	EXPECT_EQ(cache_check(cache), 0);
	EXPECT_EQ(cache->nr_out, ARRAY_SIZE(live));
	EXPECT(host_logged("BUG damaged: corrupted free list") > 100);
	for (i = 0; i < ARRAY_SIZE(live); i++)
		kmem_cache_free(cache, live[i]);
	host_log_clear();
	heap_end();
}

TEST(heap, single_pages_serve_where_memory_is_in_pieces)
{
	struct page *chain = NULL, *page, *next, *odd = NULL;
	static void *objects[2000];
	unsigned int n = 0, i;

	start(RAM);
	pages_fill(GFP_NOWAIT | __GFP_NOWARN, &chain);
	for (page = chain, chain = NULL; page; page = next) {
		next = (struct page *)page->private;
		if (page_to_pfn(page) % 2) {
			__free_pages(page, 0);
			continue;
		}
		page->private = (unsigned long)odd;
		odd = page;
	}
	drain_local_pages();
	while (n < ARRAY_SIZE(objects)) {
		objects[n] = kmalloc(300 + n % 3700,
				     n % 2 ? GFP_ATOMIC : GFP_KERNEL);
		EXPECT(objects[n] && heap_claim(objects[n], 300 + n % 3700, 1));
		n++;
	}
	heap_check();
	for (i = 0; i < n; i++) {
		heap_unclaim(objects[i], 300 + i % 3700);
		kfree(objects[i]);
	}
	heap_check();
	pages_release(&odd);
	heap_end();
}

TEST(heap, the_checker_finds_what_is_broken)
{
	struct kmem_cache *cache;
	struct page *slab;
	void *object, *link;

	start(RAM);
	cache = kmem_cache_create("checked", 100, 0, 0, NULL);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	slab = slab_of(object);
	kmem_cache_free(cache, object);
	kmem_cache_shrink(cache);
	object = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	slab = slab_of(object);
	EXPECT_EQ(cache_check(cache), 0);
	cache->nr_out++;
	EXPECT(cache_check(cache));
	cache->nr_out--;
	slab_inuse(slab)--;
	EXPECT(cache_check(cache));
	slab_inuse(slab)++;
	cache->nr_empty++;
	EXPECT(cache_check(cache));
	cache->nr_empty--;
	slab->mapping = &kmalloc_caches[0];
	EXPECT(cache_check(cache));
	slab->mapping = cache;
	link = slab_freelist(slab);
	slab_freelist(slab) = link != CHAIN_END ? (char *)link + 4 : object;
	EXPECT(cache_check(cache));
	slab_freelist(slab) = link;
	EXPECT_EQ(cache_check(cache), 0);
	kmem_cache_free(cache, object);
	heap_end();
}
