/* leak.c - objects that nobody points to: mark and sweep, without the sweep.
 *
 *   roots: .data .bss stacks         white: live, not reached yet
 *            |                       gray:  reached, not looked into yet
 *            v
 *          [ A ]--->[ B ]            every live object begins white; what a
 *                                    root points to becomes gray; what a gray
 *          [ C ]--->[ D ]            one points to, too; in the end the white
 *            ^--------'              ones are leaks: C and D
 *
 * Any word that has an address inside an object counts as a pointer to it, so
 * an old or accidental one can hide a leak, but no object in use is called one.
 * Objects that are marked as free are not live.
 *
 *   regions[n] -> a page of marks for 128 KiB: [white bits | gray bits]
 *                 a bit of each for every 8 bytes; only where objects are
 *   queue      -> a page of gray objects; who does not fit keeps his gray bit
 *                 and is found when the queue is empty
 *
 * So it needs a 32nd of the heap at most, and no recursion: every object is
 * looked into once, and the gray bits are searched once in a queue's length.
 */
#include "bitmap.h"
#include "errno.h"
#include "../mm/internal.h"
#include "leak.h"
#include "sched.h"
#include "sections.h"
#include "util.h"
#include "x86.h"

#define MARKS     (PAGE_SIZE * 8 / 2)             /* of each colour in a page */
#define REGION    (MARKS * ARCH_KMALLOC_MINALIGN) /* bytes it stands for */
#define QUEUE_MAX (PAGE_SIZE / sizeof(void *))

/* The callers' registers onto the stack (sparse does not know it). */
#ifdef __CHECKER__
#define save_registers()
#else
#define save_registers() __builtin_unwind_init()
#endif

static struct {
	unsigned long **regions;
	unsigned int nr_regions;
	void **queue;
	unsigned int queued;
} scan;

/* --- Marks ------------------------------------------------------------------ */

static unsigned long **
region_of(const void *object, unsigned int *bit)
{
	*bit = (uintptr_t)object % REGION / ARCH_KMALLOC_MINALIGN;
	return &scan.regions[__pa(object) / REGION];
}

static bool
make_white(const void *object)
{
	unsigned int bit;
	unsigned long **marks = region_of(object, &bit);

	if (!*marks)
		*marks = (void *)get_zeroed_page(GFP_NOWAIT | __GFP_NOWARN);
	if (*marks)
		__set_bit(bit, *marks);
	return *marks != NULL;
}

/* => was it white? */
static bool
clear_white(const void *object)
{
	unsigned int bit;
	unsigned long *marks = *region_of(object, &bit);
	bool white = marks && test_bit(bit, marks);

	if (white)
		__clear_bit(bit, marks);
	return white;
}

static void
make_gray(void *object)
{
	unsigned int bit;
	unsigned long *marks = *region_of(object, &bit);

	if (scan.queued < QUEUE_MAX)
		scan.queue[scan.queued++] = object;
	else
		__set_bit(MARKS + bit, marks);
}

/* Gray objects that had no place into the empty queue. => false if none */
static bool
queue_refill(void)
{
	for (unsigned int i = 0; i < scan.nr_regions; i++) {
		unsigned long *marks = scan.regions[i];
		unsigned int bit = MARKS;

		while (marks && scan.queued < QUEUE_MAX &&
		       (bit = find_next_bit(marks, 2 * MARKS, bit)) <
			       2 * MARKS) {
			__clear_bit(bit, marks);
			scan.queue[scan.queued++] =
				__va(i * REGION +
				     (bit - MARKS) * ARCH_KMALLOC_MINALIGN);
		}
	}
	return scan.queued != 0;
}

/* --- Objects ---------------------------------------------------------------- */

/* The object that an address lies in, live or not, and how many bytes of it
 * are its owner's. => NULL if in none */
static void *
object_of(const void *p, size_t *size)
{
	struct page *page = slab_of(p);

	if (page) {
		const struct kmem_cache *cache = slab_cache(page);
		size_t i = ((uintptr_t)p - (uintptr_t)slab_object(page, 0)) /
			   cache->size;

		*size = cache->object_size;
		return i < slab_objects(page) ? slab_object(page, i) : NULL;
	}
	page = kmalloc_block(p);
	if (!page)
		return NULL;
	*size = PAGE_SIZE << page_order(page);
	return page_address(page);
}

