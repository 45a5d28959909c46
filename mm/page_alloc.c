/* page_alloc.c - alloc_pages and free_pages: the short path and the long one.
 *
 *   short   alloc_pages(GFP_KERNEL, 0) --> pop this CPU's list
 *   (some 50 instructions for both)        |
 *           free_pages(addr, 0)        --> check, push
 *                                          |
 *   long    a list is empty or full, uncommon flags, a hook is on
 *           alloc: 1. any zone above its low watermark
 *                  2. wake the reclaimer; any zone above the mark that the
 *                     flags give                                (table below)
 *                  3. may sleep: ask the shrinkers;  4. drain the lists, retry
 *                  5. may sleep: wait until something is freed, at most some
 *                     time; from 3 again, MAX_ROUNDS times without progress
 *                  6. may sleep: a program ends (linux/oom.c); from 3 again
 *                  7. NULL and a report
 *           free:  find out what is wrong, report, change nothing
 *
 *   watermarks of a zone, in free pages:
 *     high  ----- the reclaimer stops here
 *     low   ----- below: it is woken
 *     min   ----- GFP_KERNEL and GFP_NOWAIT stop here
 *     min/2 ----- GFP_ATOMIC (__GFP_HIGH) stops here
 *     0     ----- __GFP_MEMALLOC goes down to nothing
 *
 * A zone also keeps lowmem_reserve pages from requests that a higher zone
 * could serve. Pages in per-CPU lists are not counted.
 *
 * Locking: the lists by interrupts off, the zones by their lock. References
 * are changed by their owner; the last put_page frees.
 */
#include "highmem.h"
#include "internal.h"
#include "jiffies.h"
#include "panic.h"
#include "patch.h"
#include "sched.h"
#include "trap.h"
#include "util.h"
#include "x86.h"
#include "x86/pcp.h"

struct zone zones[MAX_NR_ZONES];
struct page *mem_map;
unsigned long max_pfn;

/* Pages of the direct map, and their bytes: what is taken for an address. */
unsigned long direct_map_pages, direct_map_size;

TABLE_DEFINE(shrinkers);

const struct reclaim_ops *reclaim_ops;
static unsigned long reclaimed; /* pages, by all shrinkers ever */

/* How often, without a page reclaimed, and how long: 12 ms, 24 ms, ... */
#define MAX_ROUNDS    16u
#define BACKOFF_TICKS (HZ / 100 + 1)

#define caller_address() ((u32)__builtin_return_address(0))

/* --- Allocating: the long path --------------------------------------------- */

/* The highest zone that a request may be served from. */
static enum zone_type
gfp_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	return gfp & __GFP_HIGHMEM ? ZONE_HIGHMEM : ZONE_NORMAL;
}

static bool
request_makes_sense(gfp_t gfp, unsigned int order)
{
	const gfp_t both = __GFP_DMA | __GFP_HIGHMEM;

	return order <= MAX_ORDER && !(gfp & ~GFP_ALL) &&
	       (gfp & both) != both && !gfp_contradicts(gfp);
}

unsigned long
pages_to_leave(const struct zone *zone, gfp_t gfp, bool low)
{
	unsigned long min = zone->watermark[WMARK_MIN];
	unsigned long reserve = zone->lowmem_reserve[gfp_zone(gfp)];

	if (low)
		return zone->watermark[WMARK_LOW] + reserve;
	if (gfp & __GFP_MEMALLOC)
		return 0;
	return (gfp & __GFP_HIGH ? min - min / 2 : min) + reserve;
}

/* Has it a block that large, and would so many pages be left? */
static bool
zone_has(const struct zone *zone, unsigned int order, unsigned long leave)
{
	unsigned long need = (1ul << order) - 1;

	return zone->free_pages > need && zone->free_pages - need > leave &&
	       zone->free_orders >> order;
}

