/* memblock.c - the map of RAM, and memory before there are zones.
 *
 *   memory     |=========|   |============================|      what exists
 *   reserved   |##|            |####|         |##|    |###|      what is taken
 *   free          |======|   |=|    |=========|  |====|          what is left
 *
 * Two arrays of regions, sorted by address. Adding a range cuts it to the
 * parts that are not yet in the array and inserts those; removing one cuts
 * holes. Neighbours that touch and have one owner become one region.
 *
 * Invariants (debug/memblock_debug.c): regions are not empty, sorted, do not overlap;
 * no two that touch have the same owner.
 * Limits: MEMBLOCK_REGIONS of each; O(regions) for every operation. Linux's
 * idea and names.
 */
#include "errno.h"
#include "memblock.h"
#include "page.h"
#include "string.h"
#include "util.h"

struct memblock memblock;

/* Cut a range off at MEMBLOCK_LIMIT; false if nothing is left. */
static bool
clip(phys_addr_t base, phys_addr_t *size)
{
	if (!*size || base >= MEMBLOCK_LIMIT)
		return false;
	*size = min(*size, MEMBLOCK_LIMIT - base);
	return true;
}

static void
insert(struct memblock_type *type, unsigned int at, phys_addr_t base,
       phys_addr_t size, const char *owner)
{
	memmove(&type->regions[at + 1], &type->regions[at],
		(type->cnt - at) * sizeof(type->regions[0]));
	type->regions[at] = (struct memblock_region){base, size, owner};
	type->cnt++;
}

static void
remove_at(struct memblock_type *type, unsigned int at)
{
	type->cnt--;
	memmove(&type->regions[at], &type->regions[at + 1],
		(type->cnt - at) * sizeof(type->regions[0]));
}

/* Join neighbours that touch and belong to one owner. */
static void
merge(struct memblock_type *type)
{
	unsigned int i = 0;

	while (i + 1 < type->cnt) {
		struct memblock_region *r = &type->regions[i];

		if (region_end(r) == r[1].base && r->owner == r[1].owner) {
			r->size += r[1].size;
			remove_at(type, i + 1);
		} else {
			i++;
		}
	}
}

/* The first gap of the array at or above *from, but not past end:
 *
 *   array     |AA|....|BB|               *from  ^ in A, ends up behind it
 *   gap           |==|                   where a region for it belongs: *at
 *   end              ^
 *
 * => its size; 0: there is none */
static phys_addr_t
next_gap(const struct memblock_type *type, phys_addr_t *from, phys_addr_t end,
	 unsigned int *at)
{
	const struct memblock_region *r = type->regions;
	unsigned int i;

	for (i = 0; i < type->cnt && r[i].base <= *from; i++)
		*from = max(*from, region_end(&r[i]));
	if (i < type->cnt)
		end = min(end, r[i].base);
	*at = i;
	return *from < end ? end - *from : 0;
}

/* Fill the gaps of the array inside the range, if there is room for as many
 * regions:
 *
 *   before   ....|AAA|......|BB|....
 *   range      [================]
 *   after    ..|n|AAA|nnnnnn|BB|n|..
 */
static int
add_range(struct memblock_type *type, phys_addr_t base, phys_addr_t size,
	  const char *owner)
{
	phys_addr_t from, end, gap;
	unsigned int at, gaps = 0;

	if (!clip(base, &size))
		return 0;
	end = base + size;
	for (from = base; (gap = next_gap(type, &from, end, &at)); from += gap)
		gaps++;
	if (type->cnt + gaps > MEMBLOCK_REGIONS)
		return -ENOSPC;
	for (from = base; (gap = next_gap(type, &from, end, &at)); from += gap)
		insert(type, at, from, gap, owner);
	merge(type);
	return 0;
}

/* Cut the range out of the array: of a region that it meets there may be a
 * part before it, and one behind. */
static int
remove_range(struct memblock_type *type, phys_addr_t base, phys_addr_t size)
{
	phys_addr_t end;
	unsigned int i = 0;

	if (!clip(base, &size))
		return 0;
	end = base + size;
	while (i < type->cnt) {
		const struct memblock_region r = type->regions[i];
		bool before = r.base < base;
		bool behind = region_end(&r) > end;

		if (region_end(&r) <= base || r.base >= end) {
			i++;
			continue;
		}
		if (before && behind && type->cnt == MEMBLOCK_REGIONS)
			return -ENOSPC; /* the only one it can meet */
		remove_at(type, i);
		if (before)
			insert(type, i++, r.base, base - r.base, r.owner);
		if (behind)
			insert(type, i++, end, region_end(&r) - end, r.owner);
	}
	return 0;
}

int
memblock_add(struct memblock *mb, phys_addr_t base, phys_addr_t size)
{
	return add_range(&mb->memory, base, size, NULL);
}

int
memblock_remove(struct memblock *mb, phys_addr_t base, phys_addr_t size)
{
	return remove_range(&mb->memory, base, size);
}

int
memblock_reserve(struct memblock *mb, phys_addr_t base, phys_addr_t size,
		 const char *owner)
{
	return add_range(&mb->reserved, base, size, owner);
}

int
memblock_free(struct memblock *mb, phys_addr_t base, phys_addr_t size)
{
	return remove_range(&mb->reserved, base, size);
}

bool
memblock_next_free(const struct memblock *mb, phys_addr_t *start,
		   phys_addr_t *end)
{
	const struct memblock_region *r = mb->memory.regions;
	unsigned int i, at;

	for (i = 0; i < mb->memory.cnt; i++, r++) {
		phys_addr_t low = max(*start, r->base);
		phys_addr_t size =
			next_gap(&mb->reserved, &low, region_end(r), &at);

		if (size) {
			*start = low;
			*end = low + size;
			return true;
		}
	}
	return false;
}

phys_addr_t
memblock_alloc(struct memblock *mb, phys_addr_t size, phys_addr_t align,
	       phys_addr_t from, phys_addr_t to, const char *owner)
{
	phys_addr_t end;

	from = max_t(phys_addr_t, from, PAGE_SIZE);
	for (; size && memblock_next_free(mb, &from, &end); from = end) {
		phys_addr_t at = ALIGN(from, align);
		phys_addr_t high = min(end, to);

		if (at >= from && at < high && size <= high - at)
			return memblock_reserve(mb, at, size, owner) ? 0 : at;
	}
	return 0;
}

static const struct memblock_region *
find(const struct memblock_type *type, phys_addr_t pa)
{
	unsigned int i;

	for (i = 0; i < type->cnt; i++)
		if (pa - type->regions[i].base < type->regions[i].size)
			return &type->regions[i];
	return NULL;
}

bool
memblock_is_memory(const struct memblock *mb, phys_addr_t pa)
{
	return find(&mb->memory, pa) != NULL;
}

const char *
memblock_owner(const struct memblock *mb, phys_addr_t pa)
{
	const struct memblock_region *r = find(&mb->reserved, pa);

	return r ? r->owner : NULL;
}

phys_addr_t
memblock_memory_size(const struct memblock *mb)
{
	phys_addr_t sum = 0;
	unsigned int i;

	for (i = 0; i < mb->memory.cnt; i++)
		sum += mb->memory.regions[i].size;
	return sum;
}

phys_addr_t
memblock_end(const struct memblock *mb)
{
	return mb->memory.cnt
		       ? region_end(&mb->memory.regions[mb->memory.cnt - 1])
		       : 0;
}
