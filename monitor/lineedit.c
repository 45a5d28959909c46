/* lineedit.c - editing one line on one row of the screen.
 *
 *              first        cursor         len
 *                v            v             v
 *    line:  mem; peek boot_stack_guard+0x120 64
 *                +--------- drawn ---------+
 *    row:   memoir> peek boot_stack_guard+0x120
 *
 * A line longer than the row shows the part around the cursor, moving on by
 * half a row at a time, so that it never wraps: "\r" and "\b" are then all that is needed to move about, and
 * those work on every terminal. Typing at the end of a line writes just that
 * character; every other change draws the row again.
 *
 * Keys arrive as control characters, the emacs and readline ones; the escape
 * sequences of arrows and other special keys are turned into those first.
 */
#include "lineedit.h"
#include "string.h"
#include "util.h"

#define CTRL(letter) ((letter)&0x1f)
#define BACKSPACE    8
#define ESC          27
#define RUBOUT       0x7f

enum escape_state {
	PLAIN,    /* in none */
	ESCAPE,   /* ESC has come */
	SEQUENCE, /* ESC [ or ESC O has come, numbers follow, then a letter */
};

static void
edit_write(struct lineedit *e, const char *s)
{
	e->write(s, strlen(s));
}

static void
edit_bell(struct lineedit *e)
{
	edit_write(e, "\a");
}

/* How many characters of the line fit after the prompt. The last column stays
 * free: a terminal may wrap when it is filled. */
static unsigned int
edit_room(const struct lineedit *e)
{
	return LINEEDIT_COLUMNS - 1 - strlen(e->prompt);
}

static void
edit_draw(struct lineedit *e)
{
	unsigned int room = edit_room(e);
	unsigned int shown, back;

	if (e->len <= room)
		e->first = 0;
	else if (e->cursor < e->first)
		e->first = e->cursor - min(e->cursor, room / 2);
	else if (e->cursor > e->first + room)
		e->first = e->cursor - room / 2;

	shown = min(e->len - e->first, room);
	edit_write(e, "\r");
	edit_write(e, e->prompt);
	e->write(e->line + e->first, shown);
	back = e->first + shown - e->cursor;
	for (; e->drawn > shown; e->drawn--, back++)
		edit_write(e, " ");
	while (back--)
		edit_write(e, "\b");
	e->drawn = shown;
}

static void
edit_move(struct lineedit *e, unsigned int cursor)
{
	e->cursor = cursor;
	edit_draw(e);
}

static void
edit_insert(struct lineedit *e, const char *s, unsigned int n)
{
	if (n > LINEEDIT_MAX - e->len) {
		e->lost += n;
		edit_bell(e);
		return;
	}
	memmove(e->line + e->cursor + n, e->line + e->cursor,
		e->len - e->cursor + 1);
	memcpy(e->line + e->cursor, s, n);
	e->len += n;
	e->cursor += n;

	if (e->cursor == e->len && e->len <= e->first + edit_room(e)) {
		e->write(s, n);
		e->drawn += n;
	} else {
		edit_draw(e);
	}
}

/* Take out [from, to), which ends or begins at the cursor. */
static void
edit_delete(struct lineedit *e, unsigned int from, unsigned int to)
{
	if (from == to)
		return;
	memmove(e->line + from, e->line + to, e->len - to + 1);
	e->len -= to - from;
	edit_move(e, from);
}

static void
edit_replace(struct lineedit *e, const char *text)
{
	e->len = strscpy(e->line, text, sizeof(e->line));
	edit_move(e, e->len);
}

static unsigned int
word_before(const struct lineedit *e)
{
	unsigned int i = e->cursor;

	while (i > 0 && e->line[i - 1] == ' ')
		i--;
	while (i > 0 && e->line[i - 1] != ' ')
		i--;
	return i;
}

