/* bench.c - what an operation costs, in ticks of the time stamp counter. QEMU
 * with -icount counts instructions there, exactly and repeatably.
 *
 *   setup | rdtsc  run(times)  rdtsc | teardown      one batch, BATCHES of them
 *         |--------- elapsed --------|
 *
 *   cost of the batch = (elapsed - cost of rdtsc twice) / times
 *   printed: the median, the mean and the least of the batches' costs
 *
 * The loop and the call that make up run() are part of the cost, as they are
 * for whoever calls the operation. The mean is there so that nobody puts work
 * off to every tenth call.
 *
 * Guarantees: interrupts are on while a batch runs, with all lines masked at
 * the controller: code that turns them off and on pays for it, and nothing
 * else runs. One batch, not counted, warms the caches.
 */
#include "boot.h"
#include "command.h"
#include "complete.h"
#include "console.h"
#include "cpu.h"
#include "errno.h"
#include "gfp.h"
#include "irq.h"
#include "memblock.h"
#include "sort.h"
#include "string.h"
#include "test.h"
#include "util.h"
#include "x86.h"

#define BATCHES   21 /* odd, so that one of them is the median */
#define CALIBRATE 1000

TABLE_DEFINE(benches);

static struct {
	u64 boot_ticks;             /* from the entry point to the prompt */
	unsigned long boot_used_kb; /* of RAM, then */
	u64 rdtsc_pair;             /* the cost of measuring nothing */
	u64 batch[BATCHES];
} state;

static u64
divide_rounded(u64 n, u32 d)
{
	n += d / 2;
	do_div(n, d);
	return n;
}

static u64
time_batch(const struct bench_row *row)
{
	u64 start, elapsed;
	u16 masked;

	if (row->setup)
		row->setup();
	masked = pic_mask_all();
	start = rdtsc();
	row->run(row->times);
	elapsed = rdtsc() - start;
	pic_restore(masked);
	if (row->teardown)
		row->teardown();
	return elapsed - min(elapsed, state.rdtsc_pair);
}

static int
compare_ticks(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

static void
print_row(const char *name, u64 median, u64 mean, u64 least)
{
	console_printf("bench: %s %llu %llu %llu\n", name, median, mean, least);
}

static void
run_row(const struct bench_row *row)
{
	u64 sum = 0;

	if (row->value) {
		sum = row->value();
		print_row(row->name, sum, sum, sum);
		return;
	}
	time_batch(row);
	for (size_t i = 0; i < BATCHES && !command_stopped(); i++) {
		state.batch[i] = time_batch(row);
		sum += state.batch[i];
	}
	sort(state.batch, BATCHES, sizeof(u64), compare_ticks, NULL);
	print_row(row->name,
		  divide_rounded(state.batch[BATCHES / 2], row->times),
		  divide_rounded(sum, row->times * BATCHES),
		  divide_rounded(state.batch[0], row->times));
}

static void
empty_loop(unsigned int times)
{
	while (times--)
		barrier();
}

/* What the numbers contain besides the operation. A pair of rdtsc is timed
 * several times: an interrupt that comes in between must not count. */
static void
calibrate(void)
{
	static const struct bench_row loop = {.times = CALIBRATE,
					      .run = empty_loop};
	u64 pair = ~0ull;

	for (size_t i = 0; i < BATCHES; i++) {
		u64 start = rdtsc();
		u64 elapsed = rdtsc() - start;

		pair = min(pair, elapsed);
	}
	state.rdtsc_pair = pair;
	time_batch(&loop);
	console_printf("# calibration: rdtsc pair %llu (subtracted)\n"
		       "# calibration: %u turns of an empty loop %llu (not "
		       "subtracted)\n",
		       pair, CALIBRATE, time_batch(&loop));
}

void
bench_mark_prompt(void)
{
	if (cpu_has(X86_FEATURE_TSC))
		state.boot_ticks = rdtsc() - boot_tsc;
	/* RAM that nobody could have any more. */
	state.boot_used_kb =
		(PHYS_PFN(memblock_memory_size(&memblock)) - nr_free_pages()) *
		PAGE_KIB;
}

static u64
boot_ticks(void)
{
	return state.boot_ticks;
}
BENCH_VALUE(boot_to_monitor, boot_ticks);

static u64
boot_used_kb(void)
{
	return state.boot_used_kb;
}
BENCH_VALUE(boot_used_kb, boot_used_kb);

int
bench_run(const char *glob)
{
	const struct bench_row *row;
	int rows = 0;

	if (!cpu_has(X86_FEATURE_TSC)) {
		console_printf("This CPU has no time stamp counter.\n");
		return -ENODEV;
	}
	calibrate();
	table_for_each(row, &benches)
	{
		if (!command_stopped() && glob_match(glob, row->name)) {
			run_row(row);
			rows++;
		}
	}
	if (!rows)
		return command_refuse(
			-ENOENT,
			"No benchmark matches \"%s\": bench lists "
			"them.",
			glob);
	return rows;
}

static void
list_rows(void)
{
	const struct bench_row *row;

	table_for_each(row, &benches)
	{
		console_printf("  %s\n", row->name);
	}
}

static int
cmd_bench(int argc, char **argv)
{
	int rows;

	if (argc > 2)
		return -EINVAL;
	if (argc == 1) {
		console_printf("Benchmarks (bench NAME, bench *):\n");
		list_rows();
		return 0;
	}
	rows = bench_run(argv[1]);
	return rows < 0 ? rows : 0;
}

static void
row_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	const struct bench_row *row;

	table_for_each(row, &benches)
	{
		sink->add(sink, row->name);
	}
}
ARGUMENT(bench, "BENCH", row_words);
COMMAND(bench, "[BENCH]",
	"measures what operations cost\n"
	"Prints the median, the mean and the least of some batches, in ticks\n"
	"of the time stamp counter, for each row whose name matches; * and ?\n"
	"are as in file names. `make bench` counts instructions instead.\n"
	"Without BENCH: the rows there are.");
