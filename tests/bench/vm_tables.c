/* vm_tables.c - what an address for a high page costs, for a moment and for
 * long. Where there is no high memory (`make bench` has none), a low page that
 * says it were high does as well: it is mapped all the same.
 */
#include "gfp.h"
#include "highmem.h"
#include "panic.h"
#include "pgtable.h"
#include "test.h"

static struct page *page;
static u32 flags;

static void
take_high_page(void)
{
	page = alloc_page(GFP_KERNEL);
	assert(page);
	flags = page->flags;
	page->flags = (flags & ~PAGE_ZONE_MASK) | ZONE_HIGHMEM;
}

static void
give_back(void)
{
	page->flags = flags;
	__free_page(page);
}

static void
local_pair(unsigned int times)
{
	while (times--)
		kunmap_local(kmap_local_page(page));
}
BENCH_ROW(kmap_local, 1000, local_pair, take_high_page, give_back);

static void
long_pair(unsigned int times)
{
	while (times--) {
		kmap(page);
		kunmap(page);
	}
}
BENCH_ROW(kmap, 1000, long_pair, take_high_page, give_back);

/* 4 MiB of entries, written and cleared; no TLB flush. */
static struct page **const pages = slots_of(struct page *);

static void
fill_array(void)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		pages[i] = mem_map + i;
}

static void
map_and_unmap(unsigned int times)
{
	const uintptr_t va = VMALLOC_END - LARGE_PAGE_SIZE;

	while (times--) {
		if (pgtable_map_pages(swapper_pg_dir, va, pages, PTRS_PER_TABLE,
				      PAGE_KERNEL))
			return;
		pgtable_unmap(swapper_pg_dir, va, LARGE_PAGE_SIZE);
	}
}
BENCH_ROW(map_unmap_1024, 4, map_and_unmap, fill_array, NULL);