/* History: a ring of the last lines; number `entered - back` is shown. */
static void
history_show(struct lineedit *e, unsigned int back)
{
	if (back > min_t(unsigned int, e->entered, LINEEDIT_HISTORY)) {
		edit_bell(e);
		return;
	}
	if (e->back == 0)
		memcpy(e->draft, e->line, sizeof(e->draft));
	e->back = back;
	if (back)
		edit_replace(
			e, e->history[(e->entered - back) % LINEEDIT_HISTORY]);
	else
		edit_replace(e, e->draft);
}

/* Neither empty lines nor the same line twice in a row. */
static void
history_add(struct lineedit *e)
{
	unsigned int last = (e->entered + LINEEDIT_HISTORY - 1);

	if (e->len == 0)
		return;
	if (e->entered && !strcmp(e->history[last % LINEEDIT_HISTORY], e->line))
		return;
	memcpy(e->history[e->entered % LINEEDIT_HISTORY], e->line, e->len + 1);
	e->entered++;
}

/* What was typed of a word, and the words that begin so. */
struct match {
	struct word_sink sink;
	char typed[LINEEDIT_MAX + 1];
	size_t n; /* its length */

	unsigned int count;            /* words; 2: or more */
	char common[LINEEDIT_MAX + 1]; /* what they have in common */

	char after[LINEEDIT_MAX + 1]; /* the list: the word before, */
	char next[LINEEDIT_MAX + 1];  /* the next one; "": none */
};

static void
match_common(struct word_sink *sink, const char *word)
{
	struct match *m = container_of(sink, struct match, sink);
	size_t n = 0;

	if (strncmp(word, m->typed, m->n))
		return;
	if (!m->count) {
		strscpy(m->common, word, sizeof(m->common));
		m->count = 1;
	} else if (strcmp(word, m->common)) {
		while (m->common[n] && word[n] == m->common[n])
			n++;
		m->common[n] = '\0';
		m->count = 2;
	}
}

static void
match_next(struct word_sink *sink, const char *word)
{
	struct match *m = container_of(sink, struct match, sink);

	if (!strncmp(word, m->typed, m->n) && strcmp(word, m->after) > 0 &&
	    (!*m->next || strcmp(word, m->next) < 0))
		strscpy(m->next, word, sizeof(m->next));
}

/* In alphabetical order: each is the least of those behind the one before. */
static void
complete_list(struct lineedit *e, unsigned int start, struct match *m)
{
	unsigned int column = 0, listed = 0;

	m->sink.add = match_next;
	m->after[0] = '\0';
	edit_write(e, "\n");
	for (;; listed++) {
		m->next[0] = '\0';
		e->words(e->line, start, m->typed, &m->sink);
		if (!*m->next || listed == LINEEDIT_LISTED)
			break;
		if (column && column + 2 + strlen(m->next) < LINEEDIT_COLUMNS) {
			edit_write(e, "  ");
			column += 2;
		} else if (column) {
			edit_write(e, "\n");
			column = 0;
		}
		edit_write(e, m->next);
		column += strlen(m->next);
		memcpy(m->after, m->next, sizeof(m->after));
	}
	edit_write(e, *m->next ? "\n... and more\n" : "\n");
	edit_draw(e);
}

/* Tab: add what all the words that match have in common; when that is nothing,
 * the second tab in a row lists them. What ends with a slash may go on. */
static void
complete(struct lineedit *e)
{
	static struct match m; /* too large for a stack */
	unsigned int start = e->cursor;
	size_t common;

	while (start > 0 && !strchr(" ;,", e->line[start - 1]))
		start--;
	m.n = e->cursor - start;
	memcpy(m.typed, e->line + start, m.n);
	m.typed[m.n] = '\0';
	m.count = 0;
	m.sink.add = match_common;
	e->words(e->line, start, m.typed, &m.sink);
	common = m.count ? strlen(m.common) : 0;

	if (common > m.n)
		edit_insert(e, m.common + m.n, common - m.n);
	if (m.count == 1 && m.common[common - 1] != '/')
		edit_insert(e, " ", 1);
	else if (m.count > 1 && common == m.n && e->previous == '\t')
		complete_list(e, start, &m);
	else if (common <= m.n)
		edit_bell(e);
}

