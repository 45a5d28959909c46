/* test_arena.c - mm/arena.c, unchanged, against a list of what was allocated.
 *
 *   objects   [a][b][c][d][e][f]          each filled with a byte of its own
 *   marks          |2|      |5|           how many there were
 *
 * Chunks come from the host's malloc, so that ASan sees whoever leaves one, and
 * may fail. After each operation no object has changed, and the arena holds
 * what the chunks add up to.
 */
#include "host.h"
#include "page.h"
#include "slab.h"
#include "string.h"
#include "util.h"

void *libc_malloc(size_t size) __asm__("malloc");
void libc_free(void *p) __asm__("free");

static struct {
	unsigned int chunks, fail_after; /* fail_after: so many succeed */
	size_t bytes;
} source;

/* The size stands in front of a chunk, which is aligned to 8 as kmalloc's. */
static void *
chunk_alloc(size_t size, gfp_t gfp)
{
	size_t *p;

	EXPECT(!(gfp & __GFP_ZERO));
	if (size > KMALLOC_MAX_SIZE || !source.fail_after)
		return NULL;
	source.fail_after--;
	p = libc_malloc(size + 8);
	*p = size;
	source.chunks++;
	source.bytes += size;
	return p + 2;
}

static void
chunk_free(void *chunk)
{
	size_t *p = (size_t *)chunk - 2;

	source.chunks--;
	source.bytes -= *p;
	libc_free(p);
}

#define kmalloc(size, gfp) chunk_alloc(size, gfp)
#define kfree(p)           chunk_free(p)
#include "../../mm/arena.c"

#define OBJECTS 500
#define MARKS   8
#define ROUNDS  20000

static struct {
	struct arena arena;
	unsigned int nr_objects, nr_marks;
	struct object {
		u8 *p;
		size_t size;
		u8 fill;
	} objects[OBJECTS];
	struct {
		struct arena_mark mark;
		unsigned int nr_objects;
	} marks[MARKS];
} world;

static void
start(size_t chunk_size, size_t limit)
{
	memset(&world, 0, sizeof(world));
	memset(&source, 0, sizeof(source));
	source.fail_after = -1;
	arena_init(&world.arena, chunk_size, limit, GFP_KERNEL | __GFP_ZERO);
}

static size_t
draw_size(void)
{
	if (host_sometimes(30))
		return host_below(20000);
	return host_below(host_sometimes(4) ? 300 : 40);
}

static void
check_objects(void)
{
	for (unsigned int i = 0; i < world.nr_objects; i++)
		for (size_t j = 0; j < world.objects[i].size; j++)
			if (world.objects[i].p[j] != world.objects[i].fill) {
				EXPECT_EQ(world.objects[i].p[j],
					  world.objects[i].fill);
				return;
			}
}

static void
check(void)
{
	EXPECT_EQ(world.arena.held, source.bytes);
	EXPECT(world.arena.held <= world.arena.limit);
	EXPECT(world.arena.next <= world.arena.end);
}

static void
alloc(void)
{
	struct object *object = &world.objects[world.nr_objects];
	size_t align = 1ul << host_below(host_sometimes(10) ? 13 : 5);
	struct arena before = world.arena;

	object->size = draw_size();
	object->fill = host_random();
	source.fail_after = host_sometimes(20) ? 0 : -1;
	object->p = arena_alloc(&world.arena, object->size, align);
	if (!object->p) {
		/* only for a reason, and then nothing has changed */
		EXPECT(source.fail_after == 0 ||
		       max(object->size + align + 8, before.chunk_size) >
			       before.limit - before.held);
		EXPECT_EQ(memcmp(&before, &world.arena, sizeof(before)), 0);
		return;
	}
	EXPECT(IS_ALIGNED((uintptr_t)object->p, align));
	memset(object->p, object->fill, object->size);
	world.nr_objects++;
}

/* To a random mark: those after it are void. */
static void
rewind_some(void)
{
	world.nr_marks = host_below(world.nr_marks);
	arena_rewind(&world.arena, world.marks[world.nr_marks].mark);
	world.nr_objects = world.marks[world.nr_marks].nr_objects;
}

static void
empty(void)
{
	if (host_sometimes(2))
		arena_destroy(&world.arena);
	else
		arena_reset(&world.arena);
	EXPECT(source.chunks <= (world.arena.chunks ? 1 : 0));
	world.nr_objects = world.nr_marks = 0;
}

