/* hrtimer.c - timers by the nanosecond: a tree, and whoever is first in it.
 *
 *              ( 400 us )                first: 120 us --> program: the
 *              /        \                      one-shot clock (tick.c)
 *        ( 250 us )  ( 1 s )
 *          /
 *     ( 120 us )  <-- first
 *
 * Arming and disarming are O(log n), the next one is always known. Equal times
 * go off in the order in which they were armed.
 *
 * Locking: (L) base.lock, interrupts off; functions are called without it.
 * Limits: one CPU at a time runs hrtimers_run; a second CPU gets a base of its
 * own, and a timer the base that it was armed on.
 */
#include "drivers.h"
#include "hrtimer.h"
#include "interrupt.h"
#include "printk.h"
#include "util.h"

static struct {
	spinlock_t lock;
	struct rb_root root;     /* (L) by expires */
	struct hrtimer *first;   /* (L) NULL: none */
	struct hrtimer *running; /* (L) whose function is being called */
	void (*program)(ktime_t expires); /* (C) NULL until there is one */
} base;

static struct hrtimer *
timer_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct hrtimer, node) : NULL;
}

static void
enqueue(struct hrtimer *t) REQUIRES(base.lock)
{
	struct rb_node **link = &base.root.rb_node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (t->expires < timer_of(parent)->expires) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			first = false;
		}
	}
	rb_link_node(&t->node, parent, link);
	rb_insert_augmented(&t->node, &base.root, NULL);
	t->queued = true;
	if (first)
		base.first = t;
}

static void
dequeue(struct hrtimer *t) REQUIRES(base.lock)
{
	if (base.first == t)
		base.first = timer_of(rb_next(&t->node));
	rb_erase_augmented(&t->node, &base.root, NULL);
	t->queued = false;
}

void
hrtimer_init(struct hrtimer *t, int clock,
	     enum hrtimer_mode mode __maybe_unused)
{
	*t = (struct hrtimer){.real = clock == CLOCK_REALTIME};
}

void
hrtimer_start(struct hrtimer *t, ktime_t time, enum hrtimer_mode mode)
{
	unsigned long flags;

	if (mode & HRTIMER_MODE_REL)
		time = ktime_add_safe(ktime_get(), time);
	else if (t->real)
		time -= ktime_get_real() - ktime_get();
	spin_lock_irqsave(&base.lock, flags);
	if (t->queued)
		dequeue(t);
	t->expires = time;
	enqueue(t);
	if (base.first == t && base.program)
		base.program(time);
	spin_unlock_irqrestore(&base.lock, flags);
}

int
hrtimer_try_to_cancel(struct hrtimer *t)
{
	unsigned long flags;
	int was;

	spin_lock_irqsave(&base.lock, flags);
	was = t->queued ? 1 : base.running == t ? -1 : 0;
	if (t->queued)
		dequeue(t);
	spin_unlock_irqrestore(&base.lock, flags);
	return was;
}

int
hrtimer_cancel(struct hrtimer *t)
{
	int was;

	while ((was = hrtimer_try_to_cancel(t)) < 0 ||
	       READ_ONCE(base.running) == t) {
		if (in_hardirq() || in_serving_softirq()) {
			pr_err("BUG: hrtimer_cancel waits for %pS, which it "
			       "has interrupted\n",
			       (void *)t->function);
			break;
		}
		cpu_relax(); /* on another CPU */
	}
	return was > 0;
}

u64
hrtimer_forward(struct hrtimer *t, ktime_t now, ktime_t interval)
{
	u64 times;

	if (now < t->expires || interval <= 0)
		return 0;
	if (interval <= (ktime_t)0xFFFFFFFF) {
		times = (u64)(now - t->expires);
		do_div(times, (u32)interval);
		t->expires += (ktime_t)times * interval;
	} else {
		for (times = 0; now - t->expires >= interval; times++)
			t->expires += interval;
	}
	t->expires += interval;
	return times + 1;
}

bool
hrtimer_active(const struct hrtimer *t)
{
	return READ_ONCE(t->queued) || READ_ONCE(base.running) == t;
}

ktime_t
hrtimer_next(void)
{
	const struct hrtimer *first = READ_ONCE(base.first);

	return first ? first->expires : KTIME_MAX;
}

void
hrtimer_set_program(void (*fn)(ktime_t next))
{
	base.program = fn;
}

/* One whose function arms it again for a time that has come meanwhile waits for
 * the next interrupt: a program cannot keep us here. */
void
hrtimers_run(void)
{
	ktime_t now = ktime_get();
	struct hrtimer *t;
	unsigned long flags;

	spin_lock_irqsave(&base.lock, flags);
	while ((t = base.first) && t->expires <= now) {
		dequeue(t);
		base.running = t;
		spin_unlock_irqrestore(&base.lock, flags);
		if (t->function(t) == HRTIMER_NORESTART)
			t = NULL; /* it may be gone */
		spin_lock_irqsave(&base.lock, flags);
		base.running = NULL;
		if (t && !t->queued)
			enqueue(t);
	}
	if (base.first && base.program)
		base.program(base.first->expires);
	spin_unlock_irqrestore(&base.lock, flags);
}

unsigned int
hrtimer_check(void)
{
	struct rb_node *node;
	const struct hrtimer *last = NULL, *t;
	unsigned int bad;
	unsigned long flags;

	spin_lock_irqsave(&base.lock, flags);
	node = rb_first(&base.root);
	bad = base.first != timer_of(node);
	for (; node; node = rb_next(node), last = t) {
		t = timer_of(node);
		bad += !t->queued || (last && last->expires > t->expires);
	}
	spin_unlock_irqrestore(&base.lock, flags);
	return bad;
}
