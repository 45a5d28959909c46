/* longcalls.c - a fatal signal ends a call at once, however long it would take:
 * calls over as much as an address space holds, which shows one small file. */
#include <sys/stat.h>
#include <sys/uio.h>
#include "utest.h"

#define BASE   ((char *)0x10000000)
#define WINDOW (4u << 20)
#define LENGTH 0x78000000u /* of windows on the same file */
#define LIMIT  250 /* milliseconds; what the calls take is many times that */

static struct iovec parts[1024];
static unsigned char vec[LENGTH / PAGE];

static int
open_new(const char *path, off_t size)
{
	int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);

	CHECK(fd >= 0 && unlink(path) == 0);
	CHECK_EQ(ftruncate(fd, size), 0);
	return fd;
}

/* Every page of a quarter of it: a page fault each. */
static void
touch(int ready)
{
	for (unsigned int at = 0; at < LENGTH / 4; at += PAGE)
		(void)*(volatile char *)(BASE + at);
	CHECK_EQ(write(ready, "", 1), 1);
}

static void
call(unsigned int which, int ready)
{
	int hole = open_new("/tmp/hole", 0x7fffffff), fd;

	for (unsigned int i = 0; i < 1024; i++)
		parts[i] = (struct iovec){BASE, 2u << 20};
	if (which < 8)
		CHECK_EQ(write(ready, "", 1), 1);
	switch (which) {
	case 0:
		read(open("/dev/zero", O_RDONLY), BASE, LENGTH);
		break;
	case 1:
		read(hole, BASE, LENGTH);
		break;
	case 2:
		read(open("/dev/urandom", O_RDONLY), BASE, LENGTH);
		break;
	case 3:
		syscall(355 /* getrandom */, BASE, LENGTH, 0);
		break;
	case 4:
		pwrite(hole, BASE, LENGTH, 0);
		break;
	case 5:
		fd = open_new("/tmp/small", 2 << 20);
		for (;;) { /* one may be short */
			lseek(fd, 0, SEEK_SET);
			writev(fd, parts, 1);
		}
	case 6:
		readv(hole, parts, 1023);
		break;
	case 7:
		for (;;)
			mincore(BASE, LENGTH, vec);
	case 8:
		touch(ready);
		for (;;) {
			mprotect(BASE, LENGTH, PROT_READ);
			mprotect(BASE, LENGTH, READ_WRITE);
		}
	case 9:
		touch(ready);
		mremap(BASE, LENGTH / 2, LENGTH, MREMAP_MAYMOVE);
		munmap(BASE, LENGTH);
		break;
	default:
		touch(ready);
		for (;;)
			if (fork() == 0)
				_exit(0);
			else
				wait(NULL);
	}
}

int
main(void)
{
	int fd = open_new("/tmp/window", WINDOW), status, ends[2];
	long start, took;
	char byte;
	pid_t pid;

	CHECK_EQ(pipe(ends), 0);

	for (unsigned int at = 0; at < LENGTH; at += WINDOW)
		CHECK(mmap(BASE + at, WINDOW, READ_WRITE,
			   MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED);
	for (unsigned int which = 0; which <= 10; which++)
		for (unsigned int wait = 1; wait < 200; wait *= 100) {
			int signal = wait == 1 ? SIGKILL : SIGTERM;

			pid = fork_checked();
			if (!pid) {
				call(which, ends[1]);
				pause();
			}
			CHECK_EQ(read(ends[0], &byte, 1), 1);
			sleep_ms(wait);
			start = now_ms();
			kill(pid, signal);
			CHECK_EQ(waitpid(pid, &status, 0), pid);
			took = now_ms() - start;
			CHECK_EQ(status, signal);
			if (took > LIMIT)
				FAIL("call %u went on for %ld ms", which, took);
		}
	return 0;
}
