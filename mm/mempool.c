/* mempool.c - an allocator with a reserve: see mempool.h.
 *
 *   elements  [e][e][e][ ][ ]     curr_nr 3, min_nr 5: two of the reserve are
 *                     ^ push, pop  out; the next two that come back go here
 *
 * Guarantees: of nr_out elements that are out, at most min_nr came from the
 * reserve; it is refilled before anything goes back to the allocator. (One that
 * comes back in the instant in which another empties the reserve may miss it:
 * whoever waits looks ten times a second, at the allocator too, where it went.)
 *
 * The short path is the cache's own, called past the two function pointers
 * while the reserve is full, and the count of who is out.
 */
#include "mempool.h"
#include "errno.h"
#include "patch.h"
#include "printk.h"
#include "string.h"
#include "util.h"

#define LOOK_TICKS (HZ / 10) /* who waits looks for himself then */

/* --- Elements ------------------------------------------------------------- */

void *
mempool_alloc_slab(gfp_t gfp, void *pool_data)
{
	return kmem_cache_alloc(pool_data, gfp);
}

void
mempool_free_slab(void *element, void *pool_data)
{
	kmem_cache_free(pool_data, element);
}

void *
mempool_kmalloc(gfp_t gfp, void *pool_data)
{
	return kmalloc((size_t)pool_data, gfp);
}

void
mempool_kfree(void *element, void *pool_data __maybe_unused)
{
	kfree(element);
}

/* --- The reserve ---------------------------------------------------------- */

/* The reserve changed: may the short path go past it? */
static void
set_fast(mempool_t *pool)
{
	bool slab = pool->alloc == mempool_alloc_slab &&
		    pool->free == mempool_free_slab;

	pool->fast =
		slab && pool->curr_nr >= pool->min_nr ? pool->pool_data : NULL;
}

/* => NULL if it is empty */
static void *
reserve_take(mempool_t *pool)
{
	void *element = NULL;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	if (pool->curr_nr)
		element = pool->elements[--pool->curr_nr];
	set_fast(pool);
	spin_unlock_irqrestore(&pool->lock, flags);
	return element;
}

/* => false if it is full */
static bool
reserve_put(mempool_t *pool, void *element)
{
	unsigned long flags;
	bool room;

	spin_lock_irqsave(&pool->lock, flags);
	room = pool->curr_nr < pool->min_nr;
	if (room)
		pool->elements[pool->curr_nr++] = element;
	set_fast(pool);
	spin_unlock_irqrestore(&pool->lock, flags);
	if (room && waitqueue_active(&pool->wait))
		wake_up(&pool->wait);
	return room;
}

/* Until it is full, or the allocator has no more. => is it full? */
static bool
reserve_fill(mempool_t *pool)
{
	void *element;

	while (READ_ONCE(pool->curr_nr) < pool->min_nr) {
		element = pool->alloc(GFP_KERNEL, pool->pool_data);
		if (!element)
			return false;
		if (!reserve_put(pool, element))
			pool->free(element, pool->pool_data);
	}
	return true;
}

/* --- Alloc and free ------------------------------------------------------- */

/* What a waiter looks for. */
static void *
try_alloc(mempool_t *pool, gfp_t gfp)
{
	void *element = reserve_take(pool);

	return element ? element
		       : pool->alloc(mempool_first_gfp(gfp), pool->pool_data);
}

static __noinline void *
alloc_long(mempool_t *pool, gfp_t gfp)
{
	bool may_wait =
		gfpflags_allow_blocking(gfp) && might_sleep() && system_running;
	void *element = reserve_take(pool);
	unsigned int looks = 0;

	while (!element && may_wait) {
		element = pool->alloc(gfp | __GFP_NORETRY | __GFP_NOWARN,
				      pool->pool_data);
		if (!element &&
		    !wait_event_timeout(pool->wait,
					(element = try_alloc(pool, gfp)),
					LOOK_TICKS) &&
		    ++looks == HZ / LOOK_TICKS)
			pr_warn("mempool: all elements are out (%d), and have "
				"been for a second; waiting\n",
				pool->nr_out);
	}
	if (element)
		mempool_count(pool, 1);
	return element;
}

void *
mempool_alloc_any(mempool_t *pool, gfp_t gfp)
{
	void *element;

	if (patched(PATCH_PAGE_HOOKS) && gfpflags_allow_blocking(gfp))
		might_sleep();
	element = pool->alloc(mempool_first_gfp(gfp), pool->pool_data);
	if (!element)
		return alloc_long(pool, gfp);
	mempool_count(pool, 1);
	return element;
}

static __noinline void
free_long(void *element, mempool_t *pool)
{
	if (!reserve_put(pool, element))
		pool->free(element, pool->pool_data);
}

void __leaf
mempool_free(void *element, mempool_t *pool)
{
	struct kmem_cache *cache = READ_ONCE(pool->fast);

	if (unlikely(!element))
		return;
	mempool_count(pool, -1);
	if (cache)
		kmem_cache_free(cache, element);
	else
		free_long(element, pool);
}

/* --- Pools ---------------------------------------------------------------- */

mempool_t *
mempool_create(int min_nr, mempool_alloc_t *alloc_fn, mempool_free_t *free_fn,
	       void *pool_data)
{
	mempool_t *pool;

	might_sleep();
	if (min_nr < 1) {
		pr_err("mempool_create: a reserve of %d elements\n", min_nr);
		return NULL;
	}
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return NULL;
	spin_lock_init(&pool->lock);
	init_waitqueue_head(&pool->wait);
	pool->alloc = alloc_fn;
	pool->free = free_fn;
	pool->pool_data = pool_data;
	pool->min_nr = min_nr;
	pool->elements = kmalloc_array(min_nr, sizeof(void *), GFP_KERNEL);
	if (pool->elements && reserve_fill(pool))
		return pool;
	mempool_destroy(pool);
	return NULL;
}

/* Fewer: what lies above goes back. More: the stack moves to where there is
 * room for it. */
int
mempool_resize(mempool_t *pool, int new_min_nr)
{
	void **old = NULL, **elements = NULL, *element;
	unsigned long flags;

	might_sleep();
	if (new_min_nr < 1)
		return -EINVAL;
	if (new_min_nr > pool->min_nr) {
		elements =
			kmalloc_array(new_min_nr, sizeof(void *), GFP_KERNEL);
		if (!elements)
			return -ENOMEM;
	}
	spin_lock_irqsave(&pool->lock, flags);
	pool->min_nr = new_min_nr;
	if (elements) {
		old = pool->elements;
		memcpy(elements, old, pool->curr_nr * sizeof(void *));
		pool->elements = elements;
	}
	set_fast(pool);
	spin_unlock_irqrestore(&pool->lock, flags);
	kfree(old);
	while (READ_ONCE(pool->curr_nr) > new_min_nr &&
	       (element = reserve_take(pool)))
		pool->free(element, pool->pool_data);
	reserve_fill(pool); /* what is missing comes with mempool_free */
	return 0;
}

void
mempool_destroy(mempool_t *pool)
{
	void *element;

	if (!pool)
		return;
	if (pool->nr_out) {
		pr_err("mempool_destroy: %d elements of the pool at 0x%08lx "
		       "are still out\n",
		       pool->nr_out, (unsigned long)pool);
		return;
	}
	while ((element = reserve_take(pool)))
		pool->free(element, pool->pool_data);
	kfree(pool->elements);
	kfree(pool);
}
