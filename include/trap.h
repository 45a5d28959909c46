/* trap.h - exceptions and interrupts: the frame, the handlers, the fixups.
 */
#ifndef TRAP_H
#define TRAP_H

#include "types.h"
#include "x86.h"

/* Exceptions that somebody asks for by name. */
#define TRAP_DIVIDE       0
#define TRAP_DEBUG        1
#define TRAP_BREAKPOINT   3
#define TRAP_OVERFLOW     4
#define TRAP_INVALID_OP   6
#define TRAP_DOUBLE_FAULT 8
#define TRAP_PROTECTION   13
#define TRAP_PAGE_FAULT   14
#define TRAP_SYSCALL      0x80
#define NR_EXCEPTIONS     32
#define NR_VECTORS        256

/* What entry.asm leaves on the stack, lowest address first. The CPU pushed
 * eip and up; sp and ss only when it came from ring 3. Linux's name. */
struct pt_regs {
	u32 bx, cx, dx, si, di, bp, ax;
	u32 ds, es, fs, gs;
	u32 vector;
	u32 error; /* 0 where the CPU pushes none */
	u32 ip, cs, flags;
	u32 sp, ss;
};

/* The page fault's error code. */
#define PF_PROT  1u  /* 0: not present, 1: present, access not allowed */
#define PF_WRITE 2u  /* 0: read, 1: write */
#define PF_USER  4u  /* 0: ring 0, 1: ring 3 */
#define PF_RSVD  8u  /* a reserved bit was set in an entry */
#define PF_INSTR 16u /* instruction fetch */

/* From ring 3; in virtual-8086 mode, which is ring 3, cs means something else.
 * (EFLAGS_VM is more than 3, too.) */
static inline bool
user_mode(const struct pt_regs *regs)
{
	return ((regs->cs & 3) | (regs->flags & EFLAGS_VM)) >= 3;
}

/* kernel_stack_pointer: where the stack was when the trap came.
 * (From ring 0 the CPU pushes no sp: the stack simply goes on.) */
static inline u32
kernel_stack_pointer(const struct pt_regs *regs)
{
	if (user_mode(regs) || regs->vector == TRAP_DOUBLE_FAULT)
		return regs->sp; /* the double-fault task fills it in */
	return (u32)&regs->sp;
}

/* trap_init: GDT, TSS and all 256 IDT entries. => boot, the first thing */
void trap_init(void);

/* trap_set_handler: handler(regs) is called for the vector; it returns true
 * when it dealt with it, false for the default: fixup, report, panic.
 * => boot; the handler runs in irq context */
void trap_set_handler(unsigned int vector, bool (*handler)(struct pt_regs *));

/* What linux/ does with programs. page_fault: at an address below TASK_SIZE.
 * exception: any other of ring 3. Both with interrupts as trap_set_handler says.
 * => true: dealt with
 * work: before ring 3 goes on, when task->work is set. => interrupts on */
struct user_traps {
	bool (*page_fault)(struct pt_regs *regs, u32 address);
	bool (*exception)(struct pt_regs *regs, u32 address);
	void (*work)(struct pt_regs *regs);
};

/* trap_set_user: who deals with programs, and where int 0x80 leads.
 * trap_set_entry: a first instruction of its own for a vector of the kernel's.
 * => boot
 * enter_user: go on with these registers, at the top of this thread's stack. */
void trap_set_user(const struct user_traps *user, const void *syscall_entry);
void trap_set_entry(unsigned int vector, const void *entry);
void __noreturn enter_user(struct pt_regs *regs);

/* trap_name: "page fault" for 14; for the rest a number's meaning. */
const char *trap_name(unsigned int vector);

/* trap_probe: run fn(arg) and survive one exception in it: for tests and for
 * whoever must know whether something faults.
 * => process context, not nested
 * => -1 if fn returned; else the vector, with *regs the frame of the
 *    exception and *address what CR2 was (both may be NULL)
 * trap_probe_caught: leave the one that is under way, if any. => trap.c only */
int trap_probe(void (*fn)(void *arg), void *arg, struct pt_regs *regs,
	       u32 *address);
bool trap_probe_caught(struct pt_regs *regs, u32 cr2);

/* copy_from_kernel_nofault, copy_to_kernel_nofault: memory that may not be
 * there, or not writable.
 * => any context; 0 or -EFAULT (then dst is partly written) */
int __must_check copy_from_kernel_nofault(void *dst, const void *src, size_t n);
#define copy_to_kernel_nofault(dst, src, n) \
	copy_from_kernel_nofault(dst, src, n)

/* extable_fixup: if the faulting instruction has a fixup, and a user copy did
 * not fault on the kernel's side (cr2), go on there.
 * extable_init sorts the kernel's own table. */
bool extable_fixup(struct pt_regs *regs, u32 cr2);
bool extable_covers(u32 ip); /* may this instruction touch user memory? */
void extable_init(void);

/* trap_fatal: nobody can deal with this exception: report it and stop. A
 * second one during the report prints one line. => any context */
void __noreturn trap_fatal(const struct pt_regs *regs, u32 cr2);

/* report_trap: explain an exception on the consoles; see report.c.
 * report_backtrace: ip, its caller if the frames do not show him (else 0),
 * and the callers from a frame pointer on. */
void report_trap(const struct pt_regs *regs, u32 cr2);
void report_backtrace(u32 ip, u32 caller, u32 bp);

#endif
