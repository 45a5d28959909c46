/* test_heap.c - the heap as its users see it: kmalloc, caches, what happens
 * without memory, and from an interrupt.
 *
 *   pile: blocks of pages that a test takes so that none is left, chained
 *         through their first words
 */
#include "drivers.h"
#include "heap_helpers.h"
#include "mmzone.h"
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
	EXPECT(!memchr_inv(q, 0x5C, 100));
	EXPECT(!krealloc(q, (size_t)-1, GFP_KERNEL | __GFP_NOWARN));
	EXPECT(!memchr_inv(q, 0x5C, 100)); /* it is as it was */
	EXPECT_EQ(krealloc(q, 0, GFP_KERNEL), ZERO_SIZE_PTR);
	p = krealloc(ZERO_SIZE_PTR, 8, GFP_KERNEL);
	EXPECT(p && p != ZERO_SIZE_PTR);
	kfree_sensitive(p);
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
