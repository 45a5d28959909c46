/* pgtable_range.c - page tables, as somebody wants to read them: in ranges.
 *
 *   entries  [rw][rw][ro][ro][ro][  ][rw]
 *   ranges   |-- 1 -||--- 2 ---|    |-3|      as long as the flags go on
 */
#include "pgtable.h"
#include "util.h"
#include "walk.h"

#define IGNORED (_PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_KEPT)

/* The flags of whatever va is mapped by, 0 if by nothing; and where that page,
 * or the missing table, ends. */
static u32
flags_at(const pde_t *dir, uintptr_t va, uintptr_t *end)
{
	const pte_t *entry = pgtable_lookup(dir, va);
	size_t size = entry ? PAGE_SIZE : LARGE_PAGE_SIZE;
	u32 val = entry ? entry->val : dir[pde_index(va)].val;

	*end = ALIGN_DOWN(va, size) + size;
	return val & _PAGE_PRESENT ? val & _PAGE_FLAGS & ~IGNORED : 0;
}

/* An address of 0 is the end of the address space. */
bool
pgtable_next_range(const pde_t *dir, uintptr_t from,
		   struct pgtable_range *range)
{
	uintptr_t end;
	u32 flags;

	while (!(flags = flags_at(dir, from, &end))) {
		from = end;
		if (!from)
			return false;
	}
	range->start = from;
	range->flags = flags;
	while (end && flags_at(dir, end, &from) == flags)
		end = from;
	range->size = end - range->start;
	return true;
}
