/* mmzone.h - struct page and struct zone: all of RAM, described.
 *
 *   mem_map   [page 0][page 1][page 2] ...            32 bytes a page frame
 *                |
 *   frame 0  +--------------------------------------------------------------+
 *            | ZONE_DMA    | ZONE_NORMAL                    | ZONE_HIGHMEM   |
 *            +--------------------------------------------------------------+
 *            0          16 MiB                          896 MiB        4 GiB
 *
 * A zone hands out frames of its range, by the buddy system (mm/buddy.c).
 * Linux's names.
 */
#ifndef MMZONE_H
#define MMZONE_H

#include "list.h"
#include "page.h"
#include "spinlock.h"
#include "types.h"

#define MAX_ORDER 10 /* the largest block: 2^10 pages, 4 MiB */
#define NR_ORDERS (MAX_ORDER + 1)

enum zone_type {
	ZONE_DMA,
	ZONE_NORMAL,
	ZONE_HIGHMEM,
	MAX_NR_ZONES
};
#define ZONE_DMA_END 0x1000000u /* 16 MiB: what 24 address lines reach */

/* struct page: one frame of RAM.
 * (C) constant after boot (Z) zone lock (O) whoever owns the page */
struct page {
	u32 flags;     /* zone (C), order and state: below */
	s32 _refcount; /* owners; 0: free. One frees, several share (O) */
	union {
		struct list_head lru;       /* in a free list (Z), or (O) */
		struct page *next;          /* in a per-CPU list */
		struct page *compound_head; /* of a tail page */
	};
	void *mapping;       /* whose pages these are, for the page cache (O) */
	unsigned long index; /* which page of it (O) */
	unsigned long private; /* for the owner's use */
	union {
		u32 mapcount;  /* page tables that point here: PG_mapped */
		u32 slab_slot; /* PG_slab: which magazine */
	};
};
static_assert(sizeof(struct page) == 32, "mem_map: 32 bytes a frame");

/* flags:   31 ...... 8 | 5 .. 2 | 1 .. 0
 *          state bits    order    zone
 *
 * A block that nobody treats specially has no state bit: then its flags are
 * also the number of its per-CPU list, and "is this what free_pages expects"
 * is one comparison. */
#define PAGE_ZONE_MASK   3u
#define PAGE_ORDER_SHIFT 2
#define PG_buddy         (1u << 8)  /* head of a free block, in a zone's list */
#define PG_reserved      (1u << 9)  /* not ours to hand out; or not RAM */
#define PG_head          (1u << 10) /* first page of a compound page */
#define PG_tail          (1u << 11) /* another page of one */
#define PG_slab          (1u << 12) /* the heap's */
#define PG_mapped        (1u << 13) /* in some page table: mapcount > 0 */
#define PG_kmalloc       (1u << 14) /* a block that kmalloc handed out */
#define PG_vmalloc       (1u << 15) /* first of an area: private says which */

#define PAGE_FLAGS(zone, order, state) \
	((u32)(zone) | (u32)(order) << PAGE_ORDER_SHIFT | (state))

static inline unsigned int
page_zone_index(const struct page *page)
{
	return page->flags & PAGE_ZONE_MASK;
}

/* page_order: of a free block's head, or as it was allocated. */
static inline unsigned int
page_order(const struct page *page)
{
	return page->flags >> PAGE_ORDER_SHIFT & 0xF;
}

struct free_area {
	struct list_head list; /* heads of free blocks of this order (Z) */
	unsigned long nr_free; /* how many (Z) */
};

enum {
	WMARK_MIN,
	WMARK_LOW,
	WMARK_HIGH,
	NR_WMARK
};

struct zone {
	spinlock_t lock;
	u32 free_orders;          /* bit n set iff area[n] is not empty (Z) */
	unsigned long free_pages; /* pages in the areas (Z) */
	struct free_area area[NR_ORDERS];

