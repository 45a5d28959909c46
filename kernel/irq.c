/* irq.c - who is called for which interrupt line.
 *
 *   line --> vector 0x20 + line --> handle_irq
 *              spurious? count it, nothing else
 *              ask the line's handlers: action --> action --> NULL
 *              tell the controller that it is over
 *              softirqs (interrupt.h), a more important thread (sched.h)
 *
 * A line that keeps interrupting while no handler says "mine" would leave no
 * time for anything else. In Linux' words: nobody cared. It is masked, its
 * handlers are asked by a timer instead, and after a second it gets its chance.
 *
 *   the line rises   1st  2nd       the handler takes both at once; the 2nd
 *   it is called     ====yes====    no     rise is remembered all the same
 *
 * So a "no" for each "yes" is as it must be, and weighs nothing: STUCK times
 * more of the former, with no LULL between two of them, are a stuck line.
 *
 * Locking: (L) irq_lock; handle_irq, with interrupts off, only reads.
 * Limits: NR_ACTIONS handlers in all. A second CPU could still be in a handler that free_irq takes
 * away.
 */
#include "errno.h"
#include "interrupt.h"
#include "irq.h"
#include "lockdep.h"
#include "preempt.h"
#include "printf.h"
#include "printk.h"
#include "spinlock.h"
#include "tick.h"
#include "timer.h"
#include "trap.h"
#include "util.h"

#define STUCK 100
#define LULL  (HZ / 10)
#define POLL  (HZ / 50) /* between two questions to a stuck line's handlers */
#define POLLS 50        /* of these; then it is unmasked */

#define NR_ACTIONS \
	32 /* two a line; a table: devices come before the heap may */

static struct irqaction {
	struct irqaction *next;
	irq_handler_t handler; /* NULL: this entry is free */
	void *dev;
	unsigned int flags;
	const char *name;
} actions[NR_ACTIONS]; /* (L) */

static struct line {
	struct irqaction *action; /* (L) in the order of their requests */
	unsigned long count;
	unsigned int unhandled; /* more interrupts that nobody had caused (L) */
	unsigned long last;     /* count at the latest of them (L) */
	unsigned long when;     /* jiffies then (L) */
	unsigned int polls;     /* left to do; 0: it is not masked (L) */
	bool retried; /* was unmasked so: no news if it is stuck (L) */
} lines[NR_IRQS + 1]; /* the last one counts the spurious ones */

static DEFINE_SPINLOCK(irq_lock);

static void poll_stuck(struct timer_list *t);
static DEFINE_TIMER(poll_timer, poll_stuck);

/* Not in the lines themselves: where all goes well it costs nothing.
 * => is it a stuck line? */
static bool
count_unhandled(struct line *line) REQUIRES(irq_lock)
{
	unsigned long handled = line->count - line->last - 1;

	if (time_after(jiffies, line->when + LULL)) {
		line->unhandled = 0;
		line->retried = false;
	}
	line->unhandled -= min_t(unsigned long, line->unhandled, handled);
	line->last = line->count;
	line->when = jiffies;
	return ++line->unhandled >= STUCK;
}

static void
report_stuck(const struct line *line, unsigned int irq)
{
	const struct irqaction *action;

	pr_err("irq %u: nobody cared\n", irq);
	for (action = line->action; action; action = action->next)
		pr_err("  handler %pS (%s)\n", (void *)action->handler,
		       action->name);
	pr_err("Disabling IRQ #%u: polled instead, tried again every second\n",
	       irq);
}

static __noinline void
nobody_cared(struct line *line, unsigned int irq)
{
	unsigned long flags;

	spin_lock_irqsave(&irq_lock, flags);
	if (count_unhandled(line)) {
		pic_mask(irq);
		line->unhandled = 0;
		line->polls = POLLS;
		if (!line->retried)
			report_stuck(line, irq);
		mod_timer(&poll_timer, jiffies + POLL);
	}
	spin_unlock_irqrestore(&irq_lock, flags);
}

/* => is it still to be polled? */
static bool
poll_line(struct line *line, unsigned int irq)
{
	const struct irqaction *action;
	unsigned long flags;
	bool again;

	spin_lock_irqsave(&irq_lock, flags);
	if (line->polls && --line->polls == 0) {
		line->retried = true;
		line->when = jiffies;
		pic_unmask(irq);
	}
	again = line->polls;
	spin_unlock_irqrestore(&irq_lock, flags);
	if (again) { /* as in an interrupt */
		flags = local_irq_save();
		irq_enter();
		for (action = line->action; action; action = action->next)
			action->handler((int)irq, action->dev);
		irq_exit();
		local_irq_restore(flags);
	}
	return again;
}

