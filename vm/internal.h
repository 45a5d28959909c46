/* internal.h - what the files of vm/ share among themselves.
 *
 *   vma.c     which addresses are what       the areas
 *     |  \--> fault.c   what is behind them    the pages
 *     `-----> rmap.c    who has a page        the address spaces
 */
#ifndef VM_INTERNAL_H
#define VM_INTERNAL_H

#include "account.h"
#include "mm.h"
#include "util.h"

/* An address space and all its forks, children's children too: whoever may
 * have one of their anonymous pages. (R) rmap_lock, in rmap.c */
struct anon_family {
	struct list_head members; /* mm_struct.siblings (R) */
};
void family_init(struct anon_family *family);

/* rmap_join: a new address space is known. rmap_get, rmap_put: one user more,
 * one less; true if that was the last. rmap_leave: it is gone; true if the
 * family has died out. => any but irq context */
void rmap_join(struct mm_struct *mm);
void rmap_get(struct mm_struct *mm);
bool __must_check rmap_put(struct mm_struct *mm);
bool __must_check rmap_leave(struct mm_struct *mm);

/* An anonymous page's mapping is its family, marked in bit 0. */
#define MAPPING_ANON 1u
static inline bool
page_is_anon(const struct page *page)
{
	return (uintptr_t)page->mapping & MAPPING_ANON;
}

/* An area or a table comes out of the credit: what is charged to the account, and
 * not in use. mm_charge: is there so much, or may there be? Whoever then makes it
 * takes it out, and who frees it puts it back; mm_settle: what is too much goes
 * back to the account. => mm->lock; false: the account may not have it */
#define CREDIT_STEP 0x2000
bool __must_check mm_charge_more(struct mm_struct *mm, int bytes);
void mm_give_back(struct mm_struct *mm);

static __always_inline bool __must_check
mm_charge(struct mm_struct *mm, int bytes)
{
	return likely(mm->credit >= bytes) || mm_charge_more(mm, bytes);
}

static __always_inline void
mm_settle(struct mm_struct *mm)
{
	if (unlikely(mm->credit > 2 * CREDIT_STEP))
		mm_give_back(mm);
}

/* vma_for_fault: the area of addr; a stack grows down to it, if it may. NULL:
 * there is none, or the stack must not. => mm->lock */
struct vm_area_struct *vma_for_fault(struct mm_struct *mm, uintptr_t addr);

/* unmap_user_pages: nothing is behind these addresses any more.
 * protect_user_pages: an area's rights have changed: its entries too.
 * copy_user_pages: a fork's area gets the same private pages as the original;
 * from now on nobody may write to them (the caller flushes the TLB).
 * move_user_pages: from one place to another that has none. => false if there
 * is no memory for a page table. => mm->lock */
void unmap_user_pages(struct mm_struct *mm, uintptr_t start, uintptr_t end);
void protect_user_pages(struct vm_area_struct *area);
bool __must_check copy_user_pages(struct vm_area_struct *to,
				  struct vm_area_struct *from);
bool __must_check move_user_pages(struct mm_struct *mm, uintptr_t from,
				  uintptr_t to, size_t len);

#endif
