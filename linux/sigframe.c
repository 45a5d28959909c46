/* sigframe.c - what a handler finds on its stack, and the way back from it.
 *
 *   SA_SIGINFO: struct rt_frame            without: struct frame
 *
 *   high   what the program had there      <-- sp when the signal came
 *          struct fpstate                  16-byte aligned
 *          struct ucontext: registers      struct sigcontext, mask
 *          struct siginfo
 *          &ucontext, &siginfo, number     number
 *   low    where the handler returns to    <-- sp: 16-byte aligned, less 4
 *
 * The handler returns to `restorer`, the C library's or the vDSO's, which calls
 * sigreturn; so
 * whatever lies there by then becomes the program's registers. It may be forged:
 * selectors get privilege 3 (one that is not valid faults on the way out, in
 * the program), of the flags only those that ring 3 may change are taken, and
 * of the FPU's only bits that do not fault.
 */
#include "cpu.h"
#include "errno.h"
#include "layout.h"
#include "preempt.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"
#include "vdso.h"

#define FRAME_CODE 2 /* words; they were once run there */

/* Of the 512 bytes of fxsave the CPU uses so many in 32-bit mode; of the rest a
 * word says whether an image of xsave follows. */
#define FXSAVE_USED  288
#define FXSAVE_MAGIC 464

struct frame {
	u32 restorer, sig;
	struct sigcontext context;
	struct fpstate unused; /* where it was once; debuggers know */
	u32 mask_high;
	u32 code[FRAME_CODE];
};

struct rt_frame {
	u32 restorer, sig, info_at, context_at;
	struct siginfo info;
	struct ucontext uc;
	u32 code[FRAME_CODE];
};

/* Of EFLAGS: CF PF AF ZF SF TF DF OF RF AC. */
#define FLAGS_FREE  0x50DD5u
#define FLAGS_CLEAR 0x10500u /* TF DF RF: a handler begins without them */

/* The program's registers of the FPU, into the image; who switches threads puts
 * the same there. */
static const u8 *
fpu_image(void)
{
	struct process *p = current->process;

	preempt_disable();
	fpu_copy(&p->fpu);
	preempt_enable();
	return p->fpu.image;
}

/* --- The FPU ------------------------------------------------------------------ */

/* fxsave's tag has one bit a register: empty or not. The 8087 says of what is
 * not empty whether it is zero or special; 0, valid, does for all. */
static u32
tag_word(u8 used)
{
	u32 tag = 0xFFFF0000;

	if (!used)
		return ~0u;
	for (unsigned int i = 0; i < 8; i++)
		if (!(used & 1u << i))
			tag |= 3u << (2 * i);
	return tag;
}

static bool
put_fpstate(struct fpstate __user *to)
{
	const u8 *image = fpu_image();
	struct fpstate st;

	if (!cpu_has(X86_FEATURE_FXSR))
		return !copy_to_user(to, image, 108) &&
		       !put_user((u16)0xFFFF, &to->magic);
	st.cw = 0xFFFF0000 | *(const u16 *)image;
	st.status = *(const u16 *)&image[2];
	st.sw = 0xFFFF0000 | st.status;
	st.tag = tag_word(image[4]);
	st.ip = *(const u32 *)&image[8];
	st.cs = *(const u16 *)&image[12];
	st.data = *(const u32 *)&image[16];
	st.ds = 0xFFFF0000 | *(const u16 *)&image[20];
	for (unsigned int i = 0; i < 8; i++) {
		*(u64 *)st.st[i] = *(const u64 *)&image[32 + 16 * i];
		*(u16 *)&st.st[i][8] = *(const u16 *)&image[40 + 16 * i];
	}
	st.magic = 0;
	return !copy_to_user(to, &st, offsetof(struct fpstate, fxsave)) &&
	       !copy_to_user(to->fxsave, image, FXSAVE_USED) &&
	       !put_user(0u, (u32 __user *)&to->fxsave[FXSAVE_MAGIC]);
}

/* Where there is no fxsave image, the registers are as in a new program. */
static bool
get_fpstate(const struct fpstate __user *from)
{
	struct fpu_state state;
	bool loaded = true;

	if (from &&
	    (cpu_has(X86_FEATURE_FXSR)
		     ? copy_from_user(state.image, from->fxsave, FXSAVE_USED)
		     : copy_from_user(state.image, from, 108)))
		return false;
	preempt_disable();
	if (from) {
		fpu_sanitize(&state);
		loaded = fpu_restore(&state);
	} else {
		fpu_reset();
	}
	preempt_enable();
	return loaded;
}

