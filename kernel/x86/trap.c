/* trap.c - exceptions and interrupts: from the frame that entry.asm built to
 * whoever deals with it.
 *
 *   trap_dispatch(regs)
 *      |
 *      +-- from virtual-8086 mode: a general protection fault of ring 3
 *      +-- a handler for this vector that says "done"  ---------> return
 *      +-- vector 32 or more: an interrupt nobody wants, said once -> return
 *      +-- in ring 0, and the instruction has a fixup  ---------> go on there
 *      +-- in ring 0, and a trap_probe() is waiting    ---------> it returns
 *      +-- none of these: report and panic
 *
 * Guarantees: all 256 vectors are defined; a double fault has a stack of its
 * own. Locking: the tables are written at boot only.
 */
#include "cpu.h"
#include "layout.h"
#include "panic.h"
#include "printk.h"
#include "sched.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

/* Gate types (SDM volume 3, section 6.11): present, ring 0. */
#define GATE_INTERRUPT 0x8E00 /* turns interrupts off */
#define GATE_USER      0xEE00 /* the same; a program may ask for it: int n */
#define GATE_TASK      0x8500

struct idt_pointer {
	u16 limit;
	u32 base;
} __packed;

static struct {
	u64 idt[NR_VECTORS] __aligned(8);
	bool (*handler[NR_VECTORS])(struct pt_regs *);
	bool said[NR_VECTORS];         /* "unexpected interrupt", once each */
	const struct user_traps *user; /* NULL: there are no programs */
} traps;

extern const u32 trap_stubs[NR_VECTORS];
void idt_load(const struct idt_pointer *pointer);
void trap_dispatch(struct pt_regs *regs);
void trap_user_work(struct pt_regs *regs);

/* entry.asm reads these by number. */
static_assert(offsetof(struct pt_regs, bp) == 5 * 4, "entry.asm: REGS_BP");
static_assert(offsetof(struct pt_regs, ip) == 13 * 4, "entry.asm: REGS_IP");
static_assert(offsetof(struct pt_regs, cs) == 14 * 4, "entry.asm: REGS_CS");

void
trap_set_handler(unsigned int vector, bool (*handler)(struct pt_regs *))
{
	assert_op(vector, <, (unsigned int)NR_VECTORS);
	traps.handler[vector] = handler;
}

void
trap_fatal(const struct pt_regs *regs, u32 cr2)
{
	switch (panic_enter()) {
	case 0:
		report_trap(regs, cr2);
		break;
	case 1:
		pr_emerg("%s at %pS while reporting: stopped\n",
			 trap_name(regs->vector), (void *)regs->ip);
		break;
	}
	panic_stop();
}

/* Nobody has dealt with it. */
static __noinline void
unhandled(struct pt_regs *regs, u32 cr2)
{
	u32 vector = regs->vector;

	if (vector >= NR_EXCEPTIONS) {
		if (!traps.said[vector])
			pr_warn("unexpected interrupt, vector %u\n", vector);
		traps.said[vector] = true;
		return;
	}
	if (user_mode(regs)) {
		if (traps.user && traps.user->exception(regs, cr2))
			return;
	} else if (extable_fixup(regs, cr2) || trap_probe_caught(regs, cr2)) {
		return;
	}
	trap_fatal(regs, cr2);
}

/* From virtual-8086 mode, where no program should be: an iret of ring 3 cannot
 * set EFLAGS.VM, but QEMU lets it. The program goes on as an ordinary one, with
 * the signal of a general protection fault; the CPU has pushed four segments
 * more, above the frame, which are forgotten. */
static __noinline void
leave_vm86(struct pt_regs *regs)
{
	regs->cs = SEL_USER_CODE;
	regs->ss = SEL_USER_DATA;
	regs->flags &= ~(EFLAGS_VM | EFLAGS_IOPL);
	regs->flags |= EFLAGS_IF;
	if (regs->vector >= NR_EXCEPTIONS) /* somebody else's business first */
		trap_dispatch(regs);
	regs->vector = TRAP_PROTECTION;
	regs->error = 0;
	trap_dispatch(regs);
}

void
trap_dispatch(struct pt_regs *regs)
{
	u32 cr2 = 0;

	if (unlikely(regs->flags & EFLAGS_VM)) {
		leave_vm86(regs);
		return;
	}
	if (regs->vector == TRAP_PAGE_FAULT) {
		cr2 = read_cr2();
		if (cr2 < TASK_SIZE && traps.user &&
		    traps.user->page_fault(regs, cr2))
			return;
	}
	if (traps.handler[regs->vector] && traps.handler[regs->vector](regs))
		return;
	unhandled(regs, cr2);
}

/* On the way to ring 3, which sees interrupts off: user_return. */
void
trap_user_work(struct pt_regs *regs)
{
	local_irq_enable();
	preempt_check_resched();
	if (current->work)
		traps.user->work(regs);
}

static u64
gate(u32 selector, u32 offset, u32 type)
{
	return (offset & 0xFFFF) | selector << 16 |
	       (u64)((offset & 0xFFFF0000) | type) << 32;
}

void __init
trap_init(void)
{
	struct idt_pointer pointer = {sizeof(traps.idt) - 1, (u32)traps.idt};
	unsigned int v;

	gdt_init();
	for (v = 0; v < NR_VECTORS; v++)
		traps.idt[v] =
			gate(SEL_KERNEL_CODE, trap_stubs[v], GATE_INTERRUPT);
	traps.idt[TRAP_BREAKPOINT] =
		gate(SEL_KERNEL_CODE, trap_stubs[TRAP_BREAKPOINT], GATE_USER);
	traps.idt[TRAP_OVERFLOW] =
		gate(SEL_KERNEL_CODE, trap_stubs[TRAP_OVERFLOW], GATE_USER);
	traps.idt[TRAP_DOUBLE_FAULT] = gate(SEL_DF_TSS, 0, GATE_TASK);
	idt_load(&pointer);
}

void
trap_set_user(const struct user_traps *user, const void *syscall_entry)
{
	traps.user = user;
	traps.idt[TRAP_SYSCALL] =
		gate(SEL_KERNEL_CODE, (u32)syscall_entry, GATE_USER);
}

void
trap_set_entry(unsigned int vector, const void *entry)
{
	traps.idt[vector] = gate(SEL_KERNEL_CODE, (u32)entry, GATE_INTERRUPT);
}
