/* slab.c - caches of equal objects: a slab is a block of pages cut into them.
 *
 *   kmem_cache_alloc                                   kmem_cache_free
 *        | pop                                              | push
 *        v                                                  v
 *   magazine (per CPU): [o]->[o]->[o]      objects of any slab of the cache
 *        ^ empty: refill                       full: flush |
 *        |                                                 v
 *   partial: slab [oo.o..o] slab [.......]      free list in each slab,
 *   full:    slab [ooooooo]                     through the objects
 *        |                                                 ^
 *        +-- none left: a new slab       all free: kept, then given back
 *                       from alloc_pages
 *
 * Which cache an object is of stands in the struct page of its page.
 *
 * Who comes here, and how, is in slab_alloc.c; caches are made in slab_cache.c.
 *
 * Invariants: see debug/cache_check.c.
 *
 * Locking: magazines by interrupts off; slabs by cache->lock, interrupts off.
 * Bonwick, "The Slab Allocator", 1994, and "Magazines and Vmem", 2001.
 */
#include "internal.h"
#include "string.h"
#include "util.h"
#include "x86.h"

const struct free_object chain_end;
struct kmem_cache kmalloc_caches[KMALLOC_CACHES];
DEFINE_PER_CPU(struct magazine, magazines[KMALLOC_CACHES]);

#define MAX_EMPTY_SLABS 2 /* kept for the next time */

struct page *
slab_of(const void *p)
{
	unsigned long offset = (uintptr_t)p - PAGE_OFFSET;
	struct page *page = mem_map + PHYS_PFN(offset);

	if (offset >= direct_map_size || !(page->flags & PG_slab))
		return NULL;
	return compound_head(page);
}

/* --- Slabs ------------------------------------------------------------------ */

static inline void
set_free(const struct kmem_cache *cache, void *object, void *next)
{
	*free_part(cache, object) = (struct free_object){FREE_MARK, next};
}

static inline void
set_link(const struct kmem_cache *cache, void *object, void *next)
{
	free_part(cache, object)->link = next;
}

static void
mark_pages(struct kmem_cache *cache, struct page *head, bool ours)
{
	struct page *page, *end = head + (1ul << page_order(head));

	for (page = head; page < end; page++) {
		page->flags ^= PG_slab;
		page->mapping = ours ? cache : NULL;
		page->slab_slot = ours ? cache->slot : 0;
	}
}

/* Of the cache's order, if that is easy to have; else of the least that holds
 * an object: where memory is in pieces, single pages are all there is. */
static struct page *
slab_pages(struct kmem_cache *cache, gfp_t gfp)
{
	unsigned int least = get_order(cache->size);
	struct page *page = NULL;

	gfp = (gfp & ~(__GFP_ZERO | __GFP_DMA | __GFP_HIGHMEM)) | __GFP_COMP;
	if (cache->flags & SLAB_CACHE_DMA)
		gfp |= __GFP_DMA;
	if (cache->order > least)
		page = alloc_pages((gfp & ~(__GFP_RECLAIM | __GFP_HIGH |
					    __GFP_MEMALLOC | __GFP_NOFAIL)) |
					   __GFP_NOWARN,
				   cache->order);
	if (page)
		return page;
	if (cache->order > least)
		WRITE_ONCE(cache->outside, SLAB_OUTSIDE(least));
	return alloc_pages(gfp, least);
}

/* A new slab, all of its objects free, in the order of their addresses. */
static struct page *
slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	const unsigned int size = cache->size;
	struct page *page = slab_pages(cache, gfp);
	struct free_object *free;
	unsigned int i, nr;
	char *object;

	if (!page)
		return NULL;
	mark_pages(cache, page, true);
	object = slab_object(page, 0);
	slab_freelist(page) = object;
	free = free_part(cache, object);
	slab_inuse(page) = 0;
	nr = slab_objects(page);
	if (cache->flags & SLAB_DEBUG_FLAGS)
		slab_debug_prepare(page);
	for (i = nr; --i; free = (struct free_object *)((char *)free + size)) {
		object += size;
		*free = (struct free_object){FREE_MARK, object};
	}
	*free = (struct free_object){FREE_MARK, CHAIN_END};
	for (i = 0; cache->ctor && i < nr; i++)
		cache->ctor(slab_object(page, i));
	return page;
}

/* One slab more, or one less, whose objects are all free. */
static void
count_slab(struct kmem_cache *cache, const struct page *page, int sign)
{
	cache->nr_empty += sign;
	cache->nr_slabs += sign;
	cache->nr_objects += sign * (int)slab_objects(page);
	cache->nr_pages += sign * (1 << page_order(page));
}

void
slab_destroy(struct kmem_cache *cache, struct page *page)
{
	if (cache->flags & SLAB_DEBUG_FLAGS)
		slab_debug_gone(page);
	list_del(&page->lru);
	count_slab(cache, page, -1);
	mark_pages(cache, page, false);
	slab_freelist(page) = NULL;
	__free_pages(page, page_order(page));
}

