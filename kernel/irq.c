/* irq.c - who is called for which interrupt line.
 *
 *   line --> vector 0x20 + line --> handle_irq
 *              spurious? count it, nothing else
 *              ask the line's handlers: action --> action --> NULL
 *              tell the controller that it is over
 *              softirqs (interrupt.h), a more important thread (sched.h)
 *
 * A line that keeps interrupting while no handler says "mine" would leave no
 * time for anything else: STUCK times of WINDOW interrupts, and it is masked
 * until somebody requests it anew. In Linux' words: nobody cared.
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
#include "trap.h"

#define STUCK  100
#define WINDOW 1000

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
	unsigned long window;   /* count when these began: */
	unsigned int unhandled; /* interrupts that nobody had caused */
} lines[NR_IRQS + 1];           /* the last one counts the spurious ones */

static DEFINE_SPINLOCK(irq_lock);

static __noinline void
nobody_cared(struct line *line, unsigned int irq)
{
	const struct irqaction *action;

	if (line->count - line->window > WINDOW) {
		line->window = line->count;
		line->unhandled = 0;
	}
	if (++line->unhandled < STUCK)
		return;
	line->unhandled = 0;
	pic_mask(irq);
	pr_err("irq %u: nobody cared\n", irq);
	for (action = line->action; action; action = action->next)
		pr_err("  handler %pS (%s)\n", (void *)action->handler,
		       action->name);
	pr_err("Disabling IRQ #%u\n", irq);
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
		lines[irq].unhandled = 0;
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
		if (!lines[irq].action)
			pic_mask(irq);
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
