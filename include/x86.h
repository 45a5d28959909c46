/* x86.h - the instructions that C has no words for.
 *
 * Every inline assembly statement of the kernel stands here, in uaccess.h or
 * in the few files that tools/lint.sh lists. Names are Linux's where it has
 * them.
 */
#ifndef X86_H
#define X86_H

#include "types.h"

/* Control register bits (Intel SDM volume 3, section 2.5). */
#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2) /* no FPU: its instructions trap */
#define CR0_TS (1u << 3) /* the FPU's instructions trap, this once */
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16) /* ring 0 too obeys read-only pages */
#define CR0_PG (1u << 31)

#define CR4_PSE        (1u << 4) /* 4 MiB pages */
#define CR4_PGE        (1u << 7) /* global pages survive a CR3 load */
#define CR4_OSFXSR     (1u << 9) /* fxsave saves SSE registers; SSE is allowed */
#define CR4_OSXMMEXCPT (1u << 10) /* SSE exceptions have a vector */
#define CR4_UMIP       (1u << 11) /* sgdt and friends fault in ring 3 */
#define CR4_OSXSAVE    (1u << 18) /* xsave and AVX: never set */
#define CR4_SMEP       (1u << 20) /* ring 0 cannot execute user pages */
#define CR4_SMAP       (1u << 21) /* ring 0 cannot touch user pages unasked */

#define EFLAGS_FIXED (1u << 1)
#define EFLAGS_TF    (1u << 8) /* a trap after each instruction */
#define EFLAGS_IF    (1u << 9)
#define EFLAGS_IOPL  (3u << 12)
#define EFLAGS_VM    (1u << 17) /* virtual-8086 mode */
#define EFLAGS_AC    (1u << 18) /* with SMAP: ring 0 may touch user pages */

/* Port input and output: outb(value, port), inb(port), and so on. */
#define X86_PORT_ACCESS(letter, type)                                  \
	static inline void out##letter(type value, u16 port)           \
	{                                                              \
		__asm__ volatile("out" #letter " %0, %1" ::"a"(value), \
				 "Nd"(port));                          \
	}                                                              \
                                                                       \
	static inline type in##letter(u16 port)                        \
	{                                                              \
		type value;                                            \
                                                                       \
		__asm__ volatile("in" #letter " %1, %0"                \
				 : "=a"(value)                         \
				 : "Nd"(port));                        \
		return value;                                          \
	}

X86_PORT_ACCESS(b, u8)
X86_PORT_ACCESS(w, u16)
X86_PORT_ACCESS(l, u32)

/* Interrupts. local_irq_save returns the EFLAGS that local_irq_restore takes:
 * nesting works, the outermost restore turns them on again.
 *
 * halt: sleep until an interrupt. safe_halt turns interrupts on in the same
 * breath: sti delays them by one instruction, so none can slip in before the
 * hlt. */
#ifdef MEMOIR_HOST
#include "host/machine.h"
#else
#define local_irq_disable() __asm__ volatile("cli" ::: "memory")
#define local_irq_enable()  __asm__ volatile("sti" ::: "memory")
#define halt()              __asm__ volatile("hlt" ::: "memory")
#define safe_halt()         __asm__ volatile("sti; hlt" ::: "memory")

static inline unsigned long
local_save_flags(void)
{
	unsigned long flags;

	__asm__ volatile("pushf; pop %0" : "=rm"(flags)::"memory");
	return flags;
}

static inline void
local_irq_restore(unsigned long flags)
{
	__asm__ volatile("push %0; popf" ::"g"(flags) : "memory", "cc");
}
#endif

static inline unsigned long
local_irq_save(void)
{
	unsigned long flags = local_save_flags();

	local_irq_disable();
	return flags;
}

static inline bool
irqs_disabled(void)
{
	return !(local_save_flags() & EFLAGS_IF);
}

#define cpu_relax() __asm__ volatile("pause" ::: "memory")

/* software_interrupt: enter the kernel by this vector, a constant, as if the
 * line of that vector had fired. */
#define software_interrupt(vector) \
	__asm__ volatile("int %0" ::"i"(vector) : "memory")

/* The time stamp counter: only if cpu_has(X86_FEATURE_TSC). */
static inline u64
rdtsc(void)
{
	u64 tsc;

	__asm__ volatile("rdtsc" : "=A"(tsc)::"memory");
	return tsc;
}

static inline void
wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "A"(value) : "memory");
}

