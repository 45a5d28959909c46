/* pgtable.c - see pgtable.h: page tables as data.
 *
 *   dir [ ][T][ ]   ...   [ ][T][T][T]        a range is done table by table:
 *           |                 |  |
 *           v                 v  v            va            va + size
 *        user tables      kernel tables        |               |
 *        come and go      final since boot   ..[====][========][===]....
 *
 * A table of the user half is a page whose page->private counts its entries
 * that are not zero. It is made when the first one is needed and freed when
 * the last one is cleared. Tables of the kernel half are not counted. A table
 * that is freed is all zeroes, so a few are kept for whoever needs one next,
 * who then has nothing to clear; pgtable_drain gives them back.
 *
 * Invariant: a user directory entry is 0 or points to a table. (One with no
 * entry in use may be left by pgtable_alloc, until the next unmap of it.)
 *
 * Locking: the caller's; preemption off for the tables that are kept. Kernel ranges are independent of one another; a
 * user range shares its tables with its neighbours.
 */
#include "errno.h"
#include "gfp.h"
#include "mmzone.h"
#include "panic.h"
#include "pgtable.h"
#include "string.h"
#include "tlb.h"
#include "util.h"
#include "x86.h"

/* Tables kept on each CPU: what two small programs have; 32 KiB. */
#define TABLES_KEPT 8

struct tables {
	unsigned int nr;
	struct page *page[TABLES_KEPT];
};
static DEFINE_PER_CPU(struct tables, kept);

#define USER_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)

static bool
range_is_valid(uintptr_t va, size_t size)
{
	uintptr_t end = va < TASK_SIZE ? TASK_SIZE : FIXADDR_END;

	return size && !(va % PAGE_SIZE) && !(size % PAGE_SIZE) && va < end &&
	       size <= end - va;
}

/* How much of the range lies in the same table as its beginning. */
static size_t
in_table(uintptr_t va, size_t size)
{
	return min_t(size_t, size, LARGE_PAGE_SIZE - va % LARGE_PAGE_SIZE);
}

static unsigned int
count_used(const pte_t *entry, unsigned long nr)
{
	const pte_t *end = entry + nr;
	unsigned int used = 0;

	for (; entry < end; entry++)
		used += entry->val != 0;
	return used;
}

/* => NULL: none is kept */
static struct page *
take_kept(void)
{
	struct page *page = NULL;

	preempt_disable();
	if (this_cpu(kept).nr)
		page = this_cpu(kept).page[--this_cpu(kept).nr];
	preempt_enable();
	return page;
}

unsigned int
pgtable_drain(void)
{
	unsigned int nr = 0;
	struct page *page;

	for (; (page = take_kept()); nr++)
		__free_page(page);
	return nr;
}

/* => it has no entry in use */
static void
free_table(struct page *page)
{
	bool keep;

	assert_debug(!count_used(page_address(page), PTRS_PER_TABLE));
	preempt_disable();
	keep = this_cpu(kept).nr < TABLES_KEPT;
	if (keep)
		this_cpu(kept).page[this_cpu(kept).nr++] = page;
	preempt_enable();
	if (!keep)
		__free_page(page);
}

static int
need_table(pde_t *pde, uintptr_t va)
{
	struct page *page;

	if (pde_present(*pde))
		return pde_large(*pde) ? -EINVAL : 0;
	if (va >= TASK_SIZE)
		return -EINVAL;
	page = take_kept();
	if (!page)
		page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	page->private = 0;
	*pde = make_pde(page_to_phys(page), USER_TABLE);
	return 0;
}

/* The user tables of a range that nothing uses. The CPU may remember the
 * directory's entry: an invlpg of any page makes it forget, before the page is
 * another's. => how many */
static unsigned int
free_empty_tables(pde_t *dir, uintptr_t va, size_t size)
{
	unsigned int freed = 0;
	size_t step;

	for (; size && va < TASK_SIZE; va += step, size -= step) {
		pde_t *pde = &dir[pde_index(va)];
		pte_t *table = pde_table(*pde);

		step = in_table(va, size);
		if (!table || virt_to_page(table)->private)
			continue;
		*pde = (pde_t){0};
		tlb_flush_page(va);
		free_table(virt_to_page(table));
		freed++;
	}
	return freed;
}

/* Everything that can fail: there are tables, and all entries are free. */
static int
prepare(pde_t *dir, uintptr_t start, size_t size, u32 flags)
{
	uintptr_t va = start;
	size_t left = size, step;
	int err;

	if (!range_is_valid(va, size) || !(flags & _PAGE_PRESENT) ||
	    (flags & (_PAGE_LARGE | ~_PAGE_FLAGS)))
		return -EINVAL;
	for (; left; va += step, left -= step) {
		pde_t *pde = &dir[pde_index(va)];

		step = in_table(va, left);
		err = need_table(pde, va);
		if (!err && count_used(pde_table(*pde) + pte_index(va),
				       step / PAGE_SIZE))
			err = -EEXIST;
		if (err)
			break;
	}
	if (!left)
		return 0;
	free_empty_tables(dir, start, size);
	return err;
}

/* The entries for a part of a range, in one table: so many are now in use. */
static pte_t *
take_entries(pde_t *dir, uintptr_t va, unsigned long nr)
{
	pte_t *table = pde_table(dir[pde_index(va)]);

	if (va < TASK_SIZE)
		virt_to_page(table)->private += nr;
	return table + pte_index(va);
}

