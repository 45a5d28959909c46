/* slab_cache.c - the life of a cache: made, shrunk, destroyed.
 *
 *   caches[]   kmalloc-8 | kmalloc-16 | ... | "inode" | (free) | ...
 *                                              |
 *              order, per_slab: choose_order   +--> partial, full: its slabs
 *              magazines[same index]: set_magazine
 *
 * What happens between alloc and free is in slab.c; nothing here is hot.
 *
 * Invariants: see debug/cache_check.c.
 *
 * Locking: the table of caches by its lock; a cache's slabs by cache->lock,
 * interrupts off.
 * Limits: NR_CACHES caches; one is found by its name or a free place in O(n).
 */
#include "internal.h"
#include "panic.h"
#include "printk.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define MIN_OBJECTS    16 /* a slab should have this many ... */
#define MAX_SLAB_ORDER 3  /* ... but not be larger than this */
#define WASTE_FRACTION 16 /* a tail of 1/16 of the slab is good enough */
#define MAGAZINE_BYTES 16384
#define MAGAZINE_MAX   64

static DEFINE_SPINLOCK(table_lock);

/* --- The table; making a cache ---------------------------------------- */

struct kmem_cache *
cache_next(struct kmem_cache *cache)
{
	for (cache = cache ? cache + 1 : caches; cache < ARRAY_END(caches);
	     cache++)
		if (cache->name)
			return cache;
	return NULL;
}

/* The order of a slab: the smallest with enough objects and little waste. */
static void
choose_order(struct kmem_cache *cache)
{
	for (cache->order = 0;; cache->order++) {
		unsigned int bytes = PAGE_SIZE << cache->order;

		cache->per_slab = bytes / cache->size;
		if (cache->order == MAX_SLAB_ORDER ||
		    (cache->per_slab >= MIN_OBJECTS &&
		     bytes % cache->size <= bytes / WASTE_FRACTION))
			return;
	}
}

static void
set_magazine(struct kmem_cache *cache)
{
	struct magazine *mag = magazine_of(cache);
	unsigned int limit = MAGAZINE_BYTES / cache->size;

	limit = min(max(limit, 4u), (unsigned int)MAGAZINE_MAX);
	if (cache->link || (cache->flags & SLAB_DEBUG_FLAGS) || fail_alloc_on)
		limit = 0;
	*mag = (struct magazine){.room = limit, .limit = limit};
}

void
cache_init(struct kmem_cache *cache, const char *name, unsigned int size,
	   unsigned int align, slab_flags_t flags, void (*ctor)(void *))
{
	unsigned int room = size;

	flags |= slab_debug_flags(name);
	if (ctor)
		flags &= ~SLAB_POISON; /* its work must survive */
	align = max(align, (unsigned int)ARCH_KMALLOC_MINALIGN);
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max(align, size > 32 ? 64u : 32u);
	if (ctor)
		room = ALIGN(size, sizeof(void *)) + sizeof(void *);
	*cache = (struct kmem_cache){
		.slot = (cache - caches) * PCP_SIZE,
		.size = ALIGN(room, align),
		.object_size = size,
		.align = align,
		.link = ctor ? room - sizeof(void *) : 0,
		.flags = flags,
		.ctor = ctor,
		.name = name,
	};
	spin_lock_init(&cache->lock);
	if (flags & SLAB_DEBUG_FLAGS)
		slab_debug_layout(cache);
	INIT_LIST_HEAD(&cache->partial);
	INIT_LIST_HEAD(&cache->full);
	choose_order(cache);
	set_magazine(cache);
}

void
caches_reset(void)
{
	struct kmem_cache *cache = NULL;
	unsigned long flags;

	while ((cache = cache_next(cache))) {
		flags = local_irq_save();
		magazine_drain(cache);
		set_magazine(cache);
		local_irq_restore(flags);
	}
}

static struct kmem_cache *
find_by_name(const char *name)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)) && strcmp(cache->name, name))
		;
	return cache;
}

static struct kmem_cache *
find_unused(void)
{
	struct kmem_cache *cache;

	for (cache = caches; cache < ARRAY_END(caches); cache++)
		if (!cache->name)
			return cache;
	return NULL;
}

struct kmem_cache *
kmem_cache_create(const char *name, unsigned int size, unsigned int align,
		  slab_flags_t flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = NULL;
	const char *wrong = NULL;
	unsigned long irq;

	if (!name || !size || size > KMALLOC_MAX_CACHE_SIZE ||
	    (align && !is_power_of_2(align)) || align > PAGE_SIZE)
		wrong = "impossible name, size or alignment";
	if (flags & ~SLAB_ALL_FLAGS)
		wrong = "unknown flags";
	spin_lock_irqsave(&table_lock, irq);
	if (!wrong && find_by_name(name))
		wrong = "the name is taken";
	if (!wrong && !(cache = find_unused()))
		wrong = "too many caches";
	if (!wrong)
		cache_init(cache, name, size, align, flags, ctor);
	spin_unlock_irqrestore(&table_lock, irq);
	if (!wrong)
		return cache;
	if (flags & SLAB_PANIC)
		panic("kmem_cache_create(%s): %s", name, wrong);
	pr_err("kmem_cache_create(%s, %u, %u): %s\n", name ? name : "(null)",
	       size, align, wrong);
	return NULL;
}

/* --- Giving back, and ending ------------------------------------------ */

int
kmem_cache_shrink(struct kmem_cache *cache)
{
	struct page *page, *next;
	unsigned long flags;
	int freed = 0;

	flags = local_irq_save();
	magazine_drain(cache);
	spin_lock(&cache->lock);
	list_for_each_entry_safe(page, next, &cache->partial, lru)
	{
		if (slab_inuse(page))
			continue;
		slab_destroy(cache, page);
		cache->nr_empty--;
		freed++;
	}
	spin_unlock(&cache->lock);
	local_irq_restore(flags);
	return freed;
}

void
kmem_cache_destroy(struct kmem_cache *cache)
{
	if (!cache)
		return;
	kmem_cache_shrink(cache);
	if (cache->nr_out) {
		pr_err("kmem_cache_destroy(%s): %lu objects are still in use\n",
		       cache->name, cache->nr_out);
		cache_report_live(cache);
		return;
	}
	cache->name = NULL;
}

/* --- Statistics -------------------------------------------------------- */

unsigned int
kmem_cache_size(const struct kmem_cache *cache)
{
	return cache->object_size;
}

unsigned long
nr_slab_objects(void)
{
	struct kmem_cache *cache = NULL;
	unsigned long n = 0;

	while ((cache = cache_next(cache)))
		n += cache->nr_out - parked(cache);
	return n;
}

/* --- Under pressure --------------------------------------------------- */

/* What empty slabs there are, and the magazines. */
static unsigned long
count_empty(void)
{
	struct kmem_cache *cache = NULL;
	unsigned long n = 0;

	while ((cache = cache_next(cache)))
		n += cache->nr_empty + !!parked(cache);
	return n;
}

static unsigned long
scan_empty(unsigned long nr __maybe_unused, gfp_t gfp __maybe_unused)
{
	struct kmem_cache *cache = NULL;
	unsigned long pages = 0;

	while ((cache = cache_next(cache)))
		pages += kmem_cache_shrink(cache) << cache->order;
	return pages;
}
SHRINKER(slab, count_empty, scan_empty);
