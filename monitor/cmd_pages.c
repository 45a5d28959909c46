/* cmd_pages.c - looking at the page allocator: buddy, zones, page, map,
 * owners.
 *
 *   frames   [K K K][x][p][3 3 3 3 3 3 3 3][x x][.]     block_at: what is
 *             |      |  |  |                |    |      here, and how long
 *             kernel |  |  free, order 3    |    no RAM
 *                    |  in a per-CPU list   |
 *                    allocated, order 0     allocated, order 1
 *
 *   map     as many frames in a cell as make it fit: what most of them are
 *   buddy   the same colours, by order instead of by place
 *
 * A view takes no lock: what an interrupt changes meanwhile may be shown as it
 * was before or after. Every block is aligned to its size, so that a walk that
 * begins at a multiple of the largest meets the first frame of each.
 */
#include "boot.h"
#include "command.h"
#include "console.h"
#include "errno.h"
#include "explain.h"
#include "gfp.h"
#include "memblock.h"
#include "mmzone.h"
#include "page_owner.h"
#include "sections.h"
#include "string.h"
#include "util.h"
#include "walk.h"
#include "x86.h"

#define MAP_COLUMNS 64
#define MAP_ROWS    20
#define BAR_WIDTH   57 /* as wide as the numbers above it */
#define SITES_MAX   16

/* What a frame can be. Free ones: the order of their block. In a cell with as
 * many of one as of another, the later shows. */
enum kind {
	KIND_HOLE = NR_ORDERS,
	KIND_RESERVED,
	KIND_KERNEL,
	KIND_MEM_MAP,
	KIND_ALLOCATED,
	KIND_COMPOUND,
	KIND_SLAB,
	KIND_CACHED,
	KIND_USER, /* three colours of it: programs are told apart */
	KIND_FILE = KIND_USER + 3,
	NR_KINDS
};

static const struct {
	const char *colour; /* SGR: the larger a free block, the brighter */
	char letter;
	const char *name;
} kinds[NR_KINDS] = {
	{"32", '0', ""},
	{"32", '1', ""},
	{"32", '2', ""},
	{"92", '3', ""},
	{"92", '4', ""},
	{"92", '5', ""},
	{"30;42", '6', ""},
	{"30;42", '7', ""},
	{"30;42", '8', ""},
	{"30;102", '9', ""},
	{"30;102", 'A', " free, by the order of the block (A: 10)\n"},
	[KIND_HOLE] = {"90", '.', " no RAM "},
	[KIND_RESERVED] = {"30;47", 'R', " reserved "},
	[KIND_KERNEL] = {"97;44", 'K', " kernel "},
	[KIND_MEM_MAP] = {"30;46", 'M', " mem_map "},
	[KIND_ALLOCATED] = {"97;41", 'x', " allocated "},
	[KIND_COMPOUND] = {"97;45", 'C', " compound "},
	[KIND_SLAB] = {"97;46", 'S', " slab\n"},
	[KIND_CACHED] = {"30;43", 'p', " per-CPU list "},
	[KIND_USER] = {"97;42", 'U', ""},
	[KIND_USER + 1] = {"30;105", 'U', ""},
	[KIND_USER + 2] = {"30;103", 'U', " a program's, by its colour "},
	[KIND_FILE] = {"30;106", 'F', " a file's that a program maps"},
};

/* A page that programs map: a program and its forks have one family. */
static enum kind
user_kind(const struct page *page)
{
	uintptr_t mapping = (uintptr_t)page->mapping;

	return mapping & 1 ? KIND_USER + mapping / 16 % 3 : KIND_FILE;
}

/* The block that begins at a frame, and its length. */
static enum kind
block_at(unsigned long pfn, unsigned long *pages)
{
	const struct page *page = pfn_to_page(pfn);
	phys_addr_t pa = PFN_PHYS(pfn);

	*pages = 1;
	if (page->flags & PG_reserved) {
		if (pa - KERNEL_PHYS < __pa(_end) - KERNEL_PHYS)
			return KIND_KERNEL;
		if (pa - __pa(mem_map) < max_pfn * sizeof(*mem_map))
			return KIND_MEM_MAP;
		return memblock_is_memory(&memblock, pa) ? KIND_RESERVED
							 : KIND_HOLE;
	}
	*pages = 1ul << page_order(page);
	if (page->flags & PG_buddy)
		return page_order(page);
	if (!page->_refcount)
		return KIND_CACHED;
	if (page->flags & (PG_slab | PG_kmalloc))
		return KIND_SLAB;
	if (page->flags & PG_mapped)
		return user_kind(page);
	return page->flags & PG_head ? KIND_COMPOUND : KIND_ALLOCATED;
}

