/* test_vmalloc.c - vmalloc, vmap, ioremap and kvmalloc in the machine: what is
 * mapped, what faults, who gets what back, and what is said to whom.
 *
 *   [ area ][guard][ area ][guard] ...
 *     ^r/w   ^fault          ^fault: behind and before
 */
#include "drivers.h"
#include "explain.h"
#include "heap_helpers.h"
#include "highmem.h"
#include "io.h"
#include "page_helpers.h"
#include "page_owner.h"
#include "spinlock.h"
#include "tick.h"
#include "trap.h"
#include "util.h"
#include "vmalloc.h"
#include "vmap_debug.h"
#include "wait_helpers.h"

static long
count_areas(void)
{
	vmap_purge();
	return (long)nr_vmap_areas();
}
LEAK_COUNTER("vmalloc areas", count_areas);

#define GFP_VMALLOC (GFP_KERNEL | __GFP_HIGHMEM)
#define FAILURE     "vmalloc: allocation failure: "

static void
write_byte(void *p)
{
	*(volatile u8 *)p = 1;
}

static bool
is_mapped(void *p)
{
	return trap_probe(write_byte, p, NULL, NULL) == -1;
}

/* A value for each word of an area, from a seed. */
static void
fill(u32 *words, size_t size, u32 seed)
{
	for (size_t i = 0; i < size / 4; i++)
		words[i] = seed + i * 2654435761u;
}

static bool
is_filled(const u32 *words, size_t size, u32 seed)
{
	for (size_t i = 0; i < size / 4; i++)
		if (words[i] != seed + i * 2654435761u)
			return false;
	return true;
}

/* --- What one gets --------------------------------------------------------------- */

TEST(vmalloc, an_area_is_of_the_window_and_holds_what_is_written)
{
	size_t size = 37 * PAGE_SIZE + 5;
	u32 *p = vmalloc(size);

	ASSERT(p);
	EXPECT(is_vmalloc_addr(p) && (uintptr_t)p % PAGE_SIZE == 0);
	EXPECT(!virt_is_direct(p));
	fill(p, size, 1);
	EXPECT(is_filled(p, size, 1));
	for (size_t i = 0; i < 38; i++) {
		struct page *page = vmalloc_to_page((char *)p + i * PAGE_SIZE);
		u32 *direct = kmap_local_page(page);

		EXPECT_EQ(page_count(page), 1);
		EXPECT(!memcmp(direct, (char *)p + i * PAGE_SIZE, 4));
		kunmap_local(direct);
	}
	EXPECT_EQ(vmap_check(), 0);
	vfree(p);
	EXPECT_EQ(vmap_check(), 0);
	vmap_flush();
	EXPECT_EQ(vmap_check(), 0);
}

TEST(vmalloc, the_bytes_before_and_behind_an_area_fault)
{
	char *p = vmalloc(2 * PAGE_SIZE);
	char *q = vmalloc(2 * PAGE_SIZE); /* right behind, or before */

	ASSERT(p && q);
	EXPECT(is_mapped(p) && is_mapped(p + 2 * PAGE_SIZE - 1));
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, p - 1);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, p + 2 * PAGE_SIZE);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, p + 3 * PAGE_SIZE - 1);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, q - 1);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, q + 2 * PAGE_SIZE);
	vfree(p);
	vfree(q);
}

TEST(vmalloc, zeroed_areas_are_zero_and_say_so)
{
	size_t size = 20 * PAGE_SIZE;
	uintptr_t from;
	struct vmap_info info;
	char *p = vmalloc(size);

	ASSERT(p);
	memset(p, 0xFF, size);
	vfree(p);
	p = vzalloc(size);
	ASSERT(p);
	EXPECT(!memchr_inv(p, 0, size));
	vfree(p);
	p = vmalloc_user(PAGE_SIZE);
	ASSERT(p);
	EXPECT(!memchr_inv(p, 0, PAGE_SIZE));
	from = (uintptr_t)p;
	ASSERT(vmap_next(&from, &info));
	EXPECT_EQ(info.start, (uintptr_t)p);
	EXPECT_EQ(info.flags, VM_ALLOC | VM_USERMAP);
	EXPECT_EQ(info.size, (size_t)PAGE_SIZE);
	EXPECT_EQ(info.nr_pages, 1u);
	vfree(p);
}

