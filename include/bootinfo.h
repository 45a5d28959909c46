/* bootinfo.h - what the boot loader told us, in our own words.
 *
 * boot/multiboot.c fills it in and is the only file that knows Multiboot.
 * Nothing in it points into the loader's memory.
 */
#ifndef BOOTINFO_H
#define BOOTINFO_H

#include "types.h"

#define BOOTINFO_RANGES  64
#define BOOTINFO_MODULES 8
#define BOOTINFO_CMDLINE 2048

enum range_type { /* the numbers are those of the BIOS call E820 */
	RANGE_USABLE = 1,
	RANGE_RESERVED = 2,
	RANGE_ACPI = 3,
	RANGE_NVS = 4,
	RANGE_BAD = 5,
};

/* A range as it was given: anything may be in it but a length of 0 or a wrap
 * past 2^64. Ranges overlap and come in any order; memblock sorts it out. */
struct boot_range {
	u64 base, size; /* bytes */
	u32 type;       /* enum range_type; unknown numbers mean reserved */
};

struct boot_module {
	phys_addr_t start, size; /* bytes; size > 0, does not wrap */
	char name[64];
};

struct bootinfo {
	char loader[32];
	char cmdline[BOOTINFO_CMDLINE];
	bool cmdline_cut; /* it was longer */

	unsigned int nr_ranges;
	struct boot_range ranges[BOOTINFO_RANGES];
	bool have_map; /* false: ranges were made from mem_lower, mem_upper */
	unsigned int ranges_dropped; /* nonsense, or more than fit */

	unsigned int nr_modules;
	struct boot_module modules[BOOTINFO_MODULES];
	unsigned int modules_dropped;
};

/* phys_reader: copies n bytes of physical memory; nothing there reads as
 * whatever the bus returns. Never fails. (The kernel maps a page at a time;
 * host tests fake it.) */
typedef void (*phys_reader)(void *dst, phys_addr_t src, size_t n);

/* multiboot_parse: turn the information block at info into *bi.
 * => boot, once; believes nothing: see boot/multiboot.c
 * => image_start, image_end: where the kernel lies; a module that overlaps it
 *    is dropped */
void multiboot_parse(struct bootinfo *bi, phys_addr_t info, phys_reader read,
		     phys_addr_t image_start, phys_addr_t image_end);

#endif
