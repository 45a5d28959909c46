/* mmap_hint.c - a hint is followed where there is room, else somewhere else;
 * advice that would be seen is refused. */
#include "utest.h"

int
main(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *hint = (char *)0x50000000, *p, *q;

	p = map_checked(hint, 3 * PAGE, READ_WRITE, flags);
	CHECK(p == hint);
	memset(p, 'x', 3 * PAGE);
	q = map_checked(hint + PAGE, PAGE, READ_WRITE, flags);
	CHECK(q + PAGE <= p || q >= p + 3 * PAGE);
	CHECK_EQ(*q, 0);
	CHECK_EQ(p[PAGE], 'x');
	CHECK_EQ(munmap(q, PAGE), 0);

	q = map_checked(hint + 16 * PAGE + 5, PAGE, READ_WRITE, flags);
	CHECK_EQ((unsigned long)q % PAGE, 0);
	CHECK_EQ(munmap(q, PAGE), 0);
	q = map_checked((char *)0xfffff000, PAGE, READ_WRITE, flags);
	*q = 1;
	CHECK_EQ(munmap(q, PAGE), 0);
	CHECK_EQ(munmap(p, 3 * PAGE), 0);

	p = map_checked(NULL, 2 * PAGE, READ_WRITE, flags);
	*p = 1;
	CHECK_EQ(madvise(p, PAGE, MADV_WILLNEED), 0);
	CHECK_ERROR(madvise(p, PAGE, MADV_REMOVE), EINVAL); /* is not done */
	CHECK_ERROR(madvise(p, PAGE, MADV_DONTFORK), EINVAL);
	CHECK_ERROR(madvise(p, PAGE, 1000), EINVAL);
	CHECK_EQ(*p, 1);
	CHECK_EQ(mlock(p + 1, PAGE), 0);
	CHECK_ERROR(mlock(p + 1, 2 * PAGE), ENOMEM);
	CHECK_ERROR(mlock(p + 1, 0xffffffff), EINVAL);
	return 0;
}
