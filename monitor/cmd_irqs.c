/* cmd_irqs.c - what interrupts, and what that leaves for later: irqs.
 *
 *	irqs    <-- irq.h, interrupt.h, console.h
 */
#include "command.h"
#include "console.h"
#include "interrupt.h"
#include "irq.h"
#include "slab.h"

#define TEXT_MAX 1200 /* 16 lines of 70 characters, and a head */

static int
cmd_irqs(int argc __maybe_unused, char **argv __maybe_unused)
{
	char *text = kmalloc(TEXT_MAX, GFP_KERNEL);

	if (text) {
		irq_format(text, TEXT_MAX);
		console_printf("%s", text);
		kfree(text);
	}
	console_printf("softirqs:");
	for (unsigned int nr = 0; nr < NR_SOFTIRQS; nr++)
		console_printf(" %s %lu,", softirq_names[nr],
			       this_cpu(softirq_counts[nr]));
	console_printf(" left for later %lu; tasklets run: %lu\n",
		       this_cpu(softirqs_left), this_cpu(tasklets_run));
	console_printf("typed characters lost: %lu\n", console_dropped());
	return 0;
}
COMMAND(irqs, "",
	"counts interrupts, softirqs and tasklets\n"
	"The table is that of Linux' /proc/interrupts: line, how many, whose.\n"
	"ERR: interrupts that no device had asked for.");