	struct page *map;        /* of frame 0, even if that is not ours (C) */
	unsigned long start_pfn; /* the range it spans (C) */
	unsigned long spanned;   /* ... in pages, holes included (C) */
	unsigned long managed;   /* pages it was ever given (Z) */
	unsigned long watermark[NR_WMARK];          /* pages (C) */
	unsigned long lowmem_reserve[MAX_NR_ZONES]; /* kept from requests that
			could live in the zone of that index, in pages (C) */
	unsigned int index;                         /* enum zone_type (C) */
	const char *name;                           /* (C) */
};

extern struct zone zones[MAX_NR_ZONES];
extern struct page *mem_map;  /* of frame 0 */
extern unsigned long max_pfn; /* frames that mem_map describes */

static inline unsigned long
page_to_pfn(const struct page *page)
{
	return page - mem_map;
}

static inline struct page *
pfn_to_page(unsigned long pfn)
{
	return mem_map + pfn;
}

static inline bool
pfn_valid(unsigned long pfn)
{
	return pfn < max_pfn;
}

static inline phys_addr_t
page_to_phys(const struct page *page)
{
	return PFN_PHYS(page_to_pfn(page));
}

static inline struct page *
virt_to_page(const void *va)
{
	return pfn_to_page(PHYS_PFN(__pa(va)));
}

static inline struct zone *
page_zone(const struct page *page)
{
	return &zones[page_zone_index(page)];
}

/* zone_spans_pfn: does the zone reach over this frame? */
static inline bool
zone_spans_pfn(const struct zone *zone, unsigned long pfn)
{
	return pfn - zone->start_pfn < zone->spanned;
}

/* page_address: where the direct map has it; NULL for high memory. */
static inline void *
page_address(const struct page *page)
{
	if (page_zone_index(page) == ZONE_HIGHMEM)
		return NULL;
	return __va(page_to_phys(page));
}

#define virt_to_phys(va) __pa(va)
#define phys_to_virt(pa) __va(pa)

/* Compound pages: 2^order pages that are one. compound_head: of any of them,
 * or the page itself. */
static inline struct page *
compound_head(struct page *page)
{
	return page->flags & PG_tail ? page->compound_head : page;
}

static inline int
page_count(struct page *page)
{
	return compound_head(page)->_refcount;
}

/* get_page: one more owner. put_page: one less; the last one frees it, with
 * the order it was allocated with. => any context; the caller owns one */
void get_page(struct page *page);
void put_page(struct page *page);

/* --- mm/buddy.c: one zone; the caller holds zone->lock ------------------- */

/* zone_init: an empty zone that spans these frames. map describes frame 0. */
void zone_init(struct zone *zone, const char *name, unsigned int index,
	       struct page *map, unsigned long start_pfn,
	       unsigned long spanned);

/* buddy_alloc: a block; split from the smallest that is large enough.
 * => NULL if there is none; its pages have no reference yet */
struct page *buddy_alloc(struct zone *zone, unsigned int order)
	REQUIRES(zone->lock);

/* buddy_free: a block back; merged with its buddy as long as that is free. */
void buddy_free(struct zone *zone, struct page *page, unsigned int order)
	REQUIRES(zone->lock);

/* buddy_free_range: any run of frames back, in the largest blocks that fit. */
void buddy_free_range(struct zone *zone, unsigned long pfn, unsigned long nr)
	REQUIRES(zone->lock);

/* zone_check (debug/zone_check.c): walk everything. => any context, takes the lock; the number of
 * broken invariants (0 is right) */
unsigned int zone_check(struct zone *zone);

/* buddy_head_of (debug/zone_check.c): the head of the free block that holds
 * this frame, or NULL. => lock-free, for reports: bounded by the orders */
struct page *buddy_head_of(struct zone *zone, unsigned long pfn);

/* --- mm/page_init.c ------------------------------------------------------- */

/* pages_init: mem_map, zones, watermarks; memblock's free memory to the
 * zones. => boot, after paging_init: from then on alloc_pages works */
void pages_init(void);

/* free_reserved: RAM that was kept from the zones, to them; of the frames from
 * first to last - 1 those that are reserved. => process context */
void free_reserved(unsigned long first, unsigned long last);

/* free_initmem: the sections that only booting needed, to the zones. => boot,
 * the last thing that kmain does */
void free_initmem(void);

#endif
