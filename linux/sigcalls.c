/* sigcalls.c - the system calls about signals: to send, to block, to wait.
 *
 *   kill(pid)     pid > 0: its program        0: the caller's group
 *                 -1: all but init and it     < -1: group -pid
 *   tkill, tgkill one thread
 *
 * Everybody is root, so nobody is refused.
 */
#include "errno.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"

#define SIGSET_SIZE 8u

/* --- Sending ---------------------------------------------------------------- */

static bool
is_meant(const struct process *p, int pid)
{
	const struct process *self;

	if (pid > 0)
		return p->pid == pid;
	self = current->process->leader;
	if (p->leader != p)
		return false;
	if (pid == -1)
		return p->pid != 1 && p != self;
	return p->pgid == (pid ? -pid : self->pgid);
}

/* info->sig 0: is there anybody? */
static long
send_to(int pid, const struct sig_info *info)
{
	struct process *p;
	unsigned long flags;
	long result = -ESRCH;

	spin_lock_irqsave(&process_lock, flags);
	for (p = pid > 0 ? process_find(pid) : process_next(NULL); p;
	     p = pid > 0 ? NULL : process_next(p)) {
		if (!is_meant(p, pid))
			continue;
		if (result)
			result = 0;
		if (info->sig)
			result = signal_send_info(p, info);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return result;
}

int
process_kill(int pid, int sig)
{
	const struct sig_info info = {sig, SI_USER, {0}};

	return send_to(pid, &info);
}

static long __syscall
sys_kill(int pid, int sig)
{
	const struct sig_info info = {sig,
				      SI_USER,
				      {(u32)current->process->tgid}};

	return (u32)sig > NSIG ? -EINVAL : send_to(pid, &info);
}
SYSCALL(37, kill, sys_kill, 2);

static long __syscall
sys_tgkill(int tgid, int tid, int sig)
{
	const struct sig_info info = {sig,
				      SI_TKILL,
				      {(u32)current->process->tgid}};
	struct process *p;
	unsigned long flags;
	long err = -ESRCH;

	if ((u32)sig > NSIG || tid <= 0 || tgid <= 0)
		return -EINVAL;
	spin_lock_irqsave(&process_lock, flags);
	p = process_find(tid);
	if (p && p->tgid == tgid)
		err = sig ? signal_thread(p, &info) : 0;
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}
SYSCALL(270, tgkill, sys_tgkill, 3);

static long __syscall
sys_tkill(int tid, int sig)
{
	const struct process *p;
	unsigned long flags;
	int tgid = 0;

	spin_lock_irqsave(&process_lock, flags);
	p = tid > 0 ? process_find(tid) : NULL;
	if (p)
		tgid = p->tgid;
	spin_unlock_irqrestore(&process_lock, flags);
	return tid > 0 && !tgid ? -ESRCH : sys_tgkill(tgid, tid, sig);
}
SYSCALL(238, tkill, sys_tkill, 2);

/* A number of one's own comes along; one may not say that the kernel sent it. */
static long __syscall
sys_rt_sigqueueinfo(int pid, int sig, const struct siginfo __user *user)
{
	struct siginfo info;
	struct sig_info sent = {.sig = sig};

	if (copy_from_user(&info, user, sizeof(info)))
		return -EFAULT;
	if ((u32)sig > NSIG || pid <= 0)
		return -EINVAL;
	if ((info.code >= 0 || info.code == SI_TKILL) &&
	    pid != current->process->tgid)
		return -EPERM;
	sent.code = info.code;
	memcpy(sent.field, info.field, sizeof(sent.field));
	return send_to(pid, &sent);
}
SYSCALL(178, rt_sigqueueinfo, sys_rt_sigqueueinfo, 3);

/* --- What is done about them, and when ---------------------------------------- */

static long __syscall
sys_rt_sigaction(int sig, const struct sigaction __user *new,
		 struct sigaction __user *old, u32 size)
{
	struct sigaction action, was;

	if (size != SIGSET_SIZE || sig < 1 || sig > NSIG ||
	    (new && (sig == SIGKILL || sig == SIGSTOP)))
		return -EINVAL;
	if (new &&copy_from_user(&action, new, sizeof(action)))
		return -EFAULT;
	signal_set_action(sig, new ? &action : NULL, &was);
	return old && copy_to_user(old, &was, sizeof(was)) ? -EFAULT : 0;
}
SYSCALL(174, rt_sigaction, sys_rt_sigaction, 4);

static long __syscall
sys_rt_sigprocmask(int how, const u64 __user *new, u64 __user *old, u32 size)
{
	u64 was = current->process->sig.blocked, set;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (new) {
		if (copy_from_user(&set, new, sizeof(set)))
			return -EFAULT;
		if (how == SIG_BLOCK)
			set |= was;
		else if (how == SIG_UNBLOCK)
			set = was & ~set;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		signal_block(set);
	}
	return old && copy_to_user(old, &was, sizeof(was)) ? -EFAULT : 0;
}
SYSCALL(175, rt_sigprocmask, sys_rt_sigprocmask, 4);

u64
signal_waiting(void)
{
	const struct process *p = current->process;
	unsigned long flags;
	u64 set;

	spin_lock_irqsave(&process_lock, flags);
	set = (p->sig.own.set | p->leader->sig.shared.set) & p->sig.blocked;
	spin_unlock_irqrestore(&process_lock, flags);
	return set;
}

static long __syscall
sys_rt_sigpending(u64 __user *user, u32 size)
{
	u64 set = signal_waiting();

	if (size > SIGSET_SIZE)
		return -EINVAL;
	return copy_to_user(user, &set, size) ? -EFAULT : 0;
}
SYSCALL(176, rt_sigpending, sys_rt_sigpending, 2);

/* --- Waiting for one ----------------------------------------------------------- */

static long __syscall
sys_pause(void)
{
	while (!signal_pending()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!signal_pending())
			schedule();
		set_current_state(TASK_RUNNING);
	}
	return -ERESTARTNOHAND;
}
SYSCALL(29, pause, sys_pause, 0);

