/* cmd_frag.c - using the page allocator by hand: alloc, free, drain; and
 * breaking memory into pieces: frag.
 *
 *   frag         before  [            free, order 10             ]
 *                take    [x][x][x][x][x][x][x][x][x][x][x][x][x][x]
 *                release [x][ ][x][ ][x][ ][x][ ][x][ ][x][ ][x][ ]  half is free,
 *                                                                    no two pages
 *   frag whole   before  [  free, order 10  ][x][ ][x][x][    ][x][  ]
 *                after   [  free, order 10  ][x][x][x][x][x][x][x][x][x]
 *
 * The pages that frag holds are its own, and with them page->next: its list
 * needs no memory. It takes the watermarks' reserves as well, or there would
 * be whole blocks left in them; nothing that the monitor does needs pages.
 */
#include "command.h"
#include "complete.h"
#include "console.h"
#include "errno.h"
#include "frag.h"
#include "gfp.h"
#include "mmzone.h"
#include "slab.h"
#include "string.h"
#include "util.h"
#include "vmalloc.h"

#define KEPT_MAX 32

/* What `alloc` has given, $1 first; page: NULL if the place is empty. */
static struct kept {
	struct page *page;
	unsigned int order;
} kept[KEPT_MAX];

static struct page *shattered; /* what frag holds, linked by private */
static struct page *aside;     /* what frag whole holds, likewise */

/* --- alloc, free ------------------------------------------------------------ */

static const struct {
	const char *name;
	gfp_t gfp;
} flags[] = {
	{"kernel", GFP_KERNEL},     {"user", GFP_USER},
	{"atomic", GFP_ATOMIC},     {"nowait", GFP_NOWAIT},
	{"highuser", GFP_HIGHUSER}, {"dma", __GFP_DMA},
	{"zero", __GFP_ZERO},       {"comp", __GFP_COMP},
};

static void
flag_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++)
		sink->add(sink, flags[i].name);
}
ARGUMENT(flag, "FLAG", flag_words);

/* "dma,zero" to flags; GFP_KERNEL unless others say who is asking. */
int
command_gfp(char *text, gfp_t *gfp)
{
	*gfp = 0;
	while (text) {
		char *comma = strchr(text, ',');
		unsigned int i = 0;

		if (comma)
			*comma++ = '\0';
		while (i < ARRAY_SIZE(flags) && strcmp(text, flags[i].name))
			i++;
		if (i == ARRAY_SIZE(flags))
			return command_refuse(
				-ENOENT,
				"There is no flag \"%s\": kernel, user, "
				"atomic, "
				"nowait, highuser, dma, zero, comp; a comma "
				"between two.",
				text);
		*gfp |= flags[i].gfp;
		text = comma;
	}
	if (!(*gfp & __GFP_RECLAIM))
		*gfp |= GFP_KERNEL;
	return 0;
}

static void
print_kept(const struct kept *k)
{
	console_printf("  $%-2d order %-2u frame 0x%05lx  physical 0x%08x  ",
		       (int)(k - kept) + 1, k->order, page_to_pfn(k->page),
		       page_to_phys(k->page));
	if (page_address(k->page)) {
		console_printf("virtual %p  ", page_address(k->page));
		command_shown(page_address(k->page));
	} else {
		console_printf("no address          ");
	}
	console_printf("%s\n", page_zone(k->page)->name);
}

static int
list_kept(void)
{
	unsigned int n = 0;

	for (const struct kept *k = kept; k < ARRAY_END(kept); k++) {
		if (!k->page)
			continue;
		print_kept(k);
		n++;
	}
	return n ? 0
		 : command_refuse(0, "Nothing is yours: alloc ORDER takes "
				     "2^ORDER pages.");
}

