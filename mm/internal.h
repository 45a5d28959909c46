/* internal.h - what the files of mm/ share among themselves.
 *
 *   page_alloc.c    the paths, short and long
 *      |  \-------> pcp.c        this CPU's lists
 *      |                \------> buddy.c    the zones
 *      +----------> debug/page_debug.c  hooks: owner, poison, failure injection
 *      +----------> debug/page_report.c what to say when it goes wrong
 */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include "gfp.h"
#include "mmzone.h"
#include "page_debug.h"
#include "percpu.h"
#include "rbtree.h"
#include "slab.h"
#include "slab_debug.h"

/* A per-CPU list of free blocks of one zone and order, in two magazines:
 *
 *   head  -> [ ][ ][ ]            the one in use, with room for more
 *   spare -> [ ][ ][ ][ ]         full (limit of them), or NULL
 *
 * Empty: swap in the spare, else refill from the zone. Full: the spare's place
 * if it is free, else the spare goes back to the zone. So the zone is touched
 * once in `limit` operations, whatever the pattern. (Bonwick and Adams,
 * "Magazines and Vmem", 2001.) */
struct pcp {
	struct page *head;
	s32 room; /* blocks that still fit: limit less those in it */
	struct page *spare;
	s32 limit; /* 0: no list for this order */
};

/* Lists are found by a block's flags: PAGE_FLAGS(zone, order, 0). */
#define NR_PCP PAGE_FLAGS(0, NR_ORDERS, 0)
static_assert(sizeof(struct pcp) == PCP_SIZE, "gfp.h: PCP_SLOT");
DECLARE_PER_CPU(struct pcp, pcps[NR_PCP]);

/* This CPU's list. */
static inline struct pcp *
pcp_of(const struct zone *zone, unsigned int order)
{
	return this_cpu_ptr(pcps[PAGE_FLAGS(zone->index, order, 0)]);
}

/* pcp_init: sizes for a zone, from what it manages; 0 while somebody waits for
 * pages. => boot; or interrupts off, the lists empty */
void pcp_init(struct zone *zone);

/* pcp_alloc: from the list; an empty one is refilled, with a whole magazine if
 * `batch`, else with the one block. pcp_free: into the list, whose overflow goes to the zone.
 * => interrupts off */
struct page *pcp_alloc(struct zone *zone, unsigned int order, bool batch);
void pcp_free(struct zone *zone, struct page *page, unsigned int order);

/* pcp_drain: all of a zone's lists back to it. => interrupts off */
void pcp_drain(struct zone *zone);

/* page_alloc_init: from now on free_pages believes the addresses of the
 * direct map's nr_pages pages. => boot */
void page_alloc_init(unsigned long nr_pages);
extern unsigned long direct_map_pages, direct_map_size;

/* call_pages_freed: pages are in a zone again: tell who waits for them. */
extern void (*pages_freed)(void);
static inline void
call_pages_freed(void)
{
	void (*fn)(void) = READ_ONCE(pages_freed);

	if (unlikely(fn))
		fn();
}

/* pages_to_leave: how many pages a request must leave in a zone: the mark, and
 * what the zone keeps from requests that a higher one could serve. */
unsigned long pages_to_leave(const struct zone *zone, gfp_t gfp, bool low);

/* boot_table: memory for a table with an entry for each frame; not cleared.
 * => boot, until memblock's rest is given away; NULL if there is no room */
void *boot_table(size_t size, const char *owner);

/* --- slab.c, slab_alloc.c, slab_cache.c, kmalloc.c: the inside of a cache --- */

/* What a free object is used for. Only a marked object is handed out, and then
 * it is not marked any more; only one without a mark is taken back.
 *
 *   [mark|link| ......... ]   its first two words; in caches with a constructor
 *         |                   or with debugging, two words behind the object
 *         v next free one, at last CHAIN_END
 *
 * So a write of four bytes past the object before, the likeliest mistake, hits
 * the mark, which the next owner's allocation notices, not the link. */
struct free_object {
	u32 mark;
	void *link;
};
static_assert(sizeof(struct free_object) == ARCH_KMALLOC_MINALIGN,
	      "in the smallest object");

/* Behind the last object of a list: it looks like one without a mark. */
extern const struct free_object chain_end;
#define CHAIN_END ((void *)&chain_end)

/* The same two magazines as struct pcp has, of objects. */
struct magazine {
	void *head;
	s32 room;
	void *spare; /* `limit` objects, or NULL */
	s32 limit;   /* 0: every call goes to the slabs */
	struct kmem_cache *cache;
	u32 unused[3]; /* a power of two, to be found by its number */
};
static_assert(sizeof(struct magazine) == MAGAZINE_SIZE, "KMALLOC_SLOT");

