/* test_paging.c - the page tables do what paging.c says they do.
 *
 *   read, write or call an address  -->  the exception it must (not) raise
 */
#include "cpu.h"
#include "layout.h"
#include "memblock_debug.h"
#include "mmzone.h"
#include "page.h"
#include "pgtable.h"
#include "sections.h"
#include "test.h"
#include "trap.h"
#include "util.h"
#include "walk.h"
#include "x86.h"

/* The byte before a linker symbol. (As a number: gcc takes the symbol for an
 * array that begins there.) */
static void *
before(const char *symbol)
{
	return (void *)((uintptr_t)symbol - 1);
}

static void
read_byte(void *address)
{
	(void)*(volatile u8 *)address;
}

/* Write what is there already: harmless where it is allowed. */
static void
write_byte(void *address)
{
	volatile u8 *p = address;

	*p = *p;
}

/* Which exception a write raises (-1: none), and whether it hit this address
 * as a write to a present page. */
static bool
write_is_refused(void *address)
{
	struct pt_regs regs;
	u32 at;

	return trap_probe(write_byte, address, &regs, &at) == TRAP_PAGE_FAULT &&
	       at == (u32)address && regs.error == (PF_PROT | PF_WRITE);
}

TEST(paging, page_zero_and_user_space_are_not_mapped)
{
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, NULL);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)0x14);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)KERNEL_PHYS);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)(TASK_SIZE - 1));
}

TEST(paging, no_directory_entry_below_the_kernel_is_present)
{
	unsigned int i;

	for (i = 0; i < pde_index(PAGE_OFFSET); i++)
		EXPECT(!pde_present(swapper_pg_dir[i]));
}

TEST(paging, text_and_rodata_cannot_be_written)
{
	EXPECT(write_is_refused(_text));
	EXPECT(write_is_refused(before(_etext)));
	EXPECT(write_is_refused(__start_rodata));
	EXPECT(write_is_refused(before(__end_rodata)));
}

TEST(paging, data_bss_and_stack_can_be_written)
{
	u8 on_stack = 0;

	EXPECT_EQ(trap_probe(write_byte, _sdata, NULL, NULL), -1);
	EXPECT_EQ(trap_probe(write_byte, before(__bss_stop), NULL, NULL), -1);
	EXPECT_EQ(trap_probe(write_byte, &on_stack, NULL, NULL), -1);
}

TEST(paging, the_page_below_the_boot_stack_is_not_mapped)
{
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, before(boot_stack));
	EXPECT_EQ(trap_probe(read_byte, boot_stack, NULL, NULL), -1);
}

TEST(paging, the_direct_map_ends_at_high_memory)
{
	if (!page_guard) /* then the last page is hidden if it is free */
		EXPECT_EQ(trap_probe(read_byte, (u8 *)high_memory - 1, NULL,
				     NULL),
			  -1);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, high_memory);
	EXPECT_TRAP(TRAP_PAGE_FAULT, read_byte, (void *)0xFFFFFFFF);
}

TEST(paging, the_direct_map_is_physical_plus_page_offset)
{
	phys_addr_t pa;

	for (pa = 0; pa < __pa(high_memory); pa += 97 * PAGE_SIZE) {
		struct pgtable_walk walk;

		if (pa == __pa(boot_stack_guard) ||
		    (page_guard && pfn_to_page(PHYS_PFN(pa))->_refcount == 0))
			continue;
		ASSERT(pgtable_walk(read_cr3(), (uintptr_t)__va(pa), &walk));
		ASSERT_EQ(walk.pa, pa);
	}
}

TEST(paging, large_and_global_pages_are_used_where_the_cpu_has_them)
{
	uintptr_t behind_image = ALIGN((uintptr_t)_end, LARGE_PAGE_SIZE);
	struct pgtable_walk walk;

	EXPECT_EQ(pde_large(swapper_pg_dir[pde_index(behind_image)]),
		  cpu_has(X86_FEATURE_PSE) && !page_guard);
	ASSERT(pgtable_walk(read_cr3(), (uintptr_t)_text, &walk));
	EXPECT(!pde_large(walk.pde));
	EXPECT_EQ(!!(walk.pte.val & _PAGE_GLOBAL), cpu_has(X86_FEATURE_PGE));
}

TEST(paging, only_one_page_of_the_kernel_half_is_open_to_users)
{
	unsigned int i;

	for (i = pde_index(PAGE_OFFSET); i < PTRS_PER_TABLE; i++)
		EXPECT_EQ(!!(swapper_pg_dir[i].val & _PAGE_USER),
			  i == pde_index(VDSO_BASE));
	for (i = 0; i < FIXMAP_SLOTS; i++)
		EXPECT_EQ(!!(fixmap_table[i].val & _PAGE_USER),
			  i == pte_index(VDSO_BASE));
	EXPECT(!(fixmap_table[pte_index(VDSO_BASE)].val & _PAGE_RW));
}

TEST(paging, write_protection_and_the_offered_guards_are_on)
{
	EXPECT(read_cr0() & CR0_WP);
	EXPECT_EQ(!!(read_cr4() & CR4_PGE), cpu_has(X86_FEATURE_PGE));
	EXPECT_EQ(!!(read_cr4() & CR4_SMEP), cpu_has(X86_FEATURE_SMEP));
	EXPECT_EQ(!!(read_cr4() & CR4_SMAP), cpu_has(X86_FEATURE_SMAP));
	EXPECT_EQ(!!(read_cr4() & CR4_UMIP), cpu_has(X86_FEATURE_UMIP));
}

TEST(paging, tables_lie_in_reserved_ram)
{
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE; i++) {
		pde_t pde = swapper_pg_dir[i];

		if (pde_present(pde) && !pde_large(pde))
			EXPECT(memblock_is_memory(&memblock, pde_phys(pde)));
	}
	EXPECT_EQ(memblock_check(&memblock), 0u);
}
