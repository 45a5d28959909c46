/* vma.c - see mm.h: which parts of an address space are what.
 *
 *   0      MMAP_MIN                                           TASK_SIZE
 *   |  never  |  gap  [text][data]  gap  [ A ] gap [ B ]  gap  [stack]|
 *                                                     ^^^^^^^^^
 *      highest gap that is large enough: new areas    kept for the stack:
 *      go to its upper end                            no part of any gap
 *
 * Areas lie in a list and in a tree by address. Each knows the gap below it, and
 * the largest gap in its subtree, so that the highest gap of a size is found in
 * O(log n). A stack's gap begins below what it may still grow into.
 *
 *   list   [text] <-> [data] <-> [ A ] <-> [ B ] <-> [stack]
 *   tree           data            ^ mm->young: not in the tree yet
 *                 /    \
 *              text     B
 *                        \
 *                         stack
 *
 * The youngest area waits outside the tree until there is a younger one: much
 * of what is mapped is unmapped next, or grows together with a neighbour, and
 * then the tree was never touched. Its gaps are as if that area were not there;
 * whoever needs them, or changes them, lets it settle first. The list says where.
 *
 * Every change first takes what memory it may need (at most two areas, for the
 * splits at both ends of a range), then acts and cannot fail any more.
 *
 * Invariants: areas are whole pages, do not overlap, lie between MMAP_MIN and
 * TASK_SIZE; neighbours that could be one are one, whoever changes them sees to
 * it.
 *
 * Locking: mm->lock for all of an address space.
 */
#include "err.h"
#include "errno.h"
#include "internal.h"
#include "layout.h"
#include "mm.h"
#include "panic.h"
#include "sections.h"
#include "slab.h"
#include "tlb.h"
#include "util.h"

#define area_of(n) rb_entry(n, struct vm_area_struct, node)
#define AREA_COST  ((int)sizeof(struct vm_area_struct))

static struct kmem_cache *area_cache, *mm_cache, *family_cache;

/* --- The tree --------------------------------------------------------------- */

static bool
update(struct rb_node *node)
{
	struct vm_area_struct *area = area_of(node);
	size_t most = area->gap;

	if (node->rb_left)
		most = max(most, area_of(node->rb_left)->max_gap);
	if (node->rb_right)
		most = max(most, area_of(node->rb_right)->max_gap);
	if (area->max_gap == most)
		return false;
	area->max_gap = most;
	return true;
}

struct vm_area_struct *
first_vma(struct mm_struct *mm)
{
	return list_empty(&mm->list)
		       ? NULL
		       : list_first_entry(&mm->list, struct vm_area_struct,
					  list);
}

struct vm_area_struct *
next_vma(struct vm_area_struct *area)
{
	struct list_head *next = area->list.next;

	return next == &area->mm->list
		       ? NULL
		       : list_entry(next, struct vm_area_struct, list);
}

static struct vm_area_struct *
prev_vma(struct vm_area_struct *area)
{
	struct list_head *prev = area->list.prev;

	return prev == &area->mm->list
		       ? NULL
		       : list_entry(prev, struct vm_area_struct, list);
}

static size_t
area_pages(const struct vm_area_struct *area)
{
	return (area->end - area->start) / PAGE_SIZE;
}

/* What below an area is not for others: a stack's guard, and its future. A stack
 * without a limit must leave something. */
static size_t
kept_below(const struct vm_area_struct *area)
{
	size_t size, limit;

	if (!(area->flags & VM_GROWSDOWN))
		return 0;
	size = area->end - area->start;
	limit = min_t(size_t, area->mm->limit_stack, TASK_SIZE / 4);
	return STACK_GUARD_GAP + (limit > size ? limit - size : 0);
}

static void
set_gap(struct vm_area_struct *area)
{
	struct vm_area_struct *prev = prev_vma(area);
	size_t room = area->start - (prev ? prev->end : MMAP_MIN);
	size_t kept = kept_below(area);

	area->gap = room > kept ? room - kept : 0;
}

/* An area of the tree: its start, or where the one below ends, has changed. */
static void
update_gap(struct vm_area_struct *area)
{
	struct rb_node *node;

	set_gap(area);
	for (node = &area->node; node && update(node);)
		node = node->rb_parent;
}

