/* cmd_vm.c - the vmalloc window: vmap shows it; vmalloc and vfree use it by
 * hand.
 *
 *   0xf7400000-0xf7403000   12288 cmd_vmalloc+0xe0/0x160 pages=2 vmalloc
 *   |                       |     |                      |
 *   |                       |     who asked              the pages it has
 *   the area and its guard page: 2 pages are 3 here
 *
 *   [#L......#.]   the window: taken, freed and not yet flushed, free
 *
 * Areas are read one at a time: those that come and go while it prints may be
 * shown or not.
 */
#include "command.h"
#include "console.h"
#include "errno.h"
#include "kept.h"
#include "pgtable.h"
#include "printf.h"
#include "string.h"
#include "util.h"
#include "vmalloc.h"
#include "vmap_debug.h"

#define COLUMNS 64 /* cells in a row of the picture */

/* The window, in cells of the same size. */
static struct {
	char cell[COLUMNS + 1];
	unsigned long areas, lazy;       /* how many; of them freed */
	unsigned long bytes, lazy_bytes; /* with guard pages */
	unsigned long pages;
} view;

/* --- vmap ------------------------------------------------------------------- */

/* A cell shows the most telling of what lies in it: # before L before dots. */
static void
draw(const struct vmap_info *info)
{
	size_t cell = (VMALLOC_END - VMALLOC_START) / COLUMNS;
	size_t i = (info->start - VMALLOC_START) / cell;
	size_t last = (info->start + info->size - VMALLOC_START) / cell;

	for (; i <= last; i++)
		if (view.cell[i] != '#')
			view.cell[i] = info->freed ? 'L' : '#';
}

static void
print_area(const struct vmap_info *info)
{
	char line[200];
	size_t n;

	n = scnprintf(line, sizeof(line), "0x%08lx-0x%08lx %7zu %pS",
		      info->start, info->start + info->size + PAGE_SIZE,
		      info->size + PAGE_SIZE, (void *)(info->caller - 1));
	if (info->nr_pages)
		n += scnprintf(line + n, sizeof(line) - n, " pages=%lu",
			       info->nr_pages);
	if (info->flags & VM_IOREMAP)
		n += scnprintf(line + n, sizeof(line) - n, " phys=0x%08lx",
			       vmalloc_to_pfn((void *)info->start) * PAGE_SIZE);
	n += scnprintf(line + n, sizeof(line) - n, "%s%s%s%s%s",
		       info->flags & VM_IOREMAP ? " ioremap" : "",
		       info->flags & VM_ALLOC ? " vmalloc" : "",
		       info->flags & VM_MAP ? " vmap" : "",
		       info->flags & VM_USERMAP ? " user" : "",
		       info->freed ? " freed" : "");
	console_rows(line, n, 0, "                              ");
	console_printf("\n");
}

static int
cmd_vmap(int argc __maybe_unused, char **argv __maybe_unused)
{
	const size_t window = VMALLOC_END - VMALLOC_START;
	uintptr_t from = VMALLOC_START;
	struct vmap_info info;

	memset(&view, 0, sizeof(view));
	memset(view.cell, '.', COLUMNS);
	while (vmap_next(&from, &info)) {
		print_area(&info);
		draw(&info);
		view.areas++;
		view.bytes += info.size + PAGE_SIZE;
		view.pages += info.nr_pages;
		view.lazy += info.freed;
		view.lazy_bytes += info.freed ? info.size + PAGE_SIZE : 0;
	}
	console_printf("0x%08lx [%s]\n"
		       "a cell: %zu KiB  # taken  L freed, not yet flushed  . "
		       "free\n",
		       VMALLOC_START, view.cell, window / COLUMNS / SZ_1K);
	return command_refuse(
		0,
		"%lu area%s with %lu page%s take %lu of %zu KiB; %lu of "
		"them, %lu KiB, are L.",
		view.areas, plural(view.areas), view.pages, plural(view.pages),
		view.bytes / SZ_1K, window / SZ_1K, view.lazy,
		view.lazy_bytes / SZ_1K);
}
COMMAND(vmap, "",
	"lists the areas of the vmalloc window, and draws it\n"
	"As /proc/vmallocinfo. Each with its guard page: from, to, bytes, who "
	"asked for it, how "
	"many\n"
	"pages are its own, what it is. Then the window as a picture. vfree\n"
	"keeps what it gets until the next flush of the TLB: L.");

