/* threads.c - POSIX threads as the C library makes them: who gets a signal that
 * is sent to all of them, and what is left when some of them end. */
#include <pthread.h>
#include <stdbool.h>
#include "utest.h"

static const char *self;
static volatile int taken;

static void *
wait_for_one(void *set)
{
	int signal;

	CHECK_EQ(sigwait(set, &signal), 0);
	__sync_fetch_and_add(&taken, 1);
	return NULL;
}

/* Both go to the first thread, which does not block them. */
static void *
send_two(void *unused)
{
	sleep_ms(5);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	sleep_ms(1000);
	return unused;
}

static void
start(pthread_t *thread, void *(*fn)(void *), void *argument)
{
	CHECK_EQ(pthread_create(thread, NULL, fn, argument), 0);
}

/* Two wait for either of two signals: each gets one, though both were sent
 * before the first one ran. */
static void
check_two_waiting(void)
{
	pthread_t threads[2];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
	for (int i = 0; i < 5; i++) {
		start(&threads[0], wait_for_one, &set);
		start(&threads[1], wait_for_one, &set);
		sleep_ms(5);
		kill(getpid(), SIGUSR1);
		kill(getpid(), SIGUSR2);
		for (int ms = 0; ms < 1000 && taken < 2 * (i + 1); ms += 5)
			sleep_ms(5);
		CHECK_EQ(taken, 2 * (i + 1));
		pthread_join(threads[0], NULL);
		pthread_join(threads[1], NULL);
	}
	CHECK_EQ(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
}

static void
count(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	taken++;
}

/* The first thread is now in a handler that blocks the second signal, and stays
 * in it until the other thread has had that one. */
static void
wait_in_handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	for (int ms = 0; ms < 500 && !taken; ms++)
		sleep_ms(1);
	CHECK_EQ(taken, 1);
}

static void
check_handed_on(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO};
	pthread_t thread;

	taken = 0;
	action.sa_sigaction = wait_in_handler;
	sigaddset(&action.sa_mask, SIGUSR2);
	CHECK_EQ(sigaction(SIGUSR1, &action, NULL), 0);
	handle(SIGUSR2, count, 0);
	start(&thread, send_two, NULL);
	CHECK_EQ(pause(), -1);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(taken, 1);
}

static void *
sleep_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* The whole program becomes another one, with the number of the first thread:
 * in it, argv[1] is that. */
static void *
run_anew(void *number)
{
	execl(self, self, number, NULL);
	FAIL("exec: errno %d", errno);
	return NULL;
}

enum first {
	CALLS,
	ENDS,
	SUSPENDS
};

static void
check_exec(enum first first)
{
	pid_t pid = fork_checked();
	sigset_t set, none;
	pthread_t threads[3];
	char number[12];

	if (pid) {
		check_child(pid);
		return;
	}
	snprintf(number, sizeof(number), "%d", getpid());
	for (int i = 0; i < 2; i++)
		start(&threads[i], sleep_forever, NULL);
	sleep_ms(2);
	if (first == CALLS)
		run_anew(number);
	start(&threads[2], run_anew, number);
	if (first == ENDS)
		pthread_exit(NULL);
	sigfillset(&set); /* the first one's mask is nobody's then */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &set, NULL);
	for (;;)
		sigsuspend(&none);
}

/* In the new program. */
static int
check_anew(pid_t pid)
{
	sigset_t set;

	CHECK_EQ(getpid(), pid);
	CHECK_EQ(syscall(SYS_gettid), pid);
	handle(SIGUSR1, count, 0);
	raise(SIGUSR1);
	CHECK_EQ(taken, 1);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	CHECK_EQ(sigismember(&set, SIGUSR2), 0);
	return 0;
}

static void *
tell_tid(void *ends)
{
	pid_t tid = syscall(SYS_gettid);

	CHECK_EQ(write(((int *)ends)[1], &tid, sizeof(tid)), sizeof(tid));
	return sleep_forever(NULL);
}

/* A thread's number means its program to kill(); and only its program has a
 * group: this one leaves its own for its parent's, and can then have a session. */
static void
check_numbers(void)
{
	pid_t pid = fork_checked(), tid;
	pthread_t thread;
	int ends[2];

	if (pid) {
		check_child(pid);
		return;
	}
	CHECK_EQ(setpgid(0, 0), 0);
	CHECK_EQ(pipe(ends), 0);
	start(&thread, tell_tid, ends);
	CHECK_EQ(read(ends[0], &tid, sizeof(tid)), sizeof(tid));
	CHECK_EQ(kill(tid, 0), 0);
	CHECK_ERROR(kill(-tid, 0), ESRCH);
	CHECK_EQ(setpgid(0, getpgid(getppid())), 0);
	CHECK_EQ(setsid(), getpid());
	_exit(0);
}

static void *
open_file(void *fd)
{
	*(int *)fd = open("/dev/null", O_RDONLY);
	return NULL;
}

/* An exec that fails changes nothing: files are still shared. */
static void
check_exec_fails(void)
{
	pthread_t sleeping, opening;
	int fd = -1;

	start(&sleeping, sleep_forever, NULL);
	CHECK_ERROR(execl("/nonexistent", "x", NULL), ENOENT);
	start(&opening, open_file, &fd);
	pthread_join(opening, NULL);
	CHECK(fd >= 0);
	CHECK_EQ(close(fd), 0);
	pthread_cancel(sleeping);
	pthread_join(sleeping, NULL);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return check_anew(atoi(argv[1]));
	self = argv[0];
	check_two_waiting();
	check_handed_on();
	check_exec(CALLS);
	check_exec(ENDS);
	check_exec(SUSPENDS);
	check_exec_fails();
	check_numbers();
	return 0;
}
