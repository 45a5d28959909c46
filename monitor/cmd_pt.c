/* cmd_pt.c - page tables: the walk for one address, and what is mapped at all.
 *
 *	pt ADDR     virtual --> directory --> table --> physical
 *	pt PID ADDR likewise, in a program's page tables
 *	pt          the kernel half, as ranges with the same rights
 *
 *	            tables   [rw][rw][rw][  ][r-][rw]
 *	            shown    |---------|    |--||---|  cut where another region
 *	                                               of the map begins
 *
 * Nothing stands still while it prints: a mapping that comes or goes meanwhile
 * may be shown or not.
 */
#include "../linux/process.h"
#include "command.h"
#include "console.h"
#include "errno.h"
#include "explain.h"
#include "pgtable.h"
#include "sections.h"
#include "string.h"
#include "symbols.h"
#include "util.h"
#include "walk.h"
#include "x86.h"

/* --- One address ------------------------------------------------------------- */

/* The low n bits of value as digits. */
static const char *
bits(u32 value, unsigned int n, char *buf)
{
	buf[n] = '\0';
	while (n--) {
		buf[n] = '0' + (value & 1);
		value >>= 1;
	}
	return buf;
}

/* The picture above the walk: how the CPU takes the address apart. With a
 * 4 MiB page the lower 22 bits are the offset. */
static void
pt_split(u32 va, bool large)
{
	char dir[11], table[11], offset[23];

	if (large) {
		console_printf("   31        22 21                      0\n"
			       "  | %s | %s |\n"
			       "    PDE %-4u     offset 0x%06x\n\n",
			       bits(pde_index(va), 10, dir),
			       bits(va % LARGE_PAGE_SIZE, 22, offset),
			       pde_index(va), va % LARGE_PAGE_SIZE);
		return;
	}
	console_printf("   31        22 21        12 11          0\n"
		       "  | %s | %s | %s |\n"
		       "    PDE %-4u     PTE %-4u     offset 0x%03x\n\n",
		       bits(pde_index(va), 10, dir),
		       bits(pte_index(va), 10, table),
		       bits(va % PAGE_SIZE, 12, offset), pde_index(va),
		       pte_index(va), va % PAGE_SIZE);
}

/* One entry of a table: which, where, what is in it; below that its flags. What
 * it means follows in the same line. */
static void
pt_entry(const char *indent, const char *kind, unsigned int index,
	 phys_addr_t at, u32 entry)
{
	char flags[64];

	console_printf("%s+-> %s %u at 0x%08x: 0x%08x\n%s    %s: ", indent,
		       kind, index, at, entry, indent,
		       pgtable_flags(entry, flags, sizeof(flags)));
}

static void
pt_unmapped(u32 va, u32 size)
{
	console_printf("0x%08x - 0x%08x is unmapped\n", ALIGN_DOWN(va, size),
		       ALIGN_DOWN(va, size) + (size - 1));
}

static void
pt_walk(phys_addr_t dir, u32 va, const struct pgtable_walk *walk)
{
	phys_addr_t table = pde_phys(walk->pde);

	console_printf("  CR3 0x%08x: the page directory\n", dir);
	pt_entry("   ", "PDE", pde_index(va),
		 dir + pde_index(va) * sizeof(pde_t), walk->pde.val);
	if (!pde_present(walk->pde)) {
		pt_unmapped(va, LARGE_PAGE_SIZE);
		return;
	}
	if (pde_large(walk->pde)) {
		console_printf("a large page\n"
			       "       +-> physical address 0x%08x\n",
			       walk->pa);
		return;
	}
	if (!walk->have_pte) {
		console_printf("a table that cannot be read\n");
		return;
	}
	console_printf("a table\n");
	pt_entry("       ", "PTE", pte_index(va),
		 table + pte_index(va) * sizeof(pte_t),
		 walk->pte.val & ~_PAGE_LARGE);
	if (!pte_present(walk->pte)) {
		pt_unmapped(va, PAGE_SIZE);
		return;
	}
	console_printf("a page\n"
		       "           +-> physical address 0x%08x\n",
		       walk->pa);
}

static void
pt_address(phys_addr_t dir, u32 va)
{
	const struct section_range *s = section_of(va);
	struct pgtable_walk walk;
	struct symbol sym;

	pgtable_walk(dir, va, &walk);
	console_printf("  0x%08x: %s", va, address_region(va));
	if (s && address_region(va) == s->name)
		console_printf(" of the kernel, %s", s->rights);
	if (symbol_find(va, &sym))
		console_printf(", %pS", (void *)va);
	console_printf("\n\n");
	pt_split(va, pde_large(walk.pde));
	pt_walk(dir, va, &walk);
}

