/* cmd_compare.c - compare N: N bytes three times, side by side.
 *
 *        kmalloc(N)         __get_free_pages       vmalloc(N)
 *            |                     |                   |
 *   take, look where it is, give back                          look_at
 *   the same against the clock                                 measure
 *   the same in the timer's interrupt                          try_in_interrupt
 *   the same, with memory in pieces (cmd_frag.c)               try_shattered
 *            |                     |                   |
 *   and all of it printed, a line for each question            cmd_compare
 *
 * Nothing is printed because the books say so. Where the bytes are is read
 * from the tables that the CPU uses, entries are counted before and after,
 * what an interrupt may do is done in one. What the kernel says to that is
 * kept from the screen, and counted; dmesg has it.
 */
#include "command.h"
#include "console.h"
#include "cpu.h"
#include "drivers.h"
#include "errno.h"
#include "frag.h"
#include "gfp.h"
#include "pgtable.h"
#include "preempt.h"
#include "printf.h"
#include "printk.h"
#include "sched.h"
#include "slab.h"
#include "string.h"
#include "tick.h"
#include "util.h"
#include "vmalloc.h"
#include "walk.h"
#include "x86.h"

#define NR_WAYS     3
#define PAGES_SHOWN 3
#define ROUNDS      9 /* against the clock; the cheapest counts */
#define MAX_PAIR    4 /* instructions that two rdtsc in a row can be, at most */
#define LOOP        1000

/* Quickly: neither a report nor a second of waiting. */
#define GFP_TRY (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

/* --- Three ways to memory ----------------------------------------------------- */

struct way {
	const char *name;
	void *(*take)(size_t size, gfp_t gfp);
	void (*give)(void *p, size_t size);
	size_t (*room)(const void *p, size_t size); /* bytes it really has */
};

static void *
take_kmalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp);
}

static void
give_kmalloc(void *p, size_t size __maybe_unused)
{
	kfree(p);
}

static size_t
room_kmalloc(const void *p, size_t size __maybe_unused)
{
	return ksize(p);
}

static void *
take_pages(size_t size, gfp_t gfp)
{
	if (get_order(size) > MAX_ORDER)
		return NULL;
	return (void *)__get_free_pages(gfp, get_order(size));
}

static void
give_pages(void *p, size_t size)
{
	free_pages((unsigned long)p, get_order(size));
}

static size_t
room_pages(const void *p __maybe_unused, size_t size)
{
	return PAGE_SIZE << get_order(size);
}

static void *
take_vmalloc(size_t size, gfp_t gfp)
{
	return __vmalloc(size, gfp | __GFP_HIGHMEM);
}

static void
give_vmalloc(void *p, size_t size __maybe_unused)
{
	vfree(p);
}

static size_t
room_vmalloc(const void *p __maybe_unused, size_t size)
{
	return PAGE_ALIGN(size);
}

static const struct way ways[NR_WAYS] = {
	{"kmalloc", take_kmalloc, give_kmalloc, room_kmalloc},
	{"__get_free_pages", take_pages, give_pages, room_pages},
	{"vmalloc", take_vmalloc, give_vmalloc, room_vmalloc},
};

/* --- What is found out about each --------------------------------------------- */

struct place {
	phys_addr_t pa[PAGES_SHOWN]; /* where the first pages are */
	unsigned long pages, runs;   /* runs of neighbours */
	unsigned int zones;          /* a bit each */
	bool constant; /* virtual - physical is the same for all */
};

static struct {
	size_t size;
	struct found {
		void *p; /* NULL: it could not be had */
		size_t room;
		struct place place;
		long entries;      /* page-table entries: more than before */
		u64 take, give;    /* ticks of the TSC */
		bool in_irq;       /* an interrupt got it */
		unsigned int bugs; /* reports that cost it */
		unsigned long shattered; /* runs in shattered memory; 0: NULL */
	} found[NR_WAYS];
	volatile bool irq_done;
} test;

/* Follow the page tables, page by page. */
static void
look_at(const void *p, size_t room, struct place *place)
{
	uintptr_t va = (uintptr_t)p, end = va + room, distance = 0;
	phys_addr_t next = 0;
	struct pgtable_walk walk;

	*place = (struct place){.constant = true};
	for (; va < end; va = ALIGN_DOWN(va, PAGE_SIZE) + PAGE_SIZE) {
		pgtable_walk(read_cr3(), va, &walk);
		if (!place->pages)
			distance = va - walk.pa;
		if (place->pages < PAGES_SHOWN)
			place->pa[place->pages] = walk.pa;
		place->runs += !place->pages || walk.pa != next;
		place->constant &= va - walk.pa == distance;
		place->zones |=
			1u << page_zone_index(pfn_to_page(PHYS_PFN(walk.pa)));
		place->pages++;
		next = ALIGN_DOWN(walk.pa, PAGE_SIZE) + PAGE_SIZE;
	}
}

