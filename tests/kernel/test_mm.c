/* test_mm.c - address spaces without programs: areas, faults, copies.
 *
 *   map_at(BASE) --> poke: mm_fault, then the word --> mm_check
 */
#include "err.h"
#include "errno.h"
#include "layout.h"
#include "mm_helpers.h"
#include "page_owner.h"
#include "slab.h"
#include "string.h"
#include "util.h"

TEST(mm, memory_costs_nothing_until_it_is_touched)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	EXPECT_EQ(map_at(mm, BASE, 1024, RW, MAP_FIXED), BASE);
	EXPECT_EQ(mm->rss[RSS_ANON] + mm->rss[RSS_FILE], 0);
	EXPECT(!page_at(mm, BASE));
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_DONE);
	EXPECT(page_at(mm, BASE) == zero_page);
	EXPECT(!writable_at(mm, BASE));
	EXPECT_EQ(mm->rss[RSS_ANON], 0);
	EXPECT_EQ(poke(mm, BASE, 42), FAULT_DONE);
	EXPECT(page_at(mm, BASE) != zero_page);
	EXPECT_EQ(peek(mm, BASE), 42);
	EXPECT_EQ(peek(mm, BASE + 4), 0);
	EXPECT_EQ(mm->rss[RSS_ANON], 1);
	EXPECT_EQ(poke(mm, BASE + PAGE_SIZE, 43), FAULT_DONE);
	EXPECT_EQ(mm->rss[RSS_ANON], 2);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, what_is_not_there_or_not_allowed_is_told_apart)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	map_at(mm, BASE, 1, PROT_READ, MAP_FIXED);
	map_at(mm, BASE + PAGE_SIZE, 1, 0, MAP_FIXED);
	EXPECT_EQ(mm_fault(mm, 0, 0), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_fault(mm, BASE - 1, 0), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_fault(mm, BASE, PF_WRITE), FAULT_SEGV_ACCERR);
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_DONE);
	EXPECT_EQ(mm_fault(mm, BASE, PF_WRITE), FAULT_SEGV_ACCERR);
	EXPECT_EQ(mm_fault(mm, BASE + PAGE_SIZE, 0), FAULT_SEGV_ACCERR);
	EXPECT_EQ(mm_fault(mm, BASE + 2 * PAGE_SIZE, 0), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_fault(mm, TASK_SIZE, 0), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_fault(mm, ~0u, PF_WRITE), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, protection_can_be_taken_and_given_back_with_the_contents)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	map_at(mm, BASE, 4, RW, MAP_FIXED);
	poke(mm, BASE + PAGE_SIZE, 1);
	EXPECT_EQ(mm_protect(mm, BASE + PAGE_SIZE, PAGE_SIZE, 0), 0);
	EXPECT_EQ(mm->nr_areas, 3);
	EXPECT_EQ(mm_fault(mm, BASE + PAGE_SIZE, 0), FAULT_SEGV_ACCERR);
	EXPECT(page_at(mm, BASE + PAGE_SIZE) != NULL);
	EXPECT_EQ(mm_check(mm), 0);
	EXPECT_EQ(mm_protect(mm, BASE + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(poke(mm, BASE + PAGE_SIZE, 2), FAULT_SEGV_ACCERR);
	EXPECT_EQ(peek(mm, BASE + PAGE_SIZE), 1);
	EXPECT_EQ(mm_protect(mm, BASE, 4 * PAGE_SIZE, RW), 0);
	EXPECT_EQ(mm->nr_areas, 1); /* they are one again */
	EXPECT_EQ(poke(mm, BASE + PAGE_SIZE, 2), FAULT_DONE);
	EXPECT_EQ(mm_protect(mm, BASE, 5 * PAGE_SIZE, RW), -ENOMEM);
	EXPECT_EQ(mm_protect(mm, BASE + 1, PAGE_SIZE, RW), -EINVAL);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, a_hole_in_the_middle_leaves_two_areas)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	map_at(mm, BASE, 3, RW, MAP_FIXED);
	poke(mm, BASE, 1);
	poke(mm, BASE + PAGE_SIZE, 2);
	poke(mm, BASE + 2 * PAGE_SIZE, 3);
	EXPECT_EQ(mm_munmap(mm, BASE + PAGE_SIZE, 1), 0);
	EXPECT_EQ(mm->nr_areas, 2);
	EXPECT_EQ(mm->total_vm, 2);
	EXPECT_EQ(mm->rss[RSS_ANON], 2);
	EXPECT_EQ(poke(mm, BASE + PAGE_SIZE, 2), FAULT_SEGV_MAPERR);
	EXPECT_EQ(peek(mm, BASE), 1);
	EXPECT_EQ(peek(mm, BASE + 2 * PAGE_SIZE), 3);
	EXPECT_EQ(mm_munmap(mm, 0, TASK_SIZE), 0);
	EXPECT_EQ(mm->nr_areas, 0);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, sizes_and_addresses_that_cannot_be_are_refused)
{
	struct mm_struct *mm = mm_create();
	struct mmap_request r = {.prot = RW, .flags = MAP_PRIVATE};

	ASSERT(mm);
	EXPECT_EQ(mm_mmap(mm, &r), -EINVAL); /* no length */
	r.len = ~0u;
	EXPECT_EQ(mm_mmap(mm, &r), -ENOMEM);
	r.len = 0xC0000000u;
	EXPECT_EQ(mm_mmap(mm, &r), -ENOMEM);
	r.len = PAGE_SIZE;
	r.flags = 0;
	EXPECT_EQ(mm_mmap(mm, &r), -EINVAL);
	r.flags = MAP_PRIVATE | MAP_SHARED;
	EXPECT_EQ(mm_mmap(mm, &r), -EINVAL);
	EXPECT_EQ(map_at(mm, BASE + 1, 1, RW, MAP_FIXED), -EINVAL);
	EXPECT_EQ(map_at(mm, 0, 1, RW, MAP_FIXED), -EPERM);
	EXPECT_EQ(map_at(mm, MMAP_MIN - PAGE_SIZE, 1, RW, MAP_FIXED), -EPERM);
	EXPECT_EQ(map_at(mm, TASK_SIZE - PAGE_SIZE, 2, RW, MAP_FIXED), -ENOMEM);
	EXPECT_EQ(map_at(mm, 0xFFFFF000u, 1, RW, MAP_FIXED), -ENOMEM);
	EXPECT_EQ(map_at(mm, BASE, 1, RW, MAP_FIXED_NOREPLACE), BASE);
	EXPECT_EQ(map_at(mm, BASE, 1, RW, MAP_FIXED_NOREPLACE), -EEXIST);
	EXPECT_EQ(mm_munmap(mm, 1, 1), -EINVAL);
	EXPECT_EQ(mm_munmap(mm, BASE, 0), -EINVAL);
	EXPECT_EQ(mm_munmap(mm, 0xBFFFF000u, 2 * PAGE_SIZE), -EINVAL);
	EXPECT_EQ(mm->nr_areas, 1);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, a_hint_is_followed_when_it_is_free)
{
	struct mm_struct *mm = mm_create();
	long top;

	ASSERT(mm);
	EXPECT_EQ(map_at(mm, BASE + 5, 1, RW, 0), BASE);
	top = map_at(mm, BASE, 1, RW, 0);
	EXPECT_EQ(top, TASK_SIZE - PAGE_SIZE); /* taken: the highest gap */
	EXPECT_EQ(map_at(mm, 0, 2, RW, 0), top - 2 * PAGE_SIZE);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, a_stack_grows_but_not_into_others_and_not_beyond_its_limit)
{
	const uintptr_t top = TASK_SIZE - 0x400000;
	struct mm_struct *mm = mm_create();
	struct vm_area_struct *area;
	long other;

	ASSERT(mm);
	mm->limit_stack = 64 * PAGE_SIZE;
	map_at(mm, top - PAGE_SIZE, 1, RW, MAP_FIXED | MAP_GROWSDOWN);
	EXPECT_EQ(poke(mm, top - 10 * PAGE_SIZE, 7), FAULT_DONE);
	EXPECT_EQ(mm->total_vm, 10);
	EXPECT_EQ(mm_fault(mm, top - 65 * PAGE_SIZE, PF_WRITE),
		  FAULT_SEGV_MAPERR);
	EXPECT_EQ(poke(mm, top - 64 * PAGE_SIZE, 7), FAULT_DONE);
	EXPECT_EQ(mm_check(mm), 0);

	/* Nobody is put where it may still grow, or right below. */
	mm->limit_stack = 128 * PAGE_SIZE;
	map_at(mm, top, (TASK_SIZE - top) / PAGE_SIZE, 0, MAP_FIXED);
	mm->last = NULL;
	area = find_vma(mm, top - 1);
	ASSERT(area && area->start == top - 64 * PAGE_SIZE);
	EXPECT_EQ(mm_munmap(mm, top - 64 * PAGE_SIZE, PAGE_SIZE), 0);
	other = map_at(mm, 0, 1, RW, 0);
	EXPECT_OP((uintptr_t)other, <=,
		  top - 128 * PAGE_SIZE - STACK_GUARD_GAP - PAGE_SIZE);

	/* Somebody who insists: then it grows no nearer than the gap. */
	EXPECT_EQ(map_at(mm, top - 0x140000, 1, RW, MAP_FIXED), top - 0x140000);
	EXPECT_EQ(mm_fault(mm, top - 0x140000 + STACK_GUARD_GAP, PF_WRITE),
		  FAULT_SEGV_MAPERR);
	EXPECT_EQ(poke(mm, top - 0x140000 + STACK_GUARD_GAP + PAGE_SIZE, 1),
		  FAULT_DONE);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, a_stack_without_a_limit_leaves_room_for_others)
{
	const uintptr_t stack = TASK_SIZE - PAGE_SIZE;
	struct mm_struct *mm = mm_create();
	uintptr_t at;

	ASSERT(mm);
	map_at(mm, stack, 1, RW, MAP_FIXED | MAP_GROWSDOWN);
	mm_limit_stack(mm, TASK_SIZE);
	at = (uintptr_t)map_at(mm, 0, 1, RW, 0);
	EXPECT_OP(at, <, stack - STACK_GUARD_GAP);
	EXPECT_OP(at, >=, MMAP_MIN);
	mm_limit_stack(mm, PAGE_SIZE); /* and back */
	EXPECT_EQ(map_at(mm, 0, 1, RW, 0), stack - STACK_GUARD_GAP - PAGE_SIZE);
	EXPECT_EQ(mm_fault(mm, stack - 1, PF_WRITE), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, the_heap_grows_and_shrinks)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm);
	mm->start_brk = mm->brk = BASE + 10;
	EXPECT_EQ(mm_brk(mm, 0), BASE + 10);
	EXPECT_EQ(mm_brk(mm, BASE + 20), BASE + 20);
	EXPECT_EQ(mm_brk(mm, BASE + 3 * PAGE_SIZE + 1),
		  BASE + 3 * PAGE_SIZE + 1);
	EXPECT_EQ(poke(mm, BASE + 3 * PAGE_SIZE, 9), FAULT_DONE);
	EXPECT_EQ(mm->nr_areas, 1);
	map_at(mm, BASE + 6 * PAGE_SIZE, 1, RW, MAP_FIXED);
	EXPECT_EQ(mm_brk(mm, BASE + 7 * PAGE_SIZE),
		  BASE + 3 * PAGE_SIZE + 1); /* somebody is in the way */
	EXPECT_EQ(mm_brk(mm, BASE + PAGE_SIZE), BASE + PAGE_SIZE);
	EXPECT_EQ(mm->rss[RSS_ANON], 0);
	EXPECT_EQ(mm_brk(mm, BASE), BASE + PAGE_SIZE); /* below its start */
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