/* --- vmalloc, vfree --------------------------------------------------------- */

/* Where its pages are: how many runs of neighbours. */
static void
print_kept(const struct kept *k, int number)
{
	unsigned long pages = PHYS_PFN(PAGE_ALIGN(k->size)), runs = 0;
	unsigned long high = 0, last = 0;
	char line[160];
	size_t n;

	for (unsigned long i = 0; i < pages; i++) {
		unsigned long pfn = vmalloc_to_pfn(k->p + i * PAGE_SIZE);

		runs += pfn != last + 1;
		high += page_zone_index(pfn_to_page(pfn)) == ZONE_HIGHMEM;
		last = pfn;
	}
	n = scnprintf(line, sizeof(line),
		      "  $%-2d virtual %p  physical 0x%08lx%s  %lu page%s",
		      number, k->p, vmalloc_to_pfn(k->p) * PAGE_SIZE,
		      pages > 1 ? " ..." : "", pages, plural(pages));
	if (pages > 1)
		n += scnprintf(line + n, sizeof(line) - n, " in %lu run%s",
			       runs, plural(runs));
	n += scnprintf(line + n, sizeof(line) - n, "%s",
		       high == pages ? ", high"
		       : high        ? ", some high"
				     : "");
	console_rows(line, n, 0, "      ");
	console_printf("\n");
}

static struct kept_list kept = {
	.take = "vmalloc",
	.give = "vfree",
	.print = print_kept,
	.free = vfree,
};

static int
cmd_vmalloc(int argc, char **argv)
{
	gfp_t gfp = GFP_KERNEL | __GFP_HIGHMEM;
	char names[160];
	struct kept *k;
	int error = kept_request(&kept, argc, argv, &gfp, &k);

	if (error || !k)
		return error;
	console_printf("__vmalloc(%u, %s)\n", k->size,
		       gfp_format(gfp, names, sizeof(names)));
	k->p = __vmalloc(k->size, gfp);
	if (!k->p) {
		console_printf("  = NULL\n");
		return -ENOMEM;
	}
	if (!(gfp & __GFP_ZERO)) /* as kmalloc does: no old pointers */
		memset(k->p, '$', k->size);
	kept_print(&kept, k);
	return 0;
}
COMMAND(vmalloc, "[SIZE [FLAG,...]]",
	"allocates SIZE bytes; alone: lists what it has\n"
	"FLAG: which pages: highuser (high memory too: so unless you say),\n"
	"kernel, dma; zero: cleared. What is not is filled with $. A run is\n"
	"pages that are neighbours physically, too.");

static unsigned long
nr_live_areas(void)
{
	uintptr_t from = VMALLOC_START;
	struct vmap_info info;
	unsigned long live = 0;

	while (vmap_next(&from, &info))
		live += !info.freed;
	return live;
}

static int
cmd_vfree(int argc, char **argv)
{
	bool all = argc == 2 && !strcmp(argv[1], "all");
	unsigned long areas = nr_live_areas();
	u32 address = 0;
	int error;

	if (argc != 2)
		return -EINVAL;
	error = all ? 0 : kept_address(&kept, argv[1], &address);
	if (error)
		return error;
	if (!all)
		vfree((void *)address);
	kept_forget(&kept, address, all);
	areas -= nr_live_areas();
	console_printf("%lu area%s freed.\n", areas, plural(areas));
	return 0;
}
COMMAND(vfree, "$N | all | ADDR",
	"frees what vmalloc gave, or any address\n"
	"Wrong addresses are reported by vfree and change nothing; what\n"
	"somebody uses is taken from under him.");
