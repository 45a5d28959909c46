/* test_mm_tlb.c - what the CPU remembers of a page is forgotten with it.
 *
 *   the test loads a directory, and touches user addresses itself:
 *
 *   touch: the CPU knows the entry --> the entry changes --> touch again
 *
 *   with no switch of threads and no fork in between, which would make the CPU
 *   forget by themselves; with one page, and with so many that all is flushed.
 */
#include "errno.h"
#include "mm_helpers.h"
#include "tlb.h"
#include "uaccess.h"
#include "user_helpers.h"
#include "util.h"

#define MANY (TLB_FLUSH_ALL_FROM + 10)

static struct mm_struct *mm;

/* nr pages at BASE that the CPU knows, to write to. */
static bool
begin(unsigned int nr)
{
	mm = mm_create();
	if (!EXPECT(mm != NULL))
		return false;
	map_at(mm, BASE, nr, RW, MAP_FIXED);
	for (unsigned int i = 0; i < nr; i++)
		poke(mm, BASE + i * PAGE_SIZE, i);
	pgtable_load(mm->pgd);
	return true;
}

static void
end(void)
{
	pgtable_load(swapper_pg_dir);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
}

/* All of them, first to last. => how many the CPU let us read, or write */
static unsigned int
touch(uintptr_t at, unsigned int nr, bool write)
{
	unsigned int done = 0, i;

	for (i = 0; i < nr; i++) {
		u32 __user *p = user_ptr(at + i * PAGE_SIZE);
		u32 value = 0;

		if (write)
			done += !put_user(i, p);
		else
			done += !get_user(value, p) && value == i;
	}
	return done;
}

#define for_one_and_many(nr) \
	for (unsigned int nr = 1; nr <= MANY; nr += MANY - 1)

TEST(mm, what_is_unmapped_is_out_of_reach_at_once)
{
	for_one_and_many(nr)
	{
		ASSERT(begin(nr));
		EXPECT_EQ(touch(BASE, nr, true), nr);
		EXPECT_EQ(mm_munmap(mm, BASE, nr * PAGE_SIZE), 0);
		EXPECT_EQ(touch(BASE, nr, true), 0u);
		EXPECT_EQ(touch(BASE, nr, false), 0u);
		end();
	}
}

TEST(mm, what_is_discarded_is_out_of_reach_at_once)
{
	for_one_and_many(nr)
	{
		ASSERT(begin(nr));
		EXPECT_EQ(touch(BASE, nr, true), nr);
		EXPECT_EQ(mm_discard(mm, BASE, nr * PAGE_SIZE), 0);
		EXPECT_EQ(touch(BASE, nr, false), 0u);
		end();
	}
}

TEST(mm, what_is_mapped_over_is_out_of_reach_at_once)
{
	for_one_and_many(nr)
	{
		ASSERT(begin(nr));
		EXPECT_EQ(touch(BASE, nr, true), nr);
		EXPECT_EQ(map_at(mm, BASE, nr, RW, MAP_FIXED), BASE);
		EXPECT_EQ(touch(BASE, nr, false), 0u);
		end();
	}
}

TEST(mm, what_is_protected_is_protected_at_once)
{
	for_one_and_many(nr)
	{
		ASSERT(begin(nr));
		EXPECT_EQ(touch(BASE, nr, true), nr);
		EXPECT_EQ(mm_protect(mm, BASE, nr * PAGE_SIZE, PROT_READ), 0);
		EXPECT_EQ(touch(BASE, nr, true), 0u);
		EXPECT_EQ(touch(BASE, nr, false), nr);
		EXPECT_EQ(mm_protect(mm, BASE, nr * PAGE_SIZE, 0), 0);
		EXPECT_EQ(touch(BASE, nr, false), 0u);
		end();
	}
}

TEST(mm, what_has_moved_is_out_of_reach_where_it_was)
{
	for_one_and_many(nr)
	{
		const uintptr_t to = BASE + 0x1000000;

		ASSERT(begin(nr));
		map_at(mm, to, nr, RW, MAP_FIXED);
		for (unsigned int i = 0; i < nr; i++)
			poke(mm, to + i * PAGE_SIZE, 99);
		EXPECT_EQ(touch(BASE, nr, true), nr);
		EXPECT_EQ(touch(to, nr, false), 0u); /* 99 */
		EXPECT_EQ(mm_remap(mm, BASE, nr * PAGE_SIZE, nr * PAGE_SIZE,
				   MREMAP_MAYMOVE | MREMAP_FIXED, to),
			  (long)to);
		EXPECT_EQ(touch(BASE, nr, false), 0u);
		EXPECT_EQ(touch(to, nr, false), nr);
		end();
	}
}

TEST(mm, what_the_heap_gives_back_is_out_of_reach_at_once)
{
	for_one_and_many(nr)
	{
		ASSERT(begin(nr));
		mm->start_brk = BASE;
		mm->brk = BASE + nr * PAGE_SIZE;
		EXPECT_EQ(touch(BASE, nr, true), nr);
		EXPECT_EQ(mm_brk(mm, BASE), BASE);
		EXPECT_EQ(touch(BASE, nr, false), 0u);
		end();
	}
}

/* The parent, too, may not write any more to what is shared now. */
TEST(mm, what_a_fork_shares_is_readonly_at_once)
{
	for_one_and_many(nr)
	{
		struct mm_struct *copy;

		ASSERT(begin(nr));
		EXPECT_EQ(touch(BASE, nr, true), nr);
		copy = mm_copy(mm);
		EXPECT_EQ(touch(BASE, nr, true), 0u);
		EXPECT_EQ(touch(BASE, nr, false), nr);
		if (EXPECT(copy != NULL))
			mm_put(copy);
		end();
	}
}

/* A page is made the program's own not by its own fault, but for the kernel to
 * write to: the program sees what is written. */
static void
expect_seen_through_a_pin(u32 before)
{
	struct page *page;
	u32 seen = ~0u, *p;

	EXPECT_EQ(get_user(seen, (u32 __user *)user_ptr(BASE)), 0);
	EXPECT_EQ(seen, before);
	page = pin_user_page(mm, BASE, true);
	p = kmap_local_page(page);
	*p = 42;
	kunmap_local(p);
	EXPECT_EQ(get_user(seen, (u32 __user *)user_ptr(BASE)), 0);
	EXPECT_EQ(seen, 42u);
	put_page(page);
}

TEST(mm, what_is_written_through_a_pin_is_seen_at_once)
{
	struct mm_struct *copy;

	ASSERT(begin(1)); /* the zero page */
	map_at(mm, BASE, 1, RW, MAP_FIXED);
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_DONE);
	expect_seen_through_a_pin(0);
	end();

	ASSERT(begin(1)); /* a copy of what is shared */
	poke(mm, BASE, 7);
	copy = mm_copy(mm);
	expect_seen_through_a_pin(7);
	if (EXPECT(copy != NULL)) {
		EXPECT_EQ(peek(copy, BASE), 7);
		mm_put(copy);
	}
	end();
}
