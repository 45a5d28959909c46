/* time.c - clocks go forwards, at their speed; sleeping takes as long as it
 * says. */
#include <sys/time.h>
#include "utest.h"

static volatile int alarms;

static void
on_alarm(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	alarms++;
}

int
main(void)
{
	struct timespec t = {0, 40000000}, a, b;
	struct itimerval timer = {{0, 0}, {0, 30000}};
	struct timeval day;
	long start = now_ms(), took;

	CHECK_EQ(nanosleep(&t, NULL), 0);
	took = now_ms() - start;
	CHECK(took >= 40 && took < 2000);
	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
	for (int i = 0; i < 1000; i++) {
		CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &b), 0);
		CHECK(b.tv_nsec >= 0 && b.tv_nsec < 1000000000);
		CHECK(b.tv_sec > a.tv_sec ||
		      (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
		a = b;
	}
	b.tv_sec += 0;
	b.tv_nsec += 30000000;
	if (b.tv_nsec >= 1000000000) {
		b.tv_nsec -= 1000000000;
		b.tv_sec++;
	}
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &b, NULL), 0);
	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &a), 0);
	CHECK(a.tv_sec > b.tv_sec ||
	      (a.tv_sec == b.tv_sec && a.tv_nsec >= b.tv_nsec));
	CHECK_EQ(gettimeofday(&day, NULL), 0);
	CHECK(labs((long)day.tv_sec - time(NULL)) <= 1);
	CHECK_EQ(clock_getres(CLOCK_REALTIME, &a), 0);
	CHECK(a.tv_sec == 0 && a.tv_nsec > 0);

	handle(SIGALRM, on_alarm, 0);
	CHECK_EQ(setitimer(ITIMER_REAL, &timer, NULL), 0);
	CHECK_EQ(pause(), -1);
	CHECK_EQ(alarms, 1);
	CHECK_EQ(getitimer(ITIMER_REAL, &timer), 0);
	CHECK_EQ(timer.it_value.tv_sec + timer.it_value.tv_usec, 0);
	CHECK_EQ(alarm(100), 0);
	CHECK(alarm(0) >= 99);

	t.tv_nsec = 1000000000;
	CHECK_ERROR(nanosleep(&t, NULL), EINVAL);
	CHECK_ERROR(clock_gettime(999, &t), EINVAL);
	return 0;
}
