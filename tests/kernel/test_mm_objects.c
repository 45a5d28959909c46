/* test_mm_objects.c - areas with something behind them that is no file: who is
 * asked for a page, who keeps it, and how often it is opened and closed.
 *
 *   area --ops--> object  [ page 0 ][ page 1 ][ past its end: -EFAULT ]
 *                 opens - closes = the areas that have it
 */
#include "err.h"
#include "errno.h"
#include "mm_helpers.h"
#include "util.h"

#define NR_PAGES 3

static struct object {
	struct page *pages[NR_PAGES];
	long users;  /* areas */
	bool broken; /* no memory */
} objects[2];

static struct page *
get_page_of(struct vm_area_struct *area, unsigned long index)
{
	struct object *object = area->object;

	if (index >= NR_PAGES)
		return ERR_PTR(-EFAULT);
	if (object->broken)
		return ERR_PTR(-ENOMEM);
	get_page(object->pages[index]);
	return object->pages[index];
}

static void
open_object(struct vm_area_struct *area)
{
	((struct object *)area->object)->users++;
}

static void
close_object(struct vm_area_struct *area)
{
	((struct object *)area->object)->users--;
}

static const struct vm_operations ops = {
	.get_page = get_page_of,
	.open = open_object,
	.close = close_object,
};

static long
map_object(struct mm_struct *mm, uintptr_t addr, unsigned int which,
	   unsigned long pgoff, u32 kind)
{
	const struct mmap_request r = {
		.addr = addr,
		.len = (NR_PAGES - pgoff) * PAGE_SIZE,
		.prot = RW,
		.flags = kind | MAP_FIXED,
		.ops = &ops,
		.object = &objects[which],
		.pgoff = pgoff,
		.may_write = true,
	};

	return mm_mmap(mm, &r);
}

static bool
begin(void)
{
	for (unsigned int i = 0; i < 2 * NR_PAGES; i++) {
		struct object *object = &objects[i / NR_PAGES];
		struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

		if (!EXPECT(page != NULL))
			return false;
		page->mapping = object;
		page->index = i % NR_PAGES;
		page->mapcount = 0;
		object->pages[i % NR_PAGES] = page;
		object->users = 0;
		object->broken = false;
	}
	return true;
}

static void
end(void)
{
	for (unsigned int i = 0; i < 2 * NR_PAGES; i++) {
		struct page *page = objects[i / NR_PAGES].pages[i % NR_PAGES];

		EXPECT_EQ(page_count(page), 1);
		EXPECT_EQ(page->mapcount, 0);
		EXPECT(!(page->flags & PG_mapped));
		put_page(page);
	}
	EXPECT_EQ(objects[0].users + objects[1].users, 0);
}

TEST(mm, shared_writes_reach_the_object_private_ones_do_not)
{
	struct mm_struct *mm = mm_create();
	struct page *page;

	ASSERT(mm && begin());
	page = objects[0].pages[1];
	map_object(mm, BASE, 0, 0, MAP_SHARED);
	map_object(mm, BASE + 16 * PAGE_SIZE, 0, 0, MAP_PRIVATE);
	EXPECT_EQ(poke(mm, BASE + PAGE_SIZE, 1), FAULT_DONE);
	EXPECT_EQ(peek(mm, BASE + 17 * PAGE_SIZE), 1);
	EXPECT(page_at(mm, BASE + 17 * PAGE_SIZE) == page);
	EXPECT_EQ(mm->rss[RSS_FILE], 2);
	EXPECT_EQ(mm_check(mm), 0);
	EXPECT_EQ(poke(mm, BASE + 17 * PAGE_SIZE, 2), FAULT_DONE);
	EXPECT_EQ(peek(mm, BASE + PAGE_SIZE), 1);
	EXPECT_EQ(page_count(page), 2);
	EXPECT_EQ(page->mapcount, 1);
	EXPECT_EQ(poke(mm, BASE + 18 * PAGE_SIZE, 3), FAULT_DONE); /* at once */
	EXPECT_EQ(page_count(objects[0].pages[2]), 1);
	EXPECT_EQ(mm->rss[RSS_FILE], 1);
	EXPECT_EQ(mm->rss[RSS_ANON], 2);

	/* A right that comes back is not the right to write into the object. */
	EXPECT_EQ(peek(mm, BASE + 16 * PAGE_SIZE), 0);
	mm_protect(mm, BASE + 16 * PAGE_SIZE, PAGE_SIZE, PROT_READ);
	mm_protect(mm, BASE + 16 * PAGE_SIZE, PAGE_SIZE, RW);
	EXPECT(!writable_at(mm, BASE + 16 * PAGE_SIZE));
	mm_protect(mm, BASE, PAGE_SIZE * NR_PAGES, PROT_READ);
	mm_protect(mm, BASE, PAGE_SIZE * NR_PAGES, RW);
	EXPECT(writable_at(mm, BASE + PAGE_SIZE)); /* it has that one already */
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
	end();
}

