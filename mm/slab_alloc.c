/* slab_alloc.c - alloc and free of objects: the short paths and the long ones.
 *
 *   kmalloc(100, GFP_KERNEL) --> kmalloc_slot --> pop this CPU's magazine
 *                                    |
 *                                    +-- empty, or not as it must be:
 *                                        cache_alloc_long --> slab.c
 *   kfree(p) --> the page of p: which magazine? --> push
 *                                    |
 *                                    +-- full, marked as free already, not
 *                                        the heap's: kfree_long -->
 *                                        cache_free_long --> slab.c
 *
 * Locking: magazines by interrupts off.
 */
#include "internal.h"
#include "string.h"
#include "util.h"
#include "x86.h"
#include "x86/object.h"

/* The longest list there can be. */
#define LIST_MAX (PAGE_SIZE / ARCH_KMALLOC_MINALIGN << MAX_SLAB_ORDER)

/* --- The long paths ----------------------------------------------------------- */

/* Is what its objects hold nobody's business? Not the constructor's, nor that of
 * who looks for writes after free. */
static bool
may_clear(const struct kmem_cache *cache)
{
	return !cache->ctor && !(cache->flags & SLAB_POISON);
}

void *
cache_alloc_long(struct kmem_cache *cache, gfp_t gfp, unsigned int size)
{
	const bool debug = cache->flags & SLAB_DEBUG_FLAGS;
	unsigned long flags;
	void *object;

	if (fail_alloc(gfp))
		return NULL;
	for (;;) {
		flags = local_irq_save();
		object = object_take(cache);
		if (unlikely(debug) && object)
			slab_debug_alloc(cache, object, size);
		local_irq_restore(flags);
		if (object)
			break;
		/* Others may have taken its objects when we look. */
		if (!slab_grow(cache, gfp))
			return NULL;
	}
	if (may_clear(cache) ? want_init_on_alloc(gfp)
			     : (gfp & __GFP_ZERO) != 0)
		memset(object, 0, debug ? size : cache->object_size);
	return object;
}

/* Is this a free object of the cache, from wherever the address may be? */
static bool
is_free_object(struct kmem_cache *cache, void *p)
{
	struct page *page = slab_of(p);

	return page && slab_cache(page) == cache && slab_has(page, p) &&
	       is_marked(cache, p);
}

/* Is it in this list? Links are not trusted. */
static bool
list_has(struct kmem_cache *cache, void *list, const void *object)
{
	unsigned int n;

	for (n = 0; n < LIST_MAX && is_free_object(cache, list); n++) {
		if (list == object)
			return true;
		list = get_link(cache, list);
	}
	return false;
}

/* A mark alone proves nothing: it may be what an owner wrote. */
static bool
is_free_already(struct kmem_cache *cache, struct page *page, void *object)
{
	const struct magazine *mag = magazine_of(cache);

	return is_marked(cache, object) &&
	       (list_has(cache, mag->head, object) ||
		list_has(cache, mag->spare, object) ||
		list_has(cache, slab_freelist(page), object));
}

/* Not taken back. */
static void
refuse(struct kmem_cache *cache, void *object, const char *mistake)
{
	slab_bad_free(cache->name, object, mistake);
	if (is_free_object(cache, object))
		slab_debug_tracks(cache, object, log_line);
}

void
cache_free_long(struct page *page, void *object)
{
	struct kmem_cache *cache = slab_cache(page);
	unsigned long flags = local_irq_save();

	if (unlikely(!slab_has(page, object))) {
		refuse(cache, object, "it is not where an object begins");
	} else if (unlikely(is_free_already(cache, page, object))) {
		refuse(cache, object, "double free: it is free already");
	} else {
		if (unlikely(cache->flags & SLAB_DEBUG_FLAGS))
			slab_debug_free(cache, object);
		if (init_on_free && may_clear(cache))
			memset(object, 0, cache->object_size);
		object_give(cache, object);
	}
	local_irq_restore(flags);
}

/* --- The short paths ---------------------------------------------------------------- */

static __noinline void *__fastcall alloc_by_slot(u32 slot, u32 gfp)
{
	struct kmem_cache *cache = magazine_at(slot)->cache;
	u32 flags = gfp & ((1u << GFP_SLACK_SHIFT) - 1);

	return cache_alloc_long(cache, (__force gfp_t)flags,
				cache->object_size - (gfp >> GFP_SLACK_SHIFT));
}

/* kmalloc and kmem_cache_alloc without uncommon flags come here. The long path
 * is a jump, as in page_alloc.c. */
void *__fastcall __leaf
kmalloc_slot(u32 slot, u32 gfp)
{
	void *object;

	if (object_pop(slot, &gfp, &object))
		return object;
	return alloc_by_slot(slot, gfp);
}

void *__leaf
kmem_cache_alloc_fast(struct kmem_cache *cache, u32 gfp)
{
	u32 slot = cache->slot;
	void *object;

	if (object_pop(slot, &gfp, &object))
		return object;
	return alloc_by_slot(slot, gfp);
}

void *
kmem_cache_alloc_any(struct kmem_cache *cache, gfp_t gfp)
{
	return cache_alloc_long(cache, gfp, cache->object_size);
}

static __noinline void
free_by_slot(u32 slot, void *object)
{
	struct kmem_cache *cache = magazine_at(slot)->cache;
	struct page *page = slab_of(object);

	if (likely(page && slab_cache(page) == cache))
		cache_free_long(page, object);
	else
		slab_bad_free(cache->name, object,
			      "it belongs to another cache, or to none");
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
 * whatever is not in the direct map. A page is 2^12 bytes and its struct page
 * 2^5: one shift, and the low bits away, lead from one to the other. */
void __leaf
kfree(const void *p)
{
	unsigned long offset = direct_offset(p), at;
	const struct page *page;
	u32 spare;

	if (unlikely(offset >= direct_map_size)) {
		kfree_long(p);
		return;
	}
	at = offset >> (PAGE_SHIFT - 5) & ~31ul;
	page = (struct page *)((uintptr_t)mem_map + at);
	if (unlikely(!(page->flags & PG_slab)) ||
	    !object_push(page->slab_slot, &spare, (void *)p))
		kfree_long(p);
}
