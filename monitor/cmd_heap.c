/* cmd_heap.c - looking at the heap: slabs, slab, kwho, leaks; and using it by
 * hand: kmalloc, kfree.
 *
 *   0xc7fc0000 xx.xppppp...   a slab, a character an object
 *              ^ ^ ^
 *              | | in this CPU's magazine: free, and the next to be handed out
 *              | free, in the slab's own list
 *              in use
 *
 * It shows the inside of a cache, so it reads the inside (mm/internal.h). Slabs
 * are found by their pages, not by the cache's lists: nothing has to stand
 * still while it prints, and each slab is shown as it was at one moment.
 */
#include "../mm/internal.h"
#include "command.h"
#include "complete.h"
#include "console.h"
#include "errno.h"
#include "kept.h"
#include "leak.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define OBJECTS_MAX 512 /* in a slab: 8 bytes each, in a page */
#define COLUMNS     64  /* objects in a row of a picture */
#define SLABS_MAX   16  /* pictures at once */
#define LIST_MAX    12u /* numbers of a free list */

/* The slab that was read last. */
static struct {
	char state[OBJECTS_MAX]; /* x . p, by number */
	u16 list[OBJECTS_MAX];   /* numbers, in the order of its free list */
	unsigned int free;       /* so many of them */
} view;

/* --- One slab --------------------------------------------------------------- */

/* Which object of the slab an address lies in; slab_objects or more: in none. */
static unsigned int
object_number(const struct page *slab, const void *p)
{
	return ((uintptr_t)p - (uintptr_t)slab_object(slab, 0)) /
	       slab_cache(slab)->size;
}

/* Write c for each object of this slab in a chain, which may be broken; number
 * them in view.list, from 0. */
static void
read_chain(struct page *slab, void *object, char c)
{
	struct page *page;

	view.free = 0;
	for (unsigned int n = 0; n < OBJECTS_MAX; n++) {
		page = slab_of(object);
		if (!page || slab_cache(page) != slab_cache(slab))
			return;
		if (page == slab &&
		    object_number(slab, object) < slab_objects(slab)) {
			view.list[view.free++] = object_number(slab, object);
			view.state[object_number(slab, object)] = c;
		}
		object = get_link(slab_cache(slab), object);
	}
}

static void
read_slab(struct page *slab)
{
	const struct magazine *mag = magazine_of(slab_cache(slab));
	unsigned long flags = local_irq_save();

	memset(view.state, 'x', sizeof(view.state));
	read_chain(slab, mag->head, 'p');
	read_chain(slab, mag->spare, 'p');
	read_chain(slab, slab_freelist(slab), '.');
	local_irq_restore(flags);
}

static void
print_slab(struct page *slab)
{
	int left = slab_objects(slab);

	read_slab(slab);
	for (char *row = view.state; left > 0; row += COLUMNS, left -= COLUMNS)
		console_printf("%p %.*s\n", slab_object(slab, row - view.state),
			       min(left, COLUMNS), row);
	console_printf("%10s free list:", "");
	for (unsigned int i = 0; i < min(view.free, LIST_MAX); i++)
		console_printf(" %u", view.list[i]);
	console_printf("%s (%u)\n", view.free > LIST_MAX ? " ..." : "",
		       view.free);
}

static int
cmd_slab(int argc, char **argv)
{
	struct kmem_cache *cache = NULL;
	const struct magazine *mag;
	unsigned int slabs = 0;

	if (argc != 2)
		return -EINVAL;
	while ((cache = cache_next(cache)) && strcmp(cache->name, argv[1]))
		;
	if (!cache)
		return command_refuse(
			-ENOENT,
			"There is no cache \"%s\": slabs all lists "
			"them.",
			argv[1]);
	mag = magazine_of(cache);
	console_printf("%u objects of %u bytes in a slab of %u KiB\n"
		       "this CPU's magazine: %d of %d%s\n",
		       cache->per_slab, cache->size, 4 << cache->order,
		       mag->limit - mag->room, mag->limit,
		       mag->spare ? ", and a full spare" : "");
	for (unsigned long pfn = 0; pfn < direct_map_pages; pfn++) {
		struct page *page = pfn_to_page(pfn);

		if ((page->flags & (PG_slab | PG_tail)) == PG_slab &&
		    slab_cache(page) == cache && slabs++ < SLABS_MAX)
			print_slab(page);
	}
	if (slabs > SLABS_MAX)
		console_printf("and %u slab%s more\n", slabs - SLABS_MAX,
			       plural(slabs - SLABS_MAX));
	cache_put(cache);
	console_printf("x in use  p free, in the magazine  . free, in its "
		       "slab\n");
	return 0;
}

