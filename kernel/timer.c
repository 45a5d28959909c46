/* timer.c - timers in a wheel: arming, disarming and going off in O(1).
 *
 *   mod_timer --> fresh --at the next tick--> slots --in its tick--> due
 *
 * Most timers are timeouts: disarmed, or armed anew, long before their time. So
 * arming only hangs a timer into a list, and the next tick finds its slot.
 *
 * A tick is a number of eight digits to base 16. A timer lies at the level of
 * the highest digit in which its tick differs from clk, the tick that comes
 * next, in the slot of its own digit there:
 *
 *     clk     = 0x000012F5           level 0  [ 0 1 2 ... F ]
 *     expires = 0x000012F9  ------->          slot 9
 *     expires = 0x00001337  -------> level 2  slot 3
 *     expires = 0x80000000  -------> level 7  slot 8
 *
 * When clk's last digit becomes 0 the next one has gone up, and the timers of
 * its slot now differ from clk in lower digits only: they move down. So level
 * 0 holds the ticks of one turn, and its slot clk exactly those that are due.
 * Nothing is special about the wrap from FFFFFFFF to 0.
 *
 * Invariants: the place follows from expires and clk alone (debug/timer_check.c):
 * those of one tick are always in one slot, in the order of arming. What has
 * expired already lies in the slot of clk.
 *
 * Locking: (L) base->lock, interrupts off; functions are called without it.
 *
 * Limits: a timer moves 7 times at most, if nobody disarms it before. A gap of
 * n ticks is n steps. One CPU at a time runs timer_base_run.
 */
#include "hrtimer.h"
#include "interrupt.h"
#include "panic.h"
#include "printk.h"
#include "timer.h"
#include "util.h"

#define DIGIT_BITS 4 /* TIMER_SLOTS is 2^4; 8 levels of them are 32 bits */
#define DIGIT_MASK (TIMER_SLOTS - 1)

struct timer_base timer_base;

struct list_head *
timer_slot(struct timer_base *base, unsigned long expires)
{
	unsigned long clk = base->clk, shift;

	if (time_before(expires, clk))
		expires = clk;
	/* The bit number of the highest difference, down to a digit's. */
	shift = (31 - __builtin_clzl((expires ^ clk) | 1)) & -DIGIT_BITS;
	return &base->slots[shift * (TIMER_SLOTS / DIGIT_BITS) +
			    (expires >> shift & DIGIT_MASK)];
}

static __always_inline void
detach(struct timer_list *t)
{
	struct list_head *next = t->entry.next, *prev = t->entry.prev;

	next->prev = prev;
	prev->next = next;
	t->entry.next = NULL;
}

int
timer_base_mod(struct timer_base *base, struct timer_list *t,
	       unsigned long expires)
{
	unsigned long flags;
	int armed;

	assert_debug(t->function != NULL);
	spin_lock_irqsave(&base->lock, flags);
	armed = timer_pending(t);
	if (armed)
		list_unlink(&t->entry);
	t->expires = expires;
	list_add_tail(&t->entry, &base->fresh);
	spin_unlock_irqrestore(&base->lock, flags);
	return armed;
}

int __leaf
timer_base_delete(struct timer_base *base, struct timer_list *t)
{
	unsigned long flags;

	spin_lock_irqsave(&base->lock, flags);
	if (unlikely(!t->entry.next)) {
		spin_unlock_irqrestore(&base->lock, flags);
		return 0;
	}
	detach(t);
	spin_unlock_irqrestore(&base->lock, flags);
	return 1;
}

int
timer_base_delete_sync(struct timer_base *base, struct timer_list *t)
{
	int armed = timer_base_delete(base, t);

	while (READ_ONCE(base->running) == t) {
		if (in_hardirq() || in_serving_softirq()) {
			pr_err("BUG: del_timer_sync waits for %pS, which it "
			       "has interrupted\n",
			       (void *)t->function);
			break;
		}
		cpu_relax(); /* on another CPU; it may arm itself again */
		armed |= timer_base_delete(base, t);
	}
	return armed;
}

