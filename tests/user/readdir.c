/* readdir.c - two read one directory, bit by bit, while names come and go: each
 * sees every name that stays exactly once, and no other one twice. */
#include <sys/stat.h>
#include "utest.h"

#define NAMES   400u
#define READERS 2

struct dirent_kernel {
	unsigned long long ino;
	long long off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

static unsigned char seen[READERS][NAMES];
static unsigned char gone[NAMES];
static unsigned int state = 12345;

static unsigned int
random_below(unsigned int n)
{
	state = state * 1103515245 + 12345;
	return (state >> 16) % n;
}

static void
make(const char *prefix, unsigned int i)
{
	char name[32];

	sprintf(name, "/tmp/dir/%s%u", prefix, i);
	CHECK_EQ(symlink("x", name), 0);
}

static void
take(const char *prefix, unsigned int i)
{
	char name[32];

	sprintf(name, "/tmp/dir/%s%u", prefix, i);
	CHECK_EQ(unlink(name), 0);
}

/* => where the last one is that it got; -1: the end */
static long long
read_some(int fd, unsigned char *marks)
{
	char buf[200];
	long got = syscall(SYS_getdents64, fd, buf, sizeof(buf));
	long long off = -1;

	CHECK(got >= 0);
	for (long at = 0; at < got;) {
		struct dirent_kernel *d = (void *)(buf + at);

		if (d->name[0] == 'n')
			marks[atoi(d->name + 1)]++;
		off = d->off;
		at += d->reclen;
	}
	return off;
}

static void
check_seeks(int fd)
{
	static unsigned char first[NAMES], again[NAMES];
	long long at;

	for (unsigned int i = 0; i < 20; i++) {
		CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
		for (unsigned int n = random_below(15); n; n--)
			at = read_some(fd, first);
		at = lseek(fd, 0, SEEK_CUR);
		memset(first, 0, NAMES);
		memset(again, 0, NAMES);
		while (read_some(fd, first) != -1)
			;
		CHECK_EQ(lseek(fd, at, SEEK_SET), at);
		while (read_some(fd, again) != -1)
			;
		CHECK(!memcmp(first, again, NAMES));
	}
}

int
main(void)
{
	int fd[READERS], left = READERS;
	unsigned int i, extra = 0;

	CHECK_EQ(mkdir("/tmp/dir", 0700), 0);
	for (i = 0; i < NAMES; i++)
		make("n", i);
	for (i = 0; i < READERS; i++) {
		fd[i] = open("/tmp/dir", O_RDONLY | O_DIRECTORY);
		CHECK(fd[i] >= 0);
	}
	while (left) {
		unsigned int who = random_below(READERS);
		unsigned int victim = random_below(NAMES);

		if (fd[who] >= 0 && read_some(fd[who], seen[who]) == -1) {
			close(fd[who]);
			fd[who] = -1;
			left--;
		}
		if (victim % 3 && !gone[victim]) { /* others stay */
			gone[victim] = 1;
			take("n", victim);
		}
		if (extra < 100)
			make("e", extra++);
	}
	for (i = 0; i < NAMES; i++)
		for (unsigned int who = 0; who < READERS; who++)
			CHECK(seen[who][i] == 1 || (gone[i] && !seen[who][i]));

	fd[0] = open("/tmp/dir", O_RDONLY | O_DIRECTORY);
	check_seeks(fd[0]);
	close(fd[0]);
	for (i = 0; i < NAMES; i++)
		if (!gone[i])
			take("n", i);
	while (extra)
		take("e", --extra);
	CHECK_EQ(rmdir("/tmp/dir"), 0);
	return 0;
}
