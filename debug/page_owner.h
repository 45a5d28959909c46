/* page_owner.h - debugging of the page allocator: who holds what, poison, and
 * failure injection. All of it sits behind one patched no-op.
 *
 * Boot options: page_owner, page_poison, fail_page_alloc=N or N+,
 * init_on_alloc=, init_on_free=
 */
#ifndef PAGE_OWNER_H
#define PAGE_OWNER_H

#include "gfp.h"
#include "mmzone.h"

/* Who takes what is known, line by line: log_line is the log, as errors. */
#define REPORT_LINE 160 /* bytes that are enough for one */
typedef void (*line_fn)(const char *text);
void log_line(const char *text);

/* page_owner_report: who allocated this page, and who freed it last, if
 * page_owner is on. => any context */
void page_owner_report(const struct page *page, line_fn line);

/* A call site and what it holds. */
struct page_owner_site {
	u32 caller;
	unsigned long blocks, pages;
};

/* page_owner_sites: the call sites that hold pages, most first.
 * => how many were filled in, 0 if page_owner is off */
unsigned int page_owner_sites(struct page_owner_site *sites, unsigned int max);

/* page_poison_set: fill freed pages with POISON_FREE and check it when they
 * are handed out again. => process context; drains the lists */
void page_poison_set(bool on);
bool page_poison_on(void);

/* page_init_set: init_on_alloc, init_on_free, for the pages. slab_init_set: for
 * pages and the heap, whose magazines are closed meanwhile. => process context */
void page_init_set(bool on_alloc, bool on_free);
void slab_init_set(bool on_alloc, bool on_free);

/* page_poison_errors: how many pages were found written after free. */
unsigned long page_poison_errors(void);

/* fail_page_alloc_set: let allocations fail on purpose. every: each n-th
 * fails; from: all from the n-th on; 0: not. site: only those of one function
 * (any address in it), 0 for all. Counting begins anew. __GFP_NOFAIL never
 * fails. => any context */
void fail_page_alloc_set(unsigned int every, unsigned int from, u32 site);

/* sleep_check_set: every allocation that may sleep says might_sleep(), on the
 * short paths, too: pages, the heap, pools, user copies. => process context */
void sleep_check_set(bool on);
void page_sleep_check_set(bool on); /* its part for the pages */

#endif