/* Entries of the kernel half that map a page of 4 KiB. */
static unsigned long
count_entries(void)
{
	const pde_t *dir = __va(read_cr3() & PAGE_MASK);
	struct pgtable_range range = {.start = PAGE_OFFSET};
	unsigned long entries = 0;

	while (pgtable_next_range(dir, range.start + range.size, &range))
		if (!(range.flags & _PAGE_LARGE))
			entries += PHYS_PFN(range.size);
	return entries;
}

static void
take_and_look(const struct way *way, struct found *found)
{
	unsigned long before = count_entries();

	found->p = way->take(test.size, GFP_TRY);
	if (!found->p)
		return;
	found->entries = count_entries() - before;
	found->room = way->room(found->p, test.size);
	look_at(found->p, found->room, &found->place);
	way->give(found->p, test.size);
}

/* The first round is not counted. What vfree puts off, the next vmalloc pays. */
static void
measure(const struct way *way, struct found *found)
{
	found->take = found->give = ~0ull;
	for (unsigned int i = 0; i < ROUNDS && !command_stopped(); i++) {
		u64 start = rdtsc(), taken;
		void *p = way->take(test.size, GFP_TRY);

		taken = rdtsc();
		if (!p)
			return;
		way->give(p, test.size);
		if (i) {
			found->give = min(found->give, rdtsc() - taken);
			found->take = min(found->take, taken - start);
		}
	}
}

static void
try_in_interrupt(void)
{
	if (test.irq_done)
		return;
	for (unsigned int i = 0; i < NR_WAYS; i++) {
		struct found *found = &test.found[i];
		unsigned int bugs = might_sleep_count();
		void *p = ways[i].take(test.size, GFP_ATOMIC | __GFP_NOWARN);

		found->in_irq = p != NULL;
		if (p)
			ways[i].give(p, test.size);
		found->bugs = might_sleep_count() - bugs;
	}
	test.irq_done = true;
}

static void
try_shattered(const struct way *way, struct found *found)
{
	struct place place;
	void *p = way->take(test.size, GFP_TRY);

	if (!p)
		return;
	look_at(p, way->room(p, test.size), &place);
	found->shattered = place.runs;
	way->give(p, test.size);
}

/* --- The clock ---------------------------------------------------------------- */

static __noinline u32
time_loop(u32 turns)
{
	u64 start = rdtsc();

	while (turns--)
		barrier();
	return rdtsc() - start;
}

/* QEMU with -icount: two rdtsc take fewer ticks than any CPU needs, and a turn
 * of a loop always the same few. */
static bool
tsc_counts_instructions(void)
{
	unsigned long flags = local_irq_save();
	u64 pair = rdtsc();
	u32 once, twice, thrice;

	pair = rdtsc() - pair;
	once = time_loop(LOOP);
	twice = time_loop(2 * LOOP);
	thrice = time_loop(3 * LOOP);
	local_irq_restore(flags);
	return pair <= MAX_PAIR && twice - once == thrice - twice &&
	       (twice - once) % LOOP == 0;
}

/* --- The screen --------------------------------------------------------------- */

static char cells[NR_WAYS][24];

#define CELL(i, ...) scnprintf(cells[i], sizeof(cells[i]), __VA_ARGS__)

static void
print_row(const char *label)
{
	console_printf("%-17s%-21s%-21s%s\n", label, cells[0], cells[1],
		       cells[2]);
	memset(cells, 0, sizeof(cells));
}

/* One cell for each way that got its memory; the others' stay empty. */
#define ROW(label, found, ...)                                       \
	do {                                                         \
		for (unsigned int i_ = 0; i_ < NR_WAYS; i_++) {      \
			const struct found *found = &test.found[i_]; \
			if (found->p)                                \
				CELL(i_, __VA_ARGS__);               \
		}                                                    \
		print_row(label);                                    \
	} while (0)

static const char *
zone_names(unsigned int bits, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned int i = MAX_NR_ZONES; i-- > 0;)
		if (bits >> i & 1)
			n += scnprintf(buf + n, size - n, "%s%s", n ? ", " : "",
				       zones[i].name);
	return buf;
}