TEST(mm, what_an_object_cannot_give_is_told)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm && begin());
	map_object(mm, BASE, 0, 1, MAP_SHARED);
	objects[0].broken = true;
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_OOM);
	EXPECT_EQ(mm_fault(mm, BASE, PF_WRITE), FAULT_OOM);
	EXPECT_EQ(PTR_ERR(pin_user_page(mm, BASE, true)), -ENOMEM);
	objects[0].broken = false;
	EXPECT_EQ(mm_remap(mm, BASE, 2 * PAGE_SIZE, 4 * PAGE_SIZE, 0, 0), BASE);
	EXPECT_EQ(mm_fault(mm, BASE + 2 * PAGE_SIZE, 0), FAULT_BUS);
	EXPECT_EQ(PTR_ERR(pin_user_page(mm, BASE + 2 * PAGE_SIZE, false)),
		  -EFAULT);
	EXPECT_EQ(mm_fault(mm, BASE + PAGE_SIZE, 0), FAULT_DONE);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
	end();
}

TEST(mm, an_object_is_opened_for_each_area_and_closed_as_often)
{
	struct mm_struct *mm = mm_create(), *copy;
	long to;

	ASSERT(mm && begin());
	map_object(mm, BASE, 0, 0, MAP_SHARED);
	EXPECT_EQ(objects[0].users, 1);
	mm_munmap(mm, BASE + PAGE_SIZE, PAGE_SIZE); /* two areas */
	EXPECT_EQ(objects[0].users, 2);
	copy = mm_copy(mm);
	ASSERT(copy);
	EXPECT_EQ(objects[0].users, 4);
	mm_put(copy);
	EXPECT_EQ(objects[0].users, 2);
	poke(mm, BASE, 1);
	to = mm_remap(mm, BASE, PAGE_SIZE, 3 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	ASSERT(!IS_ERR_VALUE(to));
	EXPECT_EQ(objects[0].users, 2);
	EXPECT_EQ(peek(mm, (uintptr_t)to), 1);
	EXPECT_EQ(mm_check(mm), 0);
	map_object(mm, BASE, 0, 0, MAP_SHARED); /* over the other one */
	EXPECT_EQ(objects[0].users, 2);
	EXPECT_EQ(mm->nr_areas, 2);
	mm_protect(mm, BASE + PAGE_SIZE, PAGE_SIZE, PROT_READ);
	EXPECT_EQ(objects[0].users, 4);
	mm_protect(mm, BASE, NR_PAGES * PAGE_SIZE, RW);
	EXPECT_EQ(objects[0].users, 2);
	mm_put(mm);
	end();
}

/* Neighbours, and the second goes on where the first ends, but elsewhere. */
TEST(mm, areas_of_different_objects_stay_two)
{
	struct mm_struct *mm = mm_create();

	ASSERT(mm && begin());
	map_object(mm, BASE, 0, 0, MAP_SHARED);
	mm_munmap(mm, BASE + PAGE_SIZE, 2 * PAGE_SIZE);
	map_object(mm, BASE + PAGE_SIZE, 1, 1, MAP_SHARED);
	EXPECT_EQ(mm->nr_areas, 2);
	map_object(mm, BASE + PAGE_SIZE, 0, 0, MAP_SHARED);
	EXPECT_EQ(mm->nr_areas, 2); /* not the next page of it */
	mm_munmap(mm, BASE + PAGE_SIZE, NR_PAGES * PAGE_SIZE);
	map_object(mm, BASE + PAGE_SIZE, 0, 1, MAP_PRIVATE);
	EXPECT_EQ(mm->nr_areas, 2);
	map_object(mm, BASE + PAGE_SIZE, 0, 1, MAP_SHARED);
	EXPECT_EQ(mm->nr_areas, 1);
	EXPECT_EQ(objects[0].users, 1);
	EXPECT_EQ(objects[1].users, 0);
	EXPECT_EQ(poke(mm, BASE + 2 * PAGE_SIZE, 9), FAULT_DONE);
	EXPECT_EQ(page_count(objects[0].pages[2]), 2);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
	end();
}

/* The last page number that there is, and one more. */
TEST(mm, an_area_ends_with_the_last_page_number)
{
	struct mm_struct *mm = mm_create();
	struct mmap_request r = {
		.addr = BASE,
		.len = 2 * PAGE_SIZE,
		.prot = RW,
		.flags = MAP_SHARED | MAP_FIXED,
		.ops = &ops,
		.object = &objects[0],
		.pgoff = ~0ul - 2,
	};

	ASSERT(mm && begin());
	EXPECT_EQ(mm_mmap(mm, &r), BASE);
	EXPECT_EQ(mm_remap(mm, BASE, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0),
		  -EINVAL);
	EXPECT_EQ(mm_remap(mm, BASE, PAGE_SIZE, 2 * PAGE_SIZE, 0, 0), -ENOMEM);
	r.pgoff++;
	EXPECT_EQ(mm_mmap(mm, &r), -EOVERFLOW);
	mm_put(mm);
	end();
}

/* A fork takes along the private pages, and nobody else's. */
TEST(mm, a_fork_copies_no_entries_of_objects)
{
	struct mm_struct *mm = mm_create(), *copy;

	ASSERT(mm && begin());
	map_object(mm, BASE, 0, 0, MAP_PRIVATE);
	EXPECT_EQ(peek(mm, BASE), 0);
	EXPECT_EQ(poke(mm, BASE + PAGE_SIZE, 1), FAULT_DONE);
	copy = mm_copy(mm);
	ASSERT(copy);
	EXPECT(!page_at(copy, BASE));
	EXPECT(page_at(copy, BASE + PAGE_SIZE) ==
	       page_at(mm, BASE + PAGE_SIZE));
	EXPECT_EQ(copy->rss[RSS_ANON], 1);
	EXPECT_EQ(copy->rss[RSS_FILE], 0);
	EXPECT_EQ(mm_check(copy) + mm_check(mm), 0);
	mm_put(copy);
	mm_put(mm);
	end();
}

/* --- From a page to its places --------------------------------------------------- */

static void
count(struct mm_struct *mm __maybe_unused, uintptr_t va, void *arg)
{
	*(uintptr_t *)arg += va;
}

TEST(mm, a_page_that_is_nowhere_is_found_nowhere)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct mm_struct *mm = mm_create();
	uintptr_t sum = 0;

	ASSERT(page && mm);
	map_at(mm, BASE, 1, RW, MAP_FIXED);
	poke(mm, BASE, 1);
	/* As if it had been mapped there, and the memory of who had it is gone
	 * since: only the flag says that nobody may look at it. */
	page->mapping = (void *)5; /* bit 0: anonymous */
	page->index = BASE / PAGE_SIZE;
	EXPECT_EQ(rmap_walk(page, count, &sum), 0);
	EXPECT_EQ(sum, 0);
	page->mapping = NULL;
	__free_page(page);
	mm_put(mm);
}

