/* report.c - an exception, explained: what happened, where, and why most
 * likely, before the registers and not after.
 *
 *   *** page fault (exception 14): read of 0x00000014 by the kernel
 *   at      crash_null_read+0x14/0x30                  <- where
 *   cause   NULL pointer plus 0x14                     <- why, in a sentence
 *   region  user space below 64 KiB: never mapped      <- what lies there
 *   walk    PDE[0] 0x00000000 not present              <- what the CPU found
 *   ...     registers, code bytes, callers
 *
 * Guarantees: reads memory only by copy_from_kernel_nofault; a broken stack
 * ends the backtrace, not the machine; bounded.
 */
#include "explain.h"
#include "layout.h"
#include "page.h"
#include "pgtable.h"
#include "printf.h"
#include "printk.h"
#include "sched.h"
#include "sections.h"
#include "symbols.h"
#include "trap.h"
#include "util.h"
#include "walk.h"
#include "x86.h"

#define MAX_FRAMES  1024 /* walked: 8 KiB of stack hold no more */
#define MAX_LINES   24   /* shown */
#define CODE_BEFORE 8
#define CODE_BYTES  20
#define NULL_ZONE   MMAP_MIN /* as near NULL as a member of a structure */

TABLE_DEFINE(explainers);

size_t
explain(u32 address, char *buf, size_t size)
{
	const struct explainer *e;
	size_t n;

	table_for_each(e, &explainers)
	{
		n = e->explain(address, buf, size);
		if (n)
			return n;
	}
	return 0;
}

static const char *const names[NR_EXCEPTIONS] = {
	[0] = "divide error",
	[1] = "debug exception",
	[2] = "non-maskable interrupt",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[9] = "coprocessor segment overrun",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack segment fault",
	[13] = "general protection fault",
	[14] = "page fault",
	[16] = "floating-point error",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating-point exception",
	[20] = "virtualization exception",
	[21] = "control protection exception",
};

const char *
trap_name(unsigned int vector)
{
	if (vector >= NR_EXCEPTIONS)
		return "interrupt";
	return names[vector] ? names[vector] : "reserved exception";
}

/* Of the running thread: also when its stack is no use any more, since whose it
 * is stands elsewhere. */
static bool
in_stack_guard(uintptr_t va)
{
	return (uintptr_t)current->stack - 1 - va < PAGE_SIZE;
}

/* Where .boot and .init were: now pages like any others. */
static bool
in_freed_init(uintptr_t va)
{
	uintptr_t start = PAGE_OFFSET + KERNEL_PHYS;

	return initmem_freed && va - start < (uintptr_t)__init_end - start;
}

const char *
address_region(uintptr_t va)
{
	const struct section_range *s = section_of(va);

	if (va < NULL_ZONE)
		return "user space below 64 KiB: never mapped";
	if (va < TASK_SIZE)
		return "user space";
	if (in_stack_guard(va))
		return "guard page below this thread's stack: not mapped";
	if (in_freed_init(va))
		return "freed init code: only booting needed it";
	if (s)
		return s->name;
	if (va < (uintptr_t)high_memory)
		return "direct map of RAM";
	if (va < vmalloc_start)
		return "hole above the direct map: never mapped";
	if (va < VMALLOC_END)
		return "vmalloc window";
	if (va < PKMAP_BASE)
		return "hole above the vmalloc window: never mapped";
	if (va < FIXADDR_START)
		return "kmap window";
	if (va < VDSO_BASE)
		return "fixmap";
	if (va < FIXADDR_END)
		return "vDSO: programs read and run it, nobody writes here";
	return "last page: never mapped (ERR_PTR values)";
}

static bool
is_code(u32 ip)
{
	const struct section_range *s = section_of(ip);

	return s && !in_freed_init(ip) &&
	       (s->start == (uintptr_t)_text ||
		s->start == (uintptr_t)__init_begin);
}

/* Why the frame at bp cannot be followed further, or NULL. A frame must be
 * readable, aligned and above the one before, its return address code. */
