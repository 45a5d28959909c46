/* timer_check.c - looks into the wheel of kernel/timer.c: what is armed, and is
 * it where it belongs?
 *
 *   fresh   [ timers that the next tick will sort in ]
 *   slots   [ 0 | 1 | ... | 127 ]   timer_slot() says which one
 *
 * Locking: base->lock, interrupts off, for the whole walk.
 */
#include "timer_check.h"
#include "util.h"

/* Copy one list's timers behind the n that there are already. */
static unsigned int
copy_list(const struct list_head *list, struct timer_list *copies,
	  unsigned int n, unsigned int max)
{
	const struct timer_list *t;

	list_for_each_entry(t, list, entry)
	{
		if (n < max)
			copies[n] = *t;
		n++;
	}
	return n;
}

unsigned int
timer_base_list(struct timer_base *base, struct timer_list *copies,
		unsigned int max)
{
	unsigned long flags;
	unsigned int n;

	spin_lock_irqsave(&base->lock, flags);
	n = copy_list(&base->fresh, copies, 0, max);
	n = copy_list(&base->due, copies, n, max);
	for (size_t i = 0; i < ARRAY_SIZE(base->slots); i++)
		n = copy_list(&base->slots[i], copies, n, max);
	spin_unlock_irqrestore(&base->lock, flags);
	return n;
}

unsigned int
timer_base_check(struct timer_base *base)
{
	const struct timer_list *t;
	unsigned int wrong = 0;
	unsigned long flags;

	spin_lock_irqsave(&base->lock, flags);
	for (size_t i = 0; i < ARRAY_SIZE(base->slots); i++) {
		struct list_head *slot = &base->slots[i];

		list_for_each_entry(t, slot, entry)
		{
			wrong += timer_slot(base, t->expires) != slot;
		}
	}
	spin_unlock_irqrestore(&base->lock, flags);
	return wrong;
}
