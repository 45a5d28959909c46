/* complete.c - the Tab key: what could stand where the cursor is.
 *
 *   "vfree all; pt kmain vma|"      the third word of `pt`
 *
 *   pt's form   [ADDR [TO] | PID ADDR]
 *                      TO        ADDR     third words: both are kinds
 *                       \        /
 *                     table `arguments` --> the words that begin with "vma"
 *
 * So what a command says of itself in its form, for people, says what Tab
 * offers: a word in capitals is a kind, which somebody has registered; others
 * stand for themselves.
 */
#include "../linux/process.h"
#include "command.h"
#include "complete.h"
#include "param.h"
#include "printf.h"
#include "string.h"
#include "symbols.h"
#include "util.h"

#define FORM_WORD 24  /* the longest word of a form */
#define PATH_ROOM 256 /* the longest path that is offered */

TABLE_DEFINE(arguments);

/* --- Kinds that are nobody else's ------------------------------------------- */

static void
command_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	const struct command *cmd;

	table_for_each(cmd, &commands)
	{
		sink->add(sink, cmd->name);
	}
}

/* What `help` knows: commands and boot options. */
static void
name_words(const char *typed, struct word_sink *sink)
{
	const struct boot_param *param;

	command_words(typed, sink);
	table_for_each(param, &params)
	{
		sink->add(sink, param->name);
	}
}
ARGUMENT(name, "NAME", name_words);

static void
symbol_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	struct symbol sym;

	for (size_t n = 0; symbol_nth(n, &sym); n++)
		if (*sym.name)
			sink->add(sink, sym.name);
}
ARGUMENT(symbol, "SYMBOL", symbol_words);
ARGUMENT(address, "ADDR", symbol_words);
ARGUMENT(to, "TO", symbol_words);

static void
pid_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	int pid = process_ops->next_pid(0);
	char number[12];

	for (; pid; pid = process_ops->next_pid(pid)) {
		scnprintf(number, sizeof(number), "%d", pid);
		sink->add(sink, number);
	}
}
ARGUMENT(pid, "PID", pid_words);

static void
signal_words(const char *typed __maybe_unused, struct word_sink *sink)
{
	char name[FORM_WORD];

	for (int sig = 1; sig < SIGRTMIN; sig++) {
		scnprintf(name, sizeof(name), "-%s", signal_name(sig) + 3);
		sink->add(sink, name);
	}
}
ARGUMENT(signal, "-SIGNAL", signal_words);

/* What is in the directory that was typed so far: "/bin/he" is in /bin. */
static void
path_words(const char *typed, struct word_sink *sink)
{
	const char *slash = strrchr(typed, '/');
	size_t n = slash ? (size_t)(slash + 1 - typed) : 0;
	char path[PATH_ROOM];
	struct inode *dir;
	struct entry *entry;

	if (n >= sizeof(path))
		return;
	scnprintf(path, sizeof(path), "/%.*s", (int)n, typed);
	dir = path_lookup(path, AT_FDCWD);
	if (IS_ERR(dir))
		return;
	mutex_lock(&fs_lock);
	if (S_ISDIR(dir->mode))
		list_for_each_entry(entry, &dir->entries, link)
		{
			scnprintf(path, sizeof(path), "%s%.*s%.*s%s",
				  *typed ? "" : "/", (int)n, typed, entry->len,
				  entry->name,
				  S_ISDIR(entry->inode->mode) ? "/" : "");
			sink->add(sink, path);
		}
	mutex_unlock(&fs_lock);
	inode_put(dir);
}
ARGUMENT(program, "PROGRAM", path_words);
ARGUMENT(file, "FILE", path_words);

/* --- A command's form --------------------------------------------------------- */

static void
kind_words(const char *kind, const char *typed, struct word_sink *sink)
{
	const struct argument *a;

	table_for_each(a, &arguments)
	{
		if (!strcmp(a->kind, kind)) {
			a->words(typed, sink);
			return;
		}
	}
	if (*kind >= 'a' && *kind <= 'z')
		sink->add(sink, kind);
}

/* A place of a form: "PID", "all", "1|2|4". */
static void
place_words(char *place, const char *typed, struct word_sink *sink)
{
	char *bar;

	while ((bar = strchr(place, '|'))) {
		*bar = '\0';
		kind_words(place, typed, sink);
		place = bar + 1;
	}
	kind_words(place, typed, sink);
}

/* The next place of a form, without brackets, commas and dots; *repeats: there
 * were some. => false at the end */
static bool
next_place(const char **form, char *place, size_t size, bool *repeats)
{
	const char *p = *form;
	size_t n = 0;

	*repeats = false;
	while (*p == ' ')
		p++;
	if (!*p)
		return false;
	for (; *p && *p != ' '; p++) {
		*repeats |= *p == '.';
		if (!strchr("[],.", *p) && n < size - 1)
			place[n++] = *p;
	}
	place[n] = '\0';
	*form = p;
	return true;
}

/* Word number `at`, from 0, of what follows the name. */
static void
form_words(const char *form, unsigned int at, const char *typed,
	   struct word_sink *sink)
{
	char place[FORM_WORD], last[FORM_WORD] = "";
	unsigned int number = 0;
	bool repeats;

	while (next_place(&form, place, sizeof(place), &repeats)) {
		if (!strcmp(place, "|")) { /* another form */
			number = 0;
			continue;
		}
		if (*place)
			strscpy(last, place, sizeof(last));
		if (number == at || (repeats && at > number)) {
			strscpy(place, last, sizeof(place));
			place_words(place, typed, sink);
		}
		number++;
	}
}

/* The command that line[start] belongs to begins at: */
static size_t
command_start(const char *line, size_t start)
{
	size_t begin = start;

	while (begin > 0 && line[begin - 1] != ';')
		begin--;
	while (begin < start && line[begin] == ' ')
		begin++;
	return begin;
}

void
complete_words(const char *line, size_t start, const char *typed,
	       struct word_sink *sink)
{
	size_t begin = command_start(line, start), end = begin;
	const struct command *cmd;
	unsigned int words = 0;

	for (size_t i = begin; i < start; i++)
		words += line[i] == ' ' && i > begin && line[i - 1] != ' ';
	if (begin == start) {
		command_words(typed, sink);
		return;
	}
	while (end < start && line[end] != ' ')
		end++;
	table_for_each(cmd, &commands)
	{
		if (strlen(cmd->name) == end - begin &&
		    !strncmp(cmd->name, line + begin, end - begin))
			form_words(cmd->args, words - 1, typed, sink);
	}
}