TEST(vmalloc, impossible_sizes_give_null_and_a_line)
{
	static const unsigned long sizes[] = {0,
					      -1ul,
					      -PAGE_SIZE,
					      -PAGE_SIZE - 1ul,
					      1ul << 31,
					      VMALLOC_END - (1ul << 31)};
	size_t mark = log_mark();

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT(!vmalloc(sizes[i]));
		EXPECT(!__vmalloc(sizes[i], GFP_VMALLOC | __GFP_NOWARN));
		EXPECT_EQ(log_has(mark, FAILURE), i + 1);
	}
	EXPECT(!vmap(NULL, 0, VM_MAP, PAGE_KERNEL));
	EXPECT(!vmap(NULL, ~0u, VM_MAP, PAGE_KERNEL));
	EXPECT_EQ(vmap_check(), 0);
}

TEST(vmalloc, more_than_there_is_gives_all_back)
{
	size_t size = VMALLOC_END - VMALLOC_START - 4 * PAGE_SIZE;
	unsigned long before;

	vmap_purge();
	before = nr_free_pages();
	if (before > PHYS_PFN(size)) {
		test_skip("there is more memory than addresses");
		return;
	}
	EXPECT(!__vmalloc(size, GFP_VMALLOC | __GFP_NORETRY | __GFP_NOWARN));
	EXPECT_EQ(vmap_check(), 0);
	vmap_purge();
	kvfree(NULL);
	EXPECT_OP(nr_free_pages() + 16, >=, before); /* slabs may be kept */
}

TEST(vmalloc, high_memory_is_used_first)
{
	char *p;

	if (no_high_memory(1000))
		return;
	p = vmalloc(100 * PAGE_SIZE);
	ASSERT(p);
	for (size_t i = 0; i < 100; i++)
		EXPECT_EQ(page_zone_index(vmalloc_to_page(p + i * PAGE_SIZE)),
			  ZONE_HIGHMEM);
	vfree(p);
	p = __vmalloc(100 * PAGE_SIZE, GFP_KERNEL);
	ASSERT(p);
	for (size_t i = 0; i < 100; i++)
		EXPECT(page_address(vmalloc_to_page(p + i * PAGE_SIZE)));
	vfree(p);
}

TEST(vmalloc, shattered_memory_is_as_good_as_any)
{
	struct pile kept = {0};
	unsigned long apart = 0, nr;
	size_t size;
	char *p;

	pile_shatter(&kept);
	nr = min(nr_free_pages() / 4, 1000ul); /* an array of one page */
	size = nr * PAGE_SIZE;
	EXPECT(!alloc_pages(GFP_TRY, 1));
	p = __vmalloc(size, GFP_VMALLOC | __GFP_NORETRY);
	if (EXPECT(p)) {
		fill((u32 *)p, size, 7);
		for (unsigned long i = 1; i < nr; i++)
			apart += vmalloc_to_pfn(p + i * PAGE_SIZE) !=
				 vmalloc_to_pfn(p + (i - 1) * PAGE_SIZE) + 1;
		EXPECT_EQ(apart, nr - 1);
		EXPECT(is_filled((u32 *)p, size, 7));
		EXPECT_EQ(vmap_check(), 0);
	}
	vfree(p);
	p = kvmalloc(3 * PAGE_SIZE, GFP_KERNEL);
	EXPECT(p && is_vmalloc_addr(p));
	kvfree(p);
	vmap_purge();
	pile_free(&kept);
}

TEST(vmalloc, kvmalloc_prefers_kmalloc)
{
	char *p = kvzalloc(5000, GFP_KERNEL);

	ASSERT(p);
	EXPECT(virt_is_direct(p));
	EXPECT(!memchr_inv(p, 0, 5000));
	kvfree(p);
	p = kvmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NORETRY);
	EXPECT(!p || is_vmalloc_addr(p));
	kvfree(p);
	EXPECT(!kvmalloc(KMALLOC_MAX_SIZE + 1, GFP_ATOMIC | __GFP_NOWARN));
}

/* --- Many, and all ------------------------------------------------------------------ */