/* One try over the zones, from the highest that will do downwards. */
static struct page *
try_zones(gfp_t gfp, unsigned int order, bool low)
{
	struct page *page = NULL;
	unsigned long flags = local_irq_save();
	struct zone *zone;

	for (zone = &zones[gfp_zone(gfp)]; zone >= zones && !page; zone--)
		if (zone_has(zone, order, pages_to_leave(zone, gfp, low)))
			page = pcp_alloc(zone, order, low);
	local_irq_restore(flags);
	return page;
}

unsigned long
shrink_memory(gfp_t gfp)
{
	const struct shrinker *s;
	unsigned long freed = 0;

	current->reclaiming = true;
	table_for_each(s, &shrinkers)
	{
		unsigned long nr = s->count_objects();

		if (nr)
			freed += s->scan_objects(nr, gfp);
	}
	current->reclaiming = false;
	__atomic_fetch_add(&reclaimed, freed, __ATOMIC_RELAXED);
	return freed;
}

struct attempt {
	gfp_t gfp;
	unsigned int order;
	struct page *page;
};

static bool
attempt_succeeds(void *arg)
{
	struct attempt *a = arg;

	a->page = try_zones(a->gfp, a->order, false);
	return a->page != NULL;
}

/* What others freed may sit in the lists, where no watermark counts it. */
static bool
drained_attempt_succeeds(void *arg)
{
	drain_local_pages();
	return attempt_succeeds(arg);
}

/* Would waiting, and reclaiming again, be what he wants? */
static bool
may_wait(const struct attempt *a)
{
	const gfp_t insists = __GFP_RETRY_MAYFAIL | __GFP_NOFAIL;

	return reclaim_ops && !(a->gfp & __GFP_NORETRY) &&
	       (a->order <= PAGE_ALLOC_COSTLY_ORDER || (a->gfp & insists));
}

/* Reclaim, and wait for what others free, as long as pages are reclaimed at
 * all, by whomever, and some time longer. */
static void
reclaim_and_wait(struct attempt *a)
{
	unsigned long before;
	unsigned int round;

	for (round = 1; round <= MAX_ROUNDS || (a->gfp & __GFP_NOFAIL);
	     round++) {
		before = reclaimed;
		shrink_memory(a->gfp);
		if (drained_attempt_succeeds(a) || !may_wait(a) ||
		    reclaim_ops->wait(drained_attempt_succeeds, a,
				      min(round, MAX_ROUNDS) * BACKOFF_TICKS))
			return;
		if (reclaimed != before)
			round = 0;
	}
}

static bool (*out_of_memory)(void);

void
set_out_of_memory(bool (*fn)(void))
{
	out_of_memory = fn;
}

/* Until it succeeds, or nobody else has to go; for larger blocks that would not
 * help. */
static void
insist(struct attempt *a)
{
	do
		reclaim_and_wait(a);
	while (!a->page && !a->order && may_wait(a) &&
	       !(a->gfp & __GFP_RETRY_MAYFAIL) && out_of_memory &&
	       out_of_memory());
}

/* Below the low watermark everywhere: what the flags allow, in order. */
static struct page *
alloc_slow(gfp_t gfp, unsigned int order)
{
	struct attempt attempt = {gfp, order, NULL};
	bool may_sleep = gfpflags_allow_blocking(gfp) && can_sleep();

	if (gfpflags_allow_blocking(gfp) && !patch_is_on(PATCH_PAGE_HOOKS))
		might_sleep(); /* with the hooks on it has been said already */

	if ((gfp & __GFP_KSWAPD_RECLAIM) && reclaim_ops)
		reclaim_ops->wake(gfp_zone(gfp));
	if ((current->reclaiming || current->dying) && !in_interrupt()) {
		attempt.gfp |= __GFP_MEMALLOC;
		may_sleep = false;
	}
	if (attempt_succeeds(&attempt))
		return attempt.page;
	if (may_sleep)
		insist(&attempt);
	else
		drained_attempt_succeeds(&attempt);
	return attempt.page;
}

