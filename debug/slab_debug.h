/* slab_debug.h - what the heap calls for caches with SLAB_DEBUG_FLAGS, and when
 * something is wrong. Part of mm/internal.h.
 */
#ifndef SLAB_DEBUG_H
#define SLAB_DEBUG_H

#include "page_owner.h"
#include "slab.h"

/* slab_debug_flags: what `slab_debug=` wants for a cache of this name.
 * slab_debug_layout: give a new cache's objects their red zones and notes.
 * slab_debug_prepare: a new slab: all objects free and guarded. */
slab_flags_t slab_debug_flags(const char *name);
void slab_debug_layout(struct kmem_cache *cache);
void slab_debug_prepare(struct page *page);

/* slab_debug_gone: a slab without live objects goes back to the pages: are all
 * as they were freed? => cache->lock */
void slab_debug_gone(struct page *page);

/* slab_debug_alloc: an object off the free list: still as it was freed? Then
 * size bytes of it are in use. slab_debug_free: it is nobody's any more. What
 * is wrong is reported and mended. => interrupts off */
void slab_debug_alloc(struct kmem_cache *cache, void *object,
		      unsigned int size);
void slab_debug_free(struct kmem_cache *cache, void *object);

/* slab_debug_check: an object, free or not: => how much of it is not as it must
 * be. slab_debug_size: of a live one, as asked for. */
unsigned int slab_debug_check(struct kmem_cache *cache, void *object);
unsigned int slab_debug_size(struct kmem_cache *cache, void *object);

/* cache_mend (cache_check.c): the free lists of a cache, debugged or not, are
 * not to be trusted: one led to `object`. Reported; then all are made anew, of
 * the objects that are marked as free. What was lost counts as in use.
 * => cache->lock; the other CPUs' magazines must stand still */
void cache_mend(struct kmem_cache *cache, const void *object);

/* slab_debug_tracks: who had this object, line by line; any cache. */
void slab_debug_tracks(struct kmem_cache *cache, const void *object,
		       line_fn line);

/* cache_report_live (cache_check.c): some of the objects that are not in their
 * slab's free list, and who has them. => the magazines are empty; the log */
void cache_report_live(struct kmem_cache *cache);

/* slab_bad_free: somebody frees what is not his. slab_bad_list: a free list
 * led to this. slab_bad_address: somebody asks of what is not the heap's.
 * => the log; any context */
void slab_bad_free(const char *cache, const void *object, const char *why);
void slab_bad_list(struct kmem_cache *cache, const void *object);
void slab_bad_address(const char *who, const void *p, const char *why);

/* fail_alloc: must this allocation fail? */
extern bool fail_alloc_on;
bool fail_alloc_now(gfp_t gfp);
static inline bool
fail_alloc(gfp_t gfp)
{
	return unlikely(fail_alloc_on) && fail_alloc_now(gfp);
}

#endif
