/* syscall.h - system calls register where they are defined.
 *
 *	static long __syscall
 *	sys_close(unsigned int fd)
 *	{
 *		...
 *	}
 *	SYSCALL(6, close, sys_close, 1);
 *
 * The numbers, the order of arguments and the results are those of Linux on
 * i386. The entry path leaves the six argument registers on the stack, where a
 * handler without register arguments finds them: a 64-bit argument is simply
 * two of them, the low half first.
 */
#ifndef LINUX_SYSCALL_H
#define LINUX_SYSCALL_H

#include "table.h"
#include "types.h"

#define __syscall __attribute__((regparm(0)))

typedef long __syscall (*syscall_fn)(long a, long b, long c, long d, long e,
				     long f);

struct syscall {
	u16 number, nr_args;
	const char *name;
	syscall_fn fn; /* => a result, or -Exxx */
};

extern struct table_range syscalls;

#define SYSCALL(number_, name_, fn_, nr_args_)          \
	static const struct syscall syscall_##name_ = { \
		.number = (number_),                    \
		.nr_args = (nr_args_),                  \
		.name = #name_,                         \
		.fn = (syscall_fn)(void (*)(void))fn_,  \
	};                                              \
	TABLE_ADD(syscalls, syscall_##name_)

/* Every number has one there; what is not known gives -ENOSYS. */
extern syscall_fn syscall_table[];

/* syscall_find: the handler of that number; NULL if there is none. */
const struct syscall *syscall_find(unsigned int number);

#endif