static bool
add_slab(struct page *page)
{
	for (unsigned int i = 0; i < slab_objects(page); i++)
		if (!is_marked(slab_cache(page), slab_object(page, i)) &&
		    !make_white(slab_object(page, i)))
			return false;
	return true;
}

/* All live objects become white. => false without memory */
static bool
add_all(void)
{
	for (unsigned long pfn = 0; pfn < direct_map_pages; pfn++) {
		struct page *page = pfn_to_page(pfn);

		if (page->flags & PG_tail)
			continue;
		if (page->flags & PG_slab && !add_slab(page))
			return false;
		if (page->flags & PG_kmalloc && !make_white(page_address(page)))
			return false;
	}
	return true;
}

/* --- Following pointers ----------------------------------------------------- */

static void
scan_words(const void *from, const void *to)
{
	void *object;
	size_t size;

	for (void *const *word = from; (const void *)word < to; word++)
		if (virt_is_direct(*word) &&
		    (object = object_of(*word, &size)) && clear_white(object))
			make_gray(object);
}

/* Each thread's stack, from where it stands up: callers that go on have what
 * they know in it. */
static __noinline void
scan_roots(void)
{
	struct task_struct *task = NULL;

	scan_words(_sdata, _edata);
	scan_words(__bss_start, boot_stack_guard);
	scan_words(boot_stack_top, __bss_stop);
	while ((task = task_next(task)))
		scan_words(task == current ? __builtin_frame_address(0)
					   : (void *)task->sp,
			   (char *)task->stack + STACK_SIZE);
}

static void
scan_gray(void)
{
	do {
		while (scan.queued) {
			char *object = scan.queue[--scan.queued];
			size_t size;

			if (object_of(object, &size))
				scan_words(object, object + size);
		}
	} while (queue_refill());
}

/* --- The whole -------------------------------------------------------------- */

static void
report_white(void *object, void (*report)(const struct leak *leak))
{
	struct leak leak = {.object = object};
	struct page *page = slab_of(object);

	if (!object_of(object, &leak.size))
		return; /* freed meanwhile */
	if (page)
		leak.cache = slab_cache(page)->name;
	report(&leak);
}

/* A function of its own: what it leaves on the stack lies below the next
 * scan's roots. */
static __noinline long
report_all(void (*report)(const struct leak *leak))
{
	long leaks = 0;

	for (unsigned int i = 0; i < scan.nr_regions; i++) {
		unsigned long *marks = scan.regions[i];
		unsigned int bit = 0;

		for (;
		     marks && (bit = find_next_bit(marks, MARKS, bit)) < MARKS;
		     bit++, leaks++)
			if (report)
				report_white(__va(i * REGION +
						  bit * ARCH_KMALLOC_MINALIGN),
					     report);
	}
	return leaks;
}

static long
scan_all(void (*report)(const struct leak *leak))
{
	unsigned long flags = local_irq_save();
	bool ok = add_all();

	if (ok) {
		scan_roots();
		scan_gray();
	}
	local_irq_restore(flags);
	return ok ? report_all(report) : -ENOMEM;
}

static __noinline long
scan_and_report(void (*report)(const struct leak *leak))
{
	size_t bytes;
	long result = -ENOMEM;

	save_registers();
	scan.nr_regions = DIV_ROUND_UP(PFN_PHYS(direct_map_pages), REGION);
	bytes = scan.nr_regions * sizeof(*scan.regions);
	scan.queued = 0;
	scan.queue = (void **)__get_free_page(GFP_KERNEL | __GFP_NOWARN);
	scan.regions = alloc_pages_exact(bytes, GFP_KERNEL | __GFP_NOWARN |
							__GFP_ZERO);
	if (scan.queue && scan.regions)
		result = scan_all(report);
	for (unsigned int i = 0; scan.regions && i < scan.nr_regions; i++)
		free_page((unsigned long)scan.regions[i]);
	if (scan.regions)
		free_pages_exact(scan.regions, bytes);
	free_page((unsigned long)scan.queue);
	return result;
}

/* The frames of what is called next lie where others' lay, and have holes: no
 * address that the heap left there is to be taken for somebody's. */
static __noinline void
wipe_stack(void)
{
	volatile u32 words[128];

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = 0;
}

long
leak_scan(void (*report)(const struct leak *leak))
{
	might_sleep();
	wipe_stack();
	return scan_and_report(report);
}
