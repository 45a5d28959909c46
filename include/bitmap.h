/* bitmap.h - sets of small numbers, one bit each, in an array of words.
 *
 *     DECLARE_BITMAP(used, 70)
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

#define BITS_PER_LONG              32
#define BITS_TO_LONGS(bits)        DIV_ROUND_UP(bits, BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

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

/* bitmap_set, bitmap_clear: nr bits from start on. */
void bitmap_set(unsigned long *map, unsigned int start, unsigned int nr);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nr);

/* bitmap_weight: how many of the first size bits are set. */
unsigned int bitmap_weight(const unsigned long *map, unsigned int size);

/* find_next_bit, find_next_zero_bit: the first set or clear bit of
 * [start, size).
 * => size if there is none, also for start >= size */
unsigned int find_next_bit(const unsigned long *map, unsigned int size,
			   unsigned int start);
unsigned int find_next_zero_bit(const unsigned long *map, unsigned int size,
				unsigned int start);

static inline unsigned int
find_first_bit(const unsigned long *map, unsigned int size)
{
	return find_next_bit(map, size, 0);
}

static inline unsigned int
find_first_zero_bit(const unsigned long *map, unsigned int size)
{
	return find_next_zero_bit(map, size, 0);
}

/* bitmap_find_next_zero_area: the first run of nr clear bits (nr > 0) in
 * [start, size).
 * => where it begins, or size if there is none */
unsigned int bitmap_find_next_zero_area(const unsigned long *map,
					unsigned int size, unsigned int start,
					unsigned int nr);

#endif
