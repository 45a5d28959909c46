/* walk.h - looking at page tables: one address, or one range after the other. */
#ifndef WALK_H
#define WALK_H

#include "pgtable.h"

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

/* pgtable_next_range: the first run of mapped pages with the same flags
 * (accessed and dirty aside) that ends above `from`, as long as it goes on.
 * => false if there is none; start is not below from */
struct pgtable_range {
	uintptr_t start;
	size_t size; /* bytes */
	u32 flags;   /* _PAGE_LARGE: of 4 MiB pages */
};
bool pgtable_next_range(const pde_t *dir, uintptr_t from,
			struct pgtable_range *range);

#endif
