/* zero_page.c - untouched memory is zero, and costs no page until it is
 * written to. */
#include "rss.h"
#include "utest.h"

#define NR_PAGES 512

int
main(void)
{
	volatile char *p = MAP_ANY(NR_PAGES * PAGE, READ_WRITE, MAP_PRIVATE);
	long start = rss();

	CHECK(start > 0);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		CHECK_EQ(p[i * PAGE + i], 0);
	CHECK(rss() - start < 16 || !on_memoir()); /* huge pages elsewhere */
	for (unsigned int i = 0; i < NR_PAGES; i += 2)
		p[i * PAGE] = 1;
	CHECK(rss() - start >= NR_PAGES / 2 - 64); /* Linux counts in batches */
	for (unsigned int i = 0; i < NR_PAGES; i++)
		CHECK_EQ(p[i * PAGE], i % 2 == 0);

	/* Given back on request: zeros again. */
	CHECK_EQ(madvise((void *)p, NR_PAGES * PAGE, MADV_DONTNEED), 0);
	CHECK(rss() - start < 64);
	for (unsigned int i = 0; i < NR_PAGES; i++)
		CHECK_EQ(p[i * PAGE], 0);
	return 0;
}
