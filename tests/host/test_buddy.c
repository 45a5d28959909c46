/* test_buddy.c - mm/buddy.c against a bitmap of frames (buddy_model.h).
 *
 *     each shape of zone, each seed:   fill ........ drain ........ fill ...
 *                                      mostly alloc  mostly free
 *
 * Short runs look at every frame after every step; long runs, more than ten
 * million operations together, at what the step touched and at the counts.
 * Then: all of a zone can be taken and comes back as it was, and zone_check
 * finds each way of breaking a zone that we could think of.
 */
#include "buddy_model.h"
#include "host.h"
#include "list.h"
#include "string.h"
#include "util.h"

#define SHORT_STEPS 1500
#define LONG_STEPS  400000
#define LONG_SEEDS  3
#define LEAST_TOTAL 10000000

static const struct shape shapes[] = {
	{"one page, frame 0", 0, 1, {{0, 1}}},
	{"one page, odd frame", 777, 1, {{777, 1}}},
	{"three pages across an odd border", 1023, 3, {{1023, 3}}},
	{"exactly one largest block", 1024, 1024, {{1024, 1024}}},
	{"1024 pages, nowhere aligned", 513, 1024, {{513, 1024}}},
	{"all frames", 0, FRAMES, {{0, FRAMES}}},
	{"odd size, from frame 0", 0, 4999, {{0, 4999}}},
	{"odd start, odd size", 2047, 3333, {{2047, 3333}}},
	{"a PC's first 16 MiB", 0, 4096, {{16, 143}, {256, 3840}}},
	{"holes",
	 3,
	 8000,
	 {{3, 61},
	  {70, 1},
	  {100, 900},
	  {1024, 2048},
	  {3073, 2047},
	  {5555, 1},
	  {5557, 2446}}},
	{"empty", 64, 64, {{0, 0}}},
};

/* Mostly small, now and then any. */
static unsigned int
draw_order(void)
{
	return host_sometimes(8)
		       ? host_below(NR_ORDERS)
		       : (unsigned int)__builtin_ctz(host_random() | 1u << 6);
}

static void
random_step(bool filling)
{
	unsigned int i;

	if (!world.nr_held || host_below(8) < (filling ? 5 : 3)) {
		model_alloc(draw_order());
		return;
	}
	i = host_below(world.nr_held);
	if (host_sometimes(16))
		model_free_parts(i, host_below(1u << world.held[i].order));
	else
		model_free(i);
}

static void
run(const struct shape *shape, unsigned int steps, bool look_everywhere)
{
	bool filling = true;
	unsigned int i;

	model_start(shape);
	for (i = 0; i < steps && !host_failed(); i++) {
		if (host_sometimes(4000))
			filling = !filling;
		random_step(filling);
		if (look_everywhere || host_sometimes(20000))
			model_check();
		else
			model_agree();
	}
	model_free_all(host_below);
	model_check();
	if (host_failed())
		host_note("zone: %s, after %u operations", shape->name, i);
}

TEST(buddy, every_frame_is_right_after_every_step)
{
	const struct shape *shape;

	for (shape = shapes; shape < ARRAY_END(shapes); shape++)
		run(shape, SHORT_STEPS, true);
}

TEST(buddy, ten_million_operations_agree_with_the_model)
{
	unsigned long total = 0;
	const struct shape *shape;
	unsigned int seed;

	for (seed = 0; seed < LONG_SEEDS; seed++) {
		for (shape = shapes; shape < ARRAY_END(shapes); shape++) {
			run(shape, LONG_STEPS, false);
			total += LONG_STEPS;
		}
	}
	EXPECT(total >= LEAST_TOTAL);
}

