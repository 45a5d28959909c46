/* fault.c - a program touches memory: what happens then.
 *
 *   what is there           what was done    then
 *   ----------------------  ---------------  -------------------------------
 *   no area                 anything         a stack just above grows, or
 *                                            SEGV_MAPERR
 *   area without the right  that             SEGV_ACCERR
 *   nothing, anonymous      read             the zero page, read-only
 *                           write            a page of zeroes
 *   nothing, an object      read             the object's page
 *                           write, shared    the object's page, writable
 *                           write, private   a copy of it
 *                           past its end     BUS
 *   a place in swap         anything         BUS: nobody has put one there yet
 *   the zero page           write            a page of zeroes
 *   somebody else's, too    write            a copy
 *   mine alone              write            writable: COW is over
 *   all is well             anything         another thread was faster
 *   no memory               anything         OOM: this program's problem
 *
 * Every user page is mapped by user_page_map and unmapped by user_page_unmap,
 * which keep its mapcount, mapping and index, and the address space's rss; an
 * entry is worth one reference. The zero page has no such accounts.
 *
 * Locking: mm->lock.
 */
#include "err.h"
#include "errno.h"
#include "gfp.h"
#include "highmem.h"
#include "internal.h"
#include "mm.h"
#include "tlb.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

/* Pages that are given back together: their TLB entries go first. */
#define GATHER 64

struct page *zero_page;

static struct page *
pte_page(pte_t pte)
{
	return pfn_to_page(PHYS_PFN(pte_phys(pte)));
}

/* --- Two functions, and the accounts that they keep ------------------------- */

/* The bits of an entry: what the area allows; writing only if `writable`. */
static u32
rights(const struct vm_area_struct *area, bool writable)
{
	if (!(area->flags & VM_ACCESS))
		return _PAGE_PROTNONE | _PAGE_USER;
	if (writable && (area->flags & VM_WRITE))
		return PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY;
	return PAGE_USER_RO | _PAGE_ACCESSED;
}

/* The entry shows the page; the caller's reference is its. Somebody else may do
 * the same elsewhere: one instruction for the count. */
static __always_inline void
user_page_map(struct mm_struct *mm, pte_t *entry, struct page *page, u32 bits)
{
	if (__atomic_fetch_add(&page->mapcount, 1, __ATOMIC_RELAXED) == 0)
		page->flags |= PG_mapped;
	mm->rss[page_is_anon(page)]++;
	pgtable_set(entry, make_pte(page_to_phys(page), bits));
}

/* The page is in one entry less; its reference is the caller's now.
 * => preemption off: the flag follows the count */
static void
user_page_unmap(struct mm_struct *mm, struct page *page)
{
	mm->rss[page_is_anon(page)]--;
	if (--page->mapcount == 0)
		page->flags &= ~PG_mapped;
}

/* --- A page of one's own ---------------------------------------------------- */

static struct page *
alloc_user_page(void)
{
	/* The short path knows no high memory: ask for it where there is. */
	if (zones[ZONE_HIGHMEM].managed)
		return alloc_page(GFP_HIGHUSER | __GFP_NOWARN);
	return alloc_page(GFP_USER | __GFP_NOWARN);
}

/* From now on the page is one of the area's anonymous pages, and there; nobody
 * else has it. The area may be written to: somebody does. */
static __always_inline enum fault_result
map_own(struct vm_area_struct *area, pte_t *entry, uintptr_t va,
	struct page *page)
{
	area->flags |= VM_ANON;
	page->mapping = (char *)area->mm->family + MAPPING_ANON;
	page->index = area->pgoff + (va - area->start) / PAGE_SIZE;
	page->mapcount = 0;
	user_page_map(area->mm, entry, page,
		      PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY);
	return FAULT_DONE;
}

/* A private page of zeroes. */
static enum fault_result
map_zeroes(struct vm_area_struct *area, pte_t *entry, uintptr_t va)
{
	struct page *page = alloc_user_page();

	if (!page)
		return FAULT_OOM;
	if (page_zone_index(page) == ZONE_HIGHMEM)
		clear_highpage(page);
	else
		clear_page(page_address(page));
	return map_own(area, entry, va, page);
}

/* A private page with the contents of another. */
static enum fault_result
map_copy(struct vm_area_struct *area, pte_t *entry, uintptr_t va,
	 struct page *original)
{
	struct page *page = alloc_user_page();

	if (!page)
		return FAULT_OOM;
	copy_highpage(page, original);
	return map_own(area, entry, va, page);
}

/* --- The rows of the table --------------------------------------------------- */

static enum fault_result
map_zero_page(const struct vm_area_struct *area, pte_t *entry)
{
	pgtable_set(entry,
		    make_pte(page_to_phys(zero_page), rights(area, false)));
	return FAULT_DONE;
}

/* The entry of va; a table that is missing is made. => NULL: there is no memory
 * for it, or not for this program */
