/* tlb.c - see tlb.h: which instruction forgets what.
 *
 *   invlpg va             one page, global or not, and all that the CPU
 *                         remembers of directories
 *   CR3 = CR3             everything but global pages: never enough for the
 *                         kernel half
 *   CR4.PGE off and on    everything; what a CPU without PGE does at CR3
 *
 * How many pages are worth a full flush? An invlpg costs some 100 to 200
 * cycles on CPUs of the last 20 years; the full flush two writes of CR4, about
 * as much each, and then a refill of some 25 cycles for each entry that was
 * still in use, of 64 (first level) to 1,500 (second). With half of a first
 * level and some of the second in use, 200 or so, that is 5,000 cycles: 32
 * times an invlpg.
 *
 * Limits: one CPU. A second one extends flush_cpus, which all go through: an
 * interrupt to each other CPU of the mask, and a wait until all have answered.
 */
#include "page.h"
#include "tlb.h"
#include "util.h"
#include "x86.h"

/* Forget nr pages from va on, on the CPUs of the mask. */
static void
flush_cpus(u32 cpus, uintptr_t va, unsigned long nr)
{
	unsigned long cr4 = read_cr4();

	(void)cpus; /* this one */
	if (nr < TLB_FLUSH_ALL_FROM) {
		for (; nr; nr--, va += PAGE_SIZE)
			invlpg((const void *)va);
	} else if (cr4 & CR4_PGE) {
		write_cr4(cr4 & ~(unsigned long)CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
}

#define ALL_CPUS 1u

void
tlb_flush_page(uintptr_t va)
{
	flush_cpus(ALL_CPUS, va, 1);
}

void
tlb_flush_range(uintptr_t start, size_t size)
{
	size_t offset = start % PAGE_SIZE;

	flush_cpus(ALL_CPUS, start,
		   size / PAGE_SIZE +
			   DIV_ROUND_UP(size % PAGE_SIZE + offset, PAGE_SIZE));
}

void
tlb_flush_all(void)
{
	flush_cpus(ALL_CPUS, 0, TLB_FLUSH_ALL_FROM);
}
