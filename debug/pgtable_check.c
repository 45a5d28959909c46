/* pgtable_check.c - see pgtable_check.h.
 *
 *   directory [user ... | 768 kernel ...]  ==  sealed[256], flag for flag
 *                 |             |
 *                 v             v
 *              table: count   table: no user bit, but for the vDSO's page
 *                 |             |
 *                 +-- entry ----+--> page: not free; if it is kernel code or
 *                                    constants, not writable
 *
 * The direct map leads to free pages, as it should. So may the kmap window
 * where a mapping is only kept in case the page comes back.
 */
#include "../mm/internal.h"
#include "page.h"
#include "pgtable_check.h"
#include "sections.h"
#include "string.h"
#include "util.h"

#define SET_BY_CPU (_PAGE_ACCESSED | _PAGE_DIRTY)

static u32 sealed[NR_KERNEL_PDES];

void
pgtable_seal(void)
{
	unsigned int i;

	for (i = 0; i < NR_KERNEL_PDES; i++)
		sealed[i] =
			swapper_pg_dir[FIRST_KERNEL_PDE + i].val & ~SET_BY_CPU;
}

static bool
is_constant(phys_addr_t pa)
{
	return pa >= __pa(_text) && pa < __pa(__end_rodata);
}

static unsigned int
check_entry(uintptr_t va, pte_t pte)
{
	phys_addr_t pa = pte_phys(pte);
	unsigned int bad = 0;

	if (va == VDSO_BASE)
		bad += !(pte.val & _PAGE_USER) || (pte.val & _PAGE_RW);
	else
		bad += va >= PAGE_OFFSET && (pte.val & _PAGE_USER);
	bad += (pte.val & _PAGE_RW) && is_constant(pa);
	if (pfn_valid(PHYS_PFN(pa))) {
		const struct page *page = pfn_to_page(PHYS_PFN(pa));

		bad += page->_refcount <= 0 && !(pte.val & _PAGE_KEPT) &&
		       !virt_is_direct((void *)va) && page_is_free(page);
	}
	return bad;
}

static unsigned int
check_table(uintptr_t va, const pte_t *table)
{
	unsigned int i, used = 0, bad = 0;

	for (i = 0; i < PTRS_PER_TABLE; i++) {
		if (!table[i].val)
			continue;
		used++;
		if (pte_present(table[i]))
			bad += check_entry(va + i * PAGE_SIZE, table[i]);
	}
	if (va < TASK_SIZE)
		bad += virt_to_page(table)->private != used ||
		       page_is_free(virt_to_page(table));
	return bad;
}

unsigned int
pgtable_check(const pde_t *dir)
{
	unsigned int i, bad = 0;

	for (i = 0; i < PTRS_PER_TABLE; i++) {
		uintptr_t va = i * LARGE_PAGE_SIZE;

		if (i >= FIRST_KERNEL_PDE) {
			bad += (dir[i].val & ~SET_BY_CPU) !=
			       sealed[i - FIRST_KERNEL_PDE];
			bad += ((dir[i].val & _PAGE_USER) != 0) !=
			       (i == pde_index(VDSO_BASE));
		}
		if (pde_large(dir[i]))
			bad += is_constant(pde_phys(dir[i])) || va < TASK_SIZE;
		else if (pde_present(dir[i]))
			bad += check_table(va, __va(pde_phys(dir[i])));
	}
	return bad;
}
