/* complete.h - what the Tab key offers behind a command's name.
 *
 *	static void
 *	cache_words(const char *typed, struct word_sink *sink)
 *	{
 *		...
 *			sink->add(sink, cache->name);
 *	}
 *	ARGUMENT(cache, "CACHE", cache_words);
 *	COMMAND(slab, "CACHE", "draws the slabs of a cache");
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include "lineedit.h"
#include "table.h"

struct argument {
	const char *kind; /* as it stands in a command's form */
	void (*words)(const char *typed, struct word_sink *sink);
};

/* ARGUMENT: the words of a kind: words() adds all of them to the sink; what does
 * not begin with `typed` is left out by that.
 * => process context; it prints nothing */
#define ARGUMENT(name_, kind_, words_)                    \
	static const struct argument argument_##name_ = { \
		.kind = (kind_),                          \
		.words = (words_),                        \
	};                                                \
	TABLE_ADD(arguments, argument_##name_)

extern struct table_range arguments;

/* complete_words: the line editor's question: see lineedit.h. */
void complete_words(const char *line, size_t start, const char *typed,
		    struct word_sink *sink);

#endif
