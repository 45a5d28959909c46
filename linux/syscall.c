/* syscall.c - the table of system calls: see syscall.h. */
#include "syscall.h"

TABLE_DEFINE(syscalls);

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
