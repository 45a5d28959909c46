/* bitmap.h - sets of small numbers, one bit each, in an array of words.
 *
 *     unsigned long used[BITS_TO_LONGS(70)];
 *
 *     used[0]  bit 31 ................................ bit 0
 *     used[1]  bit 63 ............................... bit 32
 *     used[2]  (never looked at) ........... bit 69 .. bit 64
 *
 * Linux's names. Nothing here is atomic (hence __set_bit): the caller holds
 * whatever lock the map has. Bits past the size that is passed are neither
 * read into an answer nor changed.
 */
#ifndef BITMAP_H
#define BITMAP_H

#include "util.h"

#define BITS_PER_LONG       32
#define BITS_TO_LONGS(bits) DIV_ROUND_UP(bits, BITS_PER_LONG)

static inline bool
test_bit(unsigned int bit, const unsigned long *map)
{
	return map[bit / BITS_PER_LONG] >> (bit % BITS_PER_LONG) & 1;
}

static inline void
__set_bit(unsigned int bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] |= 1ul << (bit % BITS_PER_LONG);
}

static inline void
__clear_bit(unsigned int bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] &= ~(1ul << (bit % BITS_PER_LONG));
}

/* find_next_bit: the first set bit of [start, size), a word at a time.
 * => size if there is none, also for start >= size */
static inline unsigned int
find_next_bit(const unsigned long *map, unsigned int size, unsigned int start)
{
	unsigned long word; /* what is left of it, from start on */

	while (start < size) {
		word = map[start / BITS_PER_LONG] >> (start % BITS_PER_LONG);
		if (word)
			return min(start + __builtin_ctzl(word), size);
		start = ALIGN_DOWN(start, BITS_PER_LONG) + BITS_PER_LONG;
	}
	return size;
}

#endif
