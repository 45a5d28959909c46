/* memblock_debug.c - are memblock's lists what boot/memblock.c says? And who
 * holds an address?
 *
 *   |AAA|..|BB|CC|      not empty, sorted, apart; two that touch have
 *                       different owners; none reaches MEMBLOCK_LIMIT
 */
#include "explain.h"
#include "memblock_debug.h"
#include "page.h"
#include "printf.h"
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

/* For fault reports: who holds the RAM behind a direct-map address, if it is
 * not the page allocator. */
static size_t
explain_direct_map(u32 address, char *buf, size_t size)
{
	phys_addr_t pa = __pa(address);
	const char *owner = memblock_owner(&memblock, pa);

	if (!virt_is_direct((void *)address) ||
	    (!owner && memblock_is_memory(&memblock, pa)))
		return 0;
	if (!owner)
		owner = "nobody: no RAM";
	return scnprintf(buf, size, "physical 0x%08x, held by: %s", pa, owner);
}
EXPLAIN(explain_direct_map);
