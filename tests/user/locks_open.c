/* locks_open.c - locks of an open file: F_OFD_*, and flock's. */
#include <sys/file.h>
#include "utest.h"

#define NAME "/tmp/locks_open"

static int
lock(int fd, int cmd, int type, long start, long len)
{
	struct flock64 l = {.l_type = type, .l_start = start, .l_len = len};

	return syscall(SYS_fcntl64, fd, cmd, &l);
}

static void
check_records(int a)
{
	struct flock64 l = {.l_type = F_WRLCK, .l_pid = 1};
	int b = open(NAME, O_RDWR), other = open(NAME, O_RDWR), copy;

	CHECK_ERROR(syscall(SYS_fcntl64, a, F_OFD_SETLK, &l), EINVAL);
	CHECK_EQ(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10), 0);
	CHECK_ERROR(lock(b, F_OFD_SETLK, F_RDLCK, 9, 1), EAGAIN);
	CHECK_ERROR(lock(a, F_SETLK64, F_RDLCK, 9, 1), EAGAIN);
	l.l_pid = 0;
	CHECK_EQ(syscall(SYS_fcntl64, b, F_OFD_GETLK, &l), 0);
	CHECK_EQ(l.l_pid, -1);
	CHECK_EQ(l.l_len, 10);
	close(other); /* it is not the process's */
	CHECK_ERROR(lock(b, F_OFD_SETLK, F_RDLCK, 9, 1), EAGAIN);
	copy = dup(b);
	CHECK_EQ(lock(b, F_OFD_SETLK, F_WRLCK, 10, 10), 0);
	close(b);
	CHECK_ERROR(lock(a, F_OFD_SETLK, F_WRLCK, 10, 1), EAGAIN);
	close(copy); /* that was the last one */
	CHECK_EQ(lock(a, F_OFD_SETLKW, F_WRLCK, 10, 1), 0);
	CHECK_EQ(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0), 0);
}

static void
check_flock(int a)
{
	int b = open(NAME, O_RDONLY);
	pid_t child;

	CHECK_EQ(lock(b, F_SETLK64, F_RDLCK, 0, 0), 0); /* nothing to flock */
	CHECK_EQ(flock(a, LOCK_EX), 0);
	CHECK_ERROR(flock(b, LOCK_SH | LOCK_NB), EAGAIN);
	CHECK_EQ(flock(a, LOCK_SH), 0);
	CHECK_EQ(flock(b, LOCK_SH | LOCK_NB), 0);
	CHECK_ERROR(flock(b, LOCK_EX | LOCK_NB), EAGAIN);
	CHECK_EQ(flock(a, LOCK_EX | LOCK_NB), 0); /* b has lost its own */
	child = fork_checked();
	if (!child) {
		CHECK_EQ(flock(b, LOCK_EX), 0);
		_exit(0); /* b is still open here */
	}
	sleep_ms(30);
	CHECK_EQ(flock(a, LOCK_UN), 0);
	check_child(child);
	CHECK_ERROR(flock(a, LOCK_SH | LOCK_NB), EAGAIN);
	close(b);
	CHECK_EQ(flock(a, LOCK_SH | LOCK_NB), 0);
	CHECK_ERROR(flock(a, 0), EINVAL);
	CHECK_ERROR(flock(999, LOCK_SH), EBADF);
}

/* Two open files of one process that wait for each other: nobody is told. */
static void
check_no_deadlock(int a)
{
	int b = open(NAME, O_RDWR);
	pid_t child;

	CHECK_EQ(lock(a, F_OFD_SETLK, F_WRLCK, 0, 1), 0);
	CHECK_EQ(lock(b, F_OFD_SETLK, F_WRLCK, 1, 1), 0);
	child = fork_checked();
	if (!child) {
		lock(a, F_OFD_SETLKW, F_WRLCK, 1, 1);
		_exit(1);
	}
	sleep_ms(30);
	CHECK_SIGNAL(SIGALRM, ualarm(30000, 0);
		     lock(b, F_OFD_SETLKW, F_WRLCK, 0, 1));
	CHECK_EQ(kill(child, SIGKILL), 0);
	CHECK_EQ(waitpid(child, NULL, 0), child);
}

int
main(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	check_records(fd);
	check_flock(fd);
	check_no_deadlock(fd);
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