static const char *
read_frame(u32 bp, u32 above, u32 frame[2])
{
	if (bp % sizeof(u32) || bp < TASK_SIZE ||
	    copy_from_kernel_nofault(frame, (void *)bp, 2 * sizeof(u32)))
		return "is broken";
	if (bp <= above)
		return "does not go up";
	if (frame[1] && !is_code(frame[1]))
		return "leads to a return address that is not code";
	return NULL;
}

/* The running thread has no stack left. How deep it is, in frames, tells endless
 * recursion from large locals. */
static void
overflow_cause(const struct pt_regs *regs, char *buf, size_t size)
{
	u32 frame[2], bp = regs->bp, above = 0;
	unsigned int depth = 0;

	while (depth < MAX_FRAMES && !read_frame(bp, above, frame) &&
	       frame[1]) {
		above = bp;
		bp = frame[0];
		depth++;
	}
	scnprintf(buf, size,
		  "stack overflow: thread \"%s\" (pid %d) has used its %u "
		  "bytes, %u calls deep",
		  current->comm, current->pid, STACK_SIZE, depth + 1);
}

/* The cause of a page fault, in the order in which it is most telling. */
static void
page_fault_cause(const struct pt_regs *regs, u32 va, char *buf, size_t size)
{
	const struct section_range *s = section_of(va);
	bool jump = regs->error & PF_INSTR || va == regs->ip;
	const char *access = jump ? "call through" : "use of";
	const char *refused = "";

	/* A user page: SMEP and SMAP refuse ring 0 what is mapped. */
	if ((regs->error & PF_PROT) && jump)
		refused = " (SMEP refused it)";
	else if ((regs->error & PF_PROT) && (read_cr4() & CR4_SMAP))
		refused = " (SMAP refused it)";

	if (regs->error & PF_RSVD)
		scnprintf(buf, size,
			  "corrupt page table: a reserved bit is set");
	else if (va == 0)
		scnprintf(buf, size, "%s a NULL pointer", access);
	else if (va < NULL_ZONE)
		scnprintf(buf, size, "%s a NULL pointer plus 0x%x", access, va);
	else if (va >= FIXADDR_END)
		scnprintf(buf, size, "%s an error code as a pointer (%d)",
			  access, (int)va);
	else if (in_stack_guard(va))
		overflow_cause(regs, buf, size);
	else if ((regs->error & PF_PROT) && (regs->error & PF_WRITE) && s)
		scnprintf(buf, size, "write to read-only kernel %s",
			  s->start == (uintptr_t)_text ? "text" : "data");
	else if (va < TASK_SIZE && jump)
		scnprintf(buf, size, "the kernel jumped to a user address%s",
			  refused);
	else if (va < TASK_SIZE)
		scnprintf(buf, size,
			  "kernel touched a user address without copy_*_user, "
			  "or by a wild pointer%s",
			  refused);
	else
		scnprintf(buf, size,
			  "%s a wild pointer: nothing is mapped there", access);
}

/* The code that was given back is all int3, one byte long: whoever calls it
 * stops behind the first. In a page that has a new owner, anywhere. */
static bool
called_freed_init(const struct pt_regs *regs, u32 *address)
{
	*address = regs->ip - (regs->vector == TRAP_BREAKPOINT);
	return in_freed_init(*address);
}

