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
#include "timer.h"
#include "trap.h"
#include "vmalloc.h"
#include "workqueue.h"
#include "x86.h"

static void __init
print_bootinfo(void)
{
	static const char *const types[] = {"reserved", "usable",
					    "reserved", "ACPI tables",
					    "ACPI NVS", "bad"};
	unsigned int i;

	pr_info("loader: %s, command line: \"%s\"%s\n",
		bootinfo.loader[0] ? bootinfo.loader : "(no name)",
		bootinfo.cmdline, bootinfo.cmdline_cut ? " (cut)" : "");
	for (i = 0; i < bootinfo.nr_ranges; i++) {
		const struct boot_range *r = &bootinfo.ranges[i];

		pr_info("  %010llx-%010llx %8llu KiB  %s\n", r->base,
			r->base + r->size - 1, r->size >> 10,
			types[r->type <= RANGE_BAD ? r->type : 0]);
	}
	for (i = 0; i < bootinfo.nr_modules; i++)
		pr_info("  module %s: %u bytes at 0x%08x\n",
			bootinfo.modules[i].name, bootinfo.modules[i].size,
			bootinfo.modules[i].start);
	if (bootinfo.ranges_dropped)
		pr_warn("memory map: %u entries make no sense or are too "
			"many\n",
			bootinfo.ranges_dropped);
	if (bootinfo.modules_dropped)
		pr_warn("modules: %u dropped: empty, over the kernel or too "
			"many\n",
			bootinfo.modules_dropped);
}

static void __init
print_cpu(void)
{
	pr_info("cpu: %s family %u model %u stepping %u, %u.%03u MHz\n",
		boot_cpu.vendor[0] ? boot_cpu.vendor : "without CPUID",
		boot_cpu.family, boot_cpu.model, boot_cpu.stepping,
		boot_cpu.tsc_khz / 1000, boot_cpu.tsc_khz % 1000);
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
	print_cpu();
	print_bootinfo();

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
	pit_init();
	keyboard_init();
	serial_input_init();
	sched_init();
	local_irq_enable();
	system_running = true;
	workqueue_init();
	free_initmem();
	pgtable_seal();

	/* The files that programs come from. */
	fs_init();
	init_start();

	tests_from_cmdline();
	monitor_run();
}
