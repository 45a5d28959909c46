/* test_pgtable.c - mm/pgtable.c against a plain array of entries; mm/x86/tlb.c
 * against a TLB of 64 entries.
 *
 *   regions   [user: 3 tables, the outer ones in part][user: the last 16 pages]
 *             [kernel: 2 tables, made beforehand]
 *   model     what each of their entries must be, one after the other
 *
 * Tables come from the page allocator, on fake physical memory (pages.c).
 */
#include "errno.h"
#include "glue.h"
#include "host.h"
#include "page_owner.h"
#include "pages.h"
#include "pgtable.h"
#include "string.h"
#include "tlb.h"
#include "util.h"
#include "walk.h"
#include "x86.h"

#define STEPS     20000
#define NR_FRAMES 700 /* how many pages a map_pages may show */
#define KERNEL_AT 0xF0000000u

static const struct region {
	uintptr_t va;
	unsigned long nr; /* pages */
} regions[] = {
	{2 * LARGE_PAGE_SIZE - 30 * PAGE_SIZE, PTRS_PER_TABLE + 60},
	{TASK_SIZE - 16 * PAGE_SIZE, 16},
	{KERNEL_AT, 2 * PTRS_PER_TABLE},
};
#define MODEL_PAGES (PTRS_PER_TABLE + 60 + 16 + 2 * PTRS_PER_TABLE)

static struct {
	pde_t *dir;
	pte_t *kernel;      /* two tables in a row */
	unsigned long free; /* pages, with no user table */
	u32 entries[MODEL_PAGES];
	struct page *frames[NR_FRAMES];
} model;

/* The model's entry for an address. => NULL if it is in no region */
static u32 *
entry_of(uintptr_t va)
{
	u32 *entry = model.entries;
	const struct region *r;

	for (r = regions; r < ARRAY_END(regions); entry += r++->nr)
		if (va >= r->va && (va - r->va) / PAGE_SIZE < r->nr)
			return entry + (va - r->va) / PAGE_SIZE;
	return NULL;
}

static void
begin(void)
{
	unsigned int i;

	pages_boot(LOW_RAM, 0, "");
	memset(model.entries, 0, sizeof(model.entries));
	memset(swapper_pg_dir, 0, PAGE_SIZE);
	model.kernel = (pte_t *)__get_free_pages(GFP_KERNEL, 1);
	memset(model.kernel, 0, 2 * PAGE_SIZE);
	for (i = 0; i < 2; i++)
		swapper_pg_dir[pde_index(KERNEL_AT) + i] =
			make_pde(__pa(model.kernel) + i * PAGE_SIZE,
				 _PAGE_PRESENT | _PAGE_RW);
	swapper_pg_dir[pde_index(PAGE_OFFSET)] =
		make_pde(0, _PAGE_PRESENT | _PAGE_RW | _PAGE_LARGE);
	model.dir = pgtable_dir_alloc();
	for (i = 0; i < NR_FRAMES; i++)
		model.frames[i] = pfn_to_page(host_below(max_pfn));
	drain_local_pages();
	model.free = nr_free_pages();
}

static void
end(void)
{
	pgtable_dir_free(model.dir);
	pgtable_drain();
	free_pages((unsigned long)model.kernel, 1);
	pages_end();
}

/* How many user tables there are. Each is counted right and used. */
static unsigned int
check_user_tables(void)
{
	unsigned int i, j, tables = 0;

	for (i = 0; i < pde_index(TASK_SIZE); i++) {
		pde_t pde = model.dir[i];
		unsigned int used = 0;
		pte_t *table;

		if (!pde.val)
			continue;
		tables++;
		EXPECT_EQ(pde.val & _PAGE_FLAGS,
			  _PAGE_PRESENT | _PAGE_RW | _PAGE_USER);
		table = __va(pde_phys(pde));
		for (j = 0; j < PTRS_PER_TABLE; j++)
			used += table[j].val != 0;
		EXPECT(used > 0);
		EXPECT_EQ(virt_to_page(table)->private, used);
	}
	return tables;
}

