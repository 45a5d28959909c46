/* test_heap_lists.c - the free lists of a cache without debugging, written to by
 * who has no business there: each ends in a report, soon, and never in an
 * object with two owners, a write elsewhere or a loop.
 *
 *   [mark|link| free ...][mark|link| free ...]
 *     ^ the object before,   ^ whoever still has its address
 *       four bytes too long
 *
 * A damage, then what comes next: take, give back, shrink, destroy; then
 * everything must be as it was, but for what was lost, which the test knows.
 */
#include "../../mm/internal.h"
#include "heap_helpers.h"
#include "util.h"

#define SIZE  104
#define SMALL 200 /* some slabs, and a magazine */
#define LARGE 700 /* both magazines, and slabs */

static struct kmem_cache *cache;
static void **const held = test_slots;
static size_t mark;
static unsigned long errors;
static char text[] = "not in the heap";

static bool
begin(void)
{
	cache = kmem_cache_create("lists", SIZE, 0, 0, NULL);
	if (cache && cache->flags & SLAB_DEBUG_FLAGS) {
		kmem_cache_destroy(cache);
		test_skip("all caches are watched here");
		return false;
	}
	mark = log_mark();
	errors = slab_debug_errors();
	return EXPECT(cache);
}

static void
take(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		held[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(held[i]);
	}
}

static void
give(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		kmem_cache_free(cache, held[i]);
}

/* So many objects, each where an object begins, none of them twice. */
static void
expect_distinct(unsigned int n)
{
	unsigned int bad = 0, i;

	for (i = 0; i < n; i++)
		*(unsigned int *)held[i] = i;
	for (i = 0; i < n; i++)
		bad += *(unsigned int *)held[i] != i ||
		       !slab_has(slab_of(held[i]), held[i]) ||
		       slab_cache(slab_of(held[i])) != cache;
	EXPECT_EQ(bad, 0u);
}

/* All of it is well: what can be taken can be given back and goes away. */
static void
end(void)
{
	take(LARGE);
	expect_distinct(LARGE);
	EXPECT_EQ(cache_check(cache), 0u);
	give(LARGE);
	kmem_cache_shrink(cache);
	EXPECT_EQ(cache->nr_out, 0u);
	EXPECT_EQ(cache->nr_slabs, 0u);
	kmem_cache_destroy(cache);
}

/* --- Freed twice -------------------------------------------------------------- */

static void
free_twice(const char *order)
{
	unsigned long objects;

	if (!begin())
		return;
	objects = nr_slab_objects();
	take(4);
	for (const char *c = order; *c; c++)
		kmem_cache_free(cache, held[*c - 'a']);
	EXPECT_EQ(slab_debug_errors() - errors, 1u);
	EXPECT_EQ(log_has(mark, "BUG lists: bad free of"), 1u);
	EXPECT_EQ(log_has(mark, "double free: it is free already"), 1u);
	EXPECT_EQ(nr_slab_objects(), objects);
	end();
}

TEST(heap_lists, an_object_freed_twice_has_one_owner)
{
	static const char *const orders[] = {"abcda", "abacd", "aabcd",
					     "abcbd", "abcdc", "abcdb"};

	for (unsigned int i = 0; i < ARRAY_SIZE(orders); i++)
		free_twice(orders[i]);
}

TEST(heap_lists, it_is_noticed_wherever_the_first_one_went)
{
	static const unsigned int which[] = {0, 1, 5, 300, LARGE - 1};

	if (!begin())
		return;
	take(LARGE);
	give(LARGE);
	for (unsigned int i = 0; i < ARRAY_SIZE(which); i++)
		if (slab_of(held[which[i]]))
			kmem_cache_free(cache, held[which[i]]);
	EXPECT_EQ(slab_debug_errors() - errors,
		  log_has(mark, "double free: it is free already") +
			  log_has(mark, "it belongs to another cache"));
	EXPECT_OP(slab_debug_errors(), >, errors);
	end();
}

TEST(heap_lists, kfree_notices_too)
{
	u8 *a = kmalloc(100, GFP_KERNEL), *b = kmalloc(100, GFP_KERNEL), *c, *d;

	ASSERT(a && b);
	mark = log_mark();
	kfree(a);
	kfree(b);
	kfree(a);
	EXPECT_EQ(log_has(mark, "double free: it is free already"), 1u);
	a = kmalloc(100, GFP_KERNEL);
	b = kmalloc(100, GFP_KERNEL);
	c = kmalloc(100, GFP_KERNEL);
	d = kmalloc(100, GFP_KERNEL);
	EXPECT(a != b && a != c && a != d && b != c && b != d && c != d);
	kfree(a);
	kfree(b);
	kfree(c);
	kfree(d);
	EXPECT_EQ(heap_broken(), 0u);
}

/* An owner may write what he likes, what free objects begin with, too. */
TEST(heap_lists, what_looks_free_and_is_not_can_be_freed)
{
	if (!begin())
		return;
	take(SMALL);
	for (unsigned int i = 0; i < SMALL; i++)
		*(u32 *)held[i] = FREE_MARK;
	give(SMALL);
	EXPECT_EQ(slab_debug_errors(), errors);
	end();
}

TEST(heap_lists, the_middle_of_an_object_is_refused_on_the_long_path)
{
	if (!begin())
		return;
	take(1);
	fail_alloc_set(0, 1000000); /* closes the magazines */
	kmem_cache_free(cache, (char *)held[0] + 8);
	fail_alloc_set(0, 0);
	EXPECT_EQ(log_has(mark, "it is not where an object begins"), 1u);
	give(1);
	end();
}

/* --- Written to while free ---------------------------------------------------- */

