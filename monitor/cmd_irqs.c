/* cmd_irqs.c - what interrupts, what they leave for later, and what waits for
 * its time: irqs, timers.
 *
 *	irqs    <-- irq.h, interrupt.h, console.h
 *	timers  <-- timer.h, time.h
 */
#include "command.h"
#include "console.h"
#include "interrupt.h"
#include "irq.h"
#include "slab.h"
#include "sort.h"
#include "time.h"
#include "timer_check.h"
#include "util.h"

#define TEXT_MAX   1200 /* 16 lines of 70 characters, and a head */
#define TIMERS_MAX 64

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
	console_printf(" left for later %lu\n", this_cpu(softirqs_left));
	console_printf("tasklets run: %lu\n", this_cpu(tasklets_run));
	console_printf("typed characters lost: %lu\n", console_dropped());
	return 0;
}
COMMAND(irqs, "",
	"counts interrupts, softirqs and tasklets\n"
	"The table is that of Linux' /proc/interrupts: line, how many, whose.\n"
	"ERR: interrupts that no device had asked for.");

static int
compare_expires(const void *a, const void *b)
{
	const struct timer_list *x = a, *y = b;

	return time_after(x->expires, y->expires) -
	       time_before(x->expires, y->expires);
}

static void
print_timers(struct timer_list *copies, unsigned int n)
{
	unsigned long now = jiffies;

	sort(copies, n, sizeof(copies[0]), compare_expires, NULL);
	for (unsigned int i = 0; i < n; i++)
		console_printf("  %10ld ms  %pS\n",
			       (long)(copies[i].expires - now) * MSEC_PER_JIFFY,
			       (void *)copies[i].function);
}

static int
cmd_timers(int argc __maybe_unused, char **argv __maybe_unused)
{
	struct timer_list *copies =
		kmalloc_array(TIMERS_MAX, sizeof(*copies), GFP_KERNEL);
	unsigned int max = copies ? TIMERS_MAX : 0;
	unsigned int n = timer_base_list(&timer_base, copies, max);
	u64 ms = (u64)ktime_get();

	do_div(ms, NSEC_PER_MSEC);
	console_printf("%llu ms since boot, tick %lu; %u timer%s armed, %lu "
		       "gone off\n",
		       ms, jiffies, n, plural(n), timer_base.fired);
	print_timers(copies, min(n, max));
	if (n > max)
		console_printf("  ... and %u more\n", n - max);
	kfree(copies);
	return 0;
}
COMMAND(timers, "", "lists the timers that are armed: in how long, whose");
