/* mremap.c - areas grow, shrink and move, and take their contents along. */
#include "utest.h"

static void
check_contents(const char *p, int nr_pages)
{
	for (int i = 0; i < nr_pages; i++)
		CHECK_EQ(p[i * PAGE + 9], i + 1);
}

/* What is cut off may be of several areas; a file's pages are numbered. */
static void
check_edges(void)
{
	char *p = MAP_ANY(6 * PAGE, READ_WRITE, MAP_PRIVATE), *q;
	int fd = open("/tmp/mremap", O_RDWR | O_CREAT | O_TRUNC, 0600);

	CHECK_EQ(mprotect(p + 2 * PAGE, 2 * PAGE, PROT_READ), 0);
	p[0] = 7;
	CHECK(mremap(p, 6 * PAGE, 6 * PAGE, 0) == p);
	CHECK(mremap(p, 6 * PAGE, PAGE, 0) == p);
	CHECK_EQ(p[0], 7);
	q = MAP_ANY(6 * PAGE, PROT_READ, MAP_PRIVATE);
	CHECK_EQ(mprotect(p, PAGE, READ_WRITE), 0);
	CHECK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE) ==
	      p + PAGE);
	q = MAP_ANY(PAGE, READ_WRITE, MAP_PRIVATE);
	CHECK(mremap(p, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	CHECK_EQ(q[0], 7);
	CHECK_ERROR(msync(p, PAGE, MS_SYNC), ENOMEM);
	p = mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p);
	CHECK(p != MAP_FAILED);
	CHECK_ERROR(msync(p + PAGE, PAGE, MS_SYNC), ENOMEM);
	CHECK_ERROR(msync(p + 5 * PAGE, PAGE, MS_SYNC), ENOMEM);
	CHECK_ERROR(mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_EQ(munmap(p, PAGE), 0);
	if (on_memoir()) { /* the last page number there is */
		p = (char *)syscall(SYS_mmap2, 0, PAGE, PROT_READ, MAP_SHARED,
				    fd, 0xfffffffe);
		CHECK(p != MAP_FAILED);
		CHECK_ERROR(mremap(p, PAGE, 4 * PAGE, MREMAP_MAYMOVE), EINVAL);
		CHECK_EQ(munmap(p, PAGE), 0);
	}
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink("/tmp/mremap"), 0);
}

/* An area that is back where it was is one with its neighbour again. */
static void
check_joins(int touched)
{
	char *all = MAP_ANY(10 * PAGE, PROT_NONE, MAP_PRIVATE);
	char *p = all + PAGE, *q = all + 8 * PAGE;

	CHECK_EQ(mprotect(p, 2 * PAGE, READ_WRITE), 0);
	if (touched)
		p[PAGE] = 1;
	CHECK(mremap(p + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) ==
	      q);
	CHECK(mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE) ==
	      p + PAGE);
	q = mremap(p, 2 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED);
	CHECK_EQ(q[PAGE], touched);
	CHECK_EQ(munmap(q, 16 * PAGE) | munmap(all, 10 * PAGE), 0);
}

/* From length 0: a second view, if it is shared. */
static void
check_views(void)
{
	char *p = MAP_ANY(4 * PAGE, READ_WRITE, MAP_SHARED), *q, *r;

	q = mremap(p + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && (q + 2 * PAGE <= p || q >= p + 4 * PAGE));
	q[5] = 1;
	p[2 * PAGE + 6] = 2;
	CHECK_EQ(p[PAGE + 5], 1);
	CHECK_EQ(q[PAGE + 6], 2);
	r = mremap(q, 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 3 * PAGE);
	CHECK(r == p + 3 * PAGE && r[5] == 1);
	CHECK_ERROR(mremap(p, 0, PAGE, 0), ENOMEM);
	CHECK_ERROR(mremap(p, 0, 0, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERROR(mremap(p + 1, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
	CHECK_EQ(munmap(p, 4 * PAGE), 0);
	CHECK_EQ(q[5], 1); /* it is there as long as somebody shows it */
	CHECK_ERROR(mremap(p, 0, PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_EQ(munmap(q, 2 * PAGE), 0);
	p = MAP_ANY(PAGE, READ_WRITE, MAP_PRIVATE);
	CHECK_ERROR(mremap(p, 0, PAGE, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERROR(mremap(p, 0, PAGE, 0), EINVAL);
	CHECK_EQ(munmap(p, PAGE), 0);
}

/* 6 MiB with holes, by 4 KiB more than whole page tables, so that both ends lie
 * in two of them; the old place is gone at once, though it was just used. */
static void
check_tables(void)
{
	size_t size = 6u << 20, table = 4u << 20;
	char *room = MAP_ANY(4 * table, PROT_NONE, MAP_PRIVATE), *p, *q;

	p = (char *)(((size_t)room + table - 1) & -table) + 5 * PAGE;
	q = p + size + 3 * PAGE;
	CHECK_EQ(mprotect(p, size, READ_WRITE), 0);
	for (size_t i = 0; i < size; i += 3 * PAGE)
		*(size_t *)(p + i) = i + 1;
	CHECK(mremap(p, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	CHECK_SIGNAL(SIGSEGV, *p = 1);
	CHECK(MAP_ANY(size, READ_WRITE, MAP_PRIVATE) != MAP_FAILED);
	for (size_t i = 0; i < size; i += PAGE)
		CHECK_EQ(*(size_t *)(q + i), i % (3 * PAGE) ? 0 : i + 1);
	map_checked(p, PAGE, READ_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	CHECK_EQ(*(size_t *)p, 0);
	CHECK_EQ(munmap(room, 4 * table), 0);
}

int
main(void)
{
	char *p = MAP_ANY(16 * PAGE, READ_WRITE, MAP_PRIVATE), *q;

	CHECK_EQ(munmap(p + 8 * PAGE, 8 * PAGE), 0);
	check_tables();
	for (int i = 0; i < 8; i++)
		p[i * PAGE + 9] = i + 1;
	q = mremap(p, 8 * PAGE, 12 * PAGE, 0); /* there is room behind it */
	CHECK(q == p);
	check_contents(q, 8);
	CHECK_EQ(p[11 * PAGE], 0);
	q = mremap(p, 12 * PAGE, 6 * PAGE, 0);
	CHECK(q == p);
	check_contents(q, 6);
	CHECK_SIGNAL(SIGSEGV, p[6 * PAGE] = 1);

	map_checked(p + 6 * PAGE, PAGE, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
	CHECK_EQ(mprotect(p + 5 * PAGE, PAGE, PROT_READ), 0);
	CHECK_EQ(mprotect(p + 5 * PAGE, PAGE, READ_WRITE), 0);
	CHECK_ERROR(mremap(p, 6 * PAGE, 64 * PAGE, 0), ENOMEM);
	q = mremap(p, 6 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q != p);
	check_contents(q, 6);
	CHECK_EQ(q[63 * PAGE], 0);
	CHECK_SIGNAL(SIGSEGV, (void)*(volatile char *)p);

	CHECK_ERROR(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
	CHECK_ERROR(mremap(q + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EINVAL);
	CHECK_ERROR(mremap(q, PAGE, 0, MREMAP_MAYMOVE), EINVAL);
	CHECK(mremap(q, 64 * PAGE, 0xfffff000, MREMAP_MAYMOVE) == MAP_FAILED);
	check_contents(q, 6);
	check_edges();
	check_views();
	check_joins(0);
	check_joins(1);
	return 0;
}
