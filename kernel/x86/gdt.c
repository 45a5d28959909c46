/* gdt.c - segments: flat ones that hide segmentation, and the three that do
 * something: the task state, the double-fault task, and per-CPU data in %fs.
 *
 *   index  selector  what
 *     0      0x00    null: loading it is legal, using it faults
 *     1      0x08    kernel code  \
 *     2      0x10    kernel data   | base 0, limit 4 GiB: an address is
 *     3      0x1B    user code     | what it looks like
 *     4      0x23    user data    /
 *     5      0x28    TSS: where ring 0's stack begins
 *    6-8             user TLS, at the indices where Linux i386 has them
 *     9      0x48    per-CPU data, loaded in %fs from entry on
 *    10      0x50    TSS of the double-fault task
 *
 * A double fault means that the CPU could not even push a frame: the stack is
 * gone. A task gate makes it switch to a whole other state, stack included.
 *
 * Guarantees: after gdt_init nothing of the loader's descriptors is in use.
 */
#include "cpu.h"
#include "layout.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

#define GDT_ENTRIES 11
#define GDT_TLS     6

/* Access bytes (SDM volume 3, section 3.4.5): present, ring, type. */
#define ACCESS_KERNEL_CODE 0x9A
#define ACCESS_KERNEL_DATA 0x92
#define ACCESS_USER_CODE   0xFA
#define ACCESS_USER_DATA   0xF2
#define ACCESS_TSS         0x89
#define FLAGS_PAGES_32BIT  0xC /* limit counts pages, 32-bit */

/* The 32-bit task state segment, as the CPU reads and writes it. */
struct tss {
	u32 link;
	u32 sp0, ss0; /* the stack for traps from ring 3 */
	u32 sp1, ss1, sp2, ss2;
	u32 cr3;
	u32 ip, flags;
	u32 ax, cx, dx, bx, sp, bp, si, di;
	u32 es, cs, ss, ds, fs, gs;
	u32 ldt;
	u16 trap, iomap;
};
static_assert(sizeof(struct tss) == 104, "the CPU's format");
static_assert(offsetof(struct tss, sp0) == 4, "vdso.asm: TSS_SP0");

/* sysenter loads cs, ss, esp and eip from these. */
#define MSR_SYSENTER_CS  0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176

struct gdt_pointer {
	u16 limit;
	u32 base;
} __packed;

/* Per CPU; there is one. */
static struct {
	u64 gdt[GDT_ENTRIES] __aligned(8);
	u32 sysenter_stack
		[16]; /* ends at the TSS: a trap right behind sysenter */
	struct tss tss;
	struct tss double_fault_tss;
	u8 double_fault_stack[4096] __aligned(16);
} cpu0;

void gdt_load(const struct gdt_pointer *pointer);

static u64
descriptor(u32 base, u32 limit, u8 access, u8 flags)
{
	return (limit & 0xFFFF) | (u64)(base & 0xFFFFFF) << 16 |
	       (u64)access << 40 | (u64)(limit >> 16 & 0xF) << 48 |
	       (u64)flags << 52 | (u64)(base >> 24) << 56;
}

static u64 __init
tss_descriptor(const struct tss *tss)
{
	return descriptor((u32)tss, sizeof(*tss) - 1, ACCESS_TSS, 0);
}

/* The double-fault task begins here, on its own stack. What was running is in
 * the TSS that the CPU left; a report is all that can still be done. */
static void __noreturn
double_fault_task(void)
{
	const struct tss *t = &cpu0.tss;
	struct pt_regs regs = {
		.bx = t->bx,
		.cx = t->cx,
		.dx = t->dx,
		.si = t->si,
		.di = t->di,
		.bp = t->bp,
		.ax = t->ax,
		.ds = t->ds,
		.es = t->es,
		.fs = t->fs,
		.gs = t->gs,
		.vector = TRAP_DOUBLE_FAULT,
		.error = 0,
		.ip = t->ip,
		.cs = t->cs,
		.flags = t->flags,
		.sp = t->sp,
		.ss = t->ss,
	};

	trap_fatal(&regs, read_cr2());
}

static void __init
tss_init(void)
{
	cpu0.tss.ss0 = SEL_KERNEL_DATA;
	cpu0.tss.iomap = sizeof(struct tss); /* no port is open to ring 3 */

	cpu0.double_fault_tss = (struct tss){
		.cr3 = read_cr3(),
		.ip = (u32)double_fault_task,
		.flags = EFLAGS_FIXED,
		.sp = (u32)ARRAY_END(cpu0.double_fault_stack),
		.cs = SEL_KERNEL_CODE,
		.ss = SEL_KERNEL_DATA,
		.ds = SEL_KERNEL_DATA,
		.es = SEL_KERNEL_DATA,
		.fs = SEL_PERCPU,
		.iomap = sizeof(struct tss),
	};
}

void
double_fault_set_cr3(phys_addr_t cr3)
{
	cpu0.double_fault_tss.cr3 = cr3;
}

void
gdt_set_user(const u64 *tls, void *stack_top)
{
	u64 *gdt = &cpu0.gdt[GDT_TLS];

	gdt[0] = tls[0];
	gdt[1] = tls[1];
	gdt[2] = tls[2];
	cpu0.tss.sp0 = (u32)stack_top;
}

void
sysenter_init(const void *entry)
{
	wrmsr(MSR_SYSENTER_CS, SEL_KERNEL_CODE);
	wrmsr(MSR_SYSENTER_ESP, (u32)&cpu0.tss);
	wrmsr(MSR_SYSENTER_EIP, (u32)entry);
}

u64
gdt_tls_descriptor(u32 base, u32 limit, u8 flags)
{
	return descriptor(base, limit, ACCESS_USER_DATA, flags);
}

void __init
gdt_init(void)
{
	u64 *gdt = cpu0.gdt;
	struct gdt_pointer pointer = {sizeof(cpu0.gdt) - 1, (u32)gdt};

	gdt[SEL_KERNEL_CODE / 8] =
		descriptor(0, 0xFFFFF, ACCESS_KERNEL_CODE, FLAGS_PAGES_32BIT);
	gdt[SEL_KERNEL_DATA / 8] =
		descriptor(0, 0xFFFFF, ACCESS_KERNEL_DATA, FLAGS_PAGES_32BIT);
	gdt[SEL_USER_CODE / 8] =
		descriptor(0, 0xFFFFF, ACCESS_USER_CODE, FLAGS_PAGES_32BIT);
	gdt[SEL_USER_DATA / 8] =
		descriptor(0, 0xFFFFF, ACCESS_USER_DATA, FLAGS_PAGES_32BIT);
	/* The boot CPU's per-CPU data is the linked copy itself: base 0. */
	gdt[SEL_PERCPU / 8] =
		descriptor(0, 0xFFFFF, ACCESS_KERNEL_DATA, FLAGS_PAGES_32BIT);
	gdt[SEL_TSS / 8] = tss_descriptor(&cpu0.tss);
	gdt[SEL_DF_TSS / 8] = tss_descriptor(&cpu0.double_fault_tss);

	tss_init();
	gdt_load(&pointer);
}