static int
cmd_alloc(int argc, char **argv)
{
	gfp_t gfp = GFP_KERNEL;
	char names[160];
	struct kept *k;
	u32 order;
	int error;

	if (argc > 3)
		return -EINVAL;
	if (argc == 1)
		return list_kept();
	error = command_count(argv[1], "ORDER", 0, ~0u, &order);
	if (!error && argc == 3)
		error = command_gfp(argv[2], &gfp);
	if (error)
		return error;
	for (k = kept; k < ARRAY_END(kept) && k->page; k++)
		;
	if (k == ARRAY_END(kept))
		return command_refuse(-ENOSPC,
				      "$1 to $%d are all in use: free one.",
				      KEPT_MAX);
	console_printf("alloc_pages(%s, %u)\n",
		       gfp_format(gfp, names, sizeof(names)), order);
	*k = (struct kept){alloc_pages(gfp, order), order};
	if (!k->page) {
		console_printf("  = NULL\n");
		return -ENOMEM;
	}
	print_kept(k);
	return 0;
}
COMMAND(alloc, "[ORDER [FLAG,...]]",
	"allocates 2^ORDER pages; alone: lists what it has\n"
	"FLAG: who asks: kernel (that is, unless you say), user, atomic,\n"
	"nowait, highuser; and what is wanted: dma, zero, comp.\n"
	"alloc 3 atomic    alloc 0 dma,zero    free $1    free all");

/* Places whose pages have been freed, whoever did it, are empty. */
static void
forget_freed(void)
{
	for (struct kept *k = kept; k < ARRAY_END(kept); k++)
		if (k->page && !page_count(k->page))
			k->page = NULL;
}

static int
free_kept(const char *name)
{
	u32 n;

	if (kstrtou32(name + 1, 10, &n) || n - 1 >= KEPT_MAX ||
	    !kept[n - 1].page)
		return command_refuse(
			-ENOENT, "There is no %s: alloc lists those there are.",
			name);
	__free_pages(kept[n - 1].page, kept[n - 1].order);
	return 0;
}

static int
free_given(char *address, char *order_text)
{
	u32 addr, order;
	int error = command_number(address, &addr);

	if (!error)
		error = command_count(order_text, "ORDER", 0, MAX_ORDER,
				      &order);
	if (!error)
		free_pages(addr, order);
	return error;
}

static int
cmd_free(int argc, char **argv)
{
	unsigned long before = nr_free_pages();
	int error = 0;

	if (argc == 2 && !strcmp(argv[1], "all")) {
		for (struct kept *k = kept; k < ARRAY_END(kept); k++)
			if (k->page)
				__free_pages(k->page, k->order);
	} else if (argc == 2 && argv[1][0] == '$') {
		error = free_kept(argv[1]);
	} else if (argc == 3) {
		error = free_given(argv[1], argv[2]);
	} else {
		return -EINVAL;
	}
	forget_freed();
	before = nr_free_pages() - before;
	if (!error)
		console_printf("%lu page%s came back.\n", before,
			       plural(before));
	return error;
}
COMMAND(free, "$N | all | ADDR ORDER",
	"frees what alloc gave, or any address\n"
	"An address is believed as the kernel's own code would be: a mistake\n"
	"is reported and changes nothing, but pages that somebody uses, with\n"
	"the order they were allocated with, are taken from under him.");

/* What is free and waits where it was used last: in lists, in magazines. */
static void
drain(void)
{
	struct kmem_cache *cache = NULL;

	while ((cache = cache_next(cache)))
		kmem_cache_shrink(cache);
	vmap_flush();
	drain_local_pages();
}

/* Free pages in the zones' own lists. */
static unsigned long
zone_pages(void)
{
	unsigned long pages = 0;

	for (struct zone *zone = zones; zone < ARRAY_END(zones); zone++)
		pages += zone->free_pages;
	return pages;
}

static int
cmd_drain(int argc __maybe_unused, char **argv __maybe_unused)
{
	unsigned long pages = zone_pages();

	drain();
	pages = zone_pages() - pages;
	console_printf("%lu page%s came back to their zones.\n", pages,
		       plural(pages));
	return 0;
}
COMMAND(drain, "",
	"gives back what is free and only waits for its next user\n"
	"Empty slabs and their objects in magazines, areas of vfree that are\n"
	"not flushed yet, pages in per-CPU lists: now they can merge.");

/* --- frag ------------------------------------------------------------------- */

/* Take every free block of this order, of every zone. => how many pages */
static unsigned long
take_all(unsigned int order, struct page **list)
{
	static const gfp_t from[] = {__GFP_HIGHMEM, 0, __GFP_DMA};
	unsigned long pages = 0;
	struct page *page;

	for (unsigned int i = 0; i < ARRAY_SIZE(from); i++)
		while (!command_stopped() &&
		       (page = alloc_pages(GFP_KERNEL | __GFP_MEMALLOC |
						   __GFP_NORETRY |
						   __GFP_NOWARN | from[i],
					   order))) {
			page->private = (unsigned long)*list;
			*list = page;
			pages += 1ul << order;
		}
	return pages;
}

