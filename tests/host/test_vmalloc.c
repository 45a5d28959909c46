/* test_vmalloc.c - vmalloc.c, ioremap.c and kmap.c over page tables in RAM and
 * a TLB that forgets only what it is told to (vm_glue.c).
 *
 *   random    vmalloc, vzalloc, vmap, ioremap, kmap, and all of it back, also
 *             from interrupts; everything touched, everything checked
 *   failing   each operation, with its first allocation failing, its second
 *             ... until it succeeds: NULL, and nothing has changed
 */
#include "glue.h"
#include "heap_glue.h"
#include "highmem.h"
#include "host.h"
#include "io.h"
#include "page_owner.h"
#include "pgtable.h"
#include "preempt.h"
#include "string.h"
#include "vm_glue.h"
#include "vmalloc.h"
#include "vmap_debug.h"

#define DEVICE     0xFD000000u /* physical, no RAM */
#define SLOTS      40
#define OPERATIONS 60000u
#define VMAP_PAGES 5

/* --- Many kinds of area at a time ---------------------------------------------- */

enum kind {
	NOTHING,
	VMALLOC,
	VMAP,
	IOREMAP
};

static struct {
	struct slot {
		enum kind kind;
		char *p;
		size_t size;
	} slots[SLOTS];
	struct page *pages[VMAP_PAGES]; /* for vmap and kmap: the test's own */
	const void *in_irq;             /* what the next interrupt frees */
} world;

static void
take_pages(void)
{
	for (unsigned int i = 0; i < VMAP_PAGES; i++)
		world.pages[i] = alloc_page(GFP_HIGHUSER);
}

static void
give_pages(void)
{
	for (unsigned int i = 0; i < VMAP_PAGES; i++)
		__free_page(world.pages[i]);
}

static void
take(struct slot *slot)
{
	slot->size = 1 + host_below(host_sometimes(10) ? 400 : 20) * 1500;
	slot->kind = VMALLOC;
	switch (host_below(6)) {
	case 0:
		slot->kind = VMAP;
		slot->size = (1 + host_below(VMAP_PAGES)) * PAGE_SIZE;
		slot->p = vmap(world.pages, slot->size / PAGE_SIZE, 0,
			       PAGE_KERNEL);
		break;
	case 1:
		slot->kind = IOREMAP;
		slot->p =
			(char *)ioremap(DEVICE + host_below(99999), slot->size);
		break;
	case 2:
		slot->p = vzalloc(slot->size);
		break;
	default:
		slot->p = vmalloc(slot->size);
	}
	if (!slot->p)
		slot->kind = NOTHING;
	else
		EXPECT(vm_touch(slot->p, slot->size));
}

static void
free_in_irq(void)
{
	if (world.in_irq)
		vfree(world.in_irq);
	world.in_irq = NULL;
}

static void
give(struct slot *slot)
{
	if (slot->kind == IOREMAP) {
		iounmap(slot->p);
	} else if (slot->kind == VMAP) {
		vunmap(slot->p);
	} else if (host_sometimes(4)) {
		world.in_irq = slot->p;
		host_tick();
		EXPECT(!world.in_irq);
	} else {
		vfree(slot->p);
	}
	slot->kind = NOTHING;
}

TEST(vmalloc, no_translation_outlives_its_area)
{
	unsigned int i, step;

	vm_begin();
	take_pages();
	host_irq = free_in_irq;
	for (step = 0; step < OPERATIONS && !host_failed(); step++) {
		struct slot *slot = &world.slots[host_below(SLOTS)];

		if (slot->kind)
			give(slot);
		else
			take(slot);
		if (step % 16 == 0)
			vm_check();
	}
	for (i = 0; i < SLOTS; i++)
		if (world.slots[i].kind)
			give(&world.slots[i]);
	host_irq = NULL;
	give_pages();
	vm_end();
}

/* No page is in two areas, or twice in one. */
TEST(vmalloc, live_areas_share_no_page)
{
	static u8 seen[PHYS_PFN(LOWMEM_LIMIT + HIGH_RAM)];
	char *areas[8];
	unsigned int i, j;

	vm_begin();
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		areas[i] = vmalloc((i * 37 + 1) * PAGE_SIZE);
		for (j = 0; j < i * 37 + 1; j++)
			EXPECT_EQ(seen[vmalloc_to_pfn(areas[i] +
						      j * PAGE_SIZE)]++,
				  0);
	}
	for (i = 0; i < ARRAY_SIZE(areas); i++)
		vfree(areas[i]);
	EXPECT_EQ(seen[0], 0);
	vm_end();
}

