/* mmap_fixed.c - MAP_FIXED replaces what is there; nonsense is refused. */
#include "utest.h"

int
main(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	char *p = MAP_ANY(5 * PAGE, READ_WRITE, MAP_PRIVATE);

	memset(p, 'x', 5 * PAGE);
	CHECK(map_checked(p + 2 * PAGE, PAGE, READ_WRITE, flags | MAP_FIXED) ==
	      p + 2 * PAGE);
	CHECK_EQ(p[2 * PAGE], 0);
	CHECK_EQ(p[2 * PAGE - 1], 'x');
	CHECK_EQ(p[3 * PAGE], 'x');

	CHECK_ERROR(mmap(p + PAGE, PAGE, PROT_READ, flags | MAP_FIXED_NOREPLACE,
			 -1, 0),
		    EEXIST);
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK(mmap(p + PAGE, PAGE, READ_WRITE, flags | MAP_FIXED_NOREPLACE, -1,
		   0) == p + PAGE);
	CHECK_EQ(p[PAGE], 0);

	CHECK_ERROR(mmap(p + 1, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0),
		    EINVAL);
	CHECK_ERROR(mmap(p, 0, PROT_READ, flags | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERROR(mmap(p, PAGE, PROT_READ, MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		    EINVAL);
	CHECK_ERROR(mmap(p, 0xfffff000, PROT_READ, flags | MAP_FIXED, -1, 0),
		    ENOMEM);
	CHECK_ERROR(mmap((void *)0xfffff000, PAGE, PROT_READ, flags | MAP_FIXED,
			 -1, 0),
		    ENOMEM);
	CHECK_ERROR(mmap(NULL, 0xfffff001, PROT_READ, flags, -1, 0), ENOMEM);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
	CHECK_EQ(p[3 * PAGE], 'x'); /* none of that touched it */

	CHECK_ERROR(munmap(p + 1, PAGE), EINVAL);
	CHECK_ERROR(munmap(p, 0), EINVAL);
	CHECK_ERROR(munmap((void *)0xfffff000, 2 * PAGE), EINVAL);
	if (!on_memoir())
		return 0;
	CHECK(mmap(NULL, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0) ==
	      MAP_FAILED);
	CHECK(mmap((void *)0xf000, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0) ==
	      MAP_FAILED);
	CHECK_ERROR(mmap((void *)0xc0000000, PAGE, PROT_READ, flags | MAP_FIXED,
			 -1, 0),
		    ENOMEM);
	CHECK_ERROR(mmap((void *)0xbffff000, 2 * PAGE, PROT_READ,
			 flags | MAP_FIXED, -1, 0),
		    ENOMEM);
	return 0;
}