static inline void
cpuid(u32 leaf, u32 subleaf, u32 regs[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]),
			   "=d"(regs[3])
			 : "0"(leaf), "2"(subleaf));
}

/* Control registers. CR2 holds the address of the last page fault. */
#define X86_CR_ACCESS(n)                                                     \
	static inline unsigned long read_cr##n(void)                         \
	{                                                                    \
		unsigned long value;                                         \
                                                                             \
		__asm__ volatile("mov %%cr" #n ", %0"                        \
				 : "=r"(value)::"memory");                   \
		return value;                                                \
	}                                                                    \
                                                                             \
	static inline void write_cr##n(unsigned long value)                  \
	{                                                                    \
		__asm__ volatile("mov %0, %%cr" #n ::"r"(value) : "memory"); \
	}

X86_CR_ACCESS(0)
X86_CR_ACCESS(2)

#ifndef MEMOIR_HOST

X86_CR_ACCESS(3)
X86_CR_ACCESS(4)

/* DR6: why the last debug exception came. The CPU sets bits and clears none. */
#define DR6_NONE 0xFFFF0FF0u
#define DR6_STEP (1u << 14) /* by EFLAGS.TF */
static inline u32
read_dr6(void)
{
	u32 value;

	__asm__ volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}

static inline void
write_dr6(u32 value)
{
	__asm__ volatile("mov %0, %%dr6" ::"r"(value));
}

/* Forget one page's translation, global or not. */
static inline void
invlpg(const void *va)
{
	__asm__ volatile("invlpg %0" ::"m"(*(const char *)va) : "memory");
}

#endif

/* Reset the machine: with an IDT of no entries no exception can be delivered,
 * nor the double fault that follows, and the processor gives up. */
static inline void __noreturn
triple_fault(void)
{
	static const struct {
		u16 limit;
		u32 base;
	} __packed no_idt = {0, 0};

	__asm__ volatile("lidt %0; ud2" ::"m"(no_idt));
	__builtin_unreachable();
}

/* Swap a word with memory in one bus transaction: what a lock is made of. */
static inline u32
xchg(volatile u32 *p, u32 value)
{
	__asm__ volatile("xchg %0, %1" : "+r"(value), "+m"(*p)::"memory");
	return value;
}

/* The string instructions: n steps of one byte (b) or four (l) upwards. They
 * move the pointers that they are given past what they have done. C code runs
 * with EFLAGS.DF clear: interrupt entry sees to it. */
static inline void
rep_movsb(void **dst, const void **src, size_t n)
{
	__asm__ volatile("rep movsb"
			 : "+D"(*dst), "+S"(*src), "+c"(n)::"memory");
}

static inline void
rep_movsl(void **dst, const void **src, size_t n)
{
	__asm__ volatile("rep movsl"
			 : "+D"(*dst), "+S"(*src), "+c"(n)::"memory");
}

static inline void
rep_stosb(void **dst, u32 value, size_t n)
{
	__asm__ volatile("rep stosb"
			 : "+D"(*dst), "+c"(n)
			 : "a"(value)
			 : "memory");
}

static inline void
rep_stosl(void **dst, u32 value, size_t n)
{
	__asm__ volatile("rep stosl"
			 : "+D"(*dst), "+c"(n)
			 : "a"(value)
			 : "memory");
}

/* The FPU's registers to and from a struct fpu_state. fnsave, which writes only
 * the beginning, resets it, and frstor would trap on an exception that somebody
 * left pending. What the CPU refuses to load goes on at the label. */
#define FPU_LOAD(insn, state, label)                               \
	__asm__ volatile goto("1: " insn " %0\n\t"                 \
			      ".pushsection __ex_table, \"a\"\n\t" \
			      ".long 1b, %l[" #label "], 0\n\t"    \
			      ".popsection" ::"m"(*(state))::label)
#define fxsave(state)         __asm__ volatile("fxsave %0" : "=m"(*(state)))
#define fxrstor(state, label) FPU_LOAD("fxrstor", state, label)
#define fnsave(state)         __asm__ volatile("fnsave %0" : "+m"(*(state)))
#define fnclex()              __asm__ volatile("fnclex")
#define frstor(state, label)  FPU_LOAD("frstor", state, label)

/* copy_page: 4 KiB. */
static inline void
copy_page(void *to, const void *from)
{
	rep_movsl(&to, &from, 4096 / 4);
}

/* clear_page: 4 KiB to zero. */
static inline void
clear_page(void *page)
{
	rep_stosl(&page, 0, 4096 / 4);
}

#endif
