/* object.h - one push, one pop: the inside of the heap's short path; the same
 * as pcp.h, but for objects, whose link is their first word. A push also sees
 * whether the object is the one on top already: freed twice in a row.
 *
 *   pop   pushf; cli                     push   pushf; cli
 *         object = head; none: empty            if (head == object): out
 *         head = *object                        if (--room < 0): full
 *         room++                                *object = head
 *         popf                                  head = object
 *                                               popf
 */
#ifndef MM_X86_OBJECT_H
#define MM_X86_OBJECT_H

#include "../internal.h"

static_assert(offsetof(struct magazine, head) == 0, "magazines(slot)");
static_assert(offsetof(struct magazine, room) == 4, "4 + magazines(slot)");

#if defined(MEMOIR_HOST) || defined(__CHECKER__) || defined(__clang__)

static __always_inline bool
object_pop(u32 slot, u32 *spare, void **object)
{
	struct magazine *mag = this_cpu_ptr(magazines[slot / sizeof(*mag)]);
	unsigned long flags = local_irq_save();

	(void)spare;
	*object = mag->head;
	if (*object) {
		mag->head = *(void **)*object;
		mag->room++;
	}
	local_irq_restore(flags);
	return *object != NULL;
}

static __always_inline bool
object_push(u32 slot, u32 *spare, void *object)
{
	struct magazine *mag = this_cpu_ptr(magazines[slot / sizeof(*mag)]);
	unsigned long flags = local_irq_save();
	bool room = mag->room > 0 && mag->head != object;

	(void)spare;
	if (room) {
		mag->room--;
		*(void **)object = mag->head;
		mag->head = object;
	}
	local_irq_restore(flags);
	return room;
}

#else

static __always_inline bool
object_pop(u32 slot, u32 *spare, void **object)
{
	void *first;

	__asm__ volatile goto("pushf\n\t"
			      "cli\n\t"
			      "movl %%fs:magazines(%[slot]), %[first]\n\t"
			      "testl %[first], %[first]\n\t"
			      "jz 1f\n\t"
			      "movl (%[first]), %[next]\n\t"
			      "movl %[next], %%fs:magazines(%[slot])\n\t"
			      "incl %%fs:magazines + 4(%[slot])\n\t"
			      "popf\n\t"
			      ".subsection 1\n"
			      "1:\tpopf\n\t"
			      "jmp %l[empty]\n\t"
			      ".previous"
			      : [first] "=&r"(first), [next] "+&r"(*spare)
			      : [slot] "r"(slot)
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
	__asm__ volatile goto("pushf\n\t"
			      "cli\n\t"
			      "movl %%fs:magazines(%[slot]), %[head]\n\t"
			      "cmpl %[object], %[head]\n\t"
			      "je 2f\n\t"
			      "decl %%fs:magazines + 4(%[slot])\n\t"
			      "js 1f\n\t"
			      "movl %[head], (%[object])\n\t"
			      "movl %[object], %%fs:magazines(%[slot])\n\t"
			      "popf\n\t"
			      ".subsection 1\n"
			      "1:\tincl %%fs:magazines + 4(%[slot])\n"
			      "2:\tpopf\n\t"
			      "jmp %l[full]\n\t"
			      ".previous"
			      : [head] "=&r"(*spare)
			      : [slot] "r"(slot), [object] "r"(object)
			      : "memory", "cc"
			      : full);
	return true;
full:
	return false;
}

#endif
#endif
