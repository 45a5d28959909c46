/* sort.h - sorting arrays, in place. */
#ifndef SORT_H
#define SORT_H

#include "types.h"

/* cmp: below, equal to or above 0 as *a comes before, with or after *b.
 * swap: exchange the objects at a and b, of size bytes. */
typedef int (*cmp_func_t)(const void *a, const void *b);
typedef void (*swap_func_t)(void *a, void *b, int size);

/* sort: num objects of size bytes at base. Linux's.
 * => any context that cmp and swap allow; swap may be NULL: bytes are swapped
 * => O(n log n) calls at worst; equal objects may change places */
void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap);

#endif
