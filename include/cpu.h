/* cpu.h - what this processor can do, read once from CPUID. */
#ifndef CPU_H
#define CPU_H

#include "types.h"

/* A feature is word * 32 + bit; the words are CPUID's output registers. */
enum cpu_word {
	CPU_1_EDX,
	CPU_1_ECX,
	CPU_7_EBX,
	CPU_7_ECX,
	NR_CPU_WORDS
};

#define X86_FEATURE_FPU  (CPU_1_EDX * 32 + 0)
#define X86_FEATURE_PSE  (CPU_1_EDX * 32 + 3)
#define X86_FEATURE_TSC  (CPU_1_EDX * 32 + 4)
#define X86_FEATURE_SEP  (CPU_1_EDX * 32 + 11)
#define X86_FEATURE_PGE  (CPU_1_EDX * 32 + 13)
#define X86_FEATURE_CMOV (CPU_1_EDX * 32 + 15)
#define X86_FEATURE_FXSR (CPU_1_EDX * 32 + 24)
#define X86_FEATURE_SSE  (CPU_1_EDX * 32 + 25)
#define X86_FEATURE_SMEP (CPU_7_EBX * 32 + 7)
#define X86_FEATURE_SMAP (CPU_7_EBX * 32 + 20)
#define X86_FEATURE_UMIP (CPU_7_ECX * 32 + 2)

struct cpu_info {
	char vendor[13]; /* "GenuineIntel"; "" on a CPU without CPUID */
	char model_name[49];
	char platform[5]; /* "i486", "i586", "i686": as Linux calls them */
	u8 family, model, stepping;
	u32 max_leaf; /* the highest CPUID leaf there is */
	u32 features[NR_CPU_WORDS];
	u32 tsc_khz; /* TSC ticks a millisecond; 0: unknown, or no TSC */
};

extern struct cpu_info boot_cpu;

static inline bool
cpu_has(unsigned int feature)
{
	return boot_cpu.features[feature / 32] >> (feature % 32) & 1;
}

/* cpu_init: read CPUID and switch on what protects us: PSE, PGE, SMEP, SMAP,
 * UMIP, where offered. => boot, once per CPU */
void cpu_init(void);

/* gdt_init: this CPU's descriptor table, task state segment and per-CPU
 * segment. double_fault_set_cr3: the address space that the double-fault task
 * will run in. => boot */
void gdt_init(void);
void double_fault_set_cr3(phys_addr_t cr3);

/* gdt_set_user: the three descriptors that are the running thread's, GDT entries
 * 6 to 8, and where ring 3's traps will push. => interrupts off
 * gdt_tls_descriptor: a writable data segment of ring 3. flags: bit 3 the limit
 * counts pages, bit 2 32-bit.
 * sysenter_init: where sysenter leads, if cpu_has(X86_FEATURE_SEP). => boot */
void gdt_set_user(const u64 *tls, void *stack_top);
void sysenter_init(const void *entry);
u64 gdt_tls_descriptor(u32 base, u32 limit, u8 flags);

#endif
