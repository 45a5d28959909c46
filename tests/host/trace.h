/* trace.h - allocation traces: read, generated, replayed. See traces.md.
 *
 * Plain C types only: replay.c, on the host's libc, and the tests, on the
 * kernel's headers, both include this.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>

#define NR_GENERATORS 5

struct trace_op {
	char kind; /* a, r or f */
	unsigned int line;
	unsigned int id;
	unsigned int size; /* bytes */
};

struct trace {
	unsigned int nr_ids, nr_ops;
	struct trace_op *ops;
};

/* An error: what, and in which line (from 1). */
struct trace_error {
	const char *what; /* NULL: none */
	unsigned int line;
};

/* What traces.md defines; sizes in bytes. */
struct trace_result {
	unsigned int peak_op; /* after so many operations */
	unsigned long peak_payload;
	unsigned long peak_pages;
	unsigned long rounding, tails, in_use;
};

/* trace_parse: the text form. => trace_free it, whatever comes out */
struct trace_error trace_parse(struct trace *trace, const char *text,
			       size_t length);
void trace_free(struct trace *trace);

/* trace_replay: on a new heap. An error is the heap's, or the trace is too
 * large for the host's machine. */
struct trace_error trace_replay(const struct trace *trace,
				struct trace_result *result);

/* trace_waste: what is lost of what is used, in hundredths of a percent,
 * rounded up. */
unsigned int trace_waste(const struct trace_result *result);

/* trace_generate: the text of one of the project's own traces.
 * => malloc'ed, with a 0 at its end */
char *trace_generate(unsigned int generator);
const char *trace_name(unsigned int generator);

#endif
