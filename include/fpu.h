/* fpu.h - the floating-point and SSE registers, as something to put away.
 *
 * The kernel itself uses none (-mgeneral-regs-only), so they hold what a user
 * thread left there until fpu_restore says otherwise: only who switches from
 * one user thread to another has to act.
 */
#ifndef FPU_H
#define FPU_H

#include "types.h"

/* What a thread has in them: the image of fxsave, or, where the CPU has no
 * such instruction, of fnsave (108 bytes). */
struct fpu_state {
	u8 image[512];
} __aligned(16);

/* fpu_init: switch on what this CPU has. => boot, once per CPU, after
 * cpu_init */
void fpu_init(void);

/* fpu_save: the registers into *state; they are undefined afterwards.
 * fpu_copy: likewise, and they stay as they are.
 * fpu_restore: *state into them. => false: the CPU has refused it (a program
 *    has made it up), and they are as in a new program
 * => preemption off; without an FPU both do nothing
 * fpu_sanitize: of a state from a program, what this CPU does not have. */
void fpu_save(struct fpu_state *state);
void fpu_copy(struct fpu_state *state);
bool fpu_restore(const struct fpu_state *state);
void fpu_sanitize(struct fpu_state *state);

/* fpu_reset: what a program starts with: all registers empty or 0, all exceptions
 * masked, control word 0x37F, MXCSR 0x1F80. => preemption off
 * fpu_reset_state: the same in *state. => any context */
void fpu_reset(void);
void fpu_reset_state(struct fpu_state *state);

#endif