long
signal_wait_with(u64 blocked)
{
	signal_block_for_now(blocked);
	return sys_pause();
}

static long __syscall
sys_rt_sigsuspend(const u64 __user *user, u32 size)
{
	u64 set;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&set, user, sizeof(set)))
		return -EFAULT;
	return signal_wait_with(set);
}
SYSCALL(179, rt_sigsuspend, sys_rt_sigsuspend, 2);

static int
take_one(struct sig_info *info, u64 set, u64 awaited)
{
	struct process *p = current->process;
	unsigned long flags;
	int sig;

	spin_lock_irqsave(&process_lock, flags);
	sig = signal_take(info, set);
	p->sig.awaited = sig ? 0 : awaited;
	if (!p->sig.awaited)
		signal_retarget(p, set & p->sig.blocked);
	if (!sig && awaited)
		set_current_state(TASK_INTERRUPTIBLE);
	spin_unlock_irqrestore(&process_lock, flags);
	return sig;
}

/* => its number; -EAGAIN: time is up; -EINTR: another one came */
static long
wait_for_signal(struct sig_info *info, u64 set, ktime_t end)
{
	long sig;

	while (!(sig = take_one(info, set, set))) {
		if (signal_pending())
			sig = -EINTR;
		else if (!sleep_once(end))
			sig = -EAGAIN;
		if (sig)
			break;
	}
	set_current_state(TASK_RUNNING);
	if (sig < 0) {
		int late = take_one(info, set, 0);

		sig = late ? late : sig;
	}
	return sig;
}

static long
sigtimedwait(const u64 __user *user, struct siginfo __user *to,
	     const void __user *timeout, u32 size, bool time64)
{
	struct siginfo info = {0};
	struct sig_info taken;
	ktime_t end = KTIME_MAX;
	u64 set;
	long sig;
	int err = 0;

	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&set, user, sizeof(set)))
		return -EFAULT;
	if (timeout)
		err = timeout_get(timeout, time64, &end);
	if (err)
		return err;
	set &= ~(SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
	sig = wait_for_signal(&taken, set, end);
	if (sig < 0 || !to)
		return sig;
	info.sig = taken.sig;
	info.code = taken.code;
	memcpy(info.field, taken.field, sizeof(taken.field));
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : sig;
}

static long __syscall
sys_rt_sigtimedwait(const u64 __user *set, struct siginfo __user *info,
		    const void __user *timeout, u32 size)
{
	return sigtimedwait(set, info, timeout, size, false);
}
SYSCALL(177, rt_sigtimedwait, sys_rt_sigtimedwait, 4);

static long __syscall
sys_rt_sigtimedwait_time64(const u64 __user *set, struct siginfo __user *info,
			   const void __user *timeout, u32 size)
{
	return sigtimedwait(set, info, timeout, size, true);
}
SYSCALL(421, rt_sigtimedwait_time64, sys_rt_sigtimedwait_time64, 4);
