/* gfp.h - how to allocate pages: the flags, and the functions.
 *
 *   who asks                   flag         what it means here
 *   a process, may wait        GFP_KERNEL   stops at the min watermark; then
 *                                           reclaims, waits, retries
 *   an interrupt, a lock held  GFP_ATOMIC   never sleeps; half of min is its
 *   whoever has a plan B       GFP_NOWAIT   never sleeps, no reserve
 *   an old ISA device          GFP_DMA      below 16 MiB
 *   a user's page              GFP_HIGHUSER high memory first
 *
 * Linux's names, values, semantics and failure modes (gfp.h, page_alloc.c of
 * its documentation). gfp_t is a type of its own for sparse.
 */
#ifndef GFP_H
#define GFP_H

#include "mmzone.h"
#include "page.h"
#include "percpu.h"
#include "table.h"
#include "types.h"
#include "x86.h"

typedef unsigned int __bitwise gfp_t;

#define __GFP_DMA            ((__force gfp_t)0x01u) /* below 16 MiB */
#define __GFP_HIGHMEM        ((__force gfp_t)0x02u) /* no address needed */
#define __GFP_HIGH           ((__force gfp_t)0x20u) /* half of min is mine */
#define __GFP_IO             ((__force gfp_t)0x40u) /* may start disk work */
#define __GFP_FS             ((__force gfp_t)0x80u) /* may call file systems */
#define __GFP_ZERO           ((__force gfp_t)0x100u)
#define __GFP_DIRECT_RECLAIM ((__force gfp_t)0x400u) /* may sleep */
#define __GFP_KSWAPD_RECLAIM ((__force gfp_t)0x800u) /* wake the reclaimer */
#define __GFP_NOWARN         ((__force gfp_t)0x2000u)
#define __GFP_RETRY_MAYFAIL  ((__force gfp_t)0x4000u)  /* try hard, then fail */
#define __GFP_NOFAIL         ((__force gfp_t)0x8000u)  /* try for ever */
#define __GFP_NORETRY        ((__force gfp_t)0x10000u) /* reclaim once */
#define __GFP_MEMALLOC       ((__force gfp_t)0x20000u) /* all of the reserve */
#define __GFP_COMP           ((__force gfp_t)0x40000u) /* a compound page */

#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define GFP_ATOMIC    (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT    (__GFP_KSWAPD_RECLAIM)
#define GFP_NOIO      (__GFP_RECLAIM)
#define GFP_NOFS      (__GFP_RECLAIM | __GFP_IO)
#define GFP_KERNEL    (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_USER      (GFP_KERNEL)
#define GFP_DMA       (__GFP_DMA)
#define GFP_HIGHUSER  (GFP_USER | __GFP_HIGHMEM)

#define GFP_ALL                                                              \
	(GFP_KERNEL | __GFP_DMA | __GFP_HIGHMEM | __GFP_HIGH | __GFP_ZERO |  \
	 __GFP_NOWARN | __GFP_RETRY_MAYFAIL | __GFP_NOFAIL | __GFP_NORETRY | \
	 __GFP_MEMALLOC | __GFP_COMP)

/* What the short path leaves to the long one. */
#define GFP_UNCOMMON                                           \
	(__GFP_DMA | __GFP_HIGHMEM | __GFP_ZERO | __GFP_COMP | \
	 (__force gfp_t) ~(__force unsigned int)GFP_ALL)

/* Above this order nobody waits, who does not insist on it by __GFP_RETRY_MAYFAIL
 * or __GFP_NOFAIL: it would rarely help. */
#define PAGE_ALLOC_COSTLY_ORDER 3

/* gfpflags_allow_blocking: may whoever says this sleep? */
static inline bool
gfpflags_allow_blocking(gfp_t gfp)
{
	return (gfp & __GFP_DIRECT_RECLAIM) != 0;
}

/* The long path: any flags, any order. Use alloc_pages. */
struct page *__alloc_pages(gfp_t gfp, unsigned int order);
unsigned long get_free_pages_any(gfp_t gfp, unsigned int order);

