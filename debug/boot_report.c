/* boot_report.c - the first lines of the log: which machine this is.
 *
 *   cpu: ... MHz                        <-- cpu.h
 *   loader: ..., command line: "..."    <-- bootinfo.h
 *     0000000000-000009fbff  639 KiB  usable
 */
#include "boot.h"
#include "cpu.h"
#include "page.h"
#include "printf.h"
#include "printk.h"

#define BIOS_BASE_MEMORY 0x413

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
	char speed[32] = "no TSC to tell its speed";

	if (boot_cpu.tsc_khz)
		scnprintf(speed, sizeof(speed), "%u.%03u MHz",
			  boot_cpu.tsc_khz / 1000, boot_cpu.tsc_khz % 1000);
	pr_info("cpu: %s family %u model %u stepping %u, %s\n",
		boot_cpu.vendor[0] ? boot_cpu.vendor : "without CPUID",
		boot_cpu.family, boot_cpu.model, boot_cpu.stepping, speed);
}

/* A BIOS leaves there how many KiB of memory lie below 640 KiB. */
static void __init
print_firmware(void)
{
	if (!*(const u16 *)__va(BIOS_BASE_MEMORY))
		pr_notice("no BIOS here (UEFI?): only the serial line is sure "
			  "to work\n");
}

void __init
report_machine(void)
{
	print_cpu();
	print_firmware();
	print_bootinfo();
}
