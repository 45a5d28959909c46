/* paging.c - the kernel's page tables: made once, at boot, for good.
 *
 *   swapper_pg_dir
 *   [0 .. 767]    nothing: user space; a NULL pointer faults
 *   [768]      -> table: 4 KiB pages, since the image lies here and each of
 *                 its sections has its own rights
 *   [769 ..]      4 MiB pages, where the CPU has them and all 4 MiB are RAM;
 *                 else tables of 4 KiB pages
 *                 hole of 8 MiB or more
 *   [ ..1020]  -> tables of the vmalloc window, empty
 *   [1022]     -> the kmap window
 *   [1023]     -> fixmap: a page at a time, for high memory
 *
 * The direct map covers all from 0 to the end of low RAM, holes included: the
 * VGA's memory is in one. Global, so that it survives a change of CR3.
 *
 * All tables that the kernel half will ever have are made here, so that its
 * 256 directory entries are final: a new address space copies them once.
 *
 * Guarantees: .text and .rodata are not writable (CR0.WP is on); the page
 * below the boot stack is not mapped. There is no NX bit in these tables:
 * whatever can be read can be executed.
 */
#include "cpu.h"
#include "errno.h"
#include "layout.h"
#include "memblock.h"
#include "panic.h"
#include "param.h"
#include "pgtable.h"
#include "printk.h"
#include "sections.h"
#include "string.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

/* A debug build has page_guard on small machines: it costs a table for each 4
 * MiB, and a TLB flush a free. */
#ifdef DEBUG
#define GUARD_LIMIT (64 * SZ_1M)
#else
#define GUARD_LIMIT 0
#endif

pde_t swapper_pg_dir[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
pte_t pkmap_table[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
pte_t fixmap_table[PTRS_PER_TABLE] __aligned(PAGE_SIZE);

u32 page_global;
bool page_guard;
phys_addr_t lowmem_limit = LOWMEM_LIMIT;
static u32 vmalloc_size = VMALLOC_SPACE; /* wanted, whole tables */

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

/* So many empty tables in a row. */
static phys_addr_t __init
new_tables(unsigned int nr)
{
	phys_addr_t pa = memblock_alloc(&memblock, nr * PAGE_SIZE, PAGE_SIZE, 0,
					BOOT_MAP_SIZE, "page tables");

	if (!pa)
		panic("no memory for page tables below %u MiB",
		      BOOT_MAP_SIZE / SZ_1M);
	memset(__va(pa), 0, nr * PAGE_SIZE);
	return pa;
}

/* Fill a table for the 4 MiB at va, as far as the direct map reaches. */
static pde_t __init
map_small(uintptr_t va, uintptr_t end)
{
	phys_addr_t pa = new_tables(1);
	pte_t *table = __va(pa);
	unsigned int i;

	for (i = 0; i < PTRS_PER_TABLE && va < end; i++, va += PAGE_SIZE) {
		u32 rights = page_rights(va);

		if (rights)
			table[i] = make_pte(__pa(va), rights | page_global);
	}
	return make_pde(pa, _PAGE_PRESENT | _PAGE_RW);
}

/* The windows above the direct map, which ends at `end`: empty tables. */
static void __init
make_windows(uintptr_t end)
{
	unsigned int i, nr;
	phys_addr_t pa;

	vmalloc_start = max_t(uintptr_t, VMALLOC_END - vmalloc_size,
			      ALIGN(end + VMALLOC_HOLE, LARGE_PAGE_SIZE));
	nr = (VMALLOC_END - vmalloc_start) / LARGE_PAGE_SIZE;
	pa = new_tables(nr);
	for (i = 0; i < nr; i++)
		swapper_pg_dir[pde_index(vmalloc_start) + i] =
			make_pde(pa + i * PAGE_SIZE, _PAGE_PRESENT | _PAGE_RW);
	swapper_pg_dir[pde_index(PKMAP_BASE)] =
		make_pde(__pa(pkmap_table), _PAGE_PRESENT | _PAGE_RW);
	swapper_pg_dir[pde_index(FIXADDR_START)] =
		make_pde(__pa(fixmap_table), _PAGE_PRESENT | _PAGE_RW);
}

void __init
paging_init(void)
{
	phys_addr_t low_end = min(memblock_end(&memblock), lowmem_limit);
	uintptr_t va, end = PAGE_OFFSET + low_end;
	unsigned int large = 0, small = 0;

	page_guard |= low_end <= GUARD_LIMIT;
	page_global = cpu_has(X86_FEATURE_PGE) ? _PAGE_GLOBAL : 0;
	for (va = PAGE_OFFSET; va < end; va += LARGE_PAGE_SIZE) {
		pde_t *pde = &swapper_pg_dir[pde_index(va)];

		if (cpu_has(X86_FEATURE_PSE) && !page_guard &&
		    va >= (uintptr_t)_end && end - va >= LARGE_PAGE_SIZE) {
			*pde = make_pde(__pa(va), _PAGE_PRESENT | _PAGE_RW |
							  _PAGE_LARGE |
							  page_global);
			large++;
		} else {
			*pde = map_small(va, end);
			small++;
		}
	}
	make_windows(end);
	double_fault_set_cr3(__pa(swapper_pg_dir));
	write_cr3(__pa(swapper_pg_dir));
	high_memory = (void *)end;
	pr_info("paging: direct map of %u MiB: %u large pages, %u tables\n",
		low_end / SZ_1M, large, small);
	pr_info("paging: vmalloc window of %lu MiB at 0x%08lx\n",
		(VMALLOC_END - vmalloc_start) / SZ_1M, vmalloc_start);
}

/* What is wanted above the direct map may cost some of it. */
static int
set_vmalloc(const char *value)
{
	u32 bytes;
	int err = parse_size(value, &bytes);

	if (err)
		return err;
	if (bytes < LARGE_PAGE_SIZE || bytes > VMALLOC_MOST)
		return -EINVAL;
	vmalloc_size = ALIGN(bytes, LARGE_PAGE_SIZE);
	lowmem_limit =
		min_t(phys_addr_t, LOWMEM_LIMIT,
		      VMALLOC_END - vmalloc_size - VMALLOC_HOLE - PAGE_OFFSET);
	return 0;
}
BOOT_PARAM(vmalloc, "SIZE", "the vmalloc window, 4M to 512M (default 128M)",
	   set_vmalloc);