/* Everything is as the model says; and the kernel half is untouched. */
static void
check(void)
{
	const struct region *r;
	unsigned long i;
	unsigned int tables = check_user_tables();

	for (r = regions; r < ARRAY_END(regions); r++)
		for (i = 0; i < r->nr; i++) {
			uintptr_t va = r->va + i * PAGE_SIZE;
			pte_t *pte = pgtable_lookup(model.dir, va);

			if (!EXPECT_EQ(pte ? pte->val : 0, *entry_of(va)))
				host_note("at %08lx", va);
		}
	EXPECT_EQ(memcmp(model.dir + FIRST_KERNEL_PDE,
			 swapper_pg_dir + FIRST_KERNEL_PDE,
			 NR_KERNEL_PDES * sizeof(pde_t)),
		  0);
	pgtable_drain();
	drain_local_pages();
	EXPECT_EQ(nr_free_pages(), model.free - tables);
}

/* A range inside a region; the first entry of it in the model. */
static u32 *
random_range(uintptr_t *va, unsigned long *nr)
{
	const struct region *r = &regions[host_below(ARRAY_SIZE(regions))];
	unsigned long most = host_sometimes(4) ? r->nr : min(r->nr, 20ul);

	*nr = 1 + host_below(min(most, (unsigned long)NR_FRAMES));
	*va = r->va + host_below(r->nr - *nr + 1) * PAGE_SIZE;
	return entry_of(*va);
}

static void
step_map(void)
{
	const u32 some_flags[] = {PAGE_KERNEL, PAGE_KERNEL_RO, PAGE_USER,
				  PAGE_KERNEL_NOCACHE};
	u32 flags = some_flags[host_below(ARRAY_SIZE(some_flags))];
	bool pages = host_sometimes(2);
	phys_addr_t pa = host_below(5000) * PAGE_SIZE;
	unsigned long nr, i, used = 0;
	uintptr_t va;
	u32 *entry = random_range(&va, &nr);
	int err;

	for (i = 0; i < nr; i++)
		used += entry[i] != 0;
	if (pages)
		err = pgtable_map_pages(model.dir, va, model.frames, nr, flags);
	else
		err = pgtable_map_range(model.dir, va, pa, nr * PAGE_SIZE,
					flags);
	EXPECT_EQ(err, used ? -EEXIST : 0);
	for (i = 0; i < nr && !used; i++)
		entry[i] = flags | (pages ? page_to_phys(model.frames[i])
					  : pa + i * PAGE_SIZE);
}

static void
step_unmap(void)
{
	unsigned long nr;
	uintptr_t va;
	u32 *entry = random_range(&va, &nr);

	pgtable_unmap(model.dir, va, nr * PAGE_SIZE);
	memset(entry, 0, nr * sizeof(*entry));
}

static void
step_protect(void)
{
	u32 set = host_sometimes(2) ? _PAGE_RW : _PAGE_PCD;
	u32 clear = host_sometimes(2) ? _PAGE_RW : _PAGE_USER;
	unsigned long nr, i;
	uintptr_t va;
	u32 *entry = random_range(&va, &nr);

	EXPECT_EQ(pgtable_protect(model.dir, va, nr * PAGE_SIZE, set, clear),
		  0);
	for (i = 0; i < nr; i++)
		if (entry[i] & _PAGE_PRESENT)
			entry[i] = (entry[i] & ~clear) | set;
}

/* One entry, present or not: what a fault or swapping does. */
static void
step_set(void)
{
	unsigned long nr;
	uintptr_t va;
	u32 *entry = random_range(&va, &nr);
	pte_t *pte = pgtable_alloc(model.dir, va);

	ASSERT(pte != NULL);
	*entry = host_sometimes(2) ? 0xABC000 | PAGE_USER : 0x1230;
	pgtable_set(pte, (pte_t){*entry});
}

static u32
flags_of(uintptr_t va)
{
	u32 *entry = entry_of(va);

	if (!entry && pde_index(va) == FIRST_KERNEL_PDE)
		return _PAGE_PRESENT | _PAGE_RW | _PAGE_LARGE;
	if (!entry || !(*entry & _PAGE_PRESENT))
		return 0;
	return *entry & _PAGE_FLAGS & ~(_PAGE_ACCESSED | _PAGE_DIRTY);
}