int
pgtable_map_pages(pde_t *dir, uintptr_t va, struct page *const *pages,
		  unsigned long nr, u32 flags)
{
	struct page *const *end;
	size_t left = nr * PAGE_SIZE, step;
	pte_t *entry;
	int err;

	if (nr > ~0u / PAGE_SIZE)
		return -EINVAL;
	err = prepare(dir, va, left, flags);
	if (err)
		return err;
	for (; left; va += step, left -= step) {
		step = in_table(va, left);
		entry = take_entries(dir, va, step / PAGE_SIZE);
		for (end = pages + step / PAGE_SIZE; pages < end; pages++)
			*entry++ = make_pte(page_to_phys(*pages), flags);
	}
	return 0;
}

int
pgtable_map_range(pde_t *dir, uintptr_t va, phys_addr_t pa, size_t size,
		  u32 flags)
{
	size_t step;
	pte_t *entry, *end;
	int err;

	if (pa % PAGE_SIZE || size - 1 > ~pa)
		return -EINVAL;
	err = prepare(dir, va, size, flags);
	if (err)
		return err;
	for (; size; va += step, size -= step) {
		step = in_table(va, size);
		entry = take_entries(dir, va, step / PAGE_SIZE);
		for (end = entry + step / PAGE_SIZE; entry < end; entry++) {
			*entry = make_pte(pa, flags);
			pa += PAGE_SIZE;
		}
	}
	return 0;
}

/* Entries of one user table: fewer are in use. */
static __noinline unsigned int
unmap_user(pde_t *dir, uintptr_t va, size_t size)
{
	pte_t *entry = pgtable_lookup(dir, va), *end = entry + size / PAGE_SIZE;
	unsigned int used = 0;

	for (; entry < end; entry++) {
		used += entry->val != 0;
		entry->val = 0;
	}
	virt_to_page(end - 1)->private -= used;
	return free_empty_tables(dir, va, size);
}

unsigned int
pgtable_unmap(pde_t *dir, uintptr_t va, size_t size)
{
	unsigned int freed = 0;
	size_t step;

	assert_debug(range_is_valid(va, size));
	for (; size; va += step, size -= step) {
		pde_t pde = dir[pde_index(va)];
		void *entry;

		step = in_table(va, size);
		if (!pde_present(pde))
			continue;
		assert(!pde_large(pde));
		entry = pde_table(pde) + pte_index(va);
		if (va < TASK_SIZE)
			freed += unmap_user(dir, va, step);
		else
			rep_stosl(&entry, 0, step / PAGE_SIZE);
	}
	return freed;
}

/* Is there a large page in the range? */
static bool
has_large(const pde_t *dir, uintptr_t va, size_t size)
{
	unsigned int i;

	for (i = pde_index(va); i <= pde_index(va + size - 1); i++)
		if (pde_large(dir[i]))
			return true;
	return false;
}

int
pgtable_protect(pde_t *dir, uintptr_t va, size_t size, u32 set, u32 clear)
{
	const u32 fixed = _PAGE_PRESENT | _PAGE_LARGE | ~_PAGE_FLAGS;
	size_t step;

	if (!range_is_valid(va, size) || ((set | clear) & fixed) ||
	    has_large(dir, va, size))
		return -EINVAL;
	for (; size; va += step, size -= step) {
		pte_t *entry = pgtable_lookup(dir, va), *end;

		step = in_table(va, size);
		if (!entry)
			continue;
		for (end = entry + step / PAGE_SIZE; entry < end; entry++)
			if (pte_present(*entry))
				entry->val = (entry->val & ~clear) | set;
	}
	return 0;
}

pte_t *
pgtable_alloc(pde_t *dir, uintptr_t va)
{
	if (need_table(&dir[pde_index(va)], va))
		return NULL;
	return pgtable_lookup(dir, va);
}

void
pgtable_took(pte_t *entry, unsigned int nr)
{
	virt_to_page(entry)->private += nr;
}

static int
set_memory(uintptr_t va, unsigned long nr_pages, u32 set, u32 clear)
{
	unsigned long i;
	int err;

	if (va < vmalloc_start || va >= VMALLOC_END ||
	    nr_pages > (VMALLOC_END - va) / PAGE_SIZE)
		return -EINVAL;
	for (i = 0; i < nr_pages; i++)
		if (!pte_present(*pgtable_lookup(swapper_pg_dir,
						 va + i * PAGE_SIZE)))
			return -EINVAL;
	err = pgtable_protect(swapper_pg_dir, va, nr_pages * PAGE_SIZE, set,
			      clear);
	if (!err)
		tlb_flush_range(va, nr_pages * PAGE_SIZE);
	return err;
}

int
set_memory_ro(uintptr_t va, unsigned long nr_pages)
{
	return set_memory(va, nr_pages, 0, _PAGE_RW);
}

int
set_memory_rw(uintptr_t va, unsigned long nr_pages)
{
	return set_memory(va, nr_pages, _PAGE_RW, 0);
}

pde_t *
pgtable_dir_alloc(void)
{
	pde_t *dir = (pde_t *)get_zeroed_page(GFP_KERNEL);

	if (dir)
		memcpy(dir + FIRST_KERNEL_PDE,
		       swapper_pg_dir + FIRST_KERNEL_PDE,
		       NR_KERNEL_PDES * sizeof(*dir));
	return dir;
}

void
pgtable_dir_free(pde_t *dir)
{
	unsigned int i;

	for (i = 0; i < FIRST_KERNEL_PDE; i++)
		if (dir[i].val)
			pgtable_unmap(dir, i * LARGE_PAGE_SIZE,
				      LARGE_PAGE_SIZE);
	free_page((unsigned long)dir);
}