TEST(mm, an_object_s_page_is_found_in_all_its_areas)
{
	struct mm_struct *mm[2] = {mm_create(), mm_create()};
	uintptr_t sum = 0;

	ASSERT(mm[0] && mm[1] && begin());
	map_object(mm[0], BASE, 0, 0, MAP_SHARED);
	map_object(mm[1], BASE + 8 * PAGE_SIZE, 0, 1, MAP_PRIVATE);
	map_object(mm[1], BASE, 1, 0, MAP_SHARED); /* of another object */
	for (unsigned int i = 0; i < NR_PAGES; i++) {
		peek(mm[0], BASE + i * PAGE_SIZE);
		peek(mm[1], BASE + i * PAGE_SIZE);
	}
	peek(mm[1], BASE + 8 * PAGE_SIZE);
	EXPECT_EQ(rmap_walk(objects[0].pages[0], count, &sum), 1);
	EXPECT_EQ(sum, BASE);
	EXPECT_EQ(rmap_walk(objects[0].pages[1], count, &sum), 2);
	EXPECT_EQ(sum, 3 * BASE + 9 * PAGE_SIZE);
	EXPECT_EQ(rmap_walk(objects[1].pages[2], count, &sum), 1);
	mm_put(mm[0]);
	mm_put(mm[1]);
	end();
}