/* The youngest area goes into the tree, where its neighbours are already: it is
 * the left child of the next one, or else the right one of that before. */
static __noinline void
settle_young(struct mm_struct *mm)
{
	struct vm_area_struct *area = mm->young, *next = next_vma(area),
			      *prev = prev_vma(area);

	mm->young = NULL;
	if (next && !next->node.rb_left)
		rb_link_node(&area->node, &next->node, &next->node.rb_left);
	else if (prev)
		rb_link_node(&area->node, &prev->node, &prev->node.rb_right);
	else
		rb_link_node(&area->node, NULL, &mm->areas.rb_node);
	set_gap(area);
	rb_insert_augmented(&area->node, &mm->areas, update);
	if (next)
		update_gap(next);
}

static void
settle(struct mm_struct *mm)
{
	if (mm->young)
		settle_young(mm);
}

/* An area's bounds have changed, or it is gone: those who are left, or NULL. */
static void
gap_changed(struct mm_struct *mm, struct vm_area_struct *area)
{
	settle(mm);
	if (area)
		update_gap(area);
}

/* `next` is the one above it, NULL if there is none. */
static __always_inline void
insert_before(struct mm_struct *mm, struct vm_area_struct *area,
	      struct vm_area_struct *next)
{
	settle(mm);
	list_add_tail(&area->list, next ? &next->list : &mm->list);
	mm->young = area;
	mm->last = area;
	mm->nr_areas++;
	mm->credit -= AREA_COST;
	mm->total_vm += area_pages(area);
}

static void
insert_area(struct mm_struct *mm, struct vm_area_struct *area)
{
	insert_before(mm, area, find_vma(mm, area->start));
}

static void
free_area(struct vm_area_struct *area)
{
	if (area->ops)
		area->ops->close(area);
	kmem_cache_free(area_cache, area);
}

static void
erase_area(struct mm_struct *mm, struct vm_area_struct *area)
{
	struct vm_area_struct *next = next_vma(area);

	if (area == mm->young) {
		mm->young = NULL;
		list_del(&area->list);
	} else {
		settle(mm);
		list_del(&area->list);
		rb_erase_augmented(&area->node, &mm->areas, update);
		if (next)
			update_gap(next);
	}
	mm->nr_areas--;
	mm->credit += AREA_COST;
	mm->total_vm -= area_pages(area);
	if (mm->last == area)
		mm->last = NULL;
}

struct vm_area_struct *
find_vma(struct mm_struct *mm, uintptr_t addr)
{
	struct rb_node *node = mm->areas.rb_node;
	struct vm_area_struct *found = mm->last, *young = mm->young;

	if (found && addr >= found->start && addr < found->end)
		return found;
	found = NULL;
	while (node) {
		struct vm_area_struct *area = area_of(node);

		if (addr < area->end) {
			found = area;
			node = addr < area->start ? node->rb_left : NULL;
		} else {
			node = node->rb_right;
		}
	}
	if (young && addr < young->end &&
	    (!found || young->start < found->start))
		found = young;
	if (found)
		mm->last = found;
	return found;
}

/* The upper end of the highest gap of that size; 0 if there is none.
 *
 *   the space above the last area, else the rightmost node whose own gap is
 *   large enough; max_gap says into which subtree it is worth going */
static uintptr_t
highest_gap(struct mm_struct *mm, size_t len)
{
	struct rb_node *node;
	uintptr_t top = MMAP_MIN;

	if (!list_empty(&mm->list))
		top = list_last_entry(&mm->list, struct vm_area_struct, list)
			      ->end;
	if (TASK_SIZE - top >= len)
		return TASK_SIZE;
	settle(mm);
	node = mm->areas.rb_node;
	while (node && area_of(node)->max_gap >= len) {
		struct rb_node *right = node->rb_right;

		if (right && area_of(right)->max_gap >= len)
			node = right;
		else if (area_of(node)->gap >= len)
			return area_of(node)->start - kept_below(area_of(node));
		else
			node = node->rb_left;
	}
	return 0;
}

/* Is the range free, and of nobody's guard? */
static bool
range_is_free(struct mm_struct *mm, uintptr_t start, size_t len)
{
	struct vm_area_struct *area = find_vma(mm, start);

	return !area || (area->start >= start && area->start - start >= len &&
			 area->start - start - len >= kept_below(area));
}

