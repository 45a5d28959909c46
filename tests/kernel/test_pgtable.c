/* test_pgtable.c - page tables and the TLB, on the real processor.
 *
 *   va in the vmalloc window  -->  page A, then page B: what is read there?
 *
 * The last pages of the window but 8 belong to these cases: nobody allocates
 * from the top.
 */
#include "cpu.h"
#include "errno.h"
#include "gfp.h"
#include "page_helpers.h"
#include "pgtable.h"
#include "pgtable_check.h"
#include "sections.h"
#include "string.h"
#include "test.h"
#include "tlb.h"
#include "trap.h"
#include "x86.h"

#define NR      40
#define AT      (VMALLOC_END - (NR + 8) * PAGE_SIZE)
#define USER_AT 0x10000000u

static long
page_table_mistakes(void)
{
	return pgtable_check(swapper_pg_dir);
}
LEAK_COUNTER("page table mistakes", page_table_mistakes);

static struct page *pages[NR];

/* So many pages, each full of its number and one. => false without memory */
static bool
take_pages(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		if (!pages[i])
			return false;
		memset(page_address(pages[i]), i + 1, PAGE_SIZE);
	}
	return true;
}

static void
free_taken(unsigned int nr)
{
	while (nr--)
		__free_page(pages[nr]);
}

static void
unmap(uintptr_t va, unsigned int nr)
{
	pgtable_unmap(swapper_pg_dir, va, nr * PAGE_SIZE);
	tlb_flush_range(va, nr * PAGE_SIZE);
}

static void
read_byte(void *address)
{
	(void)*(volatile u8 *)address;
}

static void
write_byte(void *address)
{
	*(volatile u8 *)address = 0x42;
}

static u8
byte_at(uintptr_t va)
{
	return *(volatile u8 *)va;
}

TEST(pgtable, mapped_pages_are_seen_and_unmapped_ones_fault)
{
	unsigned int i;

	ASSERT(take_pages(NR));
	ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT, pages, NR, PAGE_KERNEL),
		  0);
	for (i = 0; i < NR; i++) {
		EXPECT_EQ(byte_at(AT + i * PAGE_SIZE + 5), i + 1);
		write_byte((void *)(AT + i * PAGE_SIZE));
		EXPECT_EQ(*(u8 *)page_address(pages[i]), 0x42);
	}
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)(AT - 1));
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)(AT + NR * PAGE_SIZE));
	unmap(AT, NR);
	for (i = 0; i < NR; i++)
		EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte,
			    (void *)(AT + i * PAGE_SIZE));
	free_taken(NR);
}

static unsigned int
nr_mapped(uintptr_t from, unsigned int nr)
{
	unsigned int n = 0;

	for (; nr--; from += PAGE_SIZE)
		n += pte_present(*pgtable_lookup(swapper_pg_dir, from));
	return n;
}

/* Ranges that end before, at and behind the border of two tables, and parts of
 * them: each touches its own entries and no others. */
