/* text_busy.c - a file is written to or executed, not both at a time. */
#include "utest.h"

#define NAME "/tmp/text_busy"

static void
copy_self(void)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(NAME, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	char buf[4096];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		CHECK_EQ(write(to, buf, n), n);
	close(from);
	close(to);
}

static void
run(int ready)
{
	char number[12];

	sprintf(number, "%d", ready);
	execl(NAME, "text_busy", number, NULL);
}

int
main(int argc, char **argv)
{
	int ends[2], fd;
	pid_t child;
	char c;

	if (argc > 1) {
		CHECK_EQ(write(atoi(argv[1]), "", 1), 1);
		pause();
	}
	copy_self();
	CHECK_EQ(pipe(ends), 0);
	fd = open(NAME, O_WRONLY);
	CHECK_ERROR((run(ends[1]), -1), ETXTBSY);
	close(fd);
	child = fork_checked();
	if (!child) {
		run(ends[1]);
		_exit(1);
	}
	CHECK_EQ(read(ends[0], &c, 1), 1);
	CHECK_ERROR(open(NAME, O_WRONLY), ETXTBSY);
	CHECK_ERROR(open(NAME, O_RDWR | O_TRUNC), ETXTBSY);
	CHECK_ERROR(truncate(NAME, 0), ETXTBSY);
	fd = open(NAME, O_RDONLY);
	CHECK(fd >= 0);
	CHECK(lseek(fd, 0, SEEK_END) > 0); /* nothing was cut */
	close(fd);
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, NULL, 0), child);
	fd = open(NAME, O_WRONLY);
	CHECK(fd >= 0);
	close(fd);
	fd = open(NAME, O_WRONLY | O_TRUNC);
	CHECK_EQ(write(fd, "#!/bin/sh\n", 10), 10);
	CHECK_ERROR((run(ends[1]), -1), ETXTBSY); /* a script, too */
	close(fd);
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
