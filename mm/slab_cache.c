/* slab_cache.c - the life of a cache: made, shrunk, destroyed.
 *
 *   caches.list --> kmalloc-8 <-> kmalloc-16 <-> ... <-> [inode|magazine|"inode"]
 *                   kmalloc_caches[], magazines[]            |  one kmalloc
 *                                                            |
 *                   order, per_slab: choose_order            +--> its slabs
 *
 * What happens between alloc and free is in slab.c; nothing here is hot.
 *
 * Invariants: see debug/cache_check.c.
 *
 * Locking: the list of caches, names and pins by its lock; a cache's slabs by
 * cache->lock; interrupts off. A destroyed cache that somebody looks at stays
 * in the list, without a name, until he is done.
 * Limits: a cache is found by its name in O(n). A second CPU needs a copy of
 * each magazine at one distance from the first for all of them.
 */
#include "internal.h"
#include "panic.h"
#include "printk.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define MIN_OBJECTS    16 /* a slab should have this many ... */
#define WASTE_FRACTION 16 /* a tail of 1/16 of the slab is good enough */
#define MAGAZINE_BYTES 32768
#define MAGAZINE_MAX   128

static struct {
	spinlock_t lock;
	struct list_head list; /* of struct kmem_cache, oldest first (lock) */
} caches = {.list = LIST_HEAD_INIT(caches.list)};

/* What kmem_cache_create allocates. */
struct made_cache {
	struct kmem_cache cache;
	struct magazine mag;
	char name[];
};

/* --- The table; making a cache ---------------------------------------- */

/* One looks less; the last one lets a destroyed cache go. => caches.lock */
static struct kmem_cache *
unpin(struct kmem_cache *cache)
{
	if (--cache->pins || cache->name)
		return NULL;
	list_del(&cache->all);
	return cache;
}

struct kmem_cache *
cache_next(struct kmem_cache *cache)
{
	struct list_head *link = cache ? &cache->all : &caches.list;
	struct kmem_cache *next, *gone = NULL;
	unsigned long flags;

	spin_lock_irqsave(&caches.lock, flags);
	do {
		link = link->next;
		next = list_entry(link, struct kmem_cache, all);
	} while (link != &caches.list && !next->name);
	if (link == &caches.list)
		next = NULL;
	else
		next->pins++;
	if (cache)
		gone = unpin(cache);
	spin_unlock_irqrestore(&caches.lock, flags);
	kfree(gone);
	return next;
}

void
cache_put(struct kmem_cache *cache)
{
	struct kmem_cache *gone;
	unsigned long flags;

	spin_lock_irqsave(&caches.lock, flags);
	gone = unpin(cache);
	spin_unlock_irqrestore(&caches.lock, flags);
	kfree(gone);
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
	if (cache->link || (cache->flags & SLAB_DEBUG_FLAGS) || fail_alloc_on ||
	    init_on_alloc || init_on_free)
		limit = 0;
	mag->head = CHAIN_END;
	mag->spare = NULL;
	mag->room = mag->limit = limit;
}

void
cache_init(struct kmem_cache *cache, struct magazine *mag, const char *name,
	   unsigned int size, unsigned int align, slab_flags_t flags,
	   void (*ctor)(void *))
{
	unsigned int room = max(size, sizeof(struct free_object));

	flags |= slab_debug_flags(name);
	if (ctor)
		flags &= ~SLAB_POISON; /* its work must survive */
	align = max(align, (unsigned int)ARCH_KMALLOC_MINALIGN);
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max(align, size > 32 ? 64u : 32u);
	if (ctor)
		room = ALIGN(size, sizeof(void *)) + sizeof(struct free_object);
	*cache = (struct kmem_cache){
		.slot = (uintptr_t)mag - (uintptr_t)magazine_at(0),
		.size = ALIGN(room, align),
		.object_size = size,
		.align = align,
		.link = ctor ? room - sizeof(struct free_object) : 0,
		.flags = flags,
		.ctor = ctor,
		.name = name,
	};
	mag->cache = cache;
	spin_lock_init(&cache->lock);
	if (flags & SLAB_DEBUG_FLAGS)
		slab_debug_layout(cache);
	INIT_LIST_HEAD(&cache->partial);
	INIT_LIST_HEAD(&cache->full);
	choose_order(cache);
	cache->outside = SLAB_OUTSIDE(cache->order);
	set_magazine(cache);
	list_add_tail(&cache->all, &caches.list);
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

/* => caches.lock */
static bool
name_is_taken(const char *name)
{
	struct kmem_cache *cache;

	list_for_each_entry(cache, &caches.list,
			    all) if (cache->name &&
				     !strcmp(cache->name, name)) return true;
	return false;
}

/* => why not, or NULL */
static const char *
make_cache(struct made_cache **made, const char *name, unsigned int size,
	   unsigned int align, slab_flags_t flags, void (*ctor)(void *))
{
	const gfp_t gfp = flags & SLAB_PANIC ? __GFP_NOFAIL : (gfp_t)0;
	unsigned long irq;
	bool taken;

	*made = NULL;
	if (!name || !size || size > KMALLOC_MAX_CACHE_SIZE ||
	    (align && !is_power_of_2(align)) || align > PAGE_SIZE)
		return "impossible name, size or alignment";
	if (flags & ~SLAB_ALL_FLAGS)
		return "unknown flags";
	*made = kmalloc(sizeof(**made) + strlen(name) + 1, GFP_KERNEL | gfp);
	if (!*made)
		return "no memory";
	strscpy((*made)->name, name, strlen(name) + 1);
	spin_lock_irqsave(&caches.lock, irq);
	taken = name_is_taken(name);
	if (!taken)
		cache_init(&(*made)->cache, &(*made)->mag, (*made)->name, size,
			   align, flags, ctor);
	spin_unlock_irqrestore(&caches.lock, irq);
	return taken ? "the name is taken" : NULL;
}

struct kmem_cache *
kmem_cache_create(const char *name, unsigned int size, unsigned int align,
		  slab_flags_t flags, void (*ctor)(void *))
{
	struct made_cache *made;
	const char *wrong = make_cache(&made, name, size, align, flags, ctor);

	if (!wrong)
		return &made->cache;
	kfree(made);
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
		freed++;
	}
	spin_unlock(&cache->lock);
	local_irq_restore(flags);
	return freed;
}

void
kmem_cache_destroy(struct kmem_cache *cache)
{
	unsigned long flags;

	if (!cache)
		return;
	kmem_cache_shrink(cache);
	if (cache->nr_out) {
		pr_err("kmem_cache_destroy(%s): %lu objects are still in use\n",
		       cache->name, cache->nr_out);
		cache_report_live(cache);
		return;
	}
	spin_lock_irqsave(&caches.lock, flags);
	cache->pins++;
	cache->name = NULL;
	spin_unlock_irqrestore(&caches.lock, flags);
	cache_put(cache);
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

	while ((cache = cache_next(cache))) {
		pages += cache->nr_pages;
		kmem_cache_shrink(cache);
		pages -= cache->nr_pages;
	}
	return pages;
}
SHRINKER(slab, count_empty, scan_empty);
