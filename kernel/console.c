/* console.c - everything that is said goes to all consoles, everything that is
 * typed goes into one ring.
 *
 *   console_write --+--> serial                 irq --> console_input
 *                   |                                        |
 *                   +--> VGA                     ring: [ . . a b c . . . ]
 *                    ^                                    tail^    ^head
 *                    |                                        |
 *             (the pager, if one is set)                 console_getc
 *
 * Invariants
 * - head - tail, as unsigned numbers, is the number of characters waiting, at
 *   most RING_SIZE: both only count up and wrap together.
 * - head is moved by interrupts, tail with interrupts off: neither side sees
 *   the other halfway.
 * - Ctrl-C that stops a command is the oldest character in the ring.
 * - A pager may wait, so it gets only what is written with interrupts on:
 *   nothing that must not sleep does.
 */
#include "console.h"
#include "printf.h"
#include "string.h"
#include "x86.h"

#define RING_SIZE 1024u /* a power of two: an index is count % RING_SIZE */
#define LINE_SIZE 512   /* console_printf's buffer, on the stack */

static struct {
	const struct console_waiter *waiter; /* NULL: halt */
	struct console *outputs;             /* in the order of registration */
	void (*pager)(struct console *con, const char *s, size_t n);

	/* The ring (I: interrupts off). */
	struct {
		char c;
		u8 source;
	} ring[RING_SIZE];
	unsigned int head, tail; /* (I) put here, take from here */
	unsigned long dropped;   /* (I) for want of room */
	enum console_source last_source;
	bool (*sink)(char c); /* gets it instead, or NULL */
} state;

void
console_register(struct console *con)
{
	struct console **link = &state.outputs;

	while (*link)
		link = &(*link)->next;
	con->next = NULL;
	*link = con;
}

void
console_set_pager(void (*pager)(struct console *con, const char *s, size_t n))
{
	state.pager = pager;
}

void
console_write(const char *s, size_t n)
{
	bool waits = !irqs_disabled();
	void (*pager)(struct console * con, const char *s, size_t n) =
		waits ? state.pager : NULL;

	if (waits && state.waiter && state.waiter->muted())
		return;
	for (struct console *con = state.outputs; con; con = con->next) {
		if (pager && con->rows)
			pager(con, s, n);
		else
			con->write(s, n);
	}
}

/* Where a row ends: at the last blank that it has room for, if a word is before
 * that. */
static size_t
row_length(const char *s, size_t room)
{
	size_t row = room, first = 0;

	while (s[first] == ' ')
		first++;
	while (row > first && s[row] != ' ')
		row--;
	while (row > first && s[row - 1] == ' ')
		row--;
	return row > first ? row : room;
}

void
console_rows(const char *s, size_t n, size_t column, const char *indent)
{
	size_t room = CONSOLE_COLUMNS - column;

	while (n > room) {
		size_t row = row_length(s, room);

		console_write(s, row);
		for (s += row, n -= row; n && *s == ' '; n--)
			s++;
		if (!n)
			return;
		console_write("\n", 1);
		console_write(indent, strlen(indent));
		room = CONSOLE_COLUMNS - strlen(indent);
	}
	console_write(s, n);
}

int
console_printf(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= LINE_SIZE)
		n = LINE_SIZE - 1;
	console_write(line, n);
	return n;
}

void
console_input(enum console_source source, char c)
{
	unsigned long flags = local_irq_save();
	bool stops = c == CTRL_C && state.waiter && state.waiter->stop();

	if (state.sink && state.sink(c)) {
		/* taken */
	} else if (state.head - state.tail == RING_SIZE && !stops) {
		state.dropped++;
	} else {
		if (stops)
			state.tail = state.head;
		state.ring[state.head % RING_SIZE].c = c;
		state.ring[state.head % RING_SIZE].source = source;
		state.head++;
	}
	local_irq_restore(flags);
	if (state.waiter)
		state.waiter->wake();
}

void
console_drop(void)
{
	unsigned long flags = local_irq_save();

	state.dropped++;
	local_irq_restore(flags);
}

void
console_set_sink(bool (*sink)(char c))
{
	WRITE_ONCE(state.sink, sink);
}

unsigned long
console_dropped(void)
{
	return READ_ONCE(state.dropped);
}

void
console_set_waiter(const struct console_waiter *waiter)
{
	state.waiter = waiter;
}

bool
console_has_input(void)
{
	return READ_ONCE(state.head) != READ_ONCE(state.tail);
}

/* Without a waiter: the test for a character and the hlt are one step: were
 * interrupts on between them, a key that arrives there would be slept through.
 */
int
console_getc(void)
{
	char c;

	for (;;) {
		if (state.waiter)
			state.waiter->sleep();
		local_irq_disable();
		if (state.head != state.tail)
			break;
		safe_halt();
	}
	c = state.ring[state.tail % RING_SIZE].c;
	state.last_source = state.ring[state.tail % RING_SIZE].source;
	state.tail++;
	local_irq_enable();
	return (u8)c;
}

void
console_skip(char c)
{
	unsigned long flags = local_irq_save();

	if (state.head != state.tail &&
	    state.ring[state.tail % RING_SIZE].c == c)
		state.tail++;
	local_irq_restore(flags);
}

enum console_source
console_last_source(void)
{
	return state.last_source;
}
