/* leak.h - finding what was allocated and is forgotten. */
#ifndef LEAK_H
#define LEAK_H

#include "types.h"

struct leak {
	void *object;
	size_t size;       /* bytes, as its owner may use them */
	const char *cache; /* NULL: whole pages */
};

/* leak_scan: call report for every object of the heap that nobody points to,
 * by address. report may be NULL.
 * => process context; interrupts are off while it looks (not in report)
 * => how many there are, or -ENOMEM if there was no memory for the marks
 * => an old copy of a pointer hides a leak, also in an object that was never
 *    written since it was in a free list; a pointer that is kept only in
 *    pages of alloc_pages, or in a device, is not seen */
long leak_scan(void (*report)(const struct leak *leak));

#endif
