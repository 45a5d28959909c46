/* proc_read.c - files of /proc are read at any place, also by two at once. */
#include "utest.h"

#define AREAS 400

static char text[64 * 1024];

static void
check_places(void)
{
	int fd = open("/proc/meminfo", O_RDONLY);

	CHECK(fd >= 0);
	CHECK_EQ(pread(fd, text, 8, 3), 8);
	CHECK_EQ(memcmp(text, "Total:", 6), 0);
	CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
	CHECK_EQ(read(fd, text, 6), 6);
	CHECK_EQ(memcmp(text, "Total:", 6), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(fd, text, 4), 4);
	CHECK_EQ(memcmp(text, "MemT", 4), 0);
	CHECK_EQ(pread(fd, text, 4, 1 << 20), 0);
	CHECK_EQ(pread(fd, text, 4, 1ll << 32), 0);
	CHECK_EQ(close(fd), 0);
}

/* Whole lines, with addresses that rise: each area once. */
static void
check_lines(char *p)
{
	unsigned long before = 0, start;
	char *line;

	while ((line = strsep(&p, "\n")) && *line) {
		start = strtoul(line, NULL, 16);
		CHECK(start > before && strchr(line, '-') == line + 8);
		before = start;
	}
}

/* The same open file: what one of them reads, the other makes anew. */
static void
read_at_once(int fd)
{
	long end = now_ms() + 700;

	while (now_ms() < end) {
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		CHECK(n > 0);
		text[n] = '\0';
		check_lines(text);
	}
	_exit(0);
}

int
main(void)
{
	char *p = MAP_ANY(AREAS * PAGE, PROT_READ, MAP_PRIVATE);
	pid_t pid[2];
	int fd;

	check_places();
	for (int i = 0; i < AREAS; i += 2)
		CHECK_EQ(mprotect(p + i * PAGE, PAGE, READ_WRITE), 0);
	fd = open("/proc/self/maps", O_RDONLY);
	CHECK(fd >= 0);
	for (int i = 0; i < 2; i++) {
		pid[i] = fork_checked();
		if (pid[i] == 0)
			read_at_once(fd);
	}
	check_child(pid[0]);
	check_child(pid[1]);
	return 0;
}
