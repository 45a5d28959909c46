/* test_heap.c - the heap as its users see it: kmalloc, caches, what happens
 * without memory, and from an interrupt.
 *
 *   pile: blocks of pages that a test takes so that none is left, chained
 *         through their first words
 */
#include "../../mm/internal.h"
#include "drivers.h"
#include "heap_helpers.h"
#include "mmzone.h"
#include "page_helpers.h"
#include "page_owner.h"
#include "printf.h"
#include "sched.h"
#include "tick.h"
#include "trap.h"
#include "util.h"
#include "vmalloc.h"
#include "x86.h"

static long
count_objects(void)
{
	stacks_drain();
	vmap_purge();
	return (long)heap_settle();
}
LEAK_COUNTER("heap objects", count_objects);

/* The size of each class in turn; opaque, so that nothing is folded. */
static size_t
class_bytes(unsigned int class)
{
	static volatile unsigned int opaque;

	return kmalloc_class_size(class + opaque);
}

/* Is it a cache of which every call is watched (slab_debug, DEBUG=1)? */
static bool
is_watched(const void *object)
{
	return slab_cache(slab_of(object))->flags & SLAB_DEBUG_FLAGS;
}

/* --- kmalloc ------------------------------------------------------------------ */

static void
check_placed(const void *p, size_t size)
{
	EXPECT_EQ((uintptr_t)p % ARCH_KMALLOC_MINALIGN, 0);
	if (is_power_of_2(size))
		EXPECT_EQ((uintptr_t)p % size, 0);
	EXPECT(ksize(p) >= size);
	EXPECT(virt_is_direct(p) && virt_is_direct((char *)p + size - 1));
	EXPECT_EQ(__pa((char *)p + size - 1) - __pa(p), size - 1);
}

TEST(heap, every_class_is_aligned_and_contiguous_and_keeps_its_content)
{
	enum {
		EACH = 20
	};
	u8 *(*const p)[EACH] = (void *)test_slots; /* of each class */
	unsigned int class, i;

	for (i = 0; i < EACH; i++)
		for (class = 0; class < KMALLOC_CLASSES; class ++) {
			size_t size = class_bytes(class);

			p[class][i] = kmalloc(size, GFP_KERNEL);
			ASSERT(p[class][i]);
			check_placed(p[class][i], size);
			memset(p[class][i], (int)(class * EACH + i), size);
		}
	EXPECT_EQ(heap_broken(), 0);
	for (i = 0; i < EACH; i++)
		for (class = 0; class < KMALLOC_CLASSES; class ++) {
			EXPECT(!memchr_inv(p[class][i], (u8)(class * EACH + i),
					   class_bytes(class)));
			kfree(p[class][i]);
		}
	EXPECT_EQ(heap_broken(), 0);
}

TEST(heap, every_size_gets_its_class)
{
	static volatile size_t size;

	for (size = 1; size <= KMALLOC_MAX_CACHE_SIZE; size += 7) {
		size_t above = kmalloc_class_size(kmalloc_class(size));
		void *p = kmalloc(size, GFP_ATOMIC);

		EXPECT(above >= size && above - size < max(size / 4, 8u));
		EXPECT(ksize(p) == above || ksize(p) == size);
		kfree(p);
	}
}

TEST(heap, whole_pages_serve_what_is_larger)
{
	size_t size;

	for (size = 2 * KMALLOC_MAX_CACHE_SIZE; size <= KMALLOC_MAX_SIZE;
	     size *= 2) {
		void *p = kmalloc(size, GFP_KERNEL | __GFP_NOWARN);

		if (!EXPECT(p))
			continue;
		check_placed(p, size);
		kfree(p);
	}
}

TEST(heap, nothing_is_nothing)
{
	EXPECT_EQ(kmalloc(0, GFP_KERNEL), ZERO_SIZE_PTR);
	EXPECT_EQ(ksize(ZERO_SIZE_PTR), 0);
	EXPECT_EQ(ksize(NULL), 0);
	kfree(NULL);
	kfree(ZERO_SIZE_PTR);
}

