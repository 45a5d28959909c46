/* test_heap_misuse.c - each mistake that a user of the heap can make has its
 * report, and the kernel goes on.
 *
 *   overrun, underrun, write after free, double free, middle of an object,
 *   stack, static data, wrong cache, free list: see debug/slab_debug.c
 */
#include "heap_helpers.h"
#include "layout.h"
#include "util.h"

#define SIZE 100

static struct kmem_cache *cache;
static size_t mark;
static unsigned long errors;
static u32 static_words[4];

/* A debugged cache, and a place in the log. */
static bool
begin(slab_flags_t flags)
{
	cache = kmem_cache_create("misuse", SIZE, 0, flags, NULL);
	mark = log_mark();
	errors = slab_debug_errors();
	return EXPECT(cache);
}

/* Exactly so many reports, each with this text; all is well again. */
static void
end(unsigned int reports, const char *text)
{
	EXPECT_EQ(slab_debug_errors() - errors, reports);
	EXPECT_EQ(log_has(mark, "BUG "), reports);
	EXPECT_EQ(log_has(mark, text), reports);
	EXPECT_EQ(heap_broken(), 0);
	kmem_cache_destroy(cache);
	cache = NULL;
}

static u8 *
get(void)
{
	return kmem_cache_alloc(cache, GFP_KERNEL);
}

TEST(heap_misuse, a_correct_user_is_not_reported)
{
	void *p[100];
	unsigned int round, i;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(p); i++) {
			p[i] = get();
			ASSERT(p[i]);
			memset(p[i], (int)i, SIZE);
		}
		for (i = 0; i < ARRAY_SIZE(p); i++)
			kmem_cache_free(cache, p[i]);
	}
	end(0, "BUG");
}

TEST(heap_misuse, an_overrun_is_reported_when_it_is_freed)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	p[SIZE] = 0x41;
	p[SIZE + 1] = 0x42;
	kmem_cache_free(cache, p);
	EXPECT_EQ(log_has(mark, "bytes 100 to 101 of it, the first is 0x41, "
				"not 0xbb"),
		  1);
	EXPECT_EQ(log_has(mark, " ^^ ^^"), 1);
	EXPECT_EQ(log_has(mark, "allocated at tick"), 1);
	EXPECT(log_has(mark, "by get+") + log_has(mark, "heap_misuse_") >= 1);
	end(1, "misuse: overrun: object at");
}

TEST(heap_misuse, an_underrun_is_reported_when_it_is_freed)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	p[-1] = 0x41;
	kmem_cache_free(cache, p);
	EXPECT_EQ(log_has(mark, "bytes -1 to -1 of it"), 1);
	end(1, "misuse: underrun: object at");
}

TEST(heap_misuse, a_long_overrun_is_mended)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	memset(p, 0, SIZE + 20); /* red zone, link, state, size */
	kmem_cache_free(cache, p);
	EXPECT_EQ(log_has(mark, "overrun up to the notes"), 1);
	end(2, "misuse: overrun");
}

TEST(heap_misuse, a_write_after_free_is_reported_when_it_is_reused)
{
	u8 *p, *q;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	kmem_cache_free(cache, p);
	p[7] = 0;
	EXPECT_EQ(cache_check(cache), 1);
	q = get();
	EXPECT_EQ(q, p);
	EXPECT_EQ(q[7], POISON_FRESH);
	EXPECT_EQ(log_has(mark, "bytes 7 to 7 of it, the first is 0x00, not "
				"0x6b"),
		  1);
	EXPECT_EQ(log_has(mark, "  freed at tick"), 1);
	kmem_cache_free(cache, q);
	end(1, "misuse: write after free: object at");
}

/* Nobody takes it again: it is found when its slab goes back to the pages. */
static void
write_then(void (*give_back)(void), int offset)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	kmem_cache_free(cache, p);
	p[offset] ^= 1;
	EXPECT_EQ(cache_check(cache), 1u);
	give_back();
	EXPECT_EQ(log_has(mark, "  freed at tick"), 1u);
	end(1, offset < 0      ? "misuse: underrun"
	       : offset < SIZE ? "misuse: write after free"
			       : "misuse: overrun");
}

static void
shrink(void)
{
	EXPECT_EQ(kmem_cache_shrink(cache), 1);
}

static void
destroy(void)
{
	kmem_cache_destroy(cache);
	cache = NULL;
}

/* With its own, three empty slabs: one goes. It is the oldest. */
static void
empty_three(void)
{
	unsigned int n = 0;

	while (kmem_cache_alloc_bulk(cache, GFP_KERNEL, 1, test_slots + n))
		if (++n == 100)
			break;
	EXPECT_EQ(n, 100u);
	kmem_cache_free_bulk(cache, n, test_slots);
}

TEST(heap_misuse, a_write_after_free_is_reported_when_its_slab_goes)
{
	static const int offsets[] = {-1, 3, SIZE - 1, SIZE, SIZE + 7};

	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		write_then(shrink, offsets[i]);
		write_then(destroy, offsets[i]);
		write_then(empty_three, offsets[i]);
	}
}

