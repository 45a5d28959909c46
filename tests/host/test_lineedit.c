/* test_lineedit.c - the line editor, typed at through a terminal of our own.
 *
 *   keys --> lineedit_feed --> edit.line, edit.cursor
 *                 |
 *                 +-- write() --> struct terminal: one row, a column
 *
 * What counts is what a person sees: after each key the row on the terminal
 * must be the prompt and the part of the line that the editor says it shows,
 * with the cursor in its place. The random case compares the line with a
 * second, simpler editor, too.
 */
#include "host.h"
#include "lineedit.h"
#include "string.h"
#include "util.h"

#define PROMPT  "> "
#define COLUMNS LINEEDIT_COLUMNS
#define UP      "\033[A"
#define DOWN    "\033[B"
#define RIGHT   "\033[C"
#define LEFT    "\033[D"
#define HOME    "\033[H"
#define END     "\033[F"
#define DELETE  "\033[3~"
#define CTRL(c) ((c)&0x1f)

static struct {
	char row[COLUMNS + 1];
	unsigned int column;
	unsigned int bells, rows, wraps;
	char above[16 * COLUMNS]; /* finished rows, each with "\n" */
} terminal;

static struct lineedit edit;

static void
terminal_clear_row(void)
{
	memset(terminal.row, ' ', COLUMNS);
	terminal.row[COLUMNS] = '\0';
	terminal.column = 0;
}

static void
terminal_newline(void)
{
	size_t used = strlen(terminal.above), n = COLUMNS;

	while (n && terminal.row[n - 1] == ' ')
		n--;
	if (used + n + 2 <= sizeof(terminal.above)) {
		memcpy(terminal.above + used, terminal.row, n);
		memcpy(terminal.above + used + n, "\n", 2);
	}
	terminal.rows++;
	terminal_clear_row();
}

static void
terminal_char(char c)
{
	switch (c) {
	case '\a':
		terminal.bells++;
		break;
	case '\b':
		EXPECT(terminal.column > 0);
		terminal.column -= terminal.column > 0;
		break;
	case '\r':
		terminal.column = 0;
		break;
	case '\n':
		terminal_newline();
		break;
	default:
		EXPECT(c >= ' ' && c < 0x7f);
		terminal.row[terminal.column++] = c;
		if (terminal.column == COLUMNS) {
			terminal.wraps++;
			terminal_newline();
		}
	}
}

static void
terminal_write(const char *s, size_t n)
{
	if (n == 7 && !memcmp(s, "\033[H\033[2J", 7)) {
		terminal_clear_row();
		return;
	}
	while (n-- && !host_failed())
		terminal_char(*s++);
}

static void
words(const char *line __maybe_unused, size_t start,
      const char *typed __maybe_unused, struct word_sink *sink)
{
	static const char *const all[] = {"poke",    "mem", "help", "peek",
					  "memtest", "mem", "run/"};

	for (size_t i = 0; start == 0 && i < ARRAY_SIZE(all); i++)
		sink->add(sink, all[i]);
}

static void
words_anywhere(const char *line, size_t start __maybe_unused, const char *typed,
	       struct word_sink *sink)
{
	words(line, 0, typed, sink);
}

static void
many_words(const char *line __maybe_unused, size_t start __maybe_unused,
	   const char *typed __maybe_unused, struct word_sink *sink)
{
	char word[] = "w1199";

	for (int n = 1199; n >= 1000; n--) {
		for (int i = 4, rest = n; i > 0; i--, rest /= 10)
			word[i] = '0' + rest % 10;
		sink->add(sink, word);
	}
}

static void
begin(void)
{
	memset(&edit, 0, sizeof(edit));
	memset(&terminal, 0, sizeof(terminal));
	terminal_clear_row();
	edit.prompt = PROMPT;
	edit.write = terminal_write;
	edit.words = words;
	lineedit_start(&edit);
}