/* The pages of a compound page know their head. */
static void
make_compound(struct page *page, unsigned int order)
{
	unsigned long i;

	page->flags |= PG_head;
	for (i = 1; i < 1ul << order; i++) {
		page[i].flags |= PG_tail;
		page[i].compound_head = page;
	}
}

static void
break_compound(struct page *page, unsigned int order)
{
	unsigned long i;

	page->flags &= ~PG_head;
	for (i = 1; i < 1ul << order; i++)
		page[i].flags &= ~PG_tail;
}

static struct page *
alloc_long(gfp_t gfp, unsigned int order, u32 caller)
{
	bool hooks = patch_is_on(PATCH_PAGE_HOOKS);
	struct page *page = NULL;

	if (!request_makes_sense(gfp, order)) {
		report_bad_request(gfp, order, caller);
		return NULL;
	}
	if (hooks && gfpflags_allow_blocking(gfp))
		might_sleep();
	if (!hooks || !page_hook_fail(gfp, order, caller)) {
		page = try_zones(gfp, order, true);
		if (!page)
			page = alloc_slow(gfp, order);
	}
	if (!page) {
		if (!(gfp & __GFP_NOWARN))
			report_no_pages(gfp, order, caller);
		return NULL;
	}
	page->_refcount = 1;
	if (hooks)
		page_hook_alloc(page, gfp, order, caller);
	if ((gfp & __GFP_COMP) && order)
		make_compound(page, order);
	if (gfp & __GFP_ZERO)
		clear_pages(page, order);
	return page;
}

struct page *
__alloc_pages(gfp_t gfp, unsigned int order)
{
	return alloc_long(gfp, order, caller_address());
}

unsigned long
get_free_pages_any(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (gfp & __GFP_HIGHMEM) { /* it has no address */
		report_bad_request(gfp, order, caller_address());
		return 0;
	}
	page = alloc_long(gfp, order, caller_address());
	return page ? (unsigned long)page_address(page) : 0;
}

/* What the short path jumps to: the order is in the list's slot. */
static __noinline struct page *
alloc_pages_by_slot(u32 gfp, u32 slot)
{
	return alloc_long((__force gfp_t)gfp, PCP_SLOT_ORDER(slot),
			  caller_address());
}

static __noinline unsigned long
get_free_pages_by_slot(u32 gfp, u32 slot)
{
	struct page *page = alloc_long((__force gfp_t)gfp, PCP_SLOT_ORDER(slot),
				       caller_address());

	return page ? (unsigned long)page_address(page) : 0;
}

/* --- Allocating: the short path -------------------------------------------- */

/* Pop this CPU's list; false, and gfp kept, if it is empty or a hook is on. */
static __always_inline bool
pop(u32 slot, u32 *gfp, struct page **page)
{
	if (patched(PATCH_PAGE_HOOKS) || !pcp_pop(slot, gfp, page))
		return false;
	(*page)->_refcount = 1;
	return true;
}

/* The long path is a jump, not a call, so that this function needs no frame
 * and the long one sees the caller's address. */
struct page *__leaf
alloc_pages_fast(u32 gfp, u32 slot)
{
	struct page *page;

	if (pop(slot, &gfp, &page))
		return page;
	return alloc_pages_by_slot(gfp, slot);
}

unsigned long __leaf
get_free_pages_fast(u32 gfp, u32 slot)
{
	struct page *page;

	if (pop(slot, &gfp, &page))
		return ((uintptr_t)page - (uintptr_t)mem_map) *
			       (PAGE_SIZE / sizeof(struct page)) +
		       PAGE_OFFSET;
	return get_free_pages_by_slot(gfp, slot);
}

/* --- Freeing ---------------------------------------------------------------- */

