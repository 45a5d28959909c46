/* boot.h - what passes from the first instructions to the rest of the kernel.
 */
#ifndef BOOT_H
#define BOOT_H

#include "bootinfo.h"
#include "types.h"

/* The time stamp counter at the first instruction; 0 on a CPU without. */
extern u64 boot_tsc;

/* What the loader told us; filled in early, kept for `mem`. */
extern struct bootinfo bootinfo;

/* kmain: the first C function: on the boot stack, paging on, interrupts off.
 * info is the physical address of the loader's information block. */
void __noreturn kmain(phys_addr_t info);

/* memory_init: bootinfo to memblock: what exists, what is taken. Panics, with
 * words, when there is too little. => boot */
void memory_init(void);

/* reserve_claim: the memory that `reserve=SIZE` set aside at boot: physically
 * contiguous, in the direct map; for a driver that needs a big buffer and would
 * not get one later.
 * => any context; NULL if there is none or somebody has it; never given back
 * reserve_owner: who has it, NULL for nobody; *size is 0 without reserve=, *pa
 * if there was no room */
void *reserve_claim(const char *owner, size_t *size);
const char *reserve_owner(phys_addr_t *pa, size_t *size);

/* report_machine: the processor, and what the loader told us, to the log.
 * => boot, after multiboot_parse */
void report_machine(void);

/* time_init: measure the clock, so that printk stamps messages.
 * clock_us: microseconds since boot; any context. */
void time_init(void);
u64 clock_us(void);

#endif
