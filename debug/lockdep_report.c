/* lockdep_report.c - what lockdep says when it has found something.
 *
 *   WARNING: possible circular locking dependency detected
 *   trying to acquire lock:
 *    c0168024 (lock_a), at: take_both+0x7e/0xa0        the new one
 *   but already holding lock:
 *    c0168014 (lock_c), at: take_both+0x8c/0xa0        the old one
 *   ...                                                why, who, backtrace
 *
 * Linux's words. Locking: lockdep.c's lock, but for what only prints.
 */
#include "lockdep_internal.h"
#include "printf.h"
#include "printk.h"
#include "string.h"
#include "symbols.h"
#include "trap.h"

#define NAME_SIZE 64

/* What is reported once a class: bits of lock_class.said. */
#define SAID_RECURSION 1
#define SAID_UNLOCK    2
#define SAID_LEFT      4

static unsigned int reports;

static const char *const usage_names[NR_LOCK_USAGES] = {
	[IN_HARDIRQ] = "IN-HARDIRQ-W",
	[HARDIRQ_ON] = "HARDIRQ-ON-W",
	[IN_SOFTIRQ] = "IN-SOFTIRQ-W",
	[SOFTIRQ_ON] = "SOFTIRQ-ON-W",
};

char *
lock_class_name(const struct lock_class *class, char *buf, size_t size)
{
	struct symbol sym;

	if (class->name)
		strscpy(buf, class->name, size);
	else if (symbol_find((uintptr_t) class->lock, &sym) &&
		 sym.address == (uintptr_t) class->lock)
		strscpy(buf, sym.name, size);
	else
		snprintf(buf, size, "%pS", class->lock);
	return buf;
}

unsigned int
lockdep_reports(void)
{
	return reports;
}

static void
headline(const char *what)
{
	reports++;
	pr_err("WARNING: %s\n", what);
}

static bool
said_already(const struct held_lock *what, u8 bit)
{
	bool said = what->class->said & bit;

	what->class->said |= bit;
	return said;
}

static void
backtrace_here(void)
{
	report_backtrace((u32)__builtin_return_address(0) - 1, 0,
			 *(u32 *)__builtin_frame_address(0));
}

static void
print_lock(const struct held_lock *held)
{
	char name[NAME_SIZE];

	pr_err(" %08lx (%s), at: %pS\n", (unsigned long)held->lock,
	       lock_class_name(held->class, name, sizeof(name)),
	       (void *)held->ip);
}

static void
print_two(const struct held_lock *old, const struct held_lock *new)
{
	pr_err("trying to acquire lock:\n");
	print_lock(new);
	pr_err("but already holding lock:\n");
	print_lock(old);
}

void
lockdep_print_held(void)
{
	const struct held_locks *held = this_cpu(held_locks);
	unsigned int i;

	if (!held->depth)
		pr_err("no locks held\n");
	else
		pr_err("%u lock%s held:\n", held->depth,
		       held->depth > 1 ? "s" : "");
	for (i = 0; i < held->depth; i++)
		print_lock(&held->lock[i]);
}

void
report_off(const char *why)
{
	headline(why);
	pr_err("turning off the locking correctness validator.\n");
	backtrace_here();
}

void
report_recursion(const struct held_lock *old, const struct held_lock *new)
{
	if (said_already(new, SAID_RECURSION))
		return;
	headline("possible recursive locking detected");
	print_two(old, new);
	if (old->lock != new->lock)
		pr_err("(two locks of one class: nobody says which comes "
		       "first)\n");
	backtrace_here();
}

/* The way from one class to the other, the last step first. */
static void
print_chain(const struct edge *const *via, const struct lock_class *from,
	    const struct lock_class *to)
{
	char first[NAME_SIZE], second[NAME_SIZE];
	const struct edge *e;
	unsigned int step = 0;

	pr_err("the existing dependency chain (in reverse order) is:\n");
	for (; to != from; to = e->first) {
		e = via[to->nr];
		pr_err("-> #%u (%s), at: %pS\n", ++step,
		       lock_class_name(to, second, sizeof(second)),
		       (void *)e->second_site);
		pr_err("   with (%s) held, at: %pS\n",
		       lock_class_name(e->first, first, sizeof(first)),
		       (void *)e->first_site);
	}
}

void
report_inversion(const struct held_lock *old, const struct held_lock *new,
		 const struct edge *const *via)
{
	char a[NAME_SIZE], b[NAME_SIZE];

	lock_class_name(old->class, a, sizeof(a));
	lock_class_name(new->class, b, sizeof(b));
	headline("possible circular locking dependency detected");
	print_two(old, new);
	pr_err("which lock already depends on the new lock.\n");
	print_chain(via, new->class, old->class);
	pr_err("Possible unsafe locking scenario:\n");
	pr_err("   CPU0: lock(%s);\n", a);
	pr_err("   CPU1: lock(%s); ... lock(%s);\n", b, a);
	pr_err("   CPU0: lock(%s);  *** DEADLOCK ***\n", b);
	backtrace_here();
}

void
report_usage(const struct held_lock *new, enum lock_usage usage)
{
	enum lock_usage other = usage ^ 1;

	headline("inconsistent lock state");
	pr_err("inconsistent {%s} -> {%s} usage.\n", usage_names[other],
	       usage_names[usage]);
	print_lock(new);
	pr_err("{%s} state was registered at: %pS\n", usage_names[other],
	       (void *)new->class->site[other]);
	pr_err("*** DEADLOCK *** if the interrupt comes while the lock is "
	       "held\n");
	backtrace_here();
}

void
report_unlock(const struct held_lock *what)
{
	if (said_already(what, SAID_UNLOCK))
		return;
	headline("bad unlock balance detected!");
	pr_err("trying to release lock:\n");
	print_lock(what);
	pr_err("but it is not held here: by nobody, or by somebody else\n");
	lockdep_print_held();
	backtrace_here();
}

void
report_left(const struct held_lock *what, const char *who)
{
	if (said_already(what, SAID_LEFT))
		return;
	headline("locks left held!");
	pr_err("%s still has locks held:\n", who);
	print_lock(what);
	backtrace_here();
}

void
report_not_held(const char *what, const char *file, int line)
{
	headline("a lock should be held");
	pr_err("%s is not, at %s:%d\n", what, file, line);
	lockdep_print_held();
	backtrace_here();
}
