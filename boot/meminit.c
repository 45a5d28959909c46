/* meminit.c - from what the loader claims to what we believe: the machine's
 * memblock.
 *
 *   bootinfo.ranges   usable [=====]   [==========]    [====]      any order,
 *                     reserved  [##]       [##]                    overlapping
 *                       |
 *                       v   first all usable, then minus all others
 *   memblock.memory          [==]      [==]    [====]  [====]      whole pages,
 *                                                                  below 4 GiB
 *   memblock.reserved   first 64 KiB, EBDA to 1 MiB, the image, the modules
 *
 * A usable range is rounded inwards to pages, any other outwards: what is
 * doubtful is left alone. `mem=` takes away what lies above it.
 */
#include "boot.h"
#include "errno.h"
#include "memblock.h"
#include "mmzone.h"
#include "page.h"
#include "panic.h"
#include "param.h"
#include "printk.h"
#include "sections.h"
#include "util.h"

#define LOW_END   0x10000  /* vectors, BIOS data, and room for start-up code */
#define EBDA      0x9F000  /* extended BIOS data, video memory, ROMs ... */
#define HIGH_BASE 0x100000 /* ... up to here */

/* The smallest machine has 4 MiB: room for the image, the tables, and something to
 * work with. Up to 1 MiB of it is not RAM for us: ROMs, the screen, ACPI. */
#define MACHINE_MIN (4 * SZ_1M)
#define MEMORY_MIN  (MACHINE_MIN - SZ_1M)

struct bootinfo bootinfo;
static phys_addr_t mem_limit; /* from mem=; 0: none */

static struct {
	u32 want;          /* bytes, from reserve=; 0: none */
	phys_addr_t pa;    /* 0: there was no room */
	const char *owner; /* who claimed it; NULL: nobody yet */
} reserve_area;

static void __init
add_usable(u64 base, u64 size)
{
	u64 end = base + size;

	base = (base + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
	end = min(end, 1ull << 32) & ~(u64)(PAGE_SIZE - 1);
	if (base < end &&
	    memblock_add(&memblock, base, min(end - base, ~0ull >> 32)))
		pr_warn("memory: too many ranges, 0x%08llx left unused\n",
			base);
}

static void __init
remove_unusable(u64 base, u64 size)
{
	u64 end = base + size;

	base &= ~(u64)(PAGE_SIZE - 1);
	end = min(end, 1ull << 32);
	end = (end + PAGE_SIZE - 1) & ~(u64)(PAGE_SIZE - 1);
	if (base < end &&
	    memblock_remove(&memblock, base, min(end - base, ~0ull >> 32)))
		panic("memory: too many ranges to keep off 0x%08llx", base);
}

static void __init
reserve(phys_addr_t base, phys_addr_t end, const char *owner)
{
	if (memblock_reserve(&memblock, base, end - base, owner))
		panic("memory: too many reservations for %s", owner);
}

static void __init
reserve_known(void)
{
	unsigned int i;

	reserve(0, LOW_END, "first 64 KiB (BIOS)");
	reserve(EBDA, HIGH_BASE, "BIOS and video memory");
	reserve(__pa(image_sections[0].start), __pa(_end), "kernel image");
	for (i = 0; i < bootinfo.nr_modules; i++) {
		const struct boot_module *m = &bootinfo.modules[i];

		reserve(m->start & PAGE_MASK, PAGE_ALIGN(m->start + m->size),
			m->name[0] ? m->name : "module");
	}
}

static void __init
report_above_4g(void)
{
	u64 above = 0;
	unsigned int i;

	for (i = 0; i < bootinfo.nr_ranges; i++) {
		const struct boot_range *r = &bootinfo.ranges[i];
		u64 end = r->base + r->size;

		if (r->type == RANGE_USABLE && end > 1ull << 32)
			above += end - max(r->base, 1ull << 32);
	}
	if (above)
		pr_notice("memory: %u MiB above 4 GiB cannot be reached by "
			  "32-bit page tables: unused\n",
			  (u32)(above >> 20));
}

void *
reserve_claim(const char *owner, size_t *size)
{
	if (!reserve_area.pa || reserve_area.owner)
		return NULL;
	reserve_area.owner = owner;
	*size = reserve_area.want;
	return __va(reserve_area.pa);
}

const char *
reserve_owner(phys_addr_t *pa, size_t *size)
{
	*pa = reserve_area.pa;
	*size = reserve_area.want;
	return reserve_area.owner;
}

/* Before anything else is taken, so that it is one piece. */
static void __init
reserve_at_boot(void)
{
	if (!reserve_area.want)
		return;
	reserve_area.pa =
		memblock_alloc(&memblock, reserve_area.want, PAGE_SIZE,
			       ZONE_DMA_END, lowmem_limit, "reserve=");
	if (!reserve_area.pa)
		reserve_area.pa =
			memblock_alloc(&memblock, reserve_area.want, PAGE_SIZE,
				       HIGH_BASE, lowmem_limit, "reserve=");
	if (reserve_area.pa)
		pr_info("reserve: %u KiB at 0x%08x\n",
			reserve_area.want / SZ_1K, reserve_area.pa);
	else
		pr_warn("reserve: no %u KiB in one piece\n",
			reserve_area.want / SZ_1K);
}

void __init
memory_init(void)
{
	const struct boot_range *r = bootinfo.ranges;
	const struct boot_range *end = r + bootinfo.nr_ranges;

	for (; r < end; r++)
		if (r->type == RANGE_USABLE)
			add_usable(r->base, r->size);
	for (r = bootinfo.ranges; r < end; r++)
		if (r->type != RANGE_USABLE)
			remove_unusable(r->base, r->size);
	report_above_4g();
	if (mem_limit)
		remove_unusable(mem_limit, ~0u - mem_limit);

	if (memblock_memory_size(&memblock) < MEMORY_MIN)
		panic("no memory: %s %u KiB of RAM, %u are needed",
		      bootinfo.have_map ? "the loader's map has"
					: "the loader gave no map, and claims",
		      memblock_memory_size(&memblock) / SZ_1K,
		      MEMORY_MIN / SZ_1K);
	if (!memblock_is_memory(&memblock, __pa(_text)))
		pr_warn("memory: the kernel runs where the map has no RAM\n");
	reserve_known();
	pr_info("memory: %u KiB of RAM in %u ranges\n",
		memblock_memory_size(&memblock) / SZ_1K, memblock.memory.cnt);
	reserve_at_boot();
}

static int
set_mem(const char *value)
{
	u32 bytes;
	int err = parse_size(value, &bytes);

	if (err)
		return err;
	if (bytes < MACHINE_MIN)
		return -EINVAL;
	mem_limit = PAGE_ALIGN_LOW(bytes);
	return 0;
}
BOOT_PARAM(mem, "SIZE", "use no RAM above this address (at least 4M)", set_mem);

static int
set_reserve(const char *value)
{
	u32 bytes;
	int err = parse_size(value, &bytes);

	if (err)
		return err;
	if (!bytes || bytes > lowmem_limit)
		return -EINVAL;
	reserve_area.want = PAGE_ALIGN(bytes);
	return 0;
}
BOOT_PARAM(reserve, "SIZE", "set contiguous memory aside before it fragments",
	   set_reserve);