/* Is the row what it should be? */
static void
check_row(void)
{
	char row[COLUMNS + 1];
	size_t prompt = strlen(PROMPT);

	EXPECT(edit.cursor <= edit.len);
	EXPECT_EQ(strlen(edit.line), edit.len);
	EXPECT(edit.first <= edit.cursor);
	EXPECT(edit.cursor - edit.first <= edit.drawn);
	EXPECT_EQ(edit.drawn, min(edit.len - edit.first,
				  (unsigned int)(COLUMNS - 1 - prompt)));

	memset(row, ' ', COLUMNS);
	row[COLUMNS] = '\0';
	memcpy(row, PROMPT, prompt);
	memcpy(row + prompt, edit.line + edit.first, edit.drawn);
	EXPECT_STREQ(terminal.row, row);
	EXPECT_EQ(terminal.column, prompt + edit.cursor - edit.first);
	EXPECT_EQ(terminal.wraps, 0);
}

/* => true when the last key completed the line */
static bool
type(const char *keys)
{
	bool done = false;

	for (; *keys && !host_failed(); keys++) {
		done = lineedit_feed(&edit, *keys);
		if (done)
			EXPECT(keys[1] == '\0');
		else
			check_row();
	}
	return done;
}

static void
enter(const char *line)
{
	EXPECT(!type(line));
	EXPECT(type("\r"));
	EXPECT_STREQ(edit.line, line);
	lineedit_start(&edit);
}

/* The line and where the cursor is in it, as one text: "ab|c". */
static void
expect_line(const char *expected)
{
	char shown[LINEEDIT_MAX + 2];

	memcpy(shown, edit.line, edit.cursor);
	shown[edit.cursor] = '|';
	memcpy(shown + edit.cursor + 1, edit.line + edit.cursor,
	       edit.len - edit.cursor + 1);
	EXPECT_STREQ((const char *)shown, expected);
}

TEST(lineedit, a_typed_line_is_given_on_enter)
{
	begin();
	EXPECT(type("mem\r"));
	EXPECT_STREQ(edit.line, "mem");
	EXPECT_STREQ(terminal.above, PROMPT "mem\n");
}

TEST(lineedit, a_line_feed_ends_a_line_but_not_after_a_return)
{
	begin();
	EXPECT(type("a\n"));
	lineedit_start(&edit);
	EXPECT(type("b\r"));
	lineedit_start(&edit);
	EXPECT(!type("\n"));
	EXPECT(type("\n"));
	EXPECT_EQ(edit.len, 0);
}

TEST(lineedit, characters_go_in_at_the_cursor)
{
	begin();
	type("ac" LEFT "b");
	expect_line("ab|c");
	type(HOME "0" END "d");
	expect_line("0abcd|");
}

TEST(lineedit, arrows_stop_at_both_ends)
{
	begin();
	type("ab" RIGHT);
	expect_line("ab|");
	type(LEFT LEFT LEFT);
	expect_line("|ab");
}

TEST(lineedit, keys_delete_before_and_at_the_cursor)
{
	begin();
	type("abcd" LEFT "\b");
	expect_line("ab|d");
	type("\177");
	expect_line("a|d");
	type(DELETE);
	expect_line("a|");
	type(DELETE "\004");
	expect_line("a|");
	type("\b\b");
	expect_line("|");
}

TEST(lineedit, control_keys_move_and_kill)
{
	begin();
	type("one two  three");
	type("\027");
	expect_line("one two  |");
	type("\027");
	expect_line("one |");
	type("x y\001\006\006");
	expect_line("on|e x y");
	type("\013");
	expect_line("on|");
	type("ly\002\025");
	expect_line("|y");
	type("\005\025");
	expect_line("|");
}

TEST(lineedit, all_forms_of_home_and_end_are_known)
{
	static const char *const homes[] = {"\033[H", "\033OH", "\033[1~",
					    "\033[7~", "\001"};
	static const char *const ends[] = {"\033[F", "\033OF", "\033[4~",
					   "\033[8~", "\005"};

	for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
		begin();
		type("abc");
		type(homes[i]);
		expect_line("|abc");
		type(ends[i]);
		expect_line("abc|");
	}
}

TEST(lineedit, unknown_sequences_and_bytes_change_nothing)
{
	begin();
	type("ab" LEFT);
	type("\033[5~\033[24~\033[1;2Z\033[?25h\033x\033\033[200~\033["
	     "99999999~");
	type("\001\006\377\200\034\037");
	expect_line("a|b");
	type("\033[1;5D"); /* ctrl-left moves as left does */
	expect_line("|ab");
	EXPECT_EQ(terminal.bells, 0);
}

