/* test_truncate.c - a file is cut short while programs have it mapped.
 *
 *   fault       mm->lock [ get_page ......... map ]
 *   truncate        size = 0 [ rmap_unmap_object: waits ][ drop the pages ]
 */
#include "../../linux/fs.h"
#include "completion.h"
#include "gfp.h"
#include "highmem.h"
#include "kthread.h"
#include "mm.h"
#include "sched.h"
#include "string.h"
#include "test.h"
#include "trap.h"
#include "util.h"

#define BASE 0x10000000u

static struct {
	struct inode *inode;
	struct completion begin;
	bool slow; /* get_page lets the other one run before it returns */
} cut;

static struct page *
slow_get_page(struct vm_area_struct *area, unsigned long index)
{
	struct page *page = inode_get_page(area->object, index);

	if (cut.slow) {
		complete(&cut.begin);
		schedule_timeout_uninterruptible(3);
	}
	return page;
}

static void
nothing(struct vm_area_struct *area __maybe_unused)
{
}

static const struct vm_operations slow_ops = {slow_get_page, nothing, nothing};

static int
cut_short(void *arg __maybe_unused)
{
	wait_for_completion(&cut.begin);
	EXPECT_EQ(inode_truncate(cut.inode, 0), 0);
	return 0;
}

static struct mm_struct *
map_it(u32 kind)
{
	const struct mmap_request r = {
		.addr = BASE,
		.len = 4 * PAGE_SIZE,
		.prot = PROT_READ | PROT_WRITE,
		.flags = kind | MAP_FIXED,
		.ops = &slow_ops,
		.object = cut.inode,
		.may_write = true,
	};
	struct mm_struct *mm = mm_create();

	if (mm)
		EXPECT_EQ(mm_mmap(mm, &r), BASE);
	return mm;
}

static bool
is_mapped(struct mm_struct *mm, uintptr_t va)
{
	const pte_t *entry = pgtable_lookup(mm->pgd, va);

	return entry && pte_has_page(*entry);
}

/* It has got the page, and will map it when the file has lost it. */
TEST(truncate, a_fault_in_flight_maps_no_lost_page)
{
	struct task_struct *k;
	struct mm_struct *mm;

	cut.inode = anon_shared_object(4 * PAGE_SIZE);
	ASSERT(cut.inode);
	mm = map_it(MAP_SHARED);
	ASSERT(mm);
	init_completion(&cut.begin);
	k = kthread_run(cut_short, NULL, "cut");
	ASSERT(!IS_ERR(k));
	cut.slow = true;
	EXPECT_EQ(mm_fault(mm, BASE, PF_WRITE), FAULT_DONE);
	cut.slow = false;
	EXPECT_EQ(kthread_stop(k), 0);
	EXPECT(!is_mapped(mm, BASE));
	EXPECT_EQ(mm_fault(mm, BASE, 0), FAULT_BUS);
	EXPECT_EQ(mm_check(mm), 0);
	mm_put(mm);
	inode_put(cut.inode);
}

/* Private copies go, too, and only what lies behind the end. */
TEST(truncate, every_mapping_ends_where_the_file_does)
{
	struct mm_struct *mm[3];

	cut.inode = anon_shared_object(4 * PAGE_SIZE);
	ASSERT(cut.inode);
	mm[0] = map_it(MAP_SHARED);
	mm[1] = map_it(MAP_PRIVATE);
	ASSERT(mm[0] && mm[1]);
	for (unsigned int i = 0; i < 4; i++) {
		uintptr_t va = BASE + i * PAGE_SIZE;

		EXPECT_EQ(mm_fault(mm[0], va, PF_WRITE), FAULT_DONE);
		EXPECT_EQ(mm_fault(mm[1], va, i % 2 ? PF_WRITE : 0),
			  FAULT_DONE);
	}
	mm[2] = mm_copy(mm[1]);
	ASSERT(mm[2]);
	EXPECT_EQ(inode_truncate(cut.inode, PAGE_SIZE + 1), 0);
	for (unsigned int i = 0; i < 3; i++) {
		EXPECT(is_mapped(mm[i], BASE + PAGE_SIZE));
		EXPECT(!is_mapped(mm[i], BASE + 2 * PAGE_SIZE));
		EXPECT(!is_mapped(mm[i], BASE + 3 * PAGE_SIZE));
		EXPECT_EQ(mm_fault(mm[i], BASE + 3 * PAGE_SIZE, 0), FAULT_BUS);
		EXPECT_EQ(mm_check(mm[i]), 0);
		mm_put(mm[i]);
	}
	inode_put(cut.inode);
}

static void
fill_page(struct page *page)
{
	char *at = kmap_local_page(page);

	memset(at, 'x', PAGE_SIZE);
	kunmap_local(at);
}

/* What was written behind the end, by way of a mapping, is not in the file. */
TEST(truncate, a_file_that_grows_has_zeroes)
{
	char c = 'x';
	struct page *page;

	cut.inode = anon_shared_object(10);
	ASSERT(cut.inode);
	page = inode_get_page(cut.inode, 0);
	ASSERT(!IS_ERR(page));
	fill_page(page);
	EXPECT_EQ(inode_truncate(cut.inode, 100), 0);
	EXPECT_EQ(inode_read(cut.inode, &c, 1, 99), 1);
	EXPECT_EQ(c, 0);
	fill_page(page);
	EXPECT_EQ(inode_write(cut.inode, "y", 1, 200), 1);
	EXPECT_EQ(inode_read(cut.inode, &c, 1, 199), 1);
	EXPECT_EQ(c, 0);
	put_page(page);
	inode_put(cut.inode);
}
