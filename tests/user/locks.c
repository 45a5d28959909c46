/* locks.c - records: who has which bytes; splitting, joining, losing them. */
#include <sys/utsname.h>
#include "utest.h"

#define NAME "/tmp/locks"

/* The old structure and its numbers: this is compiled for large files. */
struct narrow {
	short type, whence;
	int start, len, pid;
};
#define OLD_GETLK 5
#define OLD_SETLK 6

static int fd;

static int
lock(int cmd, int type, long long start, long long len)
{
	struct flock64 l = {.l_type = type, .l_start = start, .l_len = len};

	return syscall(SYS_fcntl64, fd, cmd, &l);
}

/* What another process would run into: "type start len", or "". */
static void
expect(const char *what, long long start, long long len)
{
	pid_t me = getpid(), child = fork_checked();
	struct flock64 l = {.l_type = F_WRLCK, .l_start = start, .l_len = len};
	char found[64] = "";

	if (!child) {
		CHECK_EQ(syscall(SYS_fcntl64, fd, F_GETLK64, &l), 0);
		if (l.l_type != F_UNLCK) {
			CHECK_EQ(l.l_pid, me);
			CHECK_EQ(l.l_whence, SEEK_SET);
			sprintf(found, "%c %lld %lld",
				l.l_type == F_RDLCK ? 'r' : 'w',
				(long long)l.l_start, (long long)l.l_len);
		}
		if (strcmp(found, what))
			FAIL("at %lld: \"%s\", not \"%s\"", start, found, what);
		_exit(0);
	}
	check_child(child);
}

static void
check_shapes(void)
{
	CHECK_EQ(lock(F_SETLK64, F_RDLCK, 0, 100), 0);
	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 40, 20), 0);
	expect("r 0 40", 0, 1);
	expect("w 40 20", 40, 1);
	expect("r 60 40", 70, 1);
	CHECK_EQ(lock(F_SETLK64, F_RDLCK, 40, 20), 0); /* all one again */
	expect("r 0 100", 50, 1);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 10, 5), 0);
	expect("r 0 10", 0, 1);
	expect("", 10, 5);
	expect("r 15 85", 14, 2);
	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 100, 0), 0);
	expect("w 100 0", 1ll << 40, 1);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 0, 0), 0);
	expect("", 0, 0);
	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 50, -10), 0); /* backwards */
	expect("w 40 10", 0, 0);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 0, 0), 0);
}

static void
check_errors(void)
{
	struct narrow old = {.type = F_WRLCK};
	struct flock64 far = {.l_type = F_WRLCK, .l_start = 1ll << 40};
	int reader = open(NAME, O_RDONLY);
	struct utsname name;
	pid_t child;

	CHECK_ERROR(lock(F_SETLK64, 7, 0, 1), EINVAL);
	CHECK_ERROR(lock(F_GETLK64, F_UNLCK, 0, 1), EINVAL);
	CHECK_ERROR(lock(F_SETLK64, F_RDLCK, -1, 1), EINVAL);
	CHECK_ERROR(lock(F_SETLK64, F_RDLCK, 5, -6), EINVAL);
	CHECK_ERROR(lock(F_SETLK64, F_RDLCK, 1ll << 62, 1ll << 62 | 1ll << 61),
		    EOVERFLOW);
	old.whence = 3;
	CHECK_ERROR(syscall(SYS_fcntl64, fd, OLD_SETLK, &old), EINVAL);
	old.whence = 0;
	CHECK_ERROR(syscall(SYS_fcntl64, reader, OLD_SETLK, &old), EBADF);
	CHECK_ERROR(syscall(SYS_fcntl64, 999, OLD_SETLK, &old), EBADF);
	if (uname(&name) == 0 && !strcmp(name.machine, "i686")) {
		CHECK_ERROR(syscall(SYS_fcntl, fd, F_GETLK64, &far), EINVAL);
		CHECK_ERROR(syscall(SYS_fcntl, fd, F_OFD_SETLK, &far), EINVAL);
	} /* x86_64 knows them for both numbers */
	close(reader);
	CHECK_EQ(syscall(SYS_fcntl64, fd, F_SETLK64, &far), 0);
	child = fork_checked();
	if (!child) {
		CHECK_ERROR(syscall(SYS_fcntl, fd, OLD_GETLK, &old), EOVERFLOW);
		CHECK_ERROR(syscall(SYS_fcntl64, fd, F_SETLK64, &far), EAGAIN);
		_exit(0);
	}
	check_child(child);
	CHECK_EQ(lock(F_SETLK64, F_UNLCK, 0, 0), 0);
}

/* Any descriptor that the process closes, however it came to be. */
static void
check_close(void)
{
	int other = open(NAME, O_RDONLY), copy = dup(0);

	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 10), 0);
	CHECK_EQ(close(other), 0);
	expect("", 0, 0);
	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 10), 0);
	CHECK_EQ(dup2(fd, copy), copy);
	expect("w 0 10", 0, 0);
	CHECK_EQ(dup2(0, copy), copy); /* that closes it */
	expect("", 0, 0);
	close(copy);
}

static void
check_fork_exec(const char *self)
{
	char number[12];
	pid_t child;

	CHECK_EQ(lock(F_SETLK64, F_WRLCK, 0, 10), 0);
	expect("w 0 10", 0, 0); /* the child has closed it, at its end */
	expect("w 0 10", 0, 0);
	child = fork_checked();
	if (!child) {
		CHECK_ERROR(lock(F_SETLK64, F_RDLCK, 9, 1), EAGAIN);
		CHECK_EQ(lock(F_SETLK64, F_WRLCK, 10, 10), 0);
		sprintf(number, "%d", fd);
		execl(self, "locks", number, NULL);
		_exit(1);
	}
	check_child(child);
	expect("w 0 10", 0, 0); /* the child's is gone with it */
}

/* After exec: still ours. */
static int
after_exec(int number)
{
	fd = number;
	expect("w 10 10", 10, 1);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return after_exec(atoi(argv[1]));
	fd = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0);
	check_shapes();
	check_errors();
	check_close();
	check_fork_exec("/proc/self/exe");
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
