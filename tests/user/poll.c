/* poll.c - which of several descriptors is ready, and how long one
 * waits. */
#include <poll.h>
#include "utest.h"

int
main(void)
{
	struct pollfd fds[3];
	int ends[2];
	long start;
	pid_t pid;

	CHECK_EQ(pipe(ends), 0);
	fds[0] = (struct pollfd){.fd = ends[0], .events = POLLIN};
	fds[1] = (struct pollfd){.fd = ends[1], .events = POLLOUT};
	fds[2] = (struct pollfd){.fd = -1, .events = POLLIN, .revents = 5};
	CHECK_EQ(poll(fds, 3, -1), 1);
	CHECK_EQ(fds[0].revents, 0);
	CHECK_EQ(fds[1].revents, POLLOUT);
	CHECK_EQ(fds[2].revents, 0);
	start = now_ms();
	CHECK_EQ(poll(fds, 1, 30), 0);
	CHECK(now_ms() - start >= 29);
	for (int i = 0; i < 10; i++) { /* wherever in a tick it begins */
		start = now_ms();
		CHECK_EQ(poll(fds, 1, 1 + i), 0);
		CHECK(now_ms() - start >= i);
	}
	pid = stop_me_after(20); /* a signal without a handler */
	start = now_ms();
	CHECK_EQ(poll(fds, 1, 100), 0);
	CHECK(now_ms() - start >= 99);
	check_child(pid);
	CHECK_EQ(poll(fds, 1, 0), 0);
	CHECK_EQ(poll(NULL, 0, 5), 0);

	pid = fork_checked();
	if (pid == 0) {
		sleep_ms(20);
		CHECK_EQ(write(ends[1], "x", 1), 1);
		_exit(0);
	}
	CHECK_EQ(poll(fds, 1, 5000), 1);
	CHECK_EQ(fds[0].revents, POLLIN);
	check_child(pid);
	close(ends[1]);
	CHECK_EQ(poll(fds, 1, -1), 1);
	CHECK_EQ(fds[0].revents, POLLIN | POLLHUP);
	fds[0].fd = 99;
	CHECK_EQ(poll(fds, 1, -1), 1);
	CHECK_EQ(fds[0].revents, POLLNVAL);
	CHECK_ERROR(poll((void *)0xc0100000, 1, 0), EFAULT);
	return 0;
}
