/* memdemo.c - memory arrives when it is used, and not before.
 *
 *   malloc(64 MiB)   an area, no page
 *   read             every page is one and the same page of zeros
 *   write            the first write to each brings a page of its own
 *   fork             the child has the same pages, nothing is copied
 *   child writes     now they are copied, one by one
 *
 * The resident set (/proc/self/statm) is shown after each step. The page of
 * zeros is nobody's: it does not count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "rss.h"

#define PAGE 4096

static void
show(const char *step)
{
	printf("%-28s RSS %6ld KiB\n", step, rss() * (PAGE / 1024));
	fflush(stdout);
}

static unsigned int
read_all(const volatile unsigned char *p, size_t size)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < size; i += PAGE)
		sum += p[i];
	return sum;
}

static void
write_all(unsigned char *p, size_t size, int value)
{
	for (size_t i = 0; i < size; i += PAGE)
		p[i] = value;
}

/* The child writes to half of the pages: that many are copied. */
static int
child(unsigned char *p, size_t size)
{
	show("fork: the child");
	write_all(p, size / 2, 2);
	show("the child writes to half");
	return read_all(p, size) != size / PAGE / 2 * (2 + 1);
}

int
main(int argc, char **argv)
{
	size_t size = (argc > 1 ? atoi(argv[1]) : 64) * 1024u * 1024u;
	unsigned char *p;
	int status;
	pid_t pid;

	show("start");
	p = malloc(size);
	if (!p) {
		perror("malloc");
		return 1;
	}
	show("malloc: nothing happens");
	if (read_all(p, size) != 0)
		return 1;
	show("read: the page of zeros");
	write_all(p, size / 2, 1);
	show("write to half: pages arrive");
	write_all(p, size, 1);
	show("write to all");
	pid = fork();
	if (pid < 0) {
		perror("fork");
		return 1;
	}
	if (pid == 0)
		exit(child(p, size));
	waitpid(pid, &status, 0);
	if (status || read_all(p, size) != size / PAGE) {
		printf("the child's writes are seen by its parent\n");
		return 1;
	}
	show("the parent's are unchanged");
	free(p);
	show("free");
	return 0;
}
