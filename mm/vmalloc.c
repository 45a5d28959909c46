/* vmalloc.c - areas filled with pages: page tables do what memory will not.
 *
 *   vmalloc(8192)
 *     1. an area: addresses for 8192 bytes and a guard page      vmap_area.c
 *     2. two pages, wherever they are, high memory first         page_bulk.c
 *     3. page-table entries                                      pgtable.c
 *
 *   vfree:   entries cleared ---> lazy list, with the pages
 *                                  |
 *   flush:                         +--> one flush of the TLB for all of them
 *                                  +--> pages back
 *                                  +--> small areas: idle, by their size; the
 *                                       next one of that size needs no tree
 *                                  +--> others: addresses to the tree
 *
 * A flush comes when the next area is taken, when more than lazy_max pages are
 * held, when memory is short, and when somebody asks. Idle areas are Bonwick
 * and Adams' quantum caches ("Magazines and Vmem", 2001, section 4.4).
 *
 * Guarantees: nobody gets a page or an address while some TLB may still lead
 * there from before; what fails half-way gives everything back; vfree works in
 * any context (in an interrupt it leaves the flush to somebody else).
 *
 * Locking: vmalloc_space.lock, interrupts off, for the tree and both lists. An
 * area in neither, new or marked VM_FREED, belongs to whoever took or marked
 * it; so do its page-table entries.
 * Limits: the lock is held while vfree clears the entries (some 10 us for 128
 * MiB), and while a flush gives its areas back.
 */
#include "vmalloc.h"
#include "internal.h"
#include "panic.h"
#include "printk.h"
#include "tlb.h"
#include "util.h"

/* Pages that vfree may keep. A flush of everything costs the refill of some
 * hundred TLB entries, a few thousand cycles; freeing 256 pages costs as much
 * at least, so flushing stays below half of it. But no more than 1/64 of RAM. */
#define LAZY_MAX      256
#define LAZY_FRACTION 64

/* Idle areas: of up to 16 pages (tree and list cost less than a tenth of what
 * a larger one does), and in all no more than 1/32 of the window, or, with the
 * guard pages, 1/16. */
#define IDLE_PAGES    16
#define IDLE_FRACTION 32

struct vmap_space vmalloc_space;

static struct {
	struct kmem_cache *areas;
	unsigned long lazy_max; /* pages (C) */

	/* By pages; linked by next_free, with an array of pages each (S) */
	struct vmap_area *idle[IDLE_PAGES + 1];
	unsigned long idle_max;  /* pages (C) */
	unsigned long idle_left; /* pages that may yet become idle (S) */
} state;

#define caller_address() ((u32)__builtin_return_address(0))

/* What of a request's flags is meant for the bookkeeping, too. */
#define bookkeeping(gfp) ((gfp) & ~GFP_UNCOMMON)

/* --- Giving back ------------------------------------------------------------- */

static void
release_area_pages(struct vmap_area *area)
{
	struct page **pages = area->pages;

	if (!area->nr_pages)
		return;
	pages[0]->flags &= ~PG_vmalloc;
	release_pages(pages, area->nr_pages);
}

/* Areas that are out of the tree. */
static void
free_areas(struct vmap_area *area)
{
	struct vmap_area *next;

	for (; area; area = next) {
		next = area->next_free;
		kvfree(area->pages);
		kmem_cache_free(state.areas, area);
	}
}

/* May it be idle? If so, it is. => space->lock */
static bool
become_idle(struct vmap_area *area)
{
	unsigned long nr = area->nr_pages; /* 0: not vmalloc's */

	if (nr - 1 >= IDLE_PAGES || nr > state.idle_left)
		return false;
	area->flags |= VM_IDLE;
	area->next_free = state.idle[nr];
	state.idle[nr] = area;
	state.idle_left -= nr;
	return true;
}

static void
give_idle(struct vmap_space *space)
{
	struct vmap_area *given = NULL, *area;
	unsigned long flags;
	unsigned int nr;

	spin_lock_irqsave(&space->lock, flags);
	for (nr = 1; nr <= IDLE_PAGES; nr++)
		while ((area = state.idle[nr])) {
			state.idle[nr] = area->next_free;
			state.idle_left += nr;
			vmap_area_give(space, area);
			area->next_free = given;
			given = area;
		}
	spin_unlock_irqrestore(&space->lock, flags);
	free_areas(given);
}

/* The lazy list, of which no TLB knows anything any more. */
static struct vmap_area *
take_lazy(struct vmap_space *space)
{
	struct vmap_area *list, *area;
	unsigned long flags, pages;

	spin_lock_irqsave(&space->lock, flags);
	list = space->lazy;
	pages = space->lazy_pages;
	space->lazy = NULL;
	space->lazy_pages = 0;
	spin_unlock_irqrestore(&space->lock, flags);
	if (pages >= TLB_FLUSH_ALL_FROM)
		tlb_flush_all();
	else
		for (area = list; area; area = area->next_free)
			tlb_flush_range(area->start, area->size);
	return list;
}

