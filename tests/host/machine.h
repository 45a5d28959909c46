/* machine.h - the processor's instructions on the host: include/x86.h has the
 * real ones.
 */
#ifndef HOST_MACHINE_H
#define HOST_MACHINE_H

#include "types.h"

/* A program may neither mask interrupts nor halt. Here EFLAGS is a word, and a
 * halt waits for the next tick of a clock of its own. */
extern unsigned long host_eflags;
void host_tick(void);

static inline void
local_irq_disable(void)
{
	host_eflags &= ~(unsigned long)EFLAGS_IF;
}

static inline void
local_irq_enable(void)
{
	host_eflags |= EFLAGS_IF;
}

static inline unsigned long
local_save_flags(void)
{
	return host_eflags;
}

static inline void
local_irq_restore(unsigned long flags)
{
	host_eflags = flags;
}

static inline void
halt(void)
{
	host_tick();
}

static inline void
safe_halt(void)
{
	local_irq_enable();
	host_tick();
}

/* They note that they were called (glue.h). */
unsigned long read_cr3(void);
unsigned long read_cr4(void);
void write_cr3(unsigned long value);
void write_cr4(unsigned long value);
void invlpg(const void *va);

#endif