static void
cache_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)))
		sink->add(sink, cache->name);
}
ARGUMENT(cache, "CACHE", cache_words);
COMMAND(slab, "CACHE",
	"draws the slabs of a cache, a character an object\n"
	"Below each the numbers of its free objects, in the order in which\n"
	"they will go to the magazine. The top of that is handed out next.");

static int
cmd_slabs(int argc, char **argv)
{
	struct kmem_cache *cache = NULL;
	bool every = argc == 2 && !strcmp(argv[1], "all");

	if (argc > 1 && !every)
		return -EINVAL;
	console_printf("name              active_objs num_objs objsize "
		       "objperslab pagesperslab   waste\n");
	while ((cache = cache_next(cache))) {
		unsigned long num = cache->nr_objects;
		unsigned long size = cache->nr_pages * PAGE_SIZE;

		if (!size && !every)
			continue;
		console_printf("%-17s %11lu %8lu %7u %10u %12u %7lu\n",
			       cache->name, cache->nr_out - parked(cache), num,
			       cache->object_size, cache->per_slab,
			       1u << cache->order,
			       size - num * cache->object_size);
	}
	return 0;
}
COMMAND(slabs, "[all]",
	"lists the caches that have memory\n"
	"As /proc/slabinfo does. active_objs: in use; num_objs: with the free "
	"ones. waste: bytes of\n"
	"its slabs that can be in no object: alignment, and their ends. What\n"
	"kmalloc rounds up comes on top: kmalloc shows it.");

/* --- kmalloc, kfree --------------------------------------------------------- */

static void
print_kept(const struct kept *k, int number)
{
	struct page *slab = slab_of(k->p);
	size_t room = slab ? slab_cache(slab)->object_size : ksize(k->p);

	console_printf("  $%-2d virtual %p  physical 0x%08x  ", number, k->p,
		       virt_to_phys(k->p));
	if (slab)
		console_printf("%s", slab_cache(slab)->name);
	else
		console_printf("%zu page%s", room / PAGE_SIZE,
			       plural(room / PAGE_SIZE));
	console_printf(", %zu B unused\n", room - k->size);
}

static struct kept_list kept = {
	.take = "kmalloc",
	.give = "kfree",
	.print = print_kept,
	.free = kfree,
};

static int
cmd_kmalloc(int argc, char **argv)
{
	gfp_t gfp = GFP_KERNEL;
	char names[160];
	struct kept *k;
	int error = kept_request(&kept, argc, argv, &gfp, &k);

	if (error || !k)
		return error;
	console_printf("kmalloc(%u, %s)\n", k->size,
		       gfp_format(gfp, names, sizeof(names)));
	k->p = kmalloc(k->size, gfp);
	if (!ZERO_OR_NULL_PTR(k->p)) {
		/* As an owner would: what is never written keeps old links,
		 * which leaks would have to believe. */
		if (!(gfp & __GFP_ZERO))
			memset(k->p, '$', k->size);
		kept_print(&kept, k);
		return 0;
	}
	console_printf("  = %s\n", k->p ? "ZERO_SIZE_PTR" : "NULL");
	k->p = NULL;
	return k->size ? -ENOMEM : 0;
}
COMMAND(kmalloc, "[SIZE [FLAG,...]]",
	"allocates SIZE bytes; alone: lists what it has\n"
	"FLAG: who asks: kernel (unless you say), atomic, nowait; and what is\n"
	"wanted: dma, zero. What is not zeroed is filled with $.");

/* What kfree might not notice, in a cache without debugging. */
static bool
is_inside(const void *p)
{
	struct page *slab = slab_of(p);

	return slab && !(slab_cache(slab)->flags & SLAB_DEBUG_FLAGS) &&
	       !slab_has(slab, p);
}

