/* table.h - tables that grow where the code is: commands, tests, benchmarks.
 *
 *   monitor.c                 slab.c                  linker.ld
 *   table_for_each(commands)  COMMAND(slabs, ...)     .table.commands
 *          |                        |                   [ &help  ]
 *          |                        +-----------------> [ &slabs ]
 *          +------------- reads --------------------->  [ &mem   ]
 *
 * A file adds an entry by placing a pointer to it in a linker section. Nobody
 * lists the entries by hand, and no lower layer calls a higher one by name. A
 * table is a list of ranges, so that a module can append its own.
 */
#ifndef TABLE_H
#define TABLE_H

#include "compiler.h"

struct table_range {
	const void *const *start, *const *stop;
	struct table_range *next;
};

/* linker.ld sets __start_NAME and __stop_NAME around .table.NAME. The host's
 * linker does so by itself, if the section is called NAME and no more. */
#ifdef MEMOIR_HOST
#define TABLE_SECTION(table) __section(#table)
#else
#define TABLE_SECTION(table) __section(".table." #table)
#endif

/* TABLE_ADD: put a pointer to object into the table. */
#define TABLE_ADD(table, object)                                            \
	static const void *const table##_entry_##object __used __no_reorder \
	TABLE_SECTION(table) = &(object)

/* TABLE_DEFINE: the table itself, once, in the file that owns it. linker.ld
 * must list the name. */
#define TABLE_DEFINE(table)                                                  \
	extern const void *const __start_##table[], *const __stop_##table[]; \
	struct table_range table = {__start_##table, __stop_##table, NULL}

/* table_for_each: every entry of every range. `break` leaves one range only:
 * leave by `return`, or put the loop into a function of its own. */
#define table_for_each(entry, table)                             \
	for (const struct table_range *range_ = (table); range_; \
	     range_ = range_->next)                              \
		for (const void *const *slot_ = range_->start;   \
		     slot_ < range_->stop && ((entry) = *slot_, 1); slot_++)

#endif
