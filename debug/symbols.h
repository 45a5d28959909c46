/* symbols.h - addresses to names and back.
 *
 * The linker's own symbol table, sorted, in a section of the kernel; see
 * tools/symbols.py for how it gets there and debug/symbols.c for its form.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include "types.h"

struct symbol {
	u32 address;
	u32 size; /* 0 if nobody knows */
	const char *name;
};

/* symbols_init: teach printk the meaning of %pS. => boot */
void symbols_init(void);

/* symbol_find: the symbol that an address lies in.
 * => any context; false when it lies in none */
bool symbol_find(u32 address, struct symbol *sym);

/* symbol_lookup: the symbol of that name. => any context; false if none */
bool symbol_lookup(const char *name, struct symbol *sym);

/* symbol_nth: number n in address order. => false past the last one */
bool symbol_nth(size_t n, struct symbol *sym);

/* symbol_format: "name+0x12/0x40" or "0xc0123456" into buf.
 * => returns the length, at most size - 1. This is printk's %pS. */
size_t symbol_format(char *buf, size_t size, u32 address);

#endif
