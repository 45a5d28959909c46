/* test_vmap.c - mm/vmap_area.c against a sorted array.
 *
 *   model   [ 0-3 | 4-9 | 20-22 | ... ]      starts and ends, in order
 *   tree    the same areas                   vmap_space_check, lowest_fit
 *
 * The model finds the lowest gap by looking at all of them, so it says exactly
 * which address must come out. All of it is arithmetic: nothing is mapped.
 */
#include "../../mm/internal.h"
#include "host.h"
#include "string.h"
#include "util.h"
#include "vmap_debug.h"

#define START      0xF7400000u
#define ROOM       1024u /* pages of the window */
#define MANY       10000u
#define OPERATIONS 2000000u

static struct {
	struct vmap_space space;
	struct vmap_area areas[MANY];
	struct vmap_area *sorted[MANY]; /* the model: live ones by address */
	unsigned int count;
} world;

static void
begin(unsigned int pages)
{
	memset(&world, 0, sizeof(world));
	vmap_space_init(&world.space, START, START + pages * PAGE_SIZE);
}

static bool
take(struct vmap_area *area, unsigned int pages, size_t align)
{
	return vmap_area_take(&world.space, area, pages * PAGE_SIZE, align);
}

/* --- The model ---------------------------------------------------------------- */

static uintptr_t
end_of(unsigned int i)
{
	return i ? world.sorted[i - 1]->start + world.sorted[i - 1]->size +
			       PAGE_SIZE
		 : START;
}

/* The place in the array of the gap that must be taken; ~0u: none is large
 * enough, whatever lies where. */
static unsigned int
lowest_fit(size_t size, size_t align)
{
	size_t need = size + PAGE_SIZE + (align - PAGE_SIZE);
	unsigned int i;

	for (i = 0; i <= world.count; i++) {
		uintptr_t end = i < world.count ? world.sorted[i]->start
						: world.space.end;

		if (end - end_of(i) >= need)
			return i;
	}
	return ~0u;
}

static void
model_insert(unsigned int i, struct vmap_area *area)
{
	memmove(world.sorted + i + 1, world.sorted + i,
		(world.count - i) * sizeof(area));
	world.sorted[i] = area;
	world.count++;
}

static void
model_remove(unsigned int i)
{
	world.count--;
	memmove(world.sorted + i, world.sorted + i + 1,
		(world.count - i) * sizeof(world.sorted[0]));
}

/* What the model says of an address: the area that it, or its guard page, is
 * in. */
static void
expect_lookup(uintptr_t va)
{
	struct vmap_area *in = NULL;
	unsigned int i;

	for (i = 0; i < world.count; i++)
		if (world.sorted[i]->start <= va && va < end_of(i + 1))
			in = world.sorted[i];
	EXPECT(vmap_area_find(&world.space, va) == in);
}

/* --- Millions of operations --------------------------------------------------- */

static void
random_take(struct vmap_area *area)
{
	unsigned int pages = 1 + host_below(host_sometimes(8) ? 120 : 12);
	size_t align = PAGE_SIZE << (host_sometimes(4) ? host_below(6) : 0);
	unsigned int i = lowest_fit(pages * PAGE_SIZE, align);

	EXPECT_EQ(take(area, pages, align), i != ~0u);
	if (i == ~0u)
		return;
	EXPECT_EQ(area->start, ALIGN(end_of(i), align));
	EXPECT_EQ(area->size, pages * PAGE_SIZE);
	model_insert(i, area);
}

/* Grows and shrinks by turns: the odds of taking change every so often. */
TEST(vmap, areas_agree_with_a_sorted_array)
{
	struct vmap_area *unused[200];
	unsigned int n = 0, step, i, odds = 5;

	begin(ROOM);
	for (i = 0; i < ARRAY_SIZE(unused); i++)
		unused[n++] = &world.areas[i];
	for (step = 0; step < OPERATIONS && !host_failed(); step++) {
		if (step % 4096 == 0)
			odds = 1 + host_below(9);
		if (n && host_below(10) < odds) {
			random_take(unused[n - 1]);
			n = ARRAY_SIZE(unused) - world.count;
		} else if (world.count) {
			i = host_below(world.count);
			unused[n++] = world.sorted[i];
			vmap_area_give(&world.space, world.sorted[i]);
			model_remove(i);
		}
		EXPECT_EQ(world.space.nr_areas, world.count);
		if (step % 32 == 0)
			EXPECT_EQ(vmap_space_check(&world.space), 0);
		if (step % 8 == 0)
			expect_lookup(START + host_below(ROOM * PAGE_SIZE));
	}
	while (world.count) {
		vmap_area_give(&world.space, world.sorted[0]);
		model_remove(0);
	}
	EXPECT_EQ(vmap_space_check(&world.space), 0);
	EXPECT(take(unused[0], ROOM - 1, PAGE_SIZE));
}

/* --- One by one --------------------------------------------------------------- */

TEST(vmap, the_lowest_gap_that_fits_is_taken)
{
	struct vmap_area *a = world.areas;
	unsigned int i;

	begin(ROOM); /* 0: 3 pages, 1: 9, 2: 3 ... each and its guard page */
	for (i = 0; i < 8; i++)
		EXPECT(take(&a[i], i % 2 ? 9 : 3, PAGE_SIZE));
	vmap_area_give(&world.space, &a[2]);
	vmap_area_give(&world.space, &a[5]);
	EXPECT(take(&a[10], 4, PAGE_SIZE)); /* too large for the gap of 2 */
	EXPECT_EQ(a[10].start, a[5].start);
	EXPECT(take(&a[11], 3, PAGE_SIZE)); /* fills it exactly */
	EXPECT_EQ(a[11].start, a[2].start);
	EXPECT(take(&a[12], 4, PAGE_SIZE)); /* what is left of the gap of 5 */
	EXPECT_EQ(a[12].start, a[10].start + 5 * PAGE_SIZE);
	EXPECT_EQ(vmap_space_check(&world.space), 0);
}