/* One cell of a picture; the colour only if it is another than before. */
static void
put_cell(enum kind kind, const char **colour)
{
	if (*colour != kinds[kind].colour)
		console_printf("\033[0;%sm", kinds[kind].colour);
	*colour = kinds[kind].colour;
	console_printf("%c", kinds[kind].letter);
}

/* --- buddy, zones ----------------------------------------------------------- */

/* All of a zone's free memory, BAR_WIDTH cells long: in each the order of the
 * block that lies there when they are sorted by size. */
static void
print_bar(const struct zone *zone)
{
	unsigned long free = zone->free_pages, sum = zone->area[0].nr_free;
	const char *colour = NULL;
	unsigned int order = 0;

	console_printf("%8lu pages free [", free);
	for (unsigned long i = 0; free && i < BAR_WIDTH; i++) {
		while (order < MAX_ORDER && sum <= i * free / BAR_WIDTH) {
			order++;
			sum += zone->area[order].nr_free << order;
		}
		put_cell(order, &colour);
	}
	console_printf("\033[0m]\n");
}

static int
cmd_buddy(int argc __maybe_unused, char **argv __maybe_unused)
{
	console_printf("blocks of 2^n pages, n =");
	for (unsigned int order = 0; order < NR_ORDERS; order++)
		console_printf("%*u", order ? 7 - min_t(int, order, 2) : 4,
			       order);
	console_printf("\n");
	for (struct zone *zone = zones; zone < ARRAY_END(zones); zone++) {
		if (!zone->managed)
			continue;
		console_printf("Node 0, zone %8s", zone->name);
		for (unsigned int order = 0; order < NR_ORDERS; order++)
			console_printf(" %*lu", 6 - min_t(int, order, 2),
				       zone->area[order].nr_free);
		console_printf("\n");
		print_bar(zone);
	}
	return 0;
}
COMMAND(buddy, "",
	"shows the free blocks of each zone, by size\n"
	"As /proc/buddyinfo: how many blocks of 1, 2, 4 ... 1024 pages "
	"(orders\n"
	"0 to 10) are free. The bar is all the free memory, smallest blocks\n"
	"first: the more of it shows A (order 10), the less it is fragmented.\n"
	"Pages in per-CPU lists are not in it: see zones.");

static int
cmd_zones(int argc __maybe_unused, char **argv __maybe_unused)
{
	static const char *const states[] = {"below min", "below low",
					     "below high", "above high"};

	console_printf("zone      spanned  managed     free  per-CPU      min"
		       "      low     high\n");
	for (struct zone *z = zones; z < ARRAY_END(zones); z++) {
		unsigned int mark = 0;

		while (mark < NR_WMARK && z->free_pages >= z->watermark[mark])
			mark++;
		console_printf("%-8s %8lu %8lu %8lu %8lu %8lu %8lu %8lu\n"
			       "         protection: (%lu, %lu, %lu)",
			       z->name, z->spanned, z->managed, z->free_pages,
			       pcp_pages(z), z->watermark[WMARK_MIN],
			       z->watermark[WMARK_LOW],
			       z->watermark[WMARK_HIGH], z->lowmem_reserve[0],
			       z->lowmem_reserve[1], z->lowmem_reserve[2]);
		console_printf("  now: %s\n",
			       z->managed ? states[mark] : "empty");
	}
	return 0;
}
COMMAND(zones, "",
	"shows each zone's size, free pages and watermarks\n"
	"All in pages. spanned: frames from first to last; managed: those it\n"
	"was given; per-CPU: free, but in a CPU's own lists. GFP_KERNEL stops\n"
	"at min, GFP_ATOMIC at half of it; below low the reclaimer is woken.\n"
	"protection: kept besides from requests that might have been served\n"
	"by the zone DMA, Normal or HighMem.");

