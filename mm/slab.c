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
 * Invariants: see debug/cache_check.c. Caches are made in slab_cache.c.
 *
 * Locking: magazines by interrupts off; slabs by cache->lock, interrupts off.
 * Bonwick, "The Slab Allocator", 1994, and "Magazines and Vmem", 2001.
 */
#include "internal.h"
#include "string.h"
#include "util.h"
#include "x86.h"
#include "x86/object.h"

struct kmem_cache caches[NR_CACHES];
DEFINE_PER_CPU(struct magazine, magazines[NR_CACHES]);

#define MAX_EMPTY_SLABS 2 /* kept for the next time */

struct page *
slab_of(const void *p)
{
	struct page *page;

	if (!virt_is_direct(p) || !pfn_valid(PHYS_PFN(__pa(p))))
		return NULL;
	page = virt_to_page(p);
	return page->flags & PG_slab ? compound_head(page) : NULL;
}

/* --- Slabs ------------------------------------------------------------------ */

static void
mark_pages(struct kmem_cache *cache, struct page *head, bool ours)
{
	struct page *page;

	for (page = head; page < head + (1ul << cache->order); page++) {
		page->flags ^= PG_slab;
		page->mapping = ours ? cache : NULL;
		page->slab_slot = ours ? cache->slot : 0;
	}
}

/* A new slab, all of its objects free, in the order of their addresses. */
static struct page *
slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	const unsigned int size = cache->size, link = cache->link;
	struct page *page;
	char *object;
	unsigned int i;

	gfp = (gfp & ~(__GFP_ZERO | __GFP_DMA | __GFP_HIGHMEM)) | __GFP_COMP;
	if (cache->flags & SLAB_CACHE_DMA)
		gfp |= __GFP_DMA;
	page = alloc_pages(gfp, cache->order);
	if (!page)
		return NULL;
	mark_pages(cache, page, true);
	object = slab_object(page, 0);
	slab_freelist(page) = object;
	slab_inuse(page) = 0;
	for (i = cache->per_slab; --i; object += size)
		*(void **)(object + link) = object + size;
	set_link(cache, object, NULL);
	if (cache->flags & SLAB_DEBUG_FLAGS)
		slab_debug_prepare(page);
	for (i = 0; cache->ctor && i < cache->per_slab; i++)
		cache->ctor(slab_object(page, i));
	return page;
}

void
slab_destroy(struct kmem_cache *cache, struct page *page)
{
	list_del(&page->lru);
	cache->nr_slabs--;
	mark_pages(cache, page, false);
	slab_freelist(page) = NULL;
	__free_pages(page, cache->order);
}

/* Up to `want` objects off the slab's free list, in front of *chain.
 *
 *   freelist -> [a]->[b]->[c]->[d]        want 3
 *   freelist -> [d]      *chain -> [a]->[b]->[c]-> (what it was)
 *
 * More than one only where the link is the first word. => how many */
static unsigned int
slab_take(struct kmem_cache *cache, struct page *page, unsigned int want,
	  void **chain)
{
	void *first = slab_freelist(page), *next;
	void **last = link_of(cache, first);
	unsigned int left = want;

	cache->nr_empty -= !slab_inuse(page);
	while ((next = *last) && --left)
		last = next;
	want -= next ? 0 : left - 1;
	slab_freelist(page) = next;
	*last = *chain;
	*chain = first;
	slab_inuse(page) += want;
	cache->nr_out += want;
	if (!next)
		list_move(&page->lru, &cache->full);
	return want;
}

/* The slab has no live object any more: one empty slab too many goes back to
 * the pages. */
static __noinline void
slab_is_empty(struct kmem_cache *cache, struct page *page)
{
	if (cache->nr_empty == MAX_EMPTY_SLABS)
		slab_destroy(cache, page);
	else
		cache->nr_empty++;
}

