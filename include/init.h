/* init.h - functions that boot calls, registered where they are written.
 *
 *	static int __init
 *	count_begin(void)
 *	{
 *		...
 *		return 0;
 *	}
 *	module_init(count_begin);
 *
 * The tree has none: what must come up in an order stands in kmain. They are
 * for what joins the kernel from outside: `make EXTRA=dir`.
 */
#ifndef INIT_H
#define INIT_H

#include "table.h"
#include "types.h"

struct initcall {
	int (*run)(void);
};

/* module_init, late_initcall: Linux's names; here they are the same.
 * => run: process context, once: threads, files and all of memory are there;
 *    may be __init
 * => 0; what is -Exxx is named in the log, and all goes on */
#define module_init(fn)                                      \
	static const struct initcall initcall_##fn = {(fn)}; \
	TABLE_ADD(initcalls, initcall_##fn)
#define late_initcall(fn) module_init(fn)

extern struct table_range initcalls;

#endif