TEST(vmap, an_unmapped_page_follows_each_area)
{
	struct vmap_area *a = world.areas;

	begin(4);
	EXPECT(take(&a[0], 1, PAGE_SIZE));
	EXPECT(!take(&a[1], 2, PAGE_SIZE)); /* no room for its guard page */
	EXPECT(take(&a[1], 1, PAGE_SIZE));
	EXPECT_EQ(a[1].start, START + 2 * PAGE_SIZE);
	EXPECT(vmap_area_find(&world.space, START + PAGE_SIZE) == &a[0]);
}

TEST(vmap, what_an_alignment_skips_is_not_lost)
{
	struct vmap_area *a = world.areas;

	begin(ROOM);
	EXPECT(take(&a[0], 1, PAGE_SIZE));
	EXPECT(take(&a[1], 1, 64 * PAGE_SIZE));
	EXPECT_EQ(a[1].start % (64 * PAGE_SIZE), 0);
	EXPECT(take(&a[2], 5, PAGE_SIZE));
	EXPECT_EQ(a[2].start, START + 2 * PAGE_SIZE);
	vmap_area_give(&world.space, &a[2]);
	vmap_area_give(&world.space, &a[1]);
	vmap_area_give(&world.space, &a[0]);
	EXPECT(take(&a[0], ROOM - 1, PAGE_SIZE));
}

TEST(vmap, a_full_window_gives_nothing_and_stays_as_it_was)
{
	struct vmap_area *a = world.areas;
	unsigned int i, n = 0;

	begin(ROOM);
	while (take(&a[n], 3, PAGE_SIZE))
		n++;
	EXPECT_EQ(n, ROOM / 4);
	EXPECT(!take(&a[n], 1, PAGE_SIZE));
	EXPECT_EQ(world.space.nr_areas, n);
	EXPECT_EQ(vmap_space_check(&world.space), 0);
	for (i = 0; i < n; i += 2)
		vmap_area_give(&world.space, &a[i]);
	EXPECT(!take(&a[n], 4, PAGE_SIZE)); /* half is free, in pieces */
	EXPECT(take(&a[n], 3, PAGE_SIZE));
	EXPECT_EQ(a[n].start, START);
}

TEST(vmap, sizes_that_cannot_be_are_refused)
{
	struct vmap_area *a = world.areas;

	begin(ROOM);
	EXPECT(!take(a, 0, PAGE_SIZE));
	EXPECT(!take(a, ROOM, PAGE_SIZE)); /* the guard page has no room */
	EXPECT(!take(a, ROOM + 1, PAGE_SIZE));
	EXPECT(!vmap_area_take(&world.space, a, -PAGE_SIZE, PAGE_SIZE));
	EXPECT(!vmap_area_take(&world.space, a, PAGE_SIZE, 1u << 31));
	EXPECT(!vmap_area_take(&world.space, a, 64 * PAGE_SIZE, 1u << 31));
	EXPECT_EQ(world.space.nr_areas, 0);
	EXPECT(take(a, ROOM - 1, PAGE_SIZE));
}

/* How many nodes the longest way down passes. */
static unsigned int
height(const struct rb_node *node)
{
	unsigned int left, right;

	if (!node)
		return 0;
	left = height(node->rb_left);
	right = height(node->rb_right);
	return 1 + max(left, right);
}

TEST(vmap, ten_thousand_areas_are_28_steps_deep_at_most)
{
	unsigned int i;

	begin(2 * MANY);
	for (i = 0; i < MANY; i++)
		EXPECT(take(&world.areas[i], 1, PAGE_SIZE));
	EXPECT(height(world.space.areas.rb_node) <= 28); /* 2 log2(n + 1) */
	EXPECT_EQ(vmap_space_check(&world.space), 0);
	for (i = 0; i < MANY; i += 3)
		vmap_area_give(&world.space, &world.areas[i]);
	EXPECT(height(world.space.areas.rb_node) <= 28);
	EXPECT_EQ(vmap_space_check(&world.space), 0);
}

TEST(vmap, the_checker_finds_what_is_broken)
{
	struct vmap_area *a = world.areas;
	unsigned int i;

	begin(ROOM);
	for (i = 0; i < 9; i++)
		EXPECT(take(&a[i], 2 + i, PAGE_SIZE));
	vmap_area_give(&world.space, &a[4]);
	EXPECT_EQ(vmap_space_check(&world.space), 0);
	a[3].size += PAGE_SIZE; /* over its guard page */
	EXPECT(vmap_space_check(&world.space) != 0);
	a[3].size -= PAGE_SIZE;
	a[5].gap -= PAGE_SIZE;
	EXPECT(vmap_space_check(&world.space) != 0);
	a[5].gap += PAGE_SIZE;
	a[5].largest += PAGE_SIZE;
	EXPECT(vmap_space_check(&world.space) != 0);
	a[5].largest -= PAGE_SIZE;
	world.space.nr_areas++;
	EXPECT(vmap_space_check(&world.space) != 0);
	world.space.nr_areas--;
	world.space.last = &a[7];
	EXPECT(vmap_space_check(&world.space) != 0);
	world.space.last = &a[8];
	world.space.end = a[8].start + a[8].size; /* no room for its guard */
	EXPECT(vmap_space_check(&world.space) != 0);
	world.space.end = START + ROOM * PAGE_SIZE;
	EXPECT_EQ(vmap_space_check(&world.space), 0);
}
