/* sigold.c - the calls about signals from when there were 31 of them: what
 * programs without a C library like to use.
 *
 *   blocked   [ 64 ... 33 | 32 ... 1 ]
 *                stays        theirs: an u32
 *
 * The numbers are those of i386; the C library has not used them for long.
 */
#include "errno.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"

/* Of a handler, as it was. */
struct old_sigaction {
	u32 handler, mask, flags, restorer;
};

static bool
is_signal(int sig, bool change)
{
	return sig >= 1 && sig <= NSIG &&
	       !(change && (SIGMASK(sig) & SIGNALS_NEVER_BLOCKED));
}

/* => the handler before */
static long __syscall
sys_signal(int sig, u32 handler)
{
	const struct sigaction action = {.handler = handler,
					 .flags = SA_RESETHAND | SA_NODEFER};
	struct sigaction was;

	if (!is_signal(sig, true))
		return -EINVAL;
	signal_set_action(sig, &action, &was);
	return (long)was.handler;
}
SYSCALL(48, signal, sys_signal, 2);

static long __syscall
sys_sigaction(int sig, const struct old_sigaction __user *new,
	      struct old_sigaction __user *old)
{
	struct sigaction action, was;
	struct old_sigaction a;

	if (!is_signal(sig, new != NULL))
		return -EINVAL;
	if (new) {
		if (copy_from_user(&a, new, sizeof(a)))
			return -EFAULT;
		action = (struct sigaction){a.handler, a.flags, a.restorer,
					    a.mask};
	}
	signal_set_action(sig, new ? &action : NULL, &was);
	a = (struct old_sigaction){was.handler, (u32)was.mask, was.flags,
				   was.restorer};
	return old && copy_to_user(old, &a, sizeof(a)) ? -EFAULT : 0;
}
SYSCALL(67, sigaction, sys_sigaction, 3);

static long __syscall
sys_sgetmask(void)
{
	return (long)(u32)current->process->sig.blocked;
}
SYSCALL(68, sgetmask, sys_sgetmask, 0);

static long __syscall
sys_ssetmask(u32 mask)
{
	u32 was = (u32)current->process->sig.blocked;

	signal_block(mask);
	return (long)was;
}
SYSCALL(69, ssetmask, sys_ssetmask, 1);

/* The mask is the third one. */
static long __syscall
sys_sigsuspend(u32 unused __maybe_unused, u32 other __maybe_unused, u32 mask)
{
	return signal_wait_with(mask);
}
SYSCALL(72, sigsuspend, sys_sigsuspend, 3);

static long __syscall
sys_sigpending(u32 __user *user)
{
	return put_user((u32)signal_waiting(), user) ? -EFAULT : 0;
}
SYSCALL(73, sigpending, sys_sigpending, 1);

static long __syscall
sys_sigprocmask(int how, const u32 __user *new, u32 __user *old)
{
	u64 was = current->process->sig.blocked;
	u32 set = 0;

	if (new) {
		if (get_user(set, new))
			return -EFAULT;
		if (how == SIG_BLOCK)
			signal_block(was | set);
		else if (how == SIG_UNBLOCK)
			signal_block(was & ~(u64)set);
		else if (how == SIG_SETMASK)
			signal_block((was >> 32 << 32) | set);
		else
			return -EINVAL;
	}
	return old && put_user((u32)was, old) ? -EFAULT : 0;
}
SYSCALL(126, sigprocmask, sys_sigprocmask, 3);
