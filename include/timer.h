/* timer.h - a function that is called when a certain tick has come. Linux's
 * names.
 *
 *	static struct timer_list timer;
 *
 *	timer_setup(&timer, motor_off, 0);
 *	mod_timer(&timer, jiffies + 2 * HZ);
 *
 * A timer goes off once, in a softirq, with interrupts on, in the tick `expires`
 * or a little later, never earlier: in order of expiry, and of arming where
 * that is the same. It may arm itself again, and its memory may go. One that
 * expired in the past when it was armed goes off at the next tick.
 * Past and future are as in time_after: 2^31 ticks each way.
 */
#ifndef TIMER_H
#define TIMER_H

#include "jiffies.h"
#include "list.h"
#include "spinlock.h"

struct timer_list {
	struct list_head entry; /* (L) next is NULL: not armed */
	unsigned long expires;  /* (L) in which tick */
	void (*function)(struct timer_list *t);
};

/* DEFINE_TIMER, timer_setup: a timer that is not armed. flags: 0, there are no
 * kinds of them. from_timer: the object around it. => any context */
#define DEFINE_TIMER(name, fn) struct timer_list name = {.function = fn}
#define timer_setup(t, fn, flags)                             \
	do {                                                  \
		static_assert((flags) == 0, "no such timer"); \
		*(t) = (struct timer_list){.function = (fn)}; \
	} while (0)
#define from_timer(var, t, member) container_of(t, __typeof__(*(var)), member)

/* timer_pending: is it armed? Not any more when its function runs. */
static inline bool
timer_pending(const struct timer_list *t)
{
	return READ_ONCE(t->entry.next) != NULL;
}

/* add_timer: arm it for t->expires. One that is armed already is a bug of the
 * caller's: reported, then armed for the new time, as mod_timer does.
 * mod_timer: arm it for expires, armed before or not.
 * => any context; mod_timer: 1 if it was armed, else 0 */
void add_timer(struct timer_list *t);
#define mod_timer(t, expires) timer_base_mod(&timer_base, t, expires)

/* del_timer (timer_delete is its newer name): disarm. Its function may be
 * running just then, on another CPU or in what we interrupted.
 * => any context; 1 if it was armed, else 0 */
#define timer_delete(t) timer_base_delete(&timer_base, t)
#define del_timer(t)    timer_delete(t)

/* del_timer_sync (timer_delete_sync): disarm, and return when its function does
 * not run, and has not armed it again: then its memory may go.
 * => process context or softirq, no lock held that the function takes
 * => as del_timer; in the function itself, or in an interrupt that came in the
 *    middle of it, waiting would be for ever: reported, and not done */
#define timer_delete_sync(t) timer_base_delete_sync(&timer_base, t)
#define del_timer_sync(t)    timer_delete_sync(t)

/* timers_tick: a tick has passed. => the timer's interrupt only
 * timers_init: => boot, before pit_init */
void timers_tick(void);
void timers_init(void);

/* The structure behind them, see timer.c; a test may own one. */
#define TIMER_LEVELS 8
#define TIMER_SLOTS  16

struct timer_base {
	spinlock_t lock;
	unsigned long clk;          /* (L) the tick to be looked at next */
	struct timer_list *running; /* (L) whose function is being called */
	unsigned long fired;        /* (L) how many have gone off */
	struct list_head fresh;     /* (L) not sorted in yet */
	struct list_head due;       /* (L) of the tick before clk */
	struct list_head slots[TIMER_LEVELS * TIMER_SLOTS]; /* (L) */
};

extern struct timer_base timer_base; /* the kernel's own */

/* timer_base_init: no timers; clk is the first tick.
 * timer_base_mod, timer_base_delete: mod_timer and del_timer there.
 * timer_base_run: call all that are due by tick `now`, in order. */
void timer_base_init(struct timer_base *base, unsigned long clk);
int timer_base_mod(struct timer_base *base, struct timer_list *t,
		   unsigned long expires);
int timer_base_delete(struct timer_base *base, struct timer_list *t);
int timer_base_delete_sync(struct timer_base *base, struct timer_list *t);
void timer_base_run(struct timer_base *base, unsigned long now);

/* timer_base_quiet: so many ticks from clk on need no look at the wheel.
 * => interrupts off */
unsigned int timer_base_quiet(struct timer_base *base);

/* timer_slot: where in base->slots a timer for this tick belongs now.
 * => base->lock held */
struct list_head *timer_slot(struct timer_base *base, unsigned long expires);

#endif
