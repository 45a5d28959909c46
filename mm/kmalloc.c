/* kmalloc.c - memory of any size: a cache for each class of sizes, whole pages
 * above them.
 *
 *   size     1 .. 8192    --> class_of[(size + 7) / 8] --> cache kmalloc-N
 *            .. 4 MiB     --> alloc_pages, the head marked PG_kmalloc
 *            0            --> ZERO_SIZE_PTR
 *            more         --> NULL
 *
 *   kfree(p)   the page of p says PG_slab    --> its cache
 *                             PG_kmalloc --> free_pages
 *                             neither    --> a mistake: reported
 *
 * The readers' "at most 128 KB" was the largest cache of old kernels. Here a
 * cache ends at 8 KiB and a block of pages at 4 MiB; what bounds a large
 * kmalloc in practice is fragmentation (try `frag`).
 */
#include "internal.h"
#include "printf.h"
#include "printk.h"
#include "slab.h"
#include "string.h"
#include "util.h"
#include "vmalloc.h"

/* Two sets of caches: normal and, for GFP_DMA, below 16 MiB. */
static u8 class_of[KMALLOC_MAX_CACHE_SIZE / KMALLOC_STEP + 1];
static char names[KMALLOC_CACHES][sizeof("dma-kmalloc-8192")];

/* A size less one below this takes the short path: 0 while a cache of ours is
 * debugged and must know the size. */
static size_t short_sizes = KMALLOC_MAX_CACHE_SIZE;

static struct kmem_cache *
class_cache(unsigned int class, gfp_t gfp)
{
	return &kmalloc_caches[class + (gfp & __GFP_DMA ? KMALLOC_CLASSES : 0)];
}

static void *
kmalloc_pages(size_t size, gfp_t gfp)
{
	unsigned int order = get_order(size);
	struct page *page;

	if (size > KMALLOC_MAX_SIZE) {
		if (!(gfp & __GFP_NOWARN))
			pr_warn("kmalloc: %zu bytes are more than %zu\n", size,
				KMALLOC_MAX_SIZE);
		return NULL;
	}
	if (fail_alloc(gfp))
		return NULL;
	if (gfp & GFP_UNCOMMON)
		page = __alloc_pages(gfp & ~__GFP_HIGHMEM, order);
	else
		page = alloc_pages_fast((__force u32)gfp,
					PCP_SLOT_NORMAL(order));
	if (!page)
		return NULL;
	page->flags |= PG_kmalloc;
	return page_address(page);
}

static __noinline void *
kmalloc_long(size_t size, gfp_t gfp)
{
	if (gfp & ~GFP_ALL) {
		pr_warn("kmalloc: unknown flags 0x%x\n",
			(__force unsigned int)(gfp & ~GFP_ALL));
		return NULL;
	}
	if (!size)
		return ZERO_SIZE_PTR;
	if (size > KMALLOC_MAX_CACHE_SIZE)
		return kmalloc_pages(size, gfp);
	return cache_alloc_long(class_cache(kmalloc_class(size), gfp), gfp,
				size);
}

void *
__kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(size - 1 >= short_sizes || (gfp & GFP_UNCOMMON)))
		return kmalloc_long(size, gfp);
	return kmalloc_slot(
		KMALLOC_SLOT(
			class_of[(size + KMALLOC_STEP - 1) / KMALLOC_STEP]),
		(__force u32)gfp);
}

static __noinline void
bad_kfree(const void *p)
{
	slab_bad_free("kfree", p,
		      is_vmalloc_addr(p) ? "it is a vmalloc address: use vfree"
					 : "kmalloc never returned this");
}

