/* test_short_paths.c - the short paths are taken: who gives back what he took
 * gets it again in a few instructions, without the long way through the zones,
 * the slabs or the locks.
 *
 *   kfree(p); p = kmalloc(100)     a push and a pop: 50 instructions, not 500
 *
 * The exact numbers are `make bench`'s.
 */
#include "gfp.h"
#include "highmem.h"
#include "mm_helpers.h"
#include "mutex.h"
#include "patch.h"
#include "slab.h"
#include "step.h"
#include "test.h"
#include "timer.h"
#include "util.h"

#define BATCH 160

static struct kmem_cache *cache;
static DEFINE_MUTEX(mutex);
static struct mm_struct *mm;
static struct page *pages[4];
static volatile size_t size = 100;

static void
page_pair(void)
{
	__free_page(alloc_page(GFP_KERNEL));
}

static void
block_pair(void)
{
	free_pages(__get_free_pages(GFP_KERNEL, 2), 2);
}

static void
atomic_pair(void)
{
	__free_page(alloc_page(GFP_ATOMIC));
}

static void
kmalloc_pair(void)
{
	kfree(kmalloc(100, GFP_KERNEL));
}

static void
kmalloc_var_pair(void)
{
	kfree(kmalloc(size, GFP_KERNEL));
}

static void
cache_pair(void)
{
	kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}

/* Full to the brim: then back and forth must not go to the slab each time. */
static void
cache_swing(void)
{
	void *objects[4];

	for (unsigned int i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (unsigned int i = 0; i < ARRAY_SIZE(objects); i++)
		kmem_cache_free(cache, objects[i]);
}

static void
page_swing(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = alloc_page(GFP_KERNEL);
	for (unsigned int i = 0; i < ARRAY_SIZE(pages); i++)
		__free_page(pages[i]);
}

/* Two lists' worth, and more: filled and emptied by the block. */
static void
page_batch(void)
{
	unsigned long *batch = slots_of(unsigned long);

	for (unsigned int i = 0; i < BATCH; i++)
		batch[i] = __get_free_page(GFP_KERNEL);
	for (unsigned int i = 0; i < BATCH; i++)
		free_page(batch[i]);
}

static void
mutex_pair(void)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void
table_pair(void)
{
	pte_t *entry = pgtable_alloc(mm->pgd, BASE);

	if (entry)
		pgtable_unmap(mm->pgd, BASE, PAGE_SIZE);
}

static void
read_fault(void)
{
	mm_fault(mm, BASE + LARGE_PAGE_SIZE, 0);
}

static const struct path {
	const char *name;
	void (*fn)(void);
	unsigned int most; /* instructions */
} paths[] = {
	{"page", page_pair, 80},
	{"page, atomic", atomic_pair, 80},
	{"block of 4 pages", block_pair, 80},
	{"4 pages", page_swing, 4 * 80},
	{"kmalloc(100)", kmalloc_pair, 60},
	{"kmalloc(n)", kmalloc_var_pair, 75},
	{"cache", cache_pair, 60},
	{"4 objects", cache_swing, 4 * 60},
	{"mutex", mutex_pair, 40},
	{"160 pages", page_batch, BATCH * 140},
	{"page table", table_pair, 400},
	{"fault", read_fault, 300},
};

static void
count_all(void)
{
	cache = kmem_cache_create("short", 192, 0, 0, NULL);
	mm = mm_create();
	ASSERT(cache && mm);
	map_at(mm, BASE + LARGE_PAGE_SIZE, 1, RW, MAP_FIXED);
	for (unsigned int i = 0; i < ARRAY_SIZE(paths); i++) {
		const struct path *path = &paths[i];
		unsigned int n;

		/* Wherever the lists stood before: it must not last. */
		path->fn();
		path->fn();
		n = step_count(path->fn);
		if (!EXPECT_OP(n, <=, path->most))
			EXPECT_STREQ(path->name, "short");
	}
	mm_put(mm);
	kmem_cache_destroy(cache);
}

TEST(short, paths_are_short_when_what_was_given_back_is_taken_again)
{
	if (patch_is_on(PATCH_PAGE_HOOKS) || patch_is_on(PATCH_LOCKDEP))
		test_skip("everything is checked on this machine");
	else if (!zones[ZONE_NORMAL].managed)
		test_skip("no ZONE_NORMAL: pages go the long way");
	else
		count_all();
}