/* The ranges, in order, are the model: nothing in between, and maximal. */
static void
check_ranges(void)
{
	struct pgtable_range range;
	unsigned long in_model = 0, in_ranges = 0, i;
	uintptr_t from = 0, va;
	u32 last = 0;

	for (i = 0; i < MODEL_PAGES; i++)
		in_model += model.entries[i] & _PAGE_PRESENT;
	while (pgtable_next_range(model.dir, from, &range)) {
		ASSERT(range.start >= from && range.size);
		EXPECT(range.start > from || range.flags != last);
		for (va = range.start; va - range.start < range.size;
		     va += PAGE_SIZE)
			ASSERT_EQ(flags_of(va), range.flags);
		in_ranges += range.size / PAGE_SIZE;
		last = range.flags;
		from = range.start + range.size;
	}
	EXPECT_EQ(in_ranges, in_model + PTRS_PER_TABLE); /* the large page */
}

TEST(pgtable, random_operations_against_an_array)
{
	void (*const steps[])(void) = {step_map, step_map, step_unmap,
				       step_protect, step_set};
	unsigned int i;

	begin();
	for (i = 0; i < STEPS && !host_failed(); i++) {
		steps[host_below(ARRAY_SIZE(steps))]();
		if (i % 32 == 0)
			check();
		if (i % 128 == 0)
			check_ranges();
	}
	for (i = 0; i < ARRAY_SIZE(regions); i++)
		pgtable_unmap(model.dir, regions[i].va,
			      regions[i].nr * PAGE_SIZE);
	memset(model.entries, 0, sizeof(model.entries));
	check();
	check_ranges();
	EXPECT_EQ(nr_free_pages(), model.free);
	end();
}

#define BEYOND(va, size)                                                     \
	do {                                                                 \
		EXPECT_EQ(pgtable_map_range(model.dir, va, 0, size,          \
					    PAGE_USER),                      \
			  -EINVAL);                                          \
		EXPECT_EQ(pgtable_protect(model.dir, va, size, _PAGE_RW, 0), \
			  -EINVAL);                                          \
	} while (0)

TEST(pgtable, ranges_that_cannot_be_are_refused)
{
	const uintptr_t page = PAGE_SIZE;

	begin();
	BEYOND(page, 0);
	BEYOND(page + 1, page);
	BEYOND(page, page + 1);
	BEYOND(TASK_SIZE - page, 2 * page);
	BEYOND(0, TASK_SIZE + page);
	BEYOND(FIXADDR_END, page);
	BEYOND(FIXADDR_END - page, 2 * page);
	BEYOND(KERNEL_AT, -page);
	BEYOND(PAGE_OFFSET, page); /* a large page */
	BEYOND(PAGE_OFFSET + LARGE_PAGE_SIZE - page, 2 * page);
	EXPECT_EQ(pgtable_map_range(model.dir, KERNEL_AT - page, 0, 2 * page,
				    PAGE_KERNEL),
		  -EINVAL); /* no table */
	EXPECT_EQ(pgtable_map_range(model.dir, page, 0, page, _PAGE_RW),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_range(model.dir, page, 0, page,
				    PAGE_USER | _PAGE_LARGE),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_range(model.dir, page, 0, page,
				    PAGE_USER | PAGE_SIZE),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_range(model.dir, page, 5, page, PAGE_USER),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_range(model.dir, page, -page, 2 * page,
				    PAGE_USER),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_pages(model.dir, page, model.frames, 0,
				    PAGE_USER),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_pages(model.dir, page, model.frames, 0x100001,
				    PAGE_USER),
		  -EINVAL);
	EXPECT_EQ(pgtable_protect(model.dir, page, page, _PAGE_PRESENT, 0),
		  -EINVAL);
	EXPECT_EQ(pgtable_protect(model.dir, page, page, 0, _PAGE_LARGE),
		  -EINVAL);
	check();
	end();
}

TEST(pgtable, the_last_frame_of_the_bus_can_be_mapped)
{
	const phys_addr_t pa = ~0u - 2 * PAGE_SIZE + 1;

	begin();
	ASSERT_EQ(pgtable_map_range(model.dir, KERNEL_AT, pa, 2 * PAGE_SIZE,
				    PAGE_KERNEL),
		  0);
	EXPECT_EQ(pte_phys(model.kernel[1]), pa + PAGE_SIZE);
	pgtable_unmap(model.dir, KERNEL_AT, 2 * PAGE_SIZE);
	check();
	end();
}

/* A range over three tables, each of which may be the one there is no page
 * for; before it, one table has an entry that must stay. */
