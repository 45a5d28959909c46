/* object.h - one push, one pop: the inside of the heap's short path; the same
 * as pcp.h, but for objects, whose second word is their link, and whose first
 * says that they are free.
 *
 *   pop   pushf; cli                        push   pushf; cli
 *         object = head                            if (--room < 0): full
 *         if (object->mark != FREE_MARK): out      if (object->mark ==
 *         head = object->link                          FREE_MARK): out
 *         object->mark = 0                         object->link = head
 *         room++                                   object->mark = FREE_MARK
 *         popf                                     head = object
 *                                                  popf
 *
 * At the end of a list is an object without a mark. So the comparison that asks
 * whether there is one also finds one that was written to, and one that the
 * link before it, written to, leads to; even where nothing is mapped: then it
 * goes on at its fixup, and the long path looks what it is.
 */
#ifndef MM_X86_OBJECT_H
#define MM_X86_OBJECT_H

#include "../internal.h"

static_assert(offsetof(struct magazine, head) == 0, "magazines(slot)");
static_assert(offsetof(struct magazine, room) == 4, "4 + magazines(slot)");
static_assert(offsetof(struct free_object, mark) == 0, "(object)");
static_assert(offsetof(struct free_object, link) == 4, "4(object)");

#if defined(MEMOIR_HOST) || defined(__CHECKER__) || defined(__clang__)

static __always_inline bool
object_pop(u32 slot, u32 *spare, void **object)
{
	struct magazine *mag = magazine_at(slot);
	struct free_object *first = mag->head;
	unsigned long flags = local_irq_save();
	bool good = first != CHAIN_END && virt_is_direct(first) &&
		    first->mark == FREE_MARK;

	(void)spare;
	if (good) {
		mag->head = first->link;
		first->mark = 0;
		mag->room++;
		*object = first;
	}
	local_irq_restore(flags);
	return good;
}

static __always_inline bool
object_push(u32 slot, u32 *spare, void *object)
{
	struct magazine *mag = magazine_at(slot);
	struct free_object *first = object;
	unsigned long flags = local_irq_save();
	bool room = mag->room > 0 && first->mark != FREE_MARK;

	(void)spare;
	if (room) {
		mag->room--;
		*first = (struct free_object){FREE_MARK, mag->head};
		mag->head = object;
	}
	local_irq_restore(flags);
	return room;
}

static __always_inline unsigned long
direct_offset(const void *p)
{
	return (uintptr_t)p - PAGE_OFFSET;
}

#else

/* direct_offset: where in the direct map; not there: out of its size. Says which
 * register the result shall be in: left alone, gcc gives it that of p, and
 * keeps p by one instruction more. */
static __always_inline unsigned long
direct_offset(const void *p)
{
	unsigned long offset;

	__asm__("leal %c2(%1), %0" : "=c"(offset) : "r"(p), "i"(-PAGE_OFFSET));
	return offset;
}

static __always_inline bool
object_pop(u32 slot, u32 *spare, void **object)
{
	void *first;

	__asm__ volatile goto("pushf\n\t"
			      "cli\n\t"
			      "movl %%fs:magazines(%[slot]), %[first]\n\t"
			      "2:\tcmpl %[mark], (%[first])\n\t"
			      "jne 1f\n\t"
			      "movl 4(%[first]), %[next]\n\t"
			      "movl %[next], %%fs:magazines(%[slot])\n\t"
			      "movl $0, (%[first])\n\t"
			      "incl %%fs:magazines + 4(%[slot])\n\t"
			      "popf\n\t"
			      ".subsection 1\n"
			      "1:\tpopf\n\t"
			      "jmp %l[empty]\n\t"
			      ".previous\n\t"
			      ".pushsection __ex_table, \"a\"\n\t"
			      ".long 2b, 1b, 0\n\t"
			      ".popsection"
			      : [first] "=&a"(first), [next] "+&r"(*spare)
			      : [slot] "r"(slot), [mark] "i"(FREE_MARK)
			      : "memory", "cc"
			      : empty);
	*object = first;
	return true;
empty:
	return false;
}

static __always_inline bool
object_push(u32 slot, u32 *spare, void *object)
{
	__asm__ volatile goto(
		"pushf\n\t"
		"cli\n\t"
		"movl %%fs:magazines(%[slot]), %[head]\n\t"
		"decl %%fs:magazines + 4(%[slot])\n\t"
		"js 1f\n\t"
		"cmpl %[mark], (%[object])\n\t"
		"je 1f\n\t"
		"movl %[head], 4(%[object])\n\t"
		"movl %[mark], (%[object])\n\t"
		"movl %[object], %%fs:magazines(%[slot])\n\t"
		"popf\n\t"
		".subsection 1\n"
		"1:\tincl %%fs:magazines + 4(%[slot])\n\t"
		"popf\n\t"
		"jmp %l[full]\n\t"
		".previous"
		: [head] "=&r"(*spare)
		: [slot] "r"(slot), [object] "r"(object), [mark] "i"(FREE_MARK)
		: "memory", "cc"
		: full);
	return true;
full:
	return false;
}

#endif
#endif