/* n objects, first to last, off the slab's free list, of which `rest` is left.
 *
 *   freelist -> [a]->[b]->[c]->[d]        first a, last c
 *   freelist -> [d]      chain -> [a]->[b]->[c]-> (what it was)
 *
 * => the new chain */
static __always_inline void *
slab_give(struct kmem_cache *cache, struct page *page, void *last, void *rest,
	  unsigned int n, void *chain)
{
	void *first = slab_freelist(page);

	cache->nr_empty -= !slab_inuse(page);
	set_link(cache, last, chain);
	slab_freelist(page) = rest;
	slab_inuse(page) += n;
	cache->nr_out += n;
	if (rest == CHAIN_END)
		list_move(&page->lru, &cache->full);
	return first;
}

/* Up to `want` objects off the slab's free list, in front of *chain. They are
 * looked at on the way, and the one behind them: in the slab, and free? link:
 * cache->link, once more. => how many; 0: the list was broken, and was mended */
static __always_inline unsigned int
slab_take(struct kmem_cache *cache, struct page *page, unsigned int want,
	  const unsigned int link, void **chain)
{
	const uintptr_t base = (uintptr_t)page_address(page);
	const uintptr_t outside = SLAB_OUTSIDE(page_order(page));
	void *object = slab_freelist(page), *last = NULL;
	struct free_object *free;
	unsigned int n = 0;

	while (!(((uintptr_t)object ^ base) & outside)) {
		free = (struct free_object *)((char *)object + link);
		if (free->mark != FREE_MARK)
			goto broken;
		if (n == want)
			goto enough;
		n++;
		last = object;
		object = free->link;
	}
	if (object != CHAIN_END)
		goto broken;
enough:
	if (unlikely((slab_inuse(page) + n >= slab_objects(page)) !=
		     (object == CHAIN_END)))
		goto broken;
	*chain = slab_give(cache, page, last, object, n, *chain);
	return n;
broken:
	cache_mend(cache, object);
	return 0;
}

/* The first objects of a new slab to the empty magazine: where they are is
 * known. */
static void
slab_take_new(struct kmem_cache *cache, struct page *page, struct magazine *mag)
{
	unsigned int n = min(slab_objects(page), (unsigned int)mag->limit);
	void *last = slab_object(page, n - 1);

	mag->room -= n;
	mag->head = slab_give(cache, page, last, get_link(cache, last), n,
			      CHAIN_END);
}

/* The slab has no live object any more. Such slabs are the last of the list,
 * and taken from when there are no others. */
static __noinline void
slab_is_empty(struct kmem_cache *cache, struct page *page)
{
	list_move_tail(&page->lru, &cache->partial);
	cache->nr_empty++;
}

/* Empty slabs too many go back to the pages: when it is certain that the lists
 * they came from were whole. */
static void
trim_empty(struct kmem_cache *cache)
{
	struct page *page;

	while (unlikely(cache->nr_empty > MAX_EMPTY_SLABS)) {
		page = list_last_entry(&cache->partial, struct page, lru);
		if (slab_inuse(page)) /* it got back more than it gave */
			cache_mend(cache, CHAIN_END);
		else
			slab_destroy(cache, page);
	}
}

/* A run of n marked objects, first to last, back to their slab. */
static __always_inline void
slab_put(struct kmem_cache *cache, struct page *page, void *first,
	 void **last_link, unsigned int n)
{
	if (unlikely(!(slab_inuse(page) -= n)))
		slab_is_empty(cache, page);
	else if (unlikely(slab_freelist(page) == CHAIN_END))
		list_move(&page->lru, &cache->partial);
	*last_link = slab_freelist(page);
	slab_freelist(page) = first;
}

/* --- Magazines ---------------------------------------------------------------- */

/* The link that joins a magazine's objects is a slab's free list's own. A cache
 * whose mark and link are not the first words has no magazine (limit 0), since
 * the short path knows no other place. */

/* Fill the empty magazine from the slabs there are. => interrupts off */
static void
refill(struct kmem_cache *cache, struct magazine *mag)
{
	struct page *page;
	unsigned int n;

	spin_lock(&cache->lock);
	while (mag->room > 0 && !list_empty(&cache->partial)) {
		page = list_first_entry(&cache->partial, struct page, lru);
		n = slab_take(cache, page, mag->room, 0, &mag->head);
		mag->room -= n;
	}
	spin_unlock(&cache->lock);
}

/* The slab of one of a magazine's objects, which is not trusted.
 * => NULL if this is no free object of the cache */
static __always_inline struct page *
slab_of_free(struct kmem_cache *cache, const struct free_object *object)
{
	unsigned long offset = (uintptr_t)object - PAGE_OFFSET;
	struct page *page;

	if (unlikely(offset >= direct_map_size || object->mark != FREE_MARK))
		return NULL;
	page = compound_head(mem_map + PHYS_PFN(offset));
	return likely(slab_cache(page) == cache) ? page : NULL;
}

