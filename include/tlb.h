/* tlb.h - make the CPU forget translations.
 *
 *   page table changed  -->  tlb_flush_*  -->  the old entry is never used
 *                                              again
 *
 * Needed whenever an entry that was present is changed or cleared; not when
 * one that was not present is set: the CPU remembers no absence.
 *
 * Linux calls the pair of these for kernel addresses flush_tlb_kernel_range
 * and flush_tlb_all.
 */
#ifndef TLB_H
#define TLB_H

#include "types.h"

/* tlb_flush_page: the page at va. tlb_flush_range: all pages that these size
 * bytes touch. tlb_flush_all: everything, global entries too.
 * => any context; on every CPU when they return */
#define TLB_FLUSH_ALL_FROM 33 /* pages: a full flush is cheaper: mm/x86/tlb.c */
void tlb_flush_page(uintptr_t va);
void tlb_flush_range(uintptr_t start, size_t size);
void tlb_flush_all(void);

#endif