TEST(mm, moving_takes_the_pages_along)
{
	struct mm_struct *mm = mm_create();
	long to;

	ASSERT(mm);
	map_at(mm, BASE, 2, RW, MAP_FIXED);
	map_at(mm, BASE + 2 * PAGE_SIZE, 1, PROT_READ, MAP_FIXED);
	poke(mm, BASE, 1);
	poke(mm, BASE + PAGE_SIZE, 2);
	EXPECT_EQ(mm_remap(mm, BASE, 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0),
		  -ENOMEM);
	to = mm_remap(mm, BASE, 2 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE,
		      0);
	ASSERT(!IS_ERR_VALUE(to));
	EXPECT_EQ(mm_check(mm), 0);
	EXPECT_EQ(peek(mm, to), 1);
	EXPECT_EQ(peek(mm, to + PAGE_SIZE), 2);
	EXPECT_EQ(poke(mm, to + 3 * PAGE_SIZE, 4), FAULT_DONE);
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_SEGV_MAPERR);
	EXPECT_EQ(rmap_walk(page_at(mm, to), is_at, &to), 1);
	EXPECT_EQ(mm_remap(mm, to, 4 * PAGE_SIZE, PAGE_SIZE, 0, 0), to);
	EXPECT_EQ(mm_fault(mm, to + PAGE_SIZE, 0), FAULT_SEGV_MAPERR);
	EXPECT_EQ(mm_remap(mm, to, PAGE_SIZE, PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, BASE + 2 * PAGE_SIZE),
		  BASE + 2 * PAGE_SIZE);
	EXPECT_EQ(peek(mm, BASE + 2 * PAGE_SIZE), 1);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* What the move to a fixed address would overwrite is there until it can. */
