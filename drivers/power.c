/* power.c - three ways out: leave QEMU, start again, switch off.
 *
 *   reboot:  the chipset's reset port --> the keyboard controller's reset line
 *            --> an exception that cannot be delivered ("triple fault")
 *   off:     the ACPI port of each emulator in turn --> halt
 *
 * Real machines say in their ACPI tables how they are switched off; we do not
 * read those, so there the last step is to ask the user.
 */
#include "console.h"
#include "drivers.h"
#include "internal.h"
#include "util.h"
#include "x86.h"

#define QEMU_EXIT_PORT 0xF4 /* where the Makefile puts isa-debug-exit */

#define RESET_PORT 0xCF9 /* PIIX and all later chipsets */
#define RESET_HARD 0x02  /* which kind: processor, chipset and devices */
#define RESET_NOW  0x04

#define KBD_PULSE_RESET 0xFE

/* ACPI's PM1a control register, "go to sleep state now", where each emulator
 * has it, and its number for S5: off. */
static const struct {
	u16 port, value;
} acpi_off[] = {
	{0x604, 0x2000},  /* QEMU */
	{0xB004, 0x2000}, /* Bochs, QEMU before 2.0 */
	{0x4004, 0x3400}, /* VirtualBox */
};

void
qemu_exit(u32 code)
{
	outl(code, QEMU_EXIT_PORT);
}

bool
kbd_wait(u8 mask, u8 value)
{
	unsigned int tries;

	for (tries = 0; tries < PORT_PATIENCE; tries++)
		if ((inb(KBD_STATUS) & mask) == value)
			return true;
	return false;
}

void
reboot_machine(void)
{
	local_irq_disable();
	outb(RESET_HARD, RESET_PORT);
	outb(RESET_HARD | RESET_NOW, RESET_PORT);

	kbd_wait(STATUS_INPUT, 0);
	outb(KBD_PULSE_RESET, KBD_COMMAND);
	kbd_wait(STATUS_INPUT, 0);

	triple_fault();
}

void
poweroff_machine(void)
{
	unsigned int i;

	local_irq_disable();
	for (i = 0; i < ARRAY_SIZE(acpi_off); i++)
		outw(acpi_off[i].value, acpi_off[i].port);
	for (i = 0; i < PORT_PATIENCE; i++)
		inb(KBD_STATUS); /* any port: to pass the time */
	console_printf("It is now safe to switch this machine off.\n");
	for (;;)
		halt();
}
