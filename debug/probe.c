/* probe.c - run something that may fault, and hear what it was.
 *
 *   trap_probe --> trap_probe_enter --> fn(arg) --> -1
 *                        ^                 | exception
 *                        |                 v
 *                trap_probe_landing <-- iret <-- trap_probe_caught
 *
 * Locking: a probe belongs to the one thread that runs it.
 */
#include "panic.h"
#include "trap.h"

static struct {
	bool active;
	u32 saved_sp;
	struct pt_regs regs;
	u32 address;
} probe;

extern const char trap_probe_landing[];
int trap_probe_enter(void (*fn)(void *), void *arg, u32 *saved_sp);

/* Leave fn(arg) of trap_probe: the interrupted frame is changed so that its
 * iret "returns" to trap_probe_landing, with what that expects in eax, ecx. */
bool
trap_probe_caught(struct pt_regs *regs, u32 cr2)
{
	if (!probe.active)
		return false;
	probe.active = false;
	probe.regs = *regs;
	probe.address = cr2;
	regs->ip = (u32)trap_probe_landing;
	regs->ax = regs->vector;
	regs->cx = probe.saved_sp;
	return true;
}

int
trap_probe(void (*fn)(void *arg), void *arg, struct pt_regs *regs, u32 *address)
{
	int vector;

	assert(!probe.active);
	probe.active = true;
	vector = trap_probe_enter(fn, arg, &probe.saved_sp);
	probe.active = false;
	if (vector >= 0 && regs)
		*regs = probe.regs;
	if (vector >= 0 && address)
		*address = probe.address;
	return vector;
}