static bool
range_is_sane(uintptr_t start, size_t len)
{
	return len && !(start % PAGE_SIZE) && !(len % PAGE_SIZE) &&
	       len <= TASK_SIZE && start <= TASK_SIZE - len;
}

/* --- Splitting and merging -------------------------------------------------- */

struct spares {
	struct vm_area_struct *area[2];
};

static void
free_spares(struct spares *spares)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (spares->area[i])
			kmem_cache_free(area_cache, spares->area[i]);
}

/* Would isolating the range leave too many areas? Where they are removed, only a
 * hole in the middle of one leaves more than there were. */
static __noinline bool
count_too_many(struct mm_struct *mm, uintptr_t start, size_t len, bool removed)
{
	const struct vm_area_struct *low, *high;
	bool cut_low, cut_high;

	low = find_vma(mm, start);
	high = find_vma(mm, start + len);
	cut_low = low && low->start < start;
	cut_high = high && high->start < start + len;
	return mm->nr_areas +
		       (removed ? cut_low && low == high : cut_low + cut_high) >
	       MAX_MAP_COUNT;
}

static inline bool
too_many(struct mm_struct *mm, uintptr_t start, size_t len, bool removed)
{
	return mm->nr_areas + 2 > MAX_MAP_COUNT &&
	       count_too_many(mm, start, len, removed);
}

/* There will be three more at most: two of these, and what lies between. */
static __noinline struct vm_area_struct *
alloc_spare(struct mm_struct *mm)
{
	return mm_charge(mm, 3 * AREA_COST)
		       ? kmem_cache_alloc(area_cache, GFP_KERNEL)
		       : NULL;
}

/* What isolating the range will need: one for each end that lies in an area. */
static int
take_spares(struct mm_struct *mm, uintptr_t start, size_t len,
	    struct spares *spares)
{
	const struct vm_area_struct *area = find_vma(mm, start);
	uintptr_t end = start + len;
	bool needed[2];
	unsigned int i;

	*spares = (struct spares){{NULL, NULL}};
	needed[0] = area && area->start < start;
	if (area && area->end < end)
		area = find_vma(mm, end);
	needed[1] = area && area->start < end && area->end > end;
	for (i = 0; i < 2; i++) {
		if (!needed[i])
			continue;
		spares->area[i] = alloc_spare(mm);
		if (!spares->area[i]) {
			free_spares(spares);
			return -ENOMEM;
		}
	}
	return 0;
}

/* An area that lies across `at` becomes two:
 *
 *   [     area     ]   -->   [ area ][ upper ]
 *          ^ at
 */
static void
split_at(struct mm_struct *mm, uintptr_t at, struct vm_area_struct *upper)
{
	struct vm_area_struct *area = find_vma(mm, at);

	*upper = *area;
	upper->start = at;
	upper->pgoff += (at - area->start) / PAGE_SIZE;
	mm->total_vm -= area_pages(upper);
	area->end = at;
	gap_changed(mm, next_vma(area));
	insert_area(mm, upper);
	if (upper->ops)
		upper->ops->open(upper);
}

/* No area lies across the ends of the range any more; the spares are used. */
static void
isolate(struct mm_struct *mm, uintptr_t start, size_t len,
	const struct spares *spares)
{
	if (spares->area[0])
		split_at(mm, start, spares->area[0]);
	if (spares->area[1])
		split_at(mm, start + len, spares->area[1]);
}

static bool
can_merge(const struct vm_area_struct *low, const struct vm_area_struct *high)
{
	return low->end == high->start &&
	       (low->flags | VM_ANON) == (high->flags | VM_ANON) &&
	       low->ops == high->ops && low->object == high->object &&
	       low->pgoff + area_pages(low) == high->pgoff;
}

/* The area and the one above it become one, if they can; the younger goes.
 * => which is left of the two; `low` if there are still two */
static struct vm_area_struct *
merge_up(struct mm_struct *mm, struct vm_area_struct *low)
{
	struct vm_area_struct *high = next_vma(low), *gone = high, *left = low;
	unsigned long pgoff = low->pgoff;
	uintptr_t start = low->start;

	if (!high || !can_merge(low, high))
		return low;
	if (low == mm->young) {
		gone = low;
		left = high;
	}
	mm->total_vm += area_pages(gone);
	erase_area(mm, gone);
	left->end = high->end;
	left->start = start;
	left->pgoff = pgoff;
	left->flags |= gone->flags;
	gap_changed(mm, left);
	gap_changed(mm, next_vma(left));
	mm->last = left;
	free_area(gone);
	return left;
}

