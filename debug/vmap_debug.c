/* vmap_debug.c - does the vmalloc window hold what its tree says? And what to
 * say about a wild address near one of its areas.
 *
 *   tree      [ area A      |guard]        [ area B |guard]
 *   tables     x x x x x x x                x x x x          x: present
 *                             ^ behind A  ^ before B
 *
 * Locking: the checks take the space's lock; the explainer takes none, since
 * it runs in a machine that is failing: it reads without faulting, and gives
 * up after as many steps as no tree has levels.
 */
#include "explain.h"
#include "../mm/internal.h"
#include "printf.h"
#include "trap.h"
#include "util.h"
#include "vmalloc.h"
#include "vmap_debug.h"

#define MAX_LEVELS 64
#define NEAR       (16 * PAGE_SIZE) /* "before an area": not farther away */

/* --- Checking ------------------------------------------------------------------ */

static const struct vmap_area *
area_of(const struct rb_node *node)
{
	return node ? rb_entry(node, struct vmap_area, node) : NULL;
}

static size_t
largest_of(const struct vmap_area *area)
{
	return area ? area->largest : 0;
}

unsigned int
vmap_space_check(const struct vmap_space *space)
{
	const struct rb_node *node = rb_first(&space->areas);
	const struct vmap_area *area = NULL;
	uintptr_t end = space->start;
	unsigned long count = 0;
	unsigned int bad = 0;

	for (; node && count <= space->nr_areas; node = rb_next(node)) {
		size_t left = largest_of(area_of(node->rb_left));
		size_t right = largest_of(area_of(node->rb_right));
		size_t below = max(left, right);

		area = area_of(node);
		bad += !area->size ||
		       !IS_ALIGNED(area->start | area->size, PAGE_SIZE);
		bad += area->start < end || area->gap != area->start - end;
		bad += area->largest != max(area->gap, below);
		end = vmap_area_end(area);
		count++;
	}
	bad += count != space->nr_areas || area != space->last;
	return bad + (end < space->start || end > space->end);
}

/* What is present in [start, end)? */
static unsigned int
count_present(uintptr_t start, uintptr_t end)
{
	unsigned int present = 0;
	const pte_t *pte;

	for (; start < end; start += PAGE_SIZE) {
		pte = pgtable_lookup(swapper_pg_dir, start);
		present += pte && pte_present(*pte);
	}
	return present;
}

/* The entries of one area: all there, each leading to its page. */
static unsigned int
check_area(const struct vmap_area *area)
{
	unsigned long i, nr = area->size >> PAGE_SHIFT;
	unsigned int bad;

	if (area->flags & VM_FREED)
		return count_present(area->start, area->start + area->size);
	bad = nr - count_present(area->start, area->start + area->size);
	bad += !area->pages != !(area->flags & VM_ALLOC);
	bad += area->nr_pages != (area->pages ? nr : 0);
	for (i = 0; i < area->nr_pages; i++)
		bad += vmalloc_to_pfn((char *)area->start + i * PAGE_SIZE) !=
			       page_to_pfn(area->pages[i]) ||
		       area->pages[i]->_refcount <= 0;
	return bad;
}

unsigned int
vmap_check(void)
{
	struct vmap_space *space = &vmalloc_space;
	unsigned long flags, lazy = 0, pages = 0;
	const struct vmap_area *area;
	const struct rb_node *node;
	uintptr_t end = space->start;
	unsigned int bad;

	spin_lock_irqsave(&space->lock, flags);
	bad = vmap_space_check(space);
	for (node = bad ? NULL : rb_first(&space->areas); node;
	     node = rb_next(node)) {
		area = area_of(node);
		bad += count_present(end, area->start) + check_area(area);
		end = area->start + area->size;
		lazy += (area->flags & (VM_FREED | VM_IDLE)) == VM_FREED;
	}
	bad += count_present(end, space->end);
	for (area = space->lazy; area && lazy; area = area->next_free, lazy--) {
		bad += !(area->flags & VM_FREED);
		pages += area->nr_pages;
	}
	bad += area || lazy || pages != space->lazy_pages;
	spin_unlock_irqrestore(&space->lock, flags);
	return bad;
}

/* --- Listing ------------------------------------------------------------------- */

