/* sections.c - the parts of the kernel image, for reports and page tables. */
#include "page.h"
#include "sections.h"
#include "util.h"

#define SECTION(name, rights, begin, end)                          \
	{                                                          \
		name, rights, (uintptr_t)(begin), (uintptr_t)(end) \
	}

/* .boot is seen through the direct map: nobody runs it at its own address. */
const struct section_range image_sections[] = {
	SECTION(".boot", "rw-", __boot_begin + PAGE_OFFSET,
		__boot_end + PAGE_OFFSET),
	SECTION(".init", "rw-", __init_begin, __init_end),
	SECTION(".text", "r-x", _text, _etext),
	SECTION(".rodata", "r--", __start_rodata, __end_rodata),
	SECTION(".data", "rw-", _sdata, _edata),
	SECTION(".bss", "rw-", __bss_start, __bss_stop),
};

bool initmem_freed;
const unsigned int nr_image_sections = ARRAY_SIZE(image_sections);

const struct section_range *
section_of(uintptr_t va)
{
	const struct section_range *s;

	for (s = image_sections; s < ARRAY_END(image_sections); s++)
		if (va >= s->start && va < s->end)
			return s;
	return NULL;
}
