/* time.c - microseconds since boot.
 *
 *   boot_tsc            now
 *   |---- TSC ticks -----|   * 1000 / ticks per ms (measured against the PIT)
 *
 * A CPU without a TSC counts ticks of the PIT: HZ a second.
 */
#include "boot.h"
#include "cpu.h"
#include "drivers.h"
#include "printk.h"
#include "util.h"
#include "x86.h"

u64
clock_us(void)
{
	u64 us;

	if (!boot_cpu.tsc_khz)
		return (u64)jiffies * (1000000 / HZ);
	us = (rdtsc() - boot_tsc) * 1000; /* 64 bits last for months */
	do_div(us, boot_cpu.tsc_khz);
	return us;
}

void
time_init(void)
{
	if (cpu_has(X86_FEATURE_TSC))
		boot_cpu.tsc_khz = pit_calibrate_tsc();
	printk_set_clock(clock_us);
}
