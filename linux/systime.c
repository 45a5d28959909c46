/* systime.c - clocks, sleeping, alarms.
 *
 *   CLOCK_MONOTONIC   ktime_get: since boot      + the clock of the machine when
 *   CLOCK_REALTIME    since 1970, UTC              it was first asked (drivers/rtc)
 *
 * Who sleeps is woken to the microsecond (hrtimer.h), never too early. A signal
 * with a handler ends a sleep with EINTR; one without lets it go on until the
 * same moment (restart_syscall).
 *
 * Limits: clocks are not set; there is one interval timer, ITIMER_REAL; CPU time
 * is counted in ticks.
 */
#include "drivers.h"
#include "errno.h"
#include "jiffies.h"
#include "process.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"
#include "util.h"

#define TIMER_ABSTIME 1
#define ITIMER_REAL   0
#define FAR_SECONDS   9000000000ll /* in ns, that is within 63 bits */

struct timeval {
	s32 sec, usec;
};

/* --- Numbers ------------------------------------------------------------------ */

int
timespec_get(const void __user *user, bool time64, ktime_t *ns)
{
	struct timespec64 t;
	s32 old[2];

	if (time64) {
		if (copy_from_user(&t, user, sizeof(t)))
			return -EFAULT;
		t.nsec = (s32)t.nsec; /* the C library leaves the rest alone */
	} else {
		if (copy_from_user(old, user, sizeof(old)))
			return -EFAULT;
		t = (struct timespec64){old[0], old[1]};
	}
	if (t.sec < 0 || t.nsec < 0 || t.nsec >= NSEC_PER_SEC)
		return -EINVAL;
	*ns = min(t.sec, FAR_SECONDS) * NSEC_PER_SEC + t.nsec;
	return 0;
}

int
timespec_put(void __user *user, bool time64, ktime_t ns)
{
	u64 sec = (u64)ns;
	u32 nsec = do_div(sec, NSEC_PER_SEC);
	const struct timespec64 t = {(s64)sec, nsec};
	const u32 old[2] = {(u32)sec, nsec};

	if (!user)
		return 0;
	if (time64)
		return copy_to_user(user, &t, sizeof(t)) ? -EFAULT : 0;
	return copy_to_user(user, old, sizeof(old)) ? -EFAULT : 0;
}

int
timeout_get(const void __user *user, bool time64, ktime_t *end)
{
	ktime_t ns;
	int err = timespec_get(user, time64, &ns);

	if (!err)
		*end = ktime_add_safe(ktime_get(), ns);
	return err;
}

/* --- Clocks --------------------------------------------------------------------- */

static u32
program_ticks(void)
{
	unsigned long flags;
	u32 ticks;

	spin_lock_irqsave(&process_lock, flags);
	ticks = program_usage(current->process->leader).ticks;
	spin_unlock_irqrestore(&process_lock, flags);
	return ticks;
}

static int
clock_read(int clock, ktime_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = ktime_get_real();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = ktime_get();
		return 0;
	case CLOCK_PROCESS_CPUTIME:
		*ns = (ktime_t)program_ticks() * TICK_NSEC;
		return 0;
	case CLOCK_THREAD_CPUTIME:
		*ns = (ktime_t)current->ticks * TICK_NSEC;
		return 0;
	default:
		return -EINVAL;
	}
}

static long
clock_put(int clock, void __user *user, bool time64)
{
	ktime_t ns;
	int err = clock_read(clock, &ns);

	if (err)
		return err;
	return user ? timespec_put(user, time64, ns) : -EFAULT;
}

static long __syscall
sys_clock_gettime(int clock, void __user *user)
{
	return clock_put(clock, user, false);
}
SYSCALL(265, clock_gettime, sys_clock_gettime, 2);

static long __syscall
sys_clock_gettime64(int clock, void __user *user)
{
	return clock_put(clock, user, true);
}
SYSCALL(403, clock_gettime64, sys_clock_gettime64, 2);

static long
resolution(int clock, void __user *user, bool time64)
{
	ktime_t ns;
	int err = clock_read(clock, &ns);
	bool ticks = clock == CLOCK_PROCESS_CPUTIME ||
		     clock == CLOCK_THREAD_CPUTIME ||
		     clock == CLOCK_REALTIME_COARSE ||
		     clock == CLOCK_MONOTONIC_COARSE;

	return err ? err : timespec_put(user, time64, ticks ? TICK_NSEC : 1);
}

