/* orphans.c - a program with two thousand children, or as many as it gets, in
 * groups of their own ends: somebody else's CPU does not stand still for it. */
#include "utest.h"

#define CHILDREN 2000
#define STACK    512
#define LIMIT    80 /* milliseconds: some turns of the one that ends */

static int
child(void *unused)
{
	(void)unused;
	for (;;)
		syscall(SYS_pause);
	return 0;
}

static int *pids; /* a 0 behind them */

static void
middle(int ready, int go)
{
	char *stacks = MAP_ANY(CHILDREN * STACK, READ_WRITE, MAP_PRIVATE), byte;

	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = clone(child, stacks + (i + 1) * STACK,
				CLONE_VM | SIGCHLD, NULL);
		if (pids[i] < 0 && errno == EAGAIN && i >= CHILDREN / 4) {
			pids[i] = 0;
			break; /* a small machine */
		}
		CHECK(pids[i] > 0);
		CHECK_EQ(setpgid(pids[i], pids[i]), 0);
	}
	CHECK_EQ(write(ready, "", 1), 1);
	CHECK_EQ(read(go, &byte, 1), 1);
	_exit(0);
}

int
main(void)
{
	long last, now, worst = 0;
	int ready[2], go[2];
	char byte;
	pid_t pid;

	pids = (void *)MAP_ANY((CHILDREN + 1) * sizeof(int), READ_WRITE,
			       MAP_SHARED);
	CHECK_EQ(pipe(ready), 0);
	CHECK_EQ(pipe(go), 0);
	pid = fork_checked();
	if (!pid)
		middle(ready[1], go[0]);
	CHECK_EQ(read(ready[0], &byte, 1), 1);
	CHECK_EQ(write(go[1], "", 1), 1);
	for (last = now_ms(); waitpid(pid, NULL, WNOHANG) != pid; last = now) {
		now = now_ms();
		if (now - last > worst)
			worst = now - last;
	}
	for (int i = 0; pids[i]; i++)
		CHECK_EQ(kill(pids[i], SIGKILL), 0);
	for (int i = 0; pids[i]; i++)
		while (kill(pids[i], 0) == 0)
			sleep_ms(1);
	if (worst > LIMIT)
		FAIL("%ld ms passed at once", worst);
	return 0;
}