TEST(pgtable, a_range_ends_where_it_ends)
{
	enum {
		HALF = 5,
		ALL = 2 * HALF
	};
	uintptr_t border = ALIGN_DOWN(AT, LARGE_PAGE_SIZE);
	uintptr_t start = border - HALF * PAGE_SIZE;

	if (start < VMALLOC_START || nr_mapped(start, ALL)) {
		test_skip("the window is too small");
		return;
	}
	ASSERT(take_pages(ALL));
	for (unsigned int first = 0; first < ALL; first++)
		for (unsigned int end = first + 1; end <= ALL; end++) {
			uintptr_t va = start + first * PAGE_SIZE;
			unsigned int nr = end - first;

			ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, va, pages,
						    nr, PAGE_KERNEL),
				  0);
			EXPECT_EQ(nr_mapped(start, ALL), nr);
			EXPECT_EQ(nr_mapped(va, nr), nr);
			EXPECT_EQ(byte_at(va + nr * PAGE_SIZE - 1), nr);
			EXPECT_EQ(pgtable_protect(swapper_pg_dir, va, PAGE_SIZE,
						  0, _PAGE_RW),
				  0);
			EXPECT_EQ(pgtable_lookup(swapper_pg_dir, va)->val &
					  _PAGE_RW,
				  0u);
			EXPECT(nr == 1 ||
			       pgtable_lookup(swapper_pg_dir, va + PAGE_SIZE)
					       ->val &
				       _PAGE_RW);
			unmap(va, (nr + 1) / 2);
			EXPECT_EQ(nr_mapped(start, ALL), nr / 2);
			EXPECT_EQ(nr_mapped(va, (nr + 1) / 2), 0u);
			unmap(va, nr);
			EXPECT_EQ(nr_mapped(start, ALL), 0u);
			ASSERT_EQ(pgtable_map_range(swapper_pg_dir, va, 0xB8000,
						    nr * PAGE_SIZE,
						    PAGE_KERNEL),
				  0);
			EXPECT_EQ(nr_mapped(start, ALL), nr);
			EXPECT_EQ(nr_mapped(va, nr), nr);
			unmap(va, nr);
		}
	free_taken(ALL);
}

TEST(pgtable, what_is_mapped_is_not_mapped_over)
{
	ASSERT(take_pages(2));
	ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT + PAGE_SIZE, pages, 1,
				    PAGE_KERNEL),
		  0);
	EXPECT_EQ(pgtable_map_pages(swapper_pg_dir, AT, pages, 2, PAGE_KERNEL),
		  -EEXIST);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)AT);
	unmap(AT + PAGE_SIZE, 1);
	free_taken(2);
}

/* The hole below the kmap window, and the direct map. */
TEST(pgtable, no_kernel_directory_entry_is_ever_made_or_split)
{
	const uintptr_t end = (uintptr_t)high_memory;

	ASSERT(take_pages(1));
	EXPECT_EQ(pgtable_map_pages(swapper_pg_dir, VMALLOC_END, pages, 1,
				    PAGE_KERNEL),
		  -EINVAL);
	EXPECT_EQ(pgtable_map_range(swapper_pg_dir, PKMAP_BASE - PAGE_SIZE, 0,
				    PAGE_SIZE, PAGE_KERNEL),
		  -EINVAL);
	EXPECT_OP(pgtable_map_pages(swapper_pg_dir, end - 8 * SZ_1M, pages, 1,
				    PAGE_KERNEL),
		  <, 0);
	if (pde_large(swapper_pg_dir[pde_index(end - 8 * SZ_1M)]))
		EXPECT_EQ(pgtable_protect(swapper_pg_dir, end - 8 * SZ_1M,
					  PAGE_SIZE, 0, _PAGE_RW),
			  -EINVAL);
	EXPECT_EQ(pgtable_check(swapper_pg_dir), 0u);
	free_taken(1);
}

/* Each of the flushes, and after it nobody sees the old page. */
static void
expect_flushed(unsigned int nr, void (*flush)(unsigned int nr))
{
	unsigned int i;

	for (i = 0; i < nr; i++) { /* page i first, then page i + 1 */
		ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT + i * PAGE_SIZE,
					    &pages[i], 1, PAGE_KERNEL),
			  0);
		EXPECT_EQ(byte_at(AT + i * PAGE_SIZE), i + 1);
	}
	pgtable_unmap(swapper_pg_dir, AT, nr * PAGE_SIZE);
	ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT, pages + 1, nr,
				    PAGE_KERNEL),
		  0);
	flush(nr);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(byte_at(AT + i * PAGE_SIZE), i + 2);
	unmap(AT, nr);
}

static void
flush_page(unsigned int nr)
{
	(void)nr;
	tlb_flush_page(AT + 5);
}

static void
flush_range(unsigned int nr)
{
	tlb_flush_range(AT + 5, (nr - 1) * PAGE_SIZE);
}

