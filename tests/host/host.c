/* host.c - runs the cases of one test program and prints TAP.
 *
 *     1..2
 *     ok 1 - list.an_emptied_list_is_empty
 *     # tests/host/test_list.c:31: expected list_empty(&head)
 *     not ok 2 - list.moving_keeps_the_order
 *
 * Guarantees: a case sees the same random numbers whichever other cases run;
 * the exit status is 0 if all passed, 1 if one failed, 2 if no case has the
 * name asked for. A sanitizer's finding ends the program at once, with the
 * plan not fulfilled.
 */
#define _GNU_SOURCE
#include "host.h"
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE      4096
#define MAX_NOTES 10 /* of one case: a loop may fail a million times */

static struct {
	struct host_case *first, **last;
	unsigned long long random;
	unsigned int notes;
	bool failed; /* the case that is running */
} host;

/* Constructors call this before main, in the order of the file. */
void
host_add(struct host_case *c)
{
	if (!host.last)
		host.last = &host.first;
	*host.last = c;
	host.last = &c->next;
}

void
host_note(const char *fmt, ...)
{
	va_list ap;

	if (host.notes++ >= MAX_NOTES)
		return;
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

bool
host_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		host.failed = true;
		host_note("%s:%d: expected %s", file, line, what);
	}
	return ok;
}

bool
host_check_eq(unsigned long long a, unsigned long long b, const char *a_text,
	      const char *b_text, const char *file, int line)
{
	if (a != b) {
		host.failed = true;
		host_note("%s:%d: expected %s == %s, got %#llx and %#llx", file,
			  line, a_text, b_text, a, b);
	}
	return a == b;
}

bool
host_check_str(const char *a, const char *b, const char *what, const char *file,
	       int line)
{
	if (strcmp(a, b) == 0)
		return true;
	host.failed = true;
	host_note("%s:%d: expected %s to be \"%s\", got \"%s\"", file, line,
		  what, b, a);
	return false;
}

bool
host_failed(void)
{
	return host.failed;
}

/* Marsaglia's xorshift64: good enough, and the same on every machine. */
unsigned int
host_random(void)
{
	host.random ^= host.random << 13;
	host.random ^= host.random >> 7;
	host.random ^= host.random << 17;
	return (unsigned int)(host.random >> 32);
}

unsigned int
host_below(unsigned int n)
{
	return (unsigned int)((unsigned long long)host_random() * n >> 32);
}

bool
host_sometimes(unsigned int n)
{
	return host_below(n) == 0;
}

/*     | readable and writable ....... |size| unmapped |
 *                                     ^ returned
 */
void *
host_guarded(size_t size)
{
	size_t room = (size + PAGE - 1) / PAGE * PAGE;
	char *p = mmap(NULL, room + PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + room, PAGE, PROT_NONE))
		return NULL;
	return p + room - size;
}

void
host_fail_hard(const char *message)
{
	printf("Bail out! %s\n", message);
	fflush(stdout);
	abort();
}

static void
seed_random(void)
{
	const char *seed = getenv("HOST_SEED");

	host.random =
		0x9E3779B97F4A7C15ull ^ (seed ? strtoull(seed, NULL, 0) : 0);
	if (!host.random)
		host.random = 1; /* xorshift would stay at 0 */
}

int
main(int argc, char **argv)
{
	const char *glob = argc > 1 ? argv[1] : "*";
	unsigned int total = 0, number = 0, failures = 0;
	struct host_case *c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (c = host.first; c; c = c->next)
		total += fnmatch(glob, c->name, 0) == 0;
	printf("1..%u\n", total);
	for (c = host.first; c; c = c->next) {
		if (fnmatch(glob, c->name, 0))
			continue;
		seed_random();
		host.notes = 0;
		host.failed = false;
		c->run();
		if (host.notes > MAX_NOTES)
			printf("# and %u more\n", host.notes - MAX_NOTES);
		printf("%sok %u - %s\n", host.failed ? "not " : "", ++number,
		       c->name);
		failures += host.failed;
	}
	if (!total)
		return 2;
	return failures ? 1 : 0;
}
