/* futex.c - to sleep while a word of the program's has a certain value.
 *
 *   lock:  0 -> 1 in ring 3                       nobody calls the kernel
 *   else:  FUTEX_WAIT(word, 2) --> [ waiter: key, task ] --> [ ] --> ...
 *   unlock: FUTEX_WAKE(word, 1)     the first with that key is woken
 *
 *   key    memory that is shared: the object, and the place in it
 *          else:                  the address space, and the address; whether
 *                                 FUTEX_PRIVATE was said makes two of it
 *
 *   FUTEX_REQUEUE(a, 1, n, b)   [ a ] [ a ] [ a ]  -->  woken [ b ] [ b ]
 *
 * Who waits reads the word and is in the list before anybody can wake, since
 * both hold the same mutex: no wakeup is lost.
 *
 * Locking: futex_lock; inside it no page fault is served.
 * Limits: one list for all; no priority inheritance: ENOSYS.
 */
#include "errno.h"
#include "futex.h"
#include "process.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"

#define FUTEX_WAIT        0
#define FUTEX_WAKE        1
#define FUTEX_REQUEUE     3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP     5
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_PRIVATE     128
#define FUTEX_REALTIME    256
#define MATCH_ANY         0xFFFFFFFFu

struct key {
	const void *of; /* an mm, or an object */
	u64 place;
};

struct waiter {
	struct list_head link;
	struct key key;
	u32 bits; /* whom FUTEX_WAKE_BITSET means */
	struct task_struct *task;
	bool woken;
};

static DEFINE_MUTEX(futex_lock);
static LIST_HEAD(waiters); /* oldest first */

/* Of shared memory, the page is brought in: else nobody knows what it shows. */
static int
key_of(const u32 __user *word, bool private, struct key *key)
{
	uintptr_t address = (uintptr_t)word;
	struct mm_struct *mm = current->process->mm;
	struct vm_area_struct *area;
	u32 value = 0;
	int err = 0;

	if (address % sizeof(*word))
		return -EINVAL;
	if (!access_ok(word, sizeof(*word)))
		return -EFAULT;
	*key = (struct key){mm, address};
	if (private)
		return 0;
	if (copy_from_user(&value, word, sizeof(value)))
		return -EFAULT;
	key->place++;
	mutex_lock(&mm->lock);
	area = find_vma(mm, address);
	if (!area || area->start > address ||
	    (!area->object && !(area->flags & VM_WRITE))) {
		err = -EFAULT; /* or it will never change */
	} else if (area->object && (area->flags & VM_SHARED)) {
		key->of = area->object;
		key->place =
			(u64)area->pgoff * PAGE_SIZE + (address - area->start);
	}
	mutex_unlock(&mm->lock);
	return err;
}

static bool
waits_for(const struct waiter *waiter, const struct key *key)
{
	return waiter->key.of == key->of && waiter->key.place == key->place;
}

static void
wake_waiter(struct waiter *waiter)
{
	list_del(&waiter->link);
	waiter->woken = true;
	wake_up_process(waiter->task);
}

/* Up to nr, but one in any case, as on Linux. */
static long
wake_locked(const struct key *key, int nr, u32 bits)
{
	struct waiter *waiter, *next;
	int woken = 0;

	list_for_each_entry_safe(waiter, next, &waiters, link)
	{
		if (!waits_for(waiter, key) || !(waiter->bits & bits))
			continue;
		wake_waiter(waiter);
		if (++woken >= nr)
			break;
	}
	return woken;
}

static long
wake(const struct key *key, int nr, u32 bits)
{
	long woken;

	mutex_lock(&futex_lock);
	woken = wake_locked(key, nr, bits);
	mutex_unlock(&futex_lock);
	return woken;
}

/* The word, if that takes no page fault: it would be served by nobody here. */
static bool
peek(u32 *value, const u32 __user *word)
{
	bool there;

	preempt_disable();
	there = !user_copy_in(value, word, sizeof(*value));
	preempt_enable();
	return there;
}

