/* pipe_block.c - a reader waits for bytes, a writer for room; small writes stay
 * whole; the end is seen when the last writer has gone. */
#include "utest.h"

#define TOTAL 300000 /* more than a pipe holds */

static void
produce(int fd)
{
	static char chunk[7777];
	unsigned int sent = 0;

	while (sent < TOTAL) {
		unsigned int n = TOTAL - sent < sizeof(chunk) ? TOTAL - sent
							      : sizeof(chunk);

		for (unsigned int i = 0; i < n; i++)
			chunk[i] = (sent + i) % 251;
		CHECK_EQ(write(fd, chunk, n), n);
		sent += n;
	}
}

static void
consume(int fd)
{
	static char chunk[5000];
	unsigned int got = 0;
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			CHECK_EQ(chunk[i], (char)((got + i) % 251));
		got += n;
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(got, TOTAL);
}

/* Four write records at once: none is torn. */
static void
whole_records(void)
{
	char record[512];
	int ends[2];
	pid_t pids[4];

	CHECK_EQ(pipe(ends), 0);
	for (int who = 0; who < 4; who++) {
		pids[who] = fork_checked();
		if (pids[who])
			continue;
		memset(record, 'a' + who, sizeof(record));
		for (int i = 0; i < 100; i++)
			CHECK_EQ(write(ends[1], record, sizeof(record)), 512);
		_exit(0);
	}
	for (int i = 0; i < 400; i++) {
		unsigned int got = 0;

		while (got < sizeof(record)) {
			ssize_t n = read(ends[0], record + got,
					 sizeof(record) - got);

			CHECK(n > 0);
			got += n;
		}
		for (unsigned int j = 1; j < sizeof(record); j++)
			CHECK_EQ(record[j], record[0]);
	}
	for (int who = 0; who < 4; who++)
		check_child(pids[who]);
}

int
main(void)
{
	int ends[2], flags;
	char byte;
	pid_t pid;

	CHECK_EQ(pipe(ends), 0);
	pid = fork_checked();
	if (pid == 0) {
		close(ends[0]);
		sleep_ms(20);
		produce(ends[1]);
		_exit(0);
	}
	close(ends[1]);
	consume(ends[0]);
	check_child(pid);
	close(ends[0]);
	whole_records();

	/* Those who do not want to wait. */
	CHECK_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	CHECK_ERROR(read(ends[0], &byte, 1), EAGAIN);
	for (flags = 0; write(ends[1], "0123456789abcdef", 16) == 16; flags++)
		CHECK(flags < 1 << 20);
	CHECK_EQ(errno, EAGAIN);
	CHECK(flags >= 4096 / 16);
	CHECK_EQ(fcntl(ends[0], F_GETFD), FD_CLOEXEC);
	CHECK_ERROR(read(ends[1], &byte, 1), EBADF);
	CHECK_ERROR(lseek(ends[0], 0, SEEK_SET), ESPIPE);
	return 0;
}