/* Thousands of areas of 1 to 8 pages, chained by their first words. */
TEST(vmalloc, thousands_of_areas_live_side_by_side)
{
	unsigned long left = min(nr_free_pages() / 2, PHYS_PFN(64 * SZ_1M));
	u32 **chain = NULL, **p, **next, seed = 1;
	unsigned long n = 0, i;

	while (left > 8) {
		size_t nr = 1 + (seed = seed * 1103515245 + 12345) / 65536 % 8;

		p = vmalloc(nr * PAGE_SIZE);
		if (!EXPECT(p))
			break;
		p[0] = (u32 *)chain;
		p[1] = (u32 *)nr;
		fill((u32 *)p + 2, nr * PAGE_SIZE - 8, (u32)p);
		chain = p;
		left -= nr;
		if (++n % 3 == 0) { /* holes of all sizes */
			p = vmalloc(nr * PAGE_SIZE);
			vfree(p);
		}
	}
	EXPECT_EQ(vmap_check(), 0);
	for (i = 0; (p = chain); i++) {
		size_t nr = (size_t)p[1];

		next = (u32 **)p[0];
		EXPECT(is_filled((u32 *)p + 2, nr * PAGE_SIZE - 8, (u32)p));
		chain = next;
		vfree(p);
	}
	EXPECT_EQ(i, n);
	EXPECT_EQ(vmap_check(), 0);
}

#define COPIES 4096

TEST(vmalloc, a_full_window_gives_null_and_leaves_no_trace)
{
	struct page **pages = kmalloc(COPIES * sizeof(*pages), GFP_KERNEL);
	struct page *page = alloc_page(GFP_KERNEL);
	static void *maps[256];
	unsigned int n = 0, count, i;

	ASSERT(pages && page);
	for (i = 0; i < COPIES; i++)
		pages[i] = page;
	for (count = COPIES; count; count /= 2)
		while (n < ARRAY_SIZE(maps) &&
		       (maps[n] = vmap(pages, count, VM_MAP, PAGE_KERNEL)))
			n++;
	EXPECT_OP(n, <, ARRAY_SIZE(maps));
	EXPECT_OP(n, >=, 4u);
	EXPECT_EQ(vmap_check(), 0);
	EXPECT(!__vmalloc(PAGE_SIZE, GFP_VMALLOC | __GFP_NOWARN));
	vunmap(maps[n / 2]); /* any room will do, once there is some */
	maps[n / 2] = vmalloc(PAGE_SIZE);
	EXPECT(maps[n / 2]);
	vfree(maps[n / 2]);
	maps[n / 2] = NULL;
	while (n--)
		vunmap(maps[n]);
	EXPECT_EQ(page_count(page), 1);
	EXPECT_EQ(vmap_check(), 0);
	__free_page(page);
	kfree(pages);
}

static bool
some_of_each(void *arg)
{
	char *p = __vmalloc(20 * PAGE_SIZE,
			    GFP_VMALLOC | __GFP_NOWARN | __GFP_NORETRY);
	void __iomem *io = ioremap(0xB8000, PAGE_SIZE);
	struct page *page = p ? vmalloc_to_page(p) : NULL;
	void *map = page ? vmap(&page, 1, VM_MAP, PAGE_KERNEL) : NULL;
	bool all = p && io && map;

	(void)arg;
	vunmap(map);
	iounmap(io);
	vfree(p);
	EXPECT_EQ(vmap_check(), 0);
	vmap_purge();
	return all;
}

TEST(vmalloc, any_allocation_may_fail)
{
	unsigned int n = 0;
	bool done;

	EXPECT_OP(heap_fail_each(some_of_each, NULL), >=, 2u);
	do {
		fail_page_alloc_set(0, n + 1, 0);
		done = some_of_each(NULL);
		fail_page_alloc_set(0, 0, 0);
	} while (!done && ++n < 100);
	EXPECT_OP(n, >=, 20u);
	EXPECT_OP(n, <, 100u);
}

/* --- Giving back ---------------------------------------------------------------------- */

