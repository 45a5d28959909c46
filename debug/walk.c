/* walk.c - the walk that the CPU makes for every address it has not cached,
 * made in software, for reports and the monitor.
 *
 *   CR3 --> directory[va >> 22] --> table[va >> 12 & 1023] --> page
 *
 * It must not fault on tables that are broken, so every entry is read by
 * copy_from_kernel_nofault.
 */
#include "page.h"
#include "pgtable.h"
#include "printf.h"
#include "trap.h"
#include "util.h"
#include "walk.h"

/* Until paging_init knows better: what the boot page tables map. */
void *high_memory = __va(BOOT_MAP_SIZE);
uintptr_t vmalloc_start = VMALLOC_END;

static bool
read_entry(phys_addr_t table, unsigned int index, u32 *entry)
{
	if (table >= __pa(high_memory))
		return false;
	return !copy_from_kernel_nofault(entry,
					 (const u32 *)__va(table) + index,
					 sizeof(*entry));
}

bool
pgtable_walk(phys_addr_t dir, uintptr_t va, struct pgtable_walk *walk)
{
	*walk = (struct pgtable_walk){.mapped = false};

	if (!read_entry(dir & PAGE_MASK, pde_index(va), &walk->pde.val) ||
	    !pde_present(walk->pde))
		return false;
	if (pde_large(walk->pde)) {
		walk->mapped = true;
		walk->pa = (pde_phys(walk->pde) & ~(LARGE_PAGE_SIZE - 1)) |
			   (va & (LARGE_PAGE_SIZE - 1));
		return true;
	}

	walk->have_pte =
		read_entry(pde_phys(walk->pde), pte_index(va), &walk->pte.val);
	if (!walk->have_pte || !pte_present(walk->pte))
		return false;
	walk->mapped = true;
	walk->pa = pte_phys(walk->pte) | (va & ~PAGE_MASK);
	return true;
}

char *
pgtable_flags(u32 entry, char *buf, size_t size)
{
	static const struct {
		u32 bit;
		const char *name;
	} flags[] = {
		{_PAGE_USER, " user"},     {_PAGE_PWT, " pwt"},
		{_PAGE_PCD, " uncached"},  {_PAGE_ACCESSED, " accessed"},
		{_PAGE_DIRTY, " dirty"},   {_PAGE_LARGE, " 4MiB"},
		{_PAGE_GLOBAL, " global"},
	};
	size_t n, i;

	if (!(entry & _PAGE_PRESENT)) {
		scnprintf(buf, size, "not present");
		return buf;
	}
	n = scnprintf(buf, size, "present %s",
		      entry & _PAGE_RW ? "rw" : "read-only");
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (entry & flags[i].bit)
			n += scnprintf(buf + n, size - n, "%s", flags[i].name);
	return buf;
}
