/* utest.h - tests in ring 3: a file asks one question and is a program.
 *
 *	int
 *	main(void)
 *	{
 *		CHECK_EQ(pipe(ends), 0);
 *		CHECK_ERROR(write(-1, "", 1), EBADF);
 *		CHECK_SIGNAL(SIGSEGV, *(volatile char *)0 = 1);
 *		return 0;
 *	}
 *
 * It ends with 0 if all is as on Linux. What is not is said, with file and
 * line, and ends the program (a child, too: whoever waits for it with
 * check_child() fails as well).
 */
#ifndef UTEST_H
#define UTEST_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define FILE_NAME \
	(strrchr(__FILE__, '/') ? strrchr(__FILE__, '/') + 1 : __FILE__)

#define FAIL(...)                                         \
	do {                                              \
		printf("# %s:%d: ", FILE_NAME, __LINE__); \
		printf(__VA_ARGS__);                      \
		putchar('\n');                            \
		fflush(stdout);                           \
		_exit(1);                                 \
	} while (0)

#define CHECK(cond)                                                   \
	do {                                                          \
		if (!(cond))                                          \
			FAIL("expected %s (errno %d)", #cond, errno); \
	} while (0)

#define CHECK_EQ(a, b)                                                   \
	do {                                                             \
		long long a_ = (long long)(a), b_ = (long long)(b);      \
		if (a_ != b_)                                            \
			FAIL("expected %s == %s, but they are %lld and " \
			     "%lld (errno %d)",                          \
			     #a, #b, a_, b_, errno);                     \
	} while (0)

/* The call gives -1 and this errno. */
#define CHECK_ERROR(call, error)                                               \
	do {                                                                   \
		long result_;                                                  \
		errno = 0;                                                     \
		result_ = (long)(call);                                        \
		if (result_ != -1 || errno != (error))                         \
			FAIL("expected %s to give %s, but it gave %ld, errno " \
			     "%d",                                             \
			     #call, #error, result_, errno);                   \
	} while (0)

/* A child that runs the statement ends by this signal. */
#define CHECK_SIGNAL(signal, ...)                                            \
	do {                                                                 \
		pid_t pid_ = fork_checked();                                 \
		int status_;                                                 \
		if (pid_ == 0) {                                             \
			__VA_ARGS__;                                         \
			_exit(99);                                           \
		}                                                            \
		CHECK_EQ(waitpid(pid_, &status_, 0), pid_);                  \
		if (!WIFSIGNALED(status_) || WTERMSIG(status_) != (signal))  \
			FAIL("expected %s of \"%s\", but the status is %#x", \
			     #signal, #__VA_ARGS__, status_);                \
	} while (0)

#define MAP_ANY(size, prot, more) \
	map_checked(NULL, size, prot, MAP_ANONYMOUS | (more))
#define READ_WRITE (PROT_READ | PROT_WRITE)

static inline pid_t
fork_checked(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		FAIL("fork: errno %d", errno);
	return pid;
}

/* The child ends by itself, with status 0. */
static inline void
check_child(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		FAIL("waitpid(%d): errno %d", pid, errno);
	if (status)
		FAIL("child %d ended with status %#x", pid, status);
}

static inline char *
map_checked(void *hint, size_t size, int prot, int flags)
{
	char *p = mmap(hint, size, prot, flags, -1, 0);

	if (p == MAP_FAILED)
		FAIL("mmap(%p, %#zx, %d, %#x): errno %d", hint, size, prot,
		     flags, errno);
	return p;
}

/* A handler for a signal, with these flags. */
static inline void
handle(int signal, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = {.sa_flags = flags | SA_SIGINFO};

	action.sa_sigaction = fn;
	if (sigaction(signal, &action, NULL))
		FAIL("sigaction(%d): errno %d", signal, errno);
}

static inline void
sleep_ms(unsigned int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static inline long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* After so long, the caller is stopped, and a moment later it goes on. A child
 * does it: for check_child(). */
static inline pid_t
stop_me_after(unsigned int ms)
{
	pid_t pid = fork_checked();

	if (pid)
		return pid;
	sleep_ms(ms);
	kill(getppid(), SIGSTOP);
	sleep_ms(20);
	kill(getppid(), SIGCONT);
	_exit(0);
}

/* Some tests can do harm on a machine that others use, and some differ. */
static inline int
on_memoir(void)
{
	return access("/test/fork_cow", X_OK) == 0;
}

#endif
