/* test_multiboot.c - boot/multiboot.c, fed with what loaders get wrong and with
 * what a liar may send.
 *
 * Physical memory is made up: a window of 128 KiB that the cases write into,
 * and around it whatever the bus returns, chosen by the case.
 *
 *     0          WINDOW                    WINDOW + 128 KiB         4 GiB
 *     |  filler  | info | map | modules | strings |     filler      |
 */
#include "bootinfo.h"
#include "host.h"
#include "string.h"
#include "util.h"

#define WINDOW      0x9000u
#define WINDOW_SIZE 0x20000u

#define INFO    (WINDOW + 0x000)
#define MODULES (WINDOW + 0x100)
#define MAP     (WINDOW + 0x1000)
#define STRINGS (WINDOW + 0x8000)

#define IMAGE_START 0x100000u
#define IMAGE_END   0x180000u

/* Offsets in the information block, and the bits of its flags that say which
 * fields are valid (Multiboot 0.6.96, section 3.3). */
enum {
	FLAGS = 0,
	MEM_LOWER = 4,
	MEM_UPPER = 8,
	CMDLINE = 16,
	MODS_COUNT = 20,
	MODS_ADDR = 24,
	MMAP_LENGTH = 44,
	MMAP_ADDR = 48,
	LOADER = 64,
};
#define HAS_MEMORY  (1u << 0)
#define HAS_CMDLINE (1u << 2)
#define HAS_MODULES (1u << 3)
#define HAS_MMAP    (1u << 6)
#define HAS_LOADER  (1u << 9)

/* More than this, and a lying block could keep the machine busy. */
#define READ_LIMIT SZ_1M

/* Fillers: a byte, or one of these. */
enum {
	NOISE = 256,
	ENDLESS_MAP, /* entries of the usual size, one after the other */
};

static struct {
	u8 window[WINDOW_SIZE];
	unsigned int filler; /* what memory outside of it reads as */
	size_t read;         /* bytes, in all */
	u32 map_length;      /* bytes of map written so far */
	u32 nr_modules;
	struct bootinfo bi;
} fake;

static u8
fake_byte(phys_addr_t pa)
{
	if (pa - WINDOW < WINDOW_SIZE)
		return fake.window[pa - WINDOW];
	switch (fake.filler) {
	case NOISE:
		return (u8)(pa * 2654435761u >> 24);
	case ENDLESS_MAP:
		return (pa - WINDOW - WINDOW_SIZE) % 24 ? 0 : 20;
	default:
		return (u8)fake.filler;
	}
}

static void
fake_read(void *dst, phys_addr_t src, size_t n)
{
	u8 *to = dst;

	fake.read += n;
	while (n--)
		*to++ = fake_byte(src++);
}

static void
put32(phys_addr_t pa, u32 value)
{
	libc_memcpy(&fake.window[pa - WINDOW], &value, sizeof(value));
}

static void
put_string(phys_addr_t pa, const char *s)
{
	libc_memcpy(&fake.window[pa - WINDOW], s, libc_strlen(s) + 1);
}

/* A block that says nothing yet. */
static void
start_block(u32 flags)
{
	libc_memset(&fake, 0, sizeof(fake));
	put32(INFO + FLAGS, flags);
	put32(INFO + MODS_ADDR, MODULES);
	put32(INFO + MMAP_ADDR, MAP);
}

/* A map entry of `size` bytes behind its size field (20 is usual). */
static void
put_entry(u32 size, u64 base, u64 length, u32 type)
{
	phys_addr_t at = MAP + fake.map_length;

	put32(at, size);
	put32(at + 4, (u32)base);
	put32(at + 8, (u32)(base >> 32));
	put32(at + 12, (u32)length);
	put32(at + 16, (u32)(length >> 32));
	put32(at + 20, type);
	fake.map_length += size + 4;
	put32(INFO + MMAP_LENGTH, fake.map_length);
}

static void
put_range(u64 base, u64 length, u32 type)
{
	put_entry(20, base, length, type);
}

static void
put_module(u32 start, u32 end, u32 string)
{
	phys_addr_t at = MODULES + fake.nr_modules * 16;

	put32(at, start);
	put32(at + 4, end);
	put32(at + 8, string);
	put32(INFO + MODS_COUNT, ++fake.nr_modules);
}

static bool
is_terminated(const char *s, size_t size)
{
	return libc_strnlen(s, size) < size;
}

