/* paging.c - the kernel's page tables: made once, at boot, for good.
 *
 *   swapper_pg_dir
 *   [0 .. 767]    nothing: user space; a NULL pointer faults
 *   [768]      -> table: 4 KiB pages, since the image lies here and each of
 *                 its sections has its own rights
 *   [769 ..]      4 MiB pages, where the CPU has them and all 4 MiB are RAM;
 *                 else tables of 4 KiB pages
 *   [1023]     -> fixmap: a page at a time, for high memory
 *
 * The direct map covers all from 0 to the end of low RAM, holes included: the
 * VGA's memory is in one. Global, so that it survives a change of CR3.
 *
 * Guarantees: .text and .rodata are not writable (CR0.WP is on); the page
 * below the boot stack is not mapped. There is no NX bit in these tables:
 * whatever can be read can be executed.
 */
#include "cpu.h"
#include "layout.h"
#include "memblock.h"
#include "panic.h"
#include "pgtable.h"
#include "printk.h"
#include "sections.h"
#include "string.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

pde_t swapper_pg_dir[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
static pte_t fixmap[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

extern pte_t boot_window[PTRS_PER_TABLE]; /* boot.asm: maps FIXADDR_START up */

void __init
boot_phys_read(void *dst, phys_addr_t src, size_t n)
{
	while (n) {
		size_t offset = src % PAGE_SIZE;
		size_t chunk = min_t(size_t, n, PAGE_SIZE - offset);

		boot_window[0] = make_pte(src & PAGE_MASK, _PAGE_PRESENT);
		invlpg((void *)FIXADDR_START);
		memcpy(dst, (char *)FIXADDR_START + offset, chunk);
		dst = (char *)dst + chunk;
		src += chunk; /* wraps to 0 behind the last byte: as the bus */
		n -= chunk;
	}
}

/* The rights of one page of the direct map, by what lies there. */
static u32 __init
page_rights(uintptr_t va)
{
	if (va == (uintptr_t)boot_stack_guard)
		return 0;
	if (va >= (uintptr_t)_text && va < (uintptr_t)__end_rodata)
		return _PAGE_PRESENT;
	return _PAGE_PRESENT | _PAGE_RW;
}

static phys_addr_t __init
new_table(void)
{
	phys_addr_t pa = memblock_alloc(&memblock, PAGE_SIZE, PAGE_SIZE, 0,
					BOOT_MAP_SIZE, "page tables");

	if (!pa)
		panic("no memory for page tables below %u MiB",
		      BOOT_MAP_SIZE / SZ_1M);
	return pa;
}

/* Fill a table for the 4 MiB at va, as far as the direct map reaches. */
static pde_t __init
map_small(uintptr_t va, uintptr_t end, u32 global)
{
	phys_addr_t pa = new_table();
	pte_t *table = __va(pa);
	unsigned int i;

	memset(table, 0, PAGE_SIZE);
	for (i = 0; i < PTRS_PER_TABLE && va < end; i++, va += PAGE_SIZE) {
		u32 rights = page_rights(va);

		if (rights)
			table[i] = make_pte(__pa(va), rights | global);
	}
	return make_pde(pa, _PAGE_PRESENT | _PAGE_RW);
}

void *
fixmap_set(unsigned int slot, phys_addr_t pa)
{
	char *address = (char *)FIXADDR_START + slot * PAGE_SIZE;

	fixmap[slot] = make_pte(pa, _PAGE_PRESENT | _PAGE_RW);
	invlpg(address);
	return address;
}

void
fixmap_clear(unsigned int slot)
{
	fixmap[slot] = make_pte(0, 0);
	invlpg((char *)FIXADDR_START + slot * PAGE_SIZE);
}

void __init
paging_init(void)
{
	phys_addr_t low_end =
		min_t(phys_addr_t, memblock_end(&memblock), LOWMEM_LIMIT);
	uintptr_t va, end = PAGE_OFFSET + low_end;
	u32 global = cpu_has(X86_FEATURE_PGE) ? _PAGE_GLOBAL : 0;
	unsigned int large = 0, small = 0;

	for (va = PAGE_OFFSET; va < end; va += LARGE_PAGE_SIZE) {
		pde_t *pde = &swapper_pg_dir[pde_index(va)];

		if (cpu_has(X86_FEATURE_PSE) && va >= (uintptr_t)_end &&
		    end - va >= LARGE_PAGE_SIZE) {
			*pde = make_pde(__pa(va), _PAGE_PRESENT | _PAGE_RW |
							  _PAGE_LARGE | global);
			large++;
		} else {
			*pde = map_small(va, end, global);
			small++;
		}
	}
	swapper_pg_dir[pde_index(FIXADDR_START)] =
		make_pde(__pa(fixmap), _PAGE_PRESENT | _PAGE_RW);
	double_fault_set_cr3(__pa(swapper_pg_dir));
	write_cr3(__pa(swapper_pg_dir));
	high_memory = (void *)end;
	pr_info("paging: direct map of %u MiB: %u large pages, %u tables\n",
		low_end / SZ_1M, large, small);
}
