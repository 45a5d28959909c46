/* extable.c - instructions that may fault, and where to go on if they do.
 *
 *   entry.asm                      __ex_table (sorted by insn)
 *   .copy:  rep movsb   <--------  { .copy, .fixup }
 *   .fixup: mov eax, -14 <-------------------'
 *
 * Each entry costs nothing until the fault happens; the fast path has no
 * check at all. Idea: Linux, Documentation/x86/exception-tables.rst.
 */
#include "layout.h"
#include "sort.h"
#include "trap.h"
#include "types.h"

#define EX_USER 1 /* only a fault on a user address is expected */

struct extable_entry {
	u32 insn;  /* an instruction that may fault */
	u32 fixup; /* where its fault goes on */
	u32 flags; /* EX_...: uaccess.h, uaccess.asm and entry.asm know them */
};

/* A list, so that a module can append its own one day. */
struct extable_range {
	struct extable_entry *start, *stop;
	struct extable_range *next;
};

extern struct extable_entry __start___ex_table[], __stop___ex_table[];

static struct extable_range kernel_range = {__start___ex_table,
					    __stop___ex_table, NULL};

static int
compare(const void *a, const void *b)
{
	const struct extable_entry *x = a, *y = b;

	return (x->insn > y->insn) - (x->insn < y->insn);
}

void
extable_init(void)
{
	sort(kernel_range.start, kernel_range.stop - kernel_range.start,
	     sizeof(struct extable_entry), compare, NULL);
}

static const struct extable_entry *
range_search(const struct extable_range *range, u32 insn)
{
	const struct extable_entry *low = range->start, *high = range->stop;

	while (low < high) {
		const struct extable_entry *mid = low + (high - low) / 2;

		if (mid->insn == insn)
			return mid;
		if (mid->insn < insn)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool
extable_covers(u32 ip)
{
	const struct extable_range *range;

	for (range = &kernel_range; range; range = range->next)
		if (range_search(range, ip))
			return true;
	return false;
}

bool
extable_fixup(struct pt_regs *regs, u32 cr2)
{
	const struct extable_range *range;
	const struct extable_entry *entry;

	for (range = &kernel_range; range; range = range->next) {
		entry = range_search(range, regs->ip);
		if (!entry)
			continue;
		if ((entry->flags & EX_USER) && cr2 >= TASK_SIZE)
			return false;
		regs->ip = entry->fixup;
		return true;
	}
	return false;
}