/* Everything in blocks of one order; what is left is smaller everywhere. */
static void
exhaust(const struct shape *shape, unsigned int order)
{
	static u32 before[FRAMES];
	unsigned int pfn, larger, blocks = 0;

	model_start(shape);
	for (pfn = 0; pfn < FRAMES; pfn++)
		before[pfn] = world.map[pfn].flags;
	for (larger = order; larger < NR_ORDERS; larger++)
		blocks += world.count[larger] << (larger - order);
	while (model_alloc(order) && !host_failed())
		continue;
	EXPECT_EQ(world.nr_held, blocks);
	EXPECT_EQ(world.zone.free_orders >> order, 0);
	model_check();
	model_free_all(host_below);
	model_check();
	for (pfn = 0; pfn < FRAMES; pfn++)
		if (world.map[pfn].flags != before[pfn])
			EXPECT_EQ(world.map[pfn].flags, before[pfn]);
}

TEST(buddy, all_of_a_zone_can_be_taken_and_merges_back_as_it_was)
{
	const struct shape *shape;
	unsigned int order;

	for (shape = shapes; shape < ARRAY_END(shapes); shape++)
		for (order = 0; order < NR_ORDERS && !host_failed(); order++)
			exhaust(shape, order);
}

/* Free blocks: one of order 1, one of order 4, and the largest. */
TEST(buddy, the_smallest_block_that_will_do_is_split)
{
	static const struct shape shape = {"1 + 4 + 10",
					   0,
					   4096,
					   {{2, 2}, {16, 16}, {1024, 1024}}};
	static const struct {
		unsigned int order, low, high; /* where it must come from */
	} cases[] = {
		{0, 2, 4},   {0, 2, 4},   {0, 16, 32},     {3, 16, 32},
		{1, 16, 32}, {2, 16, 32}, {4, 1024, 2048},
	};
	unsigned int i;

	model_start(&shape);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct page *page = buddy_alloc(&world.zone, cases[i].order);
		unsigned int pfn;

		ASSERT(page != NULL);
		pfn = page - world.map;
		EXPECT(pfn >= cases[i].low && pfn < cases[i].high);
	}
	EXPECT(buddy_alloc(&world.zone, MAX_ORDER) == NULL);
}

/* Take every page of the zone as single pages, then give runs back. */
TEST(buddy, any_run_of_frames_can_be_given_back)
{
	unsigned int round, pfn, nr;

	for (round = 0; round < 300 && !host_failed(); round++) {
		struct shape shape = {.name = "a run", .spanned = FRAMES};

		nr = 1 + host_below(round % 3 ? 64 : FRAMES - 1);
		pfn = host_below(FRAMES - nr + 1);
		shape.given[0].pfn = pfn;
		shape.given[0].nr = nr;
		model_start(&shape);
		model_check();
		if (host_failed())
			host_note("%u frames from %u", nr, pfn);
	}
}

/* --- zone_check finds what is broken ---------------------------------------------- */

static const struct shape checked = {
	"checked", 1024, 2048, {{1024, 1024}, {2048, 8}, {2064, 1}, {2072, 8}}};

static struct page *
frame(unsigned int pfn)
{
	return &world.map[pfn];
}

static struct free_area *
area(unsigned int order)
{
	return &world.zone.area[order];
}

/* Put a block into a list as the buddy system does, but wherever we like. */
static void
plant(unsigned int pfn, unsigned int order)
{
	frame(pfn)->flags = PAGE_FLAGS(world.zone.index, order, PG_buddy);
	list_add(&frame(pfn)->lru, &area(order)->list);
	area(order)->nr_free++;
	world.zone.free_orders |= 1u << order;
	world.zone.free_pages += 1u << order;
	world.zone.managed += 1u << order;
}

static void
head_without_flag(void)
{
	frame(2048)->flags &= ~PG_buddy;
}

static void
head_of_another_order(void)
{
	frame(2048)->flags = PAGE_FLAGS(world.zone.index, 2, PG_buddy);
}

static void
head_of_another_zone(void)
{
	frame(2048)->flags = PAGE_FLAGS(ZONE_HIGHMEM, 3, PG_buddy);
}

static void
head_reserved(void)
{
	frame(2064)->flags |= PG_reserved;
}

static void
flag_inside_a_block(void)
{
	frame(2051)->flags |= PG_mapped;
}

static void
block_inside_a_block(void)
{
	frame(2050)->flags = PAGE_FLAGS(world.zone.index, 1, PG_buddy);
}

