/* mm_check.c - is an address space what it says it is?
 *
 *   list    order, bounds, number, total_vm
 *   tree    the same areas in the same order but for the youngest; gaps as if
 *           that were not there, largest gaps
 *   tables  every entry lies in an area, allows no more than that, and shows a
 *           page that is allocated and knows that it is mapped, and by its
 *           mapping and index, where
 *   rss     the entries, counted
 *
 * Locking: mm->lock.
 */
#include "../vm/internal.h"
#include "mm.h"
#include "util.h"

#define area_of(n) rb_entry(n, struct vm_area_struct, node)

static size_t
max_gap_below(const struct rb_node *node)
{
	return node ? area_of(node)->max_gap : 0;
}

/* One area, after `floor`, where the one below it ends. */
static unsigned int
check_area(const struct vm_area_struct *area, uintptr_t floor)
{
	unsigned int bad = 0;

	bad += area->start < floor || area->end <= area->start;
	bad += area->end > TASK_SIZE;
	bad += (area->start | area->end) % PAGE_SIZE != 0;
	return bad;
}

/* The first area from here on that is in the tree. */
static struct vm_area_struct *
settled(struct vm_area_struct *area)
{
	return area && area == area->mm->young ? next_vma(area) : area;
}

static unsigned int
check_tree(struct mm_struct *mm)
{
	struct vm_area_struct *area = settled(first_vma(mm));
	struct rb_node *node = rb_first(&mm->areas);
	uintptr_t floor = MMAP_MIN;
	unsigned int bad = 0;

	for (; node; node = rb_next(node)) {
		size_t left = max_gap_below(node->rb_left);
		size_t right = max_gap_below(node->rb_right);
		size_t below = max(left, right);

		if (area != area_of(node))
			return bad + 1;
		bad += area->gap > area->start - floor;
		bad += !(area->flags & VM_GROWSDOWN) &&
		       area->gap != area->start - floor;
		floor = area->end;
		bad += area->max_gap != max(area->gap, below);
		area = settled(next_vma(area));
	}
	return bad + (area != NULL);
}

/* Would rmap_walk find it there? */
static bool
knows_its_place(const struct page *page, const struct vm_area_struct *area,
		uintptr_t va)
{
	const void *mapping = area->object;

	if (page_is_anon(page))
		mapping = (char *)area->mm->family + MAPPING_ANON;
	return page->mapping == mapping &&
	       page->index == area->pgoff + (va - area->start) / PAGE_SIZE;
}

static unsigned int
check_entry(const struct vm_area_struct *area, uintptr_t va, pte_t pte,
	    unsigned long rss[2])
{
	const struct page *page;
	unsigned int bad = 0;

	if (!pte_has_page(pte))
		return pte.val != 0;
	page = pfn_to_page(PHYS_PFN(pte_phys(pte)));
	bad += !(pte.val & _PAGE_USER);
	bad += pte_present(pte) && !(area->flags & VM_ACCESS);
	if (pte_present(pte) && (pte.val & _PAGE_RW))
		bad += !(area->flags & VM_WRITE) || page == zero_page ||
		       (!(area->flags & VM_SHARED) &&
			(!page_is_anon(page) || page->mapcount != 1));
	if (page == zero_page)
		return bad;
	rss[page_is_anon(page)]++;
	bad += page->_refcount < 1 || !(page->flags & PG_mapped);
	bad += page->mapcount < 1 || (s32)page->mapcount > page->_refcount;
	bad += page_is_anon(page) && !(area->flags & VM_ANON);
	bad += !knows_its_place(page, area, va);
	return bad;
}

/* All entries of the user half, against the areas. */
static unsigned int
check_tables(struct mm_struct *mm, unsigned long rss[2])
{
	uintptr_t va = 0;
	unsigned int bad = 0;

	while (va < TASK_SIZE) {
		struct vm_area_struct *area = find_vma(mm, va);
		const pte_t *entry = pgtable_lookup(mm->pgd, va);

		if (!entry) {
			va += LARGE_PAGE_SIZE - va % LARGE_PAGE_SIZE;
			continue;
		}
		if (area && va >= area->start)
			bad += check_entry(area, va, *entry, rss);
		else
			bad += entry->val != 0;
		va += PAGE_SIZE;
	}
	return bad;
}

unsigned int
mm_check(struct mm_struct *mm)
{
	struct vm_area_struct *area;
	unsigned long rss[2] = {0, 0}, total = 0;
	unsigned int bad, nr = 0;
	uintptr_t floor = MMAP_MIN;

	mutex_lock(&mm->lock);
	bad = check_tables(mm, rss) + check_tree(mm);
	for (area = first_vma(mm); area; area = next_vma(area)) {
		bad += check_area(area, floor);
		bad += area->mm != mm;
		floor = area->end;
		total += (area->end - area->start) / PAGE_SIZE;
		nr++;
	}
	bad += nr != mm->nr_areas || total != mm->total_vm;
	bad += rss[RSS_FILE] != mm->rss[RSS_FILE];
	bad += rss[RSS_ANON] != mm->rss[RSS_ANON];
	mutex_unlock(&mm->lock);
	return bad;
}