TEST(lineedit, enter_in_the_middle_of_a_sequence_still_enters)
{
	begin();
	EXPECT(type("ab\033[\r"));
	EXPECT_STREQ(edit.line, "ab");
	lineedit_start(&edit);
	EXPECT(type("\033\r"));
}

TEST(lineedit, control_c_drops_the_line)
{
	begin();
	EXPECT(!type("mem\003"));
	expect_line("|");
	EXPECT_STREQ(terminal.above, PROMPT "mem^C\n");
	type(UP);
	expect_line("|");
}

TEST(lineedit, control_l_shows_the_line_on_a_clear_screen)
{
	begin();
	type("abc" LEFT "\014");
	expect_line("ab|c");
}

TEST(lineedit, the_arrows_walk_through_history_and_back_to_the_draft)
{
	begin();
	enter("one");
	enter("two");
	type("dra" UP);
	expect_line("two|");
	type(UP);
	expect_line("one|");
	type(UP);
	expect_line("one|");
	EXPECT_EQ(terminal.bells, 1);
	type("\016\016");
	expect_line("dra|");
	type(DOWN);
	expect_line("dra|");
	EXPECT_EQ(terminal.bells, 2);
}

TEST(lineedit, a_line_from_history_can_be_edited_and_is_kept_as_it_was)
{
	begin();
	enter("peek 1");
	type(UP "0");
	EXPECT(type("\r"));
	EXPECT_STREQ(edit.line, "peek 10");
	edit.line[4] = '\0'; /* the owner cuts it up */
	lineedit_start(&edit);
	type(UP);
	expect_line("peek 10|");
	type(UP);
	expect_line("peek 1|");
}

TEST(lineedit, history_leaves_out_empty_and_repeated_lines)
{
	begin();
	enter("one");
	enter("two");
	enter("two");
	enter("");
	type(UP UP);
	expect_line("one|");
}

TEST(lineedit, history_keeps_the_last_lines)
{
	char line[] = "line a";

	begin();
	for (int i = 0; i < LINEEDIT_HISTORY + 3; i++, line[5]++)
		enter(line);
	for (int i = 0; i < LINEEDIT_HISTORY; i++)
		type(UP);
	EXPECT_EQ(terminal.bells, 0);
	expect_line("line d|");
	type(UP);
	EXPECT_EQ(terminal.bells, 1);
	expect_line("line d|");
}

TEST(lineedit, tab_completes_a_word_of_which_there_is_one)
{
	begin();
	type("h\t");
	expect_line("help |");
	type("\025pe\t");
	expect_line("peek |");
}

TEST(lineedit, tab_adds_what_all_have_in_common)
{
	begin();
	type("m\t");
	expect_line("mem|");
	EXPECT_EQ(terminal.bells, 0);
	type("\t");
	EXPECT_EQ(terminal.rows, 2); /* the second one lists them */
	expect_line("mem|");
	type("t\t");
	expect_line("memtest |");
}

TEST(lineedit, what_ends_with_a_slash_can_go_on)
{
	begin();
	type("r\t");
	expect_line("run/|");
	type("\t\t");
	expect_line("run/|");
	EXPECT_EQ(terminal.bells, 2);
}

TEST(lineedit, a_comma_begins_a_word)
{
	begin();
	edit.words = words_anywhere;
	type("mem dma,me\t");
	expect_line("mem dma,mem|");
	type("t\t");
	expect_line("mem dma,memtest |");
}

TEST(lineedit, a_long_list_is_cut)
{
	begin();
	edit.words = many_words;
	type("w\t\t");
	EXPECT(strstr(terminal.above, "w1000  w1001  w1002"));
	EXPECT(strstr(terminal.above, "w1099\n... and more\n"));
	expect_line("w1|");
}

TEST(lineedit, a_second_tab_lists_the_words)
{
	begin();
	type("p\t");
	EXPECT_EQ(terminal.bells, 1);
	EXPECT_EQ(terminal.rows, 0);
	type("\t");
	EXPECT_STREQ(terminal.above, PROMPT "p\npeek  poke\n");
	expect_line("p|");
}

TEST(lineedit, a_tab_without_a_match_only_rings)
{
	begin();
	type("x\t\t");
	expect_line("x|");
	type("\025mem \t\t");
	expect_line("mem |");
	EXPECT_EQ(terminal.bells, 4);
	EXPECT_EQ(terminal.rows, 0);
}

