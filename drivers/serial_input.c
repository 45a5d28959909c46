/* serial_input.c - what is typed at the other end of the serial line.
 *
 *   wire --> [ FIFO ] --irq 4--> until it is empty: console_input
 *
 * The handler empties the FIFO: the line to the interrupt controller stays
 * raised until then, and the controller reacts to its rise only, so a
 * character left behind would be the last one that we hear of. When there is no
 * end to them the handler lets the line fall, and rise again.
 */
#include "console.h"
#include "drivers.h"
#include "internal.h"
#include "irq.h"
#include "printk.h"
#include "x86.h"

/* What the FIFO holds. More comes of a paste without end, which others must not
 * wait for, or of what is not a UART. */
#define MAX_PER_IRQ 16

static irqreturn_t
serial_irq(int irq __maybe_unused, void *dev __maybe_unused)
{
	unsigned int n;

	for (n = 0; n < MAX_PER_IRQ; n++) {
		u8 status = inb(COM1_STATUS);
		u8 c;

		if (!(status & UART_RECEIVED))
			break;
		c = inb(COM1_DATA);
		if (status & UART_OVERRUN)
			console_drop();
		if (!(status & UART_MISREAD))
			console_input(CONSOLE_SERIAL, (char)c);
	}
	if (n == MAX_PER_IRQ) {
		outb(0, COM1_IRQ_ENABLE);
		outb(UART_IRQ_INPUT, COM1_IRQ_ENABLE);
	}
	return n ? IRQ_HANDLED : IRQ_NONE;
}

void
serial_input_init(void)
{
	if (inb(COM1_STATUS) == UART_ABSENT)
		return;
	if (request_irq(IRQ_SERIAL1, serial_irq, 0, "serial", NULL)) {
		pr_err("serial: interrupt %d is taken: no input\n",
		       IRQ_SERIAL1);
		return;
	}
	outb(UART_IRQ_INPUT, COM1_IRQ_ENABLE);
}