/* --- All of them ------------------------------------------------------------- */

/* The last byte of the part of first ... last that lies in the same region of
 * the address map. */
static u32
region_last(u32 first, u32 last)
{
	const char *region = address_region(first);
	u32 end = ALIGN_DOWN(first, PAGE_SIZE) + (PAGE_SIZE - 1);

	while (end < last && address_region(end + 1) == region)
		end += PAGE_SIZE;
	return min(end, last);
}

static void
print_mapping(u32 first, u32 last, u32 flags)
{
	const char *region = address_region(first);
	const char *colon = strchr(region, ':'); /* a comment follows */
	int length = colon ? colon - region : 30;
	int n = console_printf("  0x%08x - 0x%08x %7u KiB  %s%s%s%s %s", first,
			       last, (last - first + 1) / SZ_1K,
			       flags & _PAGE_RW ? "rw" : "r-",
			       flags & _PAGE_USER ? " user" : "",
			       flags & _PAGE_GLOBAL ? " global" : "",
			       flags & _PAGE_PCD ? " uncached" : "",
			       flags & _PAGE_LARGE ? "4M" : "4K");

	console_printf("%*s%.*s\n", max(55 - n, 2), "", length, region);
}

/* Whole pages, from the one that `from` lies in to that of `to`. */
static void
pt_ranges(u32 from, u32 to)
{
	const pde_t *dir = __va(read_cr3() & PAGE_MASK);
	unsigned long pages[2] = {0, 0}; /* of 4 KiB, of 4 MiB: in pages */
	struct pgtable_range range;
	u32 first, last, end;

	from = ALIGN_DOWN(from, PAGE_SIZE);
	to |= PAGE_SIZE - 1;
	while (pgtable_next_range(dir, from, &range) && range.start <= to) {
		last = min_t(u32, range.start + (range.size - 1), to);
		pages[!!(range.flags & _PAGE_LARGE)] +=
			PHYS_PFN(last - range.start) + 1;
		for (first = range.start;; first = end + 1) {
			end = region_last(first, last);
			print_mapping(first, end, range.flags);
			if (end == last)
				break;
		}
		from = last + 1;
		if (!from)
			break;
	}
	if (pages[0] + pages[1])
		console_printf("%lu KiB are mapped in pages of 4 KiB, %lu KiB "
			       "in pages of 4 MiB.\n",
			       pages[0] * PAGE_KIB, pages[1] * PAGE_KIB);
	else
		console_printf("Nothing is mapped from 0x%08x to 0x%08x.\n",
			       from, to);
}

/* In a program's address space. */
static int
pt_process(const char *text, u32 va)
{
	struct mm_struct *mm = command_mm(text);

	if (!mm)
		return -ESRCH;
	mutex_lock(&mm->lock);
	pt_address(__pa(mm->pgd), va);
	mutex_unlock(&mm->lock);
	mm_put(mm);
	return 0;
}

static int
cmd_pt(int argc, char **argv)
{
	u32 from = PAGE_OFFSET, to = ~0u;
	int error = 0;

	if (argc > 3)
		return -EINVAL;
	if (argc > 1)
		error = command_number(argv[1], &from);
	if (!error && argc > 2)
		error = command_number(argv[2], &to);
	if (error)
		return error;
	if (argc > 2 && from && from < MMAP_MIN) /* never an address */
		return pt_process(argv[1], to);
	if (from > to)
		return command_refuse(-ERANGE, "0x%08x lies behind 0x%08x.",
				      from, to);
	if (argc == 2)
		pt_address(read_cr3() & PAGE_MASK, from);
	else
		pt_ranges(from, to);
	return 0;
}
COMMAND(pt, "[ADDR [TO] | PID ADDR]",
	"walks the page tables for an address, or lists all\n"
	"For ADDR as the CPU does it: how the address is split, the entry\n"
	"found in the page directory and that in the page table, with their\n"
	"flags, and the physical address that comes out, or where and why the\n"
	"walk ends. From ADDR to TO, or alone: all mappings of the kernel, in\n"
	"ranges with the same rights. With a program's PID: in its page "
	"tables.");
