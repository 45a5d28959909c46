/* rmap.c - which address spaces there are, and where in them a page is mapped.
 *
 *   page->mapping, bit 0 set: anonymous
 *       family --> mm --> mm --> mm           an exec, its forks, their forks
 *   page->mapping, bit 0 clear: an object's (a file's)
 *       every mm there is
 *
 *   in each: the areas that could show page->index, and whether they do
 *
 * Locking: rmap_lock (R) for the lists and the users; an address space is kept
 * by a reference while its areas are looked at, under its own lock.
 *
 * Limits: linear in the number of areas.
 */
#include "internal.h"
#include "mm.h"
#include "spinlock.h"
#include "util.h"

static struct {
	spinlock_t lock;
	struct list_head all;
} rmap = {.all = LIST_HEAD_INIT(rmap.all)};

void
family_init(struct anon_family *family)
{
	INIT_LIST_HEAD(&family->members);
}

void
rmap_join(struct mm_struct *mm)
{
	unsigned long flags;

	spin_lock_irqsave(&rmap.lock, flags);
	list_add_tail(&mm->siblings, &mm->family->members);
	list_add_tail(&mm->all, &rmap.all);
	spin_unlock_irqrestore(&rmap.lock, flags);
}

void
rmap_get(struct mm_struct *mm)
{
	unsigned long flags;

	spin_lock_irqsave(&rmap.lock, flags);
	mm->users++;
	spin_unlock_irqrestore(&rmap.lock, flags);
}

bool
rmap_put(struct mm_struct *mm)
{
	unsigned long flags;
	bool last;

	spin_lock_irqsave(&rmap.lock, flags);
	last = --mm->users == 0;
	spin_unlock_irqrestore(&rmap.lock, flags);
	return last;
}

bool
rmap_leave(struct mm_struct *mm)
{
	unsigned long flags;
	bool died_out;

	spin_lock_irqsave(&rmap.lock, flags);
	list_del(&mm->siblings);
	list_del(&mm->all);
	died_out = list_empty(&mm->family->members);
	spin_unlock_irqrestore(&rmap.lock, flags);
	return died_out;
}

/* The address space after this one, of the family or of all; with a reference.
 * One that is about to end is passed over: it has no user to join. */
static struct mm_struct *
next_mm(struct anon_family *family, struct mm_struct *mm)
{
	struct list_head *head = family ? &family->members : &rmap.all;
	struct list_head *at = head;
	unsigned long flags;

	spin_lock_irqsave(&rmap.lock, flags);
	if (mm)
		at = family ? &mm->siblings : &mm->all;
	do {
		at = at->next;
		mm = family ? list_entry(at, struct mm_struct, siblings)
			    : list_entry(at, struct mm_struct, all);
	} while (at != head && !mm->users);
	if (at == head)
		mm = NULL;
	else
		mm->users++;
	spin_unlock_irqrestore(&rmap.lock, flags);
	return mm;
}

/* The next one, locked; that before is let go. */
static struct mm_struct *
next_locked(struct anon_family *family, struct mm_struct *mm) NO_LOCK_ANALYSIS
{
	struct mm_struct *next = next_mm(family, mm);

	if (mm) {
		mutex_unlock(&mm->lock);
		mm_put(mm);
	}
	if (next)
		mutex_lock(&next->lock);
	return next;
}

/* Does this area show the page? Then where. */
static bool
area_shows(struct vm_area_struct *area, const struct page *page, uintptr_t *va)
{
	unsigned long nr = page->index - area->pgoff;
	const pte_t *entry;

	if (!page_is_anon(page) && area->object != page->mapping)
		return false;
	if (nr >= (area->end - area->start) / PAGE_SIZE)
		return false;
	*va = area->start + nr * PAGE_SIZE;
	entry = pgtable_lookup(area->mm->pgd, *va);
	return entry && pte_has_page(*entry) &&
	       pte_phys(*entry) == page_to_phys(page);
}

unsigned int
rmap_walk(struct page *page,
	  void (*fn)(struct mm_struct *mm, uintptr_t va, void *arg), void *arg)
{
	struct anon_family *family =
		page_is_anon(page)
			? (void *)((uintptr_t)page->mapping & ~MAPPING_ANON)
			: NULL;
	struct mm_struct *mm = NULL;
	struct vm_area_struct *area;
	unsigned int found = 0;
	uintptr_t va;

	if (!(page->flags & PG_mapped)) /* its mapping may be long gone */
		return 0;
	while ((mm = next_locked(family, mm))) {
		for (area = first_vma(mm); area; area = next_vma(area)) {
			if (!area_shows(area, page, &va))
				continue;
			found++;
			fn(mm, va, arg);
		}
	}
	return found;
}

/* A fork that comes meanwhile copies nothing that was unmapped, or its mm is
 * behind its parent's in the list. */
void
rmap_unmap_object(const void *object, unsigned long first)
{
	struct mm_struct *mm = NULL;
	struct vm_area_struct *area;

	while ((mm = next_locked(NULL, mm))) {
		for (area = first_vma(mm); area; area = next_vma(area)) {
			uintptr_t start = area->start, end = area->end;

			if (area->object != object)
				continue;
			if (first > area->pgoff)
				start += min((end - start) / PAGE_SIZE,
					     first - area->pgoff) *
					 PAGE_SIZE;
			unmap_user_pages(mm, start, end);
		}
	}
}
