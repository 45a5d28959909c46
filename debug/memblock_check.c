/* memblock_check.c - are memblock's lists what boot/memblock.c says?
 *
 *   |AAA|..|BB|CC|      not empty, sorted, apart; two that touch have
 *                       different owners; none reaches MEMBLOCK_LIMIT
 */
#include "memblock_check.h"
#include "util.h"

static unsigned int
check_type(const struct memblock_type *type)
{
	unsigned int i, bad = 0;

	if (type->cnt > MEMBLOCK_REGIONS)
		return 1;
	for (i = 0; i < type->cnt; i++) {
		const struct memblock_region *r = &type->regions[i];

		bad += !r->size || r->size > MEMBLOCK_LIMIT - r->base;
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