static void
trap_cause(const struct pt_regs *regs, u32 cr2, char *buf, size_t size)
{
	u32 address;

	if (called_freed_init(regs, &address)) {
		scnprintf(buf, size,
			  "call of freed init code: what was at 0x%08x, "
			  "%pS, is there only while booting",
			  address, (void *)address);
		return;
	}
	switch (regs->vector) {
	case TRAP_PAGE_FAULT:
		page_fault_cause(regs, cr2, buf, size);
		return;
	case TRAP_DOUBLE_FAULT:
		if (in_stack_guard(regs->sp - sizeof(u32)) ||
		    in_stack_guard(cr2))
			overflow_cause(regs, buf, size);
		else
			scnprintf(buf, size,
				  "the CPU could not deliver an "
				  "exception: esp 0x%08x is no stack",
				  regs->sp);
		return;
	case TRAP_DIVIDE:
		scnprintf(buf, size,
			  "division by zero, or a quotient that does "
			  "not fit");
		return;
	case TRAP_INVALID_OP:
		scnprintf(buf, size,
			  "not an instruction: ud2 on purpose, or a "
			  "jump into data");
		return;
	case TRAP_PROTECTION:
		if (regs->error)
			scnprintf(buf, size, "a bad selector: %s entry %u",
				  regs->error & 2   ? "IDT"
				  : regs->error & 4 ? "LDT"
						    : "GDT",
				  regs->error >> 3);
		else
			scnprintf(buf, size,
				  "a privileged or malformed "
				  "operation");
		return;
	default:
		scnprintf(buf, size, "unexpected in the kernel");
	}
}

static void
report_walk(u32 va)
{
	struct pgtable_walk walk;
	char flags[64];

	pgtable_walk(read_cr3(), va, &walk);
	pr_emerg("walk      PDE[%u] = 0x%08x  %s\n", pde_index(va),
		 walk.pde.val, pgtable_flags(walk.pde.val, flags, 64));
	if (walk.have_pte)
		pr_emerg("          PTE[%u] = 0x%08x  %s\n", pte_index(va),
			 walk.pte.val,
			 pgtable_flags(walk.pte.val & ~_PAGE_LARGE, flags, 64));
}

static void
report_page_fault(const struct pt_regs *regs, u32 va)
{
	u32 e = regs->error;
	char text[200];

	pr_emerg("region    0x%08x: %s\n", va, address_region(va));
	if (explain(va, text, sizeof(text)))
		pr_emerg("          %s\n", text);
	report_walk(va);
	pr_emerg("error     0x%x: %s, %s, %s mode%s%s\n", e,
		 e & PF_PROT ? "page present, access not allowed"
			     : "page not present",
		 e & PF_WRITE ? "write" : "read",
		 e & PF_USER ? "user" : "kernel",
		 e & PF_RSVD ? ", reserved bit" : "",
		 e & PF_INSTR ? ", instruction fetch" : "");
}

static void
report_registers(const struct pt_regs *r, u32 cr2)
{
	pr_emerg("registers eax %08x  ebx %08x  ecx %08x  edx %08x\n", r->ax,
		 r->bx, r->cx, r->dx);
	pr_emerg("          esi %08x  edi %08x  ebp %08x  esp %08x\n", r->si,
		 r->di, r->bp, kernel_stack_pointer(r));
	pr_emerg("          eip %08x  eflags %08x\n", r->ip, r->flags);
	pr_emerg("          cs %04x  ds %04x  es %04x  fs %04x  gs %04x\n",
		 r->cs & 0xFFFF, r->ds & 0xFFFF, r->es & 0xFFFF, r->fs & 0xFFFF,
		 r->gs & 0xFFFF);
	pr_emerg("          cr0 %08lx  cr2 %08x  cr3 %08lx  cr4 %08lx\n",
		 read_cr0(), cr2, read_cr3(), read_cr4());
}

/* The bytes around eip; <xx> is the one it points to. */
static void
report_code(u32 ip)
{
	char line[CODE_BYTES * 4 + 1];
	size_t n = 0;
	unsigned int i;
	u8 byte;

	for (i = 0; i < CODE_BYTES; i++) {
		u32 at = ip - CODE_BEFORE + i;

		if (copy_from_kernel_nofault(&byte, (void *)at, 1))
			n += scnprintf(line + n, sizeof(line) - n, " ??");
		else
			n += scnprintf(line + n, sizeof(line) - n,
				       at == ip ? " <%02x>" : " %02x", byte);
	}
	pr_emerg("code     %s\n", line);
}

/* trap_common makes a frame of where the trap came from. Is it a program? Then
 * struct pt_regs, above the frame, is the end of the stack. */
