/* hrtimer.h - a function that is called when a certain nanosecond has come.
 * Linux's names.
 *
 *	static struct hrtimer timer;
 *
 *	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
 *	timer.function = shutter_off;
 *	hrtimer_start(&timer, us_to_ktime(500), HRTIMER_MODE_REL);
 *
 * A timeout that is nearly always disarmed again belongs into the wheel
 * (timer.h), which is cheaper and counts ticks; what must be exact belongs
 * here. It goes off in a softirq, interrupts on, never early, and late by what
 * the one-shot clock needs: microseconds. Where there is none (no time stamp
 * counter, or the first second, which measures it), at the next tick.
 */
#ifndef HRTIMER_H
#define HRTIMER_H

#include "rbtree.h"
#include "spinlock.h"
#include "time.h"

enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART
};

/* When: at that time, or so long from now. PINNED, SOFT: nothing else here. */
enum hrtimer_mode {
	HRTIMER_MODE_ABS = 0,
	HRTIMER_MODE_REL = 1,
	HRTIMER_MODE_ABS_PINNED = 2,
	HRTIMER_MODE_REL_PINNED = 3,
	HRTIMER_MODE_ABS_SOFT = 4,
	HRTIMER_MODE_REL_SOFT = 5
};

struct hrtimer {
	struct rb_node node; /* (L) */
	ktime_t expires;     /* (L) since boot */
	bool queued;         /* (L) */
	bool real;           /* (C) times given are CLOCK_REALTIME's */
	enum hrtimer_restart (*function)(struct hrtimer *t);
};

/* hrtimer_init: one that is not armed; its owner then sets .function. clock:
 * CLOCK_MONOTONIC, CLOCK_BOOTTIME or CLOCK_REALTIME (which is never set here).
 * => any context */
void hrtimer_init(struct hrtimer *t, int clock, enum hrtimer_mode mode);

/* hrtimer_start: arm it, armed before or not. => any context */
void hrtimer_start(struct hrtimer *t, ktime_t time, enum hrtimer_mode mode);

/* hrtimer_cancel: disarm it, and return when its function does not run; not
 * for the function itself. hrtimer_try_to_cancel: without waiting.
 * => 1 if it was armed, 0 if not, -1 (try) if its function runs just now
 * => cancel: process context or softirq, no lock held that the function takes */
int hrtimer_try_to_cancel(struct hrtimer *t);
int hrtimer_cancel(struct hrtimer *t);

/* hrtimer_forward: for a function that returns HRTIMER_RESTART: the next time
 * after now, whole intervals on. => how many; 0: it lies ahead of now as it is */
u64 hrtimer_forward(struct hrtimer *t, ktime_t now, ktime_t interval);
#define hrtimer_forward_now(t, interval) \
	hrtimer_forward(t, ktime_get(), interval)

/* hrtimer_active: armed, or its function runs. hrtimer_get_remaining: ns.
 * => any context; it may be different a moment later */
bool hrtimer_active(const struct hrtimer *t);
static inline bool
hrtimer_is_queued(const struct hrtimer *t)
{
	return READ_ONCE(t->queued);
}
static inline ktime_t
hrtimer_get_remaining(const struct hrtimer *t)
{
	return t->expires - ktime_get();
}

/* hrtimer_set_program: fn is told of an earlier next time than before, by
 * whoever arms a timer, interrupts off. => boot
 * hrtimer_next: when the next one goes off, KTIME_MAX: none. => interrupts off
 * hrtimers_run: call those whose time has come. => softirq */
void hrtimer_set_program(void (*fn)(ktime_t next));
ktime_t hrtimer_next(void);
void hrtimers_run(void);

/* hrtimer_check: => how much is wrong with the tree */
unsigned int hrtimer_check(void);

#endif