TEST(vmalloc, freed_pages_are_nobodys_before_the_flush)
{
	char *p = vmalloc(PAGE_SIZE), *q;
	struct page *page;

	ASSERT(p);
	page = vmalloc_to_page(p);
	write_byte(p); /* the TLB knows it now */
	vfree(p);
	EXPECT_EQ(page_count(page), 1);
	q = vmalloc(2 * PAGE_SIZE); /* of another size: elsewhere */
	ASSERT(q);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, p);
	vfree(q);
	q = vmalloc(PAGE_SIZE);
	ASSERT(q);
	memset(q, 0, PAGE_SIZE);
	if (is_mapped(p)) /* then it is the new owner's */
		EXPECT_EQ(q[p - q], 1);
	vfree(q);
}

TEST(vmalloc, a_large_run_of_frees_is_flushed_on_the_way)
{
	char *p[40];
	struct page *first;

	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = vmalloc(10 * PAGE_SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		ASSERT(p[i]);
		write_byte(p[i]); /* the TLB knows it now */
	}
	first = vmalloc_to_page(p[0]);
	get_page(first); /* so that it stays ours to look at */
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		vfree(p[i]);
	EXPECT_EQ(page_count(first), 1);
	for (size_t i = 0; i < ARRAY_SIZE(p) - 26; i++)
		EXPECT(!is_mapped(p[i]));
	put_page(first);
}

static struct {
	void *area[300];
	volatile unsigned int left;
} irq;

static void
free_in_irq(void)
{
	unsigned int n;

	for (n = 0; n < 50 && irq.left; n++)
		vfree(irq.area[--irq.left]);
}

static bool
all_freed(void *arg)
{
	(void)arg;
	return !irq.left;
}

TEST(vmalloc, an_interrupt_may_free)
{
	unsigned int bugs = might_sleep_count();
	struct page *first;
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(irq.area); i++)
		irq.area[i] = vmalloc(PAGE_SIZE);
	first = vmalloc_to_page(irq.area[i - 1]);
	irq.left = i;
	tick_set_hook(free_in_irq);
	EXPECT(wait_until(all_freed, NULL));
	tick_set_hook(NULL);
	EXPECT_EQ(might_sleep_count(), bugs);
	EXPECT_EQ(page_count(first), 1); /* the flush is left to us */
	EXPECT_EQ(vmap_check(), 0);
	vmap_flush();
	EXPECT_EQ(page_count(first), 0);
	EXPECT_EQ(vmap_check(), 0);
}

TEST(vmalloc, memory_that_is_short_gets_what_vfree_keeps)
{
	struct pile pile = {0};
	struct page *page;
	char *p[8];

	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = vmalloc(PAGE_SIZE);
	pile_fill_all(&pile, GFP_TRY | __GFP_HIGHMEM);
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		vfree(p[i]);
	page = alloc_page(GFP_KERNEL | __GFP_HIGHMEM | __GFP_NORETRY |
			  __GFP_NOWARN);
	EXPECT(page);
	if (page)
		__free_page(page);
	pile_free(&pile);
}

TEST(vmalloc, atomic_context_gets_a_report_and_null)
{
	static DEFINE_SPINLOCK(lock);
	unsigned int bugs = might_sleep_count();
	char *p = vmalloc(PAGE_SIZE), *q;

	spin_lock(&lock);
	q = vmalloc(PAGE_SIZE);
	EXPECT(!q);
	EXPECT_EQ(might_sleep_count(), bugs + 1);
	test_planted++;
	vfree(p); /* this may be */
	EXPECT_EQ(might_sleep_count(), bugs + 1);
	spin_unlock(&lock);
	EXPECT_EQ(vmap_check(), 0);
}

/* --- Somebody else's pages, and devices ------------------------------------------------ */

TEST(vmalloc, vmap_shows_pages_a_second_time)
{
	struct page *pages[3];
	char *map, *direct;

	for (size_t i = 0; i < 3; i++) {
		pages[2 - i] = alloc_page(GFP_KERNEL);
		ASSERT(pages[2 - i]);
	}
	map = vmap(pages, 3, VM_MAP, PAGE_KERNEL);
	ASSERT(map);
	for (size_t i = 0; i < 3; i++) {
		direct = page_address(pages[i]);
		map[i * PAGE_SIZE + 5] = (char)(i + 40);
		EXPECT_EQ(direct[5], (char)(i + 40));
		EXPECT(vmalloc_to_page(map + i * PAGE_SIZE) == pages[i]);
	}
	EXPECT_EQ(vmap_check(), 0);
	vunmap(map);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, map);
	map = vmap(pages, 1, VM_MAP, PAGE_KERNEL_RO);
	ASSERT(map);
	EXPECT_EQ(*(volatile char *)(map + 5), 40);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, map);
	vunmap(map);
	for (size_t i = 0; i < 3; i++) {
		EXPECT_EQ(page_count(pages[i]), 1);
		__free_page(pages[i]);
	}
}

