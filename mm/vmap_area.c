/* vmap_area.c - which addresses of a window are taken: areas in a tree.
 *
 *   start                                                             end
 *   |  gap  [ area A |g]  gap  [ area B |g][ area C |g]      tail        |
 *                     g: a page that stays unmapped      last = C
 *
 *            B: gap 3, largest 5        gap: free bytes below the area, down
 *            /                  \       to the guard page of the one before
 *   A: gap 5, largest 5    C: gap 0     largest: gap in the subtree
 *
 * Taking:  1. walk down to the leftmost node whose gap is large enough, by
 *             looking at the largest gap below each side;
 *          2. none: the tail; else the new area goes to the gap's low end,
 *             right before the node in the order of the tree.
 * Giving:  the area, its guard page and its gap become part of the gap of the
 *          area that follows, or of the tail.
 *
 * Guarantees: the lowest place that surely fits: size, a guard page and what
 * alignment may cost. O(log n) both.
 * Locking: the caller holds space->lock.
 * Limits: a gap that would fit only because it happens to be aligned is not
 * found.
 */
#include "internal.h"
#include "panic.h"
#include "util.h"

void
vmap_space_init(struct vmap_space *space, uintptr_t start, uintptr_t end)
{
	*space = (struct vmap_space){.start = start, .end = end};
}

static struct vmap_area *
area_of(struct rb_node *node)
{
	return rb_entry(node, struct vmap_area, node);
}

static size_t
largest_in(struct rb_node *node)
{
	return node ? area_of(node)->largest : 0;
}

static bool
update_largest(struct rb_node *node)
{
	struct vmap_area *area = area_of(node);
	size_t old = area->largest, largest = area->gap;

	largest = max(largest, largest_in(node->rb_left));
	largest = max(largest, largest_in(node->rb_right));
	area->largest = largest;
	return largest != old;
}

/* The lowest area with so many free bytes below it, or NULL. */
static struct vmap_area *
lowest_gap(struct vmap_space *space, size_t need)
{
	struct rb_node *node = space->areas.rb_node;

	if (largest_in(node) < need)
		return NULL;
	for (;;) {
		if (largest_in(node->rb_left) >= need)
			node = node->rb_left;
		else if (area_of(node)->gap >= need)
			return area_of(node);
		else
			node = node->rb_right;
	}
}

/* Hang the area into the tree before `next`, behind all others if NULL. */
static void
link_before(struct vmap_space *space, struct vmap_area *area,
	    struct vmap_area *next)
{
	struct rb_node *parent = NULL;
	struct rb_node **link = &space->areas.rb_node;

	if (next) {
		parent = &next->node;
		link = &next->node.rb_left;
		while (*link) {
			parent = *link;
			link = &parent->rb_right;
		}
	} else {
		if (space->last) {
			parent = &space->last->node;
			link = &parent->rb_right;
		}
		space->last = area;
	}
	rb_link_node(&area->node, parent, link);
	rb_insert_augmented(&area->node, &space->areas, update_largest);
}

bool
vmap_area_take(struct vmap_space *space, struct vmap_area *area, size_t size,
	       size_t align)
{
	uintptr_t tail =
		space->last ? vmap_area_end(space->last) : space->start;
	size_t need = size + VMAP_GUARD + align - PAGE_SIZE;
	struct vmap_area *next;
	uintptr_t base;

	assert_debug(IS_ALIGNED(size, PAGE_SIZE) && is_power_of_2(align));
	if (!size || size > space->end - space->start || need < size)
		return false;
	next = lowest_gap(space, need);
	if (!next && need > space->end - tail)
		return false;
	base = next ? next->start - next->gap : tail;
	area->start = ALIGN(base, align);
	area->size = size;
	area->gap = area->start - base;
	if (next) {
		next->gap -= vmap_area_end(area) - base;
		rb_update_path(&next->node, update_largest);
	}
	link_before(space, area, next);
	space->nr_areas++;
	return true;
}

void
vmap_area_give(struct vmap_space *space, struct vmap_area *area)
{
	struct rb_node *next;

	if (area == space->last) {
		next = rb_prev(&area->node);
		space->last = next ? area_of(next) : NULL;
	} else {
		/* Before the area goes: until then all summaries are right. */
		next = rb_next(&area->node);
		area_of(next)->gap += area->gap + area->size + VMAP_GUARD;
		rb_update_path(next, update_largest);
	}
	rb_erase_augmented(&area->node, &space->areas, update_largest);
	space->nr_areas--;
}

struct vmap_area *
vmap_area_find(const struct vmap_space *space, uintptr_t va)
{
	struct rb_node *node = space->areas.rb_node;

	while (node) {
		struct vmap_area *area = area_of(node);

		if (va < area->start)
			node = node->rb_left;
		else if (va - area->start < area->size + VMAP_GUARD)
			return area;
		else
			node = node->rb_right;
	}
	return NULL;
}