/* Two areas, and each page is in one of them. */
TEST(mm, a_page_is_not_found_in_the_area_below_its_own)
{
	struct mm_struct *mm = mm_create();
	uintptr_t sum = 0;

	ASSERT(mm);
	map_at(mm, BASE, 2, RW, MAP_FIXED);
	poke(mm, BASE, 1);
	poke(mm, BASE + PAGE_SIZE, 2);
	mm_protect(mm, BASE, PAGE_SIZE, PROT_READ);
	EXPECT_EQ(mm->nr_areas, 2);
	EXPECT_EQ(rmap_walk(page_at(mm, BASE + PAGE_SIZE), count, &sum), 1);
	EXPECT_EQ(sum, BASE + PAGE_SIZE);
	EXPECT_EQ(rmap_walk(page_at(mm, BASE), count, &sum), 1);
	mm_put(mm);
}

/* Whoever closes an object at the end of an address space may look for others
 * who have it: not in that one any more. */
static unsigned int found_at_close;

static void
close_and_look(struct vm_area_struct *area)
{
	struct object *object = area->object;
	uintptr_t sum = 0;

	object->users--;
	found_at_close += rmap_walk(object->pages[0], count, &sum);
}

TEST(mm, an_address_space_that_ends_is_passed_over)
{
	static const struct vm_operations looking = {
		.get_page = get_page_of,
		.open = open_object,
		.close = close_and_look,
	};
	struct mm_struct *mm = mm_create(), *other = mm_create();
	const struct mmap_request r = {
		.addr = BASE,
		.len = PAGE_SIZE,
		.prot = RW,
		.flags = MAP_SHARED | MAP_FIXED,
		.ops = &looking,
		.object = &objects[0],
	};

	ASSERT(mm && other && begin());
	map_object(other, BASE, 0, 0, MAP_SHARED);
	peek(other, BASE);
	EXPECT_EQ(mm_mmap(mm, &r), BASE);
	peek(mm, BASE);
	found_at_close = 0;
	mm_put(mm);
	EXPECT_EQ(found_at_close, 1);
	EXPECT_EQ(mm_check(other), 0);
	mm_put(other);
	end();
}

/* Its pages from number 1 on leave three kinds of areas: those that begin
 * before, at, and behind it. */
TEST(mm, an_object_that_is_cut_leaves_all_areas_from_there_on)
{
	struct mm_struct *mm = mm_create();
	unsigned int first, i;

	ASSERT(mm && begin());
	for (i = 0; i < NR_PAGES; i++)
		map_object(mm, BASE + 16 * i * PAGE_SIZE, 0, i, MAP_PRIVATE);
	map_object(mm, BASE + 64 * PAGE_SIZE, 1, 0, MAP_SHARED);
	peek(mm, BASE + 64 * PAGE_SIZE + 2 * PAGE_SIZE);
	peek(mm, BASE);
	rmap_unmap_object(&objects[0], 1ul << 20); /* 4 GiB */
	EXPECT(page_at(mm, BASE));
	for (first = NR_PAGES + 2; first-- > 0;) {
		for (i = 0; i < NR_PAGES * NR_PAGES; i++) {
			uintptr_t va =
				BASE + (16 * (i / NR_PAGES) + i % NR_PAGES) *
					       PAGE_SIZE;

			if (i / NR_PAGES + i % NR_PAGES >= NR_PAGES)
				continue;
			if (i % 2)
				EXPECT_EQ(poke(mm, va, 7), FAULT_DONE);
			else
				EXPECT_OP(peek(mm, va), !=, ~0u);
		}
		rmap_unmap_object(&objects[0], first);
		EXPECT_EQ(mm_check(mm), 0);
		for (i = 0; i < NR_PAGES * NR_PAGES; i++) {
			unsigned int nr = i / NR_PAGES + i % NR_PAGES;

			if (nr < NR_PAGES)
				EXPECT_EQ(!page_at(mm,
						   BASE + (16 * (i / NR_PAGES) +
							   i % NR_PAGES) *
								   PAGE_SIZE),
					  nr >= first);
		}
	}
	EXPECT(page_at(mm, BASE + 64 * PAGE_SIZE + 2 * PAGE_SIZE));
	mm_put(mm);
	end();
}