/* Those that happened and are not masked; MXCSR has the masks above the flags. */
int
signal_fpu_code(bool sse)
{
	static const struct {
		u8 bits, code;
	} codes[] = {{0x01, FPE_FLTINV},
		     {0x04, FPE_FLTDIV},
		     {0x08, FPE_FLTOVF},
		     {0x12, FPE_FLTUND},
		     {0x20, FPE_FLTRES}};
	const u8 *image = fpu_image();
	u32 happened, masked;

	happened = sse ? *(const u16 *)&image[24]
		       : image[cpu_has(X86_FEATURE_FXSR) ? 2 : 4];
	masked = sse ? happened >> 7 : image[0];
	for (unsigned int i = 0; i < ARRAY_SIZE(codes); i++)
		if (happened & ~masked & codes[i].bits)
			return codes[i].code;
	return 0;
}

/* --- The registers ------------------------------------------------------------ */

static void
registers_get(struct sigcontext *to, const struct pt_regs *regs,
	      const struct sig_info *info)
{
	bool trap = regs->vector < NR_EXCEPTIONS;

	*to = (struct sigcontext){
		.gs = regs->gs,
		.fs = regs->fs,
		.es = regs->es,
		.ds = regs->ds,
		.di = regs->di,
		.si = regs->si,
		.bp = regs->bp,
		.sp = regs->sp,
		.bx = regs->bx,
		.dx = regs->dx,
		.cx = regs->cx,
		.ax = regs->ax,
		.trap = trap ? regs->vector : 0,
		.error = trap ? regs->error : 0,
		.ip = regs->ip,
		.cs = regs->cs,
		.flags = regs->flags,
		.sp_at_signal = regs->sp,
		.ss = regs->ss,
		.cr2 = regs->vector == TRAP_PAGE_FAULT ? info->field[0] : 0,
	};
}

static bool
set_registers(struct pt_regs *regs, const struct sigcontext *c)
{
	regs->gs = c->gs & 0xFFFF;
	regs->fs = c->fs & 0xFFFF;
	regs->es = c->es & 0xFFFF;
	regs->ds = c->ds & 0xFFFF;
	regs->di = c->di;
	regs->si = c->si;
	regs->bp = c->bp;
	regs->sp = c->sp;
	regs->bx = c->bx;
	regs->dx = c->dx;
	regs->cx = c->cx;
	regs->ax = c->ax;
	regs->ip = c->ip;
	regs->cs = (c->cs & 0xFFFF) | 3;
	regs->ss = (c->ss & 0xFFFF) | 3;
	regs->flags = (regs->flags & ~FLAGS_FREE) | (c->flags & FLAGS_FREE);
	regs->vector = 0; /* no system call: nothing to begin anew */
	return get_fpstate((struct fpstate __user *)c->fpstate);
}

/* --- The other stack ---------------------------------------------------------- */

static bool
on_stack(const struct sigaltstack *stack, u32 sp)
{
	return sp - stack->sp - 1 < stack->size;
}

static u32
stack_flags(const struct sigaltstack *stack, u32 sp)
{
	if (!stack->size)
		return SS_DISABLE;
	return on_stack(stack, sp) ? SS_ONSTACK : 0;
}

static int
set_stack(const struct sigaltstack *new, u32 sp)
{
	struct sigaltstack *stack = &current->process->sig.stack;

	if (on_stack(stack, sp))
		return -EPERM;
	if (new->flags & ~(SS_DISABLE | SS_ONSTACK) || new->flags == 3)
		return -EINVAL;
	if (new->flags == SS_DISABLE)
		stack->sp = stack->size = 0;
	else if (new->size < MINSIGSTKSZ)
		return -ENOMEM;
	else
		*stack = (struct sigaltstack){new->sp, 0, new->size};
	return 0;
}

static long __syscall
sys_sigaltstack(const struct sigaltstack __user *new,
		struct sigaltstack __user *old)
{
	struct sigaltstack stack, was = current->process->sig.stack;
	u32 sp = current_regs()->sp;
	int err;

	was.flags = stack_flags(&was, sp);
	if (new) {
		if (copy_from_user(&stack, new, sizeof(stack)))
			return -EFAULT;
		err = set_stack(&stack, sp);
		if (err)
			return err;
	}
	return old && copy_to_user(old, &was, sizeof(was)) ? -EFAULT : 0;
}
SYSCALL(186, sigaltstack, sys_sigaltstack, 2);

/* --- To the handler ----------------------------------------------------------- */

/* => where a frame of that size goes, its fpstate above it; 0: no room */
static u32
frame_place(const struct pt_regs *regs, u32 flags, size_t size, u32 *fpstate)
{
	const struct sigaltstack *stack = &current->process->sig.stack;
	u32 sp = regs->sp, place;
	bool other = on_stack(stack, sp);

	if ((flags & SA_ONSTACK) && stack->size && !other) {
		sp = stack->sp + stack->size;
		other = true;
	}
	*fpstate = ALIGN_DOWN(sp - sizeof(struct fpstate), 16);
	place = ALIGN_DOWN(*fpstate - size + 4, 16) - 4;
	if (place > sp || (other && place < stack->sp))
		return 0;
	return place;
}

