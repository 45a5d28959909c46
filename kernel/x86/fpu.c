/* fpu.c - putting floating-point and SSE registers away, and back.
 *
 *   fxsave, 512 bytes                      fnsave, 108 bytes
 *   0    FCW  FSW  FTW  ...                0    FCW  --  FSW  --  FTW  --  ...
 *   24   MXCSR                             28   st0..st7, 10 bytes each
 *   32   st0..st7, 16 bytes each
 *   160  xmm0..xmm7, 16 bytes each         a CPU without FXSR: no SSE either
 *
 * Eager: who switches threads saves and restores at once. The alternative, a
 * trap (CR0.TS) at the first use, costs more than it saves where most
 * programs use SSE, and lets a speculating CPU see another's registers.
 *
 * CR4.OSXSAVE stays off: no program may then use AVX, whose registers would
 * need a larger image, and glibc looks before it does.
 */
#include "cpu.h"
#include "fpu.h"
#include "panic.h"
#include "string.h"
#include "x86.h"

/* In the images (SDM volume 1, sections 8.1.10 and 10.5.1). */
#define FCW          0 /* both */
#define FXSAVE_MXCSR 24
#define FXSAVE_MASK  28 /* which bits MXCSR has; 0: MASK_DEFAULT */
#define FNSAVE_FTW   8

#define FCW_DEFAULT   0x37F  /* all exceptions masked, 64 bits of mantissa */
#define FTW_EMPTY     0xFFFF /* two bits each; fxsave: one bit, 0 is empty */
#define MXCSR_DEFAULT 0x1F80 /* all exceptions masked, round to nearest */
#define MASK_DEFAULT  0xFFBF /* of CPUs that do not say; they have no DAZ */

static struct fpu_state initial; /* (C) */
static u32 mxcsr_mask;           /* (C) */

/* From the CPU itself, once: an image may be a program's. */
static void __init
read_mxcsr_mask(void)
{
	struct fpu_state *state = &initial;

	fxsave(state);
	mxcsr_mask = *(u32 *)&state->image[FXSAVE_MASK] ?: MASK_DEFAULT;
	*state = (struct fpu_state){{0}};
}

void __init
fpu_init(void)
{
	u32 cr0 = read_cr0() & ~(CR0_EM | CR0_TS | CR0_MP | CR0_NE);

	if (!cpu_has(X86_FEATURE_FPU)) {
		write_cr0(cr0 | CR0_EM);
		return;
	}
	write_cr0(cr0 | CR0_MP | CR0_NE);
	if (cpu_has(X86_FEATURE_FXSR)) {
		write_cr4(read_cr4() | CR4_OSFXSR |
			  (cpu_has(X86_FEATURE_SSE) ? CR4_OSXMMEXCPT : 0));
		read_mxcsr_mask();
		*(u32 *)&initial.image[FXSAVE_MXCSR] = MXCSR_DEFAULT;
	} else {
		*(u16 *)&initial.image[FNSAVE_FTW] = FTW_EMPTY;
	}
	*(u16 *)&initial.image[FCW] = FCW_DEFAULT;
	if (!fpu_restore(&initial))
		panic("the FPU refuses to begin");
}

void
fpu_save(struct fpu_state *state)
{
	if (cpu_has(X86_FEATURE_FXSR))
		fxsave(state);
	else if (cpu_has(X86_FEATURE_FPU))
		fnsave(state);
}

/* Only fnsave disturbs them. */
void
fpu_copy(struct fpu_state *state)
{
	fpu_save(state);
	if (!cpu_has(X86_FEATURE_FXSR))
		fpu_restore(state);
}

/* Where it is refused, some of the registers may have been loaded already. */
bool
fpu_restore(const struct fpu_state *state)
{
	if (cpu_has(X86_FEATURE_FXSR)) {
		fxrstor(state, refused);
	} else if (cpu_has(X86_FEATURE_FPU)) {
		fnclex();
		frstor(state, refused);
	}
	return true;
refused:
	if (state != &initial)
		fpu_restore(&initial);
	return false;
}

void
fpu_sanitize(struct fpu_state *state)
{
	if (cpu_has(X86_FEATURE_FXSR))
		*(u32 *)&state->image[FXSAVE_MXCSR] &= mxcsr_mask;
}

void
fpu_reset(void)
{
	fpu_restore(&initial);
}

void
fpu_reset_state(struct fpu_state *state)
{
	memcpy(state, &initial, sizeof(*state));
}
