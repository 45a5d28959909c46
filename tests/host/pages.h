/* pages.h - the page allocator, booted on the host's machine (glue.h).
 *
 *   0        64 KiB    636 KiB   1 MiB    2 MiB         16 MiB        low
 *   | held   | free    | held    | image  | free        | mem_map | free |
 *   |------------------------ ZONE_DMA -----------------|--ZONE_NORMAL --|
 */
#ifndef HOST_PAGES_H
#define HOST_PAGES_H

#include "../../mm/internal.h"
#include "gfp.h"
#include "mmzone.h"

#define LOW_RAM      (24 * SZ_1M)
#define LOW_RAM_ALSO (32 * SZ_1M) /* room for a mem_map up to high RAM */
#define HIGH_RAM     (4 * SZ_1M)

/* pages_boot: a new machine; its allocator with these boot options. */
void pages_boot(phys_addr_t low, phys_addr_t high, const char *cmdline);

/* pages_check: every structure is whole; nothing is locked, masked, mapped. */
void pages_check(void);

/* pages_note: what is in use now may stay in use.
 * pages_end: as pages_check; and all is free again, and no bug was reported
 * since the log was last cleared. */
void pages_note(void);
void pages_end(void);

/* pages_same: nothing has changed since pages_snapshot. */
void pages_snapshot(void);
bool pages_same(void);

/* pages_fill: single pages until there are no more; how many. The last one
 * heads a chain through page->private. pages_release: all of a chain. */
unsigned long pages_fill(gfp_t gfp, struct page **chain);
void pages_release(struct page **chain);

#endif
