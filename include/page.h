/* page.h - addresses, virtual and physical, and pages. Linux's names. */
#ifndef PAGE_H
#define PAGE_H

#include "layout.h"
#include "types.h"

/* __pa, __va: between a direct-map address and the physical one under it: a
 * constant apart. Only for addresses from PAGE_OFFSET to high_memory. */
#define __pa(va) ((phys_addr_t)((uintptr_t)(va)-PAGE_OFFSET))
#define __va(pa) ((void *)((uintptr_t)(pa) + PAGE_OFFSET))

#define PAGE_MASK         (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(x)     (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_LOW(x) ((x)&PAGE_MASK)
#define PHYS_PFN(pa)      ((unsigned long)(pa) >> PAGE_SHIFT)
#define PFN_PHYS(pfn)     ((phys_addr_t)(pfn) << PAGE_SHIFT)

/* The first byte after the direct map; the most physical memory that it may
 * hold: LOWMEM_LIMIT, less with `vmalloc=`. */
extern void *high_memory;
extern phys_addr_t lowmem_limit;

/* virt_is_direct: does the direct map cover this address? */
static inline bool
virt_is_direct(const void *va)
{
	return (uintptr_t)va >= PAGE_OFFSET && va < (const void *)high_memory;
}

#endif
