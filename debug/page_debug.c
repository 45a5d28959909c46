/* page_debug.c - what the page allocator does only on request: remember who
 * holds a page, poison what is free, unmap it, fail on purpose.
 *
 *   alloc_pages: nop  ....................  or  jmp --> long path
 *                                                  page_hook_fail    fail?
 *                                                  page_hook_alloc   map again,
 *                                                                    poison
 *                                                                    intact?
 *                                                                    note owner
 *   free_pages:  nop  ....................  or  jmp --> page_hook_free
 *                                                  note, fill with poison or
 *                                                  zeroes, unmap (page_guard)
 *
 *   owners[pfn]  { alloc_caller, free_caller, gfp }    12 bytes a frame
 */
#include "errno.h"
#include "explain.h"
#include "highmem.h"
#include "../mm/internal.h"
#include "layout.h"
#include "page_owner.h"
#include "param.h"
#include "patch.h"
#include "pgtable.h"
#include "printf.h"
#include "printk.h"
#include "sort.h"
#include "string.h"
#include "symbols.h"
#include "tlb.h"
#include "trap.h"
#include "util.h"

struct owner {
	u32 alloc_caller; /* 0: never allocated */
	u32 free_caller;  /* 0: not freed since */
	gfp_t gfp;
};

#ifdef DEBUG
#define HOOKS_ALWAYS true /* the sleep check, if nothing else */
#define POISON_LIMIT (64 * SZ_1M / PAGE_SIZE) /* above, it takes seconds */
#else
#define HOOKS_ALWAYS false
#define POISON_LIMIT 0
#endif

static struct {
	bool want_owner, want_poison; /* from the command line */
	bool poison, sleep_check;
	struct owner *owners; /* one a frame; NULL: off */
	unsigned long poison_errors;

	struct fail_rule fail; /* failure injection */
	u32 fail_site;         /* only in the function that begins here, or 0 */
} debug;

void
page_hooks_update(void)
{
	bool on = HOOKS_ALWAYS || debug.sleep_check || debug.owners ||
		  debug.poison || page_guard || debug.fail.every ||
		  debug.fail.from || init_on_alloc || init_on_free;

	if (on != patch_is_on(PATCH_PAGE_HOOKS))
		patch_set(PATCH_PAGE_HOOKS, on);
}

/* --- Failure injection -------------------------------------------------------- */

static bool
is_in_function(u32 address, u32 start)
{
	struct symbol sym;

	return symbol_find(address, &sym) && sym.address == start;
}

bool (*fail_spares)(void);

/* Each once: somebody else may take the rule back just now. */
bool
fail_now(struct fail_rule *rule)
{
	u32 every = READ_ONCE(rule->every), from = READ_ONCE(rule->from);

	if (fail_spares && fail_spares())
		return false;
	rule->count++;
	if (from)
		return rule->count >= from;
	return every && rule->count % every == 0;
}

int
fail_parse(const char *value, struct fail_rule *rule)
{
	char digits[16];
	ssize_t len = strscpy(digits, value, sizeof(digits));
	bool from = len > 0 && digits[len - 1] == '+';
	u32 n;

	if (from)
		digits[len - 1] = '\0';
	if (len < 0 || kstrtou32(digits, 10, &n) || !n)
		return -EINVAL;
	*rule = (struct fail_rule){from ? 0 : n, from ? n : 0, 0};
	return 0;
}

bool
page_hook_fail(gfp_t gfp, unsigned int order, u32 caller)
{
	(void)order;
	if ((!debug.fail.every && !debug.fail.from) || (gfp & __GFP_NOFAIL))
		return false;
	if (debug.fail_site && !is_in_function(caller - 1, debug.fail_site))
		return false;
	return fail_now(&debug.fail);
}

void
fail_page_alloc_set(unsigned int every, unsigned int from, u32 site)
{
	struct symbol sym;

	debug.fail = (struct fail_rule){every, from, 0};
	debug.fail_site = site && symbol_find(site, &sym) ? sym.address : site;
	page_hooks_update();
}

void
page_sleep_check_set(bool on)
{
	debug.sleep_check = on;
	page_hooks_update();
}

/* --- Guard -------------------------------------------------------------------- */