static void
reference_to_a_head(void)
{
	frame(1024)->_refcount = 1;
}

static void
reference_inside_a_block(void)
{
	frame(2047)->_refcount = 1;
}

static void
reference_below_zero(void)
{
	frame(2055)->_refcount = -1;
}

static void
too_many_counted(void)
{
	area(3)->nr_free++;
}

static void
too_few_counted(void)
{
	area(3)->nr_free--;
}

static void
counted_in_an_empty_list(void)
{
	area(7)->nr_free = 1;
}

static void
too_many_pages(void)
{
	world.zone.free_pages++;
}

static void
too_few_pages(void)
{
	world.zone.free_pages--;
}

static void
more_free_than_managed(void)
{
	world.zone.managed = world.zone.free_pages - 1;
}

static void
order_bit_missing(void)
{
	world.zone.free_orders &= ~(1u << 3);
}

static void
order_bit_too_many(void)
{
	world.zone.free_orders |= 1u << 5;
}

static void
buddies_not_merged(void)
{
	plant(2072, 1);
	plant(2074, 1);
}

static void
block_not_aligned(void)
{
	plant(2073, 1);
}

static void
block_below_the_zone(void)
{
	plant(1022, 1);
}

static void
block_above_the_zone(void)
{
	plant(3072, 0);
}

static void
block_across_the_end(void)
{
	world.zone.spanned = 2052 - 1024;
}

static void
block_in_another_list(void)
{
	list_move(&frame(2064)->lru, &area(3)->list);
}

static void
block_lost(void)
{
	list_unlink(&frame(2048)->lru);
}

static void
list_in_a_circle(void)
{
	frame(2064)->lru.next = &frame(2064)->lru;
}

static void
block_twice_in_a_list(void)
{
	plant(2064, 0);
}

static void
flag_in_no_list(void)
{
	frame(2072)->flags = PAGE_FLAGS(world.zone.index, 3, PG_buddy);
}

/* Free: 1024 at order 10, 2048 at order 3, 2064 at order 0. Held: 2072 at order
 * 3. All else is holes. */
static void
finds(void (*damage)(void), const char *name)
{
	model_start(&checked);
	ASSERT(buddy_alloc(&world.zone, 3) == frame(2072));
	ASSERT_EQ(zone_check(&world.zone), 0);
	damage();
	if (!EXPECT(zone_check(&world.zone) > 0))
		host_note("not found: %s", name);
}
#define FINDS(damage) finds(damage, #damage)

TEST(buddy, zone_check_finds_each_kind_of_damage)
{
	FINDS(head_without_flag);
	FINDS(head_of_another_order);
	FINDS(head_of_another_zone);
	FINDS(head_reserved);
	FINDS(flag_inside_a_block);
	FINDS(block_inside_a_block);
	FINDS(reference_to_a_head);
	FINDS(reference_inside_a_block);
	FINDS(reference_below_zero);
	FINDS(too_many_counted);
	FINDS(too_few_counted);
	FINDS(counted_in_an_empty_list);
	FINDS(too_many_pages);
	FINDS(too_few_pages);
	FINDS(more_free_than_managed);
	FINDS(order_bit_missing);
	FINDS(order_bit_too_many);
	FINDS(buddies_not_merged);
	FINDS(block_not_aligned);
	FINDS(block_below_the_zone);
	FINDS(block_above_the_zone);
	FINDS(block_across_the_end);
	FINDS(block_in_another_list);
	FINDS(block_lost);
	FINDS(list_in_a_circle);
	FINDS(block_twice_in_a_list);
	FINDS(flag_in_no_list);
}

TEST(buddy, a_zone_of_no_frames_is_empty_and_right)
{
	zone_init(&world.zone, "none", ZONE_HIGHMEM, world.map, 0, 0);
	EXPECT_EQ(zone_check(&world.zone), 0);
	EXPECT(buddy_alloc(&world.zone, 0) == NULL);
	EXPECT(buddy_head_of(&world.zone, 0) == NULL);
}
