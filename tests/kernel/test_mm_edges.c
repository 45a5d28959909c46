/* test_mm_edges.c - address spaces where one page more or less makes the
 * difference: gaps that just fit, limits that are just reached, and what a copy
 * must take along.
 *
 *   MMAP_MIN                                          TASK_SIZE
 *   |[ A ]...gap...[ B ]..gap..[ C ].......gap.......|
 *                       a new area fits exactly: it must go there
 */
#include "errno.h"
#include "layout.h"
#include "mm_helpers.h"
#include "page_owner.h"
#include "util.h"

/* --- Gaps ---------------------------------------------------------------------- */

#define NR_HOLES 20

static u32 seed;

static u32
random_below(u32 n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

/* What is kept free below an area, and so part of no gap. */
static size_t
kept_below(const struct vm_area_struct *area)
{
	size_t size = area->end - area->start;
	size_t more =
		area->mm->limit_stack > size ? area->mm->limit_stack - size : 0;

	return area->flags & VM_GROWSDOWN ? STACK_GUARD_GAP + more : 0;
}

/* Where the highest gap of that size ends, by looking at all of them. */
static long
highest_place(struct mm_struct *mm, size_t len)
{
	uintptr_t floor = MMAP_MIN;
	long found = -ENOMEM;

	for (struct vm_area_struct *area = first_vma(mm); area;
	     area = next_vma(area)) {
		size_t room = area->start - floor, kept = kept_below(area);

		if (room >= kept && room - kept >= len)
			found = (long)(area->start - kept - len);
		floor = area->end;
	}
	return TASK_SIZE - floor >= len ? (long)(TASK_SIZE - len) : found;
}

/* Everything is full but for small holes in random places; below the stack, what
 * it keeps, and a little more. */
static void
scatter(struct mm_struct *mm)
{
	const size_t step = 8 * SZ_1M;
	uintptr_t stack = TASK_SIZE / 2 + random_below(64) * step,
		  at = MMAP_MIN;

	for (; at < TASK_SIZE; at = ALIGN_DOWN(at + step, step))
		map_at(mm, at, (ALIGN_DOWN(at + step, step) - at) / PAGE_SIZE,
		       RW, MAP_FIXED);
	map_at(mm, stack, 1 + random_below(8), RW, MAP_FIXED | MAP_GROWSDOWN);
	at = kept_below(find_vma(mm, stack)) + random_below(4) * PAGE_SIZE;
	mm_munmap(mm, stack - at, at);
	for (unsigned int i = 0; i < NR_HOLES; i++) {
		at = MMAP_MIN +
		     random_below(TASK_SIZE / PAGE_SIZE - 100) * PAGE_SIZE;
		mm_munmap(mm, at, (1 + random_below(12)) * PAGE_SIZE);
	}
	if (random_below(2)) /* at the very end */
		mm_munmap(mm, TASK_SIZE - PAGE_SIZE, PAGE_SIZE);
}

/* Holes of all sizes that there are, and are not: where does each go? */
TEST(mm, a_gap_that_just_fits_is_found_and_the_highest_one)
{
	for (unsigned int round = 0; round < 60; round++) {
		struct mm_struct *mm = mm_create();

		ASSERT(mm);
		seed = round;
		mm->limit_as = ~0ul;
		mm_limit_stack(mm, (10 + random_below(20)) * PAGE_SIZE);
		scatter(mm);
		for (size_t size = PAGE_SIZE; size < 40 * PAGE_SIZE;
		     size += PAGE_SIZE) {
			long at = highest_place(mm, size);

			EXPECT_EQ(map_at(mm, 0, size / PAGE_SIZE, RW, 0), at);
			if (at != -ENOMEM)
				mm_munmap(mm, (uintptr_t)at, size);
		}
		EXPECT_EQ(mm_check(mm), 0);
		mm_put(mm);
	}
}

/* At the lower end, at the upper one, and of a whole address space's size. */
TEST(mm, the_last_page_of_each_end_can_be_used)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	map_at(mm, MMAP_MIN + PAGE_SIZE, 1, RW, MAP_FIXED);
	EXPECT_EQ(map_at(mm, 0, 1, RW, 0), TASK_SIZE - PAGE_SIZE);
	EXPECT_EQ(map_at(mm, MMAP_MIN, 1, RW, 0), MMAP_MIN);
	EXPECT_EQ(mm_munmap(mm, MMAP_MIN, PAGE_SIZE), 0);
	EXPECT_EQ(map_at(mm, TASK_SIZE - 2 * PAGE_SIZE, 1, RW, MAP_FIXED),
		  TASK_SIZE - 2 * PAGE_SIZE);
	EXPECT_EQ(map_at(mm, MMAP_MIN - PAGE_SIZE, 1, RW, 0),
		  TASK_SIZE - 3 * PAGE_SIZE); /* not below */
	EXPECT_EQ(mm_munmap(mm, 0, TASK_SIZE), 0);
	EXPECT_EQ(mm->nr_areas, 0);
	EXPECT_EQ(mm_munmap(mm, 0, TASK_SIZE), 0);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* --- Limits -------------------------------------------------------------------- */

TEST(mm, a_limit_can_be_reached_and_not_passed)
{
	struct mm_struct *mm = mm_create();
	uintptr_t stack = BASE + 0x400000;

	ASSERT(mm);
	mm->limit_as = 10;
	EXPECT_EQ(map_at(mm, BASE, 11, RW, MAP_FIXED), -ENOMEM);
	EXPECT_EQ(map_at(mm, BASE, 8, RW, MAP_FIXED), BASE);
	EXPECT_EQ(mm_remap(mm, BASE, 8 * PAGE_SIZE, 11 * PAGE_SIZE, 0, 0),
		  -ENOMEM);
	EXPECT_EQ(mm_remap(mm, BASE, 8 * PAGE_SIZE, 9 * PAGE_SIZE, 0, 0), BASE);
	EXPECT_EQ(map_at(mm, stack, 1, RW, MAP_FIXED | MAP_GROWSDOWN), stack);
	EXPECT_EQ(poke(mm, stack - 1, 1), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm->total_vm, 10);
	mm->limit_as = 11;
	EXPECT_EQ(poke(mm, stack - PAGE_SIZE, 1), FAULT_DONE);
	EXPECT_EQ(poke(mm, stack - PAGE_SIZE - 4, 1), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, more_than_there_is_of_memory_is_refused)
{
	struct mm_struct *mm = mm_create();
	size_t pages = max_pfn + 1;

	ASSERT(mm);
	if (max_pfn >= (TASK_SIZE - MMAP_MIN) / PAGE_SIZE)
		test_skip("there is more memory than a program has addresses");
	else
		EXPECT_EQ(map_at(mm, 0, pages, RW, 0), -ENOMEM);
	if (max_pfn < (TASK_SIZE - MMAP_MIN) / PAGE_SIZE)
		EXPECT_OP(map_at(mm, 0, pages - 1, RW, 0), !=, -ENOMEM);
	mm_put(mm);
}

/* The stack's rlimit and its guard, each to the last page. */
TEST(mm, a_stack_grows_up_to_its_limit_and_to_the_guard)
{
	const uintptr_t top = BASE + 0x800000, below = BASE;
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	mm->limit_stack = 4 * PAGE_SIZE;
	map_at(mm, top - PAGE_SIZE, 1, RW, MAP_FIXED | MAP_GROWSDOWN);
	EXPECT_EQ(poke(mm, top - 4 * PAGE_SIZE - 4, 1), FAULT_SEGV_MAPERR);
	EXPECT_EQ(poke(mm, top - 4 * PAGE_SIZE, 1), FAULT_DONE);
	mm->limit_stack = TASK_SIZE;
	map_at(mm, below, 1, RW, MAP_FIXED);
	EXPECT_EQ(poke(mm, below + STACK_GUARD_GAP, 1), FAULT_SEGV_MAPERR);
	EXPECT_EQ(poke(mm, below + PAGE_SIZE + STACK_GUARD_GAP, 1), FAULT_DONE);

	/* What nobody may touch is a guard itself. */
	map_at(mm, below, 1, 0, MAP_FIXED);
	EXPECT_EQ(poke(mm, below + PAGE_SIZE, 1), FAULT_DONE);
	EXPECT_EQ(poke(mm, below, 1), FAULT_SEGV_ACCERR);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* Targets of a move that touch its source, from below and from above. */
TEST(mm, a_move_may_end_where_it_began)
{
	const u32 fixed = MREMAP_MAYMOVE | MREMAP_FIXED;
	struct mm_struct *mm = mm_create();
	uintptr_t at = BASE;

	ASSERT(mm);
	map_at(mm, at, 2, RW, MAP_FIXED);
	poke(mm, at, 1);
	for (int way = -2; way <= 2; way += 4) {
		uintptr_t to = at + way * (int)PAGE_SIZE;

		EXPECT_EQ(mm_remap(mm, at, 2 * PAGE_SIZE, 2 * PAGE_SIZE, fixed,
				   (at + to) / 2),
			  -EINVAL);
		EXPECT_EQ(mm_remap(mm, at, 2 * PAGE_SIZE, 2 * PAGE_SIZE, fixed,
				   to),
			  (long)to);
		EXPECT_EQ(peek(mm, to), 1);
		at = to;
	}
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* --- What two areas, or two address spaces, must have in common ------------------ */

/* One of the two has had pages, the other not: so has the whole. */
TEST(mm, a_merged_area_knows_that_a_part_had_pages)
{
	for (unsigned int way = 0; way < 4; way++) {
		struct mm_struct *mm = mm_create(), *copy;
		uintptr_t first = BASE + (way & 1 ? PAGE_SIZE : 0);
		uintptr_t second = BASE + (way & 1 ? 0 : PAGE_SIZE);

		ASSERT(mm);
		map_at(mm, first, 1, RW, MAP_FIXED);
		poke(mm, first, 42);
		if (way & 2) /* neither is the youngest */
			map_at(mm, BASE + 9 * PAGE_SIZE, 1, RW, MAP_FIXED);
		map_at(mm, second, 1, RW, MAP_FIXED);
		EXPECT_EQ(mm->nr_areas, way & 2 ? 2 : 1);
		EXPECT_EQ(mm_check(mm), 0);
		copy = mm_copy(mm);
		ASSERT(copy);
		EXPECT_EQ(peek(copy, first), 42);
		mm_put(copy);
		mm_put(mm);
	}
}

/* ... also where the one without them is the one that stays. */
TEST(mm, an_area_merged_into_one_without_pages_has_them)
{
	struct mm_struct *mm = mm_create(), *copy;

	ASSERT(mm);
	map_at(mm, BASE, 2, RW, MAP_FIXED);
	mm_protect(mm, BASE, PAGE_SIZE, PROT_READ);
	poke(mm, BASE + PAGE_SIZE, 42);
	map_at(mm, BASE + 9 * PAGE_SIZE, 1, RW, MAP_FIXED); /* the youngest */
	EXPECT_EQ(mm->nr_areas, 3);
	mm_protect(mm, BASE, PAGE_SIZE, RW);
	EXPECT_EQ(mm->nr_areas, 2);
	EXPECT_EQ(mm_check(mm), 0);
	copy = mm_copy(mm);
	ASSERT(copy);
	EXPECT_EQ(peek(copy, BASE + PAGE_SIZE), 42);
	mm_put(copy);
	mm_put(mm);
}

/* The first table for the target was had, the second one not. */
TEST(mm, a_move_that_fails_keeps_no_tables)
{
	const uintptr_t to = BASE + 2 * LARGE_PAGE_SIZE - PAGE_SIZE;
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	map_at(mm, BASE, 2, RW, MAP_FIXED);
	poke(mm, BASE, 1);
	poke(mm, BASE + PAGE_SIZE, 2);
	pgtable_drain();
	fail_page_alloc_set(0, 2, 0);
	EXPECT_EQ(mm_remap(mm, BASE, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, to),
		  -ENOMEM);
	fail_page_alloc_set(0, 0, 0);
	EXPECT(!pgtable_lookup(mm->pgd, to));
	EXPECT(!pgtable_lookup(mm->pgd, to + PAGE_SIZE));
	EXPECT_EQ(peek(mm, BASE), 1);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* Nobody has put a page there yet: it cannot be had back. */
TEST(mm, a_place_in_swap_is_a_bus_error)
{
	struct mm_struct *mm = mm_create();
	pte_t *entry;

	ASSERT(mm);
	map_at(mm, BASE, 2, RW, MAP_FIXED);
	poke(mm, BASE + PAGE_SIZE, 1);
	entry = pgtable_lookup(mm->pgd, BASE);
	pgtable_set(entry, make_pte(0, _PAGE_KEPT));
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_BUS);
	EXPECT_EQ(mm_fault(mm, BASE, PF_WRITE), FAULT_BUS);
	pgtable_set(entry, make_pte(0, 0));
	EXPECT_EQ(mm_fault(mm, BASE, PF_WRITE), FAULT_DONE);
	mm_put(mm);
}

TEST(mm, a_copy_has_all_that_its_parent_had)
{
	struct mm_struct *mm = mm_create(), *copy;

	ASSERT(mm);
	mm->limit_as = 1234;
	mm->limit_stack = 5 * PAGE_SIZE;
	mm->start_brk = BASE;
	mm->brk = BASE + 5;
	mm->start_stack = BASE + 6;
	mm->arg_start = BASE + 7;
	mm->arg_end = BASE + 8;
	mm->env_start = BASE + 9;
	mm->env_end = BASE + 10;
	copy = mm_copy(mm);
	ASSERT(copy);
	EXPECT_EQ(copy->limit_as, 1234);
	EXPECT_EQ(copy->limit_stack, 5 * PAGE_SIZE);
	EXPECT_EQ(copy->start_brk, BASE);
	EXPECT_EQ(copy->brk, BASE + 5);
	EXPECT_EQ(copy->start_stack, BASE + 6);
	EXPECT_EQ(copy->arg_start, BASE + 7);
	EXPECT_EQ(copy->arg_end, BASE + 8);
	EXPECT_EQ(copy->env_start, BASE + 9);
	EXPECT_EQ(copy->env_end, BASE + 10);
	EXPECT_EQ(copy->users, 1);
	mm_put(copy);
	mm_put(mm);
}

/* A right that is taken and given back is not one to write into what others
 * see, too. */
TEST(mm, a_page_that_a_fork_shares_stays_readonly_whatever_is_protected)
{
	struct mm_struct *mm = mm_create(), *copy;

	ASSERT(mm);
	map_at(mm, BASE, 2, RW, MAP_FIXED);
	poke(mm, BASE, 1);
	EXPECT_EQ(peek(mm, BASE + PAGE_SIZE), 0); /* the zero page */
	copy = mm_copy(mm);
	ASSERT(copy);
	for (unsigned int i = 0; i < 2; i++) {
		struct mm_struct *one = i ? mm : copy;

		EXPECT_EQ(mm_protect(one, BASE, 2 * PAGE_SIZE, 0), 0);
		EXPECT_EQ(mm_protect(one, BASE, 2 * PAGE_SIZE, PROT_READ), 0);
		EXPECT_EQ(mm_protect(one, BASE, 2 * PAGE_SIZE, RW), 0);
		EXPECT(!writable_at(one, BASE));
		EXPECT(!writable_at(one, BASE + PAGE_SIZE));
	}
	EXPECT_EQ(mm_check(copy) + mm_check(mm), 0);
	EXPECT_EQ(poke(copy, BASE, 2), FAULT_DONE);
	EXPECT_EQ(peek(mm, BASE), 1);
	EXPECT_EQ(poke(mm, BASE, 3), FAULT_DONE); /* mine alone now */
	EXPECT_EQ(peek(copy, BASE), 2);
	EXPECT_EQ(mm_protect(mm, BASE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(mm_protect(mm, BASE, PAGE_SIZE, RW), 0);
	EXPECT(writable_at(mm, BASE)); /* no fault for nothing */
	EXPECT_EQ(mm_check(copy) + mm_check(mm), 0);
	mm_put(copy);
	mm_put(mm);
}

TEST(mm, of_two_that_share_the_first_to_write_gets_the_copy)
{
	for (unsigned int child = 0; child < 2; child++) {
		struct mm_struct *mm[2] = {mm_create(), NULL};
		struct page *page;

		ASSERT(mm[0]);
		map_at(mm[0], BASE, 1, RW, MAP_FIXED);
		poke(mm[0], BASE, 1);
		page = page_at(mm[0], BASE);
		mm[1] = mm_copy(mm[0]);
		ASSERT(mm[1]);
		EXPECT_EQ(poke(mm[child], BASE, 2), FAULT_DONE);
		EXPECT(page_at(mm[child], BASE) != page);
		EXPECT_EQ(page->mapcount, 1);
		EXPECT_EQ(page_count(page), 1);
		EXPECT_EQ(peek(mm[!child], BASE), 1);
		EXPECT_EQ(mm_check(mm[0]) + mm_check(mm[1]), 0);
		mm_put(mm[0]);
		mm_put(mm[1]);
	}
}

/* Tables that nobody uses are what memory that is short gets. */
TEST(mm, tables_that_are_kept_can_be_had_back)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	pgtable_drain();
	map_at(mm, BASE, 1, RW, MAP_FIXED);
	poke(mm, BASE, 1);
	mm_put(mm); /* its table is kept */
	EXPECT_OP(shrink_memory(GFP_KERNEL), >=, 1ul);
	EXPECT_EQ(pgtable_drain(), 0);
}
