/* internal.h - what the files of mm/ share among themselves.
 *
 *   page_alloc.c    the paths, short and long
 *      |  \-------> pcp.c        this CPU's lists
 *      |                \------> buddy.c    the zones
 *      +----------> page_debug.c  hooks: owner, poison, failure injection
 *      +----------> page_report.c what to say when it goes wrong
 */
#ifndef MM_INTERNAL_H
#define MM_INTERNAL_H

#include "gfp.h"
#include "mmzone.h"
#include "percpu.h"

/* A per-CPU list of free blocks of one zone and order, in two magazines:
 *
 *   head  -> [ ][ ][ ]            the one in use, with room for more
 *   spare -> [ ][ ][ ][ ]         full (limit of them), or NULL
 *
 * Empty: swap in the spare, else refill from the zone. Full: the spare's place
 * if it is free, else the spare goes back to the zone. So the zone is touched
 * once in `limit` operations, whatever the pattern. (Bonwick and Adams,
 * "Magazines and Vmem", 2001.) */
struct pcp {
	struct page *head;
	s32 room; /* blocks that still fit: limit less those in it */
	struct page *spare;
	s32 limit; /* 0: no list for this order */
};

/* Lists are found by a block's flags: PAGE_FLAGS(zone, order, 0). */
#define NR_PCP PAGE_FLAGS(0, NR_ORDERS, 0)
static_assert(sizeof(struct pcp) == PCP_SIZE, "gfp.h: PCP_SLOT");
DECLARE_PER_CPU(struct pcp, pcps[NR_PCP]);

/* pcp_init: sizes for a zone, from what it manages. => boot */
void pcp_init(struct zone *zone);

/* pcp_alloc: from the list; an empty one is refilled, with a whole magazine if
 * `batch`, else with the one block. pcp_free: into the list, whose overflow goes to the zone.
 * => interrupts off */
struct page *pcp_alloc(struct zone *zone, unsigned int order, bool batch);
void pcp_free(struct zone *zone, struct page *page, unsigned int order);

/* pcp_drain: all of a zone's lists back to it. => interrupts off
 * pcp_holds: is this frame in one? */
void pcp_drain(struct zone *zone);
bool pcp_holds(const struct page *page);

/* pcp_check: every block in every list is free, aligned, of the right order
 * and zone, not also in the buddy lists. => the number that is wrong */
unsigned int pcp_check(void);

/* page_alloc_init: from now on free_pages believes the addresses of the
 * direct map's nr_pages pages. => boot */
void page_alloc_init(unsigned long nr_pages);

/* --- page_report.c -------------------------------------------------------- */

/* report_bad_free: somebody gave back what is not his. => the log */
void report_bad_free(const struct page *page, unsigned long addr,
		     unsigned int order, const char *why, u32 caller);

/* report_no_pages: an allocation failed; at most a few times a second. */
void report_no_pages(gfp_t gfp, unsigned int order, u32 caller);

/* report_bad_request: order or flags that cannot be. */
void report_bad_request(gfp_t gfp, unsigned int order, u32 caller);

/* --- page_debug.c --------------------------------------------------------- */

/* Called while PATCH_PAGE_HOOKS is on. page_hook_fail: must this allocation
 * fail? page_hook_alloc, page_hook_free: a block changed hands;
 * page_hook_split: it became single pages. */
bool page_hook_fail(gfp_t gfp, unsigned int order, u32 caller);
void page_hook_alloc(struct page *page, gfp_t gfp, unsigned int order,
		     u32 caller);
void page_hook_free(struct page *page, unsigned int order, u32 caller);
void page_hook_split(struct page *page, unsigned int order);

/* page_debug_init: memory for page_owner, if asked for. => boot, pages_init
 * before memblock's rest is given away. */
void page_debug_init(void);

/* boot_table: memory for a table with an entry for each frame; not cleared.
 * => boot, until memblock's rest is given away; NULL if there is no room */
void *boot_table(size_t size, const char *owner);

/* page_debug_start: poison, if asked for. => boot, when the zones are full */
void page_debug_start(void);

#endif