/* The short path: ZONE_NORMAL, no uncommon flags, order at most MAX_ORDER. slot
 * says where its per-CPU list is; flags is the order, where struct page's flags
 * has it. */
#define PCP_SIZE               16 /* bytes of struct pcp */
#define PCP_SLOT(flags)        ((flags)*PCP_SIZE)
#define PCP_SLOT_ORDER(slot)   ((slot) / PCP_SIZE >> PAGE_ORDER_SHIFT)
#define PCP_SLOT_NORMAL(order) PCP_SLOT(PAGE_FLAGS(ZONE_NORMAL, order, 0))
struct page *alloc_pages_fast(u32 gfp, u32 slot);
unsigned long get_free_pages_fast(u32 gfp, u32 slot);
void __free_pages_fast(struct page *page, u32 flags);
void free_pages_fast(unsigned long addr, u32 flags);

/* init_on_alloc=, init_on_free=: all that is handed out, or given back, is
 * cleared. Linux's names. want_init_on_alloc: must this be zero? */
extern bool init_on_alloc, init_on_free;
static inline bool
want_init_on_alloc(gfp_t gfp)
{
	return init_on_alloc || (gfp & __GFP_ZERO);
}

/* gfp_contradicts: it must not fail, and may not wait until it succeeds. */
#define gfp_contradicts(gfp) \
	(((gfp) & (__GFP_NOFAIL | __GFP_DIRECT_RECLAIM)) == __GFP_NOFAIL)

/* Can the compiler choose the short path? */
#define page_order_is_known(order) \
	(__builtin_constant_p(order) && (order) <= MAX_ORDER)
#define page_alloc_is_common(gfp, order)                            \
	(__builtin_constant_p(gfp) && page_order_is_known(order) && \
	 !((gfp)&GFP_UNCOMMON) && !gfp_contradicts(gfp))

/* alloc_pages: 2^order pages, physically contiguous, aligned to their size.
 * => context as the flags say: with __GFP_DIRECT_RECLAIM process only
 * => NULL if there are none, the order is above MAX_ORDER or the flags
 *    contradict each other; unless __GFP_NOWARN, the log says why
 * => the caller holds the one reference; give it back with __free_pages and
 *    the same order */
static __always_inline struct page *
alloc_pages(gfp_t gfp, unsigned int order)
{
	if (page_alloc_is_common(gfp, order))
		return alloc_pages_fast((__force u32)gfp,
					PCP_SLOT_NORMAL(order));
	return __alloc_pages(gfp, order);
}
#define alloc_page(gfp) alloc_pages(gfp, 0)

/* __get_free_pages: the same by address: never high memory.
 * => 0 on failure; give back with free_pages */
static __always_inline unsigned long
__get_free_pages(gfp_t gfp, unsigned int order)
{
	if (page_alloc_is_common(gfp, order))
		return get_free_pages_fast((__force u32)gfp,
					   PCP_SLOT_NORMAL(order));
	return get_free_pages_any(gfp, order);
}
#define __get_free_page(gfp) __get_free_pages(gfp, 0)

/* get_zeroed_page: one page of zeroes. */
static __always_inline unsigned long
get_zeroed_page(gfp_t gfp)
{
	unsigned long addr;

	if (!page_alloc_is_common(gfp, 0))
		return get_free_pages_any(gfp | __GFP_ZERO, 0);
	addr = __get_free_pages(gfp, 0);
	if (addr)
		clear_page((void *)addr);
	return addr;
}

/* __free_pages, free_pages: give back what was allocated with this order.
 * free_pages(0) does nothing.
 * => any context
 * => a mistake (freed before, wrong order, not allocated, an address outside
 *    the direct map) is reported and leaves everything as it was */
void __free_pages_any(struct page *page, unsigned int order);
void free_pages_any(unsigned long addr, unsigned int order);

static __always_inline void
__free_pages(struct page *page, unsigned int order)
{
	if (page_order_is_known(order))
		__free_pages_fast(page, PAGE_FLAGS(0, order, 0));
	else
		__free_pages_any(page, order);
}

