/* test_page_debug.c - what the page allocator says when it is used wrongly,
 * and what it finds when it is asked to look: debug/page_debug.c, debug/page_report.c.
 *
 *     misuse    zones, lists and mem_map byte by byte as before, one report
 *     poison    one report for each page written after it was freed
 *     owner     who holds how much, by call site
 *     failure   the n-th allocation, for each n, and what the caller then does
 *
 * The cases with page_owner come last: as on a real machine, nothing but the
 * next boot can switch it off.
 */
#include "drivers.h"
#include "glue.h"
#include "highmem.h"
#include "host.h"
#include "page_owner.h"
#include "pages.h"
#include "string.h"
#include "util.h"

/* --- Requests that make no sense ------------------------------------------------------ */

TEST(page_debug, an_impossible_request_gets_nothing_and_one_report)
{
	static const struct {
		gfp_t gfp;
		unsigned int order;
	} requests[] = {
		{GFP_KERNEL, MAX_ORDER + 1},
		{GFP_KERNEL, 31},
		{GFP_KERNEL, 32},
		{GFP_KERNEL, ~0u},
		{GFP_KERNEL | __GFP_DMA | __GFP_HIGHMEM, 0},
		{GFP_ATOMIC | __GFP_NOFAIL, 0},
		{GFP_KERNEL | (__force gfp_t)0x80000000u, 0},
		{GFP_KERNEL | (__force gfp_t)0x10u, 0},
	};
	unsigned int i;

	pages_boot(LOW_RAM, 0, "");
	pages_snapshot();
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		gfp_t gfp = requests[i].gfp;

		host_log_clear();
		EXPECT(!__alloc_pages(gfp | __GFP_NOWARN, requests[i].order));
		EXPECT_EQ(host_logged("impossible page allocation"), 0);
		EXPECT(!__alloc_pages(gfp, requests[i].order));
		EXPECT_EQ(host_logged("impossible page allocation"), 1);
	}
	host_log_clear();
	EXPECT(!alloc_pages(GFP_ATOMIC | __GFP_NOFAIL, 0));
	EXPECT(!__get_free_pages(GFP_KERNEL | __GFP_HIGHMEM, 0));
	EXPECT(!get_zeroed_page(GFP_HIGHUSER));
	EXPECT(!alloc_pages_exact(0, GFP_KERNEL));
	EXPECT(!alloc_pages_exact(4 * SZ_1M + 1, GFP_KERNEL));
	EXPECT(!alloc_pages_exact(~(size_t)0, GFP_KERNEL));
	EXPECT_EQ(host_logged("impossible page allocation"), 6);
	EXPECT(pages_same());
	pages_end();
}

TEST(page_debug, flags_are_named)
{
	char buf[160], small[12];

	EXPECT_STREQ(gfp_format(GFP_KERNEL | __GFP_ZERO, buf, sizeof(buf)),
		     "GFP_KERNEL|__GFP_ZERO");
	EXPECT_STREQ(gfp_format(GFP_ATOMIC, buf, sizeof(buf)), "GFP_ATOMIC");
	EXPECT_STREQ(gfp_format((__force gfp_t)0x80000002u, buf, sizeof(buf)),
		     "__GFP_HIGHMEM|0x80000000");
	EXPECT_STREQ(gfp_format(0, buf, sizeof(buf)), "");
	EXPECT_STREQ(gfp_format(GFP_ALL, small, sizeof(small)), "GFP_KERNEL|");
}

/* --- Misuse -------------------------------------------------------------------------- */

/* One block of each kind, and what is free in each way. */
static struct {
	struct page *single, *triple, *compound, *listed, *merged;
} some;

static void
misuse_boot(const char *cmdline)
{
	pages_boot(LOW_RAM, 0, cmdline);
	some.merged = __alloc_pages(GFP_KERNEL, 5);
	some.single = __alloc_pages(GFP_KERNEL, 0);
	some.triple = __alloc_pages(GFP_KERNEL, 3);
	some.compound = __alloc_pages(GFP_KERNEL | __GFP_COMP, 2);
	some.listed = __alloc_pages(GFP_KERNEL, 0);
	__free_pages_any(some.merged, 5);
	drain_local_pages();
	__free_pages_any(some.listed, 0);
	host_log_clear();
}

static void
misuse_end(void)
{
	host_log_clear();
	__free_pages_any(some.single, 0);
	__free_pages_any(some.triple, 3);
	__free_pages_any(some.compound, 2);
	pages_end();
}