TEST(pgtable, no_memory_for_a_table_changes_nothing)
{
	const uintptr_t va = LARGE_PAGE_SIZE - PAGE_SIZE;
	const size_t size = LARGE_PAGE_SIZE + 2 * PAGE_SIZE;
	unsigned int n;

	begin();
	for (n = 1; n <= 4; n++) {
		fail_page_alloc_set(0, n, 0);
		EXPECT_EQ(pgtable_map_range(model.dir, va, 0, size, PAGE_USER),
			  n <= 3 ? -ENOMEM : 0);
		fail_page_alloc_set(0, 0, 0);
		if (n <= 3)
			check();
	}
	EXPECT_EQ(check_user_tables(), 3);
	pgtable_unmap(model.dir, va, size);
	check();
	ASSERT_EQ(pgtable_map_range(model.dir, regions[0].va, 0, PAGE_SIZE,
				    PAGE_USER),
		  0);
	*entry_of(regions[0].va) = PAGE_USER;
	fail_page_alloc_set(0, 1, 0);
	EXPECT_EQ(pgtable_map_range(model.dir, regions[0].va + PAGE_SIZE, 0,
				    30 * PAGE_SIZE, PAGE_USER),
		  -ENOMEM);
	EXPECT(pgtable_alloc(model.dir, 0x40000000) == NULL);
	EXPECT(pgtable_dir_alloc() == NULL);
	fail_page_alloc_set(0, 0, 0);
	check();
	end();
}

/* The later table has something mapped: the earlier one, new, goes again. */
TEST(pgtable, a_collision_in_a_later_table_frees_the_new_ones)
{
	const uintptr_t last = regions[0].va + 31 * PAGE_SIZE;

	begin();
	ASSERT_EQ(pgtable_map_range(model.dir, last, 0, PAGE_SIZE, PAGE_USER),
		  0);
	*entry_of(last) = PAGE_USER;
	EXPECT_EQ(pgtable_map_range(model.dir, regions[0].va, 0, 32 * PAGE_SIZE,
				    PAGE_USER),
		  -EEXIST);
	check();
	end();
}

TEST(pgtable, a_table_is_forgotten_by_the_cpu_before_it_is_freed)
{
	const uintptr_t va = 0x40000000;

	begin();
	ASSERT_EQ(pgtable_map_range(model.dir, va, 0, 2 * PAGE_SIZE, PAGE_USER),
		  0);
	host_cpu.invlpgs = 0;
	pgtable_unmap(model.dir, va, PAGE_SIZE);
	EXPECT_EQ(host_cpu.invlpgs, 0);
	pgtable_unmap(model.dir, va + PAGE_SIZE, PAGE_SIZE);
	EXPECT_EQ(host_cpu.invlpgs, 1);
	EXPECT(pgtable_lookup(model.dir, va) == NULL);
	end();
}

/* As many as are kept serve as many again, without the page allocator; the rest
 * is freed, and so are they when they are asked for. */
TEST(pgtable, freed_tables_are_kept_for_the_next_up_to_a_limit)
{
	enum {
		MANY = 20,
		KEPT = 8
	};
	const uintptr_t va = 0x40000000;
	const size_t size = MANY * LARGE_PAGE_SIZE;
	unsigned int i;

	begin();
	ASSERT_EQ(pgtable_map_range(model.dir, va, 0, size, PAGE_USER), 0);
	pgtable_unmap(model.dir, va, size);
	drain_local_pages();
	EXPECT_EQ(nr_free_pages(), model.free - KEPT);
	fail_page_alloc_set(0, 1, 0);
	for (i = 0; i < KEPT; i++) {
		const pte_t *pte =
			pgtable_alloc(model.dir, va + i * LARGE_PAGE_SIZE);

		ASSERT(pte != NULL);
		EXPECT(!memchr_inv(pte, 0, PAGE_SIZE));
	}
	EXPECT(pgtable_alloc(model.dir, va + i * LARGE_PAGE_SIZE) == NULL);
	fail_page_alloc_set(0, 0, 0);
	pgtable_unmap(model.dir, va, size);
	EXPECT_EQ(pgtable_drain(), KEPT);
	EXPECT_EQ(pgtable_drain(), 0);
	check();
	end();
}

