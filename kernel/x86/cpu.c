/* cpu.c - which processor this is, what it offers, and what of that we use.
 *
 *   CPUID leaf 0 --> highest leaf --> leaf 1, leaf 7 only if it exists
 *                    |                  (a leaf above it returns garbage)
 *                    v
 *   boot_cpu.features[word] bit  --> cpu_has(X86_FEATURE_...)
 *                                --> CR4: PSE PGE SMEP SMAP UMIP
 */
#include "cpu.h"
#include "patch.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define EFLAGS_ID     (1u << 21)
#define CPUID_BRAND   0x80000002u /* to ...4: the name, 16 bytes a leaf */
#define CPUID_EXT_MAX 0x80000000u

struct cpu_info boot_cpu;

/* The features that a bit of CR4 switches on. */
static const struct {
	unsigned int feature;
	u32 cr4;
} switched[] = {
	{X86_FEATURE_PSE, CR4_PSE},   {X86_FEATURE_PGE, CR4_PGE},
	{X86_FEATURE_SMEP, CR4_SMEP}, {X86_FEATURE_SMAP, CR4_SMAP},
	{X86_FEATURE_UMIP, CR4_UMIP},
};

/* A 486 has no CPUID; newer CPUs let EFLAGS.ID be flipped to say so. */
static bool __init
have_cpuid(void)
{
	unsigned long flags = local_save_flags();
	bool flips;

	local_irq_restore(flags ^ EFLAGS_ID);
	flips = (local_save_flags() ^ flags) & EFLAGS_ID;
	local_irq_restore(flags);
	return flips;
}

static void __init
read_model_name(void)
{
	u32 regs[4];
	u32 leaf;

	cpuid(CPUID_EXT_MAX, 0, regs);
	if (regs[0] < CPUID_BRAND + 2 || regs[0] > CPUID_EXT_MAX + 0xFFFF)
		return;
	for (leaf = 0; leaf < 3; leaf++) {
		cpuid(CPUID_BRAND + leaf, 0, regs);
		memcpy(boot_cpu.model_name + leaf * 16, regs, 16);
	}
}

static void __init
read_cpuid(void)
{
	u32 regs[4];

	cpuid(0, 0, regs);
	boot_cpu.max_leaf = regs[0];
	memcpy(boot_cpu.vendor, &regs[1], 4);
	memcpy(boot_cpu.vendor + 4, &regs[3], 4);
	memcpy(boot_cpu.vendor + 8, &regs[2], 4);
	read_model_name();

	if (boot_cpu.max_leaf >= 1) {
		cpuid(1, 0, regs);
		boot_cpu.stepping = regs[0] & 0xF;
		boot_cpu.model = (regs[0] >> 4 & 0xF) | (regs[0] >> 12 & 0xF0);
		boot_cpu.family = (regs[0] >> 8 & 0xF);
		if (boot_cpu.family == 0xF)
			boot_cpu.family += regs[0] >> 20 & 0xFF;
		boot_cpu.features[CPU_1_EDX] = regs[3];
		boot_cpu.features[CPU_1_ECX] = regs[2];
	}
	if (boot_cpu.max_leaf >= 7) {
		cpuid(7, 0, regs);
		boot_cpu.features[CPU_7_EBX] = regs[1];
		boot_cpu.features[CPU_7_ECX] = regs[2];
	}
}

void __init
cpu_init(void)
{
	u32 cr4 = 0;
	unsigned int i;

	strscpy(boot_cpu.platform, "i486", sizeof(boot_cpu.platform));
	if (!have_cpuid())
		return; /* no CPUID, no CR4 */
	read_cpuid();
	/* The Pentium Pro says that it had sysenter (SDM volume 2, SYSENTER). */
	if (boot_cpu.family == 6 && boot_cpu.model < 3 && boot_cpu.stepping < 3)
		boot_cpu.features[CPU_1_EDX] &= ~(1u << X86_FEATURE_SEP % 32);
	boot_cpu.platform[1] =
		'0' + max_t(u8, 4, min_t(u8, 6, boot_cpu.family));
	for (i = 0; i < ARRAY_SIZE(switched); i++)
		if (cpu_has(switched[i].feature))
			cr4 |= switched[i].cr4;
	if (cr4)
		write_cr4(read_cr4() | cr4);
	if (cr4 & CR4_SMAP)
		patch_smap();
}
