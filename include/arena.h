/* arena.h - memory for many small objects of one life: taken as it is needed,
 * given back all at once.
 *
 *   chunk of chunk_size          the one before      large objects: one each
 *   [head|ooo|oo|oooo|.....] --> [head|oooo|oo|.]    [head|OOOOOOO] --> ...
 *                     ^next ^end
 *
 * An object costs its own bytes and a handful of instructions: no list, no
 * header, nothing to free one by one. What that costs: one object that is
 * still in use keeps every byte of the arena (docs/pools.md has numbers).
 *
 * An arena has no lock: one user at a time, in any context its flags allow.
 */
#ifndef ARENA_H
#define ARENA_H

#include "gfp.h"
#include "types.h"
#include "util.h"

#define ARENA_NO_LIMIT ((size_t)-1)

struct arena_chunk; /* mm/arena.c */

struct arena {
	uintptr_t next, end;        /* what is free of the newest chunk */
	struct arena_chunk *chunks; /* newest first */
	struct arena_chunk *large;  /* newest first */
	size_t chunk_size;          /* bytes, its head included */
	size_t limit;               /* the most bytes it may hold */
	size_t held;                /* bytes of all its chunks */
	gfp_t gfp;                  /* how chunks are allocated */
};

/* A moment in an arena's life: see arena_mark. */
struct arena_mark {
	uintptr_t next;
	struct arena_chunk *chunks, *large;
};

/* arena_init: an empty arena, which takes no memory yet. chunk_size bytes, a
 * size that kmalloc gives without waste, are asked for at a time, in all at
 * most `limit`, heads of chunks (8 bytes) included.
 * => any context; nothing to undo until something was allocated */
void arena_init(struct arena *arena, size_t chunk_size, size_t limit,
		gfp_t gfp);

/* arena_alloc: size bytes, aligned to `align`, a power of two up to PAGE_SIZE;
 * contents undefined. What is larger than a quarter of a chunk gets a chunk of
 * its own, so that a chunk's tail wastes a quarter at most.
 * => context as the arena's flags say
 * => size in bytes, 0 counts as 1; NULL above the limit or without memory:
 *    the arena is then as it was
 * => the arena's; gone with arena_rewind, arena_reset, arena_destroy */
void *arena_alloc_long(struct arena *arena, size_t size, size_t align);
static __always_inline void *
arena_alloc(struct arena *arena, size_t size, size_t align)
{
	uintptr_t pad = -arena->next & (align - 1);
	uintptr_t room = arena->end - arena->next;
	uintptr_t start = arena->next + pad;

	size += !size;
	if (unlikely(size > room || pad > room - size))
		return arena_alloc_long(arena, size, align);
	arena->next = start + size;
	return (void *)start;
}

/* arena_mark: this moment. arena_rewind: give back all that was allocated since
 * then; what is older stays. Marks nest; those after this one are void.
 * => a void mark is reported, as far as it can be seen, and nothing happens */
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* arena_reset: all objects are gone; the first chunk stays for the next ones.
 * arena_destroy: all memory back; the arena is as after arena_init. */
void arena_reset(struct arena *arena);
void arena_destroy(struct arena *arena);

#endif
