/* ioremap.c - a device's memory at an address of the kernel.
 *
 *   physical   ....[ page ][ page ]....      ioremap(pa, size)
 *                     ^pa      ^pa + size
 *   window         [ page ][ page ][guard]
 *                     ^what it returns
 *
 * Guarantees: uncached (PCD and PWT); never RAM, which the CPU knows under
 * another address already, cached: the two would disagree.
 */
#include "io.h"
#include "internal.h"
#include "memblock.h"
#include "printk.h"
#include "vmalloc.h"

static bool
has_ram(phys_addr_t pa, size_t pages)
{
	for (; pages; pages--, pa += PAGE_SIZE)
		if (memblock_is_memory(&memblock, pa))
			return true;
	return false;
}

void __iomem *
ioremap(phys_addr_t pa, size_t size)
{
	size_t offset = pa % PAGE_SIZE;
	unsigned long nr; /* pages */
	struct vmap_area *area;

	if (!might_sleep() || !size || size - 1 > ~pa)
		return NULL;
	nr = PHYS_PFN(pa + size - 1) - PHYS_PFN(pa) + 1;
	pa -= offset;
	if (has_ram(pa, nr)) {
		pr_warn("ioremap: 0x%08x to 0x%08x has RAM in it\n", pa,
			pa + (u32)(nr * PAGE_SIZE - 1));
		return NULL;
	}
	if (nr > PHYS_PFN(VMALLOC_END - VMALLOC_START))
		return NULL;
	area = vmap_area_new(nr * PAGE_SIZE, GFP_KERNEL, VM_IOREMAP,
			     (u32)__builtin_return_address(0));
	if (!area)
		return NULL;
	if (pgtable_map_range(swapper_pg_dir, area->start, pa, area->size,
			      PAGE_KERNEL_NOCACHE)) {
		vmap_area_free((void *)area->start, VM_IOREMAP, 0);
		return NULL;
	}
	return (void __iomem *)(area->start + offset);
}

void
iounmap(const volatile void __iomem *addr)
{
	vmap_area_free((void *)((uintptr_t)addr & PAGE_MASK), VM_IOREMAP,
		       (u32)__builtin_return_address(0));
}