/* Every pair of neighbours at and in the range. */
static void
merge_range(struct mm_struct *mm, uintptr_t start, uintptr_t end)
{
	struct vm_area_struct *area = find_vma(mm, start);
	struct vm_area_struct *prev = area ? prev_vma(area) : NULL;

	if (prev)
		area = prev;
	while (area && area->start <= end) {
		struct vm_area_struct *next = next_vma(area);

		area = merge_up(mm, area);
		if (next == next_vma(area)) /* not merged: on to it */
			area = next;
	}
}

/* A new area, and its neighbours, if they can be one. */
static void
add_area(struct mm_struct *mm, struct vm_area_struct *area)
{
	struct vm_area_struct *prev;

	insert_area(mm, area);
	area = merge_up(mm, area);
	prev = prev_vma(area);
	if (prev)
		merge_up(mm, prev);
}

/* --- Mapping ---------------------------------------------------------------- */

/* All areas between two whole ends, and what they map. */
static void
remove_range(struct mm_struct *mm, uintptr_t start, size_t len)
{
	struct vm_area_struct *area = find_vma(mm, start), *next;

	for (; area && area->start < start + len; area = next) {
		next = next_vma(area);
		unmap_user_pages(mm, area->start, area->end);
		erase_area(mm, area);
		free_area(area);
	}
}

/* Where to: the hint, if there is room; the highest gap otherwise. */
static long
choose_address(struct mm_struct *mm, const struct mmap_request *r, size_t len)
{
	uintptr_t addr = r->addr & PAGE_MASK, top;

	if (r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (!range_is_sane(r->addr, len))
			return r->addr % PAGE_SIZE ? -EINVAL : -ENOMEM;
		if (addr < MMAP_MIN)
			return -EPERM;
		if ((r->flags & MAP_FIXED_NOREPLACE) &&
		    !range_is_free(mm, addr, len))
			return -EEXIST;
		return addr;
	}
	if (addr >= MMAP_MIN && range_is_sane(addr, len) &&
	    range_is_free(mm, addr, len))
		return addr;
	top = highest_gap(mm, len);
	return top ? (long)(top - len) : -ENOMEM;
}

static int
check_request(struct mm_struct *mm, const struct mmap_request *r, size_t len)
{
	unsigned long pages = len / PAGE_SIZE;
	u32 kind = r->flags & (MAP_SHARED | MAP_PRIVATE);

	if (!r->len || (r->prot & ~VM_ACCESS) || !kind ||
	    kind == (MAP_SHARED | MAP_PRIVATE) ||
	    (r->ops && (r->flags & MAP_GROWSDOWN)))
		return -EINVAL;
	if (!len || len > TASK_SIZE) /* rounding up has wrapped */
		return -ENOMEM;
	if (r->pgoff > ~0ul - pages)
		return -EOVERFLOW;
	if (mm->total_vm + pages > mm->limit_as ||
	    mm->nr_areas >= MAX_MAP_COUNT || pages > max_pfn ||
	    !mm_charge(mm, AREA_COST))
		return -ENOMEM;
	return 0;
}

/* All but what insert_area sets. */
static void
fill_area(struct vm_area_struct *area, struct mm_struct *mm,
	  const struct mmap_request *r, uintptr_t start, size_t len)
{
	area->start = start;
	area->end = start + len;
	area->mm = mm;
	area->flags = r->prot | (r->flags & MAP_GROWSDOWN);
	area->ops = r->ops;
	area->object = r->object;
	area->pgoff = r->ops ? r->pgoff : start / PAGE_SIZE;
	if (r->flags & MAP_SHARED)
		area->flags |= VM_SHARED;
	if (!(r->flags & MAP_SHARED) || r->may_write)
		area->flags |= VM_MAYWRITE;
	if (area->ops)
		area->ops->open(area);
}