TEST(vmalloc, ioremap_reaches_the_screen_uncached)
{
	u16 *direct = __va(0xB8000), was = direct[1];
	char __iomem *screen = ioremap(0xB8002, 2 * PAGE_SIZE);
	const pte_t *pte;

	ASSERT(screen);
	EXPECT_EQ((uintptr_t)screen % PAGE_SIZE, 2u);
	writew(0x0741, screen);
	EXPECT_EQ(readw(screen), 0x0741);
	EXPECT_EQ(readb(screen + 1), 0x07);
	EXPECT_EQ(direct[1], 0x0741);
	writew(was, screen);
	for (size_t i = 0; i < 3; i++) { /* 2 + 8192 bytes touch three pages */
		pte = pgtable_lookup(swapper_pg_dir,
				     (uintptr_t)screen + i * PAGE_SIZE);
		EXPECT(pte_present(*pte));
		EXPECT_EQ(pte->val & (_PAGE_PCD | _PAGE_PWT),
			  _PAGE_PCD | _PAGE_PWT);
		EXPECT_EQ(pte_phys(*pte), 0xB8000 + i * PAGE_SIZE);
	}
	EXPECT_EQ(vmap_check(), 0);
	iounmap(screen);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, (__force void *)screen);
	iounmap(NULL);
}

TEST(vmalloc, ioremap_refuses_ram_and_nonsense)
{
	size_t mark = log_mark();

	EXPECT(!ioremap(__pa(&irq), 4));
	EXPECT(!ioremap(0x9F000 & ~0xFFFFu, 0x30000)); /* begins in RAM */
	EXPECT_EQ(log_has(mark, "ioremap: "), 2);
	EXPECT(!ioremap(0xB8000, 0));
	EXPECT(!ioremap(0xFFFFF000, PAGE_SIZE + 1));
	EXPECT(!ioremap(0xB8000, -1ul));
	EXPECT_EQ(vmap_check(), 0);
}

/* --- Mistakes ---------------------------------------------------------------------------- */

static size_t mark;
static unsigned long errors;

static void
begin(void)
{
	mark = log_mark();
	errors = slab_debug_errors();
}

static void
expect_report(const char *text)
{
	EXPECT_EQ(slab_debug_errors() - errors, 1u);
	EXPECT_EQ(log_has(mark, text), 1);
	EXPECT_EQ(vmap_check(), 0);
	begin();
}

TEST(vmalloc, what_vmalloc_did_not_return_cannot_be_freed)
{
	static u32 words[2];
	void *k = kmalloc(100, GFP_KERNEL);
	char *p = vmalloc(2 * PAGE_SIZE);
	struct page *page = p ? vmalloc_to_page(p) : NULL;
	void *map;

	ASSERT(k && page);
	begin();
	vfree(NULL);
	vunmap(NULL);
	vfree(k);
	expect_report("no vmalloc address: use kfree");
	vfree(words);
	expect_report(": no vmalloc address");
	vfree(p + PAGE_SIZE);
	expect_report("it is in the middle of an area");
	vfree(p + 1);
	expect_report("it is in the middle of an area");
	vunmap(p);
	expect_report("vmalloc made this: use vfree");
	kfree(p);
	expect_report("it is a vmalloc address: use vfree");
	map = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	vfree(map);
	expect_report("vmap made this: use vunmap");
	vunmap(map);
	__free_page(page);
	EXPECT_EQ(log_has(mark, "the page belongs to vmalloc: use vfree"), 1);
	EXPECT_EQ(page_count(page), 1);
	vfree(p);
	begin();
	vfree(p);
	expect_report("double free: it is free already");
	vmap_flush();
	vfree(p);
	expect_report("double free: it is free already");
	vmap_purge();
	vfree(p);
	expect_report("no area is there");
	kfree(k);
}

