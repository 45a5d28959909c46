/* futex.c - to sleep while a word of the program's has a certain value.
 *
 *   lock:  0 -> 1 in ring 3                       nobody calls the kernel
 *   else:  FUTEX_WAIT(word, 2) --> [ waiter: key, task ] --> [ ] --> ...
 *   unlock: FUTEX_WAKE(word, 1)     the first with that key is woken
 *
 *   key    memory that is shared: the object, and the place in it
 *          else:                  the address space, and the address
 *
 * Who waits reads the word and is in the list before anybody can wake, since
 * both hold the same mutex: no wakeup is lost.
 *
 * A thread that ends while it holds a robust lock marks the word, and wakes who
 * waits: the list of those is the program's own, so it is only followed so far.
 *
 * Locking: futex_lock; inside it no page fault is served.
 * Limits: one list for all; no requeueing and no priority inheritance: ENOSYS.
 */
#include "errno.h"
#include "futex.h"
#include "process.h"
#include "syscall.h"
#include "systime.h"
#include "uaccess.h"

#define FUTEX_WAIT        0
#define FUTEX_WAKE        1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAKE_BITSET 10
#define FUTEX_PRIVATE     128
#define FUTEX_REALTIME    256
#define MATCH_ANY         0xFFFFFFFFu

/* The word of a robust lock. */
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID        0x3FFFFFFFu
#define ROBUST_MAX       2048

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

static int
key_of(const u32 __user *word, struct key *key)
{
	uintptr_t address = (uintptr_t)word;
	struct mm_struct *mm = current->process->mm;
	struct vm_area_struct *area;

	if (address % sizeof(*word))
		return -EINVAL;
	if (!access_ok(word, sizeof(*word)))
		return -EFAULT;
	*key = (struct key){mm, address};
	mutex_lock(&mm->lock);
	area = find_vma(mm, address);
	if (area && area->start <= address && (area->flags & VM_SHARED) &&
	    area->object) {
		key->of = area->object;
		key->place =
			(u64)area->pgoff * PAGE_SIZE + (address - area->start);
	}
	mutex_unlock(&mm->lock);
	return 0;
}

static long
wake(const struct key *key, u32 nr, u32 bits)
{
	struct waiter *waiter, *next;
	long woken = 0;

	mutex_lock(&futex_lock);
	list_for_each_entry_safe(waiter, next, &waiters, link)
	{
		if ((u32)woken >= nr)
			break;
		if (waiter->key.of != key->of ||
		    waiter->key.place != key->place || !(waiter->bits & bits))
			continue;
		list_del(&waiter->link);
		waiter->woken = true;
		wake_up_process(waiter->task);
		woken++;
	}
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

/* In the list, if the word has that value. The lock is not for the time that a
 * page takes to come: it is fetched without, and then looked at again. */
static int
enqueue(struct waiter *waiter, const u32 __user *word, u32 value)
{
	u32 now = 0;
	bool there;

	do {
		mutex_lock(&futex_lock);
		there = peek(&now, word);
		if (there && now == value)
			list_add_tail(&waiter->link, &waiters);
		mutex_unlock(&futex_lock);
		if (!there && get_user(now, word))
			return -EFAULT;
	} while (!there);
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
wait(const u32 __user *word, u32 value, ktime_t end, u32 bits)
{
	struct waiter waiter = {.bits = bits, .task = current};
	bool timeout = false;
	int err = key_of(word, &waiter.key);

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
	return wait(restart->where, restart->value, restart->end,
		    restart->bits);
}

/* FUTEX_WAIT's timeout is a time from now; the other one's is a moment. */
static long
wait_timeout(u32 __user *word, u32 op, u32 value, ktime_t ns, u32 bits)
{
	ktime_t end = ns;
	long result;

	if ((op & FUTEX_REALTIME) && ns != KTIME_MAX)
		end = ns - (ktime_get_real() - ktime_get());
	else if ((op & 0x7F) == FUTEX_WAIT && ns != KTIME_MAX)
		end = min(ns, KTIME_MAX / 2) + ktime_get();
	result = wait(word, value, end, bits);
	if (result == -ERESTART_RESTARTBLOCK)
		current->process->sig.restart = (struct restart){.fn = wait_on,
								 .end = end,
								 .where = word,
								 .value = value,
								 .bits = bits};
	return result;
}

struct futex_args {
	u32 __user *word;
	u32 op, value, bits;
	const void __user *timeout;
	bool time64;
};

static long
futex(const struct futex_args *a)
{
	u32 op = a->op & 0x7F, bits = a->bits;
	ktime_t ns = KTIME_MAX;
	struct key key;
	int err = 0;

	if (op == FUTEX_WAIT || op == FUTEX_WAKE)
		bits = MATCH_ANY;
	switch (op) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		if (a->timeout)
			err = timespec_get(a->timeout, a->time64, &ns);
		if (!err && !bits)
			err = -EINVAL;
		return err ? err
			   : wait_timeout(a->word, a->op, a->value, ns, bits);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		err = bits ? key_of(a->word, &key) : -EINVAL;
		return err ? err : wake(&key, a->value, bits);
	default:
		return -ENOSYS;
	}
}

static long __syscall
sys_futex(u32 __user *word, u32 op, u32 value, const void __user *timeout,
	  const void __user *word2 __maybe_unused, u32 bits)
{
	const struct futex_args a = {word, op, value, bits, timeout, false};

	return futex(&a);
}
SYSCALL(240, futex, sys_futex, 6);

static long __syscall
sys_futex_time64(u32 __user *word, u32 op, u32 value,
		 const void __user *timeout,
		 const void __user *word2 __maybe_unused, u32 bits)
{
	const struct futex_args a = {word, op, value, bits, timeout, true};

	return futex(&a);
}
SYSCALL(422, futex_time64, sys_futex_time64, 6);

/* --- The end of a thread -------------------------------------------------------- */

void
futex_wake(u32 __user *word, u32 nr)
{
	struct key key;

	if (!key_of(word, &key))
		wake(&key, nr, MATCH_ANY);
}

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