/* Those of kmalloc's caches. Each other cache's lies beside it; a slot is the
 * distance of a magazine from the first of these. */
#define KMALLOC_CACHES (2 * KMALLOC_CLASSES)
DECLARE_PER_CPU(struct magazine, magazines[KMALLOC_CACHES]);

/* (C) constant (L) cache->lock (T) the lock of the list of caches */
struct kmem_cache {
	u32 slot;                 /* of its magazine (C) */
	unsigned int size;        /* from one object to the next (C) */
	unsigned int object_size; /* as asked for (C) */
	unsigned int align;       /* (C) */
	unsigned int link;        /* offset of struct free_object (C) */
	unsigned int left;        /* bytes of a slab before the first (C) */
	unsigned int order;       /* of a slab, if memory allows (C) */
	unsigned int per_slab;    /* objects in one of that order (C) */
	slab_flags_t flags;       /* (C) */
	void (*ctor)(void *);     /* (C) */
	uintptr_t outside; /* bits in which two objects of a slab cannot differ:
			    * its size, of the smallest that was made (L) */
	const char *name;  /* NULL: destroyed (T) */
	struct list_head all; /* in the list of caches (T) */
	unsigned int pins;    /* who looks at it: cache_next (T) */

	spinlock_t lock;
	struct list_head partial; /* slabs with a free object (L) */
	struct list_head full;    /* slabs without (L) */
	unsigned int nr_empty; /* of the partial ones: without a live one (L) */
	unsigned int nr_slabs; /* (L) */
	unsigned long nr_pages;   /* in them (L) */
	unsigned long nr_objects; /* in them, free or not (L) */
	unsigned long nr_out;     /* objects not in a slab's free list (L) */
};

extern struct kmem_cache kmalloc_caches[KMALLOC_CACHES];

static inline struct magazine *
magazine_at(u32 slot)
{
	return (struct magazine *)((uintptr_t)this_cpu_ptr(magazines) + slot);
}

/* This CPU's magazine; objects in it, which nobody owns. */
static inline struct magazine *
magazine_of(const struct kmem_cache *cache)
{
	return magazine_at(cache->slot);
}

static inline unsigned long
parked(const struct kmem_cache *cache)
{
	const struct magazine *mag = magazine_of(cache);

	return mag->limit - mag->room + (mag->spare ? mag->limit : 0);
}

static inline struct free_object *
free_part(const struct kmem_cache *cache, void *object)
{
	return (struct free_object *)((char *)object + cache->link);
}

static inline bool
is_marked(const struct kmem_cache *cache, void *object)
{
	return free_part(cache, object)->mark == FREE_MARK;
}

static inline void *
get_link(const struct kmem_cache *cache, void *object)
{
	return free_part(cache, object)->link;
}

#define MAX_SLAB_ORDER 3 /* what a cache should want */

/* Those bits, for a slab of an order. */
#define SLAB_OUTSIDE(order) \
	(~(((uintptr_t)PAGE_SIZE << (order)) - ARCH_KMALLOC_MINALIGN))

/* A slab's struct page: the head has the list, the count, the free objects;
 * every page of it knows the cache. */
#define slab_cache(page)    ((struct kmem_cache *)(page)->mapping)
#define slab_freelist(page) (*(void **)&(page)->index)
#define slab_inuse(page)    ((page)->private)

/* slab_objects: so many has this slab: of the cache's order, or, made when
 * memory was in pieces, of a smaller one. */
static inline unsigned int
slab_objects(const struct page *page)
{
	const struct kmem_cache *cache = slab_cache(page);

	if (likely(page_order(page) == cache->order))
		return cache->per_slab;
	return (PAGE_SIZE << page_order(page)) / cache->size;
}

/* object_take: an object of the magazine, the spare one, or the slabs; NULL if
 * they are all used up. object_give: into the magazine, whose overflow goes to
 * the slabs. => interrupts off
 * slab_grow: a slab more. => no lock, may sleep if the flags say so; false
 * without memory */
void *object_take(struct kmem_cache *cache);
void object_give(struct kmem_cache *cache, void *object);
bool __must_check slab_grow(struct kmem_cache *cache, gfp_t gfp);

/* slab_destroy: a slab without live objects, out of its list, to the pages.
 * => cache->lock
 * magazine_drain: this CPU's objects back to their slabs. => interrupts off */
void slab_destroy(struct kmem_cache *cache, struct page *page);
void magazine_drain(struct kmem_cache *cache);

/* cache_init: memory becomes a cache with this magazine, in the list of caches.
 * The name stays. => the list's lock, or boot */
void cache_init(struct kmem_cache *cache, struct magazine *mag,
		const char *name, unsigned int size, unsigned int align,
		slab_flags_t flags, void (*ctor)(void *));