/* ESC [ 3 ~ and the like: the control character that does the same. */
static u8
key_of_sequence(u8 final, unsigned int param)
{
	static const struct {
		u8 final, param, key; /* param: only with ~ */
	} keys[] = {
		{'A', 0, CTRL('P')}, {'B', 0, CTRL('N')}, {'C', 0, CTRL('F')},
		{'D', 0, CTRL('B')}, {'H', 0, CTRL('A')}, {'F', 0, CTRL('E')},
		{'~', 1, CTRL('A')}, {'~', 3, CTRL('D')}, {'~', 4, CTRL('E')},
		{'~', 7, CTRL('A')}, {'~', 8, CTRL('E')},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].final == final &&
		    (final != '~' || keys[i].param == param))
			return keys[i].key;
	return 0;
}

/* One byte to the key it means; 0 for none (yet). */
static u8
key_of_byte(struct lineedit *e, u8 c)
{
	if (c == ESC) {
		e->escape = ESCAPE;
		return 0;
	}
	if (e->escape == PLAIN || c < ' ' || c >= RUBOUT) {
		e->escape = PLAIN;
		return c;
	}
	if (e->escape == ESCAPE) {
		e->escape = c == '[' || c == 'O' ? SEQUENCE : PLAIN;
		e->param = 0;
		return 0;
	}
	if (c < '@') { /* a parameter; only the last one is kept */
		e->param = c >= '0' && c <= '9'
				   ? (e->param * 10 + c - '0') % 100
				   : 0;
		return 0;
	}
	e->escape = PLAIN;
	return key_of_sequence(c, e->param);
}

static void
edit_key(struct lineedit *e, u8 key)
{
	char c = key;

	switch (key) {
	case CTRL('A'):
		edit_move(e, 0);
		break;
	case CTRL('B'):
		edit_move(e, e->cursor - (e->cursor > 0));
		break;
	case CTRL('C'):
		edit_write(e, "^C\n");
		lineedit_start(e);
		break;
	case CTRL('D'):
		edit_delete(e, e->cursor, e->cursor + (e->cursor < e->len));
		break;
	case CTRL('E'):
		edit_move(e, e->len);
		break;
	case CTRL('F'):
		edit_move(e, e->cursor + (e->cursor < e->len));
		break;
	case BACKSPACE:
	case RUBOUT:
		edit_delete(e, e->cursor - (e->cursor > 0), e->cursor);
		break;
	case '\t':
		complete(e);
		break;
	case CTRL('K'):
		edit_delete(e, e->cursor, e->len);
		break;
	case CTRL('L'):
		edit_write(e, "\033[H\033[2J");
		edit_draw(e);
		break;
	case CTRL('N'):
		history_show(e, e->back - 1); /* 0 - 1 is too far back */
		break;
	case CTRL('P'):
		history_show(e, e->back + 1);
		break;
	case CTRL('U'):
		edit_delete(e, 0, e->cursor);
		break;
	case CTRL('W'):
		edit_delete(e, word_before(e), e->cursor);
		break;
	default:
		if (key >= ' ' && key < RUBOUT)
			edit_insert(e, &c, 1);
	}
}

void
lineedit_start(struct lineedit *e)
{
	e->line[0] = '\0';
	e->len = e->cursor = e->first = e->drawn = e->lost = 0;
	e->back = 0;
	edit_write(e, e->prompt);
}

void
lineedit_redraw(struct lineedit *e)
{
	e->drawn = 0;
	edit_draw(e);
}

bool
lineedit_feed(struct lineedit *e, char c)
{
	u8 key = key_of_byte(e, c);
	bool done = key == '\r' || (key == '\n' && e->previous != '\r');

	if (done) {
		history_add(e);
		edit_write(e, "\n");
	} else if (key != '\n') {
		edit_key(e, key);
	}
	e->previous = c;
	return done;
}
