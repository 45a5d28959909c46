/* mempool.h - an allocator with a reserve that is kept full. Linux's names.
 *
 *   mempool_alloc   1. the allocator, without waiting
 *                   2. the reserve: min_nr elements, taken at creation
 *                   3. may sleep: the allocator again, then wait for either
 *
 *   mempool_free    the reserve, until it has min_nr again; then the allocator
 *
 * So whoever may sleep and gives back what he takes always gets on, even with
 * no memory left: what a swap device needs to write out the page that frees
 * one. It holds min_nr elements for that, all the time.
 */
#ifndef MEMPOOL_H
#define MEMPOOL_H

#include "gfp.h"
#include "slab.h"
#include "wait.h"

typedef void *(mempool_alloc_t)(gfp_t gfp, void *pool_data);
typedef void(mempool_free_t)(void *element, void *pool_data);

/* (C) constant after creation, (L) lock held, interrupts off, (A) atomic */
typedef struct mempool {
	struct kmem_cache *fast; /* (L) the short path's cache: where elements
				  * come from and go, while the reserve is full;
				  * NULL: ask the long path */
	int nr_out;              /* (A) elements that somebody has */
	int min_nr;              /* (L) the reserve's size ... */
	int curr_nr;             /* (L) ... and how many are in it */
	void **elements;         /* (L) a stack of room for min_nr */
	mempool_alloc_t *alloc;  /* (C) */
	mempool_free_t *free;    /* (C) */
	void *pool_data;         /* (C) handed to both */
	spinlock_t lock;
	wait_queue_head_t wait; /* for an element to come back */
} mempool_t;

/* mempool_first_gfp: for what must not wait, or complain: there is a reserve. */
static __always_inline gfp_t
mempool_first_gfp(gfp_t gfp)
{
	return (gfp | __GFP_NORETRY | __GFP_NOWARN) &
	       ~(__GFP_DIRECT_RECLAIM | __GFP_IO);
}

/* mempool_count: one more or one less is out. One instruction on x86, whole
 * against interrupts and other CPUs. */
static __always_inline void
mempool_count(mempool_t *pool, int by)
{
	__atomic_fetch_add(&pool->nr_out, by, __ATOMIC_RELAXED);
}

/* mempool_create: min_nr elements from alloc_fn, put aside. Both functions must
 * obey the flags: alloc_fn is also called where one may not sleep.
 * => process context: may sleep
 * => NULL without memory, or if min_nr is below 1
 * => give back with mempool_destroy */
mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn,
			  mempool_free_t *free_fn, void *pool_data);

/* mempool_alloc: an element, contents undefined.
 * => context as the flags say
 * => with __GFP_DIRECT_RECLAIM never NULL: it waits for ever, unless this is no
 *    place to wait (reported), or still boot. Without: NULL if memory and
 *    reserve are used up; never a word about it
 * => give back with mempool_free, to the same pool */
void *mempool_alloc_any(mempool_t *pool, gfp_t gfp);
static __always_inline void *
mempool_alloc(mempool_t *pool, gfp_t gfp)
{
	struct kmem_cache *cache = READ_ONCE(pool->fast);
	void *element;

	if (!__builtin_constant_p(gfp) || (gfp & GFP_UNCOMMON) ||
	    unlikely(!cache))
		return mempool_alloc_any(pool, gfp);
	element = kmem_cache_alloc_fast(cache,
					(__force u32)mempool_first_gfp(gfp));
	if (unlikely(!element))
		return mempool_alloc_any(pool, gfp);
	mempool_count(pool, 1);
	return element;
}

/* mempool_free: refills the reserve first. NULL is allowed. => any context */
void mempool_free(void *element, mempool_t *pool);

/* mempool_resize: a reserve of new_min_nr. It may take later mempool_free
 * calls to fill it.
 * => process context: may sleep; not two at a time for one pool
 * => 0, -EINVAL below 1, -ENOMEM: then it is as it was */
int __must_check mempool_resize(mempool_t *pool, int new_min_nr);

/* mempool_destroy: the reserve back to the allocator. NULL is allowed. With
 * elements out, it is reported and everything stays.
 * => any context in which free_fn may be called */
void mempool_destroy(mempool_t *pool);

/* Elements from a cache: pool_data is the struct kmem_cache. */
void *mempool_alloc_slab(gfp_t gfp, void *pool_data);
void mempool_free_slab(void *element, void *pool_data);
static inline mempool_t *
mempool_create_slab_pool(int min_nr, struct kmem_cache *cache)
{
	return mempool_create(min_nr, mempool_alloc_slab, mempool_free_slab,
			      cache);
}

/* Elements from kmalloc: pool_data is the size. */
void *mempool_kmalloc(gfp_t gfp, void *pool_data);
void mempool_kfree(void *element, void *pool_data);
static inline mempool_t *
mempool_create_kmalloc_pool(int min_nr, size_t size)
{
	return mempool_create(min_nr, mempool_kmalloc, mempool_kfree,
			      (void *)size);
}

#endif
