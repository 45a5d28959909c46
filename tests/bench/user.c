/* user.c - what programs pay: system calls, page faults, mmap, pipes, fork.
 *
 *   user_rows.asm --written--> /bench (an ELF file) --run--> /rows: the number
 *
 * Measured in ring 3, by the program itself, with the clock ticking.
 */
#include "../../linux/process.h"
#include "../kernel/ring3.h"
#include "test.h"
#include "util.h"

extern const char user_rows_start[], user_rows_end[];

static int
write_program(void)
{
	size_t len = user_rows_end - user_rows_start;
	struct ring3_elf elf = ring3_elf(len);

	return ring3_install("/bench", &elf, user_rows_start, len);
}

#define NOT_RUN ~0ull /* more than any goal */

/* => what the program has measured, or NOT_RUN */
static u64
measure(const char *row, const char *number)
{
	const char *const argv[] = {"bench", row, number, NULL};
	struct file *file;
	u32 ticks;
	bool whole;

	if (write_program() || run_program("/bench", argv))
		return NOT_RUN;
	file = file_open_path("/rows", O_RDONLY, 0);
	if (IS_ERR(file))
		return NOT_RUN;
	whole = kernel_read(file, &ticks, sizeof(ticks), 0) == sizeof(ticks);
	file_put(file);
	ring3_remove("/bench");
	ring3_remove("/rows");
	return whole ? ticks : NOT_RUN;
}

#define USER_ROW(name_, letter_, number_)         \
	static u64 measure_##name_(void)          \
	{                                         \
		return measure(letter_, number_); \
	}                                         \
	BENCH_VALUE(name_, measure_##name_)

USER_ROW(syscall_getpid, "g", "");
USER_ROW(syscall_getpid_sysenter, "G", "");
USER_ROW(vdso_clock_gettime, "v", "");
USER_ROW(signal_round_trip, "s", "");
USER_ROW(mremap_move_256, "x", "");
USER_ROW(fault_demand_zero, "z", "");
USER_ROW(fault_read_zero_page, "r", "");
USER_ROW(fault_cow_copy, "c", "");
USER_ROW(fault_cow_reuse, "o", "");
USER_ROW(mmap_munmap_4096, "m", "");
USER_ROW(mmap_touch_munmap_4096, "t", "");
USER_ROW(pipe_pingpong, "p", "");
USER_ROW(fork_exit_wait_0, "f", "0");
USER_ROW(fork_exit_wait_1m, "f", "256");
USER_ROW(fork_exit_wait_16m, "f", "4096");

/* Growth: a first write, a write after fork, a pair of mmap and munmap, and one
 * that passes through the tree, among so many areas. */
#define GROWTH(n)                                 \
	USER_ROW(fault_zero_areas_##n, "Z", #n);  \
	USER_ROW(fault_reuse_areas_##n, "O", #n); \
	USER_ROW(mmap_areas_##n, "M", #n);        \
	USER_ROW(mmap_tree_areas_##n, "S", #n)
GROWTH(10);
GROWTH(1000);
GROWTH(10000);

/* => what each of so many more costs */
static u64
measure_growth(const char *row, const char *few, const char *many, u32 more)
{
	u64 least = measure(row, few), cost = measure(row, many) - least;

	if (least == NOT_RUN)
		return NOT_RUN;
	do_div(cost, more);
	return cost;
}

#define PER_ROW(name_, letter_, few_, many_)                  \
	static u64 measure_##name_(void)                      \
	{                                                     \
		return measure_growth(letter_, #few_, #many_, \
				      (many_) - (few_));      \
	}                                                     \
	BENCH_VALUE(name_, measure_##name_)

PER_ROW(fork_per_page, "f", 256, 4096);
PER_ROW(fork_per_area_1000, "F", 10, 1000);
PER_ROW(fork_per_area_10000, "F", 1000, 10000);
