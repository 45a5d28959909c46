/* futex_op.c - what FUTEX_WAKE_OP does to a word, and asks of what it was.
 *
 *   op   31       28     24        12         0
 *        [ what    | how  | number  | other    ]
 *
 *   *word = old WHAT number;   old HOW other?
 *
 * In one step for whoever looks: by cmpxchg, until nobody was faster.
 */
#include "errno.h"
#include "futex.h"
#include "preempt.h"
#include "uaccess.h"

/* => 0 and the new value, -ENOSYS */
static int
operate(u32 op, u32 old, u32 *new)
{
	u32 number = (u32)((s32)(op << 8) >> 20);

	if (op >> 31)
		number = 1u << (number & 31);
	switch (op >> 28 & 7) {
	case 0:
		*new = number;
		return 0;
	case 1:
		*new = old + number;
		return 0;
	case 2:
		*new = old | number;
		return 0;
	case 3:
		*new = old & ~number;
		return 0;
	case 4:
		*new = old ^ number;
		return 0;
	default:
		return -ENOSYS;
	}
}

int
futex_holds(u32 op, s32 old)
{
	s32 other = (s32)(op << 20) >> 20;

	switch (op >> 24 & 15) {
	case 0:
		return old == other;
	case 1:
		return old != other;
	case 2:
		return old < other;
	case 3:
		return old <= other;
	case 4:
		return old > other;
	case 5:
		return old >= other;
	default:
		return -ENOSYS;
	}
}

int
futex_operate(u32 __user *word, u32 op, u32 *old)
{
	u32 before = 0, new;
	int err = operate(op, before, &new); /* is there such an operation? */

	preempt_disable();
	if (!err && user_copy_in(old, word, sizeof(*old)))
		err = -EFAULT;
	while (!err) {
		before = *old;
		err = operate(op, before, &new);
		if (!err)
			err = user_cmpxchg(word, old, new);
		if (*old == before)
			break;
	}
	preempt_enable();
	return err;
}

/* What it is becomes what it is. */
int
futex_bring_in(u32 __user *word)
{
	u32 value = 0;

	return get_user(value, word) ? -EFAULT
				     : user_cmpxchg(word, &value, value);
}
