/* usage.c - CPU time: of the program, its threads that have ended, and the
 * children it has waited for. */
#include <pthread.h>
#include <sys/resource.h>
#include <sys/times.h>
#include "utest.h"

#define SPIN_MS 120
#define MOST_MS 100 /* of them, at least: it is counted in ticks */

static long
ms_of(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
	       (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

static void *
spin(void *unused)
{
	struct timespec t;
	long start = 0, now = 0;

	for (int i = 0; now - start < SPIN_MS; i++) {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
		now = t.tv_sec * 1000 + t.tv_nsec / 1000000;
		if (i == 0)
			start = now;
	}
	return unused;
}

int
main(void)
{
	char *memory = MAP_ANY(64 * PAGE, READ_WRITE, MAP_PRIVATE);
	struct rusage usage, children;
	struct tms before, after;
	pthread_t thread;
	int status;
	pid_t pid;

	CHECK_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
	CHECK_EQ(ms_of(&children), 0);
	CHECK(times(&before) != -1);
	pid = fork_checked();
	if (pid == 0) {
		pid = fork_checked();
		if (pid) { /* the grandchild's are the child's */
			check_child(pid);
			_exit(0);
		}
		spin(NULL);
		for (int i = 0; i < 64; i++)
			memory[i * PAGE] = 1;
		_exit(0);
	}
	CHECK_EQ(wait4(pid, &status, 0, &usage), pid);
	CHECK(ms_of(&usage) >= MOST_MS);
	CHECK(usage.ru_minflt >= 64);
	CHECK_EQ(getrusage(RUSAGE_CHILDREN, &children), 0);
	CHECK(ms_of(&children) >= MOST_MS);
	CHECK(children.ru_minflt >= 64);
	CHECK(times(&after) != -1);
	CHECK(after.tms_cutime + after.tms_cstime >= MOST_MS / 10);
	CHECK(before.tms_cutime + before.tms_cstime == 0);

	CHECK_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	CHECK(ms_of(&usage) < MOST_MS);
	CHECK_EQ(pthread_create(&thread, NULL, spin, NULL), 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
	CHECK_EQ(getrusage(RUSAGE_SELF, &usage), 0);
	CHECK(ms_of(&usage) >= MOST_MS);
	CHECK(clock() >= MOST_MS * (CLOCKS_PER_SEC / 1000));
	CHECK_EQ(getrusage(RUSAGE_THREAD, &usage), 0);
	CHECK(ms_of(&usage) < MOST_MS);
	CHECK_ERROR(getrusage(7, &usage), EINVAL);
	return 0;
}
