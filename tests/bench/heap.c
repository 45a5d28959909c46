/* heap.c - what kmalloc and the caches cost. */
#include "slab.h"
#include "test.h"
#include "util.h"

#define CONST(n)                               \
	BENCH(kmalloc_const_##n, 1000)         \
	{                                      \
		kfree(kmalloc(n, GFP_KERNEL)); \
	}
CONST(8)
CONST(64)
CONST(100)
CONST(256)
CONST(1024)
CONST(4096)
CONST(8192)
CONST(65536)
CONST(131072)

static volatile size_t sizes[] = {8, 64, 100, 256, 1024, 4096, 8192};
#define VAR(n, i)                                     \
	BENCH(kmalloc_var_##n, 1000)                  \
	{                                             \
		kfree(kmalloc(sizes[i], GFP_KERNEL)); \
	}
VAR(8, 0)
VAR(64, 1)
VAR(100, 2)
VAR(256, 3)
VAR(1024, 4)
VAR(4096, 5)
VAR(8192, 6)

#define ATOMIC(n)                              \
	BENCH(kmalloc_atomic_##n, 1000)        \
	{                                      \
		kfree(kmalloc(n, GFP_ATOMIC)); \
	}
ATOMIC(100)
ATOMIC(1024)

BENCH(kzalloc_64, 1000)
{
	kfree(kzalloc(64, GFP_KERNEL));
}

static struct kmem_cache *cache;
static void
make_cache(void)
{
	cache = kmem_cache_create("bench-192", 192, 0, 0, NULL);
}
static void
drop_cache(void)
{
	kmem_cache_destroy(cache);
}
static void
pair_192(unsigned int times)
{
	while (times--)
		kmem_cache_free(cache, kmem_cache_alloc(cache, GFP_KERNEL));
}
BENCH_ROW(kmem_cache_192, 1000, pair_192, make_cache, drop_cache);

/* Many at once, so that magazines are refilled and flushed. */
#define LIVE 512

static void
free_all(unsigned int times)
{
	unsigned int i;

	for (i = 0; i < times; i++)
		kfree(test_slots[i]);
}
static void
teardown_live(void)
{
	free_all(LIVE);
}

#define BATCH(n)                                                  \
	static void alloc_##n(unsigned int times)                 \
	{                                                         \
		unsigned int i;                                   \
                                                                  \
		for (i = 0; i < times; i++)                       \
			test_slots[i] = kmalloc(n, GFP_KERNEL);   \
	}                                                         \
	static void setup_##n(void)                               \
	{                                                         \
		alloc_##n(LIVE);                                  \
	}                                                         \
	BENCH_ROW(kmalloc_batch_alloc_##n, LIVE, alloc_##n, NULL, \
		  teardown_live);                                 \
	BENCH_ROW(kmalloc_batch_free_##n, LIVE, free_all, setup_##n, NULL)
BATCH(100);
BATCH(1024);

static void
setup_shuffled(void)
{
	unsigned int i, j, seed = 1;

	alloc_100(LIVE);
	for (i = LIVE - 1; i; i--) {
		seed = seed * 1103515245 + 12345;
		j = (seed >> 16) % (i + 1);
		swap(test_slots[i], test_slots[j]);
	}
}
BENCH_ROW(kmalloc_batch_free_shuffled_100, LIVE, free_all, setup_shuffled,
	  NULL);

/* Growth: a pair among so many live objects, chained by their first words. */
static void **chain;

static void
make_live(unsigned int n)
{
	void **p;

	while (n-- && (p = kmalloc(64, GFP_KERNEL))) {
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
		kfree(p);
	}
}
static void
pair_64(unsigned int times)
{
	while (times--)
		kfree(kmalloc(64, GFP_KERNEL));
}
#define GROWTH(n)                       \
	static void make_live_##n(void) \
	{                               \
		make_live(n);           \
	}                               \
	BENCH_ROW(kmalloc_live_##n, 1000, pair_64, make_live_##n, drop_live)
GROWTH(10);
GROWTH(1000);
GROWTH(100000);
