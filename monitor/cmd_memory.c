/* cmd_memory.c - looking at memory: the map of it (mem), what is there (peek),
 * and changing it (poke).
 *
 *	mem	which ranges exist, which are taken and by whom
 *	peek	bytes, as far as they can be read
 *	poke	1, 2 or 4 bytes: all of them, or none and a reason
 *
 * Every access goes through the fault-safe copies: no address that anybody
 * types can bring the machine down, other than by what is written to it.
 */
#include "boot.h"
#include "command.h"
#include "console.h"
#include "errno.h"
#include "explain.h"
#include "gfp.h"
#include "memblock.h"
#include "printf.h"
#include "sections.h"
#include "string.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

#define PEEK_ROW     16      /* bytes in a row */
#define PEEK_DEFAULT 64      /* bytes without COUNT */
#define PEEK_MAX     0x10000 /* bytes at once: 4096 rows are enough */

/* A range as " first - last  size ", in columns also where an address needs a
 * ninth digit. The size is exact up to five digits, rounded down beyond. */
static void
print_range(u64 base, u64 size)
{
	static const char *const units[] = {"B  ", "KiB", "MiB", "GiB"};
	u64 last = base + (size - 1), amount = size;
	int digits = last >> 32 ? 9 : 8;
	unsigned int unit = 0;

	while (unit < ARRAY_SIZE(units) - 1 &&
	       (amount >= 100000 || amount % 1024 == 0)) {
		amount >>= 10;
		unit++;
	}
	console_printf("%*s0x%0*llx -%*s0x%0*llx %5llu %s  ", 10 - digits, "",
		       digits, base, 9 - digits, "", digits, last, amount,
		       units[unit]);
}

static void
mem_given(void)
{
	static const char *const types[] = {
		[RANGE_USABLE] = "usable", [RANGE_RESERVED] = "reserved",
		[RANGE_ACPI] = "ACPI",     [RANGE_NVS] = "ACPI NVS",
		[RANGE_BAD] = "bad",
	};

	console_printf("Memory map, as given by %s%s:\n",
		       bootinfo.loader[0] ? bootinfo.loader : "the loader",
		       bootinfo.have_map ? "" : " (two sizes, no map)");
	for (unsigned int i = 0; i < bootinfo.nr_ranges; i++) {
		const struct boot_range *range = &bootinfo.ranges[i];
		bool known =
			range->type >= RANGE_USABLE && range->type <= RANGE_BAD;

		print_range(range->base, range->size);
		if (known)
			console_printf("%s\n", types[range->type]);
		else
			console_printf("type %u: reserved\n", range->type);
	}
	if (bootinfo.ranges_dropped)
		console_printf("  %u more made no sense, or were too many\n",
			       bootinfo.ranges_dropped);
	for (unsigned int i = 0; i < bootinfo.nr_modules; i++) {
		print_range(bootinfo.modules[i].start,
			    bootinfo.modules[i].size);
		console_printf("module %s\n", bootinfo.modules[i].name);
	}
}

static void
mem_image(void)
{
	console_printf("\nKernel image, linked at 0x%08x plus its physical "
		       "address:\n",
		       PAGE_OFFSET);
	for (unsigned int i = 0; i < nr_image_sections; i++) {
		const struct section_range *section = &image_sections[i];

		print_range(section->start, section->end - section->start);
		console_printf("%s  %s\n", section->rights, section->name);
	}
}

static void
mem_taken(void)
{
	console_printf("\nPhysical memory that was taken at boot, and by "
		       "whom:\n");
	for (unsigned int i = 0; i < memblock.reserved.cnt; i++) {
		const struct memblock_region *region =
			&memblock.reserved.regions[i];

		print_range(region->base, region->size);
		console_printf("%s\n", region->owner);
	}
	console_printf("\nFree now, of what each zone was given:\n");
	for (struct zone *zone = zones; zone < ARRAY_END(zones); zone++)
		console_printf("  %-8s %7lu KiB of %7lu KiB\n", zone->name,
			       (zone->free_pages + pcp_pages(zone)) * PAGE_KIB,
			       zone->managed * PAGE_KIB);
	console_printf("RAM: %u KiB, of which %lu KiB are free.\n",
		       memblock_memory_size(&memblock) / SZ_1K,
		       nr_free_pages() * PAGE_KIB);
}

