/* glibc_all.c - an ordinary program: malloc, stdio, qsort, time, signals, fork.
 * What it prints is the same everywhere; the runner compares it with what the
 * same binary prints on the PC.
 */
#include <math.h>
#include "utest.h"

static volatile int signals;

static int
compare(const void *a, const void *b)
{
	const unsigned int x = *(const unsigned int *)a;
	const unsigned int y = *(const unsigned int *)b;

	return x < y ? -1 : x > y;
}

static unsigned int
next(unsigned int *seed)
{
	return *seed = *seed * 1103515245 + 12345;
}

static void
sort(void)
{
	enum {
		NR = 5000
	};
	unsigned int *numbers = malloc(NR * sizeof(*numbers)), seed = 1,
		     sum = 0;

	for (int i = 0; i < NR; i++)
		numbers[i] = next(&seed);
	qsort(numbers, NR, sizeof(*numbers), compare);
	for (int i = 0; i < NR; i++)
		sum = sum * 31 + numbers[i];
	printf("sort: %u ... %u ... %u, %08x\n", numbers[0], numbers[NR / 2],
	       numbers[NR - 1], sum);
	free(numbers);
}

static void
allocate(void)
{
	static char *blocks[500];
	unsigned int seed = 2, good = 0;

	for (int round = 0; round < 20000; round++) {
		unsigned int i = (next(&seed) >> 8) % 500;
		unsigned int size = (next(&seed) >> 8) % 3000 + 1;

		if (blocks[i]) {
			good += blocks[i][0] == (char)i;
			free(blocks[i]);
		}
		if (round % 100 == 0)
			size *= 100; /* an area of its own */
		blocks[i] = malloc(size);
		memset(blocks[i], i, size);
	}
	for (int i = 0; i < 500; i++)
		free(blocks[i]);
	printf("malloc: %u blocks kept what was in them\n", good);
}

static void
files(void)
{
	FILE *file = fopen("/tmp/glibc_all", "w+");
	int number, lines = 0;
	char word[32];

	for (int i = 0; file && i < 1000; i++)
		fprintf(file, "%d %s %g\n", i, i % 2 ? "odd" : "even", i / 8.0);
	rewind(file);
	while (fscanf(file, "%d %31s %*f", &number, word) == 2)
		lines += number % 2 == (word[0] == 'o');
	printf("stdio: %d lines, %ld bytes\n", lines, ftell(file));
	fclose(file);
	remove("/tmp/glibc_all");
}

static void
dates(void)
{
	static const time_t times[] = {0, 951782400, 1234567890, 2147483647};
	char text[64];

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	for (unsigned int i = 0; i < 4; i++) {
		strftime(text, sizeof(text), "%A, %d %B %Y, %H:%M:%S %Z",
			 localtime(&times[i]));
		printf("time: %s\n", text);
	}
}

static void
on_signal(int number)
{
	signals += number;
}

static void
processes(void)
{
	int ends[2], sum = 0, status, n;

	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	raise(SIGUSR1);
	raise(SIGUSR2);
	printf("signals: %d\n", signals);
	fflush(stdout);
	if (pipe(ends))
		return;
	for (int i = 0; i < 5; i++) {
		if (fork())
			continue;
		n = i * i;
		_exit(write(ends[1], &n, sizeof(n)) != sizeof(n));
	}
	for (int i = 0; i < 5; i++) {
		if (read(ends[0], &n, sizeof(n)) == sizeof(n))
			sum += n;
		wait(&status);
		sum += status;
	}
	printf("fork: %d\n", sum);
}

int
main(void)
{
	volatile double two = 2;

	sort();
	allocate();
	files();
	dates();
	processes();
	printf("printf: %5.3f|%-6d|%#x|%s|%c|%e|%lld\n", sqrt(two), 42, 0xbeef,
	       "text", '!', 6.02214076e23, 1LL << 40);
	printf("strings: %ld %lu %.2f %s\n", strtol("-0x1f", NULL, 0),
	       strtoul("4294967295", NULL, 10), strtod("2.5e1", NULL),
	       strerror(ENOENT));
	return 0;
}