static long
mmap_locked(struct mm_struct *mm, const struct mmap_request *r)
{
	size_t len = PAGE_ALIGN(r->len);
	struct spares spares;
	struct vm_area_struct *area;
	long start = check_request(mm, r, len);

	if (!start)
		start = choose_address(mm, r, len);
	if (IS_ERR_VALUE(start))
		return start;
	area = kmem_cache_alloc(area_cache, GFP_KERNEL);
	if (!area)
		return -ENOMEM;
	if (r->flags & MAP_FIXED) {
		if (take_spares(mm, start, len, &spares)) {
			kmem_cache_free(area_cache, area);
			return -ENOMEM;
		}
		isolate(mm, start, len, &spares);
		remove_range(mm, start, len);
	}
	fill_area(area, mm, r, start, len);
	add_area(mm, area);
	return start;
}

long
mm_mmap(struct mm_struct *mm, const struct mmap_request *request)
{
	long start;

	mutex_lock(&mm->lock);
	start = mmap_locked(mm, request);
	mutex_unlock(&mm->lock);
	return start;
}

/* What became free goes back to the account. */
static __always_inline void
unlock_changed(struct mm_struct *mm) RELEASE(mm->lock)
{
	mm_settle(mm);
	mutex_unlock(&mm->lock);
}

static int
munmap_locked(struct mm_struct *mm, uintptr_t addr, size_t len)
{
	struct vm_area_struct *area;
	struct spares spares;

	len = PAGE_ALIGN(len);
	if (!range_is_sane(addr, len))
		return -EINVAL;
	area = find_vma(mm, addr);
	if (!area || area->start >= addr + len)
		return 0;
	if (too_many(mm, addr, len, true) ||
	    take_spares(mm, addr, len, &spares))
		return -ENOMEM;
	isolate(mm, addr, len, &spares);
	remove_range(mm, addr, len);
	return 0;
}

int
mm_munmap(struct mm_struct *mm, uintptr_t addr, size_t len)
{
	int err;

	mutex_lock(&mm->lock);
	err = munmap_locked(mm, addr, len);
	unlock_changed(mm);
	return err;
}

/* Is there an area everywhere in the range, and may all of them be so? */
static int
check_areas(struct mm_struct *mm, uintptr_t addr, size_t len, u32 prot)
{
	struct vm_area_struct *area = find_vma(mm, addr);
	uintptr_t at = addr;

	for (; area && area->start <= at; area = next_vma(area)) {
		if ((prot & VM_WRITE) && !(area->flags & VM_MAYWRITE))
			return -EACCES;
		at = area->end;
		if (at - addr >= len)
			return 0;
	}
	return -ENOMEM;
}

static int
protect_locked(struct mm_struct *mm, uintptr_t addr, size_t len, u32 prot)
{
	struct vm_area_struct *area;
	struct spares spares;
	int err;

	if (addr % PAGE_SIZE || (prot & ~VM_ACCESS))
		return -EINVAL;
	if (!len)
		return 0;
	len = PAGE_ALIGN(len);
	if (!range_is_sane(addr, len))
		return -ENOMEM;
	err = check_areas(mm, addr, len, prot);
	if (!err && too_many(mm, addr, len, false))
		err = -ENOMEM;
	if (!err)
		err = take_spares(mm, addr, len, &spares);
	if (err)
		return err;
	isolate(mm, addr, len, &spares);
	for (area = find_vma(mm, addr); area && area->start < addr + len;
	     area = next_vma(area)) {
		area->flags = (area->flags & ~VM_ACCESS) | prot;
		protect_user_pages(area);
	}
	merge_range(mm, addr, addr + len);
	return 0;
}

int
mm_protect(struct mm_struct *mm, uintptr_t addr, size_t len, u32 prot)
{
	int err;

	mutex_lock(&mm->lock);
	err = protect_locked(mm, addr, len, prot);
	unlock_changed(mm);
	return err;
}

int
mm_discard(struct mm_struct *mm, uintptr_t addr, size_t len)
{
	int err = -EINVAL;

	mutex_lock(&mm->lock);
	len = PAGE_ALIGN(len);
	if (range_is_sane(addr, len)) {
		err = check_areas(mm, addr, len, 0);
		unmap_user_pages(mm, addr, addr + len);
	}
	unlock_changed(mm);
	return err;
}

/* --- The heap, and moving --------------------------------------------------- */