TEST(pgtable, entries_may_be_set_to_nothing)
{
	const uintptr_t va = 0x40000000;
	pte_t *pte;

	begin();
	pte = pgtable_alloc(model.dir, va);
	ASSERT(pte != NULL);
	EXPECT(pgtable_alloc(model.dir, va + PAGE_SIZE) == pte + 1);
	pgtable_set(pte, make_pte(0x5000, PAGE_USER));
	pgtable_set(pte, make_pte(0x6000, PAGE_USER));
	EXPECT_EQ(virt_to_page(pte)->private, 1);
	pgtable_set(pte, make_pte(0, 0));
	EXPECT_EQ(virt_to_page(pte)->private, 0);
	pgtable_unmap(model.dir, va + 7 * PAGE_SIZE, PAGE_SIZE);
	EXPECT(pgtable_lookup(model.dir, va) == NULL);
	EXPECT(pgtable_alloc(model.dir, VMALLOC_END) == NULL);
	check();
	end();
}

/* --- The TLB ---------------------------------------------------------------- */

/* What was chosen: so many invlpgs; a reload of CR3; PGE off and on. */
static void
expect_chosen(unsigned int invlpgs, unsigned int cr3, unsigned int pge)
{
	EXPECT_EQ(host_cpu.invlpgs, invlpgs);
	EXPECT_EQ(host_cpu.cr3_writes, cr3);
	EXPECT_EQ(host_cpu.pge_flips, pge);
}

static void
reset_cpu(bool pge)
{
	host_cpu = (struct host_cpu){.cr3 = 0x1000,
				     .cr4 = CR4_PSE | (pge ? CR4_PGE : 0)};
}

TEST(tlb, one_page_is_one_invlpg)
{
	reset_cpu(true);
	tlb_flush_page(KERNEL_AT + 5);
	expect_chosen(1, 0, 0);
	EXPECT_EQ(host_cpu.invlpg_pages[0], KERNEL_AT);
}

TEST(tlb, a_short_range_is_an_invlpg_a_page)
{
	unsigned int i, nr;

	for (nr = 0; nr <= 32; nr++) {
		reset_cpu(true);
		tlb_flush_range(KERNEL_AT, nr * PAGE_SIZE);
		expect_chosen(nr, 0, 0);
		for (i = 0; i < nr; i++)
			EXPECT_EQ(host_cpu.invlpg_pages[i],
				  KERNEL_AT + i * PAGE_SIZE);
	}
}

TEST(tlb, a_long_range_turns_global_pages_off_and_on)
{
	reset_cpu(true);
	tlb_flush_range(KERNEL_AT, 33 * PAGE_SIZE);
	expect_chosen(0, 0, 2);
	EXPECT_EQ(host_cpu.cr4, CR4_PSE | CR4_PGE);
	tlb_flush_all();
	expect_chosen(0, 0, 4);
	tlb_flush_range(0, ~0u);
	expect_chosen(0, 0, 6);
	EXPECT_EQ(host_cpu.cr4, CR4_PSE | CR4_PGE);
}

TEST(tlb, a_cpu_without_global_pages_reloads_cr3)
{
	reset_cpu(false);
	tlb_flush_range(KERNEL_AT, 33 * PAGE_SIZE);
	expect_chosen(0, 1, 0);
	tlb_flush_all();
	expect_chosen(0, 2, 0);
	EXPECT_EQ(host_cpu.cr3, 0x1000);
	EXPECT_EQ(host_cpu.cr4, CR4_PSE);
}

TEST(tlb, every_page_that_a_range_touches_is_flushed)
{
	reset_cpu(true);
	tlb_flush_range(KERNEL_AT + PAGE_SIZE - 1, 2);
	expect_chosen(2, 0, 0);
	EXPECT_EQ(host_cpu.invlpg_pages[0], KERNEL_AT);
	EXPECT_EQ(host_cpu.invlpg_pages[1], KERNEL_AT + PAGE_SIZE);
	reset_cpu(true);
	tlb_flush_range(KERNEL_AT + 5, PAGE_SIZE - 5);
	expect_chosen(1, 0, 0);
	reset_cpu(true);
	tlb_flush_range(KERNEL_AT + 5, PAGE_SIZE);
	expect_chosen(2, 0, 0);
	reset_cpu(true);
	tlb_flush_range(-(uintptr_t)PAGE_SIZE, PAGE_SIZE);
	expect_chosen(1, 0, 0);
	EXPECT_EQ(host_cpu.invlpg_pages[0], -(uintptr_t)PAGE_SIZE);
}
