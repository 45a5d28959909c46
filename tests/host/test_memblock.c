/* test_memblock.c - boot/memblock.c against a plain map, unit by unit.
 *
 * A window of UNITS units, a byte or a page each, lies somewhere in the
 * physical address space; the model says of each unit whether it is RAM and
 * who has reserved it:
 *
 *     unit       0   1   2   3   4   5  ...
 *     ram        .   x   x   x   .   .
 *     owner      -   -   A   A   A   -
 *
 * After each random operation both lists must say the same, be merged as far
 * as they can be, and pass memblock_check.
 */
#include "errno.h"
#include "host.h"
#include "layout.h"
#include "memblock_debug.h"
#include "string.h"
#include "util.h"

#define UNITS  400
#define ROUNDS 6000

/* Bytes around the end of page 0, which is never handed out, and around the
 * last page below 4 GiB, which is never RAM; pages at both ends. */
static const struct window {
	phys_addr_t base, unit;
} windows[] = {
	{PAGE_SIZE - 100, 1},
	{0u - PAGE_SIZE - 300, 1},
	{0, PAGE_SIZE},
	{0u - UNITS * PAGE_SIZE, PAGE_SIZE},
};

static const char *const owners[] = {"kernel", "module", "table"};

static struct {
	struct memblock mb;
	struct window at;
	bool ram[UNITS];
	const char *owner[UNITS];
} world;

static phys_addr_t
address(unsigned int unit)
{
	return world.at.base + unit * world.at.unit;
}

/* Past the last address that may be in a list? */
static bool
out_of_reach(unsigned int unit)
{
	return address(unit) >= 0u - PAGE_SIZE;
}

/* A random range of units: mostly short, at times all the way to the end. */
static void
draw_range(unsigned int *start, unsigned int *end)
{
	unsigned int most = host_sometimes(4) ? UNITS : 12;

	*start = host_below(UNITS);
	*end = min(*start + host_below(most), (unsigned int)UNITS);
}

/* What the lists look like now, as owners by unit, must be the model. */
static void
compare_type(const struct memblock_type *type, bool reserved)
{
	unsigned int unit, i = 0, regions = 0;
	const void *last = NULL;

	for (unit = 0; unit < UNITS; unit++) {
		const void *want = reserved ? (const void *)world.owner[unit]
				   : world.ram[unit] ? world.ram
						     : NULL;
		const struct memblock_region *r;
		phys_addr_t pa = address(unit);

		regions += want && want != last;
		last = want;
		while (i < type->cnt &&
		       pa - type->regions[i].base >= type->regions[i].size &&
		       pa > type->regions[i].base)
			i++;
		r = i < type->cnt && pa >= type->regions[i].base
			    ? &type->regions[i]
			    : NULL;
		ASSERT_EQ(r != NULL, want != NULL);
		if (r && reserved)
			ASSERT(r->owner == want);
		if (r) /* no region begins or ends inside a unit */
			ASSERT((pa - r->base) % world.at.unit == 0 &&
			       r->size % world.at.unit == 0);
	}
	EXPECT_EQ(type->cnt, regions);
}

static void
compare(void)
{
	unsigned int unit, count = 0, last = 0;

	EXPECT_EQ(memblock_check(&world.mb), 0);
	compare_type(&world.mb.memory, false);
	compare_type(&world.mb.reserved, true);
	for (unit = 0; unit < UNITS; unit++) {
		if (!world.ram[unit])
			continue;
		count++;
		last = unit + 1;
	}
	EXPECT_EQ(memblock_memory_size(&world.mb), count * world.at.unit);
	EXPECT_EQ(memblock_end(&world.mb), count ? address(last) : 0);
	unit = host_below(UNITS);
	EXPECT_EQ(memblock_is_memory(&world.mb, address(unit)),
		  world.ram[unit]);
	EXPECT_EQ(memblock_is_memory(&world.mb,
				     address(unit) + world.at.unit - 1),
		  world.ram[unit]);
}

