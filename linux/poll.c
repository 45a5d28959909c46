/* poll.c - to wait until one of several files has something to say.
 *
 *   poll, ppoll       struct pollfd[] ----+
 *                                         +--> poll_wait: look; sleep; look ...
 *   select, pselect6  three sets of bits -+         ^
 *                     (fd 33: word 1, bit 1)        | poll_changed
 *                                              whatever is ready now
 *
 * All who poll sleep in one queue and look again whenever anything became
 * ready anywhere: there are few of them, and files need no list of theirs.
 *
 * ppoll and pselect6 bring signals that are blocked while they wait: as for
 * sigsuspend, what was blocked before is put back before ring 3 goes on.
 *
 * Locking: none of its own. A file that is polled is held.
 */
#include "errno.h"
#include "fs.h"
#include "process.h"
#include "slab.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"
#include "util.h"

#define SIGSET_SIZE 8u

DECLARE_WAIT_QUEUE_HEAD(poll_queue);
atomic_t nr_polling;

static unsigned int
poll_one(const struct pollfd *pfd)
{
	struct file *file;
	unsigned int events;

	if (pfd->fd < 0)
		return 0;
	file = fd_get(pfd->fd);
	if (!file)
		return POLLNVAL;
	events = file->ops->poll ? file->ops->poll(file)
				 : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	file_put(file);
	return events & (u16)pfd->events;
}

/* => how many have something to say */
static unsigned int
poll_scan(struct pollfd *pfds, unsigned int nr)
{
	unsigned int ready = 0;

	for (unsigned int i = 0; i < nr; i++) {
		pfds[i].revents = (s16)poll_one(&pfds[i]);
		ready += pfds[i].revents != 0;
	}
	return ready;
}

/* => how many; 0: time is up; -ERESTARTNOHAND: there is a signal */
static int
poll_wait(struct pollfd *pfds, unsigned int nr, ktime_t end)
{
	DEFINE_WAIT(entry);
	int ready;

	atomic_inc(&nr_polling);
	do {
		prepare_to_wait(&poll_queue, &entry, TASK_INTERRUPTIBLE);
		ready = poll_scan(pfds, nr);
		if (!ready && signal_pending())
			ready = -ERESTARTNOHAND;
	} while (!ready && sleep_once(end));
	finish_wait(&poll_queue, &entry);
	atomic_dec(&nr_polling);
	return ready;
}

/* --- poll, ppoll --------------------------------------------------------- */

static long
poll_user(struct pollfd *pfds, struct pollfd __user *user, unsigned int nr,
	  ktime_t end)
{
	unsigned int i;
	long ready;

	if (copy_from_user(pfds, user, nr * sizeof(*pfds)))
		return -EFAULT;
	for (i = 0; i < nr; i++)
		pfds[i].events |= POLLERR | POLLHUP;
	ready = poll_wait(pfds, nr, end);
	for (i = 0; ready >= 0 && i < nr; i++)
		if (put_user(pfds[i].revents, &user[i].revents))
			return -EFAULT;
	return ready;
}

static long
poll_until(struct pollfd __user *user, unsigned int nr, ktime_t end)
{
	struct pollfd *pfds;
	long ready;

	if (nr > NR_FDS)
		return -EINVAL;
	pfds = call_alloc(nr * sizeof(*pfds));
	if (!pfds)
		return -ENOMEM;
	ready = poll_user(pfds, user, nr, end);
	call_free(pfds, nr * sizeof(*pfds));
	return ready;
}

/* After a signal without a handler: until the same moment. */
static long
poll_on(const struct restart *restart)
{
	long ready = poll_until(restart->where, restart->value, restart->end);

	return ready == -ERESTARTNOHAND ? -ERESTART_RESTARTBLOCK : ready;
}

