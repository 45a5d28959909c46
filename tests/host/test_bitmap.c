/* test_bitmap.c - include/bitmap.h against an array of bools.
 *
 * The map ends where an unmapped page begins, and sizes that are no multiple
 * of a word leave bits behind the end, which must not change or be counted.
 */
#include "bitmap.h"
#include "host.h"

#define MAX_BITS 200
#define ROUNDS   2000

static struct {
	unsigned long *map;
	bool model[MAX_BITS + BITS_PER_LONG];
	unsigned int size;  /* bits in use */
	unsigned int total; /* bits in the map's words */
} world;

static bool
reset(unsigned int size)
{
	unsigned int bit;

	world.size = size;
	world.total = BITS_TO_LONGS(size) * BITS_PER_LONG;
	world.map = host_guarded(BITS_TO_LONGS(size) * sizeof(long));
	if (!EXPECT(world.map))
		return false;
	for (bit = 0; bit < world.total; bit++) {
		/* behind the end: whatever is there */
		world.model[bit] = bit >= size && host_sometimes(2);
		if (world.model[bit])
			__set_bit(bit, world.map);
	}
	return true;
}

static unsigned int
model_find(unsigned int start)
{
	while (start < world.size && !world.model[start])
		start++;
	return min(start, world.size);
}

static void
compare(void)
{
	unsigned int bit, start;

	for (bit = 0; bit < world.total; bit++)
		ASSERT_EQ(test_bit(bit, world.map), world.model[bit]);
	for (start = 0; start < world.size + 3; start++)
		ASSERT_EQ(find_next_bit(world.map, world.size, start),
			  model_find(start));
}

static void
change(void)
{
	unsigned int bit = host_below(world.size);
	bool value = host_sometimes(2);

	value ? __set_bit(bit, world.map) : __clear_bit(bit, world.map);
	world.model[bit] = value;
}

static void
change_and_compare(unsigned int size)
{
	unsigned int round;

	if (!reset(size))
		return;
	for (round = 0; round < ROUNDS && !host_failed(); round++) {
		change();
		compare();
	}
	if (host_failed())
		host_note("size %u, round %u", size, round);
}

TEST(bitmap, random_changes_are_found_again)
{
	static const unsigned int sizes[] = {1,  5,  31, 32,  33,
					     63, 64, 65, 128, MAX_BITS};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes) && !host_failed(); i++)
		change_and_compare(sizes[i]);
}
