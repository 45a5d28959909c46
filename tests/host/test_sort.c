/* test_sort.c - lib/sort.c: is the result in order, and of the same objects?
 *
 * Each object carries a number that says which one it was, so that a lost or
 * doubled one shows.
 */
#include "host.h"
#include "sort.h"
#include "string.h"

#define MAX_OBJECTS 300
#define MAX_SIZE    24

struct object {
	unsigned int key;
	unsigned int id;
	char rest[MAX_SIZE - 8];
};

static unsigned int comparisons, swaps;

static int
compare_keys(const void *a, const void *b)
{
	const struct object *x = a, *y = b;

	comparisons++;
	return (x->key > y->key) - (x->key < y->key);
}

static void
swap_objects(void *a, void *b, int size)
{
	char c[MAX_SIZE];

	swaps++;
	memcpy(c, a, (size_t)size);
	memcpy(a, b, (size_t)size);
	memcpy(b, c, (size_t)size);
}

/* num objects of size bytes; keys below `keys` make equal ones likely. */
static void
sort_and_check(size_t num, size_t size, unsigned int keys, swap_func_t swap)
{
	char *base = host_guarded(num * size);
	unsigned int keys_of[MAX_OBJECTS], last = 0;
	bool seen[MAX_OBJECTS] = {false};
	struct object o = {0};
	size_t i;

	ASSERT(base);
	for (i = 0; i < num; i++) {
		o.key = keys_of[i] = host_below(keys);
		o.id = (unsigned int)i;
		memset(o.rest, (int)i, sizeof(o.rest));
		memcpy(base + i * size, &o, size);
	}
	sort(base, num, size, compare_keys, swap);
	for (i = 0; i < num; i++) {
		memcpy(&o, base + i * size, size);
		ASSERT(o.id < num && !seen[o.id]);
		seen[o.id] = true;
		ASSERT_EQ(o.key, keys_of[o.id]);
		ASSERT(!memchr_inv(o.rest, (int)o.id, size - 8));
		ASSERT(o.key >= last);
		last = o.key;
	}
}

TEST(sort, random_arrays_end_up_in_order)
{
	unsigned int round;

	for (round = 0; round < 3000 && !host_failed(); round++)
		sort_and_check(host_below(host_sometimes(2) ? 8 : MAX_OBJECTS),
			       8 + 4 * host_below(5),
			       host_sometimes(2) ? 10 : 0xFFFFFFFF, NULL);
}

TEST(sort, the_callers_swap_is_used)
{
	swaps = 0;
	sort_and_check(100, 20, 1000, swap_objects);
	EXPECT(swaps >= 99);
}

static int
compare_bytes(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

TEST(sort, objects_may_be_single_bytes)
{
	char text[] = "the quick brown fox";

	sort(text, sizeof(text) - 1, 1, compare_bytes, NULL);
	EXPECT_STREQ(text, "   bcefhiknooqrtuwx");
}

/* 2 n log2 n = 2 * 256 * 8 = 4096; plus 2 n to make the heap. */
TEST(sort, no_order_is_a_bad_case)
{
	static struct object objects[256];
	unsigned int order, i;

	for (order = 0; order < 5; order++) {
		for (i = 0; i < 256; i++) {
			unsigned int keys[] = {i, 256 - i, 0, i % 16,
					       i < 128 ? i : 256 - i};

			objects[i].key = keys[order];
		}
		comparisons = 0;
		sort(objects, 256, sizeof(objects[0]), compare_keys, NULL);
		EXPECT(comparisons <= 4096 + 512);
		for (i = 1; i < 256; i++)
			ASSERT(objects[i - 1].key <= objects[i].key);
	}
}

TEST(sort, nothing_and_one_object_are_left_alone)
{
	struct object o = {.key = 7};

	comparisons = 0;
	sort(&o, 0, sizeof(o), compare_keys, NULL);
	sort(&o, 1, sizeof(o), compare_keys, NULL);
	EXPECT_EQ(o.key, 7);
	EXPECT_EQ(comparisons, 0);
}