uintptr_t
mm_brk(struct mm_struct *mm, uintptr_t brk)
{
	struct mmap_request r = {.prot = VM_READ | VM_WRITE,
				 .flags = MAP_PRIVATE | MAP_FIXED_NOREPLACE};
	uintptr_t old, new;

	mutex_lock(&mm->lock);
	old = PAGE_ALIGN(mm->brk);
	new = PAGE_ALIGN(brk);
	if (brk >= mm->start_brk && brk <= TASK_SIZE) {
		r.addr = old;
		r.len = new - old;
		if (new == old ||
		    (new < old && !munmap_locked(mm, new, old - new)) ||
		    (new > old && !IS_ERR_VALUE(mmap_locked(mm, &r))))
			mm->brk = brk;
	}
	brk = mm->brk;
	unlock_changed(mm);
	return brk;
}

/* Grow where it is: nobody is in the way. */
static bool
grow_in_place(struct mm_struct *mm, struct vm_area_struct *area, size_t more)
{
	if (more > TASK_SIZE - area->end ||
	    !range_is_free(mm, area->end, more) ||
	    mm->total_vm + more / PAGE_SIZE > mm->limit_as)
		return false;
	area->end += more;
	mm->total_vm += more / PAGE_SIZE;
	gap_changed(mm, next_vma(area));
	merge_up(mm, area);
	return true;
}

/* An area like the old one, elsewhere, with its pages; the old range goes. What
 * lies there already goes when only a page table can still be missing. */
static long
move_area(struct mm_struct *mm, uintptr_t addr, size_t old_len,
	  const struct mmap_request *to)
{
	long err = check_request(mm, to, to->len);
	struct vm_area_struct *area, *new;
	struct spares spares;
	long start = err ? err : choose_address(mm, to, to->len);

	if (IS_ERR_VALUE(start))
		return start;
	new = kmem_cache_alloc(area_cache, GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	err = too_many(mm, addr, old_len, false)
		      ? -ENOMEM
		      : take_spares(mm, addr, old_len, &spares);
	if (err)
		goto free_new;
	isolate(mm, addr, old_len, &spares);
	if (to->flags & MAP_FIXED)
		err = munmap_locked(mm, start, to->len);
	if (!err && !move_user_pages(mm, addr, start, min(old_len, to->len)))
		err = -ENOMEM;
	if (err)
		goto join_again;
	area = find_vma(mm, addr);
	*new = *area;
	new->start = start;
	new->end = start + to->len;
	if (new->ops)
		new->ops->open(new);
	else if (!(area->flags & VM_ANON)) /* no page knows its number */
		new->pgoff = new->start / PAGE_SIZE;
	remove_range(mm, addr, old_len);
	add_area(mm, new);
	return start;
join_again:
	merge_range(mm, addr, addr + old_len);
free_new:
	kmem_cache_free(area_cache, new);
	return err;
}

/* Nothing is to move: a second view of a shared area from addr on, elsewhere. */
static long
map_again(struct mm_struct *mm, const struct vm_area_struct *area,
	  uintptr_t addr, const struct mmap_request *to)
{
	struct mmap_request r = {
		.addr = to->addr,
		.len = to->len,
		.prot = area->flags & VM_ACCESS,
		.flags = MAP_SHARED | (to->flags & MAP_FIXED),
		.pgoff = area->pgoff + (addr - area->start) / PAGE_SIZE,
		.ops = area->ops,
		.object = area->object,
		.may_write = area->flags & VM_MAYWRITE,
	};

	return mmap_locked(mm, &r);
}

static long
remap_locked(struct mm_struct *mm, uintptr_t addr, size_t old_len,
	     size_t new_len, const struct mmap_request *fixed)
{
	struct vm_area_struct *area = find_vma(mm, addr);
	struct mmap_request to = *fixed;
	unsigned long pgoff;

	if (!area || area->start > addr)
		return -EFAULT;
	if (!(to.flags & MAP_FIXED) && new_len <= old_len) {
		int err = 0;

		if (new_len < old_len)
			err = munmap_locked(mm, addr + new_len,
					    old_len - new_len);
		return err ? err : (long)addr;
	}
	if (!old_len && !(area->flags & VM_SHARED))
		return -EINVAL; /* there is no second view of what is private */
	/* What is cut off may lie in several areas. */
	if (area->end - addr < min(old_len, new_len))
		return -EFAULT;
	pgoff = area->pgoff + (addr - area->start) / PAGE_SIZE;
	if (area->ops && new_len / PAGE_SIZE > ~0ul - pgoff)
		return -EINVAL; /* no file has such pages */
	if (!(to.flags & MAP_FIXED)) {
		if (area->end - addr == old_len &&
		    grow_in_place(mm, area, new_len - old_len))
			return addr;
		if (!(to.flags & MAP_PRIVATE)) /* it may not move */
			return -ENOMEM;
	}
	to.len = new_len;
	return old_len ? move_area(mm, addr, old_len, &to)
		       : map_again(mm, area, addr, &to);
}

long
mm_remap(struct mm_struct *mm, uintptr_t addr, size_t old_len, size_t new_len,
	 u32 flags, uintptr_t new_addr)
{
	/* Where it may go, in mmap's words. */
	struct mmap_request to = {
		.addr = flags & MREMAP_FIXED ? new_addr : 0,
		.flags = (flags & MREMAP_MAYMOVE ? MAP_PRIVATE : 0) |
			 (flags & MREMAP_FIXED ? MAP_FIXED : 0),
	};
	size_t kept; /* what there must be, and stays for now */
	long result;

	old_len = PAGE_ALIGN(old_len);
	new_len = PAGE_ALIGN(new_len);
	kept = old_len ? old_len : PAGE_SIZE;
	if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) ||
	    flags == MREMAP_FIXED || !range_is_sane(addr, kept) || !new_len)
		return -EINVAL;
	if ((flags & MREMAP_FIXED) &&
	    (!range_is_sane(new_addr, new_len) ||
	     (new_addr < addr + kept && addr < new_addr + new_len)))
		return -EINVAL;
	mutex_lock(&mm->lock);
	result = remap_locked(mm, addr, old_len, new_len, &to);
	unlock_changed(mm);
	return result;
}

