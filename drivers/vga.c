/* vga.c - the text screen: 80x25 cells of a character and its colours.
 *
 *   0xB8000 +---------------------------+      one cell, 16 bits:
 *           | rows scrolled off the top |
 *   top --> +---------------------------+      15     12 11      8 7         0
 *           | the 25 rows on the screen |     +---------+---------+-----------+
 *           +---------------------------+     | back-   | fore-   | character |
 *           | rows not used yet         |     | ground  | ground  |           |
 *   0xC0000 +---------------------------+     +---------+---------+-----------+
 *
 * Scrolling moves no cells: the VGA is told to begin a row further down. Only
 * at the end of the memory, each 179 rows, the screen is copied back to the
 * start. (ESC [ J for the whole screen starts there as well.)
 *
 * Escape sequences, as on every terminal since the VT100; any other is
 * swallowed:
 *
 *   ESC [ n A, B, C, D   cursor up, down, right, left
 *   ESC [ row ; col H    cursor to there; from 1
 *   ESC [ n J, K         erase screen, line: 0 to its end, 1 up to here, 2 all
 *   ESC [ n ; ... m      0 normal, 1 bright, 7 reversed, 30..37 colour,
 *                        40..47 background, 90..97 and 100..107 bright ones
 *
 * Invariants: row < ROWS; column <= COLUMNS, where COLUMNS means that the row
 * is full: the next character begins a new one. The registers for the cursor
 * and for top are behind by at most the write() under way.
 */
#include "console.h"
#include "drivers.h"
#include "internal.h"
#include "page.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define ROWS    25
#define COLUMNS 80
#define CELLS   (ROWS * COLUMNS)

#define TEXT_MEMORY  0xB8000
#define TEXT_CELLS   (0x8000 / 2)
#define CURSOR_SHAPE 0x0D0E /* an underline: dot rows 13 to 14 of 16 */

#define SEQUENCER_INDEX 0x3C4
#define CRTC_INDEX      0x3D4
#define CRTC_DATA       0x3D5
#define CRTC_SHAPE      0x0A /* each of the three: high byte, low byte */
#define CRTC_TOP        0x0C
#define CRTC_CURSOR     0x0E

/* Colours: 4 bits, bright red green blue. */
#define GREY   7
#define BLACK  0
#define BRIGHT 8
#define NONE   16

#define MAX_PARAMS 4 /* of an escape sequence; more are dropped */
#define MAX_PARAM  999

enum escape_state {
	PLAIN,    /* in none */
	ESCAPE,   /* after ESC */
	SEQUENCE, /* after ESC [ */
};

static struct {
	u16 *memory;
	unsigned int top; /* the cell that is the screen's first */
	unsigned int row, column;
	unsigned int shown_top, shown_cursor; /* as the VGA knows them */

	u8 fore, back;
	bool bright, reversed;
	u16 blank; /* a space in the present colours */

	enum escape_state escape;
	bool private; /* it is not one of ours */
	unsigned int nr_params;
	unsigned int params[MAX_PARAMS]; /* 0: not given */
} vga;

static u16 *
cell(unsigned int row, unsigned int column)
{
	return vga.memory + vga.top + row * COLUMNS + column;
}

static void
erase(u16 *from, unsigned int cells)
{
	void *to = from;

	rep_stosl(&to, vga.blank * 0x10001u, cells / 2);
	if (cells % 2)
		from[cells - 1] = vga.blank;
}

static void
new_row(void)
{
	vga.column = 0;
	if (vga.row < ROWS - 1) {
		vga.row++;
		return;
	}
	if (vga.top + CELLS + COLUMNS > TEXT_CELLS) {
		memcpy(vga.memory, cell(1, 0), (CELLS - COLUMNS) * 2);
		vga.top = 0;
	} else {
		vga.top += COLUMNS;
	}
	erase(cell(ROWS - 1, 0), COLUMNS);
}

static bool
printable(char c)
{
	return (u8)c >= ' ' && c != 0x7f;
}

/* Write printable characters, the first of n and what follows in its row.
 * => how many that were */
static size_t
put(const char *s, size_t n)
{
	u16 colours = vga.blank & 0xFF00;
	u16 *to;
	size_t i;

	if (vga.column == COLUMNS)
		new_row();
	to = cell(vga.row, vga.column);
	n = min(n, (size_t)(COLUMNS - vga.column));
	for (i = 0; i < n && printable(s[i]); i++)
		to[i] = colours | (u8)s[i];
	vga.column += i;
	return i;
}

static void
control(char c)
{
	switch (c) {
	case '\b':
		vga.column = min_t(unsigned int, vga.column, COLUMNS - 1);
		vga.column -= vga.column > 0;
		break;
	case '\t':
		vga.column =
			min_t(unsigned int, (vga.column | 7) + 1, COLUMNS - 1);
		break;
	case '\n':
		new_row();
		break;
	case '\r':
		vga.column = 0;
		break;
	case '\033':
		vga.escape = ESCAPE;
		break;
	}
}

/* Tens: 3 and 4 are the letters' and the background's colours, 9 and 10 bright
 * ones. ANSI counts red 1, green 2, blue 4; the VGA red 4, green 2, blue 1. */
