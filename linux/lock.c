/* lock.c - locks on files: who may have which bytes.
 *
 *   inode->locks     [ P1 read 0..99 ] [ P2 read 50..99 ] [ P2 write 200..end ]
 *                                                             ^
 *   P1 asks for "write 250..260" and sleeps:    waiter [ P1 ]-' blocked by P2
 *
 *   P1: write 40..59 of what it has       [ read 0..39 ][ write 40..59 ][ read
 *                                                                   60..99 ]
 *
 * An owner's locks never overlap, and those of a type do not touch: what is asked
 * for takes the place of what there was. One record can so become three: what is
 * needed is allocated before anything changes.
 *
 * Who waits is blocked by one owner, who may wait for another: if following them
 * leads back to who asks, it is a deadlock. As on Linux, only processes' records
 * are looked at, and no more than DEPTH_MAX of them.
 *
 * Locking: locks_lock, for all lists and waiters.
 *
 * Limits: looking for what is in the way is O(locks of that file).
 */
#include "lock.h"
#include "account.h"
#include "process.h"
#include "slab.h"
#include "test.h"
#include "util.h"

#define DEPTH_MAX 10

/* One who sleeps, on his stack. (L) */
struct waiter {
	struct list_head link; /* in waiters */
	const struct inode *inode;
	const struct file_lock *ask;
	const void *blocked_by; /* an owner */
	bool woken;
	wait_queue_head_t queue; /* he alone */
};

static DEFINE_MUTEX(locks_lock);
static LIST_HEAD(waiters);
static atomic_t nr_locks;

static long
count_locks(void)
{
	return atomic_read(&nr_locks);
}
LEAK_COUNTER("file locks", count_locks);

static struct file_lock *
lock_alloc(void)
{
	struct account *account = current_account();
	struct file_lock *lock;

	if (!account_charge(account, sizeof(*lock)))
		return NULL;
	lock = kmalloc(sizeof(*lock), GFP_KERNEL);
	if (!lock) {
		account_uncharge(account, sizeof(*lock));
		return NULL;
	}
	atomic_inc(&nr_locks);
	lock->account = account;
	return lock;
}

static void
lock_free(struct file_lock *lock)
{
	if (!lock)
		return;
	atomic_dec(&nr_locks);
	account_uncharge(lock->account, sizeof(*lock));
	kfree(lock);
}

/* --- Who is in whose way ------------------------------------------------- */

static bool
is_own(const struct file_lock *lock, const struct file_lock *ask)
{
	return lock->owner == ask->owner && lock->kind == ask->kind;
}

static bool
overlaps(const struct file_lock *lock, const struct file_lock *ask)
{
	return lock->start <= ask->end && ask->start <= lock->end;
}

/* => the lock that keeps `ask` from being had, or NULL */
static struct file_lock *
find_conflict(struct inode *inode, const struct file_lock *ask)
	REQUIRES(locks_lock)
{
	struct file_lock *lock;

	list_for_each_entry(lock, &inode->locks, link)
	{
		if (is_own(lock, ask) || !overlaps(lock, ask))
			continue;
		if ((lock->kind == LOCK_FLOCK) != (ask->kind == LOCK_FLOCK))
			continue;
		if (lock->type == F_WRLCK || ask->type == F_WRLCK)
			return lock;
	}
	return NULL;
}

/* For whom does the process wait that owns records so? => an owner, or NULL */
static const void *
waits_for(const void *owner) REQUIRES(locks_lock)
{
	const struct waiter *w;

	list_for_each_entry(w, &waiters, link)
	{
		if (w->ask->kind == LOCK_PROCESS && w->ask->owner == owner)
			return w->blocked_by;
	}
	return NULL;
}

static bool
is_deadlock(const struct file_lock *ask, const struct file_lock *conflict)
	REQUIRES(locks_lock)
{
	const void *owner = conflict->owner;

	if (ask->kind != LOCK_PROCESS)
		return false;
	for (unsigned int i = 0; owner && i < DEPTH_MAX; i++) {
		owner = waits_for(owner);
		if (owner == ask->owner)
			return true;
	}
	return false;
}

/* --- Changing what an owner has ------------------------------------------ */

static void
wake_waiters(const struct inode *inode) REQUIRES(locks_lock)
{
	struct waiter *w;

	list_for_each_entry(w, &waiters, link)
	{
		if (w->inode != inode)
			continue;
		w->woken = true;
		w->blocked_by = NULL; /* it may be gone */
		wake_up(&w->queue);
	}
}

static void
remove(struct file_lock *lock) REQUIRES(locks_lock)
{
	list_del(&lock->link);
	lock_free(lock);
}

/* Own, of the same type: it becomes part of `set` if it touches it. */
static void
merge(struct file_lock *lock, struct file_lock *set) REQUIRES(locks_lock)
{
	if (lock->start > set->end && lock->start - 1 > set->end)
		return;
	if (set->start > lock->end && set->start - 1 > lock->end)
		return;
	set->start = min(set->start, lock->start);
	set->end = max(set->end, lock->end);
	remove(lock);
}