static int
cmd_mem(int argc __maybe_unused, char **argv __maybe_unused)
{
	mem_given();
	mem_image();
	mem_taken();
	return 0;
}
COMMAND(mem, "",
	"shows the map of memory, and who has which part\n"
	"First what the boot loader reported, then where the kernel lies and\n"
	"with which rights, what was taken of the physical memory while\n"
	"booting, and what is free of the rest.");

/* => how many of the n bytes at va could be read: all before the first that
 *    cannot */
static size_t
read_bytes(u32 va, u8 *buf, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (copy_from_kernel_nofault(&buf[i], (void *)(va + i), 1))
			break;
	return i;
}

/* c0101234  55 89 e5 57 ...  |U..W...| */
static void
peek_row(u32 va, const u8 *bytes, size_t n)
{
	char hex[3 * PEEK_ROW + 2], text[PEEK_ROW + 1];
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		length += scnprintf(hex + length, sizeof(hex) - length,
				    i == PEEK_ROW / 2 ? "  %02x" : " %02x",
				    bytes[i]);
		text[i] = bytes[i] >= ' ' && bytes[i] < 0x7f ? bytes[i] : '.';
	}
	text[n] = '\0';
	console_printf("%08x %-49s  |%s|\n", va, hex, text);
}

static int
unmapped(u32 va)
{
	return command_refuse(-EFAULT, "Nothing is mapped at 0x%08x (%s).", va,
			      address_region(va));
}

static int
cmd_peek(int argc, char **argv)
{
	u32 va, count = PEEK_DEFAULT;
	int error;

	if (argc < 2 || argc > 3)
		return -EINVAL;
	error = command_number(argv[1], &va);
	if (!error && argc == 3)
		error = command_count(argv[2], "COUNT", 1, PEEK_MAX, &count);
	if (error)
		return error;
	while (count) {
		u8 row[PEEK_ROW];
		size_t want = min_t(size_t, count, PEEK_ROW);
		size_t got = read_bytes(va, row, want);

		if (got)
			peek_row(va, row, got);
		if (got < want)
			return unmapped(va + got);
		va += want;
		count -= want;
	}
	return 0;
}
COMMAND(peek, "ADDR [COUNT]",
	"shows the bytes at an address\n"
	"64 of them, or COUNT, in hexadecimal and as text. It stops with a\n"
	"message at the first that cannot be read.");

/* Can these bytes be written? Each is read and put back; so that poke changes
 * all of them or none. */
static int
poke_check(u32 va, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		u8 byte;

		if (!read_bytes(va + i, &byte, 1))
			return unmapped(va + i);
		if (copy_to_kernel_nofault((void *)(va + i), &byte, 1))
			return command_refuse(-EFAULT,
					      "0x%08x is read-only (%s).",
					      va + i, address_region(va + i));
	}
	return 0;
}

static int
cmd_poke(int argc, char **argv)
{
	u32 va, value, size = 4, before = 0;
	int error;

	if (argc < 3 || argc > 4)
		return -EINVAL;
	error = command_number(argv[1], &va);
	if (!error)
		error = command_number(argv[2], &value);
	if (!error && argc == 4)
		error = command_count(argv[3], "the size", 1, 4, &size);
	if (error)
		return error;
	if (size == 3)
		return command_refuse(-ERANGE,
				      "1, 2 or 4 bytes at once, not 3.");
	if (size < 4 && value >> (8 * size))
		return command_refuse(-ERANGE, "0x%x does not fit %u byte%s.",
				      value, size, plural(size));
	error = poke_check(va, size);
	if (error)
		return error;
	read_bytes(va, (u8 *)&before, size);
	error = copy_to_kernel_nofault((void *)va, &value, size);
	console_printf("0x%08x: 0x%0*x was 0x%0*x\n", va, (int)size * 2, value,
		       (int)size * 2, before);
	return error;
}
COMMAND(poke, "ADDR VALUE [1|2|4]",
	"writes a number to an address\n"
	"4 bytes of it, or as many as said, least significant first. When one\n"
	"of them cannot be written, none is.");
