/* fifo.c - a pipe with a name: who opens one end waits for the other. */
#include <poll.h>
#include <sys/stat.h>
#include "utest.h"

#define NAME "/tmp/fifo"

static void
on_signal(int signal __attribute__((unused)),
	  siginfo_t *info __attribute__((unused)),
	  void *context __attribute__((unused)))
{
}

static short
events(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

	CHECK(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void
check_meeting(void)
{
	long start = now_ms();
	pid_t child = fork_checked();
	char buf[8];
	int fd;

	if (!child) {
		sleep_ms(50);
		fd = open(NAME, O_WRONLY);
		CHECK_EQ(write(fd, "hello", 5), 5);
		_exit(0);
	}
	fd = open(NAME, O_RDONLY); /* waits */
	CHECK(fd >= 0);
	CHECK(now_ms() - start >= 40);
	CHECK_EQ(read(fd, buf, 8), 5);
	CHECK_EQ(read(fd, buf, 8), 0);
	check_child(child);
	close(fd);
	child = fork_checked();
	if (!child) {
		sleep_ms(30);
		close(open(NAME, O_RDONLY)); /* for a moment only */
		_exit(0);
	}
	fd = open(NAME, O_WRONLY);
	CHECK(fd >= 0);
	check_child(child);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERROR(write(fd, "x", 1), EPIPE);
	signal(SIGPIPE, SIG_DFL);
	CHECK_SIGNAL(SIGPIPE, write(fd, "x", 1));
	close(fd);
}

static void
check_nonblock(void)
{
	int reader, writer;
	char c;

	CHECK_ERROR(open(NAME, O_WRONLY | O_NONBLOCK), ENXIO);
	reader = open(NAME, O_RDONLY | O_NONBLOCK);
	CHECK(reader >= 0);
	CHECK_EQ(events(reader), 0); /* nobody has hung up yet */
	CHECK_EQ(read(reader, &c, 1), 0);
	writer = open(NAME, O_WRONLY | O_NONBLOCK);
	CHECK(writer >= 0);
	CHECK_EQ(events(writer), POLLOUT);
	CHECK_ERROR(read(reader, &c, 1), EAGAIN);
	CHECK_EQ(write(writer, "x", 1), 1);
	CHECK_EQ(events(reader), POLLIN);
	close(writer);
	CHECK_EQ(events(reader), POLLIN | POLLHUP);
	CHECK_EQ(read(reader, &c, 1), 1);
	CHECK_EQ(events(reader), POLLHUP);
	writer = open(NAME, O_WRONLY);
	CHECK_EQ(events(reader), 0);
	close(reader);
	CHECK_EQ(events(writer), POLLOUT | POLLERR);
	close(writer);
}

static void
check_rest(void)
{
	struct stat st;
	int fd = open(NAME, O_RDWR);
	char buf[4];

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "ab", 2), 2);
	CHECK_EQ(read(fd, buf, 4), 2);
	CHECK_EQ(events(fd), POLLOUT);
	CHECK_ERROR(lseek(fd, 0, SEEK_SET), ESPIPE);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISFIFO(st.st_mode));
	CHECK_EQ(write(fd, "left", 4), 4);
	close(fd);
	fd = open(NAME, O_RDWR | O_NONBLOCK);
	CHECK_ERROR(read(fd, buf, 4), EAGAIN); /* nothing is kept */
	close(fd);
	CHECK_ERROR(execl(NAME, NAME, NULL), EACCES);
	CHECK_ERROR(truncate(NAME, 0), EINVAL);
	handle(SIGALRM, on_signal, 0);
	ualarm(20000, 0);
	CHECK_ERROR(open(NAME, O_RDONLY), EINTR);
	CHECK_ERROR(open(NAME, O_WRONLY | O_NONBLOCK), ENXIO);
}

int
main(void)
{
	unlink(NAME);
	CHECK_EQ(mkfifo(NAME, 0666), 0);
	CHECK_ERROR(mkfifo(NAME, 0666), EEXIST);
	CHECK_EQ(chmod(NAME, 0777), 0);
	check_meeting();
	check_nonblock();
	check_rest();
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
