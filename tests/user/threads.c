/* threads.c - POSIX threads as the C library makes them: who gets a signal that
 * is sent to all of them, and what is left when some of them end. */
#include <pthread.h>
#include "utest.h"

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

int
main(void)
{
	check_two_waiting();
	check_handed_on();
	return 0;
}