/* By page and by address, by the short path and by the long one. */
static void
expect_refused(struct page *page, unsigned int order, const char *why)
{
	unsigned long addr = (unsigned long)__va(page_to_phys(page));
	unsigned int form;

	for (form = 0; form < 4; form++) {
		host_log_clear();
		pages_snapshot();
		if (form == 0)
			__free_pages_any(page, order);
		else if (form == 1)
			free_pages_any(addr, order);
		else if (form == 2)
			__free_pages_fast(page, PAGE_FLAGS(0, order, 0));
		else
			free_pages_fast(addr, PAGE_FLAGS(0, order, 0));
		if (!EXPECT_EQ(host_logged("BUG: bad page free"), 1) ||
		    !EXPECT_EQ(host_logged(why), 1) || !EXPECT(pages_same()))
			host_note("%s, form %u", why, form);
	}
	pages_check();
}

static void
refuse_all(void)
{
	struct page *kernel = pfn_to_page(PHYS_PFN(KERNEL_PHYS));

	expect_refused(some.listed, 0, "free already");
	expect_refused(some.merged, 5, "free already");
	expect_refused(some.merged + 7, 0, "free already");
	expect_refused(some.triple + 1, 0, "the middle of a block");
	expect_refused(some.triple + 4, 2, "the middle of a block");
	expect_refused(some.single, 1, "another order");
	expect_refused(some.triple, 0, "another order");
	expect_refused(some.triple, 10, "another order");
	expect_refused(some.compound, 0, "another order");
	expect_refused(some.compound + 1, 0, "the middle of a compound page");
	expect_refused(kernel, 0, "reserved");
	expect_refused(pfn_to_page(0), 3, "reserved");
	some.single->flags |= PG_slab;
	expect_refused(some.single, 0, "kfree");
	some.single->flags ^= PG_slab | PG_mapped;
	expect_refused(some.single, 0, "still mapped");
	some.single->flags ^= PG_mapped;
}

TEST(page_debug, each_misuse_is_reported_once_and_changes_nothing)
{
	misuse_boot("");
	refuse_all();
	misuse_end();
}

TEST(page_debug, each_misuse_is_reported_with_the_hooks_on_too)
{
	misuse_boot("page_poison");
	refuse_all();
	misuse_end();
	page_poison_set(false);
}

TEST(page_debug, an_address_that_is_no_page_s_is_reported_once)
{
	unsigned long good, bad[9];
	unsigned int i;

	misuse_boot("");
	good = (unsigned long)page_address(some.single);
	bad[0] = good + 1;
	bad[1] = good + PAGE_SIZE / 2;
	bad[2] = good - 1;
	bad[3] = PAGE_SIZE;
	bad[4] = PAGE_OFFSET - PAGE_SIZE;
	bad[5] = (unsigned long)high_memory;
	bad[6] = (unsigned long)high_memory + PAGE_SIZE;
	bad[7] = 0xFFFFF000;
	bad[8] = ~0ul;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		host_log_clear();
		pages_snapshot();
		free_page(bad[i]);
		EXPECT_EQ(host_logged("BUG: bad page free"), 1);
		free_pages_any(bad[i], 0);
		EXPECT_EQ(host_logged("BUG: bad page free"), 2);
		EXPECT(pages_same());
	}
	host_log_clear();
	free_page(0);
	free_pages_any(0, 3);
	EXPECT_EQ(host_logged("BUG"), 0);
	EXPECT(pages_same());
	misuse_end();
}

TEST(page_debug, a_page_that_is_none_is_reported_once)
{
	misuse_boot("");
	pages_snapshot();
	__free_pages_any(mem_map - 1, 0);
	__free_pages_any(mem_map + max_pfn, 0);
	__free_page(mem_map + max_pfn);
	EXPECT_EQ(host_logged("there is no such page"), 3);
	put_page(some.listed);
	EXPECT_EQ(host_logged("BUG: bad page free"), 4);
	EXPECT(pages_same());
	misuse_end();
}

/* --- No memory ------------------------------------------------------------------------ */