/* Low pages into the direct map, or out of it; its tables are there. */
static void
show(const struct page *page, unsigned int order, bool on)
{
	uintptr_t start = (uintptr_t)__va(page_to_phys(page)), va;
	size_t size = PAGE_SIZE << order;

	if (!page_guard || page_zone_index(page) == ZONE_HIGHMEM)
		return;
	for (va = start; va - start < size; va += PAGE_SIZE) {
		pde_t pde = swapper_pg_dir[pde_index(va)];
		pte_t *entry = (pte_t *)__va(pde_phys(pde)) + pte_index(va);

		if (on)
			entry->val |= _PAGE_PRESENT;
		else
			entry->val &= ~_PAGE_PRESENT;
	}
	if (!on)
		tlb_flush_range(start, size);
}

bool
page_is_free(const struct page *page)
{
	return page->_refcount <= 0 &&
	       (buddy_head_of(page_zone(page), page_to_pfn(page)) ||
		pcp_holds(page));
}

/* For fault reports: the state of the page behind a direct-map address. */
static size_t
explain_page(u32 address, char *buf, size_t size)
{
	unsigned long pfn = PHYS_PFN(__pa(address));
	const struct owner *owner = &debug.owners[pfn];
	size_t n;

	if (!virt_is_direct((void *)address) || !pfn_valid(pfn))
		return 0;
	if (!page_is_free(pfn_to_page(pfn)))
		return scnprintf(buf, size,
				 "physical 0x%08x, held by: the page allocator",
				 __pa(address));
	n = scnprintf(buf, size, "page frame 0x%lx is free", pfn);
	if (debug.owners && owner->free_caller)
		n += scnprintf(buf + n, size - n,
			       ", freed by %pS: use after free",
			       (void *)(owner->free_caller - 1));
	return n;
}
EXPLAIN(explain_page);

/* --- Poison -------------------------------------------------------------------- */

static void
report_poison(const struct page *page, const u8 *bytes)
{
	const u8 *bad = memchr_inv(bytes, POISON_FREE, PAGE_SIZE);
	const u8 *last = bytes + PAGE_SIZE - 1;

	while (*last == POISON_FREE)
		last--;
	debug.poison_errors++;
	pr_err("BUG: page frame 0x%lx was written after it was freed: bytes "
	       "0x%03x to 0x%03x, the first is 0x%02x, not 0x%02x\n",
	       page_to_pfn(page), (unsigned int)(bad - bytes),
	       (unsigned int)(last - bytes), *bad, POISON_FREE);
	page_owner_report(page, log_line);
}

/* As page_hook_free left it, or free_initmem. */
static bool
is_untouched(const u8 *bytes)
{
	return !memchr_inv(bytes, POISON_FREE, PAGE_SIZE) ||
	       !memchr_inv(bytes, POISON_INIT, PAGE_SIZE);
}

static void
check_poison(struct page *page, unsigned int order)
{
	struct page *end = page + (1ul << order);
	u8 *bytes;

	for (; page < end; page++) {
		bytes = kmap_local_page(page);
		if (!is_untouched(bytes))
			report_poison(page, bytes);
		memset(bytes, POISON_FRESH, PAGE_SIZE);
		kunmap_local(bytes);
	}
}

/* Fill every free block, so that the first check finds what it expects; and
 * hide it. */
static void
poison_zone(struct zone *zone)
{
	unsigned long flags;
	unsigned int order;
	struct page *page;

	spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order < NR_ORDERS; order++)
		list_for_each_entry(page, &zone->area[order].list, lru)
		{
			show(page, order, true);
			fill_pages(page, order, POISON_FREE);
			show(page, order, false);
		}
	spin_unlock_irqrestore(&zone->lock, flags);
}

void
page_poison_set(bool on)
{
	struct zone *zone;

	if (on && !debug.poison) {
		drain_local_pages();
		for (zone = zones; zone < ARRAY_END(zones); zone++)
			poison_zone(zone);
	}
	debug.poison = on;
	page_hooks_update();
}

bool
page_poison_on(void)
{
	return debug.poison;
}

unsigned long
page_poison_errors(void)
{
	return debug.poison_errors;
}

/* --- Owners ---------------------------------------------------------------------- */

void
log_line(const char *text)
{
	pr_err("%s\n", text);
}

static void
say_who(const char *what, u32 caller, line_fn line)
{
	char buf[REPORT_LINE];

	scnprintf(buf, sizeof(buf), "  %s by %pS", what, (void *)(caller - 1));
	if (caller)
		line(buf);
}