static __always_inline void
free_pages(unsigned long addr, unsigned int order)
{
	if (page_order_is_known(order))
		free_pages_fast(addr, PAGE_FLAGS(0, order, 0));
	else
		free_pages_any(addr, order);
}
#define __free_page(page) __free_pages(page, 0)
#define free_page(addr)   free_pages(addr, 0)

/* alloc_pages_bulk_array: nr single pages into array, from its first entry on,
 * in no order. Much cheaper than one by one.
 * => context as the flags say
 * => how many it got, maybe fewer; unless __GFP_NOWARN, the log says why
 * release_pages: one reference less of each; who had the last one frees. */
unsigned long __must_check alloc_pages_bulk_array(gfp_t gfp, unsigned long nr,
						  struct page **array);
void release_pages(struct page **pages, unsigned long nr);

/* split_page: an allocated, not compound block becomes 2^order single pages,
 * each with a reference of its own. => any context */
void split_page(struct page *page, unsigned int order);

/* alloc_pages_exact: size bytes in whole pages, contiguous; the rest of the
 * power of two is given back at once.
 * => as __get_free_pages; size in bytes, NULL if 0 or too big; give back with
 *    free_pages_exact and the same size */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *virt, size_t size);

/* get_order: the least order whose block holds size bytes (size > 0). */
static inline unsigned int
get_order(size_t size)
{
	size = (size - 1) >> PAGE_SHIFT;
	return size ? 32 - __builtin_clz(size) : 0;
}

/* drain_local_pages: this CPU's lists back to the zones. => any context */
void drain_local_pages(void);

/* pcp_pages: how many pages of the zone are in this CPU's lists. */
unsigned long pcp_pages(const struct zone *zone);

/* nr_free_pages: free pages of all zones; per-CPU lists count as free. */
unsigned long nr_free_pages(void);

/* gfp_format: "GFP_KERNEL|__GFP_ZERO" into buf. => buf */
char *gfp_format(gfp_t gfp, char *buf, size_t size);

/* shrink_memory: ask every shrinker. Whoever does so is "reclaiming": what he
 * allocates meanwhile may use the whole reserve, and never reclaims.
 * => process context, no lock held
 * => how many pages came free */
unsigned long shrink_memory(gfp_t gfp);

/* A shrinker gives back memory that somebody only keeps for later. Linux's
 * names: count tells how many objects could go, scan frees up to `nr` and
 * returns how many pages came free. Both must expect to be called by several
 * threads at a time, and not start file system or disk work that gfp forbids.
 * => process context, no locks of the page allocator held; scan may sleep */
struct shrinker {
	unsigned long (*count_objects)(void);
	unsigned long (*scan_objects)(unsigned long nr, gfp_t gfp);
};
extern struct table_range shrinkers;
#define SHRINKER(name, count, scan)                                   \
	static const struct shrinker shrinker_##name = {count, scan}; \
	TABLE_ADD(shrinkers, shrinker_##name)

/* What mm/reclaim.c lends to the page allocator, once there are threads.
 * wake: memory is short for requests served from this zone downwards; any
 * context. wait: sleep until cond(arg) holds, looking whenever pages come free,
 * at most so many ticks; did it? NULL until there are threads. */
struct reclaim_ops {
	void (*wake)(enum zone_type highest);
	bool (*wait)(bool (*cond)(void *arg), void *arg, long ticks);
};
extern const struct reclaim_ops *reclaim_ops;

/* set_out_of_memory: fn is asked when reclaiming and waiting was in vain, by who
 * may sleep: can anything else be done? Then it is tried again. => boot */
void set_out_of_memory(bool (*fn)(void));

/* set_pages_freed: fn is called whenever pages come free, in any context, and
 * the CPUs' lists hold none back; NULL ends it. => any context */
void set_pages_freed(void (*fn)(void));

/* reclaim_init: the reclaimer's thread. => boot, once there are threads */
void reclaim_init(void);

#endif