static bool
put_frame(struct pt_regs *regs, u32 place, u32 fpstate, u64 mask,
	  const struct sig_info *info, u32 restorer)
{
	struct frame __user *to = (struct frame __user *)place;
	struct sigcontext context;

	registers_get(&context, regs, info);
	context.fpstate = fpstate;
	context.oldmask = (u32)mask;
	regs->dx = regs->cx = 0;
	return !put_user(restorer ? restorer : (u32)vdso_sigreturn,
			 &to->restorer) &&
	       !put_user((u32)info->sig, &to->sig) &&
	       !copy_to_user(&to->context, &context, sizeof(context)) &&
	       !put_user((u32)(mask >> 32), &to->mask_high);
}

static bool
put_rt_frame(struct pt_regs *regs, u32 place, u32 fpstate, u64 mask,
	     const struct sig_info *info, u32 restorer)
{
	struct rt_frame __user *to = (struct rt_frame __user *)place;
	struct rt_frame frame;

	frame.restorer = restorer ? restorer : (u32)vdso_rt_sigreturn;
	frame.sig = (u32)info->sig;
	frame.info_at = (u32)&to->info;
	frame.context_at = (u32)&to->uc;
	frame.info = (struct siginfo){.sig = info->sig, .code = info->code};
	for (unsigned int i = 0; i < ARRAY_SIZE(info->field); i++)
		frame.info.field[i] = info->field[i];
	frame.uc.flags = frame.uc.link = 0;
	frame.uc.stack = current->process->sig.stack;
	frame.uc.stack.flags = stack_flags(&frame.uc.stack, regs->sp);
	frame.uc.mask = mask;
	registers_get(&frame.uc.context, regs, info);
	frame.code[0] = frame.code[1] = 0;
	frame.uc.context.fpstate = fpstate;
	frame.uc.context.oldmask = (u32)mask;
	regs->dx = frame.info_at;
	regs->cx = frame.context_at;
	return !copy_to_user(to, &frame, sizeof(frame));
}

bool
signal_frame(struct pt_regs *regs, const struct sig_info *info,
	     const struct sigaction *action)
{
	const struct signals *s = &current->process->sig;
	bool rt = action->flags & SA_SIGINFO;
	u64 mask = s->restore ? s->saved : s->blocked;
	u32 restorer = action->flags & SA_RESTORER ? action->restorer : 0;
	size_t size = rt ? sizeof(struct rt_frame) : sizeof(struct frame);
	u32 fpstate, place;

	place = frame_place(regs, action->flags, size, &fpstate);
	if (!place || !put_fpstate((struct fpstate __user *)fpstate))
		return false;
	if (!(rt ? put_rt_frame : put_frame)(regs, place, fpstate, mask, info,
					     restorer))
		return false;
	regs->ax = (u32)info->sig;
	regs->sp = place;
	regs->ip = action->handler;
	regs->cs = SEL_USER_CODE;
	regs->ds = regs->es = regs->ss = SEL_USER_DATA;
	regs->flags &= ~FLAGS_CLEAR;
	preempt_disable();
	fpu_reset();
	preempt_enable();
	return true;
}

/* --- And back ----------------------------------------------------------------- */

static long
bad_frame(void)
{
	force_sig_fault(SIGSEGV, SI_KERNEL, 0);
	return 0;
}

/* The restorer has popped the number: sp is 8 above the frame. */
static long __syscall
sys_sigreturn(void)
{
	struct pt_regs *regs = current_regs();
	struct frame __user *from = (struct frame __user *)(regs->sp - 8);
	struct sigcontext context;
	u32 mask_high = 0;

	if (copy_from_user(&context, &from->context, sizeof(context)) ||
	    get_user(mask_high, &from->mask_high))
		return bad_frame();
	signal_block(context.oldmask | (u64)mask_high << 32);
	if (!set_registers(regs, &context))
		return bad_frame();
	return (long)regs->ax;
}
SYSCALL(119, sigreturn, sys_sigreturn, 0);

static long __syscall
sys_rt_sigreturn(void)
{
	struct pt_regs *regs = current_regs();
	struct rt_frame __user *from = (struct rt_frame __user *)(regs->sp - 4);
	struct ucontext uc;

	if (copy_from_user(&uc, &from->uc, sizeof(uc)))
		return bad_frame();
	signal_block(uc.mask);
	if (!set_registers(regs, &uc.context))
		return bad_frame();
	(void)set_stack(&uc.stack, regs->sp); /* or it stays as it is */
	return (long)regs->ax;
}
SYSCALL(173, rt_sigreturn, sys_rt_sigreturn, 0);
