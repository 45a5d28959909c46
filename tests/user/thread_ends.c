/* thread_ends.c - threads of one program that all end it in different ways, at
 * about the same time: exec, exit, a signal, fork, vfork.
 *
 * Whatever wins, the program ends when it is killed at the latest, and the
 * kernel has nothing left of it.
 */
#include <pthread.h>
#include <sys/time.h>
#include "utest.h"

#define ROUNDS  60
#define THREADS 6
#define MOST_MS 5000

static char *self;
static unsigned int seed;

static unsigned int
any(unsigned int below)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % below;
}

static void
on_signal(int signal)
{
	(void)signal;
}

static void *
end_somehow(void *how)
{
	sigset_t set;
	int signal;

	usleep((unsigned int)how % 7 * 300);
	switch ((unsigned int)how / 7) {
	case 0:
	case 1:
		execl(self, self, "again", NULL);
		break; /* another thread was faster */
	case 2:
		exit(3);
	case 3:
		syscall(SYS_exit, 0);
		break;
	case 4:
		if (fork() == 0)
			_exit(0);
		wait(NULL);
		break;
	case 5:
		kill(getpid(), SIGUSR1);
		for (;;)
			pause();
	case 6:
		if (vfork() == 0) {
			execl(self, self, "again", NULL);
			_exit(1);
		}
		wait(NULL);
		break;
	default:
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigwait(&set, &signal);
	}
	return NULL;
}

static void
run_round(void)
{
	const struct itimerval often = {{0, 3000}, {0, 2000}};
	pthread_t thread;

	signal(SIGUSR1, on_signal);
	signal(SIGALRM, on_signal);
	if (any(3) == 0)
		setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, end_somehow, (void *)any(8 * 7));
	if (any(2))
		pthread_exit(NULL);
	end_somehow((void *)any(8 * 7));
	_exit(0);
}

int
main(int argc, char **argv)
{
	int status;

	self = argv[0];
	if (argc > 1)
		return 0;
	for (int i = 0; i < ROUNDS; i++) {
		long start = now_ms();
		pid_t pid = fork_checked();

		seed = (unsigned int)i * 7919 + 1;
		if (pid == 0)
			run_round();
		while (waitpid(pid, &status, WNOHANG) == 0) {
			if (now_ms() - start > 40)
				kill(pid, SIGKILL);
			if (now_ms() - start > MOST_MS)
				FAIL("round %d: it does not end", i);
			sleep_ms(1);
		}
	}
	return 0;
}
