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

#include "page.h"
#include "types.h"

#define PTRS_PER_TABLE   1024
#define LARGE_PAGE_SHIFT 22
#define LARGE_PAGE_SIZE  (1u << LARGE_PAGE_SHIFT)

#define _PAGE_PRESENT  (1u << 0)
#define _PAGE_RW       (1u << 1) /* else read-only, for ring 0 too (CR0.WP) */
#define _PAGE_USER     (1u << 2)
#define _PAGE_PWT      (1u << 3)
#define _PAGE_PCD      (1u << 4) /* uncached */
#define _PAGE_ACCESSED (1u << 5)
#define _PAGE_DIRTY    (1u << 6)
#define _PAGE_LARGE    (1u << 7) /* in a PDE */
#define _PAGE_GLOBAL   (1u << 8) /* the translation survives a CR3 load */
#define _PAGE_FLAGS    0xFFFu

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

/* What a walk found on the way down. */
struct pgtable_walk {
	pde_t pde;
	pte_t pte;      /* valid if have_pte */
	bool have_pte;  /* the directory pointed to a table we can read */
	bool mapped;    /* the address translates */
	phys_addr_t pa; /* ... to this, if mapped */
};

/* pgtable_walk: what the CPU would find for va in the directory at dir.
 * => any context, even in a fault report: reads no memory that may be absent
 * => returns walk->mapped */
bool pgtable_walk(phys_addr_t dir, uintptr_t va, struct pgtable_walk *walk);

/* pgtable_flags: the flags of an entry by name ("present rw global").
 * => returns buf */
char *pgtable_flags(u32 entry, char *buf, size_t size);

/* The kernel's own directory. */
extern pde_t swapper_pg_dir[PTRS_PER_TABLE];

/* paging_init: replace the boot page tables by the real ones: the direct map
 * of all low RAM, the image with its rights, nothing else. Sets high_memory.
 * => boot, after memory_init */
void paging_init(void);

/* fixmap_set: show the page at pa in slot n of the fixmap, writable.
 * fixmap_clear: and no longer. => any context; FIXMAP_SLOTS of them */
#define FIXMAP_SLOTS (PTRS_PER_TABLE - 1) /* the last page stays unmapped */
void *fixmap_set(unsigned int slot, phys_addr_t pa);
void fixmap_clear(unsigned int slot);

/* boot_phys_read: a phys_reader (see bootinfo.h): copy from any physical
 * address through a window. => boot, before paging_init */
void boot_phys_read(void *dst, phys_addr_t src, size_t n);

#endif
