/* user_helpers.c - user pages without a user: see user_helpers.h. */
#include "gfp.h"
#include "layout.h"
#include "page.h"
#include "pgtable.h"
#include "user_helpers.h"
#include "x86.h"

static pte_t *
table_of(uintptr_t va)
{
	return __va(pde_phys(swapper_pg_dir[pde_index(va)]));
}

bool
user_map(uintptr_t va, unsigned int nr, bool writable)
{
	pte_t *table = (pte_t *)get_zeroed_page(GFP_KERNEL);
	u32 flags = _PAGE_PRESENT | _PAGE_USER | (writable ? _PAGE_RW : 0);
	unsigned int i;

	if (!table)
		return false;
	swapper_pg_dir[pde_index(va)] =
		make_pde(__pa(table), _PAGE_PRESENT | _PAGE_USER | _PAGE_RW);
	for (i = 0; i < nr; i++) {
		unsigned long page = get_zeroed_page(GFP_KERNEL);

		if (!page) {
			user_unmap(va);
			return false;
		}
		table[pte_index(va) + i] = make_pte(__pa(page), flags);
	}
	return true;
}

void
user_unmap(uintptr_t va)
{
	pte_t *table = table_of(va);
	unsigned int i;

	swapper_pg_dir[pde_index(va)] = make_pde(0, 0);
	write_cr3(read_cr3()); /* user pages are not global */
	for (i = 0; i < PTRS_PER_TABLE; i++)
		if (pte_present(table[i]))
			free_page((unsigned long)__va(pte_phys(table[i])));
	free_page((unsigned long)table);
}

void
user_protect(uintptr_t va, bool writable)
{
	pte_t *pte = &table_of(va)[pte_index(va)];

	*pte = make_pte(pte_phys(*pte),
			_PAGE_PRESENT | _PAGE_USER | (writable ? _PAGE_RW : 0));
	invlpg((void *)va);
}

void
user_set_present(uintptr_t va, bool present)
{
	pte_t *pte = &table_of(va)[pte_index(va)];

	pte->val &= ~_PAGE_PRESENT;
	pte->val |= present ? _PAGE_PRESENT : 0;
	invlpg((void *)va);
}

u8 *
user_view(uintptr_t va)
{
	pte_t pte = table_of(va)[pte_index(va)];

	return (u8 *)__va(pte_phys(pte)) + va % PAGE_SIZE;
}
