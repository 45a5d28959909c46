/* serial.c - the first serial port as a console: polled output.
 *
 *   "ok\n" --> o k \r \n --> [ FIFO: up to 16 characters ] --> wire
 *                                 ^
 *            the status says "all sent": 16 more may go without asking again
 *
 * Guarantees
 * - Works in any context: no interrupt is needed, nothing is allocated.
 * - Never hangs. A port that is not there is not used. One that stops sending
 *   costs one long wait; from then on what it does not take at once is lost,
 *   until it says again that it has room.
 * - No loopback test decides whether the port exists: emulators that lack the
 *   test have the port all the same. Where no device answers the bus reads
 *   0xFF, and no UART has all its status bits set.
 *
 * Limit: switching the FIFO on drops a character typed before that.
 */
#include "console.h"
#include "drivers.h"
#include "internal.h"
#include "x86.h"

/* 115200 bits a second: the UART's clock / 16, divided by 1. */
#define DIVISOR 1

#define LINE_8N1      0x03 /* 8 bits, no parity, 1 stop bit */
#define LINE_DIVISOR  0x80 /* the first two registers are the divisor */
#define FIFO_ENABLE   0x01 /* an interrupt for each character received */
#define FIFO_WORKS    0xC0 /* as read: a 16550A, not an older chip */
#define FIFO_SIZE     16
#define MODEM_READY   0x03 /* DTR, RTS: we are here, and listening */
#define MODEM_IRQ_OUT 0x08 /* OUT2: on a PC it connects the interrupt */

/* 16 characters take 1.4 ms on the wire, and a status read about 1 us: this is
 * far more. It is QEMU that needs it: its UART waits for whoever reads our
 * output, and there a read is so quick that this is a third of a second. */
#define PATIENCE 5000000

static struct {
	unsigned int burst; /* characters that may follow an "all sent" */
	bool stuck;         /* it has not answered: do not wait again */
} port;

struct text { /* what is still to be written */
	const char *s;
	size_t n;
	bool returned; /* of a "\r\n" the first is sent */
};

/* Fill the FIFO, if all is sent. Not with interrupts on: the handler of one
 * may write as well, and what we then add would not fit. */
static bool
send_burst(struct text *text)
{
	unsigned long flags = local_irq_save();
	unsigned int room = inb(COM1_STATUS) & UART_SENT ? port.burst : 0;
	bool sent = room > 0;

	for (; text->n && room; room--) {
		if (*text->s == '\n' && !text->returned) {
			outb('\r', COM1_DATA);
			text->returned = true;
		} else {
			outb((u8)*text->s++, COM1_DATA);
			text->n--;
			text->returned = false;
		}
	}
	local_irq_restore(flags);
	return sent;
}

static void
serial_write(const char *s, size_t n)
{
	struct text text = {s, n, false};
	unsigned int tries = port.stuck ? 1 : PATIENCE;

	while (text.n) {
		if (send_burst(&text)) {
			port.stuck = false;
			tries = PATIENCE;
		} else if (--tries == 0) {
			port.stuck = true;
			return;
		}
	}
}

static struct console serial_console = {
	.name = "serial",
	.write = serial_write,
};

void
serial_init(void)
{
	if (inb(COM1_STATUS) == UART_ABSENT)
		return;
	outb(0, COM1_IRQ_ENABLE);
	outb(LINE_DIVISOR, COM1_LINE_CONTROL);
	outb(DIVISOR & 0xFF, COM1_DATA);
	outb(DIVISOR >> 8, COM1_IRQ_ENABLE);
	outb(LINE_8N1, COM1_LINE_CONTROL);
	outb(FIFO_ENABLE, COM1_FIFO);
	outb(MODEM_READY | MODEM_IRQ_OUT, COM1_MODEM);

	port.burst = 1;
	if ((inb(COM1_FIFO) & FIFO_WORKS) == FIFO_WORKS)
		port.burst = FIFO_SIZE;
	console_register(&serial_console);
}
