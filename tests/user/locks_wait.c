/* locks_wait.c - F_SETLKW: who waits, who is woken, and who would wait forever. */
#include <pthread.h>
#include "utest.h"

#define NAME "/tmp/locks_wait"

static int fd;

static int
lock(int cmd, int type, long start, long len)
{
	struct flock64 l = {.l_type = type, .l_start = start, .l_len = len};

	return syscall(SYS_fcntl64, fd, cmd, &l);
}

static void
on_alarm(int signal __attribute__((unused)),
	 siginfo_t *info __attribute__((unused)),
	 void *context __attribute__((unused)))
{
}

static void
check_handed_over(void)
{
	long start = now_ms();
	pid_t child;

	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 10), 0);
	child = fork_checked();
	if (!child) {
		CHECK_EQ(lock(F_SETLKW64, F_RDLCK, 5, 10), 0);
		CHECK(now_ms() - start >= 40);
		_exit(0);
	}
	sleep_ms(50);
	CHECK_EQ(lock(F_SETLK64, F_RDLCK, 0, 10), 0); /* readers may be two */
	check_child(child);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 0, 0), 0);
}

static void
check_interrupted(void)
{
	pid_t child;

	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 10), 0);
	child = fork_checked();
	if (!child) {
		handle(SIGALRM, on_alarm, 0);
		ualarm(20000, 0);
		CHECK_ERROR(lock(F_SETLKW64, F_WRLCK, 0, 1), EINTR);
		lock(F_SETLKW64, F_WRLCK, 0, 1); /* until it is killed */
		_exit(1);
	}
	sleep_ms(60);
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, NULL, 0), child);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 0, 0), 0);
}

/* A ring of `nr`: each has the byte with his number and wants the next one. The
 * last one, this process, is told, and by letting go it ends all of it. */
static void
check_deadlock(int nr)
{
	pid_t children[8];
	int ready[2];
	char c;

	CHECK_EQ(pipe(ready), 0);
	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 1), 0);
	for (int i = 1; i < nr; i++) {
		children[i] = fork_checked();
		if (children[i])
			continue;
		CHECK_EQ(lock(F_SETLK64, F_WRLCK, i, 1), 0);
		CHECK_EQ(write(ready[1], "", 1), 1);
		sleep_ms(30 * (nr - i));
		CHECK_EQ(lock(F_SETLKW64, F_WRLCK, (i + 1) % nr, 1), 0);
		_exit(0);
	}
	for (int i = 1; i < nr; i++)
		CHECK_EQ(read(ready[0], &c, 1), 1);
	sleep_ms(30 * nr + 50);
	CHECK_ERROR(lock(F_SETLKW64, F_WRLCK, 1, 1), EDEADLK);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 0, 0), 0);
	for (int i = 1; i < nr; i++)
		check_child(children[i]);
	close(ready[0]);
	close(ready[1]);
}

/* A lock that is granted while the descriptor is closed is nobody's. */
static void *
wait_for_it(void *result)
{
	*(int *)result = lock(F_SETLKW64, F_WRLCK, 0, 1) ? errno : 0;
	return NULL;
}

static void
check_close_race(void)
{
	int result, ready[2], keep = fd;
	pthread_t thread;
	pid_t child;
	char c;

	CHECK_EQ(pipe(ready), 0);
	child = fork_checked();
	if (!child) {
		CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 1), 0);
		CHECK_EQ(write(ready[1], "", 1), 1);
		sleep_ms(100);
		_exit(0);
	}
	CHECK_EQ(read(ready[0], &c, 1), 1);
	fd = open(NAME, O_RDWR);
	CHECK_EQ(pthread_create(&thread, NULL, wait_for_it, &result), 0);
	sleep_ms(40);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(result, EBADF);
	fd = keep;
	check_child(child);
	child = fork_checked();
	if (!child) {
		CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 0), 0);
		_exit(0);
	}
	check_child(child);
}

int
main(void)
{
	fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0);
	check_handed_over();
	check_interrupted();
	check_deadlock(2);
	check_deadlock(4);
	check_close_race();
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
