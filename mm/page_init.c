/* page_init.c - from memblock to zones: mem_map, the zones' borders, their
 * watermarks, and every free frame to the buddy system.
 *
 *   memblock.memory     |=====|   |==========================|
 *   memblock.reserved   |##|            |###|
 *   mem_map             [r r r f f h h f f f f r r r f f f f ...]
 *                        r, h: reserved, hole: PG_reserved, one owner
 *                        f: free, given to its zone in blocks
 *
 * A frame is described by copying the one before it, 8 words; only what is
 * not free is then marked, and free runs go to the zones by the block.
 */
#include "internal.h"
#include "memblock.h"
#include "panic.h"
#include "printk.h"
#include "sections.h"
#include "string.h"
#include "util.h"
#include "x86.h"

/* Linux's limits for min_free_kbytes; and for a high zone's min, in pages. */
#define MIN_FREE_KB_LEAST 128u
#define MIN_FREE_KB_MOST  262144u
#define HIGH_MIN_LEAST    32ul
#define HIGH_MIN_MOST     128ul

/* One page in so many is kept in a zone from requests for a higher one. */
static const unsigned long reserve_ratio[MAX_NR_ZONES] = {256, 32, 1};

/* The zone's frames, all as if free: the first by hand, each other from the
 * one before, in one rep movs that runs into its own output. */
static void __init
init_frames(const struct zone *zone)
{
	struct page *first = mem_map + zone->start_pfn;
	const void *from = first;
	void *to = first + 1;

	if (!zone->spanned)
		return;
	*first = (struct page){.flags = zone->index};
	rep_movsl(&to, &from, (zone->spanned - 1) * sizeof(*first) / 4);
}

static void __init
mark_reserved(unsigned long pfn, unsigned long end)
{
	for (; pfn < end; pfn++) {
		mem_map[pfn].flags |= PG_reserved;
		mem_map[pfn]._refcount = 1;
	}
}

/* A run of free frames to the zones it lies in. */
static void
release(unsigned long start, unsigned long end)
{
	struct zone *zone;
	unsigned long flags;

	for (zone = zones; zone < ARRAY_END(zones); zone++) {
		unsigned long low = max(start, zone->start_pfn);
		unsigned long high = min(end, zone->start_pfn + zone->spanned);

		if (low >= high)
			continue;
		spin_lock_irqsave(&zone->lock, flags);
		zone->managed += high - low;
		buddy_free_range(zone, low, high - low);
		spin_unlock_irqrestore(&zone->lock, flags);
	}
}

static void __init
release_free_memory(void)
{
	phys_addr_t start = 0, end = 0;
	unsigned long pfn = 0;

	while (memblock_next_free(&memblock, &start, &end)) {
		unsigned long first = PHYS_PFN(PAGE_ALIGN(start));
		unsigned long last = PHYS_PFN(end);

		if (first < last) {
			mark_reserved(pfn, first);
			release(first, last);
			pfn = last;
		}
		start = end;
	}
	mark_reserved(pfn, max_pfn);
}

/* The square root, rounded down, bit by bit. */
static u32 __init
int_sqrt(u32 x)
{
	u32 root = 0, bit;

	for (bit = 1u << 15; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	return root;
}

/* min: a zone's share of min_free_kbytes, 4 * sqrt(KiB of low memory); low and
 * high a quarter above it each, or 0.1 % of the zone. As Linux. */
static void __init
set_watermarks(void)
{
	unsigned long low_pages =
		zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed;
	u32 kbytes = int_sqrt(low_pages * (PAGE_SIZE / SZ_1K) * 16);
	unsigned long min_pages, step;
	struct zone *z;

	kbytes = min(max(kbytes, MIN_FREE_KB_LEAST), MIN_FREE_KB_MOST);
	min_pages = kbytes / (PAGE_SIZE / SZ_1K);
	for (z = zones; z < ARRAY_END(zones); z++) {
		unsigned long min = min_pages * z->managed / low_pages;

		if (z->index == ZONE_HIGHMEM)
			min = min(max(z->managed / 1024, HIGH_MIN_LEAST),
				  HIGH_MIN_MOST);
		step = max(min / 4, z->managed / 1000);
		z->watermark[WMARK_MIN] = min;
		z->watermark[WMARK_LOW] = min + step;
		z->watermark[WMARK_HIGH] = min + 2 * step;
	}
}

/* What zone i keeps from requests that zone j could have served. */
static void __init
set_lowmem_reserve(void)
{
	unsigned int i, j;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		unsigned long above = 0;

		for (j = i + 1; j < MAX_NR_ZONES; j++) {
			above += zones[j].managed;
			zones[i].lowmem_reserve[j] = above / reserve_ratio[i];
		}
	}
}

static void __init
init_zones(void)
{
	static const char *const names[] = {"DMA", "Normal", "HighMem"};
	const unsigned long borders[] = {0, PHYS_PFN(ZONE_DMA_END),
					 PHYS_PFN(lowmem_limit), max_pfn};
	unsigned int i;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		unsigned long start = min(borders[i], max_pfn);
		unsigned long end = min(borders[i + 1], max_pfn);

		end = max(start, end);
		zone_init(&zones[i], names[i], i, mem_map, start, end - start);
		init_frames(&zones[i]);
	}
}

/* A table as long as RAM: above ZONE_DMA if there is room, since that zone is
 * scarce. */
void *__init
boot_table(size_t size, const char *owner)
{
	phys_addr_t limit = __pa(high_memory);
	phys_addr_t pa;

	size = PAGE_ALIGN(size);
	pa = memblock_alloc(&memblock, size, PAGE_SIZE, ZONE_DMA_END, limit,
			    owner);
	if (!pa)
		pa = memblock_alloc(&memblock, size, PAGE_SIZE, 0, limit,
				    owner);
	return pa ? __va(pa) : NULL;
}

void __init
pages_init(void)
{
	struct zone *z;

	max_pfn = PHYS_PFN(memblock_end(&memblock));
	mem_map = boot_table(max_pfn * sizeof(struct page), "mem_map");
	if (!mem_map)
		panic("no room for mem_map: %lu pages to describe", max_pfn);
	init_zones();
	page_debug_init();
	release_free_memory();
	set_watermarks();
	set_lowmem_reserve();
	for (z = zones; z < ARRAY_END(zones); z++)
		pcp_init(z);
	page_alloc_init(PHYS_PFN(__pa(high_memory)));
	page_debug_start();
	pr_info("pages: DMA %lu, Normal %lu, HighMem %lu KiB free\n",
		zones[0].managed * 4, zones[1].managed * 4,
		zones[2].managed * 4);
}

void
free_reserved(unsigned long first, unsigned long last)
{
	for (unsigned long pfn = first; pfn < last; pfn++) {
		if (!(mem_map[pfn].flags & PG_reserved))
			continue;
		mem_map[pfn].flags &= ~PG_reserved;
		mem_map[pfn]._refcount = 0;
		release(pfn, pfn + 1);
	}
}

void
free_initmem(void)
{
	unsigned long first = PHYS_PFN(KERNEL_PHYS);
	unsigned long last = PHYS_PFN(__pa(__init_end));

	memset(__va(KERNEL_PHYS), POISON_INIT, PFN_PHYS(last - first));
	free_reserved(first, last);
	initmem_freed = true;
	pr_info("freed %lu KiB of boot-only code and data\n",
		(last - first) * (PAGE_SIZE / SZ_1K));
}
