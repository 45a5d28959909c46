/* multiboot.c - what the boot loader says, read with suspicion.
 *
 *   info block (physical)              struct bootinfo (ours)
 *   +-----------------+
 *   | flags           |  bit 0         --> ranges from mem_lower, mem_upper,
 *   | mem_lower/upper |                    if there is no map
 *   | cmdline      ---+--> "..."       --> cmdline
 *   | mods         ---+--> [start,end,string]* --> modules
 *   | mmap         ---+--> [size | base length type]* --> ranges
 *   | loader name  ---+--> "..."       --> loader
 *   +-----------------+
 *
 * Only this file and boot.asm know Multiboot 1. Everything is copied out:
 * afterwards the loader's memory may be overwritten.
 *
 * Guarantees: whatever the block says, this ends (every loop is bounded), no
 * memory is read but through the reader, and the results are what bootinfo.h
 * promises. What is dropped is counted.
 */
#include "bootinfo.h"
#include "string.h"
#include "util.h"

/* The information block (Multiboot 0.6.96, section 3.3). */
#define MBI_MEMORY  (1u << 0)
#define MBI_CMDLINE (1u << 2)
#define MBI_MODULES (1u << 3)
#define MBI_MMAP    (1u << 6)
#define MBI_LOADER  (1u << 9)

struct mb_info {
	u32 flags;
	u32 mem_lower, mem_upper; /* KiB from 0; KiB from 1 MiB */
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives_length, drives_addr;
	u32 config_table;
	u32 boot_loader_name;
};

/* A module: [start, end). */
struct mb_module {
	u32 start, end;
	u32 string;
	u32 reserved;
};

/* A map entry: `size` bytes follow the size field, 20 at least. */
struct mb_mmap {
	u32 size;
	u64 base, length;
	u32 type;
} __packed;
#define MMAP_ENTRY_MIN 20
#define MMAP_MAX_BYTES 0x10000 /* a longer map is a lie */
#define MODULES_MAX    64      /* likewise */

/* Copy a string from physical memory; true if it was cut. A null address is
 * an empty string. */
static bool __init
read_string(char *dst, size_t size, phys_addr_t src, phys_reader read)
{
	size_t n = min_t(size_t, size, 0u - src); /* stop at 4 GiB */

	*dst = '\0';
	if (!src)
		return false;
	read(dst, src, n);
	if (strnlen(dst, n) < n)
		return false;
	dst[n - 1] = '\0';
	return true;
}

static void __init
add_range(struct bootinfo *bi, u64 base, u64 size, u32 type)
{
	if (!size || size > ~base || bi->nr_ranges == BOOTINFO_RANGES) {
		bi->ranges_dropped++;
		return;
	}
	bi->ranges[bi->nr_ranges++] = (struct boot_range){base, size, type};
}

static void __init
parse_mmap(struct bootinfo *bi, const struct mb_info *info, phys_reader read)
{
	u32 left = min_t(u32, info->mmap_length, MMAP_MAX_BYTES);
	phys_addr_t at = info->mmap_addr;
	struct mb_mmap entry;
	u32 step;

	/*   at -> | size | base, length, type | (more) |
	 *                 <------ size bytes -------->   next entry */
	while (left >= sizeof(entry)) {
		read(&entry, at, sizeof(entry));
		if (entry.size < MMAP_ENTRY_MIN) {
			bi->ranges_dropped++;
			return; /* where the next one is, nobody knows */
		}
		add_range(bi, entry.base, entry.length, entry.type);
		if (entry.size > left - sizeof(entry.size))
			return;
		step = entry.size + sizeof(entry.size);
		left -= step;
		at += step;
	}
}

/* No map: what the two sizes say. The BIOS counts conventional memory from 0
 * and extended memory from 1 MiB. */
static void __init
parse_memory_sizes(struct bootinfo *bi, const struct mb_info *info)
{
	u64 lower = min_t(u32, info->mem_lower, 640);

	if (lower)
		add_range(bi, 0, lower * SZ_1K, RANGE_USABLE);
	if (info->mem_upper)
		add_range(bi, SZ_1M, (u64)info->mem_upper * SZ_1K,
			  RANGE_USABLE);
}

static void __init
parse_modules(struct bootinfo *bi, const struct mb_info *info, phys_reader read,
	      phys_addr_t image_start, phys_addr_t image_end)
{
	u32 count = min_t(u32, info->mods_count, MODULES_MAX);
	struct mb_module mod;
	u32 i;

	bi->modules_dropped = info->mods_count - count;
	for (i = 0; i < count; i++) {
		struct boot_module *m = &bi->modules[bi->nr_modules];

		read(&mod, info->mods_addr + i * sizeof(mod), sizeof(mod));
		if (mod.end <= mod.start ||
		    bi->nr_modules == BOOTINFO_MODULES ||
		    (mod.start < image_end && mod.end > image_start)) {
			bi->modules_dropped++;
			continue;
		}
		m->start = mod.start;
		m->size = mod.end - mod.start;
		read_string(m->name, sizeof(m->name), mod.string, read);
		bi->nr_modules++;
	}
}

void __init
multiboot_parse(struct bootinfo *bi, phys_addr_t info_pa, phys_reader read,
		phys_addr_t image_start, phys_addr_t image_end)
{
	struct mb_info info;

	memset(bi, 0, sizeof(*bi));
	read(&info, info_pa, sizeof(info));
	if (info.flags & MBI_LOADER)
		read_string(bi->loader, sizeof(bi->loader),
			    info.boot_loader_name, read);
	if (info.flags & MBI_CMDLINE)
		bi->cmdline_cut = read_string(bi->cmdline, sizeof(bi->cmdline),
					      info.cmdline, read);
	if ((info.flags & MBI_MMAP) && info.mmap_addr)
		parse_mmap(bi, &info, read);
	bi->have_map = bi->nr_ranges > 0;
	if (!bi->have_map && (info.flags & MBI_MEMORY))
		parse_memory_sizes(bi, &info);
	if ((info.flags & MBI_MODULES) && info.mods_addr)
		parse_modules(bi, &info, read, image_start, image_end);
}
