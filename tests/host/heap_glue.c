/* heap_glue.c - see heap_glue.h.
 */
#include "heap_glue.h"
#include "glue.h"
#include "host.h"
#include "string.h"
#include "util.h"

#define GRANULE ARCH_KMALLOC_MINALIGN

static struct {
	u8 granules[HEAP_RAM / GRANULE / 8];
} watch;

void
heap_boot(phys_addr_t low, bool checks)
{
	unsigned int i;

	for (i = 0; i < KMALLOC_CACHES; i++)
		if (kmalloc_caches[i].name)
			list_del(&kmalloc_caches[i].all);
	memset(kmalloc_caches, 0, sizeof(kmalloc_caches));
	pages_boot(low, 0, checks ? "slab_debug=FZPU" : "slab_debug=,none");
	memset(watch.granules, 0, sizeof(watch.granules));
	slab_init();
}

/* Sets the granules of a block, or clears them. => they were all different */
static bool
watch_set(const void *p, size_t size, bool live)
{
	unsigned long first = __pa(p) / GRANULE, i;
	unsigned long end = DIV_ROUND_UP(__pa(p) + size, GRANULE);
	bool changed = true;

	for (i = first; i < end; i++) {
		u8 bit = (u8)(1u << i % 8);

		changed &= !(watch.granules[i / 8] & bit) == live;
		if (live)
			watch.granules[i / 8] |= bit;
		else
			watch.granules[i / 8] &= (u8)~bit;
	}
	return changed;
}

size_t
heap_align(size_t size)
{
	return is_power_of_2(size) && size > GRANULE ? size : GRANULE;
}

bool
heap_claim(const void *p, size_t size, size_t align)
{
	if (!size)
		return p == ZERO_SIZE_PTR;
	return virt_is_direct(p) && size <= KMALLOC_MAX_SIZE &&
	       virt_is_direct((const char *)p + size - 1) &&
	       (uintptr_t)p % max(align, (size_t)GRANULE) == 0 &&
	       watch_set(p, size, true);
}

void
heap_unclaim(const void *p, size_t size)
{
	if (size)
		EXPECT(watch_set(p, size, false));
}

void
heap_fill(void *p, unsigned int seed, size_t start, size_t size)
{
	u8 *bytes = p;
	size_t i;

	for (i = start; i < size; i++)
		bytes[i] = (u8)(seed + i * 7 + i / 256);
}

bool
heap_holds(const void *p, unsigned int seed, size_t size)
{
	const u8 *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != (u8)(seed + i * 7 + i / 256))
			return false;
	return true;
}

unsigned long
heap_slab_pages(void)
{
	struct kmem_cache *cache = NULL;
	unsigned long pages = 0;

	while ((cache = cache_next(cache)))
		pages += cache->nr_pages;
	return pages;
}

static bool
is_made(const struct kmem_cache *cache)
{
	return cache < kmalloc_caches || cache >= ARRAY_END(kmalloc_caches);
}

unsigned long
heap_caches(void)
{
	struct kmem_cache *cache = NULL;
	unsigned long n = 0;

	while ((cache = cache_next(cache)))
		n += is_made(cache);
	return n;
}

void
heap_check(void)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)))
		EXPECT_EQ(cache_check(cache), 0);
	pages_check();
}

void
heap_quiet(void)
{
	struct kmem_cache *cache = NULL;

	heap_check();
	EXPECT_EQ(nr_slab_objects(), heap_caches());
	while ((cache = cache_next(cache)))
		kmem_cache_shrink(cache);
	EXPECT_EQ(heap_slab_pages(), heap_caches() != 0);
	pages_end();
}

void
heap_end(void)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)))
		if (is_made(cache))
			kmem_cache_destroy(cache);
	heap_quiet();
}
