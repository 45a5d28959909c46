/* sendfile.c - a file's bytes to a pipe, a file, itself; preadv and pwritev. */
#include <sys/sendfile.h>
#include <sys/uio.h>
#include "utest.h"

#define NAME "/tmp/sendfile"
#define SIZE 10000

static char text[SIZE], buf[SIZE + 100];

static void
check_pipe(int in)
{
	off64_t at = 4000;
	int old = 7, ends[2];

	CHECK_EQ(pipe(ends), 0);
	CHECK_EQ(lseek(in, 100, SEEK_SET), 100);
	CHECK_EQ(sendfile64(ends[1], in, NULL, 5000), 5000);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 5100);
	CHECK_EQ(read(ends[0], buf, sizeof(buf)), 5000);
	CHECK(!memcmp(buf, text + 100, 5000));
	CHECK_EQ(sendfile64(ends[1], in, &at, SIZE), SIZE - 4000);
	CHECK_EQ(at, SIZE);
	CHECK_EQ(lseek(in, 0, SEEK_CUR), 5100);
	CHECK_EQ(read(ends[0], buf, sizeof(buf)), SIZE - 4000);
	CHECK(!memcmp(buf, text + 4000, SIZE - 4000));
	CHECK_EQ(sendfile64(ends[1], in, &at, SIZE), 0);
	CHECK_EQ(syscall(SYS_sendfile, ends[1], in, &old, 3), 3);
	CHECK_EQ(old, 10);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERROR(sendfile64(ends[1], in, NULL, 1), EPIPE);
	close(ends[1]);
}

static void
check_errors(int in)
{
	int reader = open(NAME, O_RDONLY), writer = open(NAME, O_WRONLY);
	int append = open(NAME ".out", O_RDWR | O_APPEND);
	off64_t negative = -1;

	CHECK_ERROR(sendfile64(reader, in, NULL, 1), EBADF);
	CHECK_ERROR(sendfile64(in, writer, NULL, 1), EBADF);
	CHECK_ERROR(sendfile64(999, in, NULL, 1), EBADF);
	CHECK_ERROR(sendfile64(in, 999, NULL, 1), EBADF);
	CHECK_ERROR(sendfile64(append, in, NULL, 1), EINVAL);
	CHECK_ERROR(sendfile64(in, reader, &negative, 1), EINVAL);
	close(reader);
	close(writer);
	close(append);
}

static void
check_vectors(int fd)
{
	struct iovec vec[2] = {{buf, 10}, {buf + 10, 20}};
	int ends[2];

	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(preadv64(fd, vec, 2, 500), 30);
	CHECK(!memcmp(buf, text + 500, 30));
	CHECK_EQ(pwritev64(fd, vec, 2, SIZE - 10), 30);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
	CHECK_EQ(pread(fd, buf + 100, 100, SIZE - 10), 30);
	CHECK(!memcmp(buf + 100, text + 500, 30));
	CHECK_ERROR(preadv64(fd, vec, 2, -1), EINVAL);
	CHECK_EQ(pipe(ends), 0);
	CHECK_ERROR(pwritev64(ends[1], vec, 2, 0), ESPIPE);
}

int
main(void)
{
	int in = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
	int out = open(NAME ".out", O_RDWR | O_CREAT | O_TRUNC, 0644);

	for (int i = 0; i < SIZE; i++)
		text[i] = (char)(i * 13 + i / 256);
	CHECK_EQ(write(in, text, SIZE), SIZE);
	check_pipe(in);
	CHECK_EQ(lseek(in, 0, SEEK_SET), 0);
	CHECK_EQ(lseek(out, 50, SEEK_SET), 50);
	CHECK_EQ(sendfile64(out, in, NULL, 2 * SIZE), SIZE);
	CHECK_EQ(lseek(out, 0, SEEK_CUR), SIZE + 50);
	CHECK_EQ(pread(out, buf, sizeof(buf), 50), SIZE);
	CHECK(!memcmp(buf, text, SIZE));
	check_errors(in);
	check_vectors(in);
	CHECK_EQ(unlink(NAME), 0);
	CHECK_EQ(unlink(NAME ".out"), 0);
	return 0;
}