void
page_owner_report(const struct page *page, line_fn line)
{
	const struct owner *owner = &debug.owners[page_to_pfn(page)];

	if (!debug.owners) {
		line("  (boot with page_owner to learn who had it)");
		return;
	}
	say_who("allocated", owner->alloc_caller, line);
	say_who("freed", owner->free_caller, line);
}

/* Add a block to its call site's sum; the table stays as it is if full. */
static unsigned int
add_to_site(struct page_owner_site *sites, unsigned int used, unsigned int max,
	    u32 caller, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < used; i++)
		if (sites[i].caller == caller)
			break;
	if (i == max)
		return used;
	if (i == used)
		sites[used++] = (struct page_owner_site){caller, 0, 0};
	sites[i].blocks++;
	sites[i].pages += 1ul << order;
	return used;
}

static int
compare_sites(const void *a, const void *b)
{
	const struct page_owner_site *x = a, *y = b;

	return (x->pages < y->pages) - (x->pages > y->pages);
}

unsigned int
page_owner_sites(struct page_owner_site *sites, unsigned int max)
{
	unsigned int used = 0;
	unsigned long pfn;

	for (pfn = 0; debug.owners && pfn < max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);
		const struct owner *owner = &debug.owners[pfn];

		if (page->_refcount > 0 && owner->alloc_caller &&
		    !(page->flags & PG_tail))
			used = add_to_site(sites, used, max,
					   owner->alloc_caller,
					   page_order(page));
	}
	sort(sites, used, sizeof(*sites), compare_sites, NULL);
	return used;
}

/* --- The hooks -------------------------------------------------------------------- */

void
page_hook_alloc(struct page *page, gfp_t gfp, unsigned int order, u32 caller)
{
	show(page, order, true);
	if (debug.poison)
		check_poison(page, order);
	if (init_on_alloc && !(gfp & __GFP_ZERO)) /* that is done later */
		clear_pages(page, order);
	if (debug.owners)
		debug.owners[page_to_pfn(page)] =
			(struct owner){caller, 0, gfp};
}

void
page_hook_free(struct page *page, unsigned int order, u32 caller)
{
	struct owner *owner = &debug.owners[page_to_pfn(page)];
	unsigned long i;

	for (i = 0; debug.owners && i < 1ul << order; i++)
		owner[i].free_caller = caller;
	if (debug.poison)
		fill_pages(page, order, POISON_FREE);
	else if (init_on_free)
		clear_pages(page, order);
	show(page, order, false);
}

void
page_hook_split(struct page *page, unsigned int order)
{
	struct owner *owner = &debug.owners[page_to_pfn(page)];
	unsigned long i;

	for (i = 1; debug.owners && i < 1ul << order; i++)
		owner[i] = owner[0];
}

void __init
page_debug_init(void)
{
	size_t size = max_pfn * sizeof(struct owner);

	init_on_settle(debug.want_poison);
	if (debug.want_owner || page_guard || HOOKS_ALWAYS) {
		debug.owners = boot_table(size, "page_owner");
		if (debug.owners)
			memset(debug.owners, 0, size);
		else
			pr_warn("page_owner: no room for %zu KiB\n",
				size / SZ_1K);
	}
	page_hooks_update();
}

void __init
page_debug_start(void)
{
	if (debug.want_poison ||
	    (max_pfn <= POISON_LIMIT && !init_on_alloc && !init_on_free))
		page_poison_set(true);
}

static int
set_page_owner(const char *value)
{
	(void)value;
	debug.want_owner = true;
	return 0;
}
BOOT_PARAM(page_owner, "", "remember who allocated and freed each page",
	   set_page_owner);

static int
set_page_poison(const char *value)
{
	(void)value;
	debug.want_poison = true;
	return 0;
}
BOOT_PARAM(page_poison, "", "fill freed pages and check them when reused",
	   set_page_poison);

static int
set_fail(const char *value)
{
	struct fail_rule rule;
	int err = fail_parse(value, &rule);

	if (err)
		return err;
	fail_page_alloc_set(rule.every, rule.from, 0);
	return 0;
}
BOOT_PARAM(fail_page_alloc, "N|N+",
	   "each N-th page allocation, or all from "
	   "the N-th on, fails",
	   set_fail);

static int
set_page_guard(const char *value)
{
	(void)value;
	page_guard = true;
	return 0;
}
BOOT_PARAM(page_guard, "", "unmap freed pages: a use after free faults",
	   set_page_guard);
