/* cache_check.c - is a cache what mm/slab.c says it is? If not, make it so. And
 * who still has objects of it?
 *
 *   partial -> slab [x.x..x.]   full -> slab [xxxxxxx]      x: live
 *                 ^ free list: inside, on boundaries, not too long
 *
 * Invariants: a slab is on `partial` iff its free list is not empty, behind the
 * others if all of it is free; inuse + the length of the free list = what it
 * has; nr_out is the sum of inuse; every object in a free list lies on an
 * object's boundary in its own slab and is marked as free; in a cache with
 * debugging (slab_debug.c) all objects are as their owners must leave them.
 *
 * Locking: cache->lock, interrupts off. The report takes none: it is made when
 * nobody may use the cache any more.
 */
#include "../mm/internal.h"
#include "printk.h"
#include "util.h"

#define MAX_LIVE_LISTED 16

/* A slab's free list: all objects that are marked, in order. */
static void
rebuild_list(struct kmem_cache *cache, struct page *page)
{
	unsigned int i, free = 0, nr = slab_objects(page);
	void **link = &slab_freelist(page);

	for (i = 0; i < nr; i++) {
		void *object = slab_object(page, i);

		if (!is_marked(cache, object))
			continue;
		*link = object;
		link = &free_part(cache, object)->link;
		free++;
	}
	*link = CHAIN_END;
	slab_inuse(page) = nr - free;
	cache->nr_out += nr - free;
	cache->nr_empty += free == nr;
	if (free == nr)
		list_move_tail(&page->lru, &cache->partial);
	else
		list_move(&page->lru, free ? &cache->partial : &cache->full);
}

void
cache_mend(struct kmem_cache *cache, const void *object)
{
	struct magazine *mag = magazine_of(cache);
	unsigned long before = cache->nr_out - parked(cache);
	struct page *page, *next;
	LIST_HEAD(slabs);

	slab_bad_list(cache, object);
	mag->head = CHAIN_END;
	mag->spare = NULL;
	mag->room = mag->limit;
	list_splice_init(&cache->partial, &slabs);
	list_splice_init(&cache->full, &slabs);
	cache->nr_out = cache->nr_empty = 0;
	list_for_each_entry_safe(page, next, &slabs, lru)
		rebuild_list(cache, page);
	pr_err("  Its lists are made anew of what is marked as free; %ld "
	       "objects are lost to it.\n",
	       (long)(cache->nr_out - before));
}

void
cache_report_live(struct kmem_cache *cache)
{
	struct list_head *lists[] = {&cache->partial, &cache->full};
	unsigned int i, n, left = MAX_LIVE_LISTED;
	struct page *page;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		list_for_each_entry(page, lists[i], lru)
		{
			for (n = 0; n < slab_objects(page) && left; n++) {
				void *object = slab_object(page, n);

				if (is_marked(cache, object))
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
	unsigned int n = 0, bad = 0, nr = slab_objects(page);
	void *object;

	for (object = slab_freelist(page); object != CHAIN_END && n <= nr;
	     object = get_link(cache, object), n++)
		if (!slab_has(page, object) || !is_marked(cache, object))
			return 1; /* its link leads nowhere */
	for (unsigned int i = 0; cache->flags & SLAB_DEBUG_FLAGS && i < nr; i++)
		bad += slab_debug_check(cache, slab_object(page, i));
	bad += n + slab_inuse(page) != nr;
	bad += slab_cache(page) != cache || !(page->flags & PG_slab);
	return bad;
}

unsigned int
cache_check(struct kmem_cache *cache)
{
	struct list_head *lists[] = {&cache->partial, &cache->full};
	unsigned int bad = 0, slabs = 0, empty = 0, i;
	unsigned long flags, out = 0, objects = 0, pages = 0;
	struct page *page;

	spin_lock_irqsave(&cache->lock, flags);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		list_for_each_entry(page, lists[i], lru)
		{
			bad += check_slab(cache, page);
			bad += (slab_freelist(page) == CHAIN_END) != i;
			bad += empty && slab_inuse(page) && !i;
			out += slab_inuse(page);
			empty += !slab_inuse(page);
			objects += slab_objects(page);
			pages += 1ul << page_order(page);
			slabs++;
		}
	bad += slabs != cache->nr_slabs || objects != cache->nr_objects ||
	       pages != cache->nr_pages;
	bad += empty != cache->nr_empty;
	bad += out != cache->nr_out;
	spin_unlock_irqrestore(&cache->lock, flags);
	return bad;
}
