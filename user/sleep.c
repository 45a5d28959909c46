/* sleep.c - does nothing for so many seconds. */
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	return argc > 1 ? sleep(atoi(argv[1])) != 0 : 1;
}
