/* cache_check.c - is a cache what mm/slab.c says it is? And who still has
 * objects of it?
 *
 *   partial -> slab [x.x..x.]   full -> slab [xxxxxxx]      x: live
 *                 ^ free list: inside, on boundaries, not too long
 *
 * Invariants: a slab is on `partial` iff its free list is not empty; inuse + the
 * length of the free list = per_slab; nr_out is the sum of inuse; every free
 * object lies on an object's boundary in its own slab; in a cache with
 * debugging (slab_debug.c) it is also as it was freed.
 *
 * Locking: cache->lock, interrupts off. The report takes none: it is made when
 * nobody may use the cache any more.
 */
#include "../mm/internal.h"
#include "printk.h"
#include "util.h"

#define MAX_LIVE_LISTED 16

static bool
is_free(struct kmem_cache *cache, struct page *page, const void *object)
{
	void *free = slab_freelist(page);

	while (free && free != object)
		free = get_link(cache, free);
	return free != NULL;
}

/* Some of the live objects, those not in their slab's free list, and who has
 * them. => the magazines are empty */
void
cache_report_live(struct kmem_cache *cache)
{
	struct list_head *lists[] = {&cache->partial, &cache->full};
	unsigned int i, n, left = MAX_LIVE_LISTED;
	struct page *page;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		list_for_each_entry(page, lists[i], lru)
		{
			for (n = 0; n < cache->per_slab && left; n++) {
				void *object = slab_object(page, n);

				if (is_free(cache, page, object))
					continue;
				left--;
				pr_err("  object at %p\n", object);
				slab_debug_tracks(cache, object, log_line);
			}
		}
}

static unsigned int
check_slab(struct kmem_cache *cache, struct page *page)
{
	unsigned int n = 0, bad = 0;
	void *object;

	for (object = slab_freelist(page); object && n <= cache->per_slab;
	     object = get_link(cache, object), n++) {
		if (!slab_has(page, object))
			return 1; /* its link leads nowhere */
		if (cache->flags & SLAB_DEBUG_FLAGS)
			bad += slab_debug_check(cache, object);
	}
	bad += n + slab_inuse(page) != cache->per_slab;
	bad += slab_cache(page) != cache || !(page->flags & PG_slab);
	return bad;
}

unsigned int
cache_check(struct kmem_cache *cache)
{
	struct list_head *lists[] = {&cache->partial, &cache->full};
	unsigned int bad = 0, slabs = 0, empty = 0, i;
	unsigned long flags, out = 0;
	struct page *page;

	spin_lock_irqsave(&cache->lock, flags);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		list_for_each_entry(page, lists[i], lru)
		{
			bad += check_slab(cache, page);
			bad += (slab_freelist(page) == NULL) != i;
			out += slab_inuse(page);
			empty += !slab_inuse(page);
			slabs++;
		}
	bad += slabs != cache->nr_slabs;
	bad += empty != cache->nr_empty;
	bad += out != cache->nr_out;
	spin_unlock_irqrestore(&cache->lock, flags);
	return bad;
}
