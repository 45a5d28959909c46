/* lockdep.c - finds deadlocks before they happen: whether locks are taken in
 * one order, and not by an interrupt that could come while they are held.
 *
 *   held now:  [a] [b]  and [c] is to be taken: an edge b --> c
 *
 *   seen so far:   c --> x --> y --> b        a way back from c to b? Then two
 *                  ^                 |        CPUs, or threads, can wait for
 *                  +------ new ------+        each other
 *
 *   usage of a class, as bits          both can deadlock:
 *     IN_HARDIRQ   HARDIRQ_ON        the interrupt comes while it is held
 *     IN_SOFTIRQ   SOFTIRQ_ON        the same with a softirq
 *
 * It judges by classes: that two orders were seen is enough, at whatever times,
 * nothing need have gone wrong. An edge leads from the youngest lock that is
 * held; what is older has led to that one already. Locks that an interrupt
 * takes are not "while holding" those of what it has interrupted.
 *
 * Guarantees: nothing is allocated; each finding is reported once, counted, and
 * changes nothing else. Linux's words.
 *
 * Locking: dep.lock, a raw one, interrupts off. While it is held this CPU's
 * `busy` is set and its locks go unchecked: a report may print.
 * Limits: fixed tables; when one is full it says so and switches itself off. A
 * new edge costs O(classes * edges), a known one a bit test. Not seen: that
 * interrupts are turned on while a lock is held, and the circle over two locks
 * of which an interrupt takes the one, and the other is taken with that one
 * held, and elsewhere with interrupts on.
 */
#include "bitmap.h"
#include "errno.h"
#include "lockdep.h"
#include "lockdep_internal.h"
#include "param.h"
#include "preempt.h"
#include "rawlock.h"
#include "sched.h"
#include "sections.h"
#include "spinlock.h"
#include "string.h"

#define MAX_CLASSES 192 /* numbered from 1; fits a u8 */
#define MAX_EDGES   512

static struct {
	struct raw_lock lock;
	bool wanted; /* `lockdep` on the command line */
	unsigned int max_depth;
	unsigned int nr_classes, nr_static, nr_edges;
	struct lock_class *classes[MAX_CLASSES + 1];
	struct lock_class of_static[MAX_CLASSES]; /* locks nobody initialised */
	struct edge edges[MAX_EDGES];
	/* Bit b of row a: a before b is known, or reported. */
	unsigned long known[MAX_CLASSES + 1][BITS_TO_LONGS(MAX_CLASSES + 1)];
	struct { /* find_path's */
		const struct edge *via[MAX_CLASSES + 1];
		u8 queue[MAX_CLASSES];
	} path;
} dep;

DEFINE_PER_CPU(struct held_locks *, held_locks) = &init_task.held;
static DEFINE_PER_CPU(bool, busy);

/* => false if this CPU is in here already: let it pass; end() is not called */
static bool
begin(unsigned long *flags)
{
	bool locked = raw_lock_irqsave(&dep.lock, flags, this_cpu(busy));

	if (locked)
		this_cpu(busy) = true;
	else
		raw_unlock_irqrestore(&dep.lock, *flags, false);
	return locked;
}

static void
end(unsigned long flags)
{
	this_cpu(busy) = false;
	raw_unlock_irqrestore(&dep.lock, flags, true);
}

/* --- Classes ---------------------------------------------------------------- */

/* Some table is full. What is held now will be forgotten. */
static void
give_up(const char *what)
{
	patch_set(PATCH_LOCKDEP, false);
	report_off(what);
}

/* In which interrupt are we? 0: none. */
static unsigned int
context_now(void)
{
	u32 count = preempt_count();

	return (count & HARDIRQ_MASK) >> 15 | (count / SOFTIRQ_OFFSET & 1);
}

/* In .data or .bss; .init may be somebody's heap by now. */
static bool
is_static(const void *lock)
{
	return (const char *)lock >= _sdata && (const char *)lock < _end;
}

/* See that the lock's class has a number. */
static bool
know_class(const void *lock, struct lock_class **class)
{
	if (*class && (*class)->nr)
		return true;
	if (dep.nr_classes == MAX_CLASSES) {
		give_up("MAX_LOCKDEP_KEYS too low!");
		return false;
	}
	if (!*class && !is_static(lock)) {
		give_up("trying to register non-static key: is the lock "
			"initialised?");
		return false;
	}
	if (!*class) {
		*class = &dep.of_static[dep.nr_static++];
		(*class)->lock = lock;
	}
	(*class)->nr = ++dep.nr_classes;
	dep.classes[(*class)->nr] = *class;
	return true;
}

/* --- Order ------------------------------------------------------------------ */