static void
set_colour(unsigned int n)
{
	static const u8 colours[10] = {0, 4, 2, 6, 1, 5, 3, 7, NONE, NONE};
	unsigned int tens = n / 10;
	u8 colour = colours[n % 10] | (tens >= 9 ? BRIGHT : 0);

	if (n == 0) {
		vga.fore = GREY;
		vga.back = BLACK;
		vga.bright = vga.reversed = false;
	} else if (n == 1) {
		vga.bright = true;
	} else if (n == 7) {
		vga.reversed = true;
	} else if ((tens == 3 || tens == 9) && colour < NONE) {
		vga.fore = colour;
	} else if ((tens == 4 || tens == 10) && colour < NONE) {
		vga.back = colour;
	}
}

static void
set_colours(void)
{
	u8 fore, back;

	for (unsigned int i = 0; i < vga.nr_params; i++)
		set_colour(vga.params[i]);
	fore = vga.fore | (vga.bright ? BRIGHT : 0);
	back = vga.back;
	if (vga.reversed)
		vga.blank = (u16)(fore << 12 | back << 8 | ' ');
	else
		vga.blank = (u16)(back << 12 | fore << 8 | ' ');
}

/* Erase cells from..from+n up to the cursor, which is at here (part 1), or from
 * it on (0), or all of them (2). */
static void
erase_part(unsigned int part, u16 *from, u16 *here, unsigned int n)
{
	u16 *start = part == 0 ? here : from;
	u16 *end = part == 1 ? here + 1 : from + n;

	if (part <= 2)
		erase(start, (unsigned int)(end - start));
}

static void
move_to(unsigned int row, unsigned int column)
{
	vga.row = min_t(unsigned int, row, ROWS - 1);
	vga.column = min_t(unsigned int, column, COLUMNS - 1);
}

/* The sequence is complete, c is its last character. */
static void
perform(char c)
{
	unsigned int n = vga.params[0] ? vga.params[0] : 1;
	unsigned int row = vga.row;
	unsigned int column = min_t(unsigned int, vga.column, COLUMNS - 1);

	switch (c) {
	case 'A':
		move_to(row - min(n, row), column);
		break;
	case 'B':
		move_to(row + n, column);
		break;
	case 'C':
		move_to(row, column + n);
		break;
	case 'D':
		move_to(row, column - min(n, column));
		break;
	case 'H':
		move_to(n - 1, vga.params[1] ? vga.params[1] - 1 : 0);
		break;
	case 'J':
		if (vga.params[0] == 2)
			vga.top = 0;
		erase_part(vga.params[0], cell(0, 0), cell(row, column), CELLS);
		break;
	case 'K':
		erase_part(vga.params[0], cell(row, 0), cell(row, column),
			   COLUMNS);
		break;
	case 'm':
		set_colours();
		break;
	}
}

static void
escape(char c)
{
	unsigned int *param = &vga.params[vga.nr_params - 1];

	if ((u8)c < ' ') { /* cut short */
		vga.escape = PLAIN;
		control(c);
	} else if (vga.escape == ESCAPE) {
		if (c >= ' ' && c <= '/') /* as in ESC ( B: not yet the last */
			return;
		vga.escape = c == '[' ? SEQUENCE : PLAIN;
		vga.private = false;
		vga.nr_params = 1;
		memset(vga.params, 0, sizeof(vga.params));
	} else if (c >= '0' && c <= '9') {
		*param = min_t(unsigned int, *param * 10 + c - '0', MAX_PARAM);
	} else if (c == ';' && vga.nr_params < MAX_PARAMS) {
		vga.nr_params++;
	} else if (c < '@') {
		vga.private = true;
	} else {
		vga.escape = PLAIN;
		if (!vga.private)
			perform(c);
	}
}

static void
set_register(u8 index, unsigned int value)
{
	outb(index, CRTC_INDEX);
	outb(value >> 8, CRTC_DATA);
	outb(index + 1, CRTC_INDEX);
	outb(value & 0xFF, CRTC_DATA);
}

/* Port writes are slow: once a write(), and what has changed. */
static void
update(void)
{
	unsigned int column = min_t(unsigned int, vga.column, COLUMNS - 1);
	unsigned int cursor = vga.top + vga.row * COLUMNS + column;

	if (vga.top != vga.shown_top)
		set_register(CRTC_TOP, vga.top);
	if (cursor != vga.shown_cursor)
		set_register(CRTC_CURSOR, cursor);
	vga.shown_top = vga.top;
	vga.shown_cursor = cursor;
}

/* With interrupts off: their handlers write as well. */
static void
vga_write(const char *s, size_t n)
{
	unsigned long flags = local_irq_save();

	while (n) {
		size_t done = 1;

		if (vga.escape != PLAIN)
			escape(*s);
		else if (printable(*s))
			done = put(s, n);
		else
			control(*s);
		s += done;
		n -= done;
	}
	update();
	local_irq_restore(flags);
}

static struct console vga_console = {
	.name = "vga",
	.write = vga_write,
	.rows = ROWS,
	.columns = COLUMNS,
};

/* An index register remembers what it was given; no VGA, no memory. */
static bool
vga_present(void)
{
	outb(2, SEQUENCER_INDEX);
	return inb(SEQUENCER_INDEX) == 2;
}

bool
vga_init(void)
{
	if (!vga_present())
		return false;
	if (!vga_is_mode_3())
		vga_set_mode_3();
	vga_no_blink();
	set_register(CRTC_SHAPE, CURSOR_SHAPE);
	set_register(CRTC_TOP, 0);
	set_register(CRTC_CURSOR, 0);

	vga.memory = __va(TEXT_MEMORY);
	vga.nr_params = 1;
	set_colours(); /* parameter 0: normal */
	erase(vga.memory, CELLS);
	console_register(&vga_console);
	return true;
}
