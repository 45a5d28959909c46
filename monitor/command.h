/* command.h - how to add a command to the monitor.
 *
 *	static int
 *	cmd_hello(int argc, char **argv)
 *	{
 *		console_printf("hello, %s\n", argc > 1 ? argv[1] : "you");
 *		return 0;
 *	}
 *	COMMAND(hello, "[NAME]", "greets you");
 *
 * That is all: the linker collects the commands (see table.h).
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "gfp.h"
#include "table.h"
#include "types.h"

struct mm_struct;

struct command {
	const char *name;
	const char *args; /* what follows the name, for `help` */
	const char *help; /* the first line is the summary, more may follow */
	int (*run)(int argc, char **argv);
};

/* COMMAND: register cmd_NAME as the command NAME. argv[0] is the name, argc
 * at most COMMAND_MAX_ARGS; the strings are the command's to change.
 * => run() is called in process context with interrupts on; if there are no
 *    args, without any
 * => it prints with console_printf and returns 0, or -Exxx after it said what
 *    was wrong; -EINVAL makes the monitor print the usage line */
#define COMMAND(name_, args_, help_)                    \
	static const struct command command_##name_ = { \
		.name = #name_,                         \
		.args = (args_),                        \
		.help = (help_),                        \
		.run = cmd_##name_,                     \
	};                                              \
	TABLE_ADD(commands, command_##name_)

#define COMMAND_MAX_ARGS 16

extern struct table_range commands;

/* command_run: split a line at blanks ("..." and '...' keep them), find the
 * command, run it. `;` outside quotes separates commands.
 * => process context; line is changed
 * => the last command's result, -ENOENT if there is none of that name */
int command_run(char *line);

/* command_stopped: has Ctrl-C been typed since the command that this thread runs
 * began? What it writes goes nowhere from then on. Whoever works for more than a
 * second without writing looks now and then, gives back what it has and returns
 * -EINTR; one that does not loses the prompt, and is left behind.
 * => any context; false in threads that run no command */
bool command_stopped(void);

/* command_refuse: a line that says why, and what would do; broken into rows.
 * => error, for the command to return */
int command_refuse(int error, const char *fmt, ...) __printf(2, 3);

/* command_say: a line, broken into rows: for reports that go elsewhere, too. */
void command_say(const char *line);

/* parse_number: a number as people type it: 10, 0x1f, 4k, 16M, 1G, a symbol's
 * name, $, name+0x10. command_shown: $ is this address from now on.
 * => 0 and *value, or -EINVAL, -ERANGE if it does not fit 32 bits; says
 *    nothing */
int __must_check parse_number(const char *text, u32 *value);
void command_shown(const void *p);

/* command_number: parse_number for an argument that is an address, or any
 * number. command_count: for one, called `what`, that says how many, from least
 * to most: no symbols. command_pid: for the number of a program.
 * => 0; -E after it was said what is wrong */
int __must_check command_number(const char *text, u32 *value);
int __must_check command_count(const char *text, const char *what, u32 least,
			       u32 most, u32 *value);
int __must_check command_pid(const char *text, int *pid);

/* command_mm: the address space of the program with that number, with a
 * reference. => NULL after it was said what is wrong */
struct mm_struct *command_mm(const char *text);

/* command_line: a row of a list: a name in so many columns, and a text, up to
 * its first "\n", broken into rows beside it. */
void command_line(int width, const char *name, const char *text);

/* plural: "1 page", "2 pages": printf("%u page%s", n, plural(n)). */
static inline const char *
plural(unsigned long n)
{
	return n == 1 ? "" : "s";
}

/* command_gfp: "dma,zero" to flags; GFP_KERNEL unless others say who asks.
 * => 0, or -EINVAL after it said which there is not; text is changed */
int __must_check command_gfp(char *text, gfp_t *gfp);

/* command_is_program: is there a /bin/NAME? Then `run` was forgotten. */
bool command_is_program(const char *name);

/* monitor_run: the prompt, for ever.
 * => process context */
void __noreturn monitor_run(void);

#endif
