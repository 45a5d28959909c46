/* arena.c - memory taken in chunks and given back as a whole: see arena.h.
 *
 *   chunks --> [head|ooo|oo|oooo|.....] --> [head|oooo|oo|.] --> NULL
 *                                ^next ^end
 *   large  --> [head|OOOOOOOOO] --> NULL       does not disturb next and end
 *
 * Both lists are stacks, so a mark is three pointers: the two tops and next;
 * to rewind is to pop down to them. Invariant: held is the sum of the chunks'
 * sizes, at most limit. Cost: O(1) an object, O(chunks) a rewind.
 */
#include "arena.h"
#include "printk.h"
#include "slab.h"
#include "util.h"

struct arena_chunk {
	struct arena_chunk *prev; /* the one taken before it */
	size_t size;              /* bytes, this head included */
};

#define MIN_CHUNK    128
#define LARGE_OBJECT 4 /* above 1/4 of a chunk: one of its own */

void
arena_init(struct arena *arena, size_t chunk_size, size_t limit, gfp_t gfp)
{
	*arena = (struct arena){
		.chunk_size = chunk_size < MIN_CHUNK ? MIN_CHUNK : chunk_size,
		.limit = limit,
		.gfp = gfp & ~__GFP_ZERO, /* a rewind would break it */
	};
}

/* A chunk of size bytes in front of *list. */
static struct arena_chunk *
push(struct arena *arena, struct arena_chunk **list, size_t size)
{
	struct arena_chunk *chunk;

	if (size > arena->limit - arena->held)
		return NULL;
	chunk = kmalloc(size, arena->gfp);
	if (!chunk)
		return NULL;
	*chunk = (struct arena_chunk){.prev = *list, .size = size};
	*list = chunk;
	arena->held += size;
	return chunk;
}

static void
pop_to(struct arena *arena, struct arena_chunk **list,
       struct arena_chunk *until)
{
	struct arena_chunk *chunk;

	while ((chunk = *list) != until) {
		*list = chunk->prev;
		arena->held -= chunk->size;
		kfree(chunk);
	}
}

/* The newest chunk has no room for it. */
void *
arena_alloc_long(struct arena *arena, size_t size, size_t align)
{
	struct arena_chunk *chunk;
	size_t most;

	/* Behind the head, the worst place for an object to begin is one byte
	 * past a multiple of align: [head|<- align - 1 ->|object]. */
	if (!is_power_of_2(align) || align > PAGE_SIZE ||
	    size > KMALLOC_MAX_SIZE)
		return NULL;
	most = sizeof(*chunk) + align - 1 + size;
	if (most > arena->chunk_size / LARGE_OBJECT) {
		chunk = push(arena, &arena->large, most);
		return chunk ? (void *)ALIGN((uintptr_t)(chunk + 1), align)
			     : NULL;
	}
	chunk = push(arena, &arena->chunks, arena->chunk_size);
	if (!chunk)
		return NULL;
	arena->next = (uintptr_t)(chunk + 1);
	arena->end = (uintptr_t)chunk + chunk->size;
	return arena_alloc(arena, size, align);
}

struct arena_mark
arena_mark(const struct arena *arena)
{
	return (struct arena_mark){arena->next, arena->chunks, arena->large};
}

/* NULL is the bottom of every list. */
static bool
holds(const struct arena_chunk *list, const struct arena_chunk *chunk)
{
	while (list && list != chunk)
		list = list->prev;
	return list == chunk;
}

void
arena_rewind(struct arena *arena, struct arena_mark mark)
{
	if (!holds(arena->chunks, mark.chunks) ||
	    !holds(arena->large, mark.large) ||
	    (mark.chunks == arena->chunks && mark.next > arena->next)) {
		pr_err("arena_rewind: this mark of the arena at 0x%08lx is no "
		       "more\n",
		       (unsigned long)arena);
		return;
	}
	pop_to(arena, &arena->chunks, mark.chunks);
	pop_to(arena, &arena->large, mark.large);
	arena->next = mark.next;
	arena->end =
		mark.chunks ? (uintptr_t)mark.chunks + mark.chunks->size : 0;
}

void
arena_reset(struct arena *arena)
{
	struct arena_chunk *first = arena->chunks;

	while (first && first->prev)
		first = first->prev;
	arena_rewind(arena, (struct arena_mark){
				    .next = first ? (uintptr_t)(first + 1) : 0,
				    .chunks = first,
			    });
}

void
arena_destroy(struct arena *arena)
{
	arena_rewind(arena, (struct arena_mark){0});
}
