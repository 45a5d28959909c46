/* user.c - what programs pay: system calls, page faults, mmap, pipes, fork.
 *
 *   user_rows.asm --written--> /bench (an ELF file) --run--> /rows: the number
 *
 * Measured in ring 3, by the program itself, with the clock ticking.
 */
#include "../../linux/process.h"
#include "../kernel/ring3.h"
#include "test.h"

extern const char user_rows_start[], user_rows_end[];

static int
write_program(void)
{
	size_t len = user_rows_end - user_rows_start;
	struct ring3_elf elf = ring3_elf(len);

	return ring3_install("/bench", &elf, user_rows_start, len);
}

/* => what the program has measured; ~0 if it did not run */
static u64
measure(const char *row)
{
	const char *const argv[] = {"bench", row, NULL};
	struct file *file;
	u32 ticks = ~0u;

	if (write_program() || run_program("/bench", argv))
		return ~0ull;
	file = file_open_path("/rows", O_RDONLY, 0);
	if (IS_ERR(file))
		return ~0ull;
	if (kernel_read(file, &ticks, sizeof(ticks), 0) != sizeof(ticks))
		ticks = ~0u;
	file_put(file);
	ring3_remove("/bench");
	ring3_remove("/rows");
	return ticks;
}

#define USER_ROW(name_, letter_)         \
	static u64 measure_##name_(void) \
	{                                \
		return measure(letter_); \
	}                                \
	BENCH_VALUE(name_, measure_##name_)

USER_ROW(syscall_getpid, "g");
USER_ROW(fault_demand_zero, "z");
USER_ROW(fault_read_zero_page, "r");
USER_ROW(fault_cow_copy, "c");
USER_ROW(fault_cow_reuse, "o");
USER_ROW(mmap_munmap_4096, "m");
USER_ROW(mmap_touch_munmap_4096, "t");
USER_ROW(pipe_pingpong, "p");
USER_ROW(fork_exit_wait_0, "0");
USER_ROW(fork_exit_wait_1m, "1");
USER_ROW(fork_exit_wait_16m, "6");