TEST(page_debug, failures_are_reported_a_few_times_a_second_and_counted)
{
	struct page *chain = NULL;
	unsigned int i;

	pages_boot(LOW_RAM, 0, "");
	pages_fill(GFP_NOWAIT, &chain);
	jiffies += 2 * HZ;
	host_log_clear();
	EXPECT(!__alloc_pages(GFP_NOWAIT | __GFP_NOWARN, 0));
	EXPECT_EQ(host_logged("page allocation failure"), 0);
	EXPECT(!__alloc_pages(GFP_NOWAIT, 2));
	EXPECT_EQ(host_logged("page allocation failure: order:2"), 1);
	EXPECT_EQ(host_logged("blocks by order:"), 2); /* zones */
	EXPECT_EQ(host_logged("GFP_NOWAIT"), 1);
	for (i = 1; i < 20; i++)
		EXPECT(!__alloc_pages(GFP_NOWAIT, 0));
	EXPECT_EQ(host_logged("page allocation failure"), 5);
	jiffies += HZ;
	EXPECT(!__alloc_pages(GFP_NOWAIT, 0));
	EXPECT_EQ(host_logged("page allocation failure"), 6);
	EXPECT_EQ(host_logged("(15 like it were not shown)"), 1);
	EXPECT(!__alloc_pages(GFP_NOWAIT, 0));
	EXPECT_EQ(host_logged("like it were not shown"), 1);
	pages_release(&chain);
	pages_end();
}

/* --- Failure injection ------------------------------------------------------------------ */

#define CLIENT_ALLOCS 6

/* What a careful caller does: all of it, or nothing. */
static bool
client(void)
{
	unsigned long addr, zeroed;
	struct page *single, *pair, *compound;
	void *exact;

	single = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	if (!single)
		goto no_single;
	pair = __alloc_pages(GFP_ATOMIC | __GFP_NOWARN, 1);
	if (!pair)
		goto no_pair;
	addr = __get_free_pages(GFP_KERNEL | __GFP_NOWARN, 4);
	if (!addr)
		goto no_addr;
	compound = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_NOWARN, 2);
	if (!compound)
		goto no_compound;
	zeroed = get_zeroed_page(GFP_KERNEL | __GFP_NOWARN);
	if (!zeroed)
		goto no_zeroed;
	exact = alloc_pages_exact(5 * PAGE_SIZE, GFP_KERNEL | __GFP_NOWARN);
	if (!exact)
		goto no_exact;
	free_pages_exact(exact, 5 * PAGE_SIZE);
	free_page(zeroed);
	put_page(compound);
	free_pages(addr, 4);
	__free_pages(pair, 1);
	__free_page(single);
	return true;

no_exact:
	free_page(zeroed);
no_zeroed:
	put_page(compound);
no_compound:
	free_pages(addr, 4);
no_addr:
	__free_pages(pair, 1);
no_pair:
	__free_page(single);
no_single:
	return false;
}

TEST(page_debug, a_caller_survives_the_failure_of_each_of_its_allocations)
{
	unsigned long before;
	unsigned int n;

	pages_boot(LOW_RAM, 0, "");
	before = nr_free_pages();
	for (n = 1; n <= CLIENT_ALLOCS; n++) {
		fail_page_alloc_set(0, n, 0);
		EXPECT(!client());
		EXPECT_EQ(nr_free_pages(), before);
		pages_check();
	}
	fail_page_alloc_set(0, n, 0);
	EXPECT(client());
	fail_page_alloc_set(0, 0, 0);
	EXPECT(client());
	pages_end();
}

/* Which of 12 allocations fail, the first as bit 0. */
static u32
failures(gfp_t gfp)
{
	u32 failed = 0;
	unsigned int i;

	for (i = 0; i < 12; i++) {
		struct page *page = __alloc_pages(gfp | __GFP_NOWARN, 0);

		if (page)
			__free_page(page);
		else
			failed |= 1u << i;
	}
	return failed;
}

TEST(page_debug, every_nth_or_all_from_the_nth_on_fail_but_never_nofail)
{
	pages_boot(LOW_RAM, 0, "fail_page_alloc=4");
	EXPECT_EQ(failures(GFP_KERNEL), 0x888);
	pages_boot(LOW_RAM, 0, "fail_page_alloc=5+");
	EXPECT_EQ(failures(GFP_KERNEL), 0xFF0);
	EXPECT_EQ(failures(GFP_KERNEL | __GFP_NOFAIL), 0);
	fail_page_alloc_set(1, 0, 0);
	EXPECT_EQ(failures(GFP_ATOMIC), 0xFFF);
	jiffies += 2 * HZ;
	EXPECT(!alloc_page(GFP_KERNEL));
	EXPECT_EQ(host_logged("page allocation failure"), 1);
	fail_page_alloc_set(0, 0, 0);
	EXPECT_EQ(failures(GFP_ATOMIC), 0);
	pages_boot(LOW_RAM, 0, "fail_page_alloc=0");
	EXPECT_EQ(failures(GFP_ATOMIC), 0);
	pages_boot(LOW_RAM, 0, "fail_page_alloc=");
	EXPECT_EQ(failures(GFP_ATOMIC), 0);
	pages_end();
}