void
vmap_flush(void)
{
	struct vmap_space *space = &vmalloc_space;
	struct vmap_area *list = take_lazy(space), *given = NULL, *area;
	unsigned long flags;

	for (area = list; area; area = area->next_free)
		release_area_pages(area);
	spin_lock_irqsave(&space->lock, flags);
	while ((area = list)) {
		list = area->next_free;
		if (!become_idle(area)) {
			vmap_area_give(space, area);
			area->next_free = given;
			given = area;
		}
	}
	spin_unlock_irqrestore(&space->lock, flags);
	free_areas(given);
}

void
vmap_purge(void)
{
	do
		vmap_flush();
	while (vmalloc_space.lazy); /* an array of pages may be an area, too */
	give_idle(&vmalloc_space);
}

/* The area of vmalloc's that begins at p, without the tree: its first page
 * knows. NULL: none, or freed: then nothing is mapped. => space->lock */
static __always_inline struct vmap_area *
area_by_page(const void *p)
{
	const pte_t *pte = pgtable_lookup(swapper_pg_dir, (uintptr_t)p);
	struct vmap_area *area;
	struct page *page;

	if (!pte || !pte_present(*pte) || !pfn_valid(PHYS_PFN(pte_phys(*pte))))
		return NULL;
	page = pfn_to_page(PHYS_PFN(pte_phys(*pte)));
	if (!(page->flags & PG_vmalloc))
		return NULL;
	area = (struct vmap_area *)page->private;
	return area->start == (uintptr_t)p ? area : NULL;
}

/* The area's entries are cleared, and it is lazy. => was it that kind's start? */
static __always_inline bool
free_area(const void *p, u32 kind, u32 caller)
{
	struct vmap_space *space = &vmalloc_space;
	struct vmap_area *area = NULL;
	const char *mistake = NULL;
	unsigned long flags;

	spin_lock_irqsave(&space->lock, flags);
	if (kind == VM_ALLOC)
		area = area_by_page(p);
	if (!area) {
		area = vmap_area_find(space, (uintptr_t)p);
		mistake = vmap_free_mistake(area, p, kind);
	}
	if (likely(!mistake)) {
		area->flags |= VM_FREED;
		area->freed_by = caller;
		pgtable_unmap(swapper_pg_dir, area->start, area->size);
		area->next_free = space->lazy;
		space->lazy = area;
		space->lazy_pages += area->nr_pages;
	}
	spin_unlock_irqrestore(&space->lock, flags);
	if (unlikely(mistake) && p)
		slab_bad_free(kind == VM_ALLOC ? "vfree" : "vunmap", p,
			      mistake);
	return !mistake;
}

void
vfree(const void *addr)
{
	if (free_area(addr, VM_ALLOC, caller_address()) &&
	    vmalloc_space.lazy_pages > state.lazy_max && can_sleep())
		vmap_flush();
}

void
vmap_area_free(const void *p, u32 kind, u32 caller)
{
	might_sleep();
	if (free_area(p, kind, caller))
		vmap_flush();
}

/* --- Taking -------------------------------------------------------------------- */

struct vmap_area *
vmap_area_new(size_t size, gfp_t gfp, u32 flags, u32 caller)
{
	struct vmap_space *space = &vmalloc_space;
	struct vmap_area *area;
	unsigned long irq_flags;
	unsigned int tries;
	bool taken = false;

	if (space->lazy)
		vmap_flush();
	area = kmem_cache_alloc_fast(state.areas,
				     (__force u32)bookkeeping(gfp));
	if (!area)
		return NULL;
	*area = (struct vmap_area){.flags = flags, .caller = caller};
	for (tries = 0; tries < 2 && !taken; tries++) {
		if (tries)
			vmap_purge(); /* the idle ones' addresses, too */
		spin_lock_irqsave(&space->lock, irq_flags);
		taken = vmap_area_take(space, area, size, PAGE_SIZE);
		spin_unlock_irqrestore(&space->lock, irq_flags);
	}
	if (taken)
		return area;
	kmem_cache_free(state.areas, area);
	return NULL;
}

/* An idle area of so many pages, or NULL. */
static struct vmap_area *
take_idle(struct vmap_space *space, unsigned long nr, u32 flags, u32 caller)
{
	struct vmap_area *area;
	unsigned long irq_flags;

	if (space->lazy)
		vmap_flush();
	spin_lock_irqsave(&space->lock, irq_flags);
	area = state.idle[nr];
	if (area) {
		state.idle[nr] = area->next_free;
		state.idle_left += nr;
		area->flags = flags;
		area->caller = caller;
	}
	spin_unlock_irqrestore(&space->lock, irq_flags);
	return area;
}

/* Pages for all of it, and entries that lead there. */
static bool
fill_area(struct vmap_area *area, unsigned long nr, gfp_t gfp)
{
	unsigned long got;

	if (!area->pages)
		area->pages =
			kvmalloc(nr * sizeof(struct page *), bookkeeping(gfp));
	if (!area->pages)
		return false;
	got = alloc_pages_bulk_array(gfp, nr, area->pages);
	if (got < nr) {
		release_pages(area->pages, got);
		area->nr_pages = 0;
		return false;
	}
	area->nr_pages = nr;
	area->pages[0]->flags |= PG_vmalloc;
	area->pages[0]->private = (unsigned long)area;
	return pgtable_map_pages(swapper_pg_dir, area->start, area->pages, nr,
				 PAGE_KERNEL) == 0;
}

