/* vmap_debug.h - the vmalloc window: which areas there are, are they right? */
#ifndef VMAP_DEBUG_H
#define VMAP_DEBUG_H

#include "types.h"

/* vmap_next: the first area that begins at *from or above; *from then is
 * behind it. => false if there is none; process context */
struct vmap_info {
	uintptr_t start;
	size_t size;            /* bytes, without the guard page */
	unsigned long nr_pages; /* its own */
	u32 flags;              /* VM_* */
	u32 caller;             /* who allocated it */
	bool freed;             /* by vfree, and not yet flushed */
};
bool vmap_next(uintptr_t *from, struct vmap_info *info);

/* nr_vmap_areas: how many there are, freed ones included. */
unsigned long nr_vmap_areas(void);

/* vmap_check: the tree, and that the page tables say what it says. => the
 * number that is wrong; process context */
unsigned int vmap_check(void);

struct vmap_space; /* mm/internal.h */

/* vmap_space_check: order, gaps, summaries. => the number that is wrong;
 * space->lock */
unsigned int vmap_space_check(const struct vmap_space *space);

#endif