static __noinline pte_t *
make_table(struct mm_struct *mm, uintptr_t va)
{
	pte_t *entry;

	if (!mm_charge(mm, PAGE_SIZE))
		return NULL;
	entry = pgtable_alloc(mm->pgd, va);
	if (entry)
		mm->credit -= PAGE_SIZE;
	return entry;
}

/* Entries are cleared; tables that are empty then go. */
static __always_inline void
free_tables(struct mm_struct *mm, uintptr_t va, size_t len)
{
	mm->credit += pgtable_unmap(mm->pgd, va, len) * PAGE_SIZE;
}

static __always_inline pte_t *
entry_of(struct mm_struct *mm, uintptr_t va)
{
	pte_t *entry = pgtable_lookup(mm->pgd, va);

	return likely(entry) ? entry : make_table(mm, va);
}

static __noinline enum fault_result
fault_object(struct vm_area_struct *area, pte_t *entry, uintptr_t va,
	     bool write)
{
	unsigned long index = area->pgoff + (va - area->start) / PAGE_SIZE;
	bool shared = area->flags & VM_SHARED;
	struct page *page = area->ops->get_page(area, index);
	enum fault_result result;

	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOMEM ? FAULT_OOM : FAULT_BUS;
	if (shared || !write) {
		user_page_map(area->mm, entry, page, rights(area, shared));
		return FAULT_DONE;
	}
	result = map_copy(area, entry, va, page);
	put_page(page);
	return result;
}

/* A write to a page that is mapped, but read-only. It stays so for the program's
 * other threads until there is another in its place. */
static enum fault_result
fault_write_protected(struct vm_area_struct *area, pte_t *entry, uintptr_t va)
{
	struct page *page = pte_page(*entry);
	enum fault_result result;
	bool shared;

	if (page == zero_page) {
		result = map_zeroes(area, entry, va);
		tlb_flush_page(va);
		return result;
	}
	if ((area->flags & VM_SHARED) ||
	    (page_is_anon(page) && page->mapcount == 1)) {
		entry->val |= _PAGE_RW | _PAGE_DIRTY;
		tlb_flush_page(va);
		return FAULT_DONE;
	}
	result = map_copy(area, entry, va, page);
	if (result != FAULT_DONE)
		return result;
	tlb_flush_page(va);
	preempt_disable();
	user_page_unmap(area->mm, page);
	shared = page->_refcount > 1; /* others have it still */
	if (shared)
		page->_refcount--;
	preempt_enable();
	if (!shared)
		put_page(page);
	return FAULT_DONE;
}

/* Mostly it is where the last one was, and there is a table. */
static __always_inline enum fault_result
fault_locked(struct mm_struct *mm, uintptr_t addr, bool write)
{
	struct vm_area_struct *area = mm->last;
	uintptr_t va = addr & PAGE_MASK;
	pte_t *entry;

	if (!area || addr < area->start || addr >= area->end)
		area = vma_for_fault(mm, addr);
	if (unlikely(!area))
		return FAULT_SEGV_MAPERR;
	if (unlikely(!(area->flags & (write ? VM_WRITE : VM_ACCESS))))
		return FAULT_SEGV_ACCERR;
	entry = entry_of(mm, va);
	if (unlikely(!entry))
		return FAULT_OOM;
	if (pte_present(*entry)) {
		if (write && !(entry->val & _PAGE_RW))
			return fault_write_protected(area, entry, va);
		tlb_flush_page(va);
		return FAULT_DONE;
	}
	if (entry->val)
		return FAULT_BUS;
	if (area->ops)
		return fault_object(area, entry, va, write);
	return write ? map_zeroes(area, entry, va) : map_zero_page(area, entry);
}

enum fault_result
mm_fault(struct mm_struct *mm, uintptr_t addr, u32 code)
{
	enum fault_result result;

	if (addr >= TASK_SIZE)
		return FAULT_SEGV_MAPERR;
	mutex_lock(&mm->lock);
	result = fault_locked(mm, addr, code & PF_WRITE);
	mutex_unlock(&mm->lock);
	return result;
}

struct page *
pin_user_page(struct mm_struct *mm, uintptr_t addr, bool write)
{
	enum fault_result result = FAULT_SEGV_MAPERR;
	struct page *page = ERR_PTR(-EFAULT);

	mutex_lock(&mm->lock);
	if (addr < TASK_SIZE)
		result = fault_locked(mm, addr, write);
	if (result == FAULT_DONE) {
		page = pte_page(*pgtable_lookup(mm->pgd, addr));
		get_page(page);
	} else if (result == FAULT_OOM) {
		page = ERR_PTR(-ENOMEM);
	}
	mutex_unlock(&mm->lock);
	return page;
}

/* --- Many pages at once ------------------------------------------------------- */

/* One table's worth at a time: the entries of the range that lie in the table
 * of va, up to *end; NULL: there is no table up to there. */
static pte_t *
entries_of(struct mm_struct *mm, uintptr_t va, uintptr_t *end)
{
	uintptr_t left = LARGE_PAGE_SIZE - va % LARGE_PAGE_SIZE;

	if (*end - va > left)
		*end = va + left;
	return pgtable_lookup(mm->pgd, va);
}

