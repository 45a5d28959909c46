/* fuzz_buddy.c - mm/buddy.c and its model, driven by bytes (make fuzz).
 *
 *     byte   0 1    2 3       4 5 6 7 ...                     0: no more
 *          | start | spanned | gap, run | gap, run | ... | 0 | operations
 *
 *     operation   [ argument: 6 bits | kind: 2 bits ]
 *                 alloc an order; free the n-th, or as two parts (one byte
 *                 more); compare everything
 *
 * libFuzzer looks for bytes that reach new code or fail an EXPECT; what it
 * finds goes into a file that runs again: build/host/fuzz_buddy crash-...
 */
#include "buddy_model.h"
#include "host.h"
#include "util.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int libc_dprintf(int fd, const char *fmt, ...) __asm__("dprintf");
void __noreturn libc_abort(void) __asm__("abort");

#define STDERR 2

static struct {
	const u8 *at, *end;
} input;

/* --- What host.c is to the tests: here a failure ends the program -------------- */

void
host_fail_hard(const char *message)
{
	libc_dprintf(STDERR, "%s\n", message);
	libc_abort();
}

bool
host_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		libc_dprintf(STDERR, "%s:%d: expected %s\n", file, line, what);
		libc_abort();
	}
	return true;
}

bool
host_check_eq(unsigned long long a, unsigned long long b, const char *a_text,
	      const char *b_text, const char *file, int line)
{
	if (a != b)
		libc_dprintf(STDERR, "%s == %s: %#llx and %#llx\n", a_text,
			     b_text, a, b);
	return host_check(a == b, "equal values", file, line);
}

bool
host_failed(void)
{
	return false;
}

/* --- Bytes to operations ---------------------------------------------------------- */

/* The next byte; 0 at the end. */
static unsigned int
next(void)
{
	return input.at < input.end ? *input.at++ : 0;
}

static unsigned int
next_two(void)
{
	unsigned int low = next();

	return low | next() << 8;
}

/* Short runs byte by byte, long ones as 16 to the byte. */
static unsigned int
next_length(void)
{
	unsigned int byte = next();

	return byte < 128 ? byte : (byte - 127) * 16;
}

static void
draw_shape(struct shape *shape)
{
	unsigned int i, pfn, end;

	*shape = (struct shape){.name = "fuzzed"};
	shape->start = next_two() % FRAMES;
	shape->spanned = next_two() % (FRAMES - shape->start) + 1;
	pfn = shape->start;
	end = pfn + shape->spanned;
	for (i = 0; i < MAX_RANGES && pfn < end; i++) {
		unsigned int nr;

		pfn += next_length();
		nr = next_length();
		if (!nr || pfn >= end)
			break;
		shape->given[i].pfn = pfn;
		shape->given[i].nr = min(nr, end - pfn);
		pfn += nr;
	}
}

static void
operate(unsigned int byte)
{
	unsigned int i, kind = byte % 4, argument = byte / 4;

	if (kind == 0) {
		model_alloc(argument % NR_ORDERS);
	} else if (kind == 3 && argument == 0) {
		model_check();
	} else if (world.nr_held) {
		i = argument % world.nr_held;
		if (kind == 1)
			model_free(i);
		else if (kind == 2)
			model_free_parts(i,
					 next() % (1u << world.held[i].order));
		else
			model_free(world.nr_held - 1 - i);
	}
	model_agree();
}

int
LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct shape shape;

	input.at = data;
	input.end = data + size;
	draw_shape(&shape);
	model_start(&shape);
	while (input.at < input.end)
		operate(next());
	model_check();
	model_free_all(NULL);
	model_check();
	return 0;
}
