/* slab.h - kmalloc, and caches of objects of one kind. Linux's names.
 *
 *   kmalloc(100)  ->  the cache kmalloc-112  ->  a slab: pages cut into objects
 *                     [obj|obj|obj|obj|...]      from alloc_pages
 *
 * Memory from here is physically contiguous and in the direct map: its
 * physical address is a constant away (__pa). The flags are alloc_pages' own:
 * GFP_KERNEL may sleep, GFP_ATOMIC never does.
 */
#ifndef SLAB_H
#define SLAB_H

#include "gfp.h"
#include "types.h"
#include "util.h"

/* The largest kmalloc: what the page allocator has in one block. */
#define KMALLOC_MAX_SIZE ((size_t)PAGE_SIZE << MAX_ORDER)

/* The largest that comes from a cache; above it whole pages are handed out. */
#define KMALLOC_MAX_CACHE_SIZE 8192

/* What every allocation is aligned to, at least. */
#define ARCH_KMALLOC_MINALIGN 8

/* What kmalloc(0) returns: not NULL, but a page fault to whoever uses it. */
#define ZERO_SIZE_PTR       ((void *)16)
#define ZERO_OR_NULL_PTR(p) ((uintptr_t)(p) <= (uintptr_t)ZERO_SIZE_PTR)

typedef unsigned int slab_flags_t;
#define SLAB_CONSISTENCY_CHECKS 0x00000100u /* F: check on every free */
#define SLAB_RED_ZONE           0x00000400u /* Z: guard words on both sides */
#define SLAB_POISON             0x00000800u /* P: fill what is free */
#define SLAB_STORE_USER         0x00010000u /* U: remember the last users */
#define SLAB_HWCACHE_ALIGN      0x00002000u /* to cache lines, 64 bytes */
#define SLAB_CACHE_DMA          0x00004000u /* from ZONE_DMA */
#define SLAB_PANIC              0x00040000u /* panic if it cannot be made */
#define SLAB_DEBUG_FLAGS                                         \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | \
	 SLAB_STORE_USER)

#define SLAB_ALL_FLAGS \
	(SLAB_DEBUG_FLAGS | SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA | SLAB_PANIC)

struct kmem_cache;

/* kmem_cache_create: a cache of objects of `size` bytes, aligned to `align`
 * (a power of two; 0: the word). ctor runs once per object, when its slab is
 * made, and never again: an object comes back as it was freed.
 * => process context: may sleep
 * => NULL if the name is taken, the size is 0 or above KMALLOC_MAX_CACHE_SIZE,
 *    the alignment is none, or memory is short (with SLAB_PANIC: a panic)
 * => the name is copied; destroy with kmem_cache_destroy */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, slab_flags_t flags,
				     void (*ctor)(void *));

/* kmem_cache_destroy: give it all back. Refuses, with a list of the live
 * objects, if there are any. NULL is allowed. => process context */
void kmem_cache_destroy(struct kmem_cache *cache);

/* kmem_cache_alloc: one object, contents as it was freed (or as ctor left it).
 * => context as the flags say; NULL on failure */
void *kmem_cache_alloc_fast(struct kmem_cache *cache, u32 gfp);
void *kmem_cache_alloc_any(struct kmem_cache *cache, gfp_t gfp);
static __always_inline void *
kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	if (__builtin_constant_p(gfp) && !(gfp & GFP_UNCOMMON))
		return kmem_cache_alloc_fast(cache, (__force u32)gfp);
	return kmem_cache_alloc_any(cache, gfp);
}

/* kmem_cache_zalloc: all zero. Not for caches with a constructor. */
static __always_inline void *
kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc_any(cache, gfp | __GFP_ZERO);
}

/* kmem_cache_free: back to its cache. => any context; never NULL */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/* kmem_cache_alloc_bulk: nr objects or none. => how many: nr or 0
 * kmem_cache_free_bulk: nr objects back. */
int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t nr,
			  void **objects);
void kmem_cache_free_bulk(struct kmem_cache *cache, size_t nr, void **objects);

/* kmem_cache_shrink: empty slabs back to the page allocator. => the number of
 * slabs freed; any context */
int kmem_cache_shrink(struct kmem_cache *cache);

/* kmem_cache_size: of an object, as it was asked for. */
unsigned int kmem_cache_size(const struct kmem_cache *cache);

/* --- kmalloc ---------------------------------------------------------------- */

/* The classes: each multiple of 8 up to 64, then four in every doubling:
 *
 *   8 16 24 32 40 48 56 64 | 80 96 112 128 | 160 192 224 256 | ... 8192
 *
 * so that rounding up wastes a fifth at most (jemalloc's spacing; Linux has
 * the powers of two, 96 and 192). */
#define KMALLOC_CLASSES 36
#define KMALLOC_STEP    8 /* sizes are looked up in steps of this */

/* kmalloc_class: the class of a size from 1 to KMALLOC_MAX_CACHE_SIZE; folded
 * when the size is constant. With b the number of the highest bit of size - 1,
 * the doubling begins at 2^b and its classes are 2^(b - 2) apart. */
static __always_inline unsigned int
kmalloc_class(size_t size)
{
	unsigned int b;

	if (size <= 64)
		return (size + KMALLOC_STEP - 1) / KMALLOC_STEP - 1;
	b = 31 - __builtin_clz(size - 1);
	return (b - 6) * 4 + ((size - 1) >> (b - 2)) + 4;
}