TEST(heap_misuse, the_checker_looks_at_objects_in_use)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	EXPECT_EQ(cache_check(cache), 0u);
	p[SIZE] = 1;
	EXPECT_EQ(cache_check(cache), 1u);
	p[-1] = 1;
	EXPECT_EQ(cache_check(cache), 2u);
	kmem_cache_free(cache, p);
	EXPECT_EQ(cache_check(cache), 0u);
	end(2, "misuse: ");
}

TEST(heap_misuse, a_double_free_is_reported_and_not_done)
{
	u8 *p, *q;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	q = get();
	kmem_cache_free(cache, p);
	kmem_cache_free(cache, q);
	kmem_cache_free(cache, p); /* not the last one freed */
	p = get();
	q = get();
	EXPECT(p != q);
	kmem_cache_free(cache, p);
	kmem_cache_free(cache, q);
	end(1, "double free: it is free already");
}

TEST(heap_misuse, an_immediate_double_free_is_seen_without_debugging)
{
	unsigned long objects;
	u8 *p, *q;

	ASSERT(begin(0));
	objects = nr_slab_objects();
	p = get();
	kmem_cache_free(cache, p);
	kmem_cache_free(cache, p);
	p = get();
	q = get();
	EXPECT(p != q);
	kmem_cache_free(cache, p);
	kmem_cache_free(cache, q);
	EXPECT_EQ(nr_slab_objects(), objects);
	end(1, "double free: it is free already");
}

TEST(heap_misuse, kfree_twice_is_one_report)
{
	u8 *p, *q;

	ASSERT(begin(0));
	p = kmalloc(SIZE, GFP_KERNEL);
	kfree(p);
	kfree(p);
	p = kmalloc(SIZE, GFP_KERNEL);
	q = kmalloc(SIZE, GFP_KERNEL);
	EXPECT(p != q);
	kfree(p);
	kfree(q);
	end(1, "double free: it is free already");
}

TEST(heap_misuse, the_middle_of_an_object_is_not_freed)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	kmem_cache_free(cache, p + 8);
	kmem_cache_free(cache, p);
	end(1, "it is not where an object begins");
}

TEST(heap_misuse, what_is_not_the_heaps_is_not_freed)
{
	u32 on_stack[4];
	void *pages = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);

	ASSERT(begin(0));
	kfree(on_stack);
	kfree(static_words);
	kfree((void *)0x1000);
	kfree((void *)0xFFFFFFF0);
	kfree((char *)pages + PAGE_SIZE);
	kfree((char *)pages + 8);
	kfree(pages);
	kfree(pages);
	end(7, "kmalloc never returned this");
}

TEST(heap_misuse, the_wrong_cache_does_not_take_it)
{
	u8 *p = kmalloc(SIZE, GFP_KERNEL);

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	kmem_cache_free(cache, p);
	kfree(p);
	end(1, "it belongs to another cache, or to none");
}

TEST(heap_misuse, a_corrupted_free_list_is_rebuilt)
{
	u8 *p[3], *q;
	unsigned int i;

	ASSERT(begin(SLAB_DEBUG_FLAGS & ~(SLAB_RED_ZONE | SLAB_POISON)));
	for (i = 0; i < 3; i++)
		p[i] = get();
	for (i = 0; i < 3; i++)
		kmem_cache_free(cache, p[i]);
	/* The link lies behind the right red zone, 8 bytes, and the mark. */
	*(u32 *)(p[2] + ALIGN(SIZE + 8, 4) + 4) = 0xDEADBEEF;
	q = get();
	EXPECT(q);
	kmem_cache_free(cache, q);
	end(1, "misuse: corrupted free list");
}

TEST(heap_misuse, kmalloc_guards_from_the_size_that_was_asked_for)
{
	static volatile size_t size = SIZE;
	u8 *p = kmalloc(SIZE, GFP_KERNEL), *q = kmalloc(size, GFP_KERNEL);
	bool debugged = ksize(p) == SIZE;

	kfree(p);
	kfree(q);
	if (!debugged) {
		test_skip("boot with slab_debug, or the debug build");
		return;
	}
	ASSERT(begin(0));
	p = kmalloc(SIZE, GFP_KERNEL);
	q = kmalloc(size, GFP_ATOMIC);
	p[SIZE] = 1;
	q[SIZE] = 1;
	kfree(p);
	kfree(q);
	end(2, "kmalloc-112: overrun: object at");
}

TEST(heap_misuse, destroy_lists_who_still_has_objects)
{
	u8 *p;

	ASSERT(begin(SLAB_DEBUG_FLAGS));
	p = get();
	kmem_cache_destroy(cache);
	EXPECT_EQ(log_has(mark, "1 objects are still in use"), 1);
	EXPECT_EQ(log_has(mark, "  object at "), 1);
	EXPECT_EQ(log_has(mark, "allocated at tick"), 1);
	kmem_cache_free(cache, p);
	end(0, "BUG");
}
