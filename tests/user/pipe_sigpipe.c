/* pipe_sigpipe.c - to write where nobody reads: SIGPIPE, or EPIPE. */
#include "utest.h"

int
main(void)
{
	int ends[2];

	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(close(ends[0]), 0);
	CHECK_SIGNAL(SIGPIPE, write(ends[1], "x", 1));
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERROR(write(ends[1], "x", 1), EPIPE);
	close(ends[1]);

	/* The reader goes while the writer waits for room. */
	CHECK_EQ(pipe(ends), 0);
	pid_t pid = fork_checked();

	if (pid == 0) {
		static char much[200000];

		close(ends[0]);
		CHECK(write(ends[1], much, sizeof(much)) >= 4096);
		CHECK_ERROR(write(ends[1], "x", 1), EPIPE);
		_exit(0);
	}
	close(ends[1]);
	sleep_ms(20);
	close(ends[0]);
	check_child(pid);
	return 0;
}
