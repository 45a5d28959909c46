/* panic.c - stop, after saying why.
 *
 *   panic("...")  --> reason, backtrace --+
 *   trap.c        --> report_trap --------+--> panic_stop --> exit | halt |
 *                                                             reboot
 *
 * A failure inside a report gets one line; a failure inside that, silence.
 */
#include "drivers.h"
#include "errno.h"
#include "panic.h"
#include "param.h"
#include "printf.h"
#include "printk.h"
#include "string.h"
#include "trap.h"
#include "util.h"
#include "x86.h"

static struct {
	unsigned int depth; /* reports under way */
	const char *action; /* the value of panic= */
} state = {.action = "halt"};

unsigned int
panic_enter(void)
{
	local_irq_disable();
	printk_oops();
	return state.depth++;
}

void
panic_stop(void)
{
	if (strcmp(state.action, "exit") == 0)
		qemu_exit(QEMU_EXIT_PANIC);
	if (strcmp(state.action, "reboot") == 0)
		reboot_machine();
	if (state.depth <= 2)
		pr_emerg("the machine is halted\n");
	state.depth = 3;
	for (;;) {
		local_irq_disable();
		halt();
	}
}

void
panic(const char *fmt, ...)
{
	char reason[200];
	unsigned int depth = panic_enter();
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	if (depth == 0) {
		pr_emerg("*** kernel panic: %s\n", reason);
		report_backtrace((u32)__builtin_return_address(0) - 1, 0,
				 *(u32 *)__builtin_frame_address(0));
	} else if (depth == 1) {
		pr_emerg("panic while reporting: %s: stopped\n", reason);
	}
	panic_stop();
}

static int
set_panic(const char *value)
{
	if (strcmp(value, "exit") && strcmp(value, "halt") &&
	    strcmp(value, "reboot"))
		return -EINVAL;
	state.action = value;
	return 0;
}
BOOT_PARAM(panic, "exit|halt|reboot", "what to do after a panic (halt)",
	   set_panic);
