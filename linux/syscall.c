/* syscall.c - the table of system calls, by number, and the traps of programs.
 *
 *   SYSCALL(20, getpid, ...)   linker table --syscalls_init--> syscall_table[20]
 *                                                                  ^
 *   int 0x80 --> kernel/x86/syscall.asm: call [syscall_table + eax * 4]
 *
 * A number without a handler gets -ENOSYS, and a line in the log, once for each
 * program and number (as far as the last few can be remembered).
 */
#include "errno.h"
#include "panic.h"
#include "printk.h"
#include "process.h"
#include "syscall.h"
#include "util.h"

#define NR_SYSCALLS 512u
#define REMEMBERED  16u

TABLE_DEFINE(syscalls);

extern const char syscall_entry[];
extern const u32 nr_syscalls;

const u32 nr_syscalls = NR_SYSCALLS;
syscall_fn syscall_table[NR_SYSCALLS + 1];
static_assert(offsetof(struct pt_regs, ax) == 6 * 4, "syscall.asm: REGS_AX");

/* Who was told about which number. A race costs a line more, or less. */
static struct {
	int pid;
	u32 number;
} told[REMEMBERED];

static long __syscall
no_such_call(void)
{
	static unsigned int next;
	u32 number = current_regs()->error;
	int pid = current->process->tgid;

	for (unsigned int i = 0; i < REMEMBERED; i++)
		if (told[i].pid == pid && told[i].number == number)
			return -ENOSYS;
	told[next % REMEMBERED].pid = pid;
	told[next++ % REMEMBERED].number = number;
	pr_info("%s[%d]: system call %u is not known\n", current->comm, pid,
		number);
	return -ENOSYS;
}

const struct syscall *
syscall_find(unsigned int number)
{
	const struct syscall *call;

	table_for_each(call, &syscalls)
	{
		if (call->number == number)
			return call;
	}
	return NULL;
}

static const struct user_traps user_traps = {
	.page_fault = user_page_fault,
	.exception = user_exception,
	.work = do_signal,
};

void
syscalls_init(void)
{
	const struct syscall *call;

	for (unsigned int i = 0; i <= NR_SYSCALLS; i++)
		syscall_table[i] = (syscall_fn)(void (*)(void))no_such_call;
	table_for_each(call, &syscalls)
	{
		assert_op(call->number, <, NR_SYSCALLS);
		assert(syscall_table[call->number] ==
		       (syscall_fn)(void (*)(void))no_such_call);
		syscall_table[call->number] = call->fn;
	}
	trap_set_user(&user_traps, syscall_entry);
}
