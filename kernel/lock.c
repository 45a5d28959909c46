/* lock.c - contexts and locks: what is kept per CPU, and what is said when
 * somebody does in one context what only another allows.
 */
#include "drivers.h"
#include "panic.h"
#include "preempt.h"
#include "printk.h"
#include "spinlock.h"
#include "trap.h"

bool system_running, might_sleep_quiet;
volatile unsigned long jiffies = INITIAL_JIFFIES; /* pit.c counts */

static unsigned int sleep_bugs; /* might_sleep() where one must not */

void
spin_lock_contended(spinlock_t *lock)
{
	if (lockdep_on())
		lockdep_print_held();
	panic("spinlock %pS is held by this very CPU: it would wait for ever",
	      (void *)lock);
}

bool
might_sleep_at(const char *file, int line)
{
	if (can_sleep())
		return true;
	sleep_bugs++;
	if (might_sleep_quiet)
		return false;
	pr_err("BUG: sleeping function called from invalid context at %s:%d\n",
	       file, line);
	pr_err("in_atomic(): %d, irqs_disabled(): %d, in_hardirq: %d, "
	       "preempt_count: 0x%x\n",
	       in_atomic(), irqs_disabled(), !!in_hardirq(), preempt_count());
	if (lockdep_on())
		lockdep_print_held();
	report_backtrace((u32)__builtin_return_address(0) - 1, 0,
			 *(u32 *)__builtin_frame_address(0));
	return false;
}

unsigned int
might_sleep_count(void)
{
	return sleep_bugs;
}
