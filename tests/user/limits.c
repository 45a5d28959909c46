/* limits.c - RLIMIT_NOFILE: how many numbers for files there are. */
#include <sys/resource.h>
#include "utest.h"

int
main(void)
{
	struct rlimit limit = {12, 12};
	int ends[2], last = -1, fd;

	CHECK_EQ(dup2(0, 20), 20); /* open already: it stays */
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while ((fd = dup(0)) >= 0)
		last = fd;
	CHECK_EQ(errno, EMFILE);
	CHECK_EQ(last, 11);
	CHECK_ERROR(open("/dev/null", O_RDONLY), EMFILE);
	CHECK_ERROR(dup2(0, 12), EBADF);
	CHECK_EQ(dup2(0, 11), 11);
	CHECK_ERROR(fcntl(0, F_DUPFD, 12), EINVAL);
	CHECK_ERROR(fcntl(0, F_DUPFD, 5), EMFILE);
	CHECK_EQ(close(11), 0);
	CHECK_ERROR(pipe(ends), EMFILE); /* one of two */
	CHECK_EQ(dup(0), 11);            /* is given back */
	CHECK_EQ(fcntl(20, F_GETFD), 0);

	pid_t pid = fork_checked();

	if (pid == 0) {
		CHECK_ERROR(dup(0), EMFILE);
		limit.rlim_cur = limit.rlim_max = 0;
		CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
		CHECK_EQ(limit.rlim_cur, 12);
		limit.rlim_cur = 0;
		CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
		CHECK_ERROR(dup(0), EMFILE);
		CHECK_EQ(fcntl(20, F_GETFD), 0);
		_exit(0);
	}
	check_child(pid);
	return 0;
}