static long __syscall
sys_clock_getres(int clock, void __user *user)
{
	return resolution(clock, user, false);
}
SYSCALL(266, clock_getres, sys_clock_getres, 2);

static long __syscall
sys_clock_getres_time64(int clock, void __user *user)
{
	return resolution(clock, user, true);
}
SYSCALL(406, clock_getres_time64, sys_clock_getres_time64, 2);

static long __syscall
sys_gettimeofday(struct timeval __user *user, void __user *zone)
{
	u64 sec = (u64)ktime_get_real();
	u32 usec = do_div(sec, NSEC_PER_SEC) / NSEC_PER_USEC;
	const struct timeval now = {(s32)sec, (s32)usec};

	if (user && copy_to_user(user, &now, sizeof(now)))
		return -EFAULT;
	return zone && clear_user(zone, 8) ? -EFAULT : 0;
}
SYSCALL(78, gettimeofday, sys_gettimeofday, 2);

static long __syscall
sys_time(s32 __user *user)
{
	u64 sec = (u64)ktime_get_real();

	do_div(sec, NSEC_PER_SEC);
	return user && put_user((s32)sec, user) ? -EFAULT : (long)sec;
}
SYSCALL(13, time, sys_time, 1);

/* --- Sleeping ------------------------------------------------------------------ */

bool
sleep_once(ktime_t end)
{
	if (end <= ktime_get())
		return false;
	schedule_until(end);
	return true;
}

/* => true: it is then; false: there is a signal */
static bool
sleep_until(ktime_t end)
{
	bool early;

	do {
		set_current_state(TASK_INTERRUPTIBLE);
		early = !signal_pending() && sleep_once(end);
	} while (early);
	set_current_state(TASK_RUNNING);
	return ktime_get() >= end;
}

static long
sleep_on(const struct restart *restart)
{
	if (sleep_until(restart->end))
		return 0;
	if (timespec_put(restart->where, restart->time64,
			 max(restart->end - ktime_get(), (ktime_t)1)))
		return -EFAULT;
	return -ERESTART_RESTARTBLOCK;
}

static long __syscall
sys_restart_syscall(void)
{
	const struct restart restart = current->process->sig.restart;

	return restart.fn ? restart.fn(&restart) : -EINTR;
}
SYSCALL(0, restart_syscall, sys_restart_syscall, 0);

struct sleep {
	int clock;
	u32 flags;
	bool time64;
};

static long
clock_sleep(const struct sleep *how, const void __user *user, void __user *left)
{
	struct restart *restart = &current->process->sig.restart;
	ktime_t ns, end;
	int err;

	if (how->clock != CLOCK_REALTIME && how->clock != CLOCK_MONOTONIC &&
	    how->clock != CLOCK_BOOTTIME)
		return how->clock == CLOCK_PROCESS_CPUTIME ? -EOPNOTSUPP
							   : -EINVAL;
	err = timespec_get(user, how->time64, &ns);
	if (err)
		return err;
	if (how->flags & TIMER_ABSTIME) {
		end = how->clock == CLOCK_REALTIME
			      ? ns - (ktime_get_real() - ktime_get())
			      : ns;
		return sleep_until(end) ? 0 : -ERESTARTNOHAND;
	}
	end = ktime_add_safe(ktime_get(), ns);
	*restart = (struct restart){.fn = sleep_on,
				    .end = end,
				    .where = left,
				    .time64 = how->time64};
	return sleep_on(restart);
}

static long __syscall
sys_nanosleep(const void __user *user, void __user *left)
{
	const struct sleep how = {.clock = CLOCK_MONOTONIC};

	return clock_sleep(&how, user, left);
}
SYSCALL(162, nanosleep, sys_nanosleep, 2);

static long __syscall
sys_clock_nanosleep(int clock, u32 flags, const void __user *user,
		    void __user *left)
{
	const struct sleep how = {clock, flags, false};

	return clock_sleep(&how, user, left);
}
SYSCALL(267, clock_nanosleep, sys_clock_nanosleep, 4);

