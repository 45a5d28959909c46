/* symbols.c - names for addresses, from the linker's own symbol table.
 *
 *   symbols.py writes, sorted by address, into the section .symbols:
 *
 *   symbol_count      n
 *   symbol_entries    { address, offset into the names }   n + 1 times
 *   symbol_names      "boot_entry\0kmain\0..."
 *
 * A symbol reaches to the next one. An empty name stands for "nothing from
 * here on": behind each section. The table is made from a link without it and linked again; see
 * the Makefile.
 */
#include "printf.h"
#include "string.h"
#include "symbols.h"

struct symbol_entry {
	u32 address;
	u32 name;
};

/* A list of these, so that a module can append its own one day. */
struct symbol_range {
	const u32 *count;
	const struct symbol_entry *entries;
	const char *names;
	struct symbol_range *next;
};

extern const u32 symbol_count;
extern const struct symbol_entry symbol_entries[];
extern const char symbol_names[];

static struct symbol_range kernel_range = {&symbol_count, symbol_entries,
					   symbol_names, NULL};

static void
fill(const struct symbol_range *range, size_t n, struct symbol *sym)
{
	sym->address = range->entries[n].address;
	sym->size = range->entries[n + 1].address - sym->address;
	sym->name = range->names + range->entries[n].name;
}

/* Binary search for the last entry at or below the address. */
static bool
range_find(const struct symbol_range *range, u32 address, struct symbol *sym)
{
	size_t low = 0, high = *range->count;

	if (!high || address < range->entries[0].address ||
	    address >= range->entries[high].address)
		return false;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (range->entries[mid].address <= address)
			low = mid;
		else
			high = mid;
	}
	fill(range, low, sym);
	return *sym->name != '\0';
}

bool
symbol_find(u32 address, struct symbol *sym)
{
	const struct symbol_range *range;

	for (range = &kernel_range; range; range = range->next)
		if (range_find(range, address, sym))
			return true;
	return false;
}

bool
symbol_nth(size_t n, struct symbol *sym)
{
	const struct symbol_range *range;

	for (range = &kernel_range; range; range = range->next) {
		if (n < *range->count) {
			fill(range, n, sym);
			return true;
		}
		n -= *range->count;
	}
	return false;
}

bool
symbol_lookup(const char *name, struct symbol *sym)
{
	size_t n;

	for (n = 0; symbol_nth(n, sym); n++)
		if (strcmp(sym->name, name) == 0)
			return true;
	return false;
}

size_t
symbol_format(char *buf, size_t size, u32 address)
{
	struct symbol sym;

	if (!symbol_find(address, &sym))
		return scnprintf(buf, size, "0x%08x", address);
	return scnprintf(buf, size, "%s+0x%x/0x%x", sym.name,
			 address - sym.address, sym.size);
}

void
symbols_init(void)
{
	printf_set_symbol(symbol_format);
}
