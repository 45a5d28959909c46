/* uapi_signal.h - Linux's constants and structures for signals, as i386
 * programs have them. Names without Linux's prefixes: sig_, sa_, uc_, ss_.
 */
#ifndef LINUX_UAPI_SIGNAL_H
#define LINUX_UAPI_SIGNAL_H

#include "types.h"

#define SIGTTIN  21
#define SIGTTOU  22
#define SIGSYS   31
#define SIGRTMIN 32 /* from here on, each one sent is delivered */
#define NSIG     64

#define SIG_DFL 0u
#define SIG_IGN 1u

#define SA_NOCLDSTOP 0x00000001u
#define SA_NOCLDWAIT 0x00000002u
#define SA_SIGINFO   0x00000004u
#define SA_RESTORER  0x04000000u
#define SA_ONSTACK   0x08000000u
#define SA_RESTART   0x10000000u
#define SA_NODEFER   0x40000000u
#define SA_RESETHAND 0x80000000u

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SS_ONSTACK  1u
#define SS_DISABLE  2u
#define MINSIGSTKSZ 2048u

#define SI_USER       0
#define SI_QUEUE      (-1)
#define SI_TKILL      (-6)
#define FPE_FLTDIV    3
#define FPE_FLTOVF    4
#define FPE_FLTUND    5
#define FPE_FLTRES    6
#define FPE_FLTINV    7
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/* Of a handler: rt_sigaction's. */
struct sigaction {
	u32 handler, flags, restorer;
	u64 mask;
};
static_assert(sizeof(struct sigaction) == 20, "the kernel's sigaction");

/* field: of a kill pid, uid, value; of a child pid, uid, status; of a fault its
 * address. */
struct siginfo {
	int sig, error, code;
	u32 field[29];
};
static_assert(sizeof(struct siginfo) == 128, "Linux's siginfo_t");

struct sigaltstack {
	u32 sp, flags, size;
};

/* The registers, as a handler finds them. */
struct sigcontext {
	u32 gs, fs, es, ds, di, si, bp, sp, bx, dx, cx, ax;
	u32 trap, error, ip, cs, flags, sp_at_signal, ss;
	u32 fpstate; /* struct fpstate *, or 0 */
	u32 oldmask; /* signals 1 to 32, without SA_SIGINFO */
	u32 cr2;
};
static_assert(sizeof(struct sigcontext) == 88, "i386's sigcontext");

struct ucontext {
	u32 flags, link;
	struct sigaltstack stack;
	struct sigcontext context;
	u64 mask;
};
static_assert(sizeof(struct ucontext) == 116, "i386's ucontext");

/* The 8087's registers, and those of fxsave. */
struct fpstate {
	u32 cw, sw, tag, ip, cs, data, ds;
	u8 st[8][10];
	u16 status, magic; /* magic: 0 if fxsave has been saved */
	u8 fxsave[512];
};
static_assert(sizeof(struct fpstate) == 624, "i386's _fpstate");

#endif
