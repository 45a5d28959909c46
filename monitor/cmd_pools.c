/* cmd_pools.c - the two kinds of memory pool, shown: mempool, who gets the last
 * elements; arena, what many small objects cost.
 */
#include "arena.h"
#include "command.h"
#include "console.h"
#include "cpu.h"
#include "drivers.h"
#include "errno.h"
#include "mempool.h"
#include "slab.h"
#include "tick.h"
#include "util.h"
#include "x86.h"

#define RESERVE     4
#define ELEMENT     192 /* bytes */
#define WAIT        25  /* ticks: 0.1 s */
#define OBJECT      20  /* bytes: between two classes of kmalloc */
#define OBJECTS_MAX 10000

/* --- mempool ---------------------------------------------------------------- */

static struct {
	bool no_memory; /* what the allocator is to believe */
	mempool_t *pool;
	void *element; /* what the timer gives back, when ticks are 0 */
	unsigned int ticks;
} demo;

static void *
demo_alloc(gfp_t gfp, void *pool_data __maybe_unused)
{
	return demo.no_memory ? NULL : kmalloc(ELEMENT, gfp);
}

static void
demo_tick(void)
{
	if (demo.ticks && --demo.ticks == 0)
		mempool_free(demo.element, demo.pool);
}

static void
show(const char *who, const void *element)
{
	console_printf("  %-28s 0x%08lx  reserve: %d of %d, out: %d\n", who,
		       (unsigned long)element, demo.pool->curr_nr,
		       demo.pool->min_nr, demo.pool->nr_out);
}

static void
show_exhaustion(void *elements[RESERVE + 1])
{
	unsigned int i;

	elements[0] = mempool_alloc(demo.pool, GFP_KERNEL);
	show("one, while there is memory:", elements[0]);
	console_printf("Now the allocator gets nothing more.\n");
	demo.no_memory = true;
	for (i = 1; i <= RESERVE; i++) {
		elements[i] = mempool_alloc(demo.pool, GFP_ATOMIC);
		show("from the reserve:", elements[i]);
	}
	show("GFP_ATOMIC, and none left:",
	     mempool_alloc(demo.pool, GFP_ATOMIC));
	console_printf("GFP_KERNEL waits; the timer's interrupt gives one "
		       "back in 0.1 s:\n");
	demo.element = elements[RESERVE];
	demo.ticks = WAIT;
	tick_set_hook(demo_tick);
	elements[RESERVE] = mempool_alloc(demo.pool, GFP_KERNEL);
	tick_set_hook(NULL);
	show("the one that came back:", elements[RESERVE]);
	for (i = 0; i <= RESERVE; i++)
		mempool_free(elements[i], demo.pool);
	show("all given back:", NULL);
}

static int
cmd_mempool(int argc, char **argv __maybe_unused)
{
	void *elements[RESERVE + 1];

	if (argc > 1)
		return -EINVAL;
	demo.no_memory = false;
	demo.pool = mempool_create(RESERVE, demo_alloc, mempool_kfree, NULL);
	if (!demo.pool) {
		return command_refuse(-ENOMEM,
				      "There is no memory for the reserve.");
	}
	console_printf("A pool of %d elements of %d bytes in reserve.\n",
		       RESERVE, ELEMENT);
	show_exhaustion(elements);
	mempool_destroy(demo.pool);
	return 0;
}
COMMAND(mempool, "",
	"shows who gets a pool's reserve when memory ends\n"
	"A pool of 4 is used up, with an allocator that fails on demand.");

/* --- arena ------------------------------------------------------------------ */

static u64
ticks_now(void)
{
	return cpu_has(X86_FEATURE_TSC) ? rdtsc() : 0;
}

/* n objects come and go. => the bytes they took, 0 if there was no memory */
static size_t
use_kmalloc(void **objects, u32 n)
{
	size_t bytes = 0;
	u32 i;

	for (i = 0; i < n; i++)
		objects[i] = kmalloc(OBJECT, GFP_KERNEL);
	if (objects[n - 1])
		bytes = n * ksize(objects[0]);
	for (i = 0; i < n; i++)
		kfree(objects[i]);
	return bytes;
}

static size_t
use_arena(void **objects, u32 n)
{
	struct arena arena;
	size_t bytes;
	u32 i;

	arena_init(&arena, PAGE_SIZE, ARENA_NO_LIMIT, GFP_KERNEL);
	for (i = 0; i < n; i++)
		objects[i] = arena_alloc(&arena, OBJECT, 4);
	bytes = objects[n - 1] ? arena.held : 0;
	arena_destroy(&arena);
	return bytes;
}

/* Twice: the first time is slower, on a PC and in an emulator. */
static void
show_cost(const char *how, size_t (*use)(void **, u32), void **objects, u32 n)
{
	size_t bytes = use(objects, n) * 10 / n;
	u64 ticks = ticks_now();

	use(objects, n);
	ticks = ticks_now() - ticks;
	do_div(ticks, n);
	console_printf("  %-8s %3zu.%zu bytes %6llu ticks\n", how, bytes / 10,
		       bytes % 10, ticks);
}

static int
cmd_arena(int argc, char **argv)
{
	void **objects;
	u32 n = 1000;
	int error = 0;

	if (argc > 2)
		return -EINVAL;
	if (argc == 2)
		error = command_count(argv[1], "N", 1, OBJECTS_MAX, &n);
	if (error)
		return error;
	objects = kmalloc_array(n, sizeof(*objects), GFP_KERNEL);
	if (!objects)
		return command_refuse(-ENOMEM,
				      "There is no memory for so many.");
	console_printf(
		"%u object%s of %d bytes; each costs, coming and going:\n", n,
		plural(n), OBJECT);
	show_cost("kmalloc", use_kmalloc, objects, n);
	show_cost("arena", use_arena, objects, n);
	kfree(objects);
	return 0;
}
COMMAND(arena, "[N]",
	"compares N small objects of an arena and of kmalloc\n"
	"N: up to 10000, 1000 unless told. Ticks are the time stamp "
	"counter's.");