TEST(heap, impossible_sizes_and_flags_are_refused)
{
	static volatile size_t n = -1, big = KMALLOC_MAX_SIZE + 1;
	size_t mark = log_mark();

	EXPECT(!kmalloc(big, GFP_KERNEL));
	EXPECT(!kmalloc(n, GFP_KERNEL));
	EXPECT(!kmalloc((size_t)-4096, GFP_KERNEL));
	EXPECT_EQ(log_has(mark, "are more than"), 3);
	EXPECT(!kmalloc(n, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!kmalloc_array(n, 2, GFP_KERNEL));
	EXPECT(!kmalloc_array(0x10000, 0x10000, GFP_KERNEL));
	EXPECT(!kcalloc(n / 2, 3, GFP_KERNEL));
	EXPECT_EQ(log_has(mark, "are more than"), 3);
	EXPECT(!kmalloc(8, (__force gfp_t)0x80000000u));
	EXPECT_EQ(log_has(mark, "unknown flags 0x80000000"), 1);
}

TEST(heap, dma_memory_lies_below_16_mib)
{
	size_t size;

	for (size = 8; size <= 65536; size *= 2) {
		void *p = kmalloc(size, GFP_KERNEL | GFP_DMA);

		if (!EXPECT(p))
			continue;
		EXPECT(__pa(p) + size <= ZONE_DMA_END);
		check_placed(p, size);
		kfree(p);
	}
}

TEST(heap, zeroed_memory_is_zero)
{
	static const size_t sizes[] = {1, 7, 50, 100, 128, 129, 5000, 70000};
	unsigned int i;
	u8 *p;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		p = kmalloc(sizes[i], GFP_KERNEL);
		ASSERT(p);
		memset(p, 0xFF, sizes[i]);
		kfree(p);
		p = kzalloc(sizes[i], GFP_KERNEL);
		ASSERT(p);
		EXPECT(!memchr_inv(p, 0, sizes[i]));
		kfree(p);
	}
	p = kmalloc(50, GFP_KERNEL);
	memset(p, 0xFF, 50);
	kfree(p);
	p = kzalloc(50, GFP_KERNEL); /* folded: words, then bytes */
	EXPECT(!memchr_inv(p, 0, 50));
	kfree(p);
	p = kcalloc(10, 7, GFP_KERNEL);
	EXPECT(!memchr_inv(p, 0, 70));
	kfree(p);
}

