/* robust.c - locks of a thread that ends while it holds them.
 *
 *   robust_list -> [ head | offset | pending ]
 *                     |
 *                  [ next ]..[ word ] -> [ next ]..[ word ] -> back to the head
 *                             ^ owner's tid: becomes FUTEX_OWNER_DIED, and one
 *                               who waits for it is woken
 *
 * The list is the program's own, so it is only followed so far.
 */
#include "futex.h"
#include "process.h"
#include "uaccess.h"

/* The word of a robust lock. */
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID        0x3FFFFFFFu
#define ROBUST_MAX       2048

/* Somebody may begin to wait between reading and writing, and his mark is lost:
 * so one is woken in any case, and looks again. */
static void
abandon(u32 __user *word)
{
	u32 value = 0;

	if ((uintptr_t)word % sizeof(*word) || get_user(value, word) ||
	    (value & FUTEX_TID) != (u32)current->process->pid)
		return;
	if (!put_user((value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, word))
		futex_wake(word, 1);
}

/* The head: the first entry, how far from an entry its word is, and an entry
 * that was just being locked or unlocked. Bit 0: of priority inheritance. */
void
futex_exit(struct process *p)
{
	u32 head = (u32)p->robust_list, list[3], entry, i;

	if (head && !copy_from_user(list, p->robust_list, sizeof(list))) {
		entry = list[0];
		for (i = 0; i < ROBUST_MAX && entry != head; i++) {
			if (entry != list[2])
				abandon((u32 __user *)((entry & ~1u) +
						       list[1]));
			if (get_user(entry, (u32 __user *)(entry & ~1u)))
				break;
		}
		if (list[2])
			abandon((u32 __user *)((list[2] & ~1u) + list[1]));
	}
	if (p->clear_child_tid && !put_user(0, p->clear_child_tid))
		futex_wake((u32 __user *)p->clear_child_tid, 1);
}