/* The lock is not for the time that a page takes to come: it is fetched without,
 * and then looked at again. => 0 and the lock; -EFAULT */
static int
lock_and_read(const u32 __user *word, u32 *value) NO_LOCK_ANALYSIS
{
	for (;;) {
		mutex_lock(&futex_lock);
		if (peek(value, word))
			return 0;
		mutex_unlock(&futex_lock);
		if (get_user(*value, word))
			return -EFAULT;
	}
}

/* In the list, if the word has that value. */
static int
enqueue(struct waiter *waiter, const u32 __user *word,
	u32 value) NO_LOCK_ANALYSIS
{
	u32 now = 0;
	int err = lock_and_read(word, &now);

	if (err)
		return err;
	if (now == value)
		list_add_tail(&waiter->link, &waiters);
	mutex_unlock(&futex_lock);
	return now == value ? 0 : -EAGAIN;
}

/* => was it woken? Its memory is its own again. */
static bool
dequeue(struct waiter *waiter)
{
	mutex_lock(&futex_lock);
	if (!waiter->woken)
		list_del(&waiter->link);
	mutex_unlock(&futex_lock);
	return waiter->woken;
}

static long
wait(const u32 __user *word, bool private, u32 value, ktime_t end, u32 bits)
{
	struct waiter waiter = {.bits = bits, .task = current};
	bool timeout = false;
	int err = key_of(word, private, &waiter.key);

	if (!err)
		err = enqueue(&waiter, word, value);
	if (err)
		return err;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (READ_ONCE(waiter.woken) || signal_pending())
			break;
		timeout = !sleep_once(end);
		if (timeout)
			break;
	}
	set_current_state(TASK_RUNNING);
	if (dequeue(&waiter))
		return 0;
	if (timeout)
		return -ETIMEDOUT;
	return end == KTIME_MAX ? -ERESTARTSYS : -ERESTART_RESTARTBLOCK;
}

/* After a signal without a handler: until the same moment. */
static long
wait_on(const struct restart *restart)
{
	return wait(restart->where, restart->private, restart->value,
		    restart->end, restart->bits);
}

struct futex_args {
	u32 __user *word;
	u32 op, value;
	const void __user *timeout; /* or a second number, value2 */
	bool time64;
	u32 __user *word2;
	u32 bits;
};

static bool
is_private(const struct futex_args *a)
{
	return a->op & FUTEX_PRIVATE;
}

/* FUTEX_WAIT's timeout is a time from now; the other one's is a moment. */
static long
futex_wait(const struct futex_args *a, u32 bits)
{
	ktime_t end = KTIME_MAX;
	long result =
		a->timeout ? timespec_get(a->timeout, a->time64, &end) : 0;

	if (!result && !bits)
		result = -EINVAL;
	if (result)
		return result;
	if ((a->op & FUTEX_REALTIME) && a->timeout)
		end -= ktime_get_real() - ktime_get();
	else if ((a->op & ~FUTEX_PRIVATE) == FUTEX_WAIT && a->timeout)
		end = min(end, KTIME_MAX / 2) + ktime_get();
	result = wait(a->word, is_private(a), a->value, end, bits);
	if (result == -ERESTART_RESTARTBLOCK)
		current->process->sig.restart =
			(struct restart){.fn = wait_on,
					 .end = end,
					 .where = a->word,
					 .private = is_private(a),
					 .value = a->value,
					 .bits = bits};
	return result;
}

static long
futex_wake_bits(const struct futex_args *a, u32 bits)
{
	struct key key;
	int err = bits ? key_of(a->word, is_private(a), &key) : -EINVAL;

	return err ? err : wake(&key, (int)a->value, bits);
}

/* --- Two words ------------------------------------------------------------ */

static int
second_number(const struct futex_args *a)
{
	return (int)(__force uintptr_t)a->timeout;
}