/* What bootinfo.h promises, whatever the block was. */
static void
check_promises(const struct bootinfo *bi)
{
	unsigned int i;

	EXPECT(is_terminated(bi->loader, sizeof(bi->loader)));
	ASSERT(is_terminated(bi->cmdline, sizeof(bi->cmdline)));
	ASSERT(bi->nr_ranges <= BOOTINFO_RANGES);
	for (i = 0; i < bi->nr_ranges; i++) {
		EXPECT(bi->ranges[i].size > 0);
		EXPECT(bi->ranges[i].size - 1 <= ~bi->ranges[i].base);
	}
	EXPECT(bi->nr_ranges || !bi->have_map);
	ASSERT(bi->nr_modules <= BOOTINFO_MODULES);
	for (i = 0; i < bi->nr_modules; i++) {
		const struct boot_module *m = &bi->modules[i];

		EXPECT(m->size > 0);
		EXPECT(m->size - 1 <= ~m->start);
		EXPECT(m->start >= IMAGE_END ||
		       m->size <= IMAGE_START - m->start);
		EXPECT(is_terminated(m->name, sizeof(m->name)));
	}
}

/* Parse into memory full of old bytes: what is not set shows. */
static const struct bootinfo *
parse(phys_addr_t info)
{
	libc_memset(&fake.bi, 0xA5, sizeof(fake.bi));
	fake.read = 0;
	multiboot_parse(&fake.bi, info, fake_read, IMAGE_START, IMAGE_END);
	check_promises(&fake.bi);
	EXPECT(fake.read < READ_LIMIT);
	return &fake.bi;
}

static void
expect_range(unsigned int i, u64 base, u64 size, u32 type)
{
	ASSERT(i < fake.bi.nr_ranges);
	EXPECT_EQ(fake.bi.ranges[i].base, base);
	EXPECT_EQ(fake.bi.ranges[i].size, size);
	EXPECT_EQ(fake.bi.ranges[i].type, type);
}

static void
expect_module(unsigned int i, u32 start, u32 size, const char *name)
{
	ASSERT(i < fake.bi.nr_modules);
	EXPECT_EQ(fake.bi.modules[i].start, start);
	EXPECT_EQ(fake.bi.modules[i].size, size);
	EXPECT_STREQ(fake.bi.modules[i].name, name);
}

static void
put_usual_block(void)
{
	start_block(HAS_MEMORY | HAS_CMDLINE | HAS_MODULES | HAS_MMAP |
		    HAS_LOADER);
	put32(INFO + MEM_LOWER, 639);
	put32(INFO + MEM_UPPER, 130048);
	put_range(0, 0x9FC00, RANGE_USABLE);
	put_range(0x9FC00, 0x400, RANGE_RESERVED);
	put_range(0x100000, 0x7EE0000, RANGE_USABLE);
	put_range(0x7FE0000, 0x20000, RANGE_ACPI);
	put_module(0x200000, 0x234567, STRINGS + 0x100);
	put32(INFO + CMDLINE, STRINGS);
	put_string(STRINGS, "quiet test=list.*");
	put_string(STRINGS + 0x100, "initramfs");
	put32(INFO + LOADER, STRINGS + 0x200);
	put_string(STRINGS + 0x200, "GRUB 2.06");
}

TEST(multiboot, a_usual_block_is_understood)
{
	const struct bootinfo *bi;

	put_usual_block();
	bi = parse(INFO);
	EXPECT_STREQ(bi->loader, "GRUB 2.06");
	EXPECT_STREQ(bi->cmdline, "quiet test=list.*");
	EXPECT(!bi->cmdline_cut);
	EXPECT(bi->have_map);
	EXPECT_EQ(bi->nr_ranges, 4);
	expect_range(0, 0, 0x9FC00, RANGE_USABLE);
	expect_range(1, 0x9FC00, 0x400, RANGE_RESERVED);
	expect_range(2, 0x100000, 0x7EE0000, RANGE_USABLE);
	expect_range(3, 0x7FE0000, 0x20000, RANGE_ACPI);
	EXPECT_EQ(bi->ranges_dropped, 0);
	EXPECT_EQ(bi->nr_modules, 1);
	expect_module(0, 0x200000, 0x34567, "initramfs");
	EXPECT_EQ(bi->modules_dropped, 0);
}