static void
print_places(void)
{
	char names[24];

	for (unsigned int i = 0; i < PAGES_SHOWN; i++) {
		bool any = false;

		for (unsigned int w = 0; w < NR_WAYS; w++) {
			const struct place *place = &test.found[w].place;

			if (i < place->pages) {
				CELL(w, "0x%08x", place->pa[i]);
				any = true;
			}
		}
		if (any)
			print_row(i ? "" : "physical");
	}
	for (unsigned int w = 0; w < NR_WAYS; w++) {
		const struct place *place = &test.found[w].place;

		if (place->runs == 1)
			CELL(w, "%lu contiguous", place->pages);
		else if (place->pages)
			CELL(w, "%lu in %lu runs", place->pages, place->runs);
	}
	print_row("pages");
	ROW("zone", found, "%s",
	    zone_names(found->place.zones, names, sizeof(names)));
}

static void
print_costs(void)
{
	const char *unit = "cycles";

	if (!cpu_has(X86_FEATURE_TSC))
		return;
	if (tsc_counts_instructions())
		unit = "instructions";
	ROW("taking costs", found, "%llu %s", found->take, unit);
	ROW("giving back", found, "%llu %s", found->give, unit);
}

static void
print_all(void)
{
	char title[17];

	snprintf(title, sizeof(title), "%zu bytes", test.size);
	for (unsigned int i = 0; i < NR_WAYS; i++)
		CELL(i, "%s", ways[i].name);
	print_row(title);
	for (unsigned int i = 0; i < NR_WAYS; i++)
		CELL(i, test.found[i].p ? "%zu bytes" : "NULL",
		     test.found[i].room);
	print_row("gives");
	ROW("virtual", found, "%p", found->p);
	print_places();
	ROW("virtual - phys.", found,
	    found->place.constant ? "0x%08x" : "varies",
	    (u32)found->p - found->place.pa[0]);
	ROW("table entries", found, "%ld written", found->entries);
	print_costs();
	for (unsigned int i = 0; i < NR_WAYS; i++)
		CELL(i, test.found[i].in_irq ? "works, GFP_ATOMIC"
			: test.found[i].bugs ? "a BUG report, NULL"
					     : "NULL");
	print_row("in an interrupt");
	for (unsigned int i = 0; i < NR_WAYS; i++)
		CELL(i, test.found[i].shattered ? "works, %lu run%s" : "NULL",
		     test.found[i].shattered,
		     test.found[i].shattered == 1 ? "" : "s");
	print_row("memory in pieces");
}

static void
find_out(void)
{
	bool shattered;

	for (unsigned int i = 0; i < NR_WAYS; i++) {
		take_and_look(&ways[i], &test.found[i]);
		if (cpu_has(X86_FEATURE_TSC))
			measure(&ways[i], &test.found[i]);
	}
	tick_set_hook(try_in_interrupt);
	while (!READ_ONCE(test.irq_done))
		msleep(1);
	tick_set_hook(NULL);
	shattered = frag_shatter();
	for (unsigned int i = 0; i < NR_WAYS; i++)
		try_shattered(&ways[i], &test.found[i]);
	if (shattered)
		frag_mend();
	vmap_purge();
}

static int
cmd_compare(int argc, char **argv)
{
	unsigned int bugs = might_sleep_count();
	int error, level;
	u32 size;

	if (argc != 2)
		return -EINVAL;
	error = command_count(argv[1], "N (bytes; the vmalloc window ends it)",
			      1, VMALLOC_END - VMALLOC_START, &size);
	if (error)
		return error;
	memset(&test, 0, sizeof(test));
	test.size = size;
	level = printk_set_level(-1);
	find_out();
	printk_set_level(level);
	print_all();
	if (size > KMALLOC_MAX_SIZE)
		console_printf("NULL: more than %zu bytes are never had in one "
			       "run (order %u).\n",
			       KMALLOC_MAX_SIZE, MAX_ORDER);
	if (might_sleep_count() != bugs)
		console_printf("The report is in dmesg.\n");
	return 0;
}
COMMAND(compare, "N",
	"compares N bytes of kmalloc, of pages and of vmalloc\n"
	"Side by side, the page allocator in the middle: where they are, "
	"virtually and physically, whether the\n"
	"difference of the two addresses is the same for all of them, which\n"
	"entries of page tables had to be written, what a pair of calls costs\n"
	"(the cheapest of 8; what vfree puts off, the next vmalloc pays) in\n"
	"cycles of the time stamp counter, or in instructions where it counts\n"
	"those (QEMU -icount), whether an interrupt may, and what is left of\n"
	"it when every other page of memory is taken (frag).");
