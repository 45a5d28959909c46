/* mprotect_race.c - three threads write without a pause, while a fourth takes
 * the right to write away, gives it back, and has the pages forgotten. What they
 * write while they may not is a fault that is repeated until they may; so the
 * contents stand still from one mprotect to the next. */
#include <pthread.h>
#include "utest.h"

#define WRITERS 3
#define PAGES   4

static volatile unsigned int *words; /* each writer's, in each page */
static volatile int done;
static volatile unsigned int faults;

static volatile unsigned int *
word(int writer, int page)
{
	return &words[page * (PAGE / sizeof(*words)) + writer * 16];
}

/* The instruction is tried again. */
static void
on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	CHECK_EQ(info->si_code, SEGV_ACCERR);
	__sync_fetch_and_add(&faults, 1);
	sched_yield();
}

static void *
write_on(void *writer)
{
	for (unsigned int n = 1; !done; n++)
		for (int page = 0; page < PAGES; page++)
			*word((int)(long)writer, page) = n;
	return NULL;
}

static void
check_still(void)
{
	unsigned int before[WRITERS][PAGES];

	for (int i = 0; i < WRITERS; i++)
		for (int page = 0; page < PAGES; page++)
			before[i][page] = *word(i, page);
	sleep_ms(5); /* the others run */
	for (int i = 0; i < WRITERS; i++)
		for (int page = 0; page < PAGES; page++)
			CHECK_EQ(*word(i, page), before[i][page]);
}

int
main(void)
{
	char *p = MAP_ANY(PAGES * PAGE, READ_WRITE, MAP_PRIVATE);
	pthread_t threads[WRITERS];
	unsigned int seen;

	words = (void *)p;
	handle(SIGSEGV, on_fault, 0);
	for (long i = 0; i < WRITERS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, write_on, (void *)i),
			 0);
	for (int i = 0; i < 20; i++) {
		if (i % 3 == 0)
			CHECK_EQ(madvise(p, PAGES * PAGE, MADV_DONTNEED), 0);
		CHECK_EQ(mprotect(p, PAGES * PAGE, PROT_READ), 0);
		check_still();
		CHECK_EQ(mprotect(p, PAGES * PAGE, READ_WRITE), 0);
		seen = *word(i % WRITERS, 0);
		for (int ms = 0; ms < 1000 && *word(i % WRITERS, 0) == seen;)
			ms += 5, sleep_ms(5);
		CHECK(*word(i % WRITERS, 0) != seen); /* they go on */
	}
	done = 1;
	for (int i = 0; i < WRITERS; i++)
		CHECK_EQ(pthread_join(threads[i], NULL), 0);
	CHECK(faults > 0);
	return 0;
}