static void
unmap_some(struct mm_struct *mm, const pte_t *entry, uintptr_t va,
	   uintptr_t end)
{
	struct page *pages[GATHER], *page;
	unsigned int nr = 0;
	const pte_t *last = entry + (end - va) / PAGE_SIZE;
	bool any = false;

	preempt_disable();
	for (; entry < last; entry++) {
		if (!pte_has_page(*entry))
			continue;
		any = true;
		page = pte_page(*entry);
		if (page == zero_page)
			continue;
		user_page_unmap(mm, page);
		if (page->_refcount > 1) /* others have it */
			page->_refcount--;
		else
			pages[nr++] = page;
	}
	/* Who has the others may have them alone now, and free them: before he
	 * runs, no thread of this program may see them any more. */
	if (any) {
		free_tables(mm, va, end - va);
		if (read_cr3() == __pa(mm->pgd))
			tlb_flush_range(va, end - va);
	}
	preempt_enable();
	release_pages(pages, nr);
}

void
unmap_user_pages(struct mm_struct *mm, uintptr_t start, uintptr_t end)
{
	uintptr_t va, stop;

	for (va = start; va < end; va = stop) {
		const pte_t *entry;

		stop = end;
		entry = entries_of(mm, va, &stop);
		if (!entry)
			continue;
		if (stop - va > GATHER * PAGE_SIZE)
			stop = va + GATHER * PAGE_SIZE;
		unmap_some(mm, entry, va, stop);
	}
}

void
protect_user_pages(struct vm_area_struct *area)
{
	struct mm_struct *mm = area->mm;
	uintptr_t va, stop;

	for (va = area->start; va < area->end; va = stop) {
		pte_t *entry, *last;

		stop = area->end;
		entry = entries_of(mm, va, &stop);
		last = entry + (stop - va) / PAGE_SIZE;
		for (; entry && entry < last; entry++) {
			const struct page *page = pte_page(*entry);
			bool own = (area->flags & VM_SHARED) ||
				   (page_is_anon(page) && page->mapcount == 1);

			if (pte_has_page(*entry))
				*entry = make_pte(pte_phys(*entry),
						  rights(area, own));
		}
	}
	tlb_flush_range(area->start, area->end - area->start);
}

/* The entries of one table that show anonymous pages, twice from now on. */
static unsigned int
share_entries(struct mm_struct *mm, pte_t *to, pte_t *from, unsigned long nr)
{
	unsigned int shared = 0;

	for (; nr; nr--, to++, from++) {
		struct page *page;

		if (!pte_has_page(*from))
			continue;
		page = pte_page(*from);
		if (!page_is_anon(page))
			continue;
		from->val &= ~_PAGE_RW;
		*to = *from;
		__atomic_fetch_add(&page->_refcount, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&page->mapcount, 1, __ATOMIC_RELAXED);
		shared++;
	}
	mm->rss[RSS_ANON] += shared;
	return shared;
}

bool
copy_user_pages(struct vm_area_struct *to, struct vm_area_struct *from)
{
	uintptr_t va, stop;

	for (va = from->start; va < from->end; va = stop) {
		pte_t *source, *entry;

		stop = from->end;
		source = entries_of(from->mm, va, &stop);
		if (!source)
			continue;
		entry = entry_of(to->mm, va);
		if (!entry)
			return false;
		pgtable_took(entry, share_entries(to->mm, entry, source,
						  (stop - va) / PAGE_SIZE));
	}
	return true;
}

/* So much as lies in one table on either side. */
static size_t
one_table(uintptr_t from, uintptr_t to, size_t len)
{
	len = min(len, (size_t)(LARGE_PAGE_SIZE - from % LARGE_PAGE_SIZE));
	return min(len, (size_t)(LARGE_PAGE_SIZE - to % LARGE_PAGE_SIZE));
}

/* => how many there were */
static unsigned int
copy_entries(pte_t *to, const pte_t *from, unsigned long nr)
{
	unsigned int copied = 0;

	for (; nr; nr--, to++, from++) {
		*to = *from;
		copied += from->val != 0;
	}
	return copied;
}

bool
move_user_pages(struct mm_struct *mm, uintptr_t from, uintptr_t to, size_t len)
{
	size_t done, some;
	const pte_t *source;
	pte_t *entry;

	/* All the tables first: then nothing can fail. */
	for (done = 0; done < len; done += some) {
		some = one_table(from + done, to + done, len - done);
		if (pgtable_lookup(mm->pgd, from + done) &&
		    !entry_of(mm, to + done)) {
			free_tables(mm, to, len);
			return false;
		}
	}
	for (done = 0; done < len; done += some) {
		some = one_table(from + done, to + done, len - done);
		source = pgtable_lookup(mm->pgd, from + done);
		if (!source)
			continue;
		entry = pgtable_lookup(mm->pgd, to + done);
		pgtable_took(entry,
			     copy_entries(entry, source, some / PAGE_SIZE));
	}
	free_tables(mm, from, len);
	tlb_flush_range(from, len);
	return true;
}
