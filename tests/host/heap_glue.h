/* heap_glue.h - the heap on the host's machine, and a watch over its blocks.
 *
 *   pages.h's machine:   | held | free            | mem_map | free     |
 *   the watch:           ....11111111..1111....  a bit for each 8 bytes
 *                            a live block
 */
#ifndef HEAP_GLUE_H
#define HEAP_GLUE_H

#include "pages.h"
#include "slab.h"

#define HEAP_RAM (128 * SZ_1M) /* all that host_machine has */

/* heap_boot: a new machine with so much RAM, a new heap, an empty watch; with
 * slab_debug=FZPU for all caches, or without. */
void heap_boot(phys_addr_t low, bool checks);

/* heap_claim: this block is somebody's now. heap_align: what kmalloc promises
 * for a size; a krealloc that leaves a block where it is keeps only 8.
 * => false: it is not aligned, not in the direct map or overlaps another */
bool heap_claim(const void *p, size_t size, size_t align);
size_t heap_align(size_t size);
void heap_unclaim(const void *p, size_t size);

/* heap_fill: a pattern of this seed into the bytes from `start` on; heap_holds:
 * it is there, from the first byte on. */
void heap_fill(void *p, unsigned int seed, size_t start, size_t size);
bool heap_holds(const void *p, unsigned int seed, size_t size);

/* heap_slab_pages: what all slabs of all caches occupy. */
unsigned long heap_slab_pages(void);

/* heap_caches: those that kmem_cache_create made: each is an object, too. */
unsigned long heap_caches(void);

/* heap_check: every cache, every zone is whole. */
void heap_check(void);

/* heap_quiet: as heap_check; and no object is live but the caches, the empty
 * slabs can all be given back, and then every page is free. heap_end: when the
 * caches are destroyed. */
void heap_quiet(void);
void heap_end(void);

#endif