static void
flush_all(unsigned int nr)
{
	(void)nr;
	tlb_flush_all();
}

TEST(pgtable, flushed_translations_are_forgotten)
{
	const unsigned long cr4 = read_cr4();

	ASSERT(take_pages(NR));
	expect_flushed(1, flush_page);
	expect_flushed(1, flush_all);
	expect_flushed(5, flush_range);
	expect_flushed(5, flush_all);
	expect_flushed(NR - 1, flush_range);
	expect_flushed(NR - 1, flush_all);
	EXPECT_EQ(read_cr4(), cr4);
	free_taken(NR);
}

TEST(pgtable, device_memory_is_mapped_uncached)
{
	const phys_addr_t vga = 0xB8000;
	pte_t *entry;

	ASSERT_EQ(pgtable_map_range(swapper_pg_dir, AT, vga, 2 * PAGE_SIZE,
				    PAGE_KERNEL_NOCACHE),
		  0);
	entry = pgtable_lookup(swapper_pg_dir, AT + PAGE_SIZE);
	ASSERT(entry != NULL);
	EXPECT_EQ(pte_phys(*entry), vga + PAGE_SIZE);
	EXPECT(entry->val & _PAGE_PCD && entry->val & _PAGE_PWT);
	EXPECT_EQ(!!(entry->val & _PAGE_GLOBAL), cpu_has(X86_FEATURE_PGE));
	EXPECT_EQ(*(u16 *)AT, *(u16 *)__va(vga));
	unmap(AT, 2);
}

TEST(pgtable, set_memory_ro_makes_writes_fault)
{
	ASSERT(take_pages(3));
	ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT, pages, 3, PAGE_KERNEL),
		  0);
	write_byte((void *)(AT + PAGE_SIZE)); /* now the TLB knows it */
	ASSERT_EQ(set_memory_ro(AT + PAGE_SIZE, 1), 0);
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, (void *)(AT + PAGE_SIZE));
	EXPECT_EQ(byte_at(AT + PAGE_SIZE), 0x42);
	write_byte((void *)AT);
	write_byte((void *)(AT + 2 * PAGE_SIZE));
	ASSERT_EQ(set_memory_rw(AT + PAGE_SIZE, 1), 0);
	write_byte((void *)(AT + PAGE_SIZE));
	unmap(AT, 3);
	free_taken(3);
}

TEST(pgtable, set_memory_takes_only_mapped_pages_of_the_window)
{
	ASSERT(take_pages(2));
	ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT, pages, 2, PAGE_KERNEL),
		  0);
	EXPECT_EQ(set_memory_ro(AT, 3), -EINVAL);
	EXPECT_EQ(set_memory_ro(AT - PAGE_SIZE, 2), -EINVAL);
	EXPECT_EQ(set_memory_ro(AT + 4, 1), -EINVAL);
	EXPECT_EQ(set_memory_ro(AT, 0), -EINVAL);
	EXPECT_EQ(set_memory_ro(AT, ~0ul), -EINVAL);
	EXPECT_EQ(set_memory_ro(VMALLOC_START - PAGE_SIZE, 1), -EINVAL);
	EXPECT_EQ(set_memory_rw((uintptr_t)_text, 1), -EINVAL);
	EXPECT_EQ(set_memory_ro(VMALLOC_END, 1), -EINVAL);
	EXPECT_EQ(set_memory_ro(USER_AT, 1), -EINVAL);
	write_byte((void *)AT); /* nothing has changed */
	unmap(AT, 2);
	free_taken(2);
}

