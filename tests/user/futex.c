/* futex.c - sleep while a word has a value, and be woken. */
#include <linux/futex.h>
#include "utest.h"

static int
futex(volatile int *word, int op, int value, const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

/* One word of a file, seen where it is shared and where it is not, and another
 * page of that file at the same place in its mapping. */
static void
check_keys(void)
{
	const char *name = "/tmp/futex";
	const struct timespec t = {5, 0};
	int fd = open(name, O_RDWR | O_CREAT, 0600);
	volatile int *at[4];
	pid_t pid;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	for (int i = 0; i < 4; i++) {
		at[i] = mmap(NULL, PAGE, READ_WRITE,
			     i == 2 ? MAP_PRIVATE : MAP_SHARED, fd,
			     i == 1 ? PAGE : 0);
		CHECK(at[i] != MAP_FAILED);
	}
	pid = fork_checked();
	if (pid == 0) {
		*at[0] = 1; /* about to wait */
		CHECK_EQ(futex(at[0], FUTEX_WAIT, 1, &t), 0);
		_exit(0);
	}
	while (*at[0] != 1)
		sleep_ms(1);
	sleep_ms(50);
	CHECK_EQ(futex(at[1], FUTEX_WAKE, 1, NULL), 0); /* another page */
	CHECK_EQ(futex(at[2], FUTEX_WAKE, 1, NULL), 0); /* only this one's */
	CHECK_EQ(futex(at[3], FUTEX_WAKE, 1, NULL), 1);
	check_child(pid);
	CHECK_EQ(unlink(name), 0);
}

int
main(void)
{
	volatile int *word = (int *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	struct timespec t = {0, 20000000};
	pid_t pids[3];
	int woken = 0;
	long start;

	CHECK_ERROR(futex(word, FUTEX_WAIT, 1, NULL), EAGAIN);
	start = now_ms();
	CHECK_ERROR(futex(word, FUTEX_WAIT, 0, &t), ETIMEDOUT);
	CHECK(now_ms() - start >= 19);
	pids[0] = stop_me_after(20); /* a signal without a handler */
	t.tv_nsec = 100000000;
	start = now_ms();
	CHECK_ERROR(futex(word, FUTEX_WAIT, 0, &t), ETIMEDOUT);
	CHECK(now_ms() - start >= 99);
	check_child(pids[0]);
	CHECK_EQ(futex(word, FUTEX_WAKE, 1, NULL), 0);
	CHECK_ERROR(futex((void *)((char *)word + 1), FUTEX_WAIT, 0, NULL),
		    EINVAL);
	CHECK_ERROR(futex((void *)0xc0100000, FUTEX_WAIT, 0, NULL), EFAULT);
	CHECK_ERROR(futex(NULL, FUTEX_WAIT, 0, NULL), EFAULT);
	CHECK_ERROR(futex(word, 99, 0, NULL), ENOSYS);

	for (int i = 0; i < 3; i++) {
		pids[i] = fork_checked();
		if (pids[i] == 0) {
			while (*word == 0)
				if (futex(word, FUTEX_WAIT, 0, NULL) < 0)
					CHECK(errno == EAGAIN);
			_exit(0);
		}
	}
	sleep_ms(50);
	while (woken == 0) /* all three sleep, or will before long */
		woken = futex(word, FUTEX_WAKE, 1, NULL);
	CHECK_EQ(woken, 1); /* it looks, and sleeps again */
	*word = 1;
	futex(word, FUTEX_WAKE, 100, NULL);
	for (int i = 0; i < 3; i++)
		check_child(pids[i]);
	check_keys();
	return 0;
}
