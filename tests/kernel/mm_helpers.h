/* mm_helpers.h - an address space without a program: what the tests of vm/ share.
 *
 *   the test plays the program: it "touches" an address by mm_fault, and reads
 *   and writes through the page table entry that it then finds
 */
#ifndef MM_HELPERS_H
#define MM_HELPERS_H

#include "gfp.h"
#include "highmem.h"
#include "mm.h"
#include "test.h"
#include "trap.h"

#define BASE 0x10000000u
#define RW   (PROT_READ | PROT_WRITE)

static inline long
map_at(struct mm_struct *mm, uintptr_t addr, size_t pages, u32 prot, u32 flags)
{
	const struct mmap_request r = {
		.addr = addr,
		.len = pages * PAGE_SIZE,
		.prot = prot,
		.flags = flags | MAP_PRIVATE | MAP_ANONYMOUS,
	};

	return mm_mmap(mm, &r);
}

/* The page behind an address, or NULL. */
static inline struct page *
page_at(struct mm_struct *mm, uintptr_t addr)
{
	const pte_t *entry = pgtable_lookup(mm->pgd, addr);

	if (!entry || !pte_has_page(*entry))
		return NULL;
	return pfn_to_page(PHYS_PFN(pte_phys(*entry)));
}

static inline bool
writable_at(struct mm_struct *mm, uintptr_t addr)
{
	const pte_t *entry = pgtable_lookup(mm->pgd, addr);

	return entry && pte_present(*entry) && (entry->val & _PAGE_RW);
}

/* A program writes a word, as far as it may. */
static inline enum fault_result
poke(struct mm_struct *mm, uintptr_t addr, u32 value)
{
	enum fault_result result = FAULT_DONE;
	char *p;

	if (!writable_at(mm, addr))
		result = mm_fault(mm, addr, PF_WRITE);
	if (result != FAULT_DONE)
		return result;
	p = kmap_local_page(page_at(mm, addr));
	*(u32 *)(p + addr % PAGE_SIZE) = value;
	kunmap_local(p);
	return FAULT_DONE;
}

/* ... and reads one; what it may not read is all ones. */
static inline u32
peek(struct mm_struct *mm, uintptr_t addr)
{
	struct page *page = page_at(mm, addr);
	u32 value;
	char *p;

	if (!page && mm_fault(mm, addr, 0) != FAULT_DONE)
		return ~0u;
	p = kmap_local_page(page_at(mm, addr));
	value = *(u32 *)(p + addr % PAGE_SIZE);
	kunmap_local(p);
	return value;
}

/* rmap_walk's fn: *arg is where it should be; then 0. */
static inline void
is_at(struct mm_struct *mm __maybe_unused, uintptr_t va, void *arg)
{
	EXPECT_EQ(va, *(uintptr_t *)arg);
}

#endif