TEST(lineedit, a_full_line_rings_and_keeps_what_it_has)
{
	begin();
	for (int i = 0; i < LINEEDIT_MAX; i++)
		type("x");
	EXPECT_EQ(terminal.bells, 0);
	type("y");
	EXPECT_EQ(terminal.bells, 1);
	EXPECT_EQ(edit.len, LINEEDIT_MAX);
	type("\001y");
	EXPECT_EQ(terminal.bells, 2);
	EXPECT(!strchr(edit.line, 'y'));
	type("\b\006\b");
	EXPECT_EQ(edit.len, LINEEDIT_MAX - 1);
}

TEST(lineedit, a_long_line_scrolls_within_its_row)
{
	unsigned int room = COLUMNS - 1 - strlen(PROMPT);

	begin();
	for (unsigned int i = 0; i < room; i++)
		type("a");
	EXPECT_EQ(edit.first, 0);
	type("b"); /* now the cursor is in the middle of the row */
	EXPECT_EQ(edit.first, room + 1 - room / 2);
	type("\001");
	EXPECT_EQ(edit.first, 0);
	type("\005\025");
	EXPECT_EQ(terminal.rows, 0);
}

/* The same editor in the plainest way. */
static struct {
	char line[LINEEDIT_MAX + 1];
	unsigned int cursor;
} model;

static void
model_cut(unsigned int from, unsigned int to)
{
	char rest[LINEEDIT_MAX + 1];

	strscpy(rest, model.line + to, sizeof(rest));
	memcpy(model.line + from, rest, strlen(rest) + 1);
	model.cursor = from;
}

static void
model_key(char key)
{
	unsigned int len = strlen(model.line), at = model.cursor;
	char rest[LINEEDIT_MAX + 1];

	if (key >= ' ' && len < LINEEDIT_MAX) {
		strscpy(rest, model.line + at, sizeof(rest));
		model.line[model.cursor++] = key;
		memcpy(model.line + at + 1, rest, strlen(rest) + 1);
	} else if (key == CTRL('A')) {
		model.cursor = 0;
	} else if (key == CTRL('E')) {
		model.cursor = len;
	} else if (key == CTRL('B') && at) {
		model.cursor--;
	} else if (key == CTRL('F') && at < len) {
		model.cursor++;
	} else if (key == CTRL('D') && at < len) {
		model_cut(at, at + 1);
	} else if (key == '\b' && at) {
		model_cut(at - 1, at);
	} else if (key == CTRL('K')) {
		model_cut(at, len);
	} else if (key == CTRL('U')) {
		model_cut(0, at);
	}
}

TEST(lineedit, random_keys_leave_what_a_simple_editor_leaves)
{
	static const char control[] = {CTRL('A'), CTRL('E'), CTRL('B'),
				       CTRL('F'), CTRL('D'), '\b'};

	begin();
	memset(&model, 0, sizeof(model));
	for (int i = 0; i < 20000 && !host_failed(); i++) {
		char key[2] = {0};

		if (host_sometimes(500))
			key[0] = host_sometimes(2) ? CTRL('K') : CTRL('U');
		else if (host_sometimes(4))
			key[0] = control[host_below(sizeof(control))];
		else
			key[0] = ' ' + host_below(0x7f - ' ');
		type(key);
		model_key(key[0]);
		EXPECT_STREQ(edit.line, model.line);
		EXPECT_EQ(edit.cursor, model.cursor);
	}
}

/* Anything at all: nothing breaks, and only text comes out. */
static void
write_text(const char *s, size_t n)
{
	while (n--)
		EXPECT(*s++ != '\0');
}

TEST(lineedit, no_byte_does_harm)
{
	begin();
	edit.write = write_text;
	for (int i = 0; i < 200000 && !host_failed(); i++) {
		char byte = host_random();

		if (host_sometimes(3))
			byte = "\033[A\t\r p"[host_below(7)];
		if (lineedit_feed(&edit, byte))
			lineedit_start(&edit);
		EXPECT(edit.len <= LINEEDIT_MAX && edit.cursor <= edit.len);
		EXPECT_EQ(strlen(edit.line), edit.len);
	}
}