/* --- Every allocation fails once ---------------------------------------------- */

/* Operations: take gives NULL, or what give takes back. */
static void *
take_small(void)
{
	return vmalloc(100);
}

static void *
take_medium(void)
{
	return vzalloc(33 * PAGE_SIZE);
}

/* Its array of pages fills more than a page: kmalloc or vmalloc. */
static void *
take_large(void)
{
	return vmalloc(1100 * PAGE_SIZE);
}

static void *
take_vmap(void)
{
	return vmap(world.pages, VMAP_PAGES, 0, PAGE_KERNEL);
}

static void *
take_ioremap(void)
{
	return (void *)ioremap(DEVICE + 5, 3 * PAGE_SIZE);
}

static void
give_ioremap(const void *p)
{
	iounmap(p);
}

static const struct operation {
	void *(*take)(void);
	void (*give)(const void *p);
	unsigned int pages, objects; /* allocations it needs, at least */
} operations[] = {
	{take_small, vfree, 3, 2},   /* the slabs of area and array, the page */
	{take_medium, vfree, 34, 2}, /* the array lies beside a cache */
	{take_large, vfree, 1102, 1}, /* the array can be had otherwise */
	{take_vmap, vunmap, 1, 1},    {take_ioremap, give_ioremap, 1, 1},
};

/* What may not be different after a failure. */
static unsigned long
pages_in_use(void)
{
	struct kmem_cache *cache = NULL;

	vmap_purge();
	while ((cache = cache_next(cache)))
		kmem_cache_shrink(cache);
	drain_local_pages();
	return nr_free_pages();
}

/* Each n-th allocation fails, or all from it on: of pages, or of the heap. */
enum rule {
	EACH_PAGE,
	PAGES_FROM,
	EACH_OBJECT,
	OBJECTS_FROM,
	NR_RULES
};

static void
set_rule(enum rule rule, unsigned int n)
{
	fail_page_alloc_set(rule == EACH_PAGE ? n : 0,
			    rule == PAGES_FROM ? n : 0, 0);
	fail_alloc_set(rule == EACH_OBJECT ? n : 0,
		       rule == OBJECTS_FROM ? n : 0);
}

/* => did it fail? Then there is no trace of it. */
static bool
fails(const struct operation *op, enum rule rule, unsigned int n)
{
	unsigned long before = pages_in_use();
	void *p;

	set_rule(rule, n);
	p = op->take();
	set_rule(NR_RULES, 0);
	vm_check();
	if (p) {
		EXPECT(vm_touch(p, PAGE_SIZE));
		op->give(p);
	}
	EXPECT_EQ(pages_in_use(), before);
	EXPECT_EQ(nr_vmap_areas(), 0);
	return !p;
}

TEST(vmalloc, a_failure_at_any_allocation_leaves_no_trace)
{
	const struct operation *op;
	unsigned int rule, n, failures;

	vm_begin();
	take_pages();
	for (op = operations; op < ARRAY_END(operations); op++)
		for (rule = 0; rule < NR_RULES; rule++) {
			for (n = 1, failures = 0; fails(op, rule, n); n++)
				failures++;
			EXPECT(failures >=
			       (rule < EACH_OBJECT ? op->pages : op->objects));
			if (host_failed())
				return;
		}
	give_pages();
	vm_end();
}

/* kmap allocates nothing. */
TEST(vmalloc, kmap_works_when_every_allocation_fails)
{
	struct page *page;
	void *p;

	vm_begin();
	page = alloc_page(GFP_HIGHUSER);
	fail_page_alloc_set(1, 0, 0);
	fail_alloc_set(1, 0);
	p = kmap(page);
	EXPECT_EQ((uintptr_t)p & PAGE_MASK & ~(LARGE_PAGE_SIZE - 1),
		  PKMAP_BASE);
	EXPECT(kmap(page) == p);
	kunmap(page);
	kunmap(page);
	set_rule(NR_RULES, 0);
	__free_page(page);
	vm_end();
}

