/* pages.c - what the page allocator costs. Rows of targets: a pair is an
 * allocation and its free, call overhead and loop included.
 */
#include "gfp.h"
#include "slab.h"
#include "test.h"
#include "util.h"

#define PAIR(order)                                                     \
	BENCH(page_pair_##order, 1000)                                  \
	{                                                               \
		free_pages(__get_free_pages(GFP_KERNEL, order), order); \
	}

PAIR(0)
PAIR(1)
PAIR(2)
PAIR(3)
PAIR(4)
PAIR(5)
PAIR(6)
PAIR(7)
PAIR(8)
PAIR(9)
PAIR(10)

BENCH(zeroed_page, 100)
{
	free_page(get_zeroed_page(GFP_KERNEL));
}

/* 256 live pages: eight refills and as many drains of a magazine of 32. */
#define BATCH 256

static unsigned long *const batch = slots_of(unsigned long);

static void
batch_alloc(unsigned int times)
{
	unsigned int i;

	for (i = 0; i < times; i++)
		batch[i] = __get_free_pages(GFP_KERNEL, 0);
}

static void
batch_free(unsigned int times)
{
	unsigned int i;

	for (i = 0; i < times; i++)
		free_pages(batch[i], 0);
}

/* Memory as nobody has used it: what the heap keeps for later lies about in
 * single pages, and a refill takes the smallest pieces first. */
static void
tidy(void)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)))
		kmem_cache_shrink(cache);
	drain_local_pages();
}

static void
batch_setup(void)
{
	tidy();
	batch_alloc(BATCH);
}

static void
batch_teardown(void)
{
	batch_free(BATCH);
	drain_local_pages();
}

BENCH_ROW(page_batch_alloc_0, BATCH, batch_alloc, tidy, batch_teardown);
BENCH_ROW(page_batch_free_0, BATCH, batch_free, batch_setup, drain_local_pages);

/* Growth: the same on a zone where no two neighbours are free. All of its
 * pages are taken and every other one is given back; the others hang on a list
 * through their own links. */
static struct page *shards;

static void
shatter(void)
{
	struct page *page, *next, *others = NULL;
	bool keep = false;

	while ((page = alloc_pages(GFP_NOWAIT | __GFP_NOWARN, 0))) {
		page->next = others;
		others = page;
	}
	for (page = others; page; page = next, keep = !keep) {
		next = page->next;
		if (keep) {
			page->next = shards;
			shards = page;
		} else {
			__free_pages(page, 0);
		}
	}
	drain_local_pages();
}

static void
mend(void)
{
	struct page *page;

	while ((page = shards)) {
		shards = page->next;
		__free_pages(page, 0);
	}
	drain_local_pages();
}

static void
shatter_and_alloc(void)
{
	shatter();
	batch_alloc(BATCH);
}

static void
free_and_mend(void)
{
	batch_free(BATCH);
	mend();
}

BENCH_ROW(page_pair_0_shattered, 1000, bench_loop_page_pair_0, shatter, mend);
BENCH_ROW(page_batch_alloc_0_shattered, BATCH, batch_alloc, shatter,
	  free_and_mend);
BENCH_ROW(page_batch_free_0_shattered, BATCH, batch_free, shatter_and_alloc,
	  mend);
