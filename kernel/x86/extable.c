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

extern struct extable_entry __start___ex_table[], __stop___ex_table[];

static int
compare(const void *a, const void *b)
{
	const struct extable_entry *x = a, *y = b;

	return (x->insn > y->insn) - (x->insn < y->insn);
}

void
extable_init(void)
{
	sort(__start___ex_table, __stop___ex_table - __start___ex_table,
	     sizeof(struct extable_entry), compare, NULL);
}

static const struct extable_entry *
search(u32 insn)
{
	const struct extable_entry *low = __start___ex_table;
	const struct extable_entry *high = __stop___ex_table;

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
	return search(ip) != NULL;
}

bool
extable_fixup(struct pt_regs *regs, u32 cr2)
{
	const struct extable_entry *entry = search(regs->ip);

	if (!entry || ((entry->flags & EX_USER) && cr2 >= TASK_SIZE))
		return false;
	regs->ip = entry->fixup;
	return true;
}