void
mm_limit_stack(struct mm_struct *mm, size_t limit)
{
	struct vm_area_struct *area;

	mutex_lock(&mm->lock);
	mm->limit_stack = limit;
	for (area = first_vma(mm); area; area = next_vma(area))
		if (area->flags & VM_GROWSDOWN)
			gap_changed(mm, area);
	mutex_unlock(&mm->lock);
}

struct vm_area_struct *
vma_for_fault(struct mm_struct *mm, uintptr_t addr)
{
	struct vm_area_struct *area = find_vma(mm, addr), *prev;
	uintptr_t start = addr & PAGE_MASK, floor;
	size_t more;

	if (!area || addr >= area->start)
		return area;
	prev = prev_vma(area);
	floor = prev && (prev->flags & VM_ACCESS) ? prev->end + STACK_GUARD_GAP
						  : MMAP_MIN;
	if (prev)
		floor = max(floor, prev->end);
	more = (area->start - start) / PAGE_SIZE;
	if (!(area->flags & VM_GROWSDOWN) || start < floor ||
	    area->end - start > mm->limit_stack ||
	    mm->total_vm + more > mm->limit_as)
		return NULL;
	area->start = start;
	area->pgoff -= more;
	mm->total_vm += more;
	gap_changed(mm, area);
	return area;
}

/* --- Whole address spaces --------------------------------------------------- */

bool __noinline
mm_charge_more(struct mm_struct *mm, int bytes)
{
	int more = bytes + CREDIT_STEP;

	if (!account_charge(mm->account, more)) {
		more = bytes - mm->credit; /* as little as will do */
		if (!account_charge(mm->account, more))
			return false;
	}
	mm->charged += more;
	mm->credit += more;
	return true;
}

void __noinline
mm_give_back(struct mm_struct *mm)
{
	int less = mm->credit - CREDIT_STEP;

	account_uncharge(mm->account, less);
	mm->charged -= less;
	mm->credit = CREDIT_STEP;
}

/* Itself, its family, its directory. */
#define MM_COST (sizeof(struct mm_struct) + 2 * sizeof(void *) + PAGE_SIZE)

