/* many.c - a thousand processes at once. */
#include "utest.h"

int
main(int argc, char **argv)
{
	int nr = argc > 1 ? atoi(argv[1]) : 1000, ends[2], made, status;
	char byte;

	CHECK_EQ(pipe(ends), 0);
	for (made = 0; made < nr; made++) {
		pid_t pid = fork();

		if (pid == 0) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) != 0);
		}
		if (pid < 0)
			break;
	}
	if (made < nr && errno != EAGAIN && errno != ENOMEM)
		FAIL("fork number %d: errno %d", made, errno);
	if (made < nr) /* a small machine may say no; 8 MiB a hundred */
		printf("many: %d processes, then errno %d\n", made, errno);
	close(ends[1]);
	for (int i = 0; i < made; i++) {
		CHECK(waitpid(-1, &status, 0) > 0);
		CHECK_EQ(status, 0);
	}
	CHECK_ERROR(waitpid(-1, &status, 0), ECHILD);
	CHECK(made >= 100);
	return 0;
}
