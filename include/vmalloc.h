/* vmalloc.h - memory that is contiguous in addresses only. Linux's names.
 *
 *   vmalloc window  [ page | page | page |guard]      one area
 *                      |       \     \
 *   RAM             [ 7 ]     [ 42 ] [ 3 ]            any free pages
 *
 * From VMALLOC_START to VMALLOC_END; page-table entries are set up for each
 * page, and the page behind each area is never mapped, so that running over
 * its end faults. May sleep, therefore never in an interrupt or with a lock
 * held; vfree may be called there.
 */
#ifndef VMALLOC_H
#define VMALLOC_H

#include "gfp.h"
#include "pgtable.h"
#include "types.h"

/* What an area is. */
#define VM_IOREMAP 0x1u /* a device's memory */
#define VM_ALLOC   0x2u /* vmalloc's: the pages are its own */
#define VM_MAP     0x4u /* vmap's: the pages are somebody else's */
#define VM_USERMAP 0x8u /* cleared, fit to be shown to a user */

/* vmalloc: size bytes, virtually contiguous, physically wherever; contents
 * undefined. vzalloc: cleared. vmalloc_user: cleared, marked VM_USERMAP.
 * __vmalloc: flags as for alloc_pages; high memory only with __GFP_HIGHMEM.
 * => process context: may sleep; elsewhere a report, and NULL
 * => size in bytes, rounded up to pages; NULL if 0, too big or out of memory;
 *    unless __GFP_NOWARN, the log says so
 * => the caller owns the area; give it back with vfree */
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *vmalloc_user(unsigned long size);
void *__vmalloc(unsigned long size, gfp_t gfp);

/* vfree: back. Its pages are unmapped at once; they and the addresses may be
 * kept until the next flush of the TLB: until then nobody else gets them.
 * => any context; NULL does nothing; what vmalloc never returned is reported */
void vfree(const void *addr);

/* vmap: these pages, one after the other, at new addresses; prot as
 * PAGE_KERNEL. vunmap: and no longer. The pages stay the caller's.
 * => process context; NULL if count is 0, too large or memory is short */
void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   u32 prot);
void vunmap(const void *addr);

/* vmalloc_to_page, vmalloc_to_pfn: what is mapped at an address of the
 * window. => any context; NULL, 0: nothing, or no RAM */
struct page *vmalloc_to_page(const void *addr);
unsigned long vmalloc_to_pfn(const void *addr);

/* is_vmalloc_addr: is it in the window? */
static inline bool
is_vmalloc_addr(const void *p)
{
	return (uintptr_t)p - VMALLOC_START < VMALLOC_END - VMALLOC_START;
}

/* kvmalloc: kmalloc, or, where memory is too scattered for that, vmalloc.
 * kvzalloc: cleared. kvfree: back, whichever it was; NULL does nothing.
 * => context as the flags say; without __GFP_DIRECT_RECLAIM only kmalloc */
void *kvmalloc(size_t size, gfp_t gfp);
void kvfree(const void *p);
static inline void *
kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

/* --- For the monitor, the tests, reports ----------------------------------------- */

/* vmalloc_init: => boot, after slab_init */
void vmalloc_init(void);

/* vmap_flush: flush the TLB, and give back the pages that vfree keeps.
 * vmap_purge: and all addresses and bookkeeping. => process context */
void vmap_flush(void);
void vmap_purge(void);

#endif
