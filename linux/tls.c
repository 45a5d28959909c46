/* tls.c - thread-local storage: three segments whose base a thread chooses, and
 * loads into %gs.
 *
 *   GDT   0 1 2 3 4 5 | 6 7 8 | ...        of the running thread: user_switch
 *                       TLS
 *
 * Only writable data segments of ring 3: whatever a program asks for, no more
 * can come out of it.
 */
#include "cpu.h"
#include "errno.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "x86.h"

#define FIRST 6u /* its number in the GDT */

/* Linux's struct user_desc; the bits of flags. */
struct user_desc {
	u32 number, base, limit, flags;
};
#define DESC_32BIT       1u
#define DESC_CODE        4u /* contents: bits 1 and 2; 2 and 3 are code */
#define DESC_READ_ONLY   8u
#define DESC_PAGES       16u
#define DESC_NOT_PRESENT 32u

static bool
is_empty(const struct user_desc *d)
{
	return !d->base && !d->limit &&
	       (d->flags & ~64u) == (DESC_READ_ONLY | DESC_NOT_PRESENT);
}

static u32
find_free(const u64 *tls)
{
	u32 i = 0;

	while (i < NR_TLS && tls[i])
		i++;
	return i;
}

int
tls_set(u64 *tls, void __user *user, bool choose)
{
	struct user_desc d;
	u32 number;

	if (copy_from_user(&d, user, sizeof(d)))
		return -EFAULT;
	number = choose && d.number == ~0u ? find_free(tls) : d.number - FIRST;
	if (number >= NR_TLS)
		return d.number == ~0u ? -ESRCH : -EINVAL;
	if (is_empty(&d)) {
		tls[number] = 0;
	} else {
		if ((d.flags & (DESC_CODE | DESC_NOT_PRESENT)) ||
		    !(d.flags & DESC_32BIT) || d.limit > 0xFFFFF)
			return -EINVAL;
		tls[number] =
			gdt_tls_descriptor(d.base, d.limit,
					   d.flags & DESC_PAGES ? 0xC : 4);
	}
	if (d.number == ~0u)
		return put_user(number + FIRST, (u32 __user *)user);
	return 0;
}

static long __syscall
sys_set_thread_area(void __user *desc)
{
	struct process *p = current->process;
	u64 tls[NR_TLS];
	unsigned long flags;
	int err;

	memcpy(tls, p->tls, sizeof(tls));
	err = tls_set(tls, desc, true);
	if (err)
		return err;
	flags = local_irq_save();
	memcpy(p->tls, tls, sizeof(tls));
	gdt_set_user(tls, current_regs() + 1);
	local_irq_restore(flags);
	return 0;
}
SYSCALL(243, set_thread_area, sys_set_thread_area, 1);

/* What set_thread_area would have to be given. */
static long __syscall
sys_get_thread_area(struct user_desc __user *user)
{
	struct user_desc d = {0};
	u64 tls;

	if (get_user(d.number, &user->number))
		return -EFAULT;
	if (d.number - FIRST >= NR_TLS)
		return -EINVAL;
	tls = current->process->tls[d.number - FIRST];
	d.base = (u32)(tls >> 16 & 0xFFFFFF) | (u32)(tls >> 56 << 24);
	d.limit = (u32)(tls & 0xFFFF) | (u32)(tls >> 32 & 0xF0000);
	d.flags = tls >> 55 & 1 ? DESC_32BIT | DESC_PAGES : DESC_32BIT;
	if (!tls)
		d.flags = DESC_READ_ONLY | DESC_NOT_PRESENT;
	return copy_to_user(user, &d, sizeof(d)) ? -EFAULT : 0;
}
SYSCALL(244, get_thread_area, sys_get_thread_area, 1);