/* Free the blocks of a list, or those at odd frame numbers. => how many */
static unsigned long
release(struct page **list, bool all, unsigned int order)
{
	struct page *page = *list, *next;
	unsigned long blocks = 0;

	*list = NULL;
	for (; page; page = next) {
		next = (struct page *)page->private;
		if (!all && page_to_pfn(page) % 2 == 0) {
			page->private = (unsigned long)*list;
			*list = page;
		} else {
			__free_pages(page, order);
			blocks++;
		}
	}
	drain_local_pages();
	return blocks;
}

bool
frag_shatter(void)
{
	if (shattered)
		return false;
	take_all(0, &shattered);
	release(&shattered, command_stopped(), 0);
	return true;
}

void
frag_mend(void)
{
	release(&shattered, true, 0);
}

/* Does the machine give 2^order pages? */
static void
try_order(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);

	console_printf("alloc_pages(GFP_KERNEL, %u), %u KiB: %s\n", order,
		       PAGE_KIB << order,
		       page ? "works" : "fails, even after a second");
	if (page)
		__free_pages(page, order);
}

static void
shatter(void)
{
	unsigned long free = nr_free_pages(), taken;
	char picture[] = "buddy";

	console_printf("Free: %lu pages. Taking all, page by page: ", free);
	taken = take_all(0, &shattered);
	console_printf("%lu pages.\n", taken);
	if (taken > free)
		console_printf("%lu of them came from caches that shrank.\n",
			       taken - free);
	console_printf("Giving back every other one: %lu pages.\n\n",
		       release(&shattered, false, 0));
	command_run(picture);
	console_printf("\nFree: %lu pages, %lu KiB. And yet:\n",
		       nr_free_pages(), nr_free_pages() * PAGE_KIB);
	try_order(0);
	try_order(1);
}

/* Leave whole blocks only: then it is known where the next page comes from. */
static int
set_aside(void)
{
	struct page *whole = NULL;

	drain();
	if (!take_all(MAX_ORDER, &whole))
		return command_refuse(-ENOMEM, "No block of %u KiB is free.",
				      PAGE_KIB << MAX_ORDER);
	console_printf("%lu pages are set aside until frag undo: all that were "
		       "free in smaller\nblocks than the largest.\n",
		       take_all(0, &aside));
	release(&whole, true, MAX_ORDER);
	if (command_stopped())
		release(&aside, true, 0);
	return 0;
}

static int
cmd_frag(int argc, char **argv)
{
	bool keep = argc == 2 && !strcmp(argv[1], "keep");
	bool undo = argc == 2 && !strcmp(argv[1], "undo");
	bool whole = argc == 2 && !strcmp(argv[1], "whole");
	unsigned long pages;

	if (argc > 1 && !keep && !undo && !whole)
		return -EINVAL;
	if (undo && !shattered && !aside)
		return command_refuse(-EBUSY,
				      "There is nothing to undo: neither frag "
				      "keep nor frag whole has been typed.");
	if (!undo && (shattered || (whole && aside)))
		return command_refuse(-EBUSY, "Memory is in pieces already: "
					      "frag undo mends it.");
	if (whole)
		return set_aside();
	if (!undo)
		shatter();
	if (keep && !command_stopped()) {
		console_printf("So it stays until frag undo.\n");
		return 0;
	}
	pages = release(&shattered, true, 0);
	if (undo)
		pages += release(&aside, true, 0);
	console_printf("Giving back the rest: %lu pages. ", pages);
	console_printf("Free: %lu pages.\n", nr_free_pages());
	return 0;
}
COMMAND(frag, "[keep | undo | whole]",
	"shows how memory that is half free can be of no use\n"
	"Takes all memory in single pages and gives every other one back. No\n"
	"two free pages are neighbours then: 8 KiB cannot be had. Then it\n"
	"gives back the rest; with keep, only when frag undo is typed. whole\n"
	"sets aside all that is free in smaller blocks than the largest: what\n"
	"comes next splits a whole one, whatever booting has taken.");
