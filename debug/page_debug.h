/* page_debug.h - what the page allocator calls when something is wrong, or when
 * somebody watches it: page_report.c, page_debug.c. Part of mm/internal.h.
 */
#ifndef PAGE_DEBUG_H
#define PAGE_DEBUG_H

#include "gfp.h"
#include "mmzone.h"

/* report_bad_free: somebody gave back what is not his. => the log */
void report_bad_free(const struct page *page, unsigned long addr,
		     unsigned int order, const char *why, u32 caller);

/* report_no_pages: an allocation failed; at most a few times a second. */
void report_no_pages(gfp_t gfp, unsigned int order, u32 caller);

/* report_rate_allows: may another failure be reported in this second? */
bool report_rate_allows(void);

/* report_bad_request: order or flags that cannot be. */
void report_bad_request(gfp_t gfp, unsigned int order, u32 caller);

/* Called while PATCH_PAGE_HOOKS is on. page_hook_fail: must this allocation
 * fail? page_hook_alloc, page_hook_free: a block changed hands;
 * page_hook_split: it became single pages. */
bool page_hook_fail(gfp_t gfp, unsigned int order, u32 caller);
void page_hook_alloc(struct page *page, gfp_t gfp, unsigned int order,
		     u32 caller);
void page_hook_free(struct page *page, unsigned int order, u32 caller);
void page_hook_split(struct page *page, unsigned int order);

/* page_is_free: does the page allocator have this frame to give away? Slow.
 * => any context */
bool page_is_free(const struct page *page);

/* Failure injection, of pages and of the heap: each `every`-th call fails, or
 * all from number `from` on. fail_now: must this call? It is counted; one of
 * the two is set. fail_parse: "4", each fourth; "4+", all from the fourth on.
 * => 0 or -EINVAL
 * fail_spares: NULL, or who says that the caller shall never fail, nor be
 * counted. => any context */
struct fail_rule {
	unsigned int every, from, count;
};
extern bool (*fail_spares)(void);
bool fail_now(struct fail_rule *rule);
int __must_check fail_parse(const char *value, struct fail_rule *rule);

/* page_hooks_update: are the hooks needed? => process context, boot
 * init_on_settle (init_on.c): which of the boot options hold? => boot */
void page_hooks_update(void);
void init_on_settle(bool poison);

/* page_debug_init: memory for page_owner, if asked for. => boot, pages_init
 * before memblock's rest is given away. */
void page_debug_init(void);

/* page_debug_start: poison, if asked for. => boot, when the zones are full */
void page_debug_start(void);

/* pcp_check (pcp_check.c): every block in every list is free, aligned, of the
 * right order and zone, not also in the buddy lists. => the number that is
 * wrong. pcp_holds: is this frame in one? */
unsigned int pcp_check(void);
bool pcp_holds(const struct page *page);

#endif