TEST(heap, krealloc_grows_in_place_or_moves_and_keeps_the_content)
{
	u8 *p = krealloc(NULL, 100, GFP_KERNEL), *q;
	size_t usable;

	ASSERT(p);
	usable = ksize(p);
	memset(p, 0x5C, usable);
	q = krealloc(p, usable, GFP_KERNEL);
	EXPECT_EQ(q, p);
	q = krealloc(p, 50, GFP_KERNEL);
	EXPECT_EQ(q, p);
	q = krealloc(p, 20000, GFP_KERNEL);
	ASSERT(q && q != p);
	EXPECT(!memchr_inv(q, 0x5C, 50));
	EXPECT(!krealloc(q, (size_t)-1, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!memchr_inv(q, 0x5C, 50)); /* it is as it was */
	EXPECT_EQ(krealloc(q, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	p = krealloc(ZERO_SIZE_PTR, 8, GFP_KERNEL);
	EXPECT(p && p != ZERO_SIZE_PTR);
	kfree_sensitive(p);
}

/* With __GFP_ZERO all that nobody wrote is zero, however it came there. */
TEST(heap, krealloc_zeroes_what_it_adds)
{
	static const size_t sizes[][3] = {{100, 50, 100},   {100, 1, 112},
					  {60, 30, 300},    {8, 1, 5000},
					  {5000, 10, 7000}, {9000, 1, 12000},
					  {9000, 1, 20000}};

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t kept = sizes[i][1], most = sizes[i][2];
		u8 *p = kmalloc(sizes[i][0], GFP_KERNEL);

		ASSERT(p);
		memset(p, 0xFF, ksize(p)); /* what somebody else left */
		kfree(p);
		p = kzalloc(sizes[i][0], GFP_KERNEL);
		memset(p, 0x5C, sizes[i][0]);
		p = krealloc(p, kept, GFP_KERNEL | __GFP_ZERO);
		p = krealloc(p, most, GFP_KERNEL | __GFP_ZERO);
		EXPECT(!memchr_inv(p, 0x5C, kept));
		EXPECT(!memchr_inv(p + kept, 0, most - kept));
		kfree(p);
	}
}

TEST(heap, small_zeroed_objects_can_be_grown_into)
{
	u8 *p = kmalloc(100, GFP_KERNEL), *q;

	ASSERT(p);
	memset(p, 0xFF, ksize(p));
	kfree(p);
	p = kzalloc(100, GFP_KERNEL); /* the size is known to the compiler */
	q = krealloc(p, 112, GFP_KERNEL | __GFP_ZERO);
	EXPECT(q && !memchr_inv(q, 0, 112));
	kfree(q);
}

TEST(heap, sensitive_memory_is_zeroed)
{
	static const size_t sizes[] = {64, 100, 3000, 20000};

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *p = kmalloc(sizes[i], GFP_KERNEL);
		bool watched = p && slab_of(p) && is_watched(p);
		u8 *byte = p + sizeof(struct free_object);

		ASSERT(p);
		memset(p, 0x5C, sizes[i]);
		kfree_sensitive(p);
		if (watched || page_poison_on() || page_guard)
			continue; /* it is filled anew, or gone */
		EXPECT(!memchr_inv(byte, 0, sizes[i] - 8));
	}
}

TEST(heap, copies_are_equal)
{
	char *s = kstrdup("sixteen and more", GFP_KERNEL);
	u8 *m = kmemdup("a\0b", 3, GFP_KERNEL);

	EXPECT_STREQ(s, "sixteen and more");
	EXPECT(m && !memcmp(m, "a\0b", 3));
	EXPECT(!kstrdup(NULL, GFP_KERNEL));
	kfree(s);
	kfree(m);
}

/* --- Caches ---------------------------------------------------------------------- */

#define MANY 300
static void **const held = test_slots;
static unsigned int constructed;

static void
drop_held(struct kmem_cache *cache, unsigned int n)
{
	kmem_cache_free_bulk(cache, n, held);
}

static void
construct(void *object)
{
	constructed++;
	memset(object, 0xC0, 40);
}

TEST(heap, a_constructor_runs_once_per_object)
{
	struct kmem_cache *cache =
		kmem_cache_create("constructed", 40, 0, 0, construct);
	unsigned int made, i;
	u8 *p;

	ASSERT(cache);
	constructed = 0;
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	ASSERT(p);
	made = constructed;
	EXPECT_EQ(made, cache_check(cache) + made);
	EXPECT(made > 0);
	EXPECT(!memchr_inv(p, 0xC0, 40));
	p[3] = 0x11; /* comes back as it was freed */
	kmem_cache_free(cache, p);
	for (i = 0; i < 10; i++) {
		u8 *q = kmem_cache_alloc(cache, GFP_KERNEL);

		EXPECT_EQ(q, p);
		EXPECT_EQ(q[3], 0x11);
		kmem_cache_free(cache, q);
	}
	EXPECT_EQ(constructed, made);
	kmem_cache_destroy(cache);
}

TEST(heap, bulk_is_all_or_nothing)
{
	struct kmem_cache *cache = kmem_cache_create("bulk", 64, 0, 0, NULL);
	unsigned int i;

	ASSERT(cache);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, MANY, held), MANY);
	for (i = 0; i < MANY; i++)
		memset(held[i], (int)i, 64);
	for (i = 0; i < MANY; i++)
		EXPECT(!memchr_inv(held[i], (u8)i, 64));
	drop_held(cache, MANY);
	fail_alloc_set(0, 100);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, MANY, held), 0);
	fail_alloc_set(0, 0);
	EXPECT_EQ(cache_check(cache), 0);
	kmem_cache_destroy(cache);
}

TEST(heap, shrink_gives_empty_slabs_back)
{
	struct kmem_cache *cache = kmem_cache_create("shrunk", 512, 0, 0, NULL);
	unsigned long pages;

	ASSERT(cache);
	pages = nr_free_pages();
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, MANY, held), MANY);
	EXPECT(nr_free_pages() <= pages - MANY * 512 / PAGE_SIZE);
	drop_held(cache, MANY);
	EXPECT(kmem_cache_shrink(cache) > 0);
	EXPECT_EQ(nr_free_pages(), pages);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	kmem_cache_destroy(cache);
}

