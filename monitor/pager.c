/* pager.c - output that waits for its reader: on a screen that forgets what
 * scrolls off it, a stop after each screenful.
 *
 *   console_write --> pager_write --> con->write      rows left
 *                          |
 *                     "-- more --" <--- a key         none left
 *
 * Locking: none. One thread writes while the pager is set, the monitor's.
 */
#include "console.h"
#include "pager.h"

static const char more[] = "-- more --";
static const char unmore[] = "\r          \r";

static struct {
	bool dropping;       /* q was typed */
	unsigned int row;    /* rows used since the last stop */
	unsigned int column; /* of the row being written */
	bool escape;         /* inside an escape sequence */
} state;

/* The screen is full: ask, and wait for an answer that means something. */
static void
pager_ask(struct console *con)
{
	con->write(more, sizeof(more) - 1);
	for (;;) {
		switch (console_getc()) {
		case ' ':
			state.row = 0;
			break;
		case '\r':
		case '\n':
			state.row = con->rows - 2;
			break;
		case 'q':
		case CTRL_C:
			state.dropping = true;
			break;
		default:
			continue;
		}
		con->write(unmore, sizeof(unmore) - 1);
		return;
	}
}

/* How many of the n characters still fit before the pager has to ask; the
 * rows and columns they take are noted. A row ends with "\n", or when there is
 * one character too many for it. An escape sequence, up to its letter, takes
 * no room. */
static size_t
pager_fits(const struct console *con, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		bool moves = s[i] == '\n' || s[i] == '\r';

		if (s[i] == '\033' || state.escape) {
			state.escape = (u8)((s[i] | ' ') - 'a') >= 26;
			continue;
		}
		if (!moves && state.column == con->columns) {
			state.column = 0;
			state.row++;
		}
		if (state.row >= con->rows - 1)
			break;
		state.column = moves ? 0 : state.column + 1;
		state.row += s[i] == '\n';
	}
	return i;
}

static void
pager_write(struct console *con, const char *s, size_t n)
{
	while (n && !state.dropping) {
		size_t fit = pager_fits(con, s, n);

		con->write(s, fit);
		s += fit;
		n -= fit;
		if (n)
			pager_ask(con);
	}
}

void
pager_set(bool on)
{
	state.dropping = false;
	state.row = 0;
	state.column = 0;
	console_set_pager(on ? pager_write : NULL);
}