static void *
alloc_area(size_t size, gfp_t gfp, u32 flags, u32 caller)
{
	unsigned long nr = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct vmap_area *area = NULL;

	if (!might_sleep())
		return NULL;
	flags |= VM_ALLOC;
	if (nr - 1 < IDLE_PAGES)
		area = take_idle(&vmalloc_space, nr, flags, caller);
	if (!area && size && size <= VMALLOC_END - VMALLOC_START)
		area = vmap_area_new(nr << PAGE_SHIFT, gfp | __GFP_NOWARN,
				     flags, caller);
	if (area && likely(fill_area(area, nr, gfp | __GFP_NOWARN)))
		return (void *)area->start;
	if (area)
		vmap_area_free((void *)area->start, VM_ALLOC, caller);
	/* A size that cannot be is a mistake, and always said. */
	if (!(gfp & __GFP_NOWARN) &&
	    (nr - 1 >= PHYS_PFN(VMALLOC_END - VMALLOC_START) - 1 ||
	     report_rate_allows()))
		pr_warn("vmalloc: allocation failure: %zu bytes, for %pS\n",
			size, (void *)(caller - 1));
	return NULL;
}

void *
vmalloc(unsigned long size)
{
	return alloc_area(size, GFP_KERNEL | __GFP_HIGHMEM, 0,
			  caller_address());
}

void *
vzalloc(unsigned long size)
{
	return alloc_area(size, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO, 0,
			  caller_address());
}

void *
vmalloc_user(unsigned long size)
{
	return alloc_area(size, GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO,
			  VM_USERMAP, caller_address());
}

void *
__vmalloc(unsigned long size, gfp_t gfp)
{
	return alloc_area(size, gfp, 0, caller_address());
}

/* --- Somebody else's pages -------------------------------------------------------- */

void *
vmap(struct page **pages, unsigned int count, unsigned long flags, u32 prot)
{
	struct vmap_area *area;

	if (!might_sleep() || count > PHYS_PFN(VMALLOC_END - VMALLOC_START))
		return NULL;
	area = vmap_area_new(count * PAGE_SIZE, GFP_KERNEL,
			     VM_MAP | (flags & VM_USERMAP), caller_address());
	if (!area)
		return NULL;
	if (pgtable_map_pages(swapper_pg_dir, area->start, pages, count,
			      prot) == 0)
		return (void *)area->start;
	vmap_area_free((void *)area->start, VM_MAP, caller_address());
	return NULL;
}

void
vunmap(const void *addr)
{
	vmap_area_free(addr, VM_MAP, caller_address());
}

unsigned long
vmalloc_to_pfn(const void *addr)
{
	const pte_t *pte = NULL;

	if (is_vmalloc_addr(addr))
		pte = pgtable_lookup(swapper_pg_dir, (uintptr_t)addr);
	return pte && pte_present(*pte) ? PHYS_PFN(pte_phys(*pte)) : 0;
}

struct page *
vmalloc_to_page(const void *addr)
{
	unsigned long pfn = vmalloc_to_pfn(addr);

	return pfn && pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
}

/* --- Whichever works ----------------------------------------------------------------- */

/* Caches of objects up to this size have slabs of one page: nothing is gained
 * by trying otherwise (and the array of a one-page area ends here). */
#define KMALLOC_SURE 256

void *
kvmalloc(size_t size, gfp_t gfp)
{
	bool second = size > KMALLOC_SURE && gfpflags_allow_blocking(gfp);
	void *p = kmalloc(size,
			  second ? gfp | __GFP_NOWARN | __GFP_NORETRY : gfp);

	if (p || !second)
		return p;
	return alloc_area(size, gfp | __GFP_HIGHMEM, 0, caller_address());
}

void
kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}

/* --- What others register, and what they may ask --------------------------------------- */

static unsigned long
count_lazy(void)
{
	return vmalloc_space.lazy_pages + state.idle_max - state.idle_left;
}

static unsigned long
scan_lazy(unsigned long nr __maybe_unused, gfp_t gfp __maybe_unused)
{
	unsigned long pages = vmalloc_space.lazy_pages;

	vmap_purge();
	return pages;
}
SHRINKER(vmalloc, count_lazy, scan_lazy);

void __init
vmalloc_init(void)
{
	vmap_space_init(&vmalloc_space, VMALLOC_START, VMALLOC_END);
	state.areas = kmem_cache_create("vmap_area", sizeof(struct vmap_area),
					0, SLAB_PANIC, NULL);
	state.lazy_max =
		min_t(unsigned long, LAZY_MAX, nr_free_pages() / LAZY_FRACTION);
	state.idle_left = state.idle_max =
		PHYS_PFN(VMALLOC_END - VMALLOC_START) / IDLE_FRACTION;
}
