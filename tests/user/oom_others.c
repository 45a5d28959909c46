/* oom_others.c - one program takes all memory; another goes on, and afterwards
 * there is as much as before. */
#include "utest.h"

static void
take_all(void)
{
	for (;;) {
		char *p = mmap(NULL, 256 * PAGE, READ_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			_exit(7); /* refused: fine, too */
		for (int i = 0; i < 256; i++)
			p[i * PAGE] = 1;
	}
}

int
main(void)
{
	volatile int *rounds = (int *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	pid_t worker, hog;
	int status;

	CHECK(on_memoir()); /* not on a machine that others use */
	*rounds = 0;
	worker = fork_checked();
	if (worker == 0) {
		volatile char mine[8 * PAGE];

		for (;;) {
			for (unsigned int i = 0; i < sizeof(mine); i += PAGE)
				mine[i] = *rounds;
			++*rounds;
			sched_yield();
		}
	}
	for (int i = 0; i < 2; i++) {
		int before = *rounds;

		hog = fork_checked();
		if (hog == 0)
			take_all();
		CHECK_EQ(waitpid(hog, &status, 0), hog);
		CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
		      (WIFEXITED(status) && WEXITSTATUS(status) == 7));
		CHECK(*rounds > before);
	}
	CHECK_EQ(waitpid(worker, &status, WNOHANG), 0); /* it still works */
	CHECK_EQ(kill(worker, SIGKILL), 0);
	CHECK_EQ(waitpid(worker, &status, 0), worker);

	char *p = MAP_ANY(1024 * PAGE, READ_WRITE, MAP_PRIVATE);

	memset(p, 1, 1024 * PAGE);
	return 0;
}
