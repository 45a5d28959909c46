/* test_leak.c - the leak scan finds what is forgotten, and only that.
 *
 * A test must not know the pointer that it wants to be lost: a planted leak's
 * address is kept inverted, and functions of their own handle it, so that it
 * does not stay in a register.
 */
#include "errno.h"
#include "leak.h"
#include "page_owner.h"
#include "percpu.h"
#include "sections.h"
#include "slab.h"
#include "string.h"
#include "test.h"
#include "util.h"

#define MANY 3000 /* more than the scan's queue holds */

static uintptr_t hidden[3]; /* ~address of what a test has lost; 0: nothing */
static unsigned int found;  /* bit n: hidden[n] was reported */
static size_t found_size;   /* of the last one */
static const char *found_cache;
static void **root; /* what a test still knows */

static void
note(const struct leak *leak)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hidden); i++)
		if (hidden[i] == ~(uintptr_t)leak->object)
			found |= 1u << i;
	found_size = leak->size;
	found_cache = leak->cache;
}

/* What earlier calls have left below goes: the scan's frames come to lie there,
 * and not every word of a frame is written to. */
static __noinline void
scrub_stack(void)
{
	volatile u32 below[200];

	for (size_t i = 0; i < ARRAY_SIZE(below); i++)
		below[i] = 0;
}

/* => how many there are; `found` says which */
static __noinline long
scan(void)
{
	found = 0;
	scrub_stack();
	return leak_scan(note);
}

static __noinline void *
show(unsigned int i)
{
	return (void *)~hidden[i];
}

/* Does some variable, of any suite, have an address in [p, p + size), or what
 * booting has left in the stack from here up? */
static bool
remembered(const void *p, size_t size, uintptr_t *stack)
{
	for (uintptr_t *word = (void *)_sdata; (char *)word < __bss_stop;
	     word++) {
		if ((char *)word == boot_stack_guard)
			word = stack;
		if (*word - (uintptr_t)p < size)
			return true;
	}
	return false;
}

/* hidden[i]: an object that nobody remembers from an earlier life. */
static __noinline void
plant(unsigned int i, size_t size)
{
	uintptr_t *stack = __builtin_frame_address(0);
	void **tried = NULL, **p;

	while ((p = kzalloc(size, GFP_KERNEL)) &&
	       remembered(p, ksize(p), stack)) {
		*p = tried;
		tried = p;
	}
	hidden[i] = ~(uintptr_t)p;
	while ((p = tried)) {
		tried = *p;
		kfree(p);
	}
}

/* Let hidden[i]'s first word point to hidden[j] */
static __noinline void
point(unsigned int i, unsigned int j)
{
	*(void **)show(i) = show(j);
}

static __noinline void
dig_up(unsigned int i)
{
	kfree(show(i));
	hidden[i] = 0;
}

static __noinline void
set_root(unsigned int i, size_t offset)
{
	root = (void **)((char *)show(i) + offset);
}

TEST(leak, a_quiet_system_has_none)
{
	EXPECT_EQ(scan(), 0);
	EXPECT_EQ(leak_scan(NULL), 0);
}

TEST(leak, a_planted_leak_is_found_and_nothing_else)
{
	plant(0, 100);
	EXPECT_EQ(scan(), 1);
	EXPECT_EQ(found, 1u);
	EXPECT_EQ(found_size, 112u);
	EXPECT_STREQ(found_cache ? found_cache : "none", "kmalloc-112");
	EXPECT_EQ(scan(), 1); /* the first scan has left no trace of it */
	dig_up(0);
	EXPECT_EQ(scan(), 0);
}

/* Any old word somewhere may happen to point into so large an object: then the
 * next one is looked at. */
TEST(leak, whole_pages_are_found_too)
{
	unsigned int i = 0;

	plant(0, 100000);
	while (scan() == 0 && i < ARRAY_SIZE(hidden) - 1)
		plant(++i, 100000);
	EXPECT_EQ(scan(), 1);
	EXPECT_EQ(found, 1u << i);
	EXPECT_EQ(found_size, 131072u);
	EXPECT(!found_cache);
	set_root(i, 131071);
	EXPECT_EQ(scan(), 0);
	root = NULL;
	do
		dig_up(i);
	while (i--);
}

TEST(leak, a_pointer_anywhere_into_an_object_is_enough)
{
	plant(0, 100);
	set_root(0, 0);
	EXPECT_EQ(scan(), 0);
	set_root(0, 111);
	EXPECT_EQ(scan(), 0);
	root = NULL;
	EXPECT_EQ(scan(), 1);
	dig_up(0);
}