static bool
is_ring3(u32 bp, const u32 frame[2])
{
	return frame[1] < TASK_SIZE &&
	       (bp + 2 * sizeof(u32) + sizeof(struct pt_regs)) % PAGE_SIZE == 0;
}

/* Follow the saved frame pointers:
 *
 *   ebp -> [ caller's ebp ][ return address ]
 *              |
 *              +-> [ its caller's ebp ][ ... ]   ... -> [ ][ 0 ]
 *
 * Recursion is folded into one line. The name shown is that of the call, one
 * byte before the return address. */
void
report_backtrace(u32 ip, u32 caller, u32 bp)
{
	unsigned int i, lines = 1, repeats = 0;
	u32 frame[2], above = 0, last = ip;
	const char *wrong;

	pr_emerg("backtrace %08x  %pS\n", ip, (void *)ip);
	if (caller)
		pr_emerg("          %08x  %pS\n", caller, (void *)(caller - 1));
	for (i = 0; i < MAX_FRAMES && lines < MAX_LINES && bp; i++) {
		frame[1] = 0;
		wrong = read_frame(bp, above, frame);
		if (wrong && frame[1] && is_ring3(bp, frame)) {
			pr_emerg("          %08x  ring 3\n", frame[1]);
			return;
		}
		if (wrong) {
			pr_emerg("          the trace ends: frame pointer %08x "
				 "%s\n",
				 bp, wrong);
			return;
		}
		if (!frame[1])
			break;
		repeats = frame[1] == last ? repeats + 1 : 0;
		if (repeats == 0) {
			pr_emerg("          %08x  %pS\n", frame[1],
				 (void *)(frame[1] - 1));
			lines++;
		} else if (repeats == 1) {
			pr_emerg("          ... and again, and again ...\n");
		}
		above = bp;
		last = frame[1];
		bp = frame[0];
	}
}

/* Is this return address the one of a `call` to the function that ip is in?
 *
 *   e8 <target - caller>      the call, 5 bytes
 *   caller:                   where it returns to
 */
static bool
is_caller_of(u32 caller, u32 ip)
{
	struct symbol sym;
	u8 opcode;
	u32 distance;

	return symbol_find(ip, &sym) &&
	       !copy_from_kernel_nofault(&opcode, (void *)(caller - 5), 1) &&
	       !copy_from_kernel_nofault(&distance, (void *)(caller - 4), 4) &&
	       opcode == 0xE8 && caller + distance == sym.address;
}

/* A function that has not built its frame, or never does (gcc leaves it out
 * where nothing needs it), hides its caller from the trace: but then the
 * return address is still on top of the stack. 0 if it is not. */
static u32
hidden_caller(const struct pt_regs *regs)
{
	void *sp = (void *)kernel_stack_pointer(regs);
	u32 caller;

	if (copy_from_kernel_nofault(&caller, sp, sizeof(caller)) ||
	    !is_code(caller))
		return 0;
	return !is_code(regs->ip) || is_caller_of(caller, regs->ip) ? caller
								    : 0;
}

void
report_trap(const struct pt_regs *regs, u32 cr2)
{
	char cause[160];

	if (regs->vector == TRAP_PAGE_FAULT)
		pr_emerg("*** page fault (exception 14): %s 0x%08x\n",
			 cr2 == regs->ip          ? "jump to"
			 : regs->error & PF_WRITE ? "write to"
						  : "read of",
			 cr2);
	else
		pr_emerg("*** %s (exception %u)\n", trap_name(regs->vector),
			 regs->vector);

	trap_cause(regs, cr2, cause, sizeof(cause));
	pr_emerg("at        %pS\n", (void *)regs->ip);
	pr_emerg("cause     %s\n", cause);
	if (regs->vector == TRAP_PAGE_FAULT)
		report_page_fault(regs, cr2);
	else if (regs->error)
		pr_emerg("error     0x%x\n", regs->error);
	report_registers(regs, cr2);
	report_code(regs->ip);
	report_backtrace(regs->ip, hidden_caller(regs), regs->bp);
}