TEST(multiboot, fields_that_no_flag_announces_are_not_looked_at)
{
	const struct bootinfo *bi;

	put_usual_block();
	put32(INFO + FLAGS, 0);
	bi = parse(INFO);
	EXPECT_STREQ(bi->loader, "");
	EXPECT_STREQ(bi->cmdline, "");
	EXPECT(!bi->have_map);
	EXPECT_EQ(bi->nr_ranges, 0);
	EXPECT_EQ(bi->nr_modules, 0);
	EXPECT_EQ(bi->ranges_dropped, 0);
	EXPECT_EQ(bi->modules_dropped, 0);
}

TEST(multiboot, ranges_may_overlap_in_any_order)
{
	start_block(HAS_MMAP);
	put_range(0x500000, 0x100000, RANGE_USABLE);
	put_range(0x100000, 0x480000, RANGE_USABLE);
	put_range(0x100000, 0x480000, RANGE_RESERVED);
	put_range(0, 0x1000, 77);
	EXPECT_EQ(parse(INFO)->nr_ranges, 4);
	expect_range(0, 0x500000, 0x100000, RANGE_USABLE);
	expect_range(1, 0x100000, 0x480000, RANGE_USABLE);
	expect_range(2, 0x100000, 0x480000, RANGE_RESERVED);
	expect_range(3, 0, 0x1000, 77);
}

TEST(multiboot, ranges_above_4_gib_keep_all_their_bits)
{
	start_block(HAS_MMAP);
	put_range(0x100000000, 0x40000000, RANGE_USABLE);
	put_range(0xFFFFF000, 0x2000, RANGE_USABLE);
	put_range(0x1234567890ABC, 0xFEDCBA9876543, RANGE_RESERVED);
	EXPECT_EQ(parse(INFO)->nr_ranges, 3);
	expect_range(0, 0x100000000, 0x40000000, RANGE_USABLE);
	expect_range(1, 0xFFFFF000, 0x2000, RANGE_USABLE);
	expect_range(2, 0x1234567890ABC, 0xFEDCBA9876543, RANGE_RESERVED);
}

TEST(multiboot, empty_and_wrapping_ranges_are_dropped)
{
	start_block(HAS_MMAP);
	put_range(0x100000, 0, RANGE_USABLE);
	put_range(0x200000, 0x1000, RANGE_USABLE);
	put_range(0xFFFFFFFFFFFFF000, 0x1001, RANGE_USABLE);
	put_range(0xFFFFFFFFFFFFFFFF, 2, RANGE_USABLE);
	put_range(2, 0xFFFFFFFFFFFFFFFF, RANGE_USABLE);
	EXPECT_EQ(parse(INFO)->nr_ranges, 1);
	expect_range(0, 0x200000, 0x1000, RANGE_USABLE);
	EXPECT_EQ(fake.bi.ranges_dropped, 4);
}

TEST(multiboot, more_ranges_than_fit_are_counted)
{
	unsigned int i;

	start_block(HAS_MMAP);
	for (i = 0; i < BOOTINFO_RANGES + 7; i++)
		put_range(i * SZ_1M, SZ_1M, RANGE_USABLE);
	EXPECT_EQ(parse(INFO)->nr_ranges, BOOTINFO_RANGES);
	expect_range(BOOTINFO_RANGES - 1, (BOOTINFO_RANGES - 1) * SZ_1M, SZ_1M,
		     RANGE_USABLE);
	EXPECT_EQ(fake.bi.ranges_dropped, 7);
}

TEST(multiboot, without_a_map_the_two_sizes_are_used)
{
	start_block(HAS_MEMORY);
	put32(INFO + MEM_LOWER, 639);
	put32(INFO + MEM_UPPER, 15360);
	EXPECT_EQ(parse(INFO)->nr_ranges, 2);
	EXPECT(!fake.bi.have_map);
	expect_range(0, 0, 639 * 1024, RANGE_USABLE);
	expect_range(1, 0x100000, 15360 * 1024, RANGE_USABLE);
}

TEST(multiboot, a_useless_map_falls_back_to_the_sizes)
{
	start_block(HAS_MEMORY | HAS_MMAP);
	put32(INFO + MEM_UPPER, 15360);
	EXPECT_EQ(parse(INFO)->nr_ranges, 1); /* no entries */
	EXPECT(!fake.bi.have_map);
	expect_range(0, 0x100000, 15360 * 1024, RANGE_USABLE);

	put_range(0x100000, 0, RANGE_USABLE); /* one, and it is empty */
	EXPECT_EQ(parse(INFO)->nr_ranges, 1);
	EXPECT(!fake.bi.have_map);
	expect_range(0, 0x100000, 15360 * 1024, RANGE_USABLE);
}