static void
random_operation(void)
{
	if (world.nr_objects == OBJECTS || host_sometimes(1000)) {
		check_objects();
		empty();
	} else if (world.nr_marks && host_sometimes(40)) {
		check_objects();
		rewind_some();
		check_objects();
	} else if (world.nr_marks < MARKS && host_sometimes(30)) {
		world.marks[world.nr_marks].mark = arena_mark(&world.arena);
		world.marks[world.nr_marks++].nr_objects = world.nr_objects;
	} else {
		alloc();
	}
}

static void
random_rounds(size_t chunk_size, size_t limit)
{
	start(chunk_size, limit);
	for (unsigned int i = 0; i < ROUNDS && !host_failed(); i++) {
		random_operation();
		check();
	}
	arena_destroy(&world.arena);
	EXPECT_EQ(source.chunks, 0);
	EXPECT_EQ(source.bytes, 0);
}

TEST(arena, random_operations_in_chunks_of_a_page)
{
	random_rounds(4096, ARENA_NO_LIMIT);
}

TEST(arena, random_operations_in_the_smallest_chunks)
{
	random_rounds(0, ARENA_NO_LIMIT);
}

TEST(arena, random_operations_under_a_limit)
{
	random_rounds(1024, 30000);
}

TEST(arena, an_empty_arena_holds_nothing)
{
	start(4096, ARENA_NO_LIMIT);
	EXPECT_EQ(source.chunks, 0);
	arena_reset(&world.arena);
	arena_destroy(&world.arena);
	arena_rewind(&world.arena, arena_mark(&world.arena));
	EXPECT(arena_alloc(&world.arena, 0, 1) !=
	       arena_alloc(&world.arena, 0, 1));
	EXPECT_EQ(source.chunks, 1);
	arena_destroy(&world.arena);
	EXPECT_EQ(source.chunks, 0);
}

/* Neighbours lie next to each other: no byte between them, none in front. */
TEST(arena, an_object_costs_its_own_bytes)
{
	char *first, *second;

	start(4096, ARENA_NO_LIMIT);
	first = arena_alloc(&world.arena, 13, 1);
	second = arena_alloc(&world.arena, 1, 1);
	EXPECT_EQ(second - first, 13);
	EXPECT_EQ((char *)arena_alloc(&world.arena, 8, 8) - first, 16);
	arena_destroy(&world.arena);
}

TEST(arena, a_large_object_leaves_the_current_chunk_in_use)
{
	char *first;

	start(4096, ARENA_NO_LIMIT);
	first = arena_alloc(&world.arena, 8, 8);
	EXPECT(arena_alloc(&world.arena, 5000, 8));
	EXPECT((char *)arena_alloc(&world.arena, 8, 8) == first + 8);
	EXPECT_EQ(source.chunks, 2);
	arena_reset(&world.arena);
	EXPECT_EQ(source.chunks, 1);
	EXPECT((char *)arena_alloc(&world.arena, 8, 8) == first);
	arena_destroy(&world.arena);
}

TEST(arena, impossible_sizes_and_alignments_are_refused)
{
	static const size_t sizes[] = {-1,         -8,
				       -16,        0x80000000,
				       0x7FFFFFFF, KMALLOC_MAX_SIZE + 1};
	static const size_t aligns[] = {3, 0, 2 * PAGE_SIZE, 0x80000000};
	unsigned int i, used;

	start(4096, ARENA_NO_LIMIT);
	for (used = 0; used < 2; used++) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			for (size_t align = 1; align <= PAGE_SIZE; align *= 2)
				EXPECT(!arena_alloc(&world.arena, sizes[i],
						    align));
		for (i = 0; i < ARRAY_SIZE(aligns); i++)
			EXPECT(!arena_alloc(&world.arena, 4000, aligns[i]));
		EXPECT_EQ(source.chunks, used);
		EXPECT(arena_alloc(&world.arena, 1000, 1));
	}
	arena_destroy(&world.arena);
}

TEST(arena, a_void_mark_changes_nothing)
{
	struct arena_mark outer, inner;
	char *p;

	start(1024, ARENA_NO_LIMIT);
	arena_alloc(&world.arena, 100, 8);
	outer = arena_mark(&world.arena);
	p = arena_alloc(&world.arena, 4, 1);
	inner = arena_mark(&world.arena);
	arena_rewind(&world.arena, outer);
	arena_rewind(&world.arena, inner); /* above next */
	EXPECT((char *)arena_alloc(&world.arena, 4, 1) == p);
	while (source.chunks == 1)
		arena_alloc(&world.arena, 100, 8);
	inner = arena_mark(&world.arena);
	arena_rewind(&world.arena, outer);
	arena_rewind(&world.arena, inner); /* of a chunk that is gone */
	EXPECT((char *)arena_alloc(&world.arena, 4, 1) == p);
	EXPECT_EQ(source.chunks, 1);
	arena_destroy(&world.arena);
}
