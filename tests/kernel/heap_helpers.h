/* heap_helpers.h - what the tests of the heap share.
 *
 *   log:  ...... | BUG kmalloc-64: overrun ... | ......
 *                ^ log_mark                      log_has counts from here on
 */
#ifndef HEAP_HELPERS_H
#define HEAP_HELPERS_H

#include "printk.h"
#include "slab.h"
#include "string.h"
#include "test.h"

/* log_mark: where the log ends now. */
static inline size_t
log_mark(void)
{
	size_t pos = log_first();
	char line[32];
	int level;

	while (log_next(&pos, line, sizeof(line), &level))
		;
	return pos;
}

/* log_has: how many lines after that place hold the text. */
static inline unsigned int
log_has(size_t pos, const char *text)
{
	static char line[300];
	unsigned int n = 0;
	int level;

	while (log_next(&pos, line, sizeof(line), &level))
		n += strstr(line, text) != NULL;
	return n;
}

/* heap_broken: what cache_check finds in all caches. */
static inline unsigned int
heap_broken(void)
{
	struct kmem_cache *cache = NULL;
	unsigned int bad = 0;

	while ((cache = cache_next(cache)))
		bad += cache_check(cache);
	return bad;
}

/* heap_settle: nothing parked. => the number of live objects */
static inline unsigned long
heap_settle(void)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)))
		kmem_cache_shrink(cache);
	return nr_slab_objects();
}

/* heap_fail_each: run scenario again and again with the heap's allocations
 * failing from the first on, from the second on ..., until it succeeds. It
 * gives back all it had, however far it came.
 * => how often it failed; a failed EXPECT if anything leaked or broke */
static inline unsigned int
heap_fail_each(bool (*scenario)(void *arg), void *arg)
{
	unsigned long objects = heap_settle();
	unsigned int n = 0;
	bool done;

	do {
		fail_alloc_set(0, n + 1);
		done = scenario(arg);
		fail_alloc_set(0, 0);
		EXPECT_EQ(heap_settle(), objects);
		EXPECT_EQ(heap_broken(), 0);
	} while (!done && ++n < 1000);
	return n;
}

#endif