/* --- page ------------------------------------------------------------------- */

/* What the frame is part of; then who had it. */
static void
print_state(unsigned long pfn)
{
	unsigned long head = ALIGN_DOWN(pfn, 1ul << MAX_ORDER), pages;
	const char *owner = memblock_owner(&memblock, PFN_PHYS(pfn));
	enum kind kind = block_at(head, &pages);

	while (pfn >= head + pages) {
		head += pages;
		kind = block_at(head, &pages);
	}
	console_printf("  %-12s ", "state");
	if (kind < KIND_HOLE)
		console_printf("free, in the zone's lists");
	else if (kind == KIND_CACHED)
		console_printf("free, in a per-CPU list");
	else if (kind == KIND_COMPOUND)
		console_printf("allocated, the %s of a compound page",
			       pfn == head ? "head" : "tail");
	else if (kind >= KIND_USER)
		console_printf("allocated, in %u page table%s of programs",
			       pfn_to_page(pfn)->mapcount,
			       plural(pfn_to_page(pfn)->mapcount));
	else if (kind >= KIND_ALLOCATED)
		console_printf("allocated");
	else
		console_printf("not for use:%s(%s)\n", kinds[kind].name,
			       owner ? owner : "nobody's");
	if (kind >= KIND_HOLE && kind < KIND_ALLOCATED)
		return;
	console_printf("\n  %-12s order %u, frames 0x%lx to 0x%lx\n", "block",
		       page_order(pfn_to_page(head)), head, head + pages - 1);
	page_owner_report(pfn_to_page(kind < KIND_HOLE ? pfn : head),
			  command_say);
}

/* The frame that is meant by a number: its own, or that of an address: in the
 * direct map, physical, or of vmalloc. => 0; *how it was named; -ERANGE */
static int
frame_of(u32 number, u32 *pfn, const char **how)
{
	struct pgtable_walk walk;

	if (pfn_valid(number)) {
		*pfn = number;
		*how = "its number";
	} else if (virt_is_direct((void *)number)) {
		*pfn = PHYS_PFN(__pa(number));
		*how = "an address";
	} else if (pfn_valid(PHYS_PFN(number))) {
		*pfn = PHYS_PFN(number);
		*how = "a physical address";
	} else if (number >= PAGE_OFFSET &&
		   pgtable_walk(read_cr3(), number, &walk) &&
		   pfn_valid(PHYS_PFN(walk.pa))) {
		*pfn = PHYS_PFN(walk.pa);
		*how = "a mapped address";
	} else {
		return -ERANGE;
	}
	return 0;
}

static int
cmd_page(int argc, char **argv)
{
	static const char *const flags[] = {"buddy", "reserved", "head",
					    "tail",  "slab",     "mapped"};
	struct page *page;
	u32 number, pfn;
	const char *how;
	int error;

	if (argc != 2)
		return -EINVAL;
	error = command_number(argv[1], &number);
	if (error)
		return error;
	error = frame_of(number, &pfn, &how);
	if (error)
		return command_refuse(
			error,
			"0x%x is neither a page frame (there are 0x%lx) "
			"nor a physical address, nor is a page mapped "
			"there (%s).",
			number, max_pfn, address_region(number));
	page = pfn_to_page(pfn);
	console_printf("  %-12s 0x%x = %u (%s was given)\n"
		       "  %-12s 0x%08x\n  %-12s ",
		       "frame", pfn, pfn, how, "physical", page_to_phys(page),
		       "direct map");
	if (page_address(page))
		console_printf("%p\n", page_address(page));
	else
		console_printf("none: high memory\n");
	console_printf("  %-12s %s\n", "zone", page_zone(page)->name);
	console_printf("  %-12s %d\n  %-12s 0x%x", "references",
		       page_count(page), "flags", page->flags);
	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++)
		if (page->flags & PG_buddy << i)
			console_printf(" %s", flags[i]);
	console_printf("\n");
	print_state(pfn);
	return 0;
}
COMMAND(page, "PFN | ADDR",
	"tells all about one page frame\n"
	"By its number, or by an address: physical, of the direct map or of\n"
	"vmalloc: where it is, which zone has it, whether it is free, "
	"allocated "
	"or\n"
	"reserved, and by whom (for allocated ones: boot with page_owner).");