TEST(heap, destroy_refuses_while_an_object_lives)
{
	struct kmem_cache *cache = kmem_cache_create("live", 64, 0, 0, NULL);
	size_t mark = log_mark();
	void *p;

	ASSERT(cache);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	kmem_cache_destroy(cache);
	EXPECT_EQ(log_has(mark, "(live): 1 objects are still in use"), 1);
	EXPECT_EQ(log_has(mark, "  object at "), 1);
	EXPECT(!kmem_cache_create("live", 64, 0, 0, NULL)); /* it is there */
	kmem_cache_free(cache, p);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(NULL);
	cache = kmem_cache_create("live", 64, 0, 0, NULL);
	EXPECT(cache);
	kmem_cache_destroy(cache);
}

TEST(heap, impossible_caches_are_refused)
{
	size_t mark = log_mark();

	EXPECT(!kmem_cache_create("kmalloc-64", 64, 0, 0, NULL));
	EXPECT(!kmem_cache_create("none", 0, 0, 0, NULL));
	EXPECT(!kmem_cache_create("huge", 8193, 0, 0, NULL));
	EXPECT(!kmem_cache_create("aligned", 8, 3, 0, NULL));
	EXPECT(!kmem_cache_create("flags", 8, 0, 1, NULL));
	EXPECT(!kmem_cache_create(NULL, 8, 0, 0, NULL));
	EXPECT_EQ(log_has(mark, "kmem_cache_create("), 6);
	EXPECT_EQ(log_has(mark, "the name is taken"), 1);
	EXPECT_EQ(log_has(mark, "unknown flags"), 1);
}

TEST(heap, a_cache_keeps_its_own_name)
{
	char name[16] = "mine", text[] = "mine";
	struct kmem_cache *cache = kmem_cache_create(name, 64, 0, 0, NULL);
	size_t mark = log_mark();

	ASSERT(cache);
	memset(name, 'x', sizeof(name)); /* a module's goes away */
	EXPECT(!kmem_cache_create(text, 64, 0, 0, NULL));
	EXPECT_EQ(log_has(mark, "the name is taken"), 1);
	kmem_cache_destroy(cache);
}

TEST(heap, there_are_as_many_caches_as_one_wants)
{
	enum {
		NR = 600
	};
	struct kmem_cache *cache = NULL;
	unsigned int made, ours = 0;
	char name[16];

	for (made = 0; made < NR; made++) {
		snprintf(name, sizeof(name), "many-%u", made);
		test_slots[made] = kmem_cache_create(name, 40, 0, 0, NULL);
		test_slots[NR + made] =
			test_slots[made]
				? kmem_cache_alloc(test_slots[made], GFP_KERNEL)
				: NULL;
		if (!test_slots[NR + made])
			break;
	}
	EXPECT_EQ(made, NR);
	while ((cache = cache_next(cache)))
		ours += cache_check(cache) == 0 &&
			!strncmp(cache->name, "many-", 5);
	EXPECT_EQ(ours, NR);
	while (made--) {
		kmem_cache_free(test_slots[made], test_slots[NR + made]);
		kmem_cache_destroy(test_slots[made]);
	}
}

TEST(heap, a_cache_stays_while_somebody_looks_at_it)
{
	struct kmem_cache *cache = kmem_cache_create("seen", 64, 0, 0, NULL);
	struct kmem_cache *seen = NULL;
	unsigned int behind = 0;

	ASSERT(cache);
	while ((seen = cache_next(seen)) && seen != cache)
		;
	ASSERT(seen);
	kmem_cache_destroy(cache);
	EXPECT(!cache->name); /* it is still there to be left */
	while ((seen = cache_next(seen)))
		behind++;
	EXPECT_EQ(behind, 0u);
	while ((seen = cache_next(seen)))
		EXPECT(seen->name);
}

TEST(heap, a_cache_without_memory_for_itself_is_not_made)
{
	size_t mark = log_mark();

	fail_alloc_set(1, 0);
	EXPECT(!kmem_cache_create("poor", 64, 0, 0, NULL));
	fail_alloc_set(0, 0);
	EXPECT_EQ(log_has(mark, "no memory"), 1);
}

TEST(heap, every_object_of_a_cache_is_aligned)
{
	static const unsigned int sizes[] = {8, 20, 33, 40, 100, 200};

	for (unsigned int s = 0; s < ARRAY_SIZE(sizes); s++) {
		unsigned int align = sizes[s] > 32 ? 64 : 32;
		struct kmem_cache *cache =
			kmem_cache_create("lines", sizes[s], 0,
					  SLAB_HWCACHE_ALIGN, NULL);

		ASSERT(cache);
		ASSERT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 50, held),
			  50);
		for (unsigned int i = 0; i < 50; i++)
			EXPECT_EQ((uintptr_t)held[i] % align, 0u);
		kmem_cache_free_bulk(cache, 50, held);
		kmem_cache_destroy(cache);
	}
}