/* Refusing is right only when the parts to insert do not fit into the list:
 * one for each run of free units in the range. */
static void
expect_full(const struct memblock_type *type, unsigned int start,
	    unsigned int end, bool reserved)
{
	unsigned int unit, runs = 0;
	bool taken = true, before;

	for (unit = start; unit < end; unit++) {
		before = taken;
		taken = reserved ? world.owner[unit] != NULL : world.ram[unit];
		runs += before && !taken;
	}
	EXPECT(type->cnt + runs > MEMBLOCK_REGIONS);
}

static void
add_ram(unsigned int start, unsigned int end)
{
	phys_addr_t size = (end - start) * world.at.unit;
	int error = memblock_add(&world.mb, address(start), size);

	if (error) {
		EXPECT_EQ(error, -ENOSPC);
		expect_full(&world.mb.memory, start, end, false);
		return;
	}
	for (; start < end && !out_of_reach(start); start++)
		world.ram[start] = true;
}

static void
remove_ram(unsigned int start, unsigned int end)
{
	phys_addr_t size = (end - start) * world.at.unit;
	int error = memblock_remove(&world.mb, address(start), size);

	if (error) {
		EXPECT_EQ(error, -ENOSPC);
		EXPECT_EQ(world.mb.memory.cnt, MEMBLOCK_REGIONS);
		return;
	}
	while (start < end)
		world.ram[start++] = false;
}

static void
reserve(unsigned int start, unsigned int end)
{
	const char *owner = owners[host_below(ARRAY_SIZE(owners))];
	phys_addr_t size = (end - start) * world.at.unit;
	int error = memblock_reserve(&world.mb, address(start), size, owner);

	if (error) {
		EXPECT_EQ(error, -ENOSPC);
		expect_full(&world.mb.reserved, start, end, true);
		return;
	}
	for (; start < end && !out_of_reach(start); start++)
		if (!world.owner[start])
			world.owner[start] = owner;
}

static void
give_back(unsigned int start, unsigned int end)
{
	phys_addr_t size = (end - start) * world.at.unit;
	int error = memblock_free(&world.mb, address(start), size);

	if (error) {
		EXPECT_EQ(error, -ENOSPC);
		EXPECT_EQ(world.mb.reserved.cnt, MEMBLOCK_REGIONS);
		return;
	}
	while (start < end)
		world.owner[start++] = NULL;
}

/* Is every unit of the range free RAM? */
static bool
model_free(unsigned int start, unsigned int nr)
{
	while (nr && start < UNITS && world.ram[start] && !world.owner[start]) {
		nr--;
		start++;
	}
	return nr == 0;
}

/* Where an allocation must come from: the first unit that will do, or UNITS. */
static unsigned int
model_alloc(unsigned int nr, phys_addr_t align, phys_addr_t from,
	    phys_addr_t to)
{
	unsigned int unit;

	for (unit = 0; unit + nr <= UNITS; unit++) {
		phys_addr_t pa = address(unit), size = nr * world.at.unit;

		if (pa >= PAGE_SIZE && pa >= from && IS_ALIGNED(pa, align) &&
		    pa < to && size <= to - pa && model_free(unit, nr))
			return unit;
	}
	return UNITS;
}

static void
alloc(void)
{
	const char *owner = owners[host_below(ARRAY_SIZE(owners))];
	unsigned int unit, nr = 1 + host_below(host_sometimes(4) ? 60 : 6);
	phys_addr_t align = world.at.unit << host_below(8), from = 0, to = -1;
	phys_addr_t pa;

	if (host_sometimes(2))
		from = address(host_below(UNITS));
	if (host_sometimes(2))
		to = address(host_below(UNITS));
	unit = model_alloc(nr, align, from, to);
	pa = memblock_alloc(&world.mb, nr * world.at.unit, align, from, to,
			    owner);
	if (!pa && world.mb.reserved.cnt == MEMBLOCK_REGIONS)
		return;
	if (!EXPECT_EQ(pa, unit < UNITS ? address(unit) : 0))
		host_note("%u units, align %#x, [%#x, %#x)", nr, align, from,
			  to);
	for (; pa && nr; nr--)
		world.owner[unit++] = owner;
}

