/* test_bitmap.c - lib/bitmap.c against an array of bools.
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
model_find(unsigned int start, bool value)
{
	while (start < world.size && world.model[start] != value)
		start++;
	return min(start, world.size);
}

static unsigned int
model_find_area(unsigned int start, unsigned int nr)
{
	unsigned int run = 0, bit;

	for (bit = start; bit < world.size; bit++) {
		run = world.model[bit] ? 0 : run + 1;
		if (run == nr)
			return bit + 1 - nr;
	}
	return world.size;
}

static void
compare(void)
{
	unsigned int bit, weight = 0;

	for (bit = 0; bit < world.total; bit++)
		ASSERT_EQ(test_bit(bit, world.map), world.model[bit]);
	for (bit = 0; bit < world.size; bit++)
		weight += world.model[bit];
	EXPECT_EQ(bitmap_weight(world.map, world.size), weight);
}

static void
compare_searches(void)
{
	unsigned int start = host_below(world.size + 3);
	unsigned int nr = 1 + host_below(host_sometimes(4) ? 100 : 10);
	unsigned int size = world.size;

	EXPECT_EQ(find_next_bit(world.map, size, start),
		  model_find(start, true));
	EXPECT_EQ(find_next_zero_bit(world.map, size, start),
		  model_find(start, false));
	EXPECT_EQ(find_first_bit(world.map, size), model_find(0, true));
	EXPECT_EQ(find_first_zero_bit(world.map, size), model_find(0, false));
	EXPECT_EQ(bitmap_find_next_zero_area(world.map, size, start, nr),
		  model_find_area(start, nr));
}

static void
change(void)
{
	unsigned int start = host_below(world.size);
	unsigned int room = world.size - start;
	unsigned int nr = host_below(min(room, host_below(80)) + 1);
	bool value = host_sometimes(2);

	switch (host_below(4)) {
	case 0:
		value ? __set_bit(start, world.map)
		      : __clear_bit(start, world.map);
		world.model[start] = value;
		return;
	case 1: /* up to the very end */
		nr = room;
		fallthrough;
	default:
		value ? bitmap_set(world.map, start, nr)
		      : bitmap_clear(world.map, start, nr);
		while (nr--)
			world.model[start++] = value;
		return;
	}
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
		compare_searches();
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

TEST(bitmap, every_range_sets_just_its_bits)
{
	unsigned int start, nr, bit;

	for (start = 0; start < 70; start++)
		for (nr = 0; nr <= 100 - start; nr++) {
			DECLARE_BITMAP(map, 100) = {0};

			bitmap_set(map, start, nr);
			for (bit = 0; bit < 128; bit++)
				ASSERT_EQ(test_bit(bit, map), bit - start < nr);
			bitmap_clear(map, start, nr);
			for (bit = 0; bit < 4; bit++)
				ASSERT_EQ(map[bit], 0);
		}
}

TEST(bitmap, an_area_as_long_as_the_map_is_found)
{
	DECLARE_BITMAP(map, 96) = {0};

	EXPECT_EQ(bitmap_find_next_zero_area(map, 96, 0, 96), 0);
	EXPECT_EQ(bitmap_find_next_zero_area(map, 96, 0, 97), 96);
	__set_bit(95, map);
	EXPECT_EQ(bitmap_find_next_zero_area(map, 96, 0, 95), 0);
	EXPECT_EQ(bitmap_find_next_zero_area(map, 96, 0, 96), 96);
	EXPECT_EQ(bitmap_find_next_zero_area(map, 96, 200, 1), 96);
}
