/* arguments.c - the words behind a command's name: numbers, symbols, programs;
 * and what is said of those that make no sense.
 *
 *   "kmain+0x10"   command_number   an address: numbers and symbols
 *   "64k"          command_count    so many: a number, in a range
 *   "17"           command_pid      a program that runs
 *
 * A refusal says why, and what would do (command_refuse).
 */
#include "../linux/process.h"
#include "command.h"
#include "console.h"
#include "param.h"
#include "printf.h"
#include "string.h"
#include "symbols.h"
#include "util.h"
#include "x86.h"

#define NUMBER_MAX 128 /* a symbol's name in parse_number */
#define TEXT_MAX   400 /* of a refusal */

int
command_refuse(int error, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	console_rows(text, strlen(text), 0, "");
	console_write("\n", 1);
	return error;
}

void
command_say(const char *line)
{
	command_refuse(0, "%s", line);
}

/* What `$` stands for, inverted: no pointer that `leaks` would believe. */
static u32 not_shown;

void
command_shown(const void *p)
{
	not_shown = ~(u32)p;
}

/* A number with its suffix, a symbol, $: the first n bytes of text. */
static int
parse_term(const char *text, size_t n, u32 *value)
{
	char term[NUMBER_MAX];
	struct symbol sym;

	if (n == 0 || n >= sizeof(term))
		return -EINVAL;
	memcpy(term, text, n);
	term[n] = '\0';
	if (term[0] >= '0' && term[0] <= '9')
		return parse_size(term, value);
	if (not_shown && !strcmp(term, "$")) {
		*value = ~not_shown;
		return 0;
	}
	if (!symbol_lookup(term, &sym))
		return -EINVAL;
	*value = sym.address;
	return 0;
}

int
parse_number(const char *text, u32 *value)
{
	const char *plus = strchr(text, '+');
	u32 base, offset = 0;
	int error;

	error = parse_term(text, plus ? (size_t)(plus - text) : strlen(text),
			   &base);
	if (!error && plus)
		error = parse_term(plus + 1, strlen(plus + 1), &offset);
	if (error)
		return error;
	if (offset > ~base)
		return -ERANGE;
	*value = base + offset;
	return 0;
}

int
command_number(const char *text, u32 *value)
{
	int error = parse_number(text, value);

	if (error == -ERANGE)
		return command_refuse(error, "%s does not fit 32 bits.", text);
	if (error)
		return command_refuse(
			-ENOENT,
			"\"%s\" is neither a number (hexadecimal ones begin "
			"with 0x) nor a symbol (sym finds them).",
			text);
	return 0;
}

int
command_count(const char *text, const char *what, u32 least, u32 most,
	      u32 *value)
{
	int error = parse_size(text, value);

	if (!error && (*value < least || *value > most))
		error = -ERANGE;
	if (error)
		return command_refuse(
			-ERANGE, "%s is a number from %u to %u, not \"%s\".",
			what, least, most, text);
	return 0;
}

static bool
is_kernel_thread(int pid)
{
	unsigned long flags = local_irq_save();
	struct task_struct *task = NULL;

	while ((task = task_next(task)) && task->pid != pid)
		;
	local_irq_restore(flags);
	return task != NULL;
}

int
command_pid(const char *text, int *pid)
{
	u32 number;

	if (kstrtou32(text, 10, &number))
		return command_refuse(-ESRCH,
				      "\"%s\" is no number of a "
				      "program: ps lists them.",
				      text);
	*pid = (int)number;
	if (*pid > 0 && process_ops->next_pid(*pid - 1) == *pid)
		return 0;
	if (is_kernel_thread(*pid))
		return command_refuse(-ESRCH,
				      "%s is a thread of the kernel's own, "
				      "no program: ps lists them.",
				      text);
	return command_refuse(-ESRCH, "There is no program %s: ps lists them.",
			      text);
}

void
command_line(int width, const char *name, const char *text)
{
	static const char blanks[] = "                                        ";
	const char *end = strchr(text, '\n');
	size_t n = end ? (size_t)(end - text) : strlen(text);
	const char *indent = blanks + sizeof(blanks) - 1 - (width + 3);

	if (strlen(name) > (size_t)width)
		console_printf("  %s\n%s", name, indent);
	else
		console_printf("  %-*s ", width, name);
	console_rows(text, n, width + 3, indent);
	console_write("\n", 1);
}