/* Do the edges lead from one class to another? Breadth first: the shortest way,
 * left in dep.path.via. */
static bool
find_path(unsigned int from, unsigned int to)
{
	const struct edge *e, *last = dep.edges + dep.nr_edges;
	unsigned int head = 0, tail = 0;

	memset(dep.path.via, 0, sizeof(dep.path.via));
	dep.path.via[from] = dep.edges; /* been there */
	dep.path.queue[tail++] = from;
	while (head < tail) {
		unsigned int n = dep.path.queue[head++];

		for (e = dep.edges; e < last; e++) {
			if (e->first->nr != n || dep.path.via[e->second->nr])
				continue;
			dep.path.via[e->second->nr] = e;
			if (e->second->nr == to)
				return true;
			dep.path.queue[tail++] = e->second->nr;
		}
	}
	return false;
}

/* One that closes a circle is reported, and not followed any more. */
static void
add_edge(const struct held_lock *old, const struct held_lock *new)
{
	unsigned int a = old->class->nr, b = new->class->nr;

	if (test_bit(b, dep.known[a]))
		return;
	__set_bit(b, dep.known[a]);
	if (find_path(b, a))
		report_inversion(old, new, dep.path.via);
	else if (dep.nr_edges == MAX_EDGES)
		give_up("MAX_LOCKDEP_ENTRIES too low!");
	else
		dep.edges[dep.nr_edges++] =
			(struct edge){old->class, new->class, old->ip, new->ip};
}

/* A lock that was only tried has no edge to itself: the one below it has to
 * have one, too. */
static void
check_order(const struct held_locks *held, const struct held_lock *new)
{
	unsigned int i = held->depth;
	bool next = true;

	while (i--) {
		const struct held_lock *old = &held->lock[i];
		bool same = old->context == new->context;

		if (old->lock == new->lock ||
		    (same && old->class == new->class)) {
			report_recursion(old, new);
		} else if (same && next) {
			add_edge(old, new);
			next = old->flags & LOCKDEP_TRY;
		}
	}
}

/* --- Usage ------------------------------------------------------------------ */

/* One that only tries in an interrupt cannot wait for what it interrupted. */
static unsigned int
usage_now(bool irqs_on, bool try)
{
	u32 count = preempt_count();

	if (count & HARDIRQ_MASK)
		return try ? 0 : 1u << IN_HARDIRQ;
	if (count & SOFTIRQ_OFFSET)
		return (try ? 0 : 1u << IN_SOFTIRQ) |
		       (irqs_on ? 1u << HARDIRQ_ON : 0);
	if (!irqs_on)
		return 0;
	return 1u << HARDIRQ_ON | (count & SOFTIRQ_MASK ? 0 : 1u << SOFTIRQ_ON);
}

static void
check_usage(const struct held_lock *new, bool irqs_on)
{
	struct lock_class *class = new->class;
	unsigned int usage = usage_now(irqs_on, new->flags &LOCKDEP_TRY);
	unsigned int u;

	usage &= ~class->usage;
	for (u = 0; usage >> u; u++) {
		if (!(usage >> u & 1))
			continue;
		class->usage |= 1u << u;
		class->site[u] = new->ip;
		if (class->usage >> (u ^ 1) & 1)
			report_usage(new, u);
	}
}

/* --- Taking and giving back --------------------------------------------------- */

void
lockdep_acquire(const void *lock, struct lock_class **class, unsigned int flags,
		u32 ip)
{
	struct held_locks *held;
	struct held_lock *new;
	unsigned long irq;

	if (!begin(&irq))
		return;
	held = this_cpu(held_locks);
	if (held->depth == MAX_HELD_LOCKS) {
		give_up("MAX_LOCK_DEPTH too low!");
	} else if (know_class(lock, class)) {
		new = &held->lock[held->depth];
		*new = (struct held_lock){lock, *class, ip, context_now(),
					  flags};
		(*class)->count++;
		if (!(flags & LOCKDEP_TRY))
			check_order(held, new);
		check_usage(new, irq & EFLAGS_IF);
		if (++held->depth > dep.max_depth)
			dep.max_depth = held->depth;
	}
	end(irq);
}

/* Its place from 1 on, 0: not held. */
static unsigned int
find_held(const struct held_locks *held, const void *lock)
{
	unsigned int i = held->depth;

	while (i && held->lock[i - 1].lock != lock)
		i--;
	return i;
}

static void
forget_held(struct held_locks *held, unsigned int place)
{
	memmove(&held->lock[place - 1], &held->lock[place],
		(held->depth - place) * sizeof(held->lock[0]));
	held->depth--;
}