TEST(multiboot, absurd_sizes_make_ranges_that_do_not_wrap)
{
	start_block(HAS_MEMORY);
	put32(INFO + MEM_LOWER, 0xFFFFFFFF);
	put32(INFO + MEM_UPPER, 0xFFFFFFFF);
	EXPECT_EQ(parse(INFO)->nr_ranges, 2);
	EXPECT(fake.bi.ranges[0].size <= 0x100000);
	expect_range(1, 0x100000, 0xFFFFFFFFull * 1024, RANGE_USABLE);
}

TEST(multiboot, no_map_and_no_sizes_is_no_memory)
{
	start_block(HAS_MEMORY);
	EXPECT_EQ(parse(INFO)->nr_ranges, 0);
	EXPECT(!fake.bi.have_map);
	start_block(0);
	EXPECT_EQ(parse(INFO)->nr_ranges, 0);
}

TEST(multiboot, long_entries_are_stepped_over)
{
	start_block(HAS_MMAP);
	put_entry(24, 0x100000, 0x1000, RANGE_USABLE);
	put_entry(20, 0x200000, 0x1000, RANGE_USABLE);
	put_entry(29, 0x300000, 0x1000, RANGE_USABLE); /* no multiple of 4 */
	put_entry(500, 0x400000, 0x1000, RANGE_USABLE);
	put_entry(20, 0x500000, 0x1000, RANGE_USABLE);
	EXPECT_EQ(parse(INFO)->nr_ranges, 5);
	expect_range(2, 0x300000, 0x1000, RANGE_USABLE);
	expect_range(4, 0x500000, 0x1000, RANGE_USABLE);
}

TEST(multiboot, an_entry_of_impossible_size_ends_the_map)
{
	static const u32 sizes[] = {0, 1, 4, 16, 19};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		start_block(HAS_MMAP);
		put_range(0x100000, 0x1000, RANGE_USABLE);
		put_range(0x200000, 0x1000, RANGE_USABLE);
		put_range(0x300000, 0x1000, RANGE_USABLE);
		put32(MAP + 24, sizes[i]); /* the second entry's */
		EXPECT_EQ(parse(INFO)->nr_ranges, 1);
		expect_range(0, 0x100000, 0x1000, RANGE_USABLE);
	}
}

TEST(multiboot, an_entry_of_huge_size_is_the_last)
{
	static const u32 sizes[] = {0x7FFFFFFF, 0x80000000, 0xFFFFFFE8,
				    0xFFFFFFFC, 0xFFFFFFFF};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		start_block(HAS_MMAP);
		put_range(0x100000, 0x1000, RANGE_USABLE);
		put_range(0x200000, 0x1000, RANGE_USABLE);
		put_range(0x300000, 0x1000, RANGE_USABLE);
		put32(MAP + 24, sizes[i]);
		EXPECT(parse(INFO)->nr_ranges <= 2);
		expect_range(0, 0x100000, 0x1000, RANGE_USABLE);
	}
}

TEST(multiboot, a_cut_map_gives_only_whole_entries)
{
	u32 length;

	for (length = 0; length <= 3 * 24; length++) {
		start_block(HAS_MMAP);
		put_range(0x100000, 0x1000, RANGE_USABLE);
		put_range(0x200000, 0x1000, RANGE_USABLE);
		put_range(0x300000, 0x1000, RANGE_USABLE);
		put32(INFO + MMAP_LENGTH, length);
		EXPECT_EQ(parse(INFO)->nr_ranges, length / 24);
	}
}

TEST(multiboot, a_map_of_4_gib_comes_to_an_end)
{
	start_block(HAS_MMAP | HAS_MEMORY);
	put32(INFO + MMAP_LENGTH, 0xFFFFFFFF);
	put32(INFO + MMAP_ADDR, WINDOW + WINDOW_SIZE);
	fake.filler = 0x14; /* sizes of 0x14141414 */
	parse(INFO);
	fake.filler = ENDLESS_MAP;
	parse(INFO);
	put32(INFO + MMAP_ADDR, 0xFFFFFFF0); /* wraps */
	fake.filler = NOISE;
	parse(INFO);
}

/*            IMAGE_START      IMAGE_END
 *                 |###############|
 *        [=======]                 [=====]         kept: they only touch it
 *           [=======]  [====]  [=====]             dropped
 *          [=========================]             dropped
 */