static long __syscall
sys_poll(struct pollfd __user *user, unsigned int nr, int ms)
{
	const struct restart restart = {
		.fn = poll_on,
		.end = ms < 0 ? KTIME_MAX
			      : ktime_get() + (ktime_t)ms * NSEC_PER_MSEC,
		.where = user,
		.value = nr,
	};
	long ready = poll_on(&restart);

	if (ready == -ERESTART_RESTARTBLOCK)
		current->process->sig.restart = restart;
	return ready;
}
SYSCALL(168, poll, sys_poll, 3);

/* How long, and with which signals blocked. */
struct timed {
	ktime_t end;
	void __user *left; /* a timespec: what is left goes there; or NULL */
	bool time64;
};

static int
begin_timed(struct timed *t, void __user *timeout, const u64 __user *mask,
	    u32 size)
{
	u64 set;
	int err = 0;

	t->end = KTIME_MAX;
	t->left = timeout;
	if (timeout)
		err = timeout_get(timeout, t->time64, &t->end);
	if (err || !mask)
		return err;
	if (size != SIGSET_SIZE)
		return -EINVAL;
	if (copy_from_user(&set, mask, sizeof(set)))
		return -EFAULT;
	signal_block_for_now(set);
	return 0;
}

/* What is left cannot always be written: a constant is a timeout, too. */
static long
end_timed(const struct timed *t, long result)
{
	ktime_t left = max(t->end - ktime_get(), (ktime_t)0);

	if (result != -ERESTARTNOHAND)
		signal_unblock();
	if (t->left && timespec_put(t->left, t->time64, left) &&
	    result == -ERESTARTNOHAND)
		return -EINTR;
	return result;
}

struct poll_args {
	struct pollfd __user *fds;
	u32 nr;
	void __user *timeout;
	const u64 __user *mask;
	u32 size;
};

static long
ppoll(const struct poll_args *a, bool time64)
{
	struct timed t = {.time64 = time64};
	int err = begin_timed(&t, a->timeout, a->mask, a->size);

	return err ? err : end_timed(&t, poll_until(a->fds, a->nr, t.end));
}

static long __syscall
sys_ppoll(struct pollfd __user *fds, u32 nr, void __user *timeout,
	  const u64 __user *mask, u32 size)
{
	const struct poll_args a = {fds, nr, timeout, mask, size};

	return ppoll(&a, false);
}
SYSCALL(309, ppoll, sys_ppoll, 5);

static long __syscall
sys_ppoll_time64(struct pollfd __user *fds, u32 nr, void __user *timeout,
		 const u64 __user *mask, u32 size)
{
	const struct poll_args a = {fds, nr, timeout, mask, size};

	return ppoll(&a, true);
}
SYSCALL(414, ppoll_time64, sys_ppoll_time64, 5);

/* --- select -------------------------------------------------------------- */

enum {
	READ,
	WRITE,
	EXCEPT,
	NR_SETS
};

struct select_args {
	u32 nr;                    /* of bits in each */
	u32 __user *user[NR_SETS]; /* or NULL */
	u32 sets[NR_SETS][NR_FDS / 32];
};

static const u16 set_events[NR_SETS] = {
	[READ] = POLLIN | POLLRDNORM | POLLHUP | POLLERR,
	[WRITE] = POLLOUT | POLLWRNORM | POLLERR,
	[EXCEPT] = POLLPRI,
};

static size_t
set_size(const struct select_args *a)
{
	return DIV_ROUND_UP(a->nr, 32) * sizeof(u32);
}

/* The sets, as poll has them. => how many; -EFAULT */
static int
sets_get(struct select_args *a, struct pollfd *pfds)
{
	unsigned int fd, i, nr = 0;
	u32 events;

	for (i = 0; i < NR_SETS; i++)
		if (a->user[i] &&
		    copy_from_user(a->sets[i], a->user[i], set_size(a)))
			return -EFAULT;
	for (fd = 0; fd < a->nr; fd++) {
		for (events = i = 0; i < NR_SETS; i++)
			if (a->sets[i][fd / 32] >> fd % 32 & 1)
				events |= set_events[i];
		if (events)
			pfds[nr++] = (struct pollfd){(int)fd, (s16)events, 0};
	}
	return nr;
}

