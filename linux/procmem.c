/* procmem.c - what /proc tells about memory and interrupts, in Linux's formats:
 * meminfo, buddyinfo, zoneinfo, slabinfo, vmallocinfo, interrupts.
 *
 *   mm's own numbers --seq_printf--> text that Linux's tools can read
 *
 * What Linux counts and we do not have is left out. It takes no lock: each
 * number is true, if not all at the same moment.
 */
#include "../mm/internal.h"
#include "fs.h"
#include "gfp.h"
#include "irq.h"
#include "mmzone.h"
#include "seq.h"
#include "slab.h"
#include "util.h"
#include "vmalloc.h"
#include "vmap_debug.h"

static unsigned long
managed_pages(unsigned int first, unsigned int last)
{
	unsigned long sum = 0;

	for (unsigned int i = first; i <= last; i++)
		sum += zones[i].managed;
	return sum;
}

static unsigned long
slab_pages(void)
{
	struct kmem_cache *cache = NULL;
	unsigned long sum = 0;

	while ((cache = cache_next(cache)))
		sum += cache->nr_pages;
	return sum;
}

static void
show_kb(struct seq *seq, const char *name, unsigned long pages)
{
	seq_printf(seq, "%-15s %8lu kB\n", name, pages * PAGE_KIB);
}

static int
show_meminfo(struct seq *seq, int pid __maybe_unused)
{
	unsigned long high = zones[ZONE_HIGHMEM].free_pages +
			     pcp_pages(&zones[ZONE_HIGHMEM]);

	show_kb(seq, "MemTotal:", managed_pages(0, ZONE_HIGHMEM));
	show_kb(seq, "MemFree:", nr_free_pages());
	show_kb(seq, "MemAvailable:", nr_free_pages());
	show_kb(seq, "Buffers:", 0);
	show_kb(seq, "Cached:", nr_cached_pages());
	show_kb(seq, "HighTotal:", managed_pages(ZONE_HIGHMEM, ZONE_HIGHMEM));
	show_kb(seq, "HighFree:", high);
	show_kb(seq, "LowTotal:", managed_pages(0, ZONE_NORMAL));
	show_kb(seq, "LowFree:", nr_free_pages() - high);
	show_kb(seq, "SwapTotal:", 0);
	show_kb(seq, "SwapFree:", 0);
	show_kb(seq, "Slab:", slab_pages());
	return 0;
}
PROC_FILE(meminfo, show_meminfo);

static int
show_buddyinfo(struct seq *seq, int pid __maybe_unused)
{
	for (struct zone *zone = zones; zone < ARRAY_END(zones); zone++) {
		if (!zone->managed)
			continue;
		seq_printf(seq, "Node 0, zone %8s ", zone->name);
		for (unsigned int order = 0; order < NR_ORDERS; order++)
			seq_printf(seq, "%6lu ", zone->area[order].nr_free);
		seq_printf(seq, "\n");
	}
	return 0;
}
PROC_FILE(buddyinfo, show_buddyinfo);

static int
show_zoneinfo(struct seq *seq, int pid __maybe_unused)
{
	for (struct zone *z = zones; z < ARRAY_END(zones); z++) {
		if (!z->managed)
			continue;
		seq_printf(seq,
			   "Node 0, zone %8s\n  pages free     %lu\n"
			   "        min      %lu\n        low      %lu\n"
			   "        high     %lu\n        spanned  %lu\n"
			   "        present  %lu\n        managed  %lu\n"
			   "        protection: (%lu, %lu, %lu)\n"
			   "  pagesets\n    cpu: 0\n              count: %lu\n"
			   "  start_pfn:           %lu\n",
			   z->name, z->free_pages, z->watermark[WMARK_MIN],
			   z->watermark[WMARK_LOW], z->watermark[WMARK_HIGH],
			   z->spanned, z->managed, z->managed,
			   z->lowmem_reserve[0], z->lowmem_reserve[1],
			   z->lowmem_reserve[2], pcp_pages(z), z->start_pfn);
	}
	return 0;
}
PROC_FILE(zoneinfo, show_zoneinfo);

static int
show_slabinfo(struct seq *seq, int pid __maybe_unused)
{
	struct kmem_cache *c = NULL;

	seq_printf(seq, "slabinfo - version: 2.1\n"
			"# name            <active_objs> <num_objs> <objsize> "
			"<objperslab> <pagesperslab> : tunables <limit> "
			"<batchcount> <sharedfactor> : slabdata <active_slabs> "
			"<num_slabs> <sharedavail>\n");
	while ((c = cache_next(c)))
		seq_printf(seq,
			   "%-17s %6lu %6lu %6u %4u %4u : tunables %4d %4u %4u "
			   ": slabdata %6u %6u %6u\n",
			   c->name, c->nr_out - parked(c), c->nr_objects,
			   c->size, c->per_slab, 1u << c->order,
			   magazine_of(c)->limit, 0u, 0u,
			   c->nr_slabs - c->nr_empty, c->nr_slabs, 0u);
	return 0;
}
PROC_FILE(slabinfo, show_slabinfo);

/* The guard page counts, as on Linux. */
static int
show_vmallocinfo(struct seq *seq, int pid __maybe_unused)
{
	struct vmap_info info;
	uintptr_t from = seq->next;

	while (vmap_next(&from, &info)) {
		size_t size = info.size + PAGE_SIZE, start = seq->len;

		seq_printf(seq, "0x%08lx-0x%08lx %7zu %pS", info.start,
			   info.start + size, size, (void *)info.caller);
		if (info.nr_pages)
			seq_printf(seq, " pages=%lu", info.nr_pages);
		seq_printf(seq, "%s%s\n",
			   info.flags & VM_ALLOC     ? " vmalloc"
			   : info.flags & VM_IOREMAP ? " ioremap"
						     : " vmap",
			   info.flags & VM_USERMAP ? " user" : "");
		if (seq_stop(seq, start, info.start))
			break;
	}
	return 0;
}
PROC_FILE(vmallocinfo, show_vmallocinfo);

static int
show_interrupts(struct seq *seq, int pid __maybe_unused)
{
	seq->len = irq_format(seq->buf, seq->size);
	if (seq->len + 1 >= seq->size)
		seq->len = seq->size; /* it may have been cut */
	return 0;
}
PROC_FILE(interrupts, show_interrupts);