static int
two_keys(const struct futex_args *a, struct key *one, struct key *two)
{
	int err = key_of(a->word, is_private(a), one);

	return err ? err : key_of(a->word2, is_private(a), two);
}

/* Some are woken, some wait for the other word from now on, behind those who do
 * already. => how many of both */
static long
requeue_locked(const struct key *from, const struct key *to, int nr_wake,
	       int nr_move)
{
	struct waiter *waiter, *next;
	LIST_HEAD(moved);
	int nr = 0;

	list_for_each_entry_safe(waiter, next, &waiters, link)
	{
		if (nr - nr_wake >= nr_move)
			break;
		if (!waits_for(waiter, from))
			continue;
		if (++nr <= nr_wake) {
			wake_waiter(waiter);
		} else {
			waiter->key = *to;
			list_move_tail(&waiter->link, &moved);
		}
	}
	while (!list_empty(&moved))
		list_move_tail(moved.next, &waiters);
	return nr;
}

/* compare: only if the word has that value: else somebody was faster. */
static long
futex_requeue(const struct futex_args *a, bool compare) NO_LOCK_ANALYSIS
{
	int nr_wake = (int)a->value, nr_move = second_number(a);
	struct key from, to;
	u32 value = a->bits;
	long result;

	if (nr_wake < 0 || nr_move < 0)
		return -EINVAL;
	result = two_keys(a, &from, &to);
	if (!result && compare)
		result = lock_and_read(a->word, &value);
	else if (!result)
		mutex_lock(&futex_lock);
	if (result)
		return result;
	result = value == a->bits ? requeue_locked(&from, &to, nr_wake, nr_move)
				  : -EAGAIN;
	mutex_unlock(&futex_lock);
	return result;
}

static long
futex_wake_op(const struct futex_args *a)
{
	struct key one, two;
	int nr2 = second_number(a), holds;
	u32 old;
	long result = two_keys(a, &one, &two);

	while (!result) {
		mutex_lock(&futex_lock);
		result = futex_operate(a->word2, a->bits, &old);
		if (!result) {
			holds = futex_holds(a->bits, (s32)old);
			result = holds < 0 ? holds
					   : wake_locked(&one, (int)a->value,
							 MATCH_ANY);
			if (holds > 0)
				result += wake_locked(&two, nr2, MATCH_ANY);
			mutex_unlock(&futex_lock);
			return result;
		}
		mutex_unlock(&futex_lock);
		if (result == -EFAULT)
			result = futex_bring_in(a->word2);
	}
	return result;
}

static long
futex(const struct futex_args *a)
{
	u32 op = a->op & ~(FUTEX_PRIVATE | FUTEX_REALTIME);

	if ((a->op & FUTEX_REALTIME) && op != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (op) {
	case FUTEX_WAIT:
		return futex_wait(a, MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(a, a->bits);
	case FUTEX_WAKE:
		return futex_wake_bits(a, MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake_bits(a, a->bits);
	case FUTEX_REQUEUE:
		return futex_requeue(a, false);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(a, true);
	case FUTEX_WAKE_OP:
		return futex_wake_op(a);
	default:
		return -ENOSYS;
	}
}

static long __syscall
sys_futex(u32 __user *word, u32 op, u32 value, const void __user *timeout,
	  u32 __user *word2, u32 bits)
{
	const struct futex_args a = {word,  op,    value, timeout,
				     false, word2, bits};

	return futex(&a);
}
SYSCALL(240, futex, sys_futex, 6);

static long __syscall
sys_futex_time64(u32 __user *word, u32 op, u32 value,
		 const void __user *timeout, u32 __user *word2, u32 bits)
{
	const struct futex_args a = {word, op,    value, timeout,
				     true, word2, bits};

	return futex(&a);
}
SYSCALL(422, futex_time64, sys_futex_time64, 6);

void
futex_wake(u32 __user *word, int nr)
{
	struct key key;

	if (!key_of(word, false, &key))
		wake(&key, nr, MATCH_ANY);
}
