/* hello.c - the first program of any C book, with an ordinary glibc. */
#include <stdio.h>

int
main(int argc, char **argv)
{
	printf("hello from ring 3, with glibc\n");
	for (int i = 1; i < argc; i++)
		printf("  argv[%d] = \"%s\"\n", i, argv[i]);
	return 0;
}