/* A device above all RAM has no struct page that could say whose it is. */
TEST(vmalloc, a_device_cannot_be_freed_as_memory)
{
	void __iomem *io = ioremap(0xFEE00000, PAGE_SIZE);

	ASSERT(io);
	begin();
	vfree((__force void *)io);
	expect_report("ioremap made this: use iounmap");
	EXPECT(!vmalloc_to_page((__force void *)io));
	iounmap(io);
}

/* Each ends in a report, and nothing is read behind mem_map. */
TEST(vmalloc, the_heap_is_not_asked_about_it)
{
	u8 *p = vmalloc(PAGE_SIZE);

	ASSERT(p);
	*p = 0x5C;
	begin();
	EXPECT_EQ(ksize(p), 0u);
	expect_report("ksize(");
	EXPECT(!krealloc(p, 100, GFP_KERNEL));
	expect_report("it is a vmalloc address");
	kfree_sensitive(p);
	expect_report("kfree_sensitive(");
	EXPECT_EQ(*p, 0x5C);
	vfree(p);
}

TEST(vmalloc, nothing_is_found_outside_the_window)
{
	EXPECT_EQ(vmalloc_to_pfn((void *)PAGE_OFFSET), 0u);
	EXPECT_EQ(vmalloc_to_pfn((void *)(VMALLOC_START - PAGE_SIZE)), 0u);
	EXPECT_EQ(vmalloc_to_pfn((void *)VMALLOC_END), 0u);
	EXPECT_EQ(vmalloc_to_pfn(&irq), 0u);
	EXPECT(!vmalloc_to_page(NULL));
}

TEST(vmalloc, failures_are_reported_a_few_times_a_second)
{
	unsigned int lines;

	begin();
	fail_alloc_set(1, 0);
	for (unsigned int i = 0; i < 100; i++)
		EXPECT(!vmalloc(20 * PAGE_SIZE));
	fail_alloc_set(0, 0);
	lines = log_has(mark, FAILURE);
	EXPECT_OP(lines, <=, 20u); /* of two seconds, on a slow host more */
}

/* Freed areas and what is left of them are found again, to the page. */
TEST(vmalloc, a_gap_is_filled_exactly)
{
	enum {
		NR = 6,
		STEP = 20 /* pages: too many to be kept idle */
	};
	char *p[NR], *q, *r;

	vmap_purge();
	for (unsigned int i = 0; i < NR; i++) {
		p[i] = vmalloc((i + 1) * STEP * PAGE_SIZE);
		ASSERT(p[i]);
		EXPECT(!i || p[i] > p[i - 1]);
	}
	vfree(p[2]);
	vfree(p[3]); /* one gap of 3 + 4 steps and two guard pages */
	vmap_purge();
	EXPECT_EQ(vmap_check(), 0u);
	q = vmalloc((7 * STEP + 1) * PAGE_SIZE);
	EXPECT_EQ(q, p[2]);
	vfree(q);
	vmap_purge();
	q = vmalloc(3 * STEP * PAGE_SIZE);
	r = vmalloc(4 * STEP * PAGE_SIZE);
	EXPECT_EQ(q, p[2]);
	EXPECT_EQ(r, p[3]);
	EXPECT_EQ(vmap_check(), 0u);
	p[2] = q;
	p[3] = r;
	vfree(p[4]);
	vmap_purge();
	q = vmalloc((5 * STEP + 1) * PAGE_SIZE); /* a page more than the gap */
	EXPECT_OP(q, >, p[5]);
	p[4] = q;
	for (unsigned int i = 0; i < NR; i++)
		vfree(p[i]);
	vmap_purge();
	EXPECT_EQ(vmap_check(), 0u);
}

static bool
says(const void *address, const char *text)
{
	char buf[200];

	buf[0] = '\0';
	explain((u32)(uintptr_t)address, buf, sizeof(buf));
	return EXPECT(strstr(buf, text)) ||
	       (pr_info("  it says: %s\n", buf), false);
}