static void
random_operation(void)
{
	unsigned int start, end;

	draw_range(&start, &end);
	switch (host_below(8)) {
	case 0:
	case 1:
		add_ram(start, end);
		break;
	case 2:
		remove_ram(start, min(end, start + 8));
		break;
	case 3:
		reserve(start, min(end, start + 20));
		break;
	case 4:
	case 5:
		give_back(start, end);
		break;
	default:
		alloc();
		break;
	}
}

static void
start_window(const struct window *window)
{
	memset(&world, 0, sizeof(world));
	world.at = *window;
}

static void
random_rounds(const struct window *window)
{
	unsigned int round;

	start_window(window);
	for (round = 0; round < ROUNDS && !host_failed(); round++) {
		random_operation();
		compare();
	}
	if (host_failed())
		host_note("window at %#x, round %u", window->base, round);
}

TEST(memblock, random_operations_on_bytes_around_page_0)
{
	random_rounds(&windows[0]);
}

TEST(memblock, random_operations_on_bytes_around_the_last_page)
{
	random_rounds(&windows[1]);
}

TEST(memblock, random_operations_on_the_first_pages)
{
	random_rounds(&windows[2]);
}

TEST(memblock, random_operations_on_the_last_pages)
{
	random_rounds(&windows[3]);
}

/* Single units with holes between them fill both lists; then everything is
 * tried on full lists for a while. */
static void
fill_lists(const struct window *window)
{
	unsigned int i;

	start_window(window);
	for (i = 0; i < 3 * MEMBLOCK_REGIONS && !host_failed(); i += 3) {
		add_ram(i, i + 2);
		reserve(i, i + 1);
		compare();
	}
	EXPECT_EQ(world.mb.memory.cnt, MEMBLOCK_REGIONS);
	EXPECT_EQ(world.mb.reserved.cnt, MEMBLOCK_REGIONS);
}

TEST(memblock, a_full_list_refuses_and_stays_as_it_is)
{
	unsigned int round, start, end;

	fill_lists(&windows[2]);
	for (round = 0; round < 2000 && !host_failed(); round++) {
		draw_range(&start, &end);
		end = min(end, start + 3);
		if (host_sometimes(2))
			add_ram(start, end);
		else
			reserve(start, end);
		compare();
		if (host_sometimes(2)) {
			remove_ram(start, end);
			give_back(start, end);
			compare();
		}
	}
}

/*     ... |region 126|   |region 127, 3 units|
 *                              ^ no room for the part behind a hole here
 */
TEST(memblock, a_hole_does_not_fit_into_a_full_list)
{
	const unsigned int last = 3 * (MEMBLOCK_REGIONS - 1);

	fill_lists(&windows[2]);
	remove_ram(last, last + 2); /* the last one again, but longer */
	add_ram(last, last + 3);
	give_back(last, last + 1);
	reserve(last, last + 3);
	compare();
	EXPECT_EQ(memblock_remove(&world.mb, address(last + 1), PAGE_SIZE),
		  -ENOSPC);
	EXPECT_EQ(memblock_free(&world.mb, address(last + 1), PAGE_SIZE),
		  -ENOSPC);
	compare();
}

