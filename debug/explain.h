/* explain.h - how a subsystem helps the fault report.
 *
 *   report.c: "address 0xc0812340: " + the first explainer that knows it
 *
 * The report stands low in the layers and cannot call vmalloc or slab. They
 * register a function each, which says what an address is in a sentence.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "table.h"
#include "types.h"

struct explainer {
	/* Writes a sentence about the address into buf and returns its length;
	 * 0 if it knows nothing. Runs in a machine that is failing: takes no
	 * lock (or tries only), reads by copy_from_kernel_nofault whatever may
	 * be broken, and is bounded. */
	size_t (*explain)(u32 address, char *buf, size_t size);
};

#define EXPLAIN(fn)                                          \
	static const struct explainer explainer_##fn = {fn}; \
	TABLE_ADD(explainers, explainer_##fn)

extern struct table_range explainers;

/* explain: the first sentence that any of them has. => its length, 0 if none */
size_t explain(u32 address, char *buf, size_t size);

/* address_region: which part of the address map (layout.h) this is. */
const char *address_region(uintptr_t va);

#endif