/* A run of n objects of one slab, first to last, back to it. */
static __always_inline void
slab_put(struct kmem_cache *cache, void *first, void **last_link,
	 unsigned int n)
{
	struct page *page = compound_head(virt_to_page(first));

	if (unlikely(!slab_freelist(page)))
		list_move(&page->lru, &cache->partial);
	*last_link = slab_freelist(page);
	slab_freelist(page) = first;
	slab_inuse(page) -= n;
	if (unlikely(!slab_inuse(page)))
		slab_is_empty(cache, page);
}

/* --- Magazines ---------------------------------------------------------------- */

/* The link that joins a magazine's objects is a slab's free list's own. A cache
 * whose link is not the first word has no magazine (limit 0), since the short
 * path knows no other place. */

/* Fill the empty magazine from the slabs there are. => interrupts off */
static void
refill(struct kmem_cache *cache, struct magazine *mag)
{
	unsigned int want = max(mag->limit, 1), n;
	struct page *page;

	spin_lock(&cache->lock);
	while (want && !list_empty(&cache->partial)) {
		page = list_first_entry(&cache->partial, struct page, lru);
		if (unlikely(cache->flags & SLAB_DEBUG_FLAGS))
			slab_debug_mend(page);
		n = slab_take(cache, page, want, &mag->head);
		mag->room -= n;
		want -= n;
	}
	spin_unlock(&cache->lock);
}

/* A magazine's chain of so many objects back to the slabs. Neighbours in it that
 * lie in one page are linked as a free list already: they go back as a run.
 * => interrupts off */
static void
flush(struct kmem_cache *cache, void *object, unsigned int count)
{
	void *first, **last;
	unsigned int n;

	if (!object)
		return;
	spin_lock(&cache->lock);
	cache->nr_out -= count;
	do {
		first = last = object;
		n = 1;
		while (object = *last,
		       PHYS_PFN(__pa(object)) == PHYS_PFN(__pa(first))) {
			last = object;
			n++;
		}
		slab_put(cache, first, last, n);
	} while (object);
	spin_unlock(&cache->lock);
}

/* From the magazine, the spare one, or the slabs; NULL if they are all used
 * up. => interrupts off */
static void *
magazine_pop(struct kmem_cache *cache)
{
	struct magazine *mag = magazine_of(cache);
	void *object;

	if (!mag->head && mag->spare) {
		mag->head = mag->spare;
		mag->room = 0;
		mag->spare = NULL;
	}
	if (!mag->head)
		refill(cache, mag);
	object = mag->head;
	if (object) {
		mag->head = get_link(cache, object);
		mag->room++;
	}
	return object;
}

/* Into the magazine, whose overflow goes to the slabs. => interrupts off */
static void
magazine_push(struct kmem_cache *cache, void *object)
{
	struct magazine *mag = magazine_of(cache);

	if (mag->limit == 0) {
		spin_lock(&cache->lock);
		cache->nr_out--;
		slab_put(cache, object, link_of(cache, object), 1);
		spin_unlock(&cache->lock);
		return;
	}
	if (mag->room <= 0) {
		flush(cache, mag->spare, mag->limit);
		mag->spare = mag->head;
		mag->head = NULL;
		mag->room = mag->limit;
	}
	set_link(cache, object, mag->head);
	mag->head = object;
	mag->room--;
}

void
magazine_drain(struct kmem_cache *cache)
{
	struct magazine *mag = magazine_of(cache);

	flush(cache, mag->head, mag->limit - mag->room);
	flush(cache, mag->spare, mag->limit);
	mag->head = mag->spare = NULL;
	mag->room = mag->limit;
}

/* --- The long path ---------------------------------------------------------------- */

void *
cache_alloc_long(struct kmem_cache *cache, gfp_t gfp, unsigned int size)
{
	bool debug = cache->flags & SLAB_DEBUG_FLAGS;

	unsigned long flags;
	struct page *page;
	void *object;

	if (fail_alloc(gfp))
		return NULL;
	for (;;) {
		flags = local_irq_save();
		object = magazine_pop(cache);
		if (unlikely(debug) && object)
			slab_debug_alloc(cache, object, size);
		local_irq_restore(flags);
		if (object)
			break;
		/* May sleep, if the flags say so: no lock, interrupts as they
		 * were. Others may have taken its objects when we look. */
		page = slab_create(cache, gfp);
		if (!page)
			return NULL;
		spin_lock_irqsave(&cache->lock, flags);
		list_add(&page->lru, &cache->partial);
		cache->nr_slabs++;
		cache->nr_empty++;
		spin_unlock_irqrestore(&cache->lock, flags);
	}
	if (gfp & __GFP_ZERO)
		memset(object, 0, debug ? size : cache->object_size);
	return object;
}

