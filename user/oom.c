/* oom.c - takes memory and uses it, until it is refused or killed.
 *
 *   oom [MIB]     stops at MIB, if it gets that far
 *
 * malloc() gives addresses, and the fault that finds no page kills; then the
 * kernel's log tells who had how much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP (1u << 20)

int
main(int argc, char **argv)
{
	unsigned int limit = argc > 1 ? atoi(argv[1]) : 4096, mib;

	for (mib = 0; mib < limit; mib++) {
		char *p = malloc(STEP);

		if (!p)
			break;
		memset(p, 0x5a, STEP);
		if (mib % 16 == 15) {
			printf("%u MiB\n", mib + 1);
			fflush(stdout);
		}
	}
	printf("%s at %u MiB\n", mib < limit ? "refused" : "enough", mib);
	return 0;
}