/* Two call sites: each in a section, so that its bounds are known. */
extern char __start_calls_a[], __stop_calls_a[];

static __noinline __section("calls_a") struct page *site_a(unsigned int order)
{
	struct page *page = __alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);

	barrier(); /* not the last call: this function is the caller */
	return page;
}

static __noinline __section("calls_b") struct page *site_b(unsigned int order)
{
	struct page *page = __alloc_pages(GFP_ATOMIC | __GFP_NOWARN, order);

	barrier();
	return page;
}

static bool
in_site_a(u32 address)
{
	return address > (u32)__start_calls_a && address <= (u32)__stop_calls_a;
}

TEST(page_debug, only_the_chosen_function_fails)
{
	struct page *page;

	pages_boot(LOW_RAM, 0, "");
	host_symbol.address = (u32)__start_calls_a;
	host_symbol.size = __stop_calls_a - __start_calls_a;
	fail_page_alloc_set(2, 0, (u32)__start_calls_a + 3);
	page = site_a(0); /* the first of two */
	ASSERT(page != NULL);
	__free_pages_any(page, 0);
	page = site_b(0); /* not counted */
	ASSERT(page != NULL);
	__free_pages_any(page, 0);
	EXPECT(site_a(0) == NULL);
	fail_page_alloc_set(0, 0, 0);
	pages_end();
}

/* --- Poison --------------------------------------------------------------------------- */

TEST(page_debug, a_write_after_free_is_found_with_its_bytes)
{
	unsigned long errors = page_poison_errors();
	struct page *page, *chain = NULL;
	u8 *bytes;

	pages_boot(LOW_RAM, 0, "page_poison");
	page = alloc_pages(GFP_KERNEL, 2);
	ASSERT(page != NULL);
	bytes = page_address(page);
	EXPECT(!memchr_inv(bytes, POISON_FRESH, 4 * PAGE_SIZE));
	__free_pages(page, 2);
	EXPECT(!memchr_inv(bytes, POISON_FREE, 4 * PAGE_SIZE));
	bytes[2 * PAGE_SIZE + 0x123] = 0x42;
	bytes[2 * PAGE_SIZE + 0xFFF] = 0x43;
	pages_fill(__GFP_MEMALLOC, &chain);
	EXPECT_EQ(page_poison_errors(), errors + 1);
	EXPECT_EQ(host_logged("was written after it was freed"), 1);
	EXPECT_EQ(host_logged("bytes 0x123 to 0xfff, the first is 0x42"), 1);
	host_log_clear();
	pages_release(&chain);
	pages_fill(__GFP_MEMALLOC, &chain);
	EXPECT_EQ(page_poison_errors(), errors + 1);
	pages_release(&chain);
	pages_end();
	page_poison_set(false);
}

TEST(page_debug, high_memory_is_poisoned_too)
{
	unsigned long errors = page_poison_errors();
	struct page *page, *chain = NULL;
	u8 *bytes;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "page_poison");
	page = __alloc_pages(GFP_HIGHUSER, 0);
	ASSERT(page && page_zone_index(page) == ZONE_HIGHMEM);
	__free_page(page);
	bytes = host_high_page(page_to_phys(page));
	EXPECT(!memchr_inv(bytes, POISON_FREE, PAGE_SIZE));
	bytes[0] ^= 1;
	pages_fill(__GFP_HIGHMEM | __GFP_MEMALLOC, &chain);
	EXPECT_EQ(page_poison_errors(), errors + 1);
	EXPECT_EQ(host_logged("bytes 0x000 to 0x000"), 1);
	host_log_clear();
	pages_release(&chain);
	pages_end();
	page_poison_set(false);
}