/* Why this cannot be freed, or NULL if it can. */
static const char *
free_mistake(const struct page *page, unsigned int order)
{
	if (!pfn_valid(page_to_pfn(page)))
		return "there is no such page";
	if (page->flags & PG_reserved)
		return "the page is reserved: it was never allocated";
	if (page->flags & PG_tail)
		return "the page is in the middle of a compound page";
	if (page->flags & (PG_slab | PG_vmalloc))
		return page->flags & PG_slab
			       ? "the page belongs to the heap: use kfree"
			       : "the page belongs to vmalloc: use vfree";
	if (page->_refcount <= 0)
		return "the page is free already, or the middle of a block";
	if ((page->flags & PG_mapped) && page->_refcount == 1)
		return "the page is still mapped";
	if (order != page_order(page))
		return "it was allocated with another order";
	return NULL;
}

static void
free_block(struct page *page, unsigned int order, u32 caller)
{
	struct zone *zone = page_zone(page);
	unsigned long flags;

	if (page->flags & PG_head)
		break_compound(page, order);
	if (patch_is_on(PATCH_PAGE_HOOKS))
		page_hook_free(page, order, caller);
	flags = local_irq_save();
	pcp_free(zone, page, order);
	local_irq_restore(flags);
	call_pages_freed();
}

/* Whatever the short path did not like: a mistake, or just another owner. */
static void
free_long(struct page *page, unsigned long addr, unsigned int order, u32 caller)
{
	const char *mistake = free_mistake(page, order);

	if (mistake)
		report_bad_free(page, addr, order, mistake, caller);
	else if (--page->_refcount == 0)
		free_block(page, order, caller);
}

static void
free_address(unsigned long addr, unsigned int order, u32 caller)
{
	unsigned long offset = addr - PAGE_OFFSET;

	if (!addr)
		return;
	if (addr % PAGE_SIZE)
		report_bad_free(NULL, addr, order,
				"the address is not that of a page", caller);
	else if (offset >> PAGE_SHIFT >= direct_map_pages)
		report_bad_free(NULL, addr, order,
				"the address is not in the direct map", caller);
	else
		free_long(pfn_to_page(offset >> PAGE_SHIFT), addr, order,
			  caller);
}

void
free_pages_any(unsigned long addr, unsigned int order)
{
	free_address(addr, order, caller_address());
}

void
__free_pages_any(struct page *page, unsigned int order)
{
	free_long(page, (unsigned long)page_address(page), order,
		  caller_address());
}

/* What the short path jumps to. */
static __noinline void
free_pages_by_flags(unsigned long addr, u32 flags)
{
	free_address(addr, flags >> PAGE_ORDER_SHIFT, caller_address());
}

static __noinline void
__free_pages_by_flags(struct page *page, u32 flags)
{
	free_long(page, (unsigned long)page_address(page),
		  flags >> PAGE_ORDER_SHIFT, caller_address());
}

/* Push onto this CPU's list; false if the page or the list wants the long
 * path. `flags` is the order where page->flags has it: if nothing but the zone
 * is left of their difference, no state bit is set and the order is right. */
static __always_inline bool
push(struct page *page, u32 *flags)
{
	u32 have = page->flags;

	return !patched(PATCH_PAGE_HOOKS) &&
	       likely((have ^ *flags) < MAX_NR_ZONES) &&
	       likely(page->_refcount == 1) &&
	       pcp_push(PCP_SLOT(have), flags, page);
}

void __leaf
__free_pages_fast(struct page *page, u32 flags)
{
	if (!push(page, &flags))
		__free_pages_by_flags(page, flags);
}

/* The rotation brings the frame number down and the offset in the page up: an
 * address inside a page is far out of range, like any wild one. */
void __leaf
free_pages_fast(unsigned long addr, u32 flags)
{
	unsigned long pfn = ror32(addr - PAGE_OFFSET, PAGE_SHIFT);

	if (unlikely(pfn >= direct_map_pages) || !push(mem_map + pfn, &flags))
		free_pages_by_flags(addr, flags);
}

/* --- What others register, and what they may ask ------------------------------ */

void
page_alloc_init(unsigned long nr_pages)
{
	direct_map_pages = nr_pages;
	direct_map_size = nr_pages << PAGE_SHIFT;
}