TEST(mm, a_move_that_fails_leaves_what_lies_at_its_target)
{
	struct mm_struct *mm = mm_create();
	uintptr_t to = BASE + 16 * PAGE_SIZE;
	long result = -ENOMEM;
	unsigned int n;

	ASSERT(mm);
	map_at(mm, BASE, 3, RW, MAP_FIXED);
	map_at(mm, to, 3, RW, MAP_FIXED);
	poke(mm, BASE + PAGE_SIZE, 1);
	poke(mm, to + PAGE_SIZE, 2);
	for (n = 1; n < 10 && result == -ENOMEM; n++) {
		fail_alloc_set(0, n);
		result =
			mm_remap(mm, BASE + PAGE_SIZE, PAGE_SIZE, PAGE_SIZE,
				 MREMAP_MAYMOVE | MREMAP_FIXED, to + PAGE_SIZE);
		fail_alloc_set(0, 0);
		EXPECT_EQ(mm_check(mm), 0);
		EXPECT_EQ(peek(mm, to + PAGE_SIZE), result < 0 ? 2 : 1);
		EXPECT_EQ(mm->nr_areas, result < 0 ? 2 : 5);
	}
	EXPECT_EQ(result, (long)(to + PAGE_SIZE));
	EXPECT_EQ(n, 7); /* an area, two ends of it, two of the target */
	mm_put(mm);
}

