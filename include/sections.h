/* sections.h - where the linker put things: see linker.ld. Linux's names. */
#ifndef SECTIONS_H
#define SECTIONS_H

#include "types.h"

/* Linked, and running, at physical addresses. */
extern char __boot_begin[], __boot_end[];

/* Linked at PAGE_OFFSET plus the physical address, page-aligned. */
extern char __init_begin[], __init_end[]; /* code and data only for booting */
extern char _text[], _etext[];
extern char __sched_text_start[], __sched_text_end[]; /* __sched */
extern char __start_rodata[], __end_rodata[];
extern char _sdata[], _edata[];
extern char __bss_start[], __bss_stop[];
extern char _end[];

/* The boot stack and the unmapped page below it. */
extern char boot_stack_guard[], boot_stack[], boot_stack_top[];

/* .boot and .init have been given back (free_initmem). */
extern bool initmem_freed;

struct section_range {
	const char *name;
	const char *rights; /* "r-x": what the page tables say */
	uintptr_t start, end;
};

/* image_sections: the sections of the image, in address order; .boot by its
 * direct-map address. section_of finds the one that holds an address, or
 * NULL. => any context */
extern const struct section_range image_sections[];
extern const unsigned int nr_image_sections;
const struct section_range *section_of(uintptr_t va);

#endif
