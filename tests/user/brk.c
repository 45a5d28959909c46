/* brk.c - the heap of old: grows, shrinks, and grows again with zeros. */
#include "utest.h"

int
main(void)
{
	char *start = sbrk(0), *p;

	CHECK(start != (char *)-1);
	p = sbrk(10 * PAGE + 5);
	CHECK(p == start);
	CHECK(sbrk(0) == start + 10 * PAGE + 5);
	memset(p, 'x', 10 * PAGE + 5);
	CHECK_EQ(brk(start + 2 * PAGE), 0);
	CHECK_EQ(p[PAGE], 'x');
	CHECK_SIGNAL(SIGSEGV, p[4 * PAGE] = 1);
	CHECK_EQ(brk(start + 10 * PAGE), 0);
	CHECK_EQ(p[4 * PAGE], 0);
	CHECK_EQ(p[PAGE], 'x');

	/* Refused: the break stays where it is, and the call says where. */
	CHECK_EQ(syscall(SYS_brk, 0xfffff000), (long)(start + 10 * PAGE));
	CHECK_EQ(syscall(SYS_brk, PAGE), (long)(start + 10 * PAGE));
	CHECK_EQ(syscall(SYS_brk, 0), (long)(start + 10 * PAGE));
	CHECK_ERROR(brk((void *)0xffffffff), ENOMEM);
	return 0;
}