TEST(heap, cache_alignment_is_kept)
{
	struct kmem_cache *cache =
		kmem_cache_create("lines", 40, 0, SLAB_HWCACHE_ALIGN, NULL);
	struct kmem_cache *pages =
		kmem_cache_create("page-aligned", 8, PAGE_SIZE, 0, NULL);
	void *p, *q;

	ASSERT(cache && pages);
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	q = kmem_cache_alloc(pages, GFP_KERNEL);
	EXPECT(p && (uintptr_t)p % 64 == 0);
	EXPECT(q && (uintptr_t)q % PAGE_SIZE == 0);
	EXPECT_EQ(kmem_cache_size(cache), 40);
	kmem_cache_free(cache, p);
	kmem_cache_free(pages, q);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(pages);
}

/* --- Without memory ------------------------------------------------------------- */

#define GFP_TAKE (GFP_NOWAIT | __GFP_NOWARN)

TEST(heap, it_recovers_when_memory_was_exhausted)
{
	void **pile = NULL, **p;
	unsigned long n = 0;
	void *kept = kmalloc(100, GFP_KERNEL);

	ASSERT(kept);
	memset(kept, 0x77, 100);
	while ((p = kmalloc(4096, GFP_TAKE))) {
		*p = pile;
		pile = p;
		n++;
	}
	EXPECT(n > 100);
	EXPECT_EQ(heap_broken(), 0);
	while ((p = pile)) {
		pile = *p;
		kfree(p);
	}
	EXPECT(!memchr_inv(kept, 0x77, 100));
	kfree(kept);
	p = kmalloc(4096, GFP_KERNEL);
	EXPECT(p);
	kfree(p);
}

TEST(heap, under_pressure_empty_slabs_serve_the_pages)
{
	struct kmem_cache *cache = kmem_cache_create("empty", 4096, 0, 0, NULL);
	void **pile = NULL, **p;
	bool served;

	ASSERT(cache);
	heap_settle();
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, 4, held), 4);
	drop_held(cache, 4); /* parked */
	/* By pages, not from the heap: nothing asks the shrinkers. */
	while ((p = (void **)__get_free_pages(GFP_TAKE & ~__GFP_KSWAPD_RECLAIM,
					      0))) {
		*p = pile;
		pile = p;
	}
	p = (void **)__get_free_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN,
				      0);
	served = p != NULL;
	EXPECT(served);
	if (served)
		free_page((unsigned long)p);
	EXPECT_EQ(kmem_cache_shrink(cache), 0); /* it has none any more */
	while ((p = pile)) {
		pile = *p;
		free_page((unsigned long)p);
	}
	kmem_cache_destroy(cache);
}

/* Slabs of several pages are the better ones, but single pages will do. */
TEST(heap, shattered_memory_holds_small_objects)
{
	static const size_t sizes[] = {300, 512, 1000, 2000, 3000, 4000};
	static const gfp_t flags[] = {GFP_KERNEL, GFP_ATOMIC, GFP_NOWAIT};
	struct pile kept = {0};
	unsigned int i, f, class;

	heap_settle();
	pile_shatter(&kept);
	for (f = 0; f < ARRAY_SIZE(flags); f++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			void **p = &test_slots[f * ARRAY_SIZE(sizes) + i];

			class = kmalloc_class(sizes[i]);
			if (kmalloc_caches[class].size > PAGE_SIZE)
				continue; /* watched: it needs two pages */
			*p = kmalloc(sizes[i], flags[f] | __GFP_NOWARN);
			EXPECT(*p);
			if (*p)
				memset(*p, 0x11, sizes[i]);
		}
	EXPECT_EQ(heap_broken(), 0u);
	for (i = 0; i < ARRAY_SIZE(flags) * ARRAY_SIZE(sizes); i++)
		kfree(test_slots[i]);
	EXPECT_EQ(heap_broken(), 0u);
	heap_settle();
	pile_free(&kept);
}