/* In the middle of a region, at both ends of what can be, and past it. */
TEST(memblock, an_empty_range_changes_nothing)
{
	const phys_addr_t places[] = {0,
				      PAGE_SIZE,
				      address(1),
				      MEMBLOCK_LIMIT - 1,
				      MEMBLOCK_LIMIT,
				      MEMBLOCK_LIMIT + 1,
				      ~0u};
	struct memblock before;

	fill_lists(&windows[2]);
	EXPECT_EQ(memblock_remove(&world.mb, address(0), PAGE_SIZE), 0);
	EXPECT_EQ(memblock_free(&world.mb, address(0), PAGE_SIZE), 0);
	before = world.mb;
	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		phys_addr_t size = places[i] >= MEMBLOCK_LIMIT;

		for (phys_addr_t n = 0; n <= size; n++) {
			EXPECT_EQ(memblock_add(&world.mb, places[i], n), 0);
			EXPECT_EQ(memblock_remove(&world.mb, places[i], n), 0);
			EXPECT_EQ(memblock_reserve(&world.mb, places[i], n,
						   "nobody"),
				  0);
			EXPECT_EQ(memblock_free(&world.mb, places[i], n), 0);
		}
	}
	EXPECT_EQ(memcmp(&before, &world.mb, sizeof(before)), 0);
	EXPECT_EQ(memblock_check(&world.mb), 0);
}

TEST(memblock, all_of_4_gib_fits_but_for_its_last_page)
{
	start_window(&windows[2]);
	EXPECT_EQ(memblock_add(&world.mb, 0, 0xFFFFFFFF), 0);
	EXPECT_EQ(memblock_add(&world.mb, 0x1000, 0xFFFFF000), 0);
	EXPECT_EQ(memblock_add(&world.mb, 0xFFFFFFFF, 1), 0);
	EXPECT_EQ(memblock_memory_size(&world.mb), 0xFFFFF000);
	EXPECT_EQ(memblock_end(&world.mb), 0xFFFFF000);
	EXPECT_EQ(memblock_check(&world.mb), 0);
	EXPECT(memblock_is_memory(&world.mb, 0));
	EXPECT(memblock_is_memory(&world.mb, 0xFFFFEFFF));
	EXPECT(!memblock_is_memory(&world.mb, 0xFFFFF000));
	EXPECT_EQ(memblock_alloc(&world.mb, 0xFFFFE000, 1, 0, -1, "all"),
		  0x1000);
}

TEST(memblock, impossible_allocations_return_0)
{
	start_window(&windows[2]);
	EXPECT_EQ(memblock_alloc(&world.mb, 1, 1, 0, -1, "x"), 0);
	EXPECT_EQ(memblock_add(&world.mb, 0, 0x100000), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 0, 1, 0, -1, "x"), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 0xFFFFFFFF, 1, 0, -1, "x"), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 1, 0x80000000, 0, -1, "x"), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 1, 1, 0x80000, 0x80000, "x"), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 1, 1, 0x80000, 0x7000, "x"), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 1, 1, 0, PAGE_SIZE, "x"), 0);
	EXPECT_EQ(memblock_alloc(&world.mb, 1, 1, 0x100000, -1, "x"), 0);
	EXPECT_EQ(world.mb.reserved.cnt, 0);
}

TEST(memblock, check_sees_what_is_broken)
{
	struct memblock_type *memory = &world.mb.memory;

	start_window(&windows[2]);
	EXPECT_EQ(memblock_add(&world.mb, 0x1000, 0x1000), 0);
	EXPECT_EQ(memblock_add(&world.mb, 0x3000, 0x1000), 0);
	EXPECT_EQ(memblock_check(&world.mb), 0);
	memory->regions[0].size = 0x2000; /* touches the next */
	EXPECT(memblock_check(&world.mb) != 0);
	memory->regions[0].size = 0x2001; /* overlaps it */
	EXPECT(memblock_check(&world.mb) != 0);
	memory->regions[0].size = 0;
	EXPECT(memblock_check(&world.mb) != 0);
	memory->regions[0].size = 0xFFFFF000; /* wraps */
	EXPECT(memblock_check(&world.mb) != 0);
	memory->regions[0].size = 0x1000;
	memory->regions[0].base = 0x5000; /* not sorted */
	EXPECT(memblock_check(&world.mb) != 0);
	memory->regions[0].base = 0x1000;
	memory->cnt = MEMBLOCK_REGIONS + 1;
	EXPECT(memblock_check(&world.mb) != 0);
	memory->cnt = 2;
	EXPECT_EQ(memblock_check(&world.mb), 0);
}
