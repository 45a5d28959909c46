/* pools.c - what a mempool costs over its allocator, and what an arena saves.
 *
 * arena_alloc_32 and kmalloc_life_32 are the same work: so many objects of 32
 * bytes are born one by one and all die, the arena's by one call. That call and
 * the chunks are in the row.
 */
#include "arena.h"
#include "mempool.h"
#include "slab.h"
#include "test.h"

static struct kmem_cache *cache;
static mempool_t *pool;

static void
make_pool(void)
{
	cache = kmem_cache_create("bench-pool", 192, 0, 0, NULL);
	pool = mempool_create_slab_pool(4, cache);
}

static void
drop_pool(void)
{
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
}

static void
pool_pair(unsigned int times)
{
	while (times--)
		mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
}
BENCH_ROW(mempool_192, 1000, pool_pair, make_pool, drop_pool);

/* The other way: every element comes from the reserve and goes back there. */
static void *
no_memory(gfp_t gfp, void *pool_data)
{
	return gfp & __GFP_DIRECT_RECLAIM ? kmalloc(192, gfp) : pool_data;
}

static void
make_reserve(void)
{
	pool = mempool_create(4, no_memory, mempool_kfree, NULL);
}

static void
drop_reserve(void)
{
	mempool_destroy(pool);
}
BENCH_ROW(mempool_192_reserve, 1000, pool_pair, make_reserve, drop_reserve);

#define OBJECTS 1024

static void
arena_life(unsigned int times)
{
	struct arena arena;

	arena_init(&arena, PAGE_SIZE, ARENA_NO_LIMIT, GFP_KERNEL);
	while (times--)
		*(void *volatile *)arena_alloc(&arena, 32, 8) = NULL;
	arena_destroy(&arena);
}
BENCH_ROW(arena_alloc_32, OBJECTS, arena_life, NULL, NULL);

static void
kmalloc_life(unsigned int times)
{
	unsigned int i;

	for (i = 0; i < times; i++)
		test_slots[i] = kmalloc(32, GFP_KERNEL);
	for (i = 0; i < times; i++)
		kfree(test_slots[i]);
}
BENCH_ROW(kmalloc_life_32, OBJECTS, kmalloc_life, NULL, NULL);