/* Bits that did not come true are cleared. => how many are left; -EFAULT,
 * -EBADF */
static int
sets_put(struct select_args *a, const struct pollfd *pfds, unsigned int nr)
{
	unsigned int i, n, left = 0;

	for (n = 0; n < nr; n++) {
		u32 bit = 1u << pfds[n].fd % 32;

		if (pfds[n].revents & POLLNVAL)
			return -EBADF;
		for (i = 0; i < NR_SETS; i++) {
			u32 *word = &a->sets[i][pfds[n].fd / 32];

			if (!(pfds[n].revents & set_events[i]))
				*word &= ~bit;
			left += (*word & bit) != 0;
		}
	}
	for (i = 0; i < NR_SETS; i++)
		if (a->user[i] &&
		    copy_to_user(a->user[i], a->sets[i], set_size(a)))
			return -EFAULT;
	return left;
}

static long
select_until(struct select_args *a, ktime_t end)
{
	struct pollfd *pfds;
	int nr, ready;

	if ((int)a->nr < 0)
		return -EINVAL;
	a->nr = min(a->nr, (u32)NR_FDS);
	pfds = call_alloc(a->nr * sizeof(*pfds));
	if (!pfds)
		return -ENOMEM;
	nr = ready = sets_get(a, pfds);
	if (nr >= 0)
		ready = poll_wait(pfds, nr, end);
	if (nr >= 0 && ready >= 0)
		ready = sets_put(a, pfds, nr);
	call_free(pfds, a->nr * sizeof(*pfds));
	return ready;
}

/* The old one has microseconds, and any number of them. */
static long __syscall
sys_newselect(u32 nr, u32 __user *in, u32 __user *out, u32 __user *except,
	      s32 __user *timeval)
{
	struct select_args a = {.nr = nr, .user = {in, out, except}};
	ktime_t end = KTIME_MAX, now = ktime_get();
	s32 tv[2];
	long ready;
	u64 left;

	if (timeval) {
		if (copy_from_user(tv, timeval, sizeof(tv)))
			return -EFAULT;
		if (tv[0] < 0 || tv[1] < 0)
			return -EINVAL;
		end = now + (ktime_t)tv[0] * NSEC_PER_SEC +
		      (ktime_t)tv[1] * NSEC_PER_USEC;
	}
	ready = select_until(&a, end);
	if (!timeval)
		return ready;
	left = (u64)max(end - ktime_get(), (ktime_t)0);
	tv[1] = (s32)(do_div(left, NSEC_PER_SEC) / NSEC_PER_USEC);
	tv[0] = (s32)left;
	return copy_to_user(timeval, tv, sizeof(tv)) && ready == -ERESTARTNOHAND
		       ? -EINTR
		       : ready;
}
SYSCALL(142, _newselect, sys_newselect, 5);

/* The mask and its size are a sixth argument's. */
static long
pselect(struct select_args *a, void __user *timeout, const u32 __user *masked,
	bool time64)
{
	struct timed t = {.time64 = time64};
	u32 mask[2] = {0, 0};
	int err;

	if (masked && copy_from_user(mask, masked, sizeof(mask)))
		return -EFAULT;
	err = begin_timed(&t, timeout, (const u64 __user *)mask[0], mask[1]);
	return err ? err : end_timed(&t, select_until(a, t.end));
}

static long __syscall
sys_pselect6(u32 nr, u32 __user *in, u32 __user *out, u32 __user *except,
	     void __user *timeout, const u32 __user *masked)
{
	struct select_args a = {.nr = nr, .user = {in, out, except}};

	return pselect(&a, timeout, masked, false);
}
SYSCALL(308, pselect6, sys_pselect6, 6);

static long __syscall
sys_pselect6_time64(u32 nr, u32 __user *in, u32 __user *out, u32 __user *except,
		    void __user *timeout, const u32 __user *masked)
{
	struct select_args a = {.nr = nr, .user = {in, out, except}};

	return pselect(&a, timeout, masked, true);
}
SYSCALL(413, pselect6_time64, sys_pselect6_time64, 6);
