/* page_report.c - what to say when pages run out or are given back wrongly.
 *
 *   kmalloc-ish caller: page allocation failure: order:3, GFP_ATOMIC
 *     zone      free   min   low  high   blocks free by order 0 .. 10
 *     DMA        ...
 *   backtrace ...
 *
 * Limits: at most REPORTS_PER_SECOND failure reports a second; the rest are
 * counted and mentioned by the next one. Mistakes are always reported.
 */
#include "drivers.h"
#include "../mm/internal.h"
#include "page_owner.h"
#include "printf.h"
#include "printk.h"
#include "trap.h"
#include "util.h"

#define REPORTS_PER_SECOND 5

static struct {
	unsigned long second; /* jiffies when this second began */
	unsigned int reports; /* in it */
	unsigned int muted;   /* since the last one shown */
} rate;

static void
backtrace_here(void)
{
	report_backtrace((u32)__builtin_return_address(0) - 1, 0,
			 *(u32 *)__builtin_frame_address(0));
}

char *
gfp_format(gfp_t gfp, char *buf, size_t size)
{
	static const struct {
		gfp_t bits;
		const char *name;
	} names[] = {
		/* Combinations before their parts. */
		{GFP_KERNEL, "GFP_KERNEL"},
		{GFP_NOFS, "GFP_NOFS"},
		{GFP_NOIO, "GFP_NOIO"},
		{GFP_ATOMIC, "GFP_ATOMIC"},
		{GFP_NOWAIT, "GFP_NOWAIT"},
		{__GFP_DMA, "__GFP_DMA"},
		{__GFP_HIGHMEM, "__GFP_HIGHMEM"},
		{__GFP_HIGH, "__GFP_HIGH"},
		{__GFP_IO, "__GFP_IO"},
		{__GFP_FS, "__GFP_FS"},
		{__GFP_ZERO, "__GFP_ZERO"},
		{__GFP_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"},
		{__GFP_NOWARN, "__GFP_NOWARN"},
		{__GFP_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL"},
		{__GFP_NOFAIL, "__GFP_NOFAIL"},
		{__GFP_NORETRY, "__GFP_NORETRY"},
		{__GFP_MEMALLOC, "__GFP_MEMALLOC"},
		{__GFP_COMP, "__GFP_COMP"},
	};
	size_t n = 0, i;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if ((gfp & names[i].bits) != names[i].bits)
			continue;
		n += scnprintf(buf + n, size - n, "%s%s", n ? "|" : "",
			       names[i].name);
		gfp &= ~names[i].bits;
	}
	if (gfp)
		scnprintf(buf + n, size - n, "%s0x%x", n ? "|" : "",
			  (__force unsigned int)gfp);
	return buf;
}

static void
report_zone(const struct zone *zone)
{
	char blocks[NR_ORDERS * 7 + 1];
	unsigned int order;
	size_t n = 0;

	if (!zone->managed)
		return;
	for (order = 0; order < NR_ORDERS; order++)
		n += scnprintf(blocks + n, sizeof(blocks) - n, " %lu",
			       zone->area[order].nr_free);
	pr_warn("  %-8s free %lu  min %lu  low %lu  high %lu  cached %lu  "
		"blocks by order:%s\n",
		zone->name, zone->free_pages, zone->watermark[WMARK_MIN],
		zone->watermark[WMARK_LOW], zone->watermark[WMARK_HIGH],
		pcp_pages(zone), blocks);
}

bool
report_rate_allows(void)
{
	if (jiffies - rate.second >= HZ) {
		rate.second = jiffies;
		rate.reports = 0;
	}
	if (rate.reports < REPORTS_PER_SECOND) {
		rate.reports++;
		return true;
	}
	rate.muted++;
	return false;
}

void
report_no_pages(gfp_t gfp, unsigned int order, u32 caller)
{
	char names[160];
	struct zone *zone;

	if (!report_rate_allows())
		return;
	pr_warn("%pS: page allocation failure: order:%u, mode:0x%x(%s)\n",
		(void *)(caller - 1), order, (__force unsigned int)gfp,
		gfp_format(gfp, names, sizeof(names)));
	if (rate.muted)
		pr_warn("  (%u like it were not shown)\n", rate.muted);
	rate.muted = 0;
	for (zone = zones; zone < ARRAY_END(zones); zone++)
		report_zone(zone);
	backtrace_here();
}

void
report_bad_request(gfp_t gfp, unsigned int order, u32 caller)
{
	char names[160];

	if (gfp & __GFP_NOWARN)
		return;
	pr_warn("%pS: impossible page allocation: order:%u (at most %u), %s\n",
		(void *)(caller - 1), order, MAX_ORDER,
		gfp_format(gfp, names, sizeof(names)));
	backtrace_here();
}

void
report_bad_free(const struct page *page, unsigned long addr, unsigned int order,
		const char *why, u32 caller)
{
	pr_err("BUG: bad page free at %pS: %s\n", (void *)(caller - 1), why);
	pr_err("  address 0x%08lx, order %u; nothing was changed\n", addr,
	       order);
	if (page && pfn_valid(page_to_pfn(page))) {
		pr_err("  page frame 0x%lx: flags 0x%x (zone %s, order %u), "
		       "%d references\n",
		       page_to_pfn(page), page->flags, page_zone(page)->name,
		       page_order(page), page->_refcount);
		page_owner_report(page, log_line);
	}
	backtrace_here();
}
