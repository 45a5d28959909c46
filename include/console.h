/* console.h - the lines to the person: characters out to every console, and in
 * from whichever one they are typing at.
 *
 *    printk ----> log (dmesg)
 *       |                            +--> serial port
 *       +-------> console_write ----+
 *    monitor, tests -----^           +--> VGA text screen
 *
 *    serial irq --+
 *                 +--> input ring --> console_getc --> monitor
 *    keyboard  ---+
 *
 * Text is ASCII with ANSI escape sequences for colour and the cursor; the VGA
 * driver interprets the few that we use (see drivers/vga.c).
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdarg.h>
#include "types.h"

/* One output device. write() is polled, may be called with interrupts off and
 * from a panic, and expands "\n" to whatever the device needs. */
struct console {
	const char *name;
	void (*write)(const char *s, size_t n);
	unsigned int rows; /* of a screen that forgets what scrolls off it; */
	unsigned int columns; /* both 0 for a line: whoever reads it can page */
	struct console *next;
};

/* console_register: from now on con gets all output.
 * => boot only; con stays the driver's and is never unregistered */
void console_register(struct console *con);

/* console_write: n bytes to every console, not to the log.
 * => any context */
void console_write(const char *s, size_t n);

/* console_printf: formatted output to every console, not to the log: what the
 * monitor and the tests answer with.
 * => any context; lines longer than 512 bytes are cut
 * => returns the number of bytes written */
int console_printf(const char *fmt, ...) __printf(1, 2);

/* console_rows: text that begins in that column, broken at blanks into rows of
 * CONSOLE_COLUMNS; `indent` is what the second and later ones begin with.
 * => any context */
#define CONSOLE_COLUMNS 80
void console_rows(const char *s, size_t n, size_t column, const char *indent);

/* console_set_pager: what is written to a console with rows, with interrupts
 * on, goes to pager() instead of con->write; NULL: no more. It may wait.
 * => process context */
void console_set_pager(void (*pager)(struct console *con, const char *s,
				     size_t n));

/* Where a character was typed. */
enum console_source {
	CONSOLE_SERIAL,
	CONSOLE_KEYBOARD
};

/* console_input: a driver received one character. A special key is its ANSI
 * sequence ("\033[A" is the up arrow); Enter is '\r', Backspace 0x7f or 8.
 * => irq context; a character that finds the ring full is dropped, counted */
void console_input(enum console_source source, char c);

/* console_set_sink: from now on sink(c) is offered each character that is typed,
 * in irq context, and what it returns true for is not put into the ring. NULL:
 * none. => any context */
void console_set_sink(bool (*sink)(char c));

/* console_drop: a driver or a sink has lost a character for want of room.
 * console_dropped: how many did not fit so far, there or in the ring.
 * => any context */
void console_drop(void);
unsigned long console_dropped(void);

/* console_has_input: would console_getc find one at once? => any context */
bool console_has_input(void);

/* console_getc: the next character typed; sleeps until there is one.
 * => process context: interrupts must be on */
int console_getc(void);

/* console_set_waiter: who reads. console_getc sleeps by his sleep(): until
 * somebody has typed, or, where it cannot, not at all: then the CPU halts, as it
 * does without a waiter. wake() comes with each character, in any context.
 * stop() comes with Ctrl-C, in any context: true if it stops what runs: then what
 * was typed before goes, too. What is written with interrupts on while muted()
 * goes nowhere. */
#define CTRL_C 3
struct console_waiter {
	void (*sleep)(void);
	void (*wake)(void);
	bool (*stop)(void);
	bool (*muted)(void);
};
void console_set_waiter(const struct console_waiter *waiter);

/* console_skip: the next character, if it is c, is taken: it was waited for
 * elsewhere. => process context */
void console_skip(char c);

/* console_last_source: where the character last returned came from. */
enum console_source console_last_source(void);

#endif