/* Find the place of each timer of a list, which is empty then. */
static void
sort_in(struct timer_base *base, struct list_head *list) REQUIRES(base->lock)
{
	struct timer_list *t, *next;
	LIST_HEAD(moving);

	list_splice_init(list, &moving); /* some may come back to this list */
	list_for_each_entry_safe(t, next, &moving, entry)
		list_add_tail(&t->entry, timer_slot(base, t->expires));
}

/* Take the timers of tick clk, and go on to the next. */
static void
advance(struct timer_base *base) REQUIRES(base->lock)
{
	unsigned long clk = base->clk++;
	unsigned int level;

	list_splice_init(&base->slots[clk & DIGIT_MASK], &base->due);
	clk = base->clk;
	/* The digit of a level goes up when the one below becomes 0. */
	for (level = 1; level < TIMER_LEVELS && !(clk & DIGIT_MASK); level++) {
		clk >>= DIGIT_BITS;
		sort_in(base,
			&base->slots[level * TIMER_SLOTS + (clk & DIGIT_MASK)]);
	}
}

/* => a timer that is due, disarmed; NULL if there is none by tick now */
static struct timer_list *
next_due(struct timer_base *base, unsigned long now) REQUIRES(base->lock)
{
	struct timer_list *t;

	while (list_empty(&base->due)) {
		sort_in(base, &base->fresh);
		if (time_after(base->clk, now))
			return NULL;
		advance(base);
	}
	t = list_first_entry(&base->due, struct timer_list, entry);
	detach(t);
	base->running = t;
	base->fired++;
	return t;
}

void
timer_base_run(struct timer_base *base, unsigned long now)
{
	struct timer_list *t;
	unsigned long flags;

	spin_lock_irqsave(&base->lock, flags);
	while ((t = next_due(base, now))) {
		spin_unlock_irqrestore(&base->lock, flags);
		t->function(t); /* t may be gone afterwards */
		spin_lock_irqsave(&base->lock, flags);
		base->running = NULL;
	}
	spin_unlock_irqrestore(&base->lock, flags);
}

/* Up to the first timer of level 0; when its turn ends others move down. */
unsigned int
timer_base_quiet(struct timer_base *base)
{
	unsigned int ticks = 0;

	spin_lock(&base->lock);
	sort_in(base, &base->fresh);
	if (!list_empty(&base->due))
		goto out;
	while (list_empty(&base->slots[(base->clk + ticks) & DIGIT_MASK]) &&
	       ((base->clk + ticks) & DIGIT_MASK) != DIGIT_MASK)
		ticks++;
out:
	spin_unlock(&base->lock);
	return ticks;
}

void
timer_base_init(struct timer_base *base, unsigned long clk)
{
	spin_lock_init(&base->lock);
	base->clk = clk;
	base->running = NULL;
	base->fired = 0;
	INIT_LIST_HEAD(&base->fresh);
	INIT_LIST_HEAD(&base->due);
	for (size_t i = 0; i < ARRAY_SIZE(base->slots); i++)
		INIT_LIST_HEAD(&base->slots[i]);
}

/* --- The kernel's own ------------------------------------------------------------ */

static __noinline void
armed_already(struct timer_list *t)
{
	mod_timer(t, t->expires);
	pr_err("BUG: add_timer: %pS is armed already\n", (void *)t->function);
}

/* mod_timer for a timer that is not armed, without what that need not do. */
void __leaf
add_timer(struct timer_list *t)
{
	unsigned long flags;

	assert_debug(t->function != NULL);
	spin_lock_irqsave(&timer_base.lock, flags);
	if (unlikely(timer_pending(t))) {
		spin_unlock_irqrestore(&timer_base.lock, flags);
		armed_already(t);
		return;
	}
	list_add_tail(&t->entry, &timer_base.fresh);
	spin_unlock_irqrestore(&timer_base.lock, flags);
}

static void
timers_run(void)
{
	timer_base_run(&timer_base, jiffies);
	hrtimers_run();
}

void
timers_tick(void)
{
	raise_softirq_irqoff(TIMER_SOFTIRQ);
}

void
timers_init(void)
{
	timer_base_init(&timer_base, jiffies + 1);
	open_softirq(TIMER_SOFTIRQ, timers_run);
}