/* kmalloc_class_size: its inverse. */
static __always_inline unsigned int
kmalloc_class_size(unsigned int class)
{
	if (class < 8)
		return (class + 1) * KMALLOC_STEP;
	return (5 + class % 4) << (4 + (class - 8) / 4);
}

/* kmalloc_slack: the bytes of a class that a size leaves unused (1023 at most)
 * travel above the flags, so that a cache with red zones can guard them. */
#define GFP_SLACK_SHIFT 20
static_assert((__force unsigned int)GFP_ALL >> GFP_SLACK_SHIFT == 0,
	      "the slack needs bits of its own");
static __always_inline u32
kmalloc_slack(size_t size)
{
	return (kmalloc_class_size(kmalloc_class(size)) - size)
	       << GFP_SLACK_SHIFT;
}

/* What the macros below are made of: see mm/kmalloc.c. */
void *__fastcall kmalloc_slot(u32 slot, u32 gfp);
void *__kmalloc(size_t size, gfp_t gfp);
#define MAGAZINE_SIZE       32 /* bytes of struct magazine */
#define KMALLOC_SLOT(class) ((class) * MAGAZINE_SIZE)

/* kmalloc: size bytes, physically contiguous, aligned to 8 and a power of two
 * to its size; contents undefined.
 * => context as the flags say: GFP_KERNEL may sleep, GFP_ATOMIC never does
 * => size in bytes; 0 gives ZERO_SIZE_PTR; NULL above KMALLOC_MAX_SIZE or
 *    without memory
 * => the caller owns it; give it back with kfree */
static __always_inline void *
kmalloc(size_t size, gfp_t gfp)
{
	if (__builtin_constant_p(size) && __builtin_constant_p(gfp) && size &&
	    size <= KMALLOC_MAX_CACHE_SIZE && !(gfp & GFP_UNCOMMON))
		return kmalloc_slot(KMALLOC_SLOT(kmalloc_class(size)),
				    (__force u32)gfp | kmalloc_slack(size));
	return __kmalloc(size, gfp);
}

/* kzalloc: cleared. */
static __always_inline void *
kzalloc(size_t size, gfp_t gfp)
{
	void *p;

	if (!__builtin_constant_p(size) || !size || size > 128 ||
	    kmalloc_slack(size) || /* which must be zero, too: krealloc */
	    !__builtin_constant_p(gfp) || (gfp & GFP_UNCOMMON))
		return kmalloc(size, gfp | __GFP_ZERO);
	p = kmalloc(size, gfp);
	if (p) {
		void *start = p;

		rep_stosl(&start, 0, size / 4);
	}
	return p;
}

/* kmalloc_array, kcalloc (cleared): n times size bytes; NULL if that does not
 * fit a size_t. */
static __always_inline void *
kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

static __always_inline void *
kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

/* kfree: back where it came from. NULL and ZERO_SIZE_PTR do nothing.
 * => any context; a pointer that kmalloc never returned is reported */
void kfree(const void *p);

/* kfree_sensitive: overwritten with zeroes first; with a report, and not freed,
 * if kmalloc never returned it. */
void kfree_sensitive(const void *p);

/* krealloc: the same contents in new_size bytes, in place where they fit. With
 * __GFP_ZERO, here and when it was allocated, the rest is zero.
 * => NULL without memory: then p is as it was. p NULL: kmalloc; new_size 0:
 *    kfree, ZERO_SIZE_PTR; p of somebody else's: a report, NULL */
void *krealloc(const void *p, size_t new_size, gfp_t gfp);

/* kmalloc_cost: how many bytes of memory an object of that size takes, with its
 * share of what its slab wastes. => size is not 0 */
size_t kmalloc_cost(size_t size);

/* ksize: how many bytes may be used at p, at least what was asked for; 0 for
 * NULL and ZERO_SIZE_PTR, and, with a report, for what kmalloc never returned. */
size_t ksize(const void *p);

/* kstrdup, kmemdup: a copy, to be kfree'd. NULL for NULL or without memory. */
char *kstrdup(const char *s, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);

/* --- For the monitor, the tests, reports --------------------------------------- */

/* slab_init: the caches of kmalloc. => boot, after pages_init */
void slab_init(void);

/* cache_check (debug/cache_check.c): walk everything. => the number of broken invariants */
unsigned int cache_check(struct kmem_cache *cache);

/* cache_next: each cache in turn, from NULL on; NULL at the end. A cache stays
 * until the next one is asked for; who stops before the end says cache_put. */
struct kmem_cache *cache_next(struct kmem_cache *cache);
void cache_put(struct kmem_cache *cache);

/* slab_debug_errors: how many mistakes of the heap's users were reported. */
unsigned long slab_debug_errors(void);

/* fail_alloc_set: let allocations of the heap fail on purpose: each n-th
 * (every), or all from the n-th on (from); 0, 0: none. __GFP_NOFAIL never
 * fails. Counting begins anew. => process context */
void fail_alloc_set(unsigned int every, unsigned int from);

/* nr_slab_objects: live objects of all caches. => settles nothing */
unsigned long nr_slab_objects(void);

#endif
