/* pcp.h - one push, one pop: the inside of the page allocator's short path.
 *
 *   pop   pushf; cli                     push   pushf; cli
 *         page = head; if none: empty           if (--room < 0): full
 *         head = page->next                     page->next = head
 *         room++                                head = page
 *         popf                                  popf
 *
 * In assembly, because the flags stay on the stack between pushf and popf,
 * where C cannot keep them, and a counter in per-CPU memory changes in one
 * instruction: 9 instructions each, where gcc makes 14 to 17. `slot` is the
 * list's offset in pcps, PCP_SLOT(flags). The rare way out stands behind the
 * function (.subsection 1). Only page_alloc.c includes this.
 */
#ifndef MM_X86_PCP_H
#define MM_X86_PCP_H

#include "../internal.h"

/* What the instructions below take for granted. */
static_assert(offsetof(struct pcp, head) == 0, "pcps(slot)");
static_assert(offsetof(struct pcp, room) == 4, "4 + pcps(slot)");
static_assert(offsetof(struct page, _refcount) == 4, "4(page)");
static_assert(offsetof(struct page, next) == 8, "8(page)");

#if defined(MEMOIR_HOST) || defined(__CHECKER__) || defined(__clang__)

/* The same in C: for the host tests, for sparse, and for clang, which cannot
 * have results on the way out of an asm goto. */
static __always_inline bool
pcp_pop(u32 slot, u32 *spare, struct page **page)
{
	struct pcp *pcp = this_cpu_ptr(pcps[slot / sizeof(*pcp)]);
	unsigned long flags = local_irq_save();

	(void)spare;
	*page = pcp->head;
	if (*page) {
		pcp->head = (*page)->next;
		pcp->room++;
	}
	local_irq_restore(flags);
	return *page != NULL;
}

static __always_inline bool
pcp_push(u32 slot, u32 *spare, struct page *page)
{
	struct pcp *pcp = this_cpu_ptr(pcps[slot / sizeof(*pcp)]);
	unsigned long flags = local_irq_save();
	bool room = pcp->room > 0;

	(void)spare;
	if (room) {
		pcp->room--;
		page->_refcount = 0;
		page->next = pcp->head;
		pcp->head = page;
	}
	local_irq_restore(flags);
	return room;
}

#else

/* pcp_pop: the first block of the list to *page; false if it is empty.
 * pcp_push: in front of the list, without a reference; false if it is full.
 * Both lend a register: *spare is lost on success, and kept on failure. */
static __always_inline bool
pcp_pop(u32 slot, u32 *spare, struct page **page)
{
	struct page *first;

	__asm__ volatile goto("pushf\n\t"
			      "cli\n\t"
			      "movl %%fs:pcps(%[slot]), %[first]\n\t"
			      "testl %[first], %[first]\n\t"
			      "jz 1f\n\t"
			      "movl 8(%[first]), %[next]\n\t"
			      "movl %[next], %%fs:pcps(%[slot])\n\t"
			      "incl %%fs:pcps + 4(%[slot])\n\t"
			      "popf\n\t"
			      ".subsection 1\n"
			      "1:\tpopf\n\t"
			      "jmp %l[empty]\n\t"
			      ".previous"
			      : [first] "=&r"(first), [next] "+&r"(*spare)
			      : [slot] "r"(slot)
			      : "memory", "cc"
			      : empty);
	*page = first;
	return true;
empty:
	return false;
}

static __always_inline bool
pcp_push(u32 slot, u32 *spare, struct page *page)
{
	__asm__ volatile goto("pushf\n\t"
			      "cli\n\t"
			      "decl %%fs:pcps + 4(%[slot])\n\t"
			      "js 1f\n\t"
			      "movl %%fs:pcps(%[slot]), %[head]\n\t"
			      "movl $0, 4(%[page])\n\t"
			      "movl %[head], 8(%[page])\n\t"
			      "movl %[page], %%fs:pcps(%[slot])\n\t"
			      "popf\n\t"
			      ".subsection 1\n"
			      "1:\tincl %%fs:pcps + 4(%[slot])\n\t"
			      "popf\n\t"
			      "jmp %l[full]\n\t"
			      ".previous"
			      : [head] "+&r"(*spare)
			      : [slot] "r"(slot), [page] "r"(page)
			      : "memory", "cc"
			      : full);
	return true;
full:
	return false;
}

#endif
#endif