/* The long paths; size: of these bytes, the rest is guarded where that is
 * asked for. => context as the flags say; any */
void *cache_alloc_long(struct kmem_cache *cache, gfp_t gfp, unsigned int size);
void cache_free_long(struct page *slab, void *object);
void kfree_long(const void *p);

/* caches_reset: every magazine emptied and made new. => process context */
void caches_reset(void);

/* slab_object: where object number i of a slab is. */
static inline void *
slab_object(const struct page *page, unsigned int i)
{
	const struct kmem_cache *cache = slab_cache(page);

	return (char *)__va(page_to_phys(page)) + cache->left + i * cache->size;
}

/* slab_has: is this the address of one of its objects? */
static inline bool
slab_has(const struct page *page, const void *p)
{
	const struct kmem_cache *cache = slab_cache(page);
	size_t offset = (uintptr_t)p - (uintptr_t)slab_object(page, 0);

	return offset < slab_objects(page) * cache->size &&
	       offset % cache->size == 0;
}

/* slab_of: the head page of the slab that an address lies in, or NULL if it
 * lies in none. => any context; any address */
struct page *slab_of(const void *p);

/* kmalloc_block: the head of the whole pages, handed out by kmalloc, that an
 * address lies in, or NULL. => any context; any address; leak.c */
struct page *kmalloc_block(const void *p);

/* --- vmap_area.c: a window of addresses ---------------------------------------- */

#define VMAP_GUARD PAGE_SIZE /* behind each area, never mapped */
#define VM_FREED   0x100u    /* vfree was here; the flush is still to come */
#define VM_IDLE    0x200u /* ... or has come; kept for the next of this size */

/* (S) space->lock (C) constant while it is taken (O) its owner, or who freed it */
struct vmap_area {
	struct rb_node node; /* by address (S) */
	uintptr_t start;     /* (C) */
	size_t size;         /* bytes, without the guard page (C) */
	size_t gap;          /* free bytes below it (S) */
	size_t largest;      /* gap in the subtree (S) */
	u32 flags;           /* VM_* of vmalloc.h; VM_FREED (S) */
	u32 caller;          /* who has it (C) */
	u32 freed_by;        /* who had it: VM_FREED (S) */
	struct page **pages; /* what lies in it and is its own, or NULL (O) */
	unsigned long nr_pages;      /* how many (O) */
	struct vmap_area *next_free; /* VM_FREED: the next in the list (S) */
};

struct vmap_space {
	spinlock_t lock;        /* interrupts off: vfree may come from one */
	struct rb_root areas;   /* (S) */
	struct vmap_area *last; /* the highest, or NULL (S) */
	uintptr_t start, end;   /* what can be taken (C) */
	unsigned long nr_areas; /* (S) */

	/* Freed, and neither flushed nor given back (S) */
	struct vmap_area *lazy;
	unsigned long lazy_pages;
};

/* Where the guard page behind it ends. */
static inline uintptr_t
vmap_area_end(const struct vmap_area *area)
{
	return area->start + area->size + VMAP_GUARD;
}

/* vmap_space_init: an empty space of whole pages, start to end. */
void vmap_space_init(struct vmap_space *space, uintptr_t start, uintptr_t end);

/* vmap_area_take: the lowest place for size bytes and a guard page, aligned;
 * sets start, size and gap. => space->lock; size of whole pages, align a power
 * of two, a page at least; false if there is none
 * vmap_area_give: and back. => space->lock */
bool __must_check vmap_area_take(struct vmap_space *space,
				 struct vmap_area *area, size_t size,
				 size_t align);
void vmap_area_give(struct vmap_space *space, struct vmap_area *area);

/* vmap_area_find: the area that holds va, its guard page included, or NULL.
 * => space->lock */
struct vmap_area *vmap_area_find(const struct vmap_space *space, uintptr_t va);

/* --- vmalloc.c: the kernel's window --------------------------------------------- */

extern struct vmap_space vmalloc_space;

/* vmap_area_new: an area of size bytes with nothing in it yet. => process
 * context; NULL if 0, too large or out of memory. vmap_area_free: the area of
 * that kind that begins at p goes at once, with the pages that are its own;
 * reported if there is none. NULL does nothing. => process context */
struct vmap_area *vmap_area_new(size_t size, gfp_t gfp, u32 flags, u32 caller);
void vmap_area_free(const void *p, u32 kind, u32 caller);

/* vmap_free_mistake: why p, found in this area or none, is not the start of one
 * of that kind; NULL if it is. => space->lock; debug/vmap_debug.c */
const char *vmap_free_mistake(const struct vmap_area *area, const void *p,
			      u32 kind);

#endif