/* Slabs of both kinds at once, until none is left of either. */
TEST(heap, small_slabs_and_large_ones_go_together)
{
	struct kmem_cache *cache = kmem_cache_create("both", 500, 0, 0, NULL);
	struct pile kept = {0};

	ASSERT(cache);
	ASSERT_EQ(kmem_cache_alloc_bulk(cache, GFP_KERNEL, MANY, held), MANY);
	pile_shatter(&kept);
	EXPECT_EQ(kmem_cache_alloc_bulk(cache, GFP_ATOMIC, MANY, held + MANY),
		  MANY);
	pile_free(&kept);
	EXPECT_EQ(cache_check(cache), 0u);
	for (unsigned int i = 0; i < 2 * MANY; i++) /* not as they came */
		kmem_cache_free(cache, held[i * 7 % (2 * MANY)]);
	EXPECT_EQ(cache_check(cache), 0u);
	kmem_cache_destroy(cache);
}

/* --- Cleared when taken, when given back ------------------------------------------ */

static void
dirty_all(struct kmem_cache *cache)
{
	void *p;
	struct page *page;

	for (size_t size = 16; size <= 40000; size *= 5) {
		p = kmalloc(size, GFP_KERNEL);
		memset(p, 0xEE, size);
		kfree(p);
	}
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	memset(p, 0xEE, 192);
	kmem_cache_free(cache, p);
	page = alloc_pages(GFP_KERNEL, 1);
	memset(page_address(page), 0xEE, 2 * PAGE_SIZE);
	__free_pages(page, 1);
}

static void
expect_zeroes(struct kmem_cache *cache)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);
	u8 *p = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT(page && !memchr_inv(page_address(page), 0, 2 * PAGE_SIZE));
	__free_pages(page, 1);
	EXPECT(p && !memchr_inv(p, 0, 192));
	kmem_cache_free(cache, p);
	for (size_t size = 16; size <= 40000; size *= 5) {
		p = kmalloc(size, GFP_KERNEL);
		EXPECT(p && ((slab_of(p) && is_watched(p)) ||
			     !memchr_inv(p, 0, size)));
		kfree(p);
	}
}

TEST(heap, init_on_alloc_and_init_on_free_clear_pages_and_objects)
{
	struct kmem_cache *cache = kmem_cache_create("clear", 192, 0, 0, NULL);
	struct kmem_cache *built =
		kmem_cache_create("built", 40, 0, 0, construct);
	bool skip =
		page_poison_on() || !cache || (cache->flags & SLAB_DEBUG_FLAGS);
	u8 *p;

	ASSERT(cache && built);
	for (unsigned int i = 1; i < 4 && !skip; i++) {
		slab_init_set(false, false);
		dirty_all(cache);
		slab_init_set(i & 1, i & 2);
		if (i == 2) /* what was freed before is not clear */
			dirty_all(cache);
		expect_zeroes(cache);
		p = kmem_cache_alloc(built, GFP_KERNEL);
		EXPECT(p && !memchr_inv(p, 0xC0, 40)); /* the constructor's */
		kmem_cache_free(built, p);
	}
	slab_init_set(false, false);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(built);
	if (skip)
		test_skip("what is poisoned is not cleared");
}

/* Three allocations, each of which may fail. */
static bool
three_steps(void *arg)
{
	struct kmem_cache *cache = arg;
	void *a = kmalloc(100, GFP_KERNEL);
	void *b = a ? kmem_cache_alloc(cache, GFP_KERNEL) : NULL;
	void *c = b ? krealloc(a, 20000, GFP_KERNEL) : NULL;

	if (b)
		kmem_cache_free(cache, b);
	kfree(c ? c : a);
	return c != NULL;
}

TEST(heap, a_failure_at_any_allocation_leaks_nothing)
{
	struct kmem_cache *cache = kmem_cache_create("steps", 24, 0, 0, NULL);

	ASSERT(cache);
	EXPECT_EQ(heap_fail_each(three_steps, cache), 3);
	kmem_cache_destroy(cache);
}

/* --- From an interrupt ------------------------------------------------------------- */

#define RING 16
static struct {
	struct kmem_cache *cache;
	u32 *ring[RING];
	volatile unsigned int ticks, bad;
} irq;

/* Takes an object, frees the oldest of its own: other than who is interrupted.
 */
