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

/* time_init: measure the clock, so that printk stamps messages.
 * clock_us: microseconds since boot; any context. */
void time_init(void);
u64 clock_us(void);

#endif
