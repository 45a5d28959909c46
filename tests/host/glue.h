/* glue.h - the machine that kernel code finds on the host.
 *
 *   PAGE_OFFSET        high_memory               wherever the host has room
 *   | low RAM: mapped here |                     | high RAM |
 *                                                     ^ fixmap_set: a window
 *   EFLAGS: a word     clock: a tick a halt      log: kept, to be counted
 */
#ifndef GLUE_H
#define GLUE_H

#include "time.h"
#include "symbols.h"
#include "types.h"

/* host_machine: a PC with `low` bytes of RAM in the direct map, full of
 * garbage, and `high` bytes above LOWMEM_LIMIT, both given to a new memblock;
 * interrupts on, the log empty.
 * => low at most 128 MiB, high at most 64; both whole pages */
void host_machine(phys_addr_t low, phys_addr_t high);

/* host_high_page: the bytes of a page of high RAM. */
void *host_high_page(phys_addr_t pa);

/* host_windows: fixmap slots in use. */
unsigned int host_windows(void);

/* host_irq: called at each tick of the clock, as an interrupt handler is; or
 * NULL. The clock ticks when the kernel halts. */
extern void (*host_irq)(void);

/* host_cpu: what was done to the TLB. cr3_writes: reloads; pge_flips: changes
 * of CR4.PGE; invlpg_pages: the first ones. */
extern struct host_cpu {
	unsigned long cr3, cr4;
	unsigned int cr3_writes, pge_flips, invlpgs;
	uintptr_t invlpg_pages[32];
} host_cpu;

/* host_forget: called when the CPU forgets the translation of va, or all of
 * them, global ones too; or NULL. */
extern void (*host_forget)(uintptr_t va, bool all);

/* host_now: what ktime_get says. */
extern ktime_t host_now;

/* host_symbol: the one symbol that symbol_find knows. */
extern struct symbol host_symbol;

/* host_log_clear: forget what was printed. host_logged: how often this text
 * was printed since. */
void host_log_clear(void);
unsigned int host_logged(const char *text);

#endif
