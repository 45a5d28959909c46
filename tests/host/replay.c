/* replay.c - allocation traces on the heap: build/host/replay [FILE...]
 *
 *     replay FILE...     replays each; exit status 1 if one fails
 *     replay             the project's own five, and their sum
 *     replay --waste     only heap_waste_pct: the sum's waste, rounded up
 *     replay --text NAME one of the five as a file
 *
 * tests/host/traces.md says what a file looks like and what the numbers mean.
 */
#include "host.h"
#include "trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- What host.c is to the tests: here a failure ends the program ---------------- */

void
host_fail_hard(const char *message)
{
	fflush(stdout);
	fprintf(stderr, "replay: %s\n", message);
	exit(1);
}

bool
host_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok)
		fprintf(stderr, "%s:%d: expected %s\n", file, line, what);
	if (!ok)
		host_fail_hard("the heap is broken");
	return true;
}

bool
host_check_eq(unsigned long long a, unsigned long long b, const char *a_text,
	      const char *b_text, const char *file, int line)
{
	if (a != b)
		fprintf(stderr, "%s == %s: %#llx and %#llx\n", a_text, b_text,
			a, b);
	return host_check(a == b, "equal values", file, line);
}

/* --- Files --------------------------------------------------------------------- */

/* The whole file; NULL if it cannot be read. */
static char *
read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long size;

	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
	    (text = malloc((size_t)size + 1))) {
		rewind(file);
		*length = fread(text, 1, (size_t)size, file);
		if (ferror(file)) {
			free(text);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}

static void
print_heading(void)
{
	printf("%-24s %10s %12s %10s %11s %7s\n", "trace", "operations",
	       "peak payload", "peak pages", "utilisation", "waste");
}

static void
print_percent(unsigned int width, unsigned int hundredths)
{
	printf(" %*u.%02u %%", width, hundredths / 100, hundredths % 100);
}

/* Replay and print. => it was well formed and the heap did well */
static bool
run_text(const char *name, const char *text, size_t length, bool quiet,
	 struct trace_result *result)
{
	struct trace trace;
	struct trace_error error = trace_parse(&trace, text, length);
	unsigned long pages;

	if (!error.what)
		error = trace_replay(&trace, result);
	if (error.what && error.line)
		fprintf(stderr, "%s:%u: %s\n", name, error.line, error.what);
	else if (error.what)
		fprintf(stderr, "%s: %s\n", name, error.what);
	if (!error.what && !quiet) {
		pages = result->peak_pages ? result->peak_pages : 1;
		printf("%-24s %10u %12lu %10lu", name, trace.nr_ops,
		       result->peak_payload, result->peak_pages);
		print_percent(6, (unsigned int)(result->peak_payload *
						10000ull / (pages * 4096ull)));
		print_percent(2, trace_waste(result));
		printf("\n");
	}
	trace_free(&trace);
	return !error.what;
}

static bool
run_file(const char *path)
{
	struct trace_result result;
	size_t length;
	char *text = read_file(path, &length);
	bool ok;

	if (!text) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return false;
	}
	ok = run_text(path, text, length, false, &result);
	free(text);
	return ok;
}

static bool
run_generators(bool quiet)
{
	struct trace_result result, sum = {0};
	unsigned int i;
	bool ok = true;

	for (i = 0; i < NR_GENERATORS; i++) {
		char *text = trace_generate(i);

		ok &= run_text(trace_name(i), text, strlen(text), quiet,
			       &result);
		sum.rounding += result.rounding;
		sum.tails += result.tails;
		sum.in_use += result.in_use;
		free(text);
	}
	if (quiet)
		printf("%u\n", (trace_waste(&sum) + 99) / 100);
	else
		printf("heap_waste_pct: %lu bytes of rounding + %lu of tails "
		       "in "
		       "%lu: %u.%02u %%\n",
		       sum.rounding, sum.tails, sum.in_use,
		       trace_waste(&sum) / 100, trace_waste(&sum) % 100);
	return ok;
}

static int
print_generator(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_GENERATORS; i++)
		if (strcmp(trace_name(i), name) == 0) {
			char *text = trace_generate(i);

			fputs(text, stdout);
			free(text);
			return 0;
		}
	fprintf(stderr, "replay: no generator is called %s\n", name);
	return 1;
}

int
main(int argc, char **argv)
{
	bool ok = true;
	int i;

	if (argc == 2 && strcmp(argv[1], "--waste") == 0)
		return !run_generators(true);
	if (argc == 3 && strcmp(argv[1], "--text") == 0)
		return print_generator(argv[2]);
	if (argc > 1 && argv[1][0] == '-') {
		fprintf(stderr, "usage: replay [--waste | --text NAME | "
				"FILE...]\n");
		return 2;
	}
	print_heading();
	if (argc == 1)
		return !run_generators(false);
	for (i = 1; i < argc; i++)
		ok &= run_file(argv[i]);
	return !ok;
}