/* What kfree's short path does not take. */
void
kfree_long(const void *p)
{
	struct page *page = slab_of(p);

	if (ZERO_OR_NULL_PTR(p))
		return;
	if (page) {
		cache_free_long(page, (void *)p);
		return;
	}
	page = virt_is_direct(p) ? virt_to_page(p) : NULL;
	if (!page || !(page->flags & PG_kmalloc) || (uintptr_t)p % PAGE_SIZE) {
		bad_kfree(p);
		return;
	}
	page->flags &= ~PG_kmalloc;
	__free_pages_fast(page, PAGE_FLAGS(0, page_order(page), 0));
}

struct page *
kmalloc_block(const void *p)
{
	for (unsigned int order = 0; virt_is_direct(p) && order < NR_ORDERS;
	     order++) {
		struct page *head = virt_to_page(
			(void *)ALIGN_DOWN((uintptr_t)p, PAGE_SIZE << order));

		if (head->flags & PG_kmalloc)
			return page_order(head) >= order ? head : NULL;
	}
	return NULL;
}

/* How many bytes its owner may use. => 0: p is not from here, which is said */
static size_t
usable(const char *who, const void *p)
{
	struct page *page = slab_of(p);

	if (page && slab_has(page, p))
		return slab_debug_size(slab_cache(page), (void *)p);
	page = page ? NULL : kmalloc_block(p);
	if (page && p == page_address(page))
		return PAGE_SIZE << page_order(page);
	slab_bad_address(who, p,
			 is_vmalloc_addr(p) ? "it is a vmalloc address"
					    : "kmalloc never returned this");
	return 0;
}

size_t
ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : usable("ksize", p);
}

size_t
kmalloc_cost(size_t size)
{
	const struct kmem_cache *cache;

	if (size > KMALLOC_MAX_CACHE_SIZE)
		return PAGE_SIZE << get_order(size);
	cache = class_cache(kmalloc_class(size), GFP_KERNEL);
	return (PAGE_SIZE << cache->order) / cache->per_slab;
}

void
kfree_sensitive(const void *p)
{
	size_t size;

	if (ZERO_OR_NULL_PTR(p))
		return;
	size = usable("kfree_sensitive", p);
	if (!size)
		return;
	memset((void *)p, 0, size);
	barrier();
	kfree(p);
}

/* What an owner asks to have zeroed is zero up to the end of what he may use,
 * so that he may also grow into it. */
void *
krealloc(const void *p, size_t new_size, gfp_t gfp)
{
	size_t have;
	void *new;

	if (ZERO_OR_NULL_PTR(p))
		return kmalloc(new_size, gfp);
	if (!new_size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	have = usable("krealloc", p);
	if (have >= new_size) {
		if (want_init_on_alloc(gfp))
			memset((char *)p + new_size, 0, have - new_size);
		return (void *)p;
	}
	new = have ? kmalloc(new_size, gfp) : NULL;
	if (new) {
		memcpy(new, p, have);
		kfree(p);
	}
	return new;
}

void *
kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *copy = kmalloc(len, gfp);

	if (copy)
		memcpy(copy, src, len);
	return copy;
}

char *
kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}

void __init
slab_init(void)
{
	unsigned int i, bytes, dma;
	size_t size;

	for (size = KMALLOC_STEP; size <= KMALLOC_MAX_CACHE_SIZE;
	     size += KMALLOC_STEP)
		class_of[size / KMALLOC_STEP] = kmalloc_class(size);
	for (i = 0; i < KMALLOC_CACHES; i++) {
		dma = i / KMALLOC_CLASSES;
		bytes = kmalloc_class_size(i % KMALLOC_CLASSES);
		snprintf(names[i], sizeof(names[i]), "%skmalloc-%u",
			 dma ? "dma-" : "", bytes);
		cache_init(&kmalloc_caches[i], &magazines[i], names[i], bytes,
			   is_power_of_2(bytes) ? bytes : 0,
			   dma ? SLAB_CACHE_DMA : 0, NULL);
		if (kmalloc_caches[i].flags & SLAB_DEBUG_FLAGS)
			short_sizes = 0;
	}
}