static struct mm_struct *
alloc_mm(struct anon_family *family, struct account *account)
{
	struct mm_struct *mm;

	if (!account_charge(account, MM_COST))
		return NULL;
	mm = kmem_cache_alloc(mm_cache, GFP_KERNEL);
	if (!mm)
		goto uncharge;
	*mm = (struct mm_struct){
		.pgd = pgtable_dir_alloc(),
		.areas = RB_ROOT,
		.list = LIST_HEAD_INIT(mm->list),
		.limit_as = TASK_SIZE / PAGE_SIZE,
		.limit_stack = 8 * SZ_1M,
		.users = 1,
		.family = family,
		.account = account,
		.charged = MM_COST,
	};
	mutex_init(&mm->lock);
	if (mm->pgd)
		return mm;
	kmem_cache_free(mm_cache, mm);
uncharge:
	account_uncharge(account, MM_COST);
	return NULL;
}

struct mm_struct *
mm_create_for(struct account *account)
{
	struct anon_family *family = kmem_cache_alloc(family_cache, GFP_KERNEL);
	struct mm_struct *mm = family ? alloc_mm(family, account) : NULL;

	if (mm) {
		family_init(family);
		rmap_join(mm);
	} else if (family) {
		kmem_cache_free(family_cache, family);
	}
	return mm;
}

void
mm_get(struct mm_struct *mm)
{
	rmap_get(mm);
}

void
mm_put(struct mm_struct *mm)
{
	struct anon_family *family = mm->family;
	struct vm_area_struct *area, *next;

	if (!rmap_put(mm))
		return;
	for (area = first_vma(mm); area; area = next) { /* the tree just ends */
		next = next_vma(area);
		unmap_user_pages(mm, area->start, area->end);
		free_area(area);
	}
	pgtable_dir_free(mm->pgd);
	if (rmap_leave(mm))
		kmem_cache_free(family_cache, family);
	account_uncharge(mm->account, mm->charged);
	kmem_cache_free(mm_cache, mm);
}

static bool
copy_areas(struct mm_struct *new, struct mm_struct *mm)
{
	struct vm_area_struct *area, *copy;

	for (area = first_vma(mm); area; area = next_vma(area)) {
		if (!mm_charge(new, AREA_COST))
			return false;
		copy = kmem_cache_alloc(area_cache, GFP_KERNEL);
		if (!copy)
			return false;
		*copy = *area;
		copy->mm = new;
		if (copy->ops)
			copy->ops->open(copy);
		insert_before(new, copy, NULL);
		if ((area->flags & VM_ANON) && !copy_user_pages(copy, area))
			return false;
	}
	return true;
}

struct mm_struct *
mm_copy_for(struct mm_struct *mm, struct account *account)
{
	struct mm_struct *new = alloc_mm(mm->family, account);
	bool whole;

	if (!new)
		return NULL;
	mutex_lock(&mm->lock);
	new->limit_as = mm->limit_as;
	new->limit_stack = mm->limit_stack;
	new->start_brk = mm->start_brk;
	new->brk = mm->brk;
	new->start_stack = mm->start_stack;
	new->arg_start = mm->arg_start;
	new->arg_end = mm->arg_end;
	new->env_start = mm->env_start;
	new->env_end = mm->env_end;
	whole = copy_areas(new, mm);
	tlb_flush_all(); /* what was writable is not any more */
	rmap_join(new);  /* others may look at its areas from now on */
	mutex_unlock(&mm->lock);
	if (whole)
		return new;
	mm_put(new);
	return NULL;
}

/* Page tables that nobody uses go when memory is short. To count them would
 * cost what it costs to free them: one, for all there may be. */
static unsigned long
count_tables(void)
{
	return 1;
}

static unsigned long
scan_tables(unsigned long nr __maybe_unused, gfp_t gfp __maybe_unused)
{
	return pgtable_drain();
}

SHRINKER(tables, count_tables, scan_tables);

void __init
user_memory_init(void)
{
	account_init();
	area_cache = kmem_cache_create("vm_area", sizeof(struct vm_area_struct),
				       0, SLAB_PANIC, NULL);
	mm_cache = kmem_cache_create("mm", sizeof(struct mm_struct), 0,
				     SLAB_PANIC, NULL);
	family_cache =
		kmem_cache_create("anon_family", sizeof(struct anon_family), 0,
				  SLAB_PANIC, NULL);
	zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!zero_page)
		panic("no memory for the zero page");
}
