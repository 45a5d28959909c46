/* munmap_hole.c - a hole in the middle of an area: both ends live on. */
#include "utest.h"

#define NR_PAGES 32

int
main(void)
{
	char *p = MAP_ANY(NR_PAGES * PAGE, READ_WRITE, MAP_PRIVATE);

	for (int i = 0; i < NR_PAGES; i++)
		memset(p + i * PAGE, i, PAGE);
	CHECK_EQ(munmap(p + 8 * PAGE, 16 * PAGE), 0);
	CHECK_EQ(p[8 * PAGE - 1], 7);
	CHECK_EQ(p[24 * PAGE], 24);
	CHECK_SIGNAL(SIGSEGV, p[8 * PAGE] = 1);
	CHECK_SIGNAL(SIGSEGV, p[24 * PAGE - 1] = 1);
	CHECK_EQ(munmap(p + 10 * PAGE, 2 * PAGE), 0); /* of nothing: fine */

	/* Every other page goes, and all comes back as one area. */
	for (int i = 0; i < NR_PAGES; i += 2)
		CHECK_EQ(munmap(p + i * PAGE, PAGE), 0);
	CHECK_SIGNAL(SIGSEGV, (void)*(volatile char *)(p + 4 * PAGE));
	CHECK_EQ(p[5 * PAGE], 5);
	map_checked(p, NR_PAGES * PAGE, READ_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	for (int i = 0; i < NR_PAGES; i++)
		CHECK_EQ(p[i * PAGE + 1], 0);
	CHECK_EQ(munmap(p, NR_PAGES * PAGE), 0);
	CHECK_SIGNAL(SIGSEGV, p[5 * PAGE] = 1);
	return 0;
}
