/* cmd_locks.c - what lockdep has seen: the classes of locks, where they are
 * taken, and in which order.
 */
#include "command.h"
#include "console.h"
#include "errno.h"
#include "lockdep_view.h"

#define NAME_SIZE 40

static void
print_classes(void)
{
	const struct lock_class *class;
	char name[NAME_SIZE];
	unsigned int nr;

	console_printf("     taken  irq     softirq  class\n");
	for (nr = 1; (class = lockdep_class(nr)); nr++)
		console_printf("%10lu  %-3s %-3s %-3s %-3s  %s\n", class->count,
			       class->usage >> IN_HARDIRQ & 1 ? "in" : "-",
			       class->usage >> HARDIRQ_ON & 1 ? "on" : "-",
			       class->usage >> IN_SOFTIRQ & 1 ? "in" : "-",
			       class->usage >> SOFTIRQ_ON & 1 ? "on" : "-",
			       lock_class_name(class, name, sizeof(name)));
}

static void
print_order(void)
{
	const struct lock_class *a, *b;
	char first[NAME_SIZE], second[NAME_SIZE];
	unsigned int n;

	console_printf("Order:%s\n", lockdep_edge(0, &a, &b) ? "" : " none");
	for (n = 0; lockdep_edge(n, &a, &b); n++)
		console_printf("  %s -> %s\n",
			       lock_class_name(a, first, sizeof(first)),
			       lock_class_name(b, second, sizeof(second)));
}

static void
print_held(void)
{
	const struct held_locks *held = this_cpu(held_locks);
	char name[NAME_SIZE];
	unsigned int i;

	console_printf("Held now: %u, at most so far: %u; reports: %u\n",
		       held->depth, lockdep_max_depth(), lockdep_reports());
	for (i = 0; i < held->depth; i++)
		console_printf("  %s, at: %pS\n",
			       lock_class_name(held->lock[i].class, name,
					       sizeof(name)),
			       (void *)held->lock[i].ip);
}

static int
cmd_locks(int argc, char **argv __maybe_unused)
{
	if (argc > 1)
		return -EINVAL;
	if (!patch_is_on(PATCH_LOCKDEP)) {
		console_printf("Nobody watches the locks. Boot with `lockdep` "
			       "on the command line\n(make run "
			       "APPEND=lockdep), or use a debug build "
			       "(DEBUG=1).\n");
		return 0;
	}
	print_classes();
	print_order();
	print_held();
	return 0;
}
COMMAND(locks, "",
	"shows which locks are taken where, in which order\n"
	"irq, softirq: \"in\" is taken by one, \"on\" is held while one may\n"
	"come; both for one class is a bug. \"a -> b\": b was taken with a\n"
	"held; a circle of arrows is a bug. Needs `lockdep` at boot.");
