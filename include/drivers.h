/* drivers.h - the devices a PC has had since 1981 or so, and QEMU's exit port.
 */
#ifndef DRIVERS_H
#define DRIVERS_H

#include "jiffies.h"
#include "types.h"

/* serial_init: the first port, 115200 8N1, as a polled console.
 * => boot, the first thing C does */
void serial_init(void);

/* serial_input_init: take what is typed there by interrupt.
 * => boot, after irq_init */
void serial_input_init(void);

/* vga_init: the 80x25 colour text screen as a console; programs mode 3 and
 * loads a font when no BIOS did.
 * => boot, once the direct map covers 0xB8000
 * => false when there is no VGA */
bool vga_init(void);

/* keyboard_init: a PS/2 keyboard, US layout. => boot, after irq_init */
void keyboard_init(void);

/* pit_init: an interrupt HZ times a second (every TICK_NSEC, to be exact), until
 * pit_oneshot wants just one, so many ns from now, 54 million at most. Where the
 * 8254 does not count the RTC interrupts, and nobody may call pit_oneshot:
 * the clock never becomes exact (time_is_exact).
 * => boot, after irq_init; interrupts off */
void pit_init(void);
void pit_oneshot(u32 ns);
#define TICK_NSEC 4000228u /* 4773 / 1193182 s */

/* pit_delay: wait so many microseconds, busily, by the PIT's own count; or
 * by what a read of the RTC takes, if it does not count.
 * => any context, after pit_init */
void pit_delay(u32 us);

/* rtc_read: the machine's clock, in seconds since 1970; it takes a few
 * milliseconds at worst. rtc_seconds: the same of its registers: second, minute,
 * hour, day, month, year of the century, in the format of status B.
 * => process context */
u32 rtc_read(void);
u32 rtc_seconds(const u8 *fields, u8 format);

/* rtc_calibrate_tsc: as pit_calibrate_tsc, over 36 ms.
 * => boot, interrupts off; 0 if the RTC does not tick */
u32 rtc_calibrate_tsc(void);

/* pit_calibrate_tsc: how many TSC ticks a millisecond has, measured against
 * the PIT over 1 ms.
 * => boot, interrupts off; 0 if the PIT does not count */
u32 pit_calibrate_tsc(void);

/* qemu_exit: stop QEMU with exit status (code << 1 | 1), through its
 * isa-debug-exit device; returns where there is none. */
void qemu_exit(u32 code);
#define QEMU_EXIT_PASS  0x10 /* tests passed: status 33 */
#define QEMU_EXIT_FAIL  0x11 /* tests failed: status 35 */
#define QEMU_EXIT_PANIC 0x12 /* panic=exit: status 37 */

/* reboot_machine: by the keyboard controller, else by a triple fault.
 * poweroff_machine: by ACPI's port on QEMU and Bochs; else halts. */
void __noreturn reboot_machine(void);
void __noreturn poweroff_machine(void);

#endif
