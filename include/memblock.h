/* memblock.h - the map of RAM, and memory before there are zones.
 *
 * Linux's names and idea: two sorted lists of ranges, what exists and what is
 * taken; free is the difference.
 */
#ifndef MEMBLOCK_H
#define MEMBLOCK_H

#include "page.h"
#include "types.h"

#define MEMBLOCK_REGIONS 128

/* The last page below 4 GiB is never used: so base + size never wraps. */
#define MEMBLOCK_LIMIT ((phys_addr_t)0 - PAGE_SIZE)

struct memblock_region {
	phys_addr_t base, size; /* bytes; size > 0, base + size - 1 in range */
	const char *owner;      /* who has it; NULL in the memory list */
};

static inline phys_addr_t
region_end(const struct memblock_region *r)
{
	return r->base + r->size;
}

/* Sorted by base, not overlapping; neighbours of one owner are merged. */
struct memblock_type {
	unsigned int cnt;
	struct memblock_region regions[MEMBLOCK_REGIONS];
};

struct memblock {
	struct memblock_type memory;   /* RAM that exists */
	struct memblock_type reserved; /* what of it, or near it, is taken */
};

extern struct memblock memblock; /* the machine's; tests have their own */

/* memblock_add: this range is RAM. memblock_remove: it is not. Ranges may
 * overlap what is there and each other. A range that would pass 4 GiB is cut
 * at the last page below it.
 * => boot; 0, or -ENOSPC when the list is full (then nothing has changed) */
int __must_check memblock_add(struct memblock *mb, phys_addr_t base,
			      phys_addr_t size);
int __must_check memblock_remove(struct memblock *mb, phys_addr_t base,
				 phys_addr_t size);

/* memblock_reserve: somebody has this range, RAM or not; owner is kept as a
 * pointer. What is reserved already keeps its first owner.
 * memblock_free: give a range back.
 * => boot; 0 or -ENOSPC */
int __must_check memblock_reserve(struct memblock *mb, phys_addr_t base,
				  phys_addr_t size, const char *owner);
int __must_check memblock_free(struct memblock *mb, phys_addr_t base,
			       phys_addr_t size);

/* memblock_alloc: the lowest free range of size bytes in [from, to), aligned
 * to align (a power of two), reserved for owner; not cleared.
 * => boot; its physical address, or 0 if there is none (page 0 is never
 *    handed out) */
phys_addr_t memblock_alloc(struct memblock *mb, phys_addr_t size,
			   phys_addr_t align, phys_addr_t from, phys_addr_t to,
			   const char *owner);

/* memblock_next_free: the first free range at or above *start.
 * => false at the end; else its [*start, *end) */
bool memblock_next_free(const struct memblock *mb, phys_addr_t *start,
			phys_addr_t *end);

/* memblock_is_memory: is there RAM at this address? */
bool memblock_is_memory(const struct memblock *mb, phys_addr_t pa);

/* memblock_owner: who has this address reserved, NULL if nobody. */
const char *memblock_owner(const struct memblock *mb, phys_addr_t pa);

/* memblock_memory_size, memblock_end: bytes of RAM; the end of the last. */
phys_addr_t memblock_memory_size(const struct memblock *mb);
phys_addr_t memblock_end(const struct memblock *mb);

#endif
