/* internal.h - what the drivers in this folder tell each other. */
#ifndef DRIVERS_INTERNAL_H
#define DRIVERS_INTERNAL_H

#include "irq.h"
#include "types.h"

/* The first serial port, a 16550 UART: its registers. serial.c writes to it,
 * serial_input.c reads from it. */
#define COM1              0x3F8
#define COM1_DATA         (COM1 + 0) /* write: send, read: received */
#define COM1_IRQ_ENABLE   (COM1 + 1)
#define COM1_FIFO         (COM1 + 2) /* write: control; read: who interrupts */
#define COM1_LINE_CONTROL (COM1 + 3)
#define COM1_MODEM        (COM1 + 4)
#define COM1_STATUS       (COM1 + 5)

#define UART_RECEIVED  0x01 /* status: a character waits to be read */
#define UART_OVERRUN   0x02 /* status: one came when the FIFO was full */
#define UART_MISREAD   0x1C /* status: parity or framing error, or a break */
#define UART_SENT      0x20 /* status: all has been sent, there is room */
#define UART_ABSENT    0xFF /* status: nobody answers; no UART reads so */
#define UART_IRQ_INPUT 0x01 /* irq enable: a character has been received */

/* The keyboard controller; the machine's reset line is one of its outputs. */
#define KBD_DATA     0x60
#define KBD_STATUS   0x64 /* read */
#define KBD_COMMAND  0x64 /* write */
#define STATUS_INPUT 0x02 /* it has not taken our last byte */

/* A port read is about 1 us on a real bus, and a keyboard answers within 20
 * ms. */
#define PORT_PATIENCE 50000

/* kbd_wait: until these bits of the controller's status have this value.
 * => false if they never do; any context (power.c) */
bool kbd_wait(u8 mask, u8 value);

/* rtc_tick_init: call the handler HZ times a second, on average.
 * => boot, after irq_init; false if the RTC does not tick
 * rtc_delay: wait, roughly so long. => any context, after rtc_tick_init */
bool rtc_tick_init(irq_handler_t handler);
void rtc_delay(u32 us);

/* vga_is_mode_3: is the screen 80x25 text in colour already?
 * vga_set_mode_3: make it so, and load the font. vga_no_blink: let bit 7 of
 * a cell's attribute mean a bright background, not blinking.
 * => boot, only if there is a VGA */
bool vga_is_mode_3(void);
void vga_set_mode_3(void);
void vga_no_blink(void);

#endif
