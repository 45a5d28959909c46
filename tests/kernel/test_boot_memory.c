/* test_boot_memory.c - what boot has taken of RAM: each byte has an owner, and
 * nobody has more than he needs.
 *
 *   memblock.memory    |=====|   |==========================|
 *   memblock.reserved  |##|            |###|  |mmm|
 *                                         freed since: init, archives
 *   mem_map            [r r r f f r r r f f r r f f f f f f f]
 */
#include "../../linux/fs.h"
#include "../../mm/internal.h"
#include "boot.h"
#include "memblock.h"
#include "page_helpers.h"
#include "pgtable.h"
#include "sections.h"
#include "string.h"
#include "test.h"
#include "util.h"
#include "vmap_debug.h"

/* Pages without a mark: the zero page, a page of the log, and the like. */
#define FEW 16

static phys_addr_t
owned_by(const char *owner)
{
	phys_addr_t sum = 0;

	for (unsigned int i = 0; i < memblock.reserved.cnt; i++)
		if (strcmp(memblock.reserved.regions[i].owner, owner) == 0)
			sum += memblock.reserved.regions[i].size;
	return sum;
}

TEST(boot, each_table_is_taken_once_and_as_large_as_it_must_be)
{
	phys_addr_t tables = 0;

	for (unsigned int i = FIRST_KERNEL_PDE; i < PTRS_PER_TABLE; i++) {
		const char *owner = NULL;

		if (pde_present(swapper_pg_dir[i]) &&
		    !pde_large(swapper_pg_dir[i]))
			owner = memblock_owner(&memblock,
					       pde_phys(swapper_pg_dir[i]));
		if (owner && strcmp(owner, "page tables") == 0)
			tables += PAGE_SIZE;
	}
	EXPECT_EQ(owned_by("page tables"), tables);
	EXPECT_EQ(owned_by("mem_map"),
		  PAGE_ALIGN(max_pfn * sizeof(struct page)));
	EXPECT_OP(owned_by("kernel image"), >=,
		  __pa(_end) - __pa(image_sections[0].start));
	EXPECT_OP(owned_by("first 64 KiB (BIOS)"), <=, 0x10000u);
}

/* Given back since: boot-only code and data, archives. */
static bool
is_given_back(phys_addr_t pa)
{
	if (pa >= KERNEL_PHYS && pa < __pa(__init_end))
		return true;
	for (unsigned int i = 0; i < bootinfo.nr_modules; i++) {
		const struct boot_module *m = &bootinfo.modules[i];

		if (pa >= PAGE_ALIGN(m->start) &&
		    pa + PAGE_SIZE <= m->start + m->size)
			return true;
	}
	return false;
}

static bool
is_reserved(phys_addr_t pa)
{
	const struct memblock_type *type = &memblock.reserved;

	for (unsigned int i = 0; i < type->cnt; i++)
		if (region_end(&type->regions[i]) > pa &&
		    type->regions[i].base < pa + PAGE_SIZE)
			return !is_given_back(pa);
	return pa == 0;
}

TEST(boot, a_frame_is_reserved_if_it_is_not_ram_or_has_an_owner)
{
	unsigned long ours = 0, bad = 0;

	for (unsigned long pfn = 0; pfn < max_pfn; pfn++) {
		phys_addr_t pa = PFN_PHYS(pfn);
		bool expected =
			!memblock_is_memory(&memblock, pa) || is_reserved(pa);

		bad += !!(pfn_to_page(pfn)->flags & PG_reserved) != expected;
		ours += !expected;
	}
	EXPECT_EQ(bad, 0ul);
	EXPECT_EQ(zones[0].managed + zones[1].managed + zones[2].managed, ours);
}

/* Pages that are neither free nor anybody's that we know. */
TEST(boot, every_page_in_use_has_a_known_user)
{
	unsigned long used = 0, known = nr_cached_pages();
	struct kmem_cache *cache = NULL;
	struct vmap_info area;
	uintptr_t at = 0;

	pgtable_drain();
	while (vmap_next(&at, &area))
		known += area.nr_pages;
	for (unsigned long pfn = 0; pfn < max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);

		if (page->flags & PG_kmalloc)
			known += 1ul << page_order(page);
	}
	while ((cache = cache_next(cache)))
		known += (unsigned long)cache->nr_slabs << cache->order;
	used = zones[0].managed + zones[1].managed + zones[2].managed -
	       nr_free_pages();
	EXPECT_OP(used, >=, known);
	EXPECT_OP(used, <=, known + FEW);
}