TEST(page_debug, nobody_is_blamed_without_a_write_after_free)
{
	unsigned long errors = page_poison_errors();
	struct page *page, *chain = NULL;

	pages_boot(LOW_RAM, 0, "page_poison");
	free_initmem();
	pages_fill(__GFP_MEMALLOC, &chain);
	EXPECT_EQ(page_poison_errors(), errors);
	pages_release(&chain);
	/* Freed while it was off. */
	page_poison_set(false);
	pages_fill(__GFP_MEMALLOC, &chain);
	fill_pages(chain, 0, 0);
	pages_release(&chain);
	page = alloc_page(GFP_KERNEL);
	ASSERT(page != NULL);
	fill_pages(page, 0, 0);
	__free_page(page); /* to this CPU's list */
	page_poison_set(true);
	pages_fill(__GFP_MEMALLOC, &chain);
	EXPECT_EQ(page_poison_errors(), errors);
	pages_release(&chain);
	page_poison_set(false);
	pages_check();
}

/* --- Owners ---------------------------------------------------------------------------- */

TEST(page_debug, owners_are_summed_by_call_site_most_pages_first)
{
	struct page_owner_site sites[4];
	struct page *a, *b, *more;

	pages_boot(LOW_RAM, 0, "page_owner");
	EXPECT_EQ(page_owner_sites(sites, 4), 0);
	a = site_a(3);
	b = site_b(1);
	more = site_b(1);
	ASSERT(a && b && more);
	ASSERT_EQ(page_owner_sites(sites, 4), 2);
	EXPECT(in_site_a(sites[0].caller));
	EXPECT_EQ(sites[0].blocks, 1);
	EXPECT_EQ(sites[0].pages, 8);
	EXPECT(!in_site_a(sites[1].caller));
	EXPECT_EQ(sites[1].blocks, 2);
	EXPECT_EQ(sites[1].pages, 4);
	EXPECT_EQ(page_owner_sites(sites, 1), 1);
	EXPECT_EQ(page_owner_sites(sites, 0), 0);
	__free_pages_any(a, 3);
	EXPECT_EQ(page_owner_sites(sites, 4), 1);
	__free_pages_any(b, 1);
	__free_pages_any(more, 1);
	EXPECT_EQ(page_owner_sites(sites, 4), 0);
	pages_end();
}

/* The pages of a split block are still its allocator's: all of them. */
TEST(page_debug, a_split_block_s_pages_keep_their_owner)
{
	struct page_owner_site sites[4];
	struct page *chain = NULL, *block;
	unsigned int i;

	pages_boot(LOW_RAM, 0, "page_owner");
	/* Everything has had another owner before. */
	pages_fill(__GFP_MEMALLOC, &chain);
	pages_release(&chain);
	block = site_a(3);
	ASSERT(block != NULL);
	split_page(block, 3);
	EXPECT_EQ(page_owner_sites(sites, 4), 1);
	EXPECT(in_site_a(sites[0].caller));
	EXPECT_EQ(sites[0].blocks, 8);
	EXPECT_EQ(sites[0].pages, 8);
	for (i = 0; i < 8; i++)
		__free_page(block + i);
	pages_end();
}

TEST(page_debug, a_bad_free_names_who_had_the_page)
{
	struct page *page;

	pages_boot(LOW_RAM, 0, "page_owner");
	page = site_a(0);
	ASSERT(page != NULL);
	__free_page(page);
	__free_page(page);
	EXPECT_EQ(host_logged("BUG: bad page free"), 1);
	EXPECT_EQ(host_logged("  allocated by"), 1);
	EXPECT_EQ(host_logged("  freed by"), 1);
	host_log_clear();
	pages_end();
}

TEST(page_debug, random_use_is_right_with_everything_on)
{
	struct page *held[64] = {NULL};
	unsigned int order[64], i, n;

	pages_boot(LOW_RAM_ALSO, HIGH_RAM,
		   "page_owner page_poison fail_page_alloc=7");
	for (i = 0; i < 3000 && !host_failed(); i++) {
		n = host_below(64);
		if (held[n]) {
			fill_pages(held[n], order[n], n);
			__free_pages_any(held[n], order[n]);
			held[n] = NULL;
			continue;
		}
		order[n] = host_below(5);
		held[n] = __alloc_pages(host_sometimes(2) ? GFP_ATOMIC
							  : GFP_HIGHUSER,
					order[n]);
	}
	for (n = 0; n < 64; n++)
		if (held[n])
			__free_pages_any(held[n], order[n]);
	fail_page_alloc_set(0, 0, 0);
	pages_end();
	page_poison_set(false);
}