static DEFINE_PER_CPU(void *, percpu_root);

TEST(leak, the_stack_and_per_cpu_data_are_roots)
{
	void *volatile here;

	plant(0, 24);
	here = show(0);
	EXPECT_EQ(scan(), 0);
	here = NULL;
	EXPECT_EQ(scan(), 1);
	this_cpu(percpu_root) = show(0);
	EXPECT_EQ(scan(), 0);
	this_cpu(percpu_root) = NULL;
	(void)here;
	dig_up(0);
}

TEST(leak, what_another_object_points_to_is_no_leak)
{
	plant(0, 64);
	plant(1, 20000);
	plant(2, 8);
	point(0, 1);
	point(1, 2);
	set_root(0, 0);
	EXPECT_EQ(scan(), 0);
	root = NULL;
	EXPECT_EQ(scan(), 3);
	EXPECT_EQ(found, 7u);
	dig_up(0);
	dig_up(1);
	dig_up(2);
}

TEST(leak, two_that_only_know_each_other_are_leaks)
{
	plant(0, 40);
	plant(1, 300);
	plant(2, 40);
	point(0, 1);
	point(1, 0);
	set_root(2, 0);
	EXPECT_EQ(scan(), 2);
	EXPECT_EQ(found, 3u);
	root = NULL;
	dig_up(0);
	dig_up(1);
	dig_up(2);
}

static void
clear_40(void *object)
{
	memset(object, 0, 40);
}

static void *parked[200];

/* Even ones of a cache whose link is behind the object; all know hidden[0]. */
static __noinline void
fill_parked(struct kmem_cache *cache)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(parked); i++) {
		parked[i] = i % 2 ? kmalloc(40, GFP_KERNEL)
				  : kmem_cache_alloc(cache, GFP_KERNEL);
		((void **)parked[i])[2] = show(0);
	}
}

static __noinline void
free_parked(struct kmem_cache *cache)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(parked); i++) {
		if (i % 2)
			kfree(parked[i]);
		else
			kmem_cache_free(cache, parked[i]);
		parked[i] = NULL;
	}
}

/* In the list of a slab, in a magazine or in a spare one: it is no leak, and
 * what it knew does not count. */
TEST(leak, a_free_object_is_no_leak_and_no_reference)
{
	struct kmem_cache *cache;

	cache = kmem_cache_create("leak-test", 40, 0, 0, clear_40);
	ASSERT(cache);
	plant(0, 100);
	fill_parked(cache);
	EXPECT_EQ(scan(), 0);
	free_parked(cache);
	EXPECT_EQ(scan(), 1);
	EXPECT_EQ(found, 1u);
	dig_up(0);
	kmem_cache_destroy(cache);
}

/* root: an array of MANY pointers to objects, each with a friend */
static __noinline void
plant_many(void)
{
	plant(0, MANY * sizeof(*root));
	set_root(0, 0);
	for (unsigned int i = 0; root && i < MANY; i++) {
		root[i] = kzalloc(16, GFP_KERNEL);
		if (root[i])
			*(void **)root[i] = kzalloc(8, GFP_KERNEL);
	}
}

static __noinline void
dig_up_many(void)
{
	for (unsigned int i = 0; i < MANY; i++) {
		kfree(*(void **)root[i]);
		kfree(root[i]);
	}
	kfree(root);
	root = NULL;
}

TEST(leak, more_objects_than_the_queue_holds_are_followed)
{
	plant_many();
	ASSERT(root);
	EXPECT_EQ(scan(), 0);
	root = NULL;
	/* Old copies of pointers, of other suites, may hide some. */
	EXPECT_OP(scan(), >, MANY);
	EXPECT_EQ(found, 1u);
	set_root(0, 0);
	hidden[0] = 0;
	dig_up_many();
}

TEST(leak, without_memory_for_the_marks_it_says_so)
{
	unsigned long before;

	plant(0, 100);
	before = nr_free_pages();
	for (unsigned int n = 1; n <= 3; n++) {
		fail_page_alloc_set(0, n, 0);
		EXPECT_EQ(scan(), -ENOMEM);
		EXPECT_EQ(nr_free_pages(), before);
	}
	fail_page_alloc_set(0, 0, 0);
	EXPECT_EQ(scan(), 1);
	dig_up(0);
}