static void
copy_range(struct file_lock *to, const struct file_lock *from)
{
	struct account *account = to->account;

	*to = *from;
	to->account = account;
}

/* Own, of another type: `set` is cut out of it.
 *
 *	lock      [............]         [......]       [......]
 *	set          [...]            [...]                [......]
 *	leaves    [.]     [rest]           [....]       [.]
 */
static void
cut(struct file_lock *lock, const struct file_lock *set,
    struct file_lock **rest) REQUIRES(locks_lock)
{
	bool head = lock->start < set->start;
	bool tail = lock->end > set->end;

	if (head && tail) {
		struct file_lock *more = *rest;

		*rest = NULL;
		copy_range(more, lock);
		more->start = set->end + 1;
		list_add(&more->link, &lock->link);
	}
	if (head)
		lock->end = set->start - 1;
	else if (tail)
		lock->start = set->end + 1;
	else
		remove(lock);
}

/* set and *rest are ours from now on, as far as they are used. */
static void
apply(struct inode *inode, struct file_lock *set, struct file_lock **rest)
	REQUIRES(locks_lock)
{
	struct file_lock *lock, *next;

	list_for_each_entry_safe(lock, next, &inode->locks, link)
	{
		if (!is_own(lock, set))
			continue;
		if (lock->type == set->type)
			merge(lock, set);
		else if (overlaps(lock, set))
			cut(lock, set, rest);
	}
	if (set->type == F_UNLCK)
		lock_free(set);
	else
		list_add_tail(&set->link, &inode->locks);
	wake_waiters(inode);
}

/* --- Waiting ------------------------------------------------------------- */

/* Until something changes there. => locks_lock before and after;
 * 0, -ERESTARTSYS */
static int
wait_for(struct inode *inode, const struct file_lock *ask,
	 const struct file_lock *conflict) REQUIRES(locks_lock)
{
	struct waiter w = {.inode = inode,
			   .ask = ask,
			   .blocked_by = conflict->owner};
	int error;

	init_waitqueue_head(&w.queue);
	list_add_tail(&w.link, &waiters);
	mutex_unlock(&locks_lock);
	error = wait_interruptible_once(&w.queue, READ_ONCE(w.woken));
	mutex_lock(&locks_lock);
	list_del(&w.link);
	return error;
}

/* => 0: nobody is in its way */
static int
get_way(struct inode *inode, const struct file_lock *ask, bool wait)
	REQUIRES(locks_lock)
{
	struct file_lock *conflict;
	int error = 0;

	while (!error && ask->type != F_UNLCK &&
	       (conflict = find_conflict(inode, ask))) {
		if (!wait)
			error = -EAGAIN;
		else if (is_deadlock(ask, conflict))
			error = -EDEADLK;
		else
			error = wait_for(inode, ask, conflict);
	}
	return error;
}

/* flock's locks do not change their type: the old one is gone, whatever comes. */
static void
drop_other_type(struct inode *inode, const struct file_lock *ask)
	REQUIRES(locks_lock)
{
	struct file_lock *lock;

	list_for_each_entry(lock, &inode->locks, link)
	{
		if (is_own(lock, ask) && lock->type != ask->type) {
			remove(lock);
			wake_waiters(inode);
			return; /* it has but one */
		}
	}
}

int
lock_set(struct inode *inode, const struct file_lock *ask, bool wait)
{
	struct file_lock *set = lock_alloc(), *rest = lock_alloc();
	int error = -ENOLCK;

	mutex_lock(&locks_lock);
	if (ask->kind == LOCK_FLOCK)
		drop_other_type(inode, ask);
	if (set && rest)
		error = get_way(inode, ask, wait);
	if (!error) {
		copy_range(set, ask);
		apply(inode, set, &rest);
		set = NULL;
	}
	mutex_unlock(&locks_lock);
	lock_free(set);
	lock_free(rest);
	return error;
}

void
lock_test(struct inode *inode, struct file_lock *ask)
{
	const struct file_lock *conflict;

	mutex_lock(&locks_lock);
	conflict = find_conflict(inode, ask);
	if (conflict)
		*ask = *conflict;
	else
		ask->type = F_UNLCK;
	mutex_unlock(&locks_lock);
}

void
locks_drop(struct inode *inode, const void *owner)
{
	struct file_lock *lock, *next;
	bool found = false;

	if (list_empty(&inode->locks)) /* if one comes now, its setter looks */
		return;
	mutex_lock(&locks_lock);
	list_for_each_entry_safe(lock, next, &inode->locks, link)
	{
		if (lock->owner != owner)
			continue;
		remove(lock);
		found = true;
	}
	if (found)
		wake_waiters(inode);
	mutex_unlock(&locks_lock);
}