static void
on_tick(void)
{
	u32 **slot = &irq.ring[irq.ticks % RING];

	if (*slot) {
		irq.bad += **slot != 0x1279 || (*slot)[15] != 0x1279;
		kmem_cache_free(irq.cache, *slot);
	}
	*slot = kmem_cache_alloc(irq.cache, GFP_ATOMIC);
	if (*slot)
		**slot = (*slot)[15] = 0x1279;
	irq.ticks++;
}

TEST(heap, an_interrupt_may_use_the_cache_that_it_interrupts)
{
	unsigned int i, n, rounds = 0, bad = 0;
	u32 *mine[40];

	irq.cache = kmem_cache_create("interrupted", 64, 0, 0, NULL);
	ASSERT(irq.cache);
	irq.ticks = irq.bad = 0;
	tick_set_hook(on_tick);
	while (irq.ticks < 60 && rounds++ < 10000000) {
		n = rounds % ARRAY_SIZE(mine);
		for (i = 0; i < n; i++) {
			mine[i] = kmem_cache_alloc(irq.cache, GFP_KERNEL);
			if (mine[i])
				*mine[i] = mine[i][15] = i;
		}
		for (i = 0; i < n; i++) {
			bad += !mine[i] || *mine[i] != i || mine[i][15] != i;
			if (mine[i])
				kmem_cache_free(irq.cache, mine[i]);
		}
	}
	tick_set_hook(NULL);
	EXPECT(irq.ticks >= 60);
	EXPECT_EQ(bad, 0);
	EXPECT_EQ(irq.bad, 0);
	for (i = 0; i < RING; i++) {
		if (irq.ring[i])
			kmem_cache_free(irq.cache, irq.ring[i]);
		irq.ring[i] = NULL;
	}
	EXPECT_EQ(cache_check(irq.cache), 0);
	kmem_cache_destroy(irq.cache);
}

TEST(heap, every_cache_is_sound)
{
	struct kmem_cache *cache = NULL;
	unsigned int n = 0;

	while ((cache = cache_next(cache))) {
		EXPECT_EQ(cache_check(cache), 0);
		n++;
	}
	EXPECT(n >= 2 * KMALLOC_CLASSES);
}

/* --- Interrupted at every instruction --------------------------------------- */

#define STEP_OBJECTS 8

static struct {
	void *objects[STEP_OBJECTS]; /* the interrupts' own */
	unsigned int calls, failures;
} step;

/* The CPU traps after each instruction; wherever an interrupt could have come,
 * one "comes": some take an object each, and keep it while others come, then as
 * many give them back. */
static bool
after_instruction(struct pt_regs *regs)
{
	void **slot = &step.objects[step.calls % STEP_OBJECTS];

	if (!(regs->flags & EFLAGS_IF))
		return true;
	if (step.calls++ / STEP_OBJECTS % 2) {
		kfree(*slot);
		*slot = NULL;
	} else {
		*slot = kmalloc(100, GFP_ATOMIC);
		step.failures += !*slot;
	}
	return true;
}

static bool
is_of_interrupts(const void *object)
{
	unsigned int i;

	for (i = 0; i < STEP_OBJECTS; i++)
		if (step.objects[i] == object)
			return true;
	return false;
}

TEST(heap, an_interrupt_between_any_two_instructions_may_allocate)
{
	unsigned long flags = local_save_flags();
	unsigned int i, shared = 0;
	void *a, *b;

	step.calls = step.failures = 0;
	trap_set_handler(TRAP_DEBUG, after_instruction);
	for (i = 0; i < 100; i++) {
		local_irq_restore(flags | EFLAGS_TF);
		a = kmalloc(100, GFP_KERNEL);
		b = kmalloc(100, GFP_KERNEL);
		local_irq_restore(flags);
		shared += !a || !b || a == b || is_of_interrupts(a) ||
			  is_of_interrupts(b);
		local_irq_restore(flags | EFLAGS_TF);
		kfree(b);
		kfree(a);
		local_irq_restore(flags);
	}
	trap_set_handler(TRAP_DEBUG, NULL);
	for (i = 0; i < STEP_OBJECTS; i++) {
		kfree(step.objects[i]);
		step.objects[i] = NULL;
	}
	EXPECT_EQ(shared, 0u);
	EXPECT_EQ(step.failures, 0u);
	EXPECT_OP(step.calls, >, 1000u);
}