static int
cmd_kfree(int argc, char **argv)
{
	unsigned long objects = nr_slab_objects(), pages = nr_free_pages();
	bool all = argc == 2 && !strcmp(argv[1], "all");
	u32 address = 0;
	int error;

	if (argc != 2)
		return -EINVAL;
	error = all ? 0 : kept_address(&kept, argv[1], &address);
	if (error)
		return error;
	if (is_inside((void *)address))
		return command_refuse(-ENOENT,
				      "0x%08x is not where an object begins. "
				      "(kfree notices with slab_debug.)",
				      address);
	if (!all)
		kfree((void *)address);
	kept_forget(&kept, address, all);
	objects -= nr_slab_objects();
	pages = nr_free_pages() - pages;
	console_printf("%lu object%s and %lu page%s came back.\n", objects,
		       plural(objects), pages, plural(pages));
	return 0;
}
COMMAND(kfree, "$N | all | ADDR",
	"frees what kmalloc gave, or any address\n"
	"What somebody uses is taken from under him. Wrong addresses are\n"
	"reported by kfree, or not passed on to it where it would not notice.");

/* --- kwho, leaks ------------------------------------------------------------ */

static void
print_object(struct page *slab, const char *p)
{
	const struct kmem_cache *cache = slab_cache(slab);
	unsigned int number = object_number(slab, p), used = 0;
	char state;

	read_slab(slab);
	for (unsigned int i = 0; i < slab_objects(slab); i++)
		used += view.state[i] == 'x';
	console_printf("  cache    %s, objects of %u bytes\n"
		       "  slab     %p, order %u, %u of %u objects in use\n",
		       cache->name, cache->object_size, page_address(slab),
		       page_order(slab), used, slab_objects(slab));
	if (number >= slab_objects(slab)) {
		console_printf("  object   none: the unused end of the slab\n");
		return;
	}
	state = view.state[number];
	console_printf("  object   number %u, at %p; offset %zu\n"
		       "  state    %s\n",
		       number, slab_object(slab, number),
		       (size_t)(p - (char *)slab_object(slab, number)),
		       state == 'x'   ? "in use"
		       : state == '.' ? "free, in its slab's list"
				      : "free, in this CPU's magazine");
	slab_debug_tracks(slab_cache(slab), slab_object(slab, number),
			  command_say);
}

static int
cmd_kwho(int argc, char **argv)
{
	struct page *page;
	u32 address, start;
	int error;

	if (argc != 2)
		return -EINVAL;
	error = kept_address(&kept, argv[1], &address);
	if (error)
		return error;
	page = slab_of((void *)address);
	if (page) {
		print_object(page, (char *)address);
		return 0;
	}
	page = kmalloc_block((void *)address);
	if (!page)
		return command_refuse(-ENOENT,
				      "0x%08x is not in the heap: page tells "
				      "what it is in.",
				      address);
	start = (u32)page_address(page);
	console_printf("  pages    %u KiB at 0x%08x; offset %u\n",
		       4 << page_order(page), start, address - start);
	return 0;
}
COMMAND(kwho, "ADDR | $N",
	"tells whose an address in the heap is\n"
	"Its cache and slab, which object, and whether that is in use.");

static void
print_leak(const struct leak *leak)
{
	struct page *slab = slab_of(leak->object);

	console_printf("  %p %8zu bytes  %s\n", leak->object, leak->size,
		       leak->cache ? leak->cache : "pages");
	if (slab)
		slab_debug_tracks(slab_cache(slab), leak->object, command_say);
}

static int
cmd_leaks(int argc, char **argv)
{
	bool plant = argc == 2 && !strcmp(argv[1], "plant");
	long leaks;

	if (argc > 1 && !plant)
		return -EINVAL;
	if (plant) {
		if (!kmalloc(100, GFP_KERNEL))
			return command_refuse(-ENOMEM,
					      "kmalloc(100) gave NULL.");
		console_printf("100 bytes are allocated and forgotten.\n");
		return 0;
	}
	leaks = leak_scan(print_leak);
	if (leaks < 0)
		return command_refuse(leaks, "There is no memory for the marks "
					     "that a search needs.");
	console_printf("%ld object%s that nobody points to\n", leaks,
		       plural(leaks));
	return 0;
}
COMMAND(leaks, "[plant]",
	"lists the objects that nobody points to\n"
	"Any word in the kernel's data, on the stack or in an object that can\n"
	"be reached may be a pointer. plant makes a leak; kfree ADDR mends "
	"it.");