/* --- map -------------------------------------------------------------------- */

/* What most of the `size` frames from pfn on are. *end: where the block ends
 * that was seen last; *kind: its kind. */
static enum kind
majority(unsigned long pfn, unsigned long size, unsigned long *end,
	 enum kind *kind)
{
	unsigned long count[NR_KINDS] = {0}, stop = min(pfn + size, max_pfn);
	enum kind best = 0;

	while (pfn < stop) {
		unsigned long pages;

		if (pfn >= *end) {
			*kind = block_at(pfn, &pages);
			*end = pfn + pages;
		}
		pages = min(*end, stop) - pfn;
		count[*kind] += pages;
		pfn += pages;
	}
	for (unsigned int i = 1; i < NR_KINDS; i++)
		if (count[i] >= count[best])
			best = i;
	return best;
}

static int
cmd_map(int argc __maybe_unused, char **argv __maybe_unused)
{
	unsigned long cell = 1, end = 0, pfn, i;
	enum kind kind = KIND_HOLE;
	const char *colour = NULL;

	while (DIV_ROUND_UP(max_pfn, cell) > MAP_ROWS * MAP_COLUMNS)
		cell *= 2;
	for (pfn = 0, i = 0; pfn < max_pfn; pfn += cell, i++) {
		if (i % MAP_COLUMNS == 0) {
			console_printf("%s0x%08x ", i ? "\033[0m\n" : "",
				       PFN_PHYS(pfn));
			colour = NULL;
		}
		put_cell(majority(pfn, cell, &end, &kind), &colour);
	}
	console_printf("\033[0m\na cell: %lu KiB  ", cell * PAGE_KIB);
	for (i = 0; i < NR_KINDS; i++) {
		put_cell(i, &colour);
		if (*kinds[i].name)
			console_printf("\033[0m%s", kinds[i].name);
	}
	console_printf("\n");
	return 0;
}
COMMAND(map, "",
	"draws all of physical memory\n"
	"Each cell stands for as many page frames as make it fit, and shows\n"
	"what most of them are: the digits are free blocks, by order.");

static int
cmd_owners(int argc __maybe_unused, char **argv __maybe_unused)
{
	struct page_owner_site sites[SITES_MAX];
	unsigned int n = page_owner_sites(sites, SITES_MAX);

	if (!n)
		return command_refuse(-ENOENT,
				      "Nothing is known: boot with page_owner, "
				      "and allocate something.");
	console_printf("   pages   blocks  allocated by\n");
	for (unsigned int i = 0; i < n; i++)
		console_printf("%8lu %8lu  %pS\n", sites[i].pages,
			       sites[i].blocks, (void *)(sites[i].caller - 1));
	return 0;
}
COMMAND(owners, "", "shows who allocated most pages (needs page_owner)");

static int
cmd_reserve(int argc, char **argv)
{
	phys_addr_t pa;
	size_t size;
	const char *owner = reserve_owner(&pa, &size);

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "claim") != 0))
		return -EINVAL;
	if (!pa)
		return command_refuse(
			-ENOENT,
			size ? "No room was found for it at boot: ask "
			       "for less than reserve=%zu."
			     : "Nothing is set aside: boot with "
			       "reserve=SIZE.",
			size);
	if (argc == 2 && !reserve_claim("the monitor", &size))
		return command_refuse(-EBUSY, "It is taken already, by %s.",
				      owner);
	console_printf("%zu KiB, physical 0x%08x, virtual 0x%08x, for: %s\n",
		       size / SZ_1K, pa, (u32)__va(pa),
		       argc == 2 ? "you"
		       : owner   ? owner
				 : "nobody yet");
	return 0;
}
COMMAND(reserve, "[claim]",
	"shows, or takes, the memory set aside with reserve=\n"
	"It is physically contiguous: taken at boot, before anything could\n"
	"fragment it. What is claimed is never given back.");