static void
poll_stuck(struct timer_list *t)
{
	bool again = false;

	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		again |= poll_line(&lines[irq], irq);
	if (again)
		mod_timer(t, jiffies + POLL);
}

static bool
handle_irq(struct pt_regs *regs)
{
	unsigned int irq = regs->vector - IRQ_VECTOR_BASE;
	struct line *line = &lines[irq];
	const struct irqaction *action;
	irqreturn_t handled = IRQ_NONE;

	if (unlikely((irq & 7) == 7) && pic_spurious(irq)) {
		lines[IRQ_SPURIOUS].count++;
		return true;
	}
	irq_enter();
	if (unlikely(tick_idle()))
		tick_end_idle();
	line->count++;
	for (action = line->action; action; action = action->next) {
		handled |= action->handler((int)irq, action->dev);
		if (lockdep_on())
			lockdep_none_held(action->name);
	}
	pic_eoi(irq);
	if (unlikely(handled == IRQ_NONE))
		nobody_cared(line, irq);
	irq_exit();
	softirq_irq_exit();
	if (should_resched())
		preempt_schedule_irq();
	return true;
}

/* Hang it behind the others, if all of them share. => 0 or -Exxx */
static int
add_action(struct line *line, const struct irqaction *wanted) REQUIRES(irq_lock)
{
	struct irqaction **link = &line->action;
	unsigned int n = 0;

	for (; *link; link = &(*link)->next)
		if (!((*link)->flags & wanted->flags & IRQF_SHARED))
			return -EBUSY;
	while (n < NR_ACTIONS && actions[n].handler)
		n++;
	if (n == NR_ACTIONS)
		return -ENOMEM;
	actions[n] = *wanted;
	*link = &actions[n];
	return 0;
}

int
request_irq(unsigned int irq, irq_handler_t handler, unsigned int flags,
	    const char *name, void *dev)
{
	const struct irqaction wanted = {NULL, handler, dev, flags, name};
	unsigned long lock_flags;
	int error;

	if (irq >= NR_IRQS || !handler || ((flags & IRQF_SHARED) && !dev))
		return -EINVAL;
	if (irq == IRQ_CASCADE)
		return -EBUSY;
	spin_lock_irqsave(&irq_lock, lock_flags);
	error = add_action(&lines[irq], &wanted);
	if (!error) {
		lines[irq].unhandled = lines[irq].polls = 0;
		lines[irq].retried = false;
		pic_unmask(irq);
	}
	spin_unlock_irqrestore(&irq_lock, lock_flags);
	return error;
}

const void *
free_irq(unsigned int irq, void *dev)
{
	struct irqaction *action = NULL, **link;
	const char *name = NULL;
	unsigned long flags;

	spin_lock_irqsave(&irq_lock, flags);
	link = irq < NR_IRQS ? &lines[irq].action : &action;
	while (*link && (*link)->dev != dev)
		link = &(*link)->next;
	action = *link;
	if (action) {
		*link = action->next;
		name = action->name;
		action->handler = NULL;
		if (!lines[irq].action) {
			lines[irq].polls = 0;
			pic_mask(irq);
		}
	}
	spin_unlock_irqrestore(&irq_lock, flags);
	if (!action)
		pr_err("BUG: free_irq: irq %u has no handler for %p\n", irq,
		       dev);
	return name;
}

unsigned long
irq_count(unsigned int irq)
{
	return irq <= IRQ_SPURIOUS ? lines[irq].count : 0;
}

size_t
irq_format(char *text, size_t size)
{
	const struct irqaction *action;
	unsigned long flags;
	size_t n = scnprintf(text, size, "           CPU0       \n");

	spin_lock_irqsave(&irq_lock, flags);
	for (unsigned int irq = 0; irq < NR_IRQS; irq++) {
		if (!lines[irq].action)
			continue;
		n += scnprintf(text + n, size - n, "%3u: %10lu    XT-PIC      ",
			       irq, lines[irq].count);
		for (action = lines[irq].action; action; action = action->next)
			n += scnprintf(text + n, size - n, "%s%s", action->name,
				       action->next ? ", " : "\n");
	}
	spin_unlock_irqrestore(&irq_lock, flags);
	return n + scnprintf(text + n, size - n, "ERR: %10lu\n",
			     lines[IRQ_SPURIOUS].count);
}

void
irq_init(void)
{
	unsigned int irq;

	for (irq = 0; irq < NR_IRQS; irq++)
		trap_set_handler(IRQ_VECTOR_BASE + irq, handle_irq);
}