TEST(vmalloc, wild_addresses_near_an_area_are_explained)
{
	char *p = vmalloc(2 * PAGE_SIZE);

	ASSERT(p);
	says(p + 2 * PAGE_SIZE,
	     "guard page after vmalloc area of 8192 bytes at 0x");
	says(p + 2 * PAGE_SIZE, "allocated by test_vmalloc_wild");
	says(p + 100, "address in a vmalloc area of 8192 bytes");
	vfree(p);
	says(p + 100, "address in a freed, not yet flushed vmalloc area");
	says(p + 100, ", freed by test_vmalloc_wild");
	vmap_flush();
	says(p + 100, "address in a freed vmalloc area of 8192 bytes");
	vmap_purge();
	says((void *)(VMALLOC_END - PAGE_SIZE), "in no area");
}

/* --- Many pages at once --------------------------------------------------------------------- */

#define FEW_AND_MORE 12 /* more than what release_pages calls few */

static struct page **const many = slots_of(struct page *);
static_assert(TEST_SLOTS > 1024, "more than the largest block has");

TEST(page_bulk, pages_come_and_go_in_bulk)
{
	static const unsigned long counts[] = {0, 1, 7, 8, 33, 1025, 1500};
	struct zones_state before;

	zones_note(&before);
	for (size_t c = 0; c < ARRAY_SIZE(counts); c++) {
		unsigned long nr = counts[c], bad = 0, i;

		ASSERT_EQ(alloc_pages_bulk_array(GFP_HIGHUSER | __GFP_ZERO, nr,
						 many),
			  nr);
		for (i = 0; i < nr; i++) {
			u8 *bytes = kmap_local_page(many[i]);

			bad += page_count(many[i]) != 1 ||
			       page_order(many[i]) != 0 || bytes[c];
			many[i]->private = i;
			memset(bytes, 0xFF, 16);
			kunmap_local(bytes);
		}
		for (i = 0; i < nr; i++) /* no page came twice */
			bad += many[i]->private != i;
		EXPECT_EQ(bad, 0u);
		if (c % 2) /* against the grain */
			for (i = 0; i < nr / 2; i++)
				swap(many[i], many[nr - 1 - i]);
		release_pages(many, nr);
		EXPECT_EQ(zones_broken(), 0u);
	}
	EXPECT_EQ(zones_differ(&before), 0u);
}

TEST(page_bulk, only_the_last_reference_frees)
{
	struct page *pages[20], *shared, *block;

	ASSERT_EQ(alloc_pages_bulk_array(GFP_KERNEL, 19, pages), 19u);
	shared = pages[10];
	get_page(shared);
	block = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
	ASSERT(block);
	pages[19] = block;
	release_pages(pages, 20);
	EXPECT_EQ(page_count(shared), 1);
	EXPECT_EQ(page_count(pages[9]), 0);
	EXPECT_EQ(page_count(block), 0);
	EXPECT_EQ(zones_broken(), 0u);
	put_page(shared);
}

TEST(page_bulk, a_compound_page_in_front_loses_one_reference)
{
	struct page *pages[FEW_AND_MORE], *block;

	block = pages[0] = alloc_pages(GFP_KERNEL | __GFP_COMP, 4);
	ASSERT(block);
	get_page(block);
	for (unsigned int i = 1; i < ARRAY_SIZE(pages); i++) {
		pages[i] = block + i; /* as neighbours of its head, too */
		get_page(pages[i]);
	}
	release_pages(pages, ARRAY_SIZE(pages));
	EXPECT_EQ(page_count(block), 1);
	put_page(block);
	EXPECT_EQ(page_count(block), 0);
	EXPECT_EQ(zones_broken(), 0u);
}

TEST(page_bulk, when_memory_ends_it_says_how_many)
{
	struct pile pile = {0};
	struct page *page;
	unsigned long got;

	pile_fill_all(&pile, GFP_TRY | __GFP_HIGHMEM);
	page = pile_pop(&pile);
	__free_pages(page, page_order(page));
	got = alloc_pages_bulk_array(GFP_TRY | __GFP_HIGHMEM, 1500, many);
	EXPECT_OP(got, <, 1500u);
	EXPECT_OP(zones[ZONE_NORMAL].free_pages + 1, >,
		  zones[ZONE_NORMAL].watermark[WMARK_MIN]);
	release_pages(many, got);
	EXPECT(!alloc_pages_bulk_array(GFP_TRY | __GFP_DMA | __GFP_HIGHMEM, 8,
				       many));
	pile_free(&pile);
	EXPECT_EQ(zones_broken(), 0u);
}