/* As if there were so many; only what adds to them is refused. */
TEST(mm, splitting_stops_at_the_number_of_areas_there_may_be)
{
	struct mm_struct *mm = mm_create();
	unsigned int others = MAX_MAP_COUNT - 1;

	ASSERT(mm);
	map_at(mm, BASE, 5, RW, MAP_FIXED);
	mm->nr_areas += others;
	EXPECT_EQ(mm_munmap(mm, BASE + PAGE_SIZE, PAGE_SIZE), -ENOMEM);
	EXPECT_EQ(mm_protect(mm, BASE, PAGE_SIZE, PROT_READ), -ENOMEM);
	EXPECT_EQ(mm_munmap(mm, BASE + 4 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(mm_protect(mm, BASE, 4 * PAGE_SIZE, PROT_READ), 0);
	mm->nr_areas--;
	EXPECT_EQ(mm_protect(mm, BASE + PAGE_SIZE, PAGE_SIZE, RW), -ENOMEM);
	EXPECT_EQ(mm_munmap(mm, BASE + PAGE_SIZE, PAGE_SIZE), 0);
	mm->nr_areas -= others - 1;
	EXPECT_EQ(mm->nr_areas, 2);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* --- Forks -------------------------------------------------------------------- */

static void
count_mm(struct mm_struct *mm __maybe_unused, uintptr_t va, void *arg)
{
	*(unsigned int *)arg += va == BASE;
}

TEST(mm, three_generations_share_until_they_write)
{
	struct mm_struct *mm[3] = {mm_create()};
	unsigned int at_base = 0;
	struct page *page;

	ASSERT(mm[0]);
	map_at(mm[0], BASE, 4, RW, MAP_FIXED);
	poke(mm[0], BASE, 1);
	mm[1] = mm_copy(mm[0]);
	ASSERT(mm[1]);
	mm[2] = mm_copy(mm[1]);
	ASSERT(mm[2]);
	page = page_at(mm[0], BASE);
	EXPECT(page_at(mm[1], BASE) == page && page_at(mm[2], BASE) == page);
	EXPECT_EQ(page->mapcount, 3);
	EXPECT_EQ(page_count(page), 3);
	EXPECT_EQ(rmap_walk(page, count_mm, &at_base), 3);
	EXPECT_EQ(at_base, 3);
	EXPECT(!writable_at(mm[0], BASE) && !writable_at(mm[2], BASE));

	EXPECT_EQ(poke(mm[1], BASE, 2), FAULT_DONE); /* a copy */
	EXPECT(page_at(mm[1], BASE) != page);
	EXPECT_EQ(page->mapcount, 2);
	EXPECT_EQ(peek(mm[0], BASE), 1);
	EXPECT_EQ(peek(mm[1], BASE), 2);
	EXPECT_EQ(peek(mm[2], BASE), 1);
	mm_put(mm[0]);
	EXPECT_EQ(page->mapcount, 1);
	EXPECT_EQ(poke(mm[2], BASE, 3), FAULT_DONE); /* its own now: no copy */
	EXPECT(page_at(mm[2], BASE) == page);
	EXPECT_EQ(peek(mm[1], BASE), 2);
	EXPECT_EQ(mm_check(mm[1]) + mm_check(mm[2]), 0);
	mm_put(mm[2]);
	mm_put(mm[1]);
}

static struct mm_struct *original;
static unsigned int copies_known;

/* => is this area's address space in a list already? A copy's not yet. */
static void
open_area(struct vm_area_struct *area)
{
	copies_known += area->mm != original && area->mm->all.next;
}

static void
close_area(struct vm_area_struct *area __maybe_unused)
{
}

TEST(mm, nobody_knows_a_copy_before_it_is_complete)
{
	static const struct vm_operations ops = {.open = open_area,
						 .close = close_area};
	const struct mmap_request r = {.addr = BASE,
				       .len = PAGE_SIZE,
				       .prot = RW,
				       .flags = MAP_SHARED | MAP_FIXED,
				       .ops = &ops};
	struct mm_struct *copy;

	original = mm_create();
	ASSERT(original);
	copies_known = 0;
	EXPECT_EQ(mm_mmap(original, &r), BASE);
	copy = mm_copy(original);
	EXPECT_EQ(copies_known, 0);
	EXPECT(copy && copy->all.next);
	if (copy)
		mm_put(copy);
	mm_put(original);
}

TEST(mm, a_pinned_page_outlives_its_mapping)
{
	struct mm_struct *mm = mm_create();
	struct page *page;
	u32 *p;

	ASSERT(mm);
	map_at(mm, BASE, 1, RW, MAP_FIXED);
	page = pin_user_page(mm, BASE, true);
	ASSERT(!IS_ERR(page));
	poke(mm, BASE, 5);
	mm_munmap(mm, BASE, PAGE_SIZE);
	EXPECT_EQ(page_count(page), 1);
	p = kmap_local_page(page);
	EXPECT_EQ(*p, 5);
	kunmap_local(p);
	put_page(page);
	EXPECT_EQ(PTR_ERR(pin_user_page(mm, BASE, false)), -EFAULT);
	mm_put(mm);
}

/* --- Against a model ------------------------------------------------------------ */

#define MODEL_PAGES 64

static struct model {
	u8 prot[MODEL_PAGES];   /* 0xFF: not mapped */
	u32 value[MODEL_PAGES]; /* what a read would give */
} model;

static u32 seed;

static u32
random_below(u32 n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static void
model_step(struct mm_struct *mm)
{
	u32 first = random_below(MODEL_PAGES);
	u32 nr = 1 + random_below(min(8u, MODEL_PAGES - first));
	u32 prot = random_below(4), i;
	uintptr_t va = BASE + first * PAGE_SIZE;

	switch (random_below(4)) {
	case 0:
		EXPECT_EQ(map_at(mm, va, nr, prot, MAP_FIXED), va);
		for (i = first; i < first + nr; i++) {
			model.prot[i] = prot;
			model.value[i] = 0;
		}
		break;
	case 1:
		EXPECT_EQ(mm_munmap(mm, va, nr * PAGE_SIZE), 0);
		memset(model.prot + first, 0xFF, nr);
		break;
	case 2:
		for (i = first; i < first + nr && model.prot[i] != 0xFF; i++)
			;
		if (mm_protect(mm, va, nr * PAGE_SIZE, prot)) {
			EXPECT_OP(i, <, first + nr);
			break;
		}
		EXPECT_EQ(i, first + nr);
		memset(model.prot + first, (int)prot, nr);
		break;
	default:
		if (poke(mm, va, seed) == FAULT_DONE) {
			EXPECT(model.prot[first] != 0xFF &&
			       (model.prot[first] & PROT_WRITE));
			model.value[first] = seed;
		} else {
			EXPECT(model.prot[first] == 0xFF ||
			       !(model.prot[first] & PROT_WRITE));
		}
	}
}

TEST(mm, random_changes_agree_with_a_model)
{
	struct mm_struct *mm = mm_create();
	unsigned int i, step;

	ASSERT(mm);
	seed = 1;
	memset(model.prot, 0xFF, sizeof(model.prot));
	for (step = 0; step < 2000; step++) {
		model_step(mm);
		if (step % 100 == 0)
			EXPECT_EQ(mm_check(mm), 0);
	}
	for (i = 0; i < MODEL_PAGES; i++)
		if (model.prot[i] != 0xFF && model.prot[i])
			EXPECT_EQ(peek(mm, BASE + i * PAGE_SIZE),
				  model.value[i]);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* --- Without memory ------------------------------------------------------------- */

/* Everything that takes memory, once; stops at the first that fails. */
static bool
whole_life(void)
{
	struct mm_struct *mm = mm_create(), *copy = NULL;
	bool ok = mm != NULL;

	ok = ok && map_at(mm, BASE, 4, RW, MAP_FIXED) == BASE;
	ok = ok && poke(mm, BASE, 1) == FAULT_DONE;
	ok = ok && poke(mm, BASE + PAGE_SIZE, 2) == FAULT_DONE;
	ok = ok &&
	     map_at(mm, BASE + PAGE_SIZE, 1, RW, MAP_FIXED) == BASE + PAGE_SIZE;
	ok = ok && !mm_protect(mm, BASE, PAGE_SIZE, PROT_READ);
	ok = ok && (copy = mm_copy(mm)) != NULL;
	ok = ok && !IS_ERR_VALUE(mm_remap(mm, BASE, PAGE_SIZE, 2 * PAGE_SIZE,
					  MREMAP_MAYMOVE, 0));
	ok = ok && poke(copy, BASE + 3 * PAGE_SIZE, 1) == FAULT_DONE;
	ok = ok && !mm_munmap(mm, BASE + 2 * PAGE_SIZE, PAGE_SIZE);
	if (mm)
		EXPECT_EQ(mm_check(mm), 0);
	if (copy) {
		EXPECT_EQ(mm_check(copy), 0);
		mm_put(copy);
	}
	if (mm)
		mm_put(mm);
	return ok;
}

TEST(mm, a_failure_at_any_allocation_loses_nothing)
{
	unsigned int n;

	for (n = 1; n < 100; n++) { /* of objects */
		bool ok;

		fail_alloc_set(0, n);
		ok = whole_life();
		fail_alloc_set(0, 0);
		if (ok)
			break;
	}
	EXPECT_OP(n, >, 8u);
	EXPECT_OP(n, <, 100u);
	for (n = 1; n < 100; n++) { /* of pages */
		bool ok;

		fail_page_alloc_set(0, n, 0);
		ok = whole_life();
		fail_page_alloc_set(0, 0, 0);
		if (ok)
			break;
	}
	EXPECT_OP(n, >, 5u);
	EXPECT_OP(n, <, 100u);
}
