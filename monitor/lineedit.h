/* lineedit.h - a line of text that can be edited while it is typed.
 *
 *	static struct lineedit edit = {
 *		.prompt = "> ", .write = console_write, .words = words
 *	};
 *
 *	lineedit_start(&edit);
 *	while (!lineedit_feed(&edit, console_getc()))
 *		;
 *	run(edit.line);
 *
 * It knows no device: characters come as arguments and leave through write(),
 * so the host tests it as well as the monitor uses it.
 */
#ifndef LINEEDIT_H
#define LINEEDIT_H

#include "types.h"

#define LINEEDIT_MAX     255 /* characters in a line */
#define LINEEDIT_HISTORY 16  /* lines that the up arrow brings back */
#define LINEEDIT_COLUMNS 80  /* of the terminal */
#define LINEEDIT_LISTED  100 /* words that Tab lists, at most */

/* Who is given words, one after the other; valid until add() returns. */
struct word_sink {
	void (*add)(struct word_sink *sink, const char *word);
};

struct lineedit {
	/* Set by the owner. The prompt is plain text, at most 40 characters. */
	const char *prompt;
	void (*write)(const char *s, size_t n);

	/* What could stand at line[start], where `typed` is: adds all words
	 * there are, in any order. The editor picks those that begin so. */
	void (*words)(const char *line, size_t start, const char *typed,
		      struct word_sink *sink);

	char line[LINEEDIT_MAX + 1]; /* terminated at all times */
	unsigned int len, cursor;    /* cursor <= len */
	unsigned int lost;           /* characters for which it had no room */

	unsigned int first; /* the first character that is on the screen */
	unsigned int drawn; /* how many are */

	char history[LINEEDIT_HISTORY][LINEEDIT_MAX + 1];
	unsigned int entered;         /* lines that ever went into it */
	unsigned int back;            /* how far back the line is; 0: new */
	char draft[LINEEDIT_MAX + 1]; /* the new line while back > 0 */

	u8 escape;          /* how much of an escape sequence has come */
	unsigned int param; /* the number in it */
	u8 previous;        /* the character before this one */
};

/* lineedit_start: print the prompt and begin an empty line. */
void lineedit_start(struct lineedit *e);

/* lineedit_redraw: the cursor is on an empty row: show the line there. */
void lineedit_redraw(struct lineedit *e);

/* lineedit_feed: one character was typed; any byte is welcome.
 * => true when it completed the line: e->line is the caller's to use and
 *    change until lineedit_start */
bool lineedit_feed(struct lineedit *e, char c);

#endif
