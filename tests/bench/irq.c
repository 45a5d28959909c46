/* irq.c - what an interrupt costs, what it puts off, and a timer that is armed
 * and disarmed again.
 *
 * The interrupt is the instruction `int` with a line's vector: from there on it
 * is the path of a real one, whose controller is told that it is over, too.
 */
#include "interrupt.h"
#include "irq.h"
#include "printk.h"
#include "test.h"
#include "timer.h"
#include "x86.h"

#define LINE 5 /* nobody's, in a PC without a sound card */

static irqreturn_t
empty_handler(int irq __maybe_unused, void *dev __maybe_unused)
{
	return IRQ_HANDLED;
}

static void
take_line(void)
{
	if (request_irq(LINE, empty_handler, 0, "bench", NULL))
		pr_err("bench: line %d is taken\n", LINE);
}

static void
give_line(void)
{
	free_irq(LINE, NULL);
}

static void
interrupt(unsigned int times)
{
	while (times--)
		software_interrupt(IRQ_VECTOR_BASE + LINE);
}
BENCH_ROW(irq_entry_exit, 1000, interrupt, take_line, give_line);

static void
empty_tasklet(struct tasklet_struct *t __maybe_unused)
{
}

static DECLARE_TASKLET(tasklet, empty_tasklet);

BENCH(tasklet_schedule_run, 1000)
{
	tasklet_schedule(&tasklet);
}

static void
empty_timer(struct timer_list *t __maybe_unused)
{
}

static DEFINE_TIMER(timer, empty_timer);

BENCH(timer_add_delete, 1000)
{
	timer.expires = jiffies + HZ;
	add_timer(&timer);
	del_timer(&timer);
}