/* What comes to lie where a link was. */
enum value {
	NOTHING,
	TEXT,
	SMALL_NUMBER,
	USERS,
	STATIC,
	ITSELF,
	LIVE,
	INSIDE_LIVE,
	ANOTHER,
	NOWHERE,
	OTHER_CACHE, /* a parked link to it is seen later: see decisions.md */
	NR_VALUES
};

static u32
value_of(enum value value, void *self, void *live, void *another, void *foreign)
{
	switch (value) {
	case TEXT:
		return 0x41414141;
	case SMALL_NUMBER:
		return 7;
	case USERS:
		return 0x08048000;
	case STATIC:
		return (u32)text;
	case ITSELF:
		return (u32)self;
	case LIVE:
		return (u32)live;
	case INSIDE_LIVE:
		return (u32)live + 8;
	case ANOTHER:
		return (u32)another;
	case OTHER_CACHE:
		return (u32)foreign;
	case NOWHERE:
		return 0xFFFFF000;
	default:
		return 0;
	}
}

static void
next_take(void)
{
	take(SMALL);
	expect_distinct(SMALL);
	give(SMALL);
}

static void
next_give(void)
{
	fail_alloc_set(0, 1000000); /* drains every magazine */
	fail_alloc_set(0, 0);
}

static void
next_shrink(void)
{
	kmem_cache_shrink(cache);
}

static void
next_destroy(void)
{
	size_t before = log_mark();

	kmem_cache_destroy(cache);
	EXPECT_EQ(log_has(before, "objects are still in use"), 1u);
}

static void (*const nexts[])(void) = {next_take, next_give, next_shrink,
				      next_destroy};

/* A free object gets `value` as its word number `word`, in the magazine or in
 * its slab; held[SMALL] lives through it. */
static void
damage(enum value value, unsigned int word, bool in_slab, void (*next)(void))
{
	void *foreign = kmalloc(SIZE, GFP_KERNEL), *live, *victim;
	static u8 before[SIZE];
	bool lost = word == 0;

	if (!begin()) {
		kfree(foreign);
		return;
	}
	kfree(foreign);
	take(SMALL);
	live = kmem_cache_alloc(cache, GFP_KERNEL);
	memset(live, 0x77, SIZE);
	victim = held[SMALL - 3];
	give(SMALL);
	if (in_slab) {
		next_give();
		victim = get_link(cache, slab_freelist(slab_of(live)));
	}
	if (in_slab) /* its owner's words lead on, as a free one's would */
		((void **)live)[1] = get_link(cache, victim);
	memcpy(before, live, SIZE);
	((u32 *)victim)[word] = value_of(value, victim, live, held[2], foreign);
	next();
	next_take();
	kmem_cache_shrink(cache);
	EXPECT_OP(slab_debug_errors(), >, errors);
	EXPECT_OP(log_has(mark, "BUG lists: corrupted free list"), >=, 1u);
	EXPECT_EQ(memcmp(live, before, SIZE), 0);
	EXPECT_EQ(cache_check(cache), 0u);
	EXPECT_EQ(cache->nr_out, 1u + lost);
	if (lost) /* it may be given back as what it is taken for */
		kmem_cache_free(cache, victim);
	kmem_cache_free(cache, live);
	end();
}

static void
damage_all(unsigned int word, bool in_slab)
{
	for (unsigned int v = 0; v < (in_slab ? NR_VALUES : OTHER_CACHE); v++)
		for (unsigned int n = 0; n < ARRAY_SIZE(nexts); n++)
			damage(v, word, in_slab, nexts[n]);
}

TEST(heap_lists, an_overrun_into_a_parked_neighbour_is_reported)
{
	damage_all(0, false);
}

TEST(heap_lists, an_overrun_into_a_free_neighbour_is_reported)
{
	damage_all(0, true);
}

TEST(heap_lists, a_link_of_a_parked_object_that_is_written_to_is_reported)
{
	damage_all(1, false);
}

TEST(heap_lists, a_link_of_a_free_object_that_is_written_to_is_reported)
{
	damage_all(1, true);
}

/* The short path takes it; whoever moves it on looks whose it is. */
TEST(heap_lists, an_object_of_another_cache_is_noticed_when_it_goes_back)
{
	void *foreign;

	if (!begin())
		return;
	take(SMALL);
	foreign = kmalloc(SIZE, GFP_KERNEL);
	kmem_cache_free(cache, foreign);
	give(SMALL);
	next_give();
	EXPECT_EQ(slab_debug_errors() - errors, 1u);
	EXPECT_EQ(log_has(mark, "which is none of the cache's"), 1u);
	EXPECT_EQ(cache->nr_out, 0u);
	kfree(foreign); /* it is marked, but in no list: so it is live */
	EXPECT_EQ(slab_debug_errors() - errors, 1u);
	EXPECT_EQ(heap_broken(), 0u);
	end();
}

TEST(heap_lists, a_use_after_free_that_ends_in_a_second_free_is_noticed)
{
	if (!begin())
		return;
	take(SMALL);
	for (unsigned int i = 0; i < 3; i++)
		kmem_cache_free(cache, held[i]);
	*(u32 *)held[0] = 0; /* it looks live, and is freed once more */
	kmem_cache_free(cache, held[0]);
	for (unsigned int i = 3; i < SMALL; i++)
		kmem_cache_free(cache, held[i]);
	next_take();
	kmem_cache_shrink(cache);
	EXPECT_OP(slab_debug_errors(), >, errors);
	EXPECT_EQ(cache_check(cache), 0u);
	EXPECT_EQ(cache->nr_out, 0u);
	end();
}
