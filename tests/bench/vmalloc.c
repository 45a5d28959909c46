/* vmalloc.c - what virtually contiguous memory costs. Allocations are measured
 * alone, and frees alone over two flushes at least, the last one at the end:
 * no page, no flush is put off past a measurement. Addresses of small areas
 * may stay idle; vmalloc_new_4096 is without such.
 */
#include "test.h"
#include "util.h"
#include "vmalloc.h"

static void
free_live(unsigned int times)
{
	while (times--)
		vfree(test_slots[times]);
	vmap_flush();
}

static void
tidy(void)
{
	vmap_flush();
	drain_local_pages();
}

#define ROWS(size, times)                                                      \
	static void alloc_##size(unsigned int n)                               \
	{                                                                      \
		while (n--)                                                    \
			test_slots[n] = vmalloc(size);                         \
	}                                                                      \
	static void setup_##size(void)                                         \
	{                                                                      \
		tidy();                                                        \
		alloc_##size(times);                                           \
	}                                                                      \
	static void teardown_##size(void)                                      \
	{                                                                      \
		free_live(times);                                              \
	}                                                                      \
	BENCH_ROW(vmalloc_##size, times, alloc_##size, tidy, teardown_##size); \
	BENCH_ROW(vfree_##size, times, free_live, setup_##size, NULL)
ROWS(4096, 600);
ROWS(65536, 64);
ROWS(1048576, 8);
ROWS(4194304, 4);

/* The same with every address from the tree, and back there. */
static void
teardown_new(void)
{
	free_live(600);
	vmap_purge();
}
static void
free_new(unsigned int times)
{
	free_live(times);
	vmap_purge();
}
BENCH_ROW(vmalloc_new_4096, 600, alloc_4096, vmap_purge, teardown_new);
BENCH_ROW(vfree_new_4096, 600, free_new, setup_4096, NULL);

/* Growth: a pair of 4 KiB among so many live areas, chained by their first
 * words. */
static void **chain;

static void
make_live(unsigned int n)
{
	void **p;

	while (n-- && (p = vmalloc(4096))) {
		*p = chain;
		chain = p;
	}
}
static void
drop_live(void)
{
	void **p;

	while ((p = chain)) {
		chain = *p;
		vfree(p);
	}
	tidy();
}
static void
pair_4096(unsigned int times)
{
	while (times--)
		vfree(vmalloc(4096));
	vmap_flush();
}
#define GROWTH(n)                       \
	static void make_live_##n(void) \
	{                               \
		make_live(n);           \
	}                               \
	BENCH_ROW(vmalloc_live_##n, 1000, pair_4096, make_live_##n, drop_live)
GROWTH(10);
GROWTH(1000);
GROWTH(10000);
