/* sort.c - heap sort: no recursion, no memory, no bad case.
 *
 * The array is a binary tree without links, in which the children of i are
 * 2i + 1 and 2i + 2. In a heap no child is above its parent, so the largest
 * object is at the root:
 *
 *            9             index   0 1 2 3 4 | 5 6
 *          /   \                   9 5 8 1 3 | 11 12
 *         5     8                  ----heap---  sorted
 *        / \
 *       1   3
 *
 * 1. Make a heap of it, from the last parent up to the root.
 * 2. Swap the root with the heap's last object, which is then in its place;
 *    the heap is one shorter; let the new root sink; again, until one is left.
 *
 * Cost: about 2 n log2 n comparisons whatever the order; not stable.
 */
#include "sort.h"

struct array {
	char *base;
	size_t size; /* of one object, in bytes */
	cmp_func_t cmp;
	swap_func_t swap;
};

static void
swap_bytes(void *a, void *b, int size)
{
	char *x = a, *y = b;
	char c;

	for (; size > 0; size--) {
		c = *x;
		*x++ = *y;
		*y++ = c;
	}
}

static void *
at(const struct array *array, size_t i)
{
	return array->base + i * array->size;
}

/* Let object i sink in the heap of num until no child is above it. Only i may
 * be out of place. */
static void
sink(const struct array *array, size_t i, size_t num)
{
	size_t child;

	while (i < num / 2) { /* else it has no child */
		child = 2 * i + 1;
		if (child + 1 < num &&
		    array->cmp(at(array, child), at(array, child + 1)) < 0)
			child++;
		if (array->cmp(at(array, i), at(array, child)) >= 0)
			return;
		array->swap(at(array, i), at(array, child), (int)array->size);
		i = child;
	}
}

void
sort(void *base, size_t num, size_t size, cmp_func_t cmp, swap_func_t swap)
{
	struct array array = {base, size, cmp, swap ? swap : swap_bytes};
	size_t i;

	for (i = num / 2; i-- > 0;)
		sink(&array, i, num);
	for (i = num; i-- > 1;) {
		array.swap(at(&array, 0), at(&array, i), (int)size);
		sink(&array, 0, i);
	}
}
