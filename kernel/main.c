/* main.c - the order in which a kernel comes to life, and why.
 *
 *   boot.asm --> kmain --> ... one line a subsystem ... --> monitor
 */
#include "../linux/process.h"
#include "boot.h"
#include "command.h"
#include "cpu.h"
#include "drivers.h"
#include "fpu.h"
#include "gfp.h"
#include "init.h"
#include "interrupt.h"
#include "irq.h"
#include "lockdep.h"
#include "mmzone.h"
#include "page.h"
#include "param.h"
#include "pgtable.h"
#include "pgtable_check.h"
#include "preempt.h"
#include "printk.h"
#include "sched.h"
#include "sections.h"
#include "slab.h"
#include "symbols.h"
#include "test.h"
#include "tick.h"
#include "timer.h"
#include "trap.h"
#include "vmalloc.h"
#include "workqueue.h"
#include "x86.h"

TABLE_DEFINE(initcalls);

static void __init
initcalls_run(void)
{
	const struct initcall *call;
	int error;

	table_for_each(call, &initcalls)
	{
		error = call->run();
		if (error)
			pr_warn("initcall %pS: error %d\n", (void *)call->run,
				-error);
	}
}

void
kmain(phys_addr_t info)
{
	/* From here on a fault is explained, once there is a console ... */
	trap_init();
	cpu_init();
	fpu_init();
	extable_init();
	/* ... and from here on it is seen. */
	serial_init();
	vga_init();
	time_init();
	symbols_init();

	/* The command line first: it may change what the rest does. It is in
	 * the loader's memory, which is safe until memory_init. */
	multiboot_parse(&bootinfo, info, boot_phys_read, KERNEL_PHYS,
			__pa(_end));
	params_parse(bootinfo.cmdline);
	lockdep_init();
	pr_info("Memoir: a kernel you can read, about memory\n");
	report_machine();

	/* What RAM there is, then page tables taken from it. */
	memory_init();
	paging_init();
	pages_init();
	slab_init();
	vmalloc_init();
	user_memory_init();
	processes_init();

	/* Devices that interrupt; then, and not before, interrupts. */
	pic_init();
	irq_init();
	softirq_init();
	timers_init();
	tick_init();
	keyboard_init();
	serial_input_init();
	sched_init();
	local_irq_enable();
	system_running = true;
	workqueue_init();
	reclaim_init();

	/* The files that programs come from; then what joined from outside. */
	fs_init();
	initcalls_run();
	free_initmem();
	pgtable_seal();
	init_start();

	tests_from_cmdline();
	monitor_run();
}
