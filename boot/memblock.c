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
 * Invariants (memblock_check): regions are not empty, sorted, do not overlap;
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

/* The last page below 4 GiB is never used: so base + size never wraps. */
#define PHYS_LIMIT ((phys_addr_t)0 - PAGE_SIZE)

static phys_addr_t
region_end(const struct memblock_region *r)
{
	return r->base + r->size;
}

/* Cut a range off at PHYS_LIMIT; false if nothing is left. */
static bool
clip(phys_addr_t base, phys_addr_t *size)
{
	if (!*size || base >= PHYS_LIMIT)
		return false;
	*size = min(*size, PHYS_LIMIT - base);
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

/* How many gaps of the array the range [base, end) touches: so many regions
 * an addition may insert. */
static unsigned int
gaps_in(const struct memblock_type *type, phys_addr_t base, phys_addr_t end)
{
	unsigned int i, gaps = 0;

	for (i = 0; i < type->cnt && base < end; i++) {
		const struct memblock_region *r = &type->regions[i];

		if (region_end(r) <= base)
			continue;
		if (r->base >= end)
			break;
		if (base < r->base)
			gaps++;
		base = region_end(r);
	}
	return gaps + (base < end);
}

/* Fill the gaps of the array inside the range:
 *
 *   before   ....|AAA|......|BB|....
 *   range      [================]
 *   after    ..|n|AAA|nnnnnn|BB|n|..
 */
static int
add_range(struct memblock_type *type, phys_addr_t base, phys_addr_t size,
	  const char *owner)
{
	phys_addr_t end;
	unsigned int i;

	if (!clip(base, &size))
		return 0;
	end = base + size;
	if (type->cnt + gaps_in(type, base, end) > MEMBLOCK_REGIONS)
		return -ENOSPC;

	for (i = 0; i < type->cnt && base < end; i++) {
		struct memblock_region r = type->regions[i];

		if (region_end(&r) <= base)
			continue;
		if (r.base >= end)
			break;
		if (base < r.base)
			insert(type, i++, base, r.base - base, owner);
		base = region_end(&r);
	}
	if (base < end)
		insert(type, i, base, end - base, owner);
	merge(type);
	return 0;
}

/* Cut the range out of the array; a region around it becomes two. */
static int
remove_range(struct memblock_type *type, phys_addr_t base, phys_addr_t size)
{
	phys_addr_t end;
	unsigned int i = 0;

	if (!clip(base, &size))
		return 0;
	end = base + size;
	while (i < type->cnt) {
		struct memblock_region *r = &type->regions[i];
		phys_addr_t r_end = region_end(r);

		if (r_end <= base || r->base >= end) {
			i++;
		} else if (r->base < base && r_end > end) {
			if (type->cnt == MEMBLOCK_REGIONS)
				return -ENOSPC; /* the only one it can meet */
			r->size = base - r->base;
			insert(type, i + 1, end, r_end - end, r->owner);
			return 0;
		} else if (r->base < base) {
			r->size = base - r->base;
			i++;
		} else if (r_end > end) {
			r->size = r_end - end;
			r->base = end;
			i++;
		} else {
			remove_at(type, i);
		}
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

/* The lowest aligned place for size bytes in one region of RAM that meets no
 * reservation: try the start, and on a collision the end of what it met. */
static phys_addr_t
fit(const struct memblock *mb, phys_addr_t from, phys_addr_t to,
    phys_addr_t size, phys_addr_t align)
{
	phys_addr_t at = ALIGN(from, align);
	unsigned int i;

	for (i = 0; i < mb->reserved.cnt; i++) {
		const struct memblock_region *r = &mb->reserved.regions[i];

		if (at < from || at >= to || size > to - at)
			return 0;
		if (r->base < at + size && region_end(r) > at)
			at = ALIGN(region_end(r), align);
	}
	return at < from || at >= to || size > to - at ? 0 : at;
}

phys_addr_t
memblock_alloc(struct memblock *mb, phys_addr_t size, phys_addr_t align,
	       phys_addr_t from, phys_addr_t to, const char *owner)
{
	unsigned int i;

	from = max_t(phys_addr_t, from, PAGE_SIZE);
	to = min(to, PHYS_LIMIT);
	if (!size)
		return 0;
	for (i = 0; i < mb->memory.cnt; i++) {
		const struct memblock_region *r = &mb->memory.regions[i];
		phys_addr_t low = max(r->base, from);
		phys_addr_t high = min(region_end(r), to);
		phys_addr_t at =
			low < high ? fit(mb, low, high, size, align) : 0;

		if (at)
			return memblock_reserve(mb, at, size, owner) ? 0 : at;
	}
	return 0;
}

bool
memblock_next_free(const struct memblock *mb, phys_addr_t *start,
		   phys_addr_t *end)
{
	phys_addr_t low = *start, high = PHYS_LIMIT;
	unsigned int i, m = 0;

	for (i = 0; i <= mb->reserved.cnt; i++) {
		/* [low, high): up to the next reservation that is not below. */
		high = i < mb->reserved.cnt ? mb->reserved.regions[i].base
					    : PHYS_LIMIT;
		for (; m < mb->memory.cnt; m++) {
			const struct memblock_region *r =
				&mb->memory.regions[m];

			*start = max(low, r->base);
			*end = min(high, region_end(r));
			if (*start < *end)
				return true;
			if (r->base >= high)
				break; /* of the next gap, perhaps */
			if (region_end(r) > high)
				break;
		}
		if (i < mb->reserved.cnt)
			low = max(low, region_end(&mb->reserved.regions[i]));
	}
	return false;
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

static unsigned int
check_type(const struct memblock_type *type)
{
	unsigned int i, bad = 0;

	if (type->cnt > MEMBLOCK_REGIONS)
		return 1;
	for (i = 0; i < type->cnt; i++) {
		const struct memblock_region *r = &type->regions[i];

		bad += !r->size || r->size > PHYS_LIMIT - r->base;
		if (i + 1 < type->cnt)
			bad += region_end(r) > r[1].base ||
			       (region_end(r) == r[1].base &&
				r->owner == r[1].owner);
	}
	return bad;
}

unsigned int
memblock_check(const struct memblock *mb)
{
	return check_type(&mb->memory) + check_type(&mb->reserved);
}