/* The lowest area that begins at `from` or above. */
static const struct vmap_area *
area_next(const struct vmap_space *space, uintptr_t from)
{
	const struct rb_node *node = space->areas.rb_node;
	const struct vmap_area *best = NULL;

	while (node) {
		const struct vmap_area *area = area_of(node);

		if (area->start < from) {
			node = node->rb_right;
		} else {
			best = area;
			node = node->rb_left;
		}
	}
	return best;
}

bool
vmap_next(uintptr_t *from, struct vmap_info *info)
{
	struct vmap_space *space = &vmalloc_space;
	const struct vmap_area *area;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	while ((area = area_next(space, *from)) && (area->flags & VM_IDLE))
		*from = vmap_area_end(area);
	if (area) {
		*info = (struct vmap_info){
			area->start,    area->size,
			area->nr_pages, area->flags & ~VM_FREED,
			area->caller,   area->flags & VM_FREED,
		};
		*from = vmap_area_end(area);
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return area != NULL;
}

unsigned long
nr_vmap_areas(void)
{
	struct vmap_info info;
	uintptr_t from = 0;
	unsigned long n = 0;

	while (vmap_next(&from, &info))
		n++;
	return n;
}

/* --- Mistakes ------------------------------------------------------------------- */

const char *
vmap_free_mistake(const struct vmap_area *area, const void *p, u32 kind)
{
	if (!is_vmalloc_addr(p))
		return virt_is_direct(p) ? "no vmalloc address: use kfree"
					 : "no vmalloc address";
	if (!area)
		return "no area is there: never allocated, or freed before";
	if (area->start != (uintptr_t)p)
		return "it is in the middle of an area";
	if (area->flags & VM_FREED)
		return "double free: it is free already";
	if (area->flags & kind)
		return NULL;
	if (area->flags & VM_ALLOC)
		return "vmalloc made this: use vfree";
	return area->flags & VM_MAP ? "vmap made this: use vunmap"
				    : "ioremap made this: use iounmap";
}

/* --- Explaining ------------------------------------------------------------------ */

static const char *
kind_of(const struct vmap_area *area)
{
	if (area->flags & VM_IOREMAP)
		return "ioremap";
	return area->flags & VM_MAP ? "vmap" : "vmalloc";
}

/* Copies of the area at or below va, and of the one above; size 0: none. */
static void
find_neighbours(uintptr_t va, struct vmap_area *below, struct vmap_area *above)
{
	const struct rb_node *node = vmalloc_space.areas.rb_node;
	unsigned int level;
	struct vmap_area area;

	below->size = above->size = 0;
	for (level = 0; node && level < MAX_LEVELS; level++) {
		if (copy_from_kernel_nofault(&area, area_of(node),
					     sizeof(area)))
			return;
		if (va < area.start) {
			*above = area;
			node = area.node.rb_left;
		} else {
			*below = area;
			node = area.node.rb_right;
		}
	}
}

/* "vmalloc area of 8192 bytes at 0xd0000000, allocated by f+0x12/0x30" */
static size_t
describe(const struct vmap_area *area, char *buf, size_t size)
{
	size_t n =
		scnprintf(buf, size,
			  "%s area of %zu bytes at 0x%08lx, allocated by "
			  "%pS",
			  kind_of(area), area->size, (unsigned long)area->start,
			  (void *)(area->caller - 1));

	if (area->flags & VM_FREED)
		n += scnprintf(buf + n, size - n, ", freed by %pS",
			       (void *)(area->freed_by - 1));
	return n;
}

static size_t
explain_vmalloc(u32 va, char *buf, size_t size)
{
	struct vmap_area below, above;
	size_t behind, before, n;

	if (!is_vmalloc_addr((void *)(uintptr_t)va))
		return 0;
	find_neighbours(va, &below, &above);
	before = above.size ? above.start - va : NEAR;
	behind = va - below.start - below.size; /* huge: inside */
	if (below.size && va - below.start < below.size) {
		n = scnprintf(buf, size, "address in a %s",
			      below.flags & VM_IDLE ? "freed "
			      : below.flags & VM_FREED
				      ? "freed, not yet flushed "
				      : "");
	} else if (below.size && behind < VMAP_GUARD && behind < before) {
		n = scnprintf(buf, size, "guard page after ");
	} else if (before < NEAR) {
		n = scnprintf(buf, size, "%zu bytes before ", before);
		below = above;
	} else {
		return scnprintf(buf, size, "in no area of the vmalloc window");
	}
	return n + describe(&below, buf + n, size - n);
}
EXPLAIN(explain_vmalloc);