TEST(multiboot, a_module_over_the_image_is_dropped)
{
	start_block(HAS_MODULES);
	put_module(IMAGE_START - 0x1000, IMAGE_START, 0);
	put_module(IMAGE_END, IMAGE_END + 0x1000, 0);
	put_module(IMAGE_START - 0x1000, IMAGE_START + 1, 0);
	put_module(IMAGE_START + 0x1000, IMAGE_START + 0x2000, 0);
	put_module(IMAGE_END - 1, IMAGE_END + 0x1000, 0);
	put_module(IMAGE_START - 1, IMAGE_END + 1, 0);
	put_module(0, 0xFFFFFFFF, 0);
	EXPECT_EQ(parse(INFO)->nr_modules, 2);
	EXPECT_EQ(fake.bi.modules_dropped, 5);
	expect_module(0, IMAGE_START - 0x1000, 0x1000, "");
	expect_module(1, IMAGE_END, 0x1000, "");
}

TEST(multiboot, a_module_that_ends_before_it_starts_is_dropped)
{
	start_block(HAS_MODULES);
	put_module(0x300000, 0x200000, 0);
	put_module(0x300000, 0x300000, 0);
	put_module(0xFFFFFFFF, 0, 0);
	put_module(0x200000, 0x200001, 0);
	EXPECT_EQ(parse(INFO)->nr_modules, 1);
	EXPECT_EQ(fake.bi.modules_dropped, 3);
	expect_module(0, 0x200000, 1, "");
}

TEST(multiboot, a_module_needs_no_string)
{
	start_block(HAS_MODULES);
	fake.filler = 'x'; /* at address 0 too */
	put_module(0x200000, 0x201000, 0);
	EXPECT_EQ(parse(INFO)->nr_modules, 1);
	expect_module(0, 0x200000, 0x1000, "");
}

TEST(multiboot, a_long_module_string_is_cut)
{
	start_block(HAS_MODULES);
	libc_memset(&fake.window[STRINGS - WINDOW], 'm', 1000);
	put_module(0x200000, 0x201000, STRINGS);
	EXPECT_EQ(parse(INFO)->nr_modules, 1);
	EXPECT_EQ(libc_strlen(fake.bi.modules[0].name), 63);
}

TEST(multiboot, more_modules_than_fit_are_counted)
{
	u32 i;

	start_block(HAS_MODULES);
	for (i = 0; i < BOOTINFO_MODULES + 3; i++)
		put_module(0x200000 + i * 0x1000, 0x201000 + i * 0x1000, 0);
	EXPECT_EQ(parse(INFO)->nr_modules, BOOTINFO_MODULES);
	EXPECT_EQ(fake.bi.modules_dropped, 3);
	expect_module(7, 0x207000, 0x1000, "");
}

TEST(multiboot, four_billion_modules_come_to_an_end)
{
	start_block(HAS_MODULES);
	put_module(0x200000, 0x201000, 0);
	put32(INFO + MODS_COUNT, 0xFFFFFFFF);
	EXPECT_EQ(parse(INFO)->nr_modules, 1);
	EXPECT_EQ(fake.bi.modules_dropped, 0xFFFFFFFE);
	put32(INFO + MODS_ADDR, 0xFFFFFFF8); /* wraps */
	fake.filler = NOISE;
	parse(INFO);
}

static void
put_long_cmdline(u32 length)
{
	start_block(HAS_CMDLINE);
	put32(INFO + CMDLINE, STRINGS);
	libc_memset(&fake.window[STRINGS - WINDOW], 'c', length);
	fake.window[STRINGS - WINDOW + length] = '\0';
}

TEST(multiboot, a_command_line_fits_or_says_that_it_was_cut)
{
	put_long_cmdline(BOOTINFO_CMDLINE - 1);
	EXPECT(!parse(INFO)->cmdline_cut);
	EXPECT_EQ(libc_strlen(fake.bi.cmdline), BOOTINFO_CMDLINE - 1);
	put_long_cmdline(BOOTINFO_CMDLINE);
	EXPECT(parse(INFO)->cmdline_cut);
	EXPECT_EQ(libc_strlen(fake.bi.cmdline), BOOTINFO_CMDLINE - 1);
	put_long_cmdline(0);
	EXPECT(!parse(INFO)->cmdline_cut);
	EXPECT_STREQ(fake.bi.cmdline, "");
}