/* --- The ends of things -------------------------------------------------------- */

#define MOST (VM_WINDOW / (8 * PAGE_SIZE)) /* areas of 7 pages */

TEST(vmalloc, a_full_window_gives_null_and_leaves_no_trace)
{
	static void *areas[MOST];
	struct page *pages[7];
	unsigned long before;
	unsigned int i, n;

	vm_begin();
	take_pages();
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = world.pages[i % VMAP_PAGES];
	for (n = 0; n < MOST; n++)
		ASSERT(areas[n] = vmap(pages, 7, 0, PAGE_KERNEL));
	before = nr_free_pages();
	EXPECT(!vmalloc(1));
	EXPECT(!vmap(pages, 1, 0, PAGE_KERNEL));
	EXPECT(!ioremap(DEVICE, 1));
	EXPECT_EQ(nr_free_pages(), before);
	EXPECT_EQ(nr_vmap_areas(), MOST);
	vm_check();
	vunmap(areas[5]);
	EXPECT((areas[5] = ioremap(DEVICE, 7 * PAGE_SIZE)));
	iounmap(areas[5]);
	for (i = 0; i < n; i++)
		if (i != 5)
			vunmap(areas[i]);
	give_pages();
	vm_end();
}

TEST(vmalloc, sizes_that_cannot_be_give_null)
{
	static const size_t sizes[] = {0,          -1,
				       -PAGE_SIZE, -PAGE_SIZE + 1,
				       VM_WINDOW,  VM_WINDOW - PAGE_SIZE + 1,
				       0x80000000};
	unsigned int i;

	vm_begin();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT(!vmalloc(sizes[i]));
		EXPECT(!vzalloc(sizes[i]));
		EXPECT(!__vmalloc(sizes[i], GFP_KERNEL | __GFP_NOWARN));
		EXPECT(!ioremap(DEVICE, sizes[i]));
		EXPECT_EQ(host_logged("vmalloc: allocation failure"),
			  2 * (i + 1));
	}
	EXPECT(!ioremap(-1, 2));
	EXPECT(!ioremap(LOW_RAM_ALSO - 1, 2));
	EXPECT(!ioremap(LOWMEM_LIMIT - 1, 2)); /* high RAM begins there */
	EXPECT(!vmap(world.pages, 0, 0, PAGE_KERNEL));
	EXPECT(!vmap(world.pages, -1, 0, PAGE_KERNEL));
	EXPECT_EQ(nr_vmap_areas(), 0);
	vm_end();
}

/* => it was reported once, with these words */
static bool
refused(const char *words)
{
	bool once = host_logged("BUG") == 1 && host_logged(words) == 1;

	host_log_clear();
	vm_check();
	return once;
}

TEST(vmalloc, what_must_not_be_freed_is_reported_and_stays)
{
	char *p, *heap, *mapped;

	vm_begin();
	take_pages();
	p = vmalloc(3 * PAGE_SIZE);
	heap = kmalloc(100, GFP_KERNEL);
	mapped = vmap(world.pages, 2, 0, PAGE_KERNEL);
	vfree(p + PAGE_SIZE);
	EXPECT(refused("vfree: bad free"));
	vfree(p + 1);
	EXPECT(refused("vfree: bad free"));
	vfree(heap);
	EXPECT(refused("use kfree"));
	vfree(mapped);
	EXPECT(refused("use vunmap"));
	vunmap(p);
	EXPECT(refused("use vfree"));
	iounmap(mapped);
	EXPECT(refused("use vunmap"));
	kfree(p);
	EXPECT(refused("use vfree"));
	vfree((void *)(VM_START + VM_WINDOW / 2));
	EXPECT(refused("vfree: bad free"));
	EXPECT(vm_touch(p, 3 * PAGE_SIZE));
	vfree(p);
	vfree(p);
	EXPECT(refused("double free"));
	vmap_flush();
	vfree(p);
	EXPECT(refused("vfree: bad free"));
	vfree(NULL);
	vunmap(NULL);
	iounmap(NULL);
	EXPECT_EQ(host_logged("BUG"), 0);
	vunmap(mapped);
	kfree(heap);
	give_pages();
	vm_end();
}