TEST(pgtable, a_directory_of_ones_own_shows_its_pages_and_the_kernel)
{
	pde_t *dir = pgtable_dir_alloc();
	unsigned long cr3 = read_cr3();
	u8 first, second;

	ASSERT(dir != NULL);
	ASSERT(take_pages(2));
	/* Not PAGE_USER: SMAP would object to what comes. */
	ASSERT_EQ(pgtable_map_pages(dir, USER_AT, pages, 2,
				    _PAGE_PRESENT | _PAGE_RW),
		  0);
	EXPECT_EQ(pgtable_check(dir), 0u);
	write_cr3(__pa(dir));
	first = byte_at(USER_AT);
	second = byte_at(USER_AT + PAGE_SIZE);
	write_cr3(cr3);
	EXPECT_EQ(first, 1);
	EXPECT_EQ(second, 2);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)USER_AT);
	pgtable_dir_free(dir);
	free_taken(2);
}

/* Each mistake is made, must be found, and is undone. */
#define EXPECT_FOUND(dir, word, wrong)                \
	do {                                          \
		__auto_type word_ = (word);           \
		__auto_type was_ = *word_;            \
		*word_ = (wrong);                     \
		EXPECT_OP(pgtable_check(dir), >, 0u); \
		*word_ = was_;                        \
		EXPECT_EQ(pgtable_check(dir), 0u);    \
	} while (0)

TEST(pgtable, the_checker_finds_mistakes)
{
	u32 *hole = &swapper_pg_dir[pde_index(VMALLOC_END)].val;
	u32 *window = &swapper_pg_dir[pde_index(AT)].val;
	pte_t *text = pgtable_lookup(swapper_pg_dir, (uintptr_t)_text);
	pde_t *dir = pgtable_dir_alloc();
	struct page *free;
	pte_t *entry;

	ASSERT(dir && text);
	ASSERT(take_pages(1));
	EXPECT_FOUND(swapper_pg_dir, hole, *window);
	EXPECT_FOUND(swapper_pg_dir, window, 0);
	*window |= _PAGE_USER;
	EXPECT_EQ(pgtable_check(swapper_pg_dir), 2u); /* and not as sealed */
	*window &= ~_PAGE_USER;
	EXPECT_FOUND(swapper_pg_dir, &text->val, text->val | _PAGE_RW);
	ASSERT_EQ(pgtable_map_pages(swapper_pg_dir, AT, pages, 1, PAGE_KERNEL),
		  0);
	entry = pgtable_lookup(swapper_pg_dir, AT);
	EXPECT_FOUND(swapper_pg_dir, &entry->val, entry->val | _PAGE_USER);
	EXPECT_FOUND(swapper_pg_dir, &entry->val, __pa(_text) | PAGE_KERNEL);
	free = alloc_page(GFP_KERNEL);
	__free_page(free);
	EXPECT_FOUND(swapper_pg_dir, &entry->val,
		     make_pte(page_to_phys(free), PAGE_KERNEL).val);
	unmap(AT, 1);
	ASSERT_EQ(pgtable_map_pages(dir, USER_AT, pages, 1, PAGE_USER), 0);
	entry = pgtable_lookup(dir, USER_AT);
	EXPECT_FOUND(dir, &virt_to_page(entry)->private, 2);
	EXPECT_FOUND(dir, &entry->val, 0);
	pgtable_dir_free(dir);
	free_taken(1);
}

TEST(pgtable, page_guard_catches_a_use_after_free)
{
	unsigned long addr = __get_free_pages(GFP_KERNEL, 1);
	struct pile pile = {};

	ASSERT(addr != 0);
	write_byte((void *)(addr + PAGE_SIZE));
	free_pages(addr, 1);
	if (!page_guard) {
		test_skip("without page_guard");
		return;
	}
	EXPECT_TRAP(TRAP_PAGE_FAULT, write_byte, (void *)addr);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)(addr + PAGE_SIZE));
	drain_local_pages();
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)(addr + PAGE_SIZE));
	pile_fill(&pile, GFP_TRY, 0); /* the block comes back, as two pages */
	write_byte((void *)addr);
	write_byte((void *)(addr + PAGE_SIZE));
	pile_free(&pile);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)addr);
}
