/* pgtable.h - the format of i386 page tables; nothing else knows it.
 *
 *   virtual address   31        22 21        12 11         0
 *                    +------------+------------+------------+
 *                    | directory  |   table    |   offset   |
 *                    +------------+------------+------------+
 *                          |            |            |
 *      CR3 -> directory    v            v            |
 *             1024 PDEs: [ PDE ] -> 1024 PTEs: [ PTE ] -> page + offset
 *                           |
 *                           +-- with _PAGE_LARGE: a 4 MiB page, 22 bits of
 *                               offset, no table
 *
 * pte_t and pde_t are structures of one member, so that mixing them up, or
 * with a plain number, does not compile. A PAE build changes this file.
 */
#ifndef PGTABLE_H
#define PGTABLE_H

#include "mmzone.h"
#include "page.h"
#include "types.h"
#include "x86.h"

#define PTRS_PER_TABLE   1024
#define LARGE_PAGE_SHIFT 22
#define LARGE_PAGE_SIZE  (1u << LARGE_PAGE_SHIFT)

/* The kernel half of a directory: so many entries, from this one on. */
#define FIRST_KERNEL_PDE (PAGE_OFFSET / LARGE_PAGE_SIZE)
#define NR_KERNEL_PDES   (PTRS_PER_TABLE - FIRST_KERNEL_PDE)

#define _PAGE_PRESENT  (1u << 0)
#define _PAGE_RW       (1u << 1) /* else read-only, for ring 0 too (CR0.WP) */
#define _PAGE_USER     (1u << 2)
#define _PAGE_PWT      (1u << 3)
#define _PAGE_PCD      (1u << 4) /* uncached */
#define _PAGE_ACCESSED (1u << 5)
#define _PAGE_DIRTY    (1u << 6)
#define _PAGE_LARGE    (1u << 7) /* in a PDE */
#define _PAGE_GLOBAL   (1u << 8) /* the translation survives a CR3 load */
#define _PAGE_KEPT     (1u << 9) /* ours: kmap keeps it, nobody uses it */
#define _PAGE_FLAGS    0xFFFu

/* Rights of pages. Accessed and dirty are set beforehand: the CPU then need
 * not write the entry when the page is first used. */
#define _PAGE_USED          (_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_DIRTY)
#define PAGE_KERNEL         (_PAGE_USED | _PAGE_RW | page_global)
#define PAGE_KERNEL_RO      (_PAGE_USED | page_global)
#define PAGE_KERNEL_NOCACHE (PAGE_KERNEL | _PAGE_PCD | _PAGE_PWT)
/* An entry of a program that is not present (bit 0 clear): 0, nothing; this
 * bit, a page that nobody may touch for now; any other, a place in swap: bits
 * 9 to 31 are its number. */
#define _PAGE_PROTNONE _PAGE_GLOBAL

#define PAGE_USER    (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)
#define PAGE_USER_RO (_PAGE_PRESENT | _PAGE_USER)

typedef struct {
	u32 val;
} pte_t;

typedef struct {
	u32 val;
} pde_t;

static inline unsigned int
pde_index(uintptr_t va)
{
	return va >> LARGE_PAGE_SHIFT;
}

static inline unsigned int
pte_index(uintptr_t va)
{
	return (va >> PAGE_SHIFT) % PTRS_PER_TABLE;
}

static inline pte_t
make_pte(phys_addr_t pa, u32 flags)
{
	return (pte_t){pa | flags};
}

static inline pde_t
make_pde(phys_addr_t pa, u32 flags)
{
	return (pde_t){pa | flags};
}

static inline bool
pte_present(pte_t pte)
{
	return pte.val & _PAGE_PRESENT;
}

static inline bool
pde_present(pde_t pde)
{
	return pde.val & _PAGE_PRESENT;
}

static inline bool
pde_large(pde_t pde)
{
	return pde_present(pde) && (pde.val & _PAGE_LARGE);
}

