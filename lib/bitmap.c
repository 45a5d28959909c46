/* bitmap.c - ranges of bits and searches, a word at a time.
 *
 * A range of bits touches its words through masks:
 *
 *     bits [5, 70)     word 0            word 1            word 2
 *                 |11111......00000|  |1111......1111|  |0....0111111|
 *                  31            0     63          32    95       64
 *
 * Guarantees: O(words), no word outside the range is read or written.
 */
#include "bitmap.h"

/* The bits [first, BITS_PER_LONG) of a word, and [0, nr), nr > 0. */
#define MASK_FROM(first) (~0ul << (first))
#define MASK_BELOW(nr)   (~0ul >> (BITS_PER_LONG - (nr)))

/* The bits that [start, end) has in the word that holds start; start < end. */
static unsigned long
word_mask(unsigned int start, unsigned int end)
{
	unsigned int first = start % BITS_PER_LONG;
	unsigned long mask = MASK_FROM(first);

	if (end - start < BITS_PER_LONG - first)
		mask &= MASK_BELOW(first + end - start);
	return mask;
}

/* The first bit of the next word, but not past end. */
static unsigned int
next_word(unsigned int bit, unsigned int end)
{
	unsigned int rest = BITS_PER_LONG - bit % BITS_PER_LONG;

	return end - bit > rest ? bit + rest : end;
}

void
bitmap_set(unsigned long *map, unsigned int start, unsigned int nr)
{
	unsigned int end = start + nr;

	for (; start < end; start = next_word(start, end))
		map[start / BITS_PER_LONG] |= word_mask(start, end);
}

void
bitmap_clear(unsigned long *map, unsigned int start, unsigned int nr)
{
	unsigned int end = start + nr;

	for (; start < end; start = next_word(start, end))
		map[start / BITS_PER_LONG] &= ~word_mask(start, end);
}

/* How many bits of a word are set: each step clears the lowest one. (The
 * compiler's own popcount would be a call to libgcc.) */
static unsigned int
count_bits(unsigned long word)
{
	unsigned int n;

	for (n = 0; word; n++)
		word &= word - 1;
	return n;
}

unsigned int
bitmap_weight(const unsigned long *map, unsigned int size)
{
	unsigned int bit, n = 0;

	for (bit = 0; bit < size; bit = next_word(bit, size))
		n += count_bits(map[bit / BITS_PER_LONG] &
				word_mask(bit, size));
	return n;
}

/* The first bit of [start, size) that is set in map ^ invert. */
static unsigned int
find_bit(const unsigned long *map, unsigned int size, unsigned int start,
	 unsigned long invert)
{
	while (start < size) {
		unsigned int index = start / BITS_PER_LONG;
		unsigned long word = map[index] ^ invert;

		word &= word_mask(start, size);
		if (word)
			return index * BITS_PER_LONG +
			       (unsigned int)__builtin_ctzl(word);
		start = next_word(start, size);
	}
	return size;
}

unsigned int
find_next_bit(const unsigned long *map, unsigned int size, unsigned int start)
{
	return find_bit(map, size, start, 0);
}

unsigned int
find_next_zero_bit(const unsigned long *map, unsigned int size,
		   unsigned int start)
{
	return find_bit(map, size, start, ~0ul);
}

unsigned int
bitmap_find_next_zero_area(const unsigned long *map, unsigned int size,
			   unsigned int start, unsigned int nr)
{
	unsigned int end;

	for (;;) {
		start = find_next_zero_bit(map, size, start);
		if (nr > size - start)
			return size;
		end = find_next_bit(map, start + nr, start);
		if (end == start + nr)
			return start;
		start = end; /* a set bit: go on behind it */
	}
}
