/* irq.c - who is called for which interrupt line.
 *
 *   line --> vector 0x20 + line --> handle_irq
 *              spurious? count it, nothing else
 *              call the line's handler, then tell the controller it is over
 *
 * Locking: lines are requested at boot; the counters are written with
 * interrupts off by the handler alone.
 */
#include "errno.h"
#include "irq.h"
#include "lockdep.h"
#include "preempt.h"
#include "printk.h"
#include "trap.h"

static struct line {
	irq_handler_t handler;
	const char *name;
	void *dev;
	unsigned long count;
} lines[NR_IRQS];

static bool
handle_irq(struct pt_regs *regs)
{
	unsigned int irq = regs->vector - IRQ_VECTOR_BASE;
	struct line *line = &lines[irq];

	if (pic_spurious(irq))
		return true;
	irq_enter();
	line->count++;
	if (line->handler)
		line->handler(irq, line->dev);
	if (lockdep_on())
		lockdep_none_held(line->name);
	pic_eoi(irq);
	irq_exit();
	return true;
}

int
request_irq(unsigned int irq, irq_handler_t handler, const char *name,
	    void *dev)
{
	if (irq >= NR_IRQS)
		return -EINVAL;
	if (lines[irq].handler)
		return -EBUSY;
	lines[irq] = (struct line){handler, name, dev, 0};
	pic_unmask(irq);
	return 0;
}

unsigned long
irq_count(unsigned int irq)
{
	return irq < NR_IRQS ? lines[irq].count : 0;
}

const char *
irq_name(unsigned int irq)
{
	return irq < NR_IRQS ? lines[irq].name : NULL;
}

void
irq_init(void)
{
	unsigned int irq;

	for (irq = 0; irq < NR_IRQS; irq++)
		trap_set_handler(IRQ_VECTOR_BASE + irq, handle_irq);
}