/* pte_has_page: is there a page behind it, even if nobody may touch it? */
static inline bool
pte_has_page(pte_t pte)
{
	return pte.val & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline phys_addr_t
pte_phys(pte_t pte)
{
	return pte.val & ~_PAGE_FLAGS;
}

static inline phys_addr_t
pde_phys(pde_t pde)
{
	return pde.val & ~_PAGE_FLAGS;
}

/* --- mm/x86/paging.c: made at boot, for good -------------------------------- */

/* The kernel's own directory. */
extern pde_t swapper_pg_dir[PTRS_PER_TABLE];

/* Where the vmalloc window begins (it ends at VMALLOC_END); _PAGE_GLOBAL
 * where the CPU has it, else 0. Constant after paging_init. */
extern uintptr_t vmalloc_start;
extern u32 page_global;
#define VMALLOC_START vmalloc_start

/* paging_init: replace the boot page tables by the real ones: the direct map
 * of all low RAM, the image with its rights, empty tables for the vmalloc,
 * kmap and fixmap windows. Sets high_memory. From then on the directory
 * entries of the kernel half never change.
 * => boot, after memory_init */
void paging_init(void);

/* fixmap_set: show the page at pa in slot n of the fixmap, writable; the slot
 * was clear. fixmap_clear: and no longer. => any context; FIXMAP_SLOTS */
#define FIXMAP_SLOTS (PTRS_PER_TABLE - 1) /* the last page stays unmapped */
#ifdef MEMOIR_HOST
void *fixmap_set(unsigned int slot, phys_addr_t pa);
void fixmap_clear(unsigned int slot);
#else
extern pte_t fixmap_table[PTRS_PER_TABLE];

static inline void *
fixmap_set(unsigned int slot, phys_addr_t pa)
{
	fixmap_table[slot] = make_pte(pa, _PAGE_USED | _PAGE_RW);
	return (char *)FIXADDR_START + slot * PAGE_SIZE;
}

static inline void
fixmap_clear(unsigned int slot)
{
	fixmap_table[slot] = make_pte(0, 0);
	invlpg((char *)FIXADDR_START + slot * PAGE_SIZE);
}
#endif

/* The kmap window's table. */
extern pte_t pkmap_table[PTRS_PER_TABLE];

/* The direct map has no large pages: debug/page_debug.c hides what is free. */
extern bool page_guard;

/* boot_phys_read: a phys_reader (see bootinfo.h): copy from any physical
 * address through a window. => boot, before paging_init */
void boot_phys_read(void *dst, phys_addr_t src, size_t n);

/* --- mm/pgtable.c: any directory, a range at a time ---------------------------
 *
 * A range is whole pages, all in the user half or all in the kernel half, and
 * not the last page. Contexts: the kernel half any, the user half process (a
 * table may have to be allocated). The caller alone works on the range; in
 * the user half, alone on the directory. Results: 0, or nothing has changed
 * and -EINVAL: no such range or flags, a large page in it, or it is one of
 * the kernel half without tables; -EEXIST: something is mapped there; -ENOMEM:
 * no page for a table. Nobody flushes the TLB but the caller (tlb.h). */

struct page;

/* pgtable_map_pages: nr pages, wherever they are, one after the other from va
 * on. pgtable_map_range: size bytes of physical memory from pa on. */
int __must_check pgtable_map_pages(pde_t *dir, uintptr_t va,
				   struct page *const *pages, unsigned long nr,
				   u32 flags);
int __must_check pgtable_map_range(pde_t *dir, uintptr_t va, phys_addr_t pa,
				   size_t size, u32 flags);

/* pgtable_unmap: clear every entry of the range. User tables that become empty
 * are freed, but for a few that are kept for the next who needs one.
 * => the range is valid and has no large page: asserted
 * => how many user tables that were */
unsigned int pgtable_unmap(pde_t *dir, uintptr_t va, size_t size);

/* pgtable_protect: set and clear these flags in all entries that are present;
 * holes stay. => 0 or -EINVAL */
int __must_check pgtable_protect(pde_t *dir, uintptr_t va, size_t size, u32 set,
				 u32 clear);

/* pgtable_lookup: the entry for va. => NULL if there is no table
 * pgtable_alloc: likewise, but a user table is made if it is missing.
 * => NULL if there is no memory for it; good until the next pgtable_unmap
 * pgtable_set: write an entry that one of the two returned. */
static inline pte_t *
pde_table(pde_t pde)
{
	if (!pde_present(pde) || pde_large(pde))
		return NULL;
	return (pte_t *)__va(pde_phys(pde));
}

static inline pte_t *
pgtable_lookup(const pde_t *dir, uintptr_t va)
{
	pte_t *table = pde_table(dir[pde_index(va)]);

	return table ? table + pte_index(va) : NULL;
}

pte_t *pgtable_alloc(pde_t *dir, uintptr_t va);

/* A kernel table's page is nobody's: counting in it is harmless. */
static __always_inline void
pgtable_set(pte_t *entry, pte_t pte)
{
	virt_to_page(entry)->private += (pte.val != 0) - (entry->val != 0);
	*entry = pte;
}

/* pgtable_drain: free the user tables that are kept for later.
 * => process context; how many */
unsigned int pgtable_drain(void);

/* set_memory_ro, set_memory_rw: make so many pages of the vmalloc window, all
 * of them mapped, read-only or writable, and flush them. Linux's names.
 * => any context; 0, or -EINVAL and nothing has changed */
int __must_check set_memory_ro(uintptr_t va, unsigned long nr_pages);
int __must_check set_memory_rw(uintptr_t va, unsigned long nr_pages);

/* pgtable_took: the caller has filled nr empty entries of one user table, this
 * one among them, by hand. */
void pgtable_took(pte_t *entry, unsigned int nr);

/* pgtable_dir_alloc: a directory whose kernel half is everybody's.
 * pgtable_dir_free: and no longer; its user tables too, not the pages that
 * they map. => process context; NULL if there is no memory; not the directory
 * that CR3 holds */
pde_t *pgtable_dir_alloc(void);
void pgtable_dir_free(pde_t *dir);

/* pgtable_load: use this directory from now on. => any context */
static inline void
pgtable_load(const pde_t *dir)
{
	if (read_cr3() != __pa(dir))
		write_cr3(__pa(dir));
}

#endif