static long __syscall
sys_clock_nanosleep_time64(int clock, u32 flags, const void __user *user,
			   void __user *left)
{
	const struct sleep how = {clock, flags, true};

	return clock_sleep(&how, user, left);
}
SYSCALL(407, clock_nanosleep_time64, sys_clock_nanosleep_time64, 4);

/* --- Alarms -------------------------------------------------------------------- */

/* An interval counts from when it should have been. (On a second CPU set_alarm may
 * have been first: then its timer is queued already, or has no interval.) */
static enum hrtimer_restart
alarm_expired(struct hrtimer *timer)
{
	struct signals *s = container_of(timer, struct signals, timer);
	struct process *p = container_of(s, struct process, sig);
	unsigned long flags;
	bool again;

	spin_lock_irqsave(&process_lock, flags);
	signal_send(p, SIGALRM);
	again = hrtimer_forward_now(timer, s->interval) != 0;
	spin_unlock_irqrestore(&process_lock, flags);
	return again ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

struct alarm {
	u64 first, interval; /* ns */
};

/* first 0: none. => what it was */
static struct alarm
set_alarm(const struct alarm *alarm)
{
	struct signals *s = &current->process->leader->sig;
	struct alarm was = {0, 0};
	unsigned long flags;

	spin_lock_irqsave(&process_lock, flags);
	if (hrtimer_is_queued(&s->timer)) {
		was.first = (u64)max(hrtimer_get_remaining(&s->timer),
				     (ktime_t)NSEC_PER_USEC);
		was.interval = (u64)s->interval;
	}
	if (alarm) {
		hrtimer_try_to_cancel(&s->timer);
		s->interval = (ktime_t)alarm->interval;
	}
	if (alarm && alarm->first) {
		hrtimer_init(&s->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
		s->timer.function = alarm_expired;
		hrtimer_start(&s->timer, (ktime_t)alarm->first,
			      HRTIMER_MODE_REL);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	return was;
}

static long __syscall
sys_alarm(u32 seconds)
{
	struct alarm alarm = {0, 0};
	u64 left;

	seconds = min(seconds, 0x7FFFFFFFu);
	alarm.first = (u64)seconds * NSEC_PER_SEC;
	left = set_alarm(&alarm).first;
	if (!left)
		return 0;
	left += NSEC_PER_SEC / 2;
	do_div(left, NSEC_PER_SEC);
	return max((long)left, 1l);
}
SYSCALL(27, alarm, sys_alarm, 1);

/* struct itimerval: the interval, and when it goes off first. */
static bool
alarm_get(const struct timeval *t, struct alarm *alarm)
{
	for (int i = 0; i < 2; i++)
		if (t[i].sec < 0 || (u32)t[i].usec >= 1000000)
			return false;
	alarm->interval =
		(u64)t[0].sec * NSEC_PER_SEC + (u32)t[0].usec * NSEC_PER_USEC;
	alarm->first =
		(u64)t[1].sec * NSEC_PER_SEC + (u32)t[1].usec * NSEC_PER_USEC;
	return true;
}

static int
alarm_put(struct alarm alarm, struct timeval __user *user)
{
	struct timeval t[2];

	t[0].usec = (s32)(do_div(alarm.interval, NSEC_PER_SEC) / NSEC_PER_USEC);
	t[1].usec = (s32)(do_div(alarm.first, NSEC_PER_SEC) / NSEC_PER_USEC);
	t[0].sec = (s32)alarm.interval;
	t[1].sec = (s32)alarm.first;
	return copy_to_user(user, t, sizeof(t)) ? -EFAULT : 0;
}

static long __syscall
sys_getitimer(int which, struct timeval __user *user)
{
	return which == ITIMER_REAL ? alarm_put(set_alarm(NULL), user)
				    : -EINVAL;
}
SYSCALL(105, getitimer, sys_getitimer, 2);

static long __syscall
sys_setitimer(int which, const struct timeval __user *new,
	      struct timeval __user *old)
{
	struct timeval t[2] = {{0, 0}, {0, 0}};
	struct alarm alarm;

	if (which != ITIMER_REAL)
		return -EINVAL;
	if (new &&copy_from_user(t, new, sizeof(t)))
		return -EFAULT;
	if (!alarm_get(t, &alarm))
		return -EINVAL;
	alarm = set_alarm(&alarm);
	return old ? alarm_put(alarm, old) : 0;
}
SYSCALL(104, setitimer, sys_setitimer, 3);