/* Freed twice in a row? All that every cache can tell. */
static bool
is_on_top(struct kmem_cache *cache, const void *object)
{
	const struct magazine *mag = magazine_of(cache);

	return object == mag->head || object == mag->spare ||
	       (!mag->limit &&
		object == slab_freelist(compound_head(virt_to_page(object))));
}

void
cache_free_long(struct kmem_cache *cache, void *object)
{
	unsigned long flags = local_irq_save();

	if (unlikely(is_on_top(cache, object)))
		slab_bad_free(cache->name, object,
			      "double free: it is free already");
	else if (likely(!(cache->flags & SLAB_DEBUG_FLAGS)) ||
		 slab_debug_free(cache, object))
		magazine_push(cache, object);
	local_irq_restore(flags);
}

/* --- The short path ---------------------------------------------------------------- */

static __noinline void *
alloc_by_slot(u32 gfp, u32 slot)
{
	struct kmem_cache *cache = &caches[slot / PCP_SIZE];
	u32 flags = gfp & ((1u << GFP_SLACK_SHIFT) - 1);

	return cache_alloc_long(cache, (__force gfp_t)flags,
				cache->object_size - (gfp >> GFP_SLACK_SHIFT));
}

/* kmalloc and kmem_cache_alloc without uncommon flags come here. The long path
 * is a jump, as in page_alloc.c. */
void *__leaf
kmalloc_slot(u32 gfp, u32 slot)
{
	void *object;

	if (object_pop(slot, &gfp, &object))
		return object;
	return alloc_by_slot(gfp, slot);
}

void *__leaf
kmem_cache_alloc_fast(struct kmem_cache *cache, u32 gfp)
{
	u32 slot = cache->slot;
	void *object;

	if (object_pop(slot, &gfp, &object))
		return object;
	return alloc_by_slot(gfp, slot);
}

void *
kmem_cache_alloc_any(struct kmem_cache *cache, gfp_t gfp)
{
	return cache_alloc_long(cache, gfp, cache->object_size);
}

static __noinline void
free_by_slot(u32 slot, void *object)
{
	struct kmem_cache *cache = &caches[slot / PCP_SIZE];
	struct page *page = slab_of(object);

	if (!page || slab_cache(page) != cache)
		slab_bad_free(cache->name, object,
			      "it belongs to another cache, or to none");
	else
		cache_free_long(cache, object);
}

void __leaf
kmem_cache_free(struct kmem_cache *cache, void *object)
{
	u32 slot = cache->slot, spare;

	if (!object_push(slot, &spare, object))
		free_by_slot(slot, object);
}

int
kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr,
		      void **objects)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		objects[i] = kmem_cache_alloc_any(cache, gfp);
		if (!objects[i]) {
			kmem_cache_free_bulk(cache, i, objects);
			return 0;
		}
	}
	return nr;
}

void
kmem_cache_free_bulk(struct kmem_cache *cache, size_t nr, void **objects)
{
	while (nr)
		kmem_cache_free(cache, objects[--nr]);
}

/* The page tells the magazine. One comparison refuses NULL, ZERO_SIZE_PTR and
 * whatever is not in the direct map. */
void __leaf
kfree(const void *p)
{
	unsigned long pfn = ((uintptr_t)p - PAGE_OFFSET) >> PAGE_SHIFT;
	const struct page *page = mem_map + pfn;
	u32 spare;

	if (unlikely(pfn >= direct_map_pages || !(page->flags & PG_slab)) ||
	    !object_push(page->slab_slot, &spare, (void *)p))
		kfree_long(p);
}
