/* vm_glue.h - virtual memory on the host's machine: page tables in held RAM,
 * which nobody but the kernel's code walks, and a TLB that forgets nothing by
 * itself.
 *
 *   held RAM   | table | table | table |        swapper_pg_dir
 *                 |       |       |
 *   window     [  4 MiB ][ 4 MiB ][ 4 MiB ]     the last VM_WINDOW bytes of it
 *   TLB        [ frame of each page that was touched, until it is flushed ]
 *
 * The host has memory of its own at the window's addresses, since the kernel
 * keeps large arrays there. It has nothing to do with the frames that the
 * tables lead to.
 */
#ifndef HOST_VM_GLUE_H
#define HOST_VM_GLUE_H

#include "layout.h"
#include "types.h"
#include "util.h"

#define VM_WINDOW (12 * SZ_1M)
#define VM_START  (VMALLOC_END - VM_WINDOW)

/* vm_begin: a machine with low and high RAM, pages, heap and an empty window;
 * the first time it boots. The log is empty. */
void vm_begin(void);

/* vm_touch: use these bytes: the TLB remembers where each page is.
 * => false if one is not mapped */
bool vm_touch(const void *p, size_t size);

/* vm_check: the tree, the tables, the heap, the pages are whole; and what the
 * TLB remembers is mapped just so, or belongs to an area that vfree keeps. */
void vm_check(void);

/* vm_end: vmap_purge; then everything is whole, and all of it is free again. */
void vm_end(void);

#endif