/* A magazine's chain of so many objects back to the slabs. Neighbours in it that
 * lie in one slab are linked as a free list already: they go back as a run.
 * => interrupts off */
static void
flush(struct kmem_cache *cache, struct free_object *object, unsigned int left)
{
	struct free_object *first, *last;
	uintptr_t outside;
	struct page *page;
	unsigned int n;

	if (!left)
		return;
	spin_lock(&cache->lock);
	outside = cache->outside;
	cache->nr_out -= left;
	while (left && likely(page = slab_of_free(cache, object))) {
		first = last = object;
		object = object->link;
		n = 1;
		while (!(((uintptr_t)object ^ (uintptr_t)first) & outside) &&
		       object->mark == FREE_MARK && n < left) {
			last = object;
			object = object->link;
			n++;
		}
		left -= n;
		slab_put(cache, page, first, &last->link, n);
	}
	if (likely(!left && object == CHAIN_END))
		trim_empty(cache);
	else
		cache_mend(cache, object);
	spin_unlock(&cache->lock);
}

/* The spare chain is nobody's while it is flushed: who mends leaves it alone. */
static void
flush_spare(struct kmem_cache *cache, struct magazine *mag)
{
	void *spare = mag->spare;

	mag->spare = NULL;
	if (spare)
		flush(cache, spare, mag->limit);
}

/* An object from the magazine, the spare one, or the slabs; NULL if they are
 * all used up. => interrupts off */
static void *
magazine_pop(struct kmem_cache *cache)
{
	struct magazine *mag = magazine_of(cache);
	void *object;

	for (;;) {
		if (mag->head == CHAIN_END && mag->spare) {
			mag->head = mag->spare;
			mag->room = 0;
			mag->spare = NULL;
		}
		if (mag->head == CHAIN_END)
			refill(cache, mag);
		object = mag->head;
		if (object == CHAIN_END)
			return NULL;
		if (likely(slab_of_free(cache, object)))
			break;
		spin_lock(&cache->lock);
		cache_mend(cache, object);
		spin_unlock(&cache->lock);
	}
	mag->head = get_link(cache, object);
	mag->room++;
	free_part(cache, object)->mark = 0;
	return object;
}

/* The same without a magazine. => interrupts off */
static void *
slab_pop(struct kmem_cache *cache)
{
	void *object = CHAIN_END;

	spin_lock(&cache->lock);
	while (!list_empty(&cache->partial) &&
	       !slab_take(cache,
			  list_first_entry(&cache->partial, struct page, lru),
			  1, cache->link, &object))
		;
	spin_unlock(&cache->lock);
	if (object == CHAIN_END)
		return NULL;
	*free_part(cache, object) = (struct free_object){0, NULL};
	return object;
}

void *
object_take(struct kmem_cache *cache)
{
	return magazine_of(cache)->limit ? magazine_pop(cache)
					 : slab_pop(cache);
}

/* Into the magazine, whose overflow goes to the slabs. => interrupts off */
void
object_give(struct kmem_cache *cache, void *object)
{
	struct magazine *mag = magazine_of(cache);
	struct page *page;

	if (mag->limit == 0) {
		spin_lock(&cache->lock);
		cache->nr_out--;
		set_free(cache, object, CHAIN_END);
		page = compound_head(virt_to_page(object));
		slab_put(cache, page, object, &free_part(cache, object)->link,
			 1);
		trim_empty(cache);
		spin_unlock(&cache->lock);
		return;
	}
	if (mag->room <= 0)
		flush_spare(cache, mag);
	if (mag->room <= 0) { /* still: it was not mended */
		mag->spare = mag->head;
		mag->head = CHAIN_END;
		mag->room = mag->limit;
	}
	set_free(cache, object, mag->head);
	mag->head = object;
	mag->room--;
}

void
magazine_drain(struct kmem_cache *cache)
{
	struct magazine *mag = magazine_of(cache);
	unsigned int nr = mag->limit - mag->room;
	void *head = mag->head;

	mag->head = CHAIN_END;
	mag->room = mag->limit;
	flush(cache, head, nr);
	flush_spare(cache, mag);
}

bool
slab_grow(struct kmem_cache *cache, gfp_t gfp)
{
	struct magazine *mag = magazine_of(cache);
	struct page *page = slab_create(cache, gfp);
	unsigned long flags;

	if (!page)
		return false;
	spin_lock_irqsave(&cache->lock, flags);
	list_add_tail(&page->lru, &cache->partial);
	count_slab(cache, page, 1);
	if (mag->limit && mag->head == CHAIN_END)
		slab_take_new(cache, page, mag);
	spin_unlock_irqrestore(&cache->lock, flags);
	return true;
}
