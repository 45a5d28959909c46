/* fault.c - what happens when a program does what the CPU does not let it do.
 *
 *                           from                   then
 *   page fault, user addr   ring 3                 mm_fault: serve it, or a signal
 *                           a user copy            mm_fault: serve it, or EFAULT
 *                           the rest of the kernel a kernel bug: reported
 *   page fault, kernel addr ring 3                 SIGSEGV
 *   any other exception     ring 3                 the signal of the table below
 *
 * A program that dies of it leaves a line in the log, in Linux' words:
 *
 *	badptr[7]: segfault at 0 ip 0804809a sp bffffe10 error 4
 *
 * No memory for a page: somebody has to go (oom.c).
 */
#include "preempt.h"
#include "printk.h"
#include "process.h"
#include "util.h"
#include "x86.h"

/* Vectors without a name elsewhere. */
#define TRAP_X87       16
#define TRAP_ALIGNMENT 17
#define TRAP_SSE       19

#define ILL_ILLOPN 2
#define FPE_INTDIV 1
#define FPE_INTOVF 2
#define TRAP_BRKPT 1
#define TRAP_TRACE 2

/* Exceptions and their signals; those that are not here are fatal. */
static const struct {
	u8 vector, sig, code;
} exceptions[] = {
	{TRAP_DIVIDE, SIGFPE, FPE_INTDIV},
	{TRAP_DEBUG, SIGTRAP, TRAP_BRKPT},
	{TRAP_BREAKPOINT, SIGTRAP, SI_KERNEL},
	{TRAP_OVERFLOW, SIGSEGV, SI_KERNEL},
	{5, SIGSEGV, SI_KERNEL}, /* bound */
	{TRAP_INVALID_OP, SIGILL, ILL_ILLOPN},
	{7, SIGILL, ILL_ILLOPN}, /* no FPU */
	{9, SIGFPE, SI_KERNEL},
	{10, SIGSEGV, SI_KERNEL}, /* invalid TSS */
	{11, SIGBUS, SI_KERNEL},  /* segment not present */
	{12, SIGBUS, SI_KERNEL},  /* stack segment */
	{TRAP_PROTECTION, SIGSEGV, SI_KERNEL},
	{TRAP_PAGE_FAULT, SIGSEGV, SEGV_MAPERR}, /* a kernel address */
	{TRAP_X87, SIGFPE, 0},
	{TRAP_ALIGNMENT, SIGBUS, 1},
	{TRAP_SSE, SIGFPE, 0},
};

static void
say(const struct pt_regs *regs, int sig, const char *what, u32 address)
{
	if (signal_handled(sig))
		return;
	pr_info("%s[%d]: %s at %x ip %08x sp %08x error %x\n", current->comm,
		current->process->tgid, what, address, regs->ip, regs->sp,
		regs->error);
}

static void
fault_signal(const struct pt_regs *regs, u32 address, enum fault_result result)
{
	switch (result) {
	case FAULT_SEGV_MAPERR:
		say(regs, SIGSEGV, "segfault", address);
		force_sig_fault(SIGSEGV, SEGV_MAPERR, address);
		break;
	case FAULT_SEGV_ACCERR:
		say(regs, SIGSEGV, "segfault", address);
		force_sig_fault(SIGSEGV, SEGV_ACCERR, address);
		break;
	case FAULT_BUS:
		say(regs, SIGBUS, "bus error", address);
		force_sig_fault(SIGBUS, BUS_ADRERR, address);
		break;
	default:
		break;
	}
}

/* A user copy that cannot be served goes on at its fixup (trap_dispatch). What
 * the CPU itself touches for ring 3 without PF_USER (QEMU: the stack of an iret
 * with EFLAGS.VM) is the program's fault, too, and never served. */
bool
user_page_fault(struct pt_regs *regs, u32 address)
{
	struct process *p = current->process;
	bool user = regs->error & PF_USER;
	enum fault_result result;

	if (!p || !p->mm)
		return false;
	if (!user && (!(regs->flags & EFLAGS_IF) || in_atomic() ||
		      !extable_covers(regs->ip)))
		return false;
	local_irq_enable();
	result = mm_fault(p->mm, address, regs->error);
	p->min_flt++;
	if (likely(result == FAULT_DONE))
		return true;
	if (result == FAULT_OOM) {
		if (oom_fault())
			return true; /* once more */
	} else if (user) {
		fault_signal(regs, address, result);
	}
	return user;
}

/* The code that tells kinds of one exception apart. => interrupts off, since it
 * came: the registers that say it are of one CPU */
static int
code_of(const struct pt_regs *regs, int code)
{
	switch (regs->vector) {
	case TRAP_DEBUG: /* by the popf that clears TF, too; not int1 */
		code = read_dr6() & DR6_STEP ? TRAP_TRACE : code;
		write_dr6(DR6_NONE);
		return code;
	case TRAP_X87:
	case TRAP_SSE:
		return signal_fpu_code(regs->vector == TRAP_SSE);
	default:
		return code;
	}
}

/* Where it was, if Linux says so. => si_addr */
static u32
address_of(const struct pt_regs *regs, int code, u32 address)
{
	if (regs->vector == TRAP_PAGE_FAULT)
		return address;
	return code == SI_KERNEL || regs->vector == TRAP_ALIGNMENT ? 0
								   : regs->ip;
}

bool
user_exception(struct pt_regs *regs, u32 address)
{
	unsigned int i;
	int code;

	for (i = 0; i < ARRAY_SIZE(exceptions); i++) {
		if (exceptions[i].vector != regs->vector)
			continue;
		code = code_of(regs, exceptions[i].code);
		local_irq_enable();
		if (regs->vector != TRAP_BREAKPOINT &&
		    regs->vector != TRAP_DEBUG)
			say(regs, exceptions[i].sig, trap_name(regs->vector),
			    address);
		force_sig_fault(exceptions[i].sig, code,
				address_of(regs, code, address));
		return true;
	}
	return false;
}