void
lockdep_release(const void *lock, struct lock_class **class, u32 ip)
{
	struct held_locks *held;
	unsigned long irq;
	unsigned int i;

	if (!begin(&irq))
		return;
	held = this_cpu(held_locks);
	i = find_held(held, lock);
	if ((!i || held->lock[i - 1].context != context_now()) &&
	    know_class(lock, class))
		report_unlock(&(struct held_lock){lock, *class, ip, 0, 0});
	if (i)
		forget_held(held, i);
	end(irq);
}

void
sleeplock_acquire(const void *lock, struct lock_class **class,
		  unsigned int flags)
{
	lockdep_acquire(lock, class, flags,
			(u32)__builtin_return_address(0) - 1);
}

void
sleeplock_release(const void *lock, struct lock_class **class)
{
	lockdep_release(lock, class, (u32)__builtin_return_address(0) - 1);
}

void
lockdep_switch(struct held_locks *next, const void *lock)
{
	struct held_locks *held = this_cpu(held_locks);
	unsigned int i = find_held(held, lock);

	if (i) {
		next->lock[next->depth++] = held->lock[i - 1];
		forget_held(held, i);
	}
	this_cpu(held_locks) = next;
}

void
lockdep_none_held(const char *who)
{
	struct held_locks *held;
	struct held_lock *last;
	unsigned long irq;

	if (!begin(&irq))
		return;
	held = this_cpu(held_locks);
	while (held->depth) {
		last = &held->lock[held->depth - 1];
		if (last->context != context_now())
			break;
		report_left(last, who);
		held->depth--;
	}
	end(irq);
}

bool
lockdep_is_held(const void *lock)
{
	return find_held(this_cpu(held_locks), lock);
}

void
lockdep_not_held(const char *what, const char *file, int line)
{
	unsigned long irq;

	if (!begin(&irq))
		return;
	report_not_held(what, file, line);
	end(irq);
}

/* --- Spinlocks, from their patched instructions ------------------------------- */

/* Who called the function that this stands in. */
#define CALLER ((u32)__builtin_return_address(0) - 1)

void NO_LOCK_ANALYSIS
spin_lock_checked(spinlock_t *lock)
{
	lockdep_acquire(lock, &lock->class, LOCKDEP_SPIN, CALLER);
	if (xchg(&lock->word, 1))
		spin_lock_contended(lock);
}

bool NO_LOCK_ANALYSIS
spin_trylock_checked(spinlock_t *lock)
{
	if (xchg(&lock->word, 1))
		return false;
	lockdep_acquire(lock, &lock->class, LOCKDEP_SPIN | LOCKDEP_TRY, CALLER);
	return true;
}

void NO_LOCK_ANALYSIS
spin_unlock_checked(spinlock_t *lock)
{
	lockdep_release(lock, &lock->class, CALLER);
	WRITE_ONCE(lock->word, 0);
}

/* --- For the monitor and tests ------------------------------------------------ */

const struct lock_class *
lockdep_class(unsigned int nr)
{
	return nr <= dep.nr_classes ? dep.classes[nr] : NULL;
}

bool
lockdep_edge(unsigned int n, const struct lock_class **a,
	     const struct lock_class **b)
{
	if (n >= dep.nr_edges)
		return false;
	*a = dep.edges[n].first;
	*b = dep.edges[n].second;
	return true;
}

unsigned int
lockdep_max_depth(void)
{
	return dep.max_depth;
}

void
lockdep_forget(struct lock_class *class)
{
	unsigned int i, kept = 0, nr = class->nr;
	unsigned long irq;

	if (!begin(&irq))
		return;
	for (i = 0; i < dep.nr_edges; i++)
		if (dep.edges[i].first != class && dep.edges[i].second != class)
			dep.edges[kept++] = dep.edges[i];
	dep.nr_edges = kept;
	for (i = 1; i <= dep.nr_classes; i++)
		__clear_bit(nr, dep.known[i]);
	memset(dep.known[nr], 0, sizeof(dep.known[nr]));
	class->usage = class->said = 0;
	end(irq);
}

/* --- The switch ----------------------------------------------------------------- */

static int
set_lockdep(const char *value)
{
	dep.wanted = true;
	return *value ? -EINVAL : 0;
}
BOOT_PARAM(lockdep, "", "check the use of locks; always on in a debug build",
	   set_lockdep);

#ifdef DEBUG
#define LOCKDEP_ALWAYS true
#else
#define LOCKDEP_ALWAYS false
#endif

void __init
lockdep_init(void)
{
	if (LOCKDEP_ALWAYS || dep.wanted)
		patch_set(PATCH_LOCKDEP, true);
}