TEST(multiboot, a_command_line_of_64_kib_without_an_end_is_cut)
{
	put_long_cmdline(0x10000);
	fake.window[STRINGS - WINDOW + 0x10000] = 'c';
	fake.filler = 'c';
	EXPECT(parse(INFO)->cmdline_cut);
	EXPECT_EQ(libc_strlen(fake.bi.cmdline), BOOTINFO_CMDLINE - 1);
}

TEST(multiboot, strings_at_the_end_of_memory_end_there)
{
	start_block(HAS_CMDLINE | HAS_LOADER);
	put32(INFO + CMDLINE, 0xFFFFFFF0);
	put32(INFO + LOADER, 0xFFFFFFFF);
	fake.filler = 'e';
	parse(INFO);
	EXPECT(libc_strlen(fake.bi.cmdline) <= 16);
	EXPECT(libc_strlen(fake.bi.loader) <= 1);
}

TEST(multiboot, null_pointers_are_empty)
{
	start_block(HAS_MEMORY | HAS_CMDLINE | HAS_MODULES | HAS_MMAP |
		    HAS_LOADER);
	put32(INFO + MODS_ADDR, 0);
	put32(INFO + MMAP_ADDR, 0);
	fake.filler = 'n';
	parse(INFO);
	EXPECT_STREQ(fake.bi.cmdline, "");
	EXPECT(!fake.bi.cmdline_cut);
	EXPECT_STREQ(fake.bi.loader, "");
	EXPECT_EQ(fake.bi.nr_modules, 0);
	EXPECT_EQ(fake.bi.nr_ranges, 0);
	put32(INFO + MODS_COUNT, 3); /* and these only have to be survived */
	put32(INFO + MMAP_LENGTH, 3 * 24);
	parse(INFO);
	fake.filler = NOISE;
	parse(INFO);
}

TEST(multiboot, a_long_loader_name_is_cut)
{
	start_block(HAS_LOADER);
	put32(INFO + LOADER, STRINGS);
	libc_memset(&fake.window[STRINGS - WINDOW], 'l', 100);
	EXPECT_EQ(libc_strlen(parse(INFO)->loader), 31);
}

TEST(multiboot, a_block_anywhere_is_survived)
{
	static const u32 places[] = {0, 1, 0x80000000, 0xFFFFFFC0, 0xFFFFFFFF};
	unsigned int i, filler;

	start_block(0);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (filler = 0; filler <= ENDLESS_MAP; filler++) {
			fake.filler = filler;
			parse(places[i]);
		}
	}
}

/* A number that may be dangerous where it lands. */
static u32
nasty_number(void)
{
	switch (host_below(6)) {
	case 0:
		return 0;
	case 1:
		return host_below(64);
	case 2:
		return 0u - host_below(64);
	case 3:
		return WINDOW + host_below(WINDOW_SIZE);
	case 4:
		return host_sometimes(2) ? IMAGE_START : IMAGE_END;
	default:
		return host_random() >> host_below(32);
	}
}

/* A usual block with some of its words replaced, block, map and modules. */
TEST(multiboot, fuzz_of_usual_blocks)
{
	unsigned int round, n;

	for (round = 0; round < 100000 && !host_failed(); round++) {
		if (round % 64 == 0)
			put_usual_block();
		fake.filler = host_sometimes(2) ? NOISE : host_below(256);
		for (n = host_below(6); n; n--)
			put32(INFO + 4 * host_below(17), nasty_number());
		for (n = host_below(4); n; n--)
			put32(MAP + 4 * host_below(24), nasty_number());
		for (n = host_below(4); n; n--)
			put32(MODULES + 4 * host_below(8), nasty_number());
		parse(INFO);
	}
	if (host_failed())
		host_note("round %u", round);
}

/* Blocks of nothing but nasty numbers, with maps and modules of the same. */
TEST(multiboot, fuzz_of_pure_junk)
{
	unsigned int round, i;

	start_block(0);
	for (round = 0; round < 50000 && !host_failed(); round++) {
		for (i = 0; i < 17; i++)
			put32(INFO + 4 * i, nasty_number());
		put32(INFO + FLAGS, host_random());
		for (i = 0; i < 24; i++)
			put32(MAP + 4 * i, nasty_number());
		if (host_sometimes(2))
			put32(INFO + MMAP_ADDR, MAP);
		if (host_sometimes(2))
			put32(INFO + MODS_ADDR, MAP);
		parse(INFO);
	}
	if (host_failed())
		host_note("round %u", round);
}
