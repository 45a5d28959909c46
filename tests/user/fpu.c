/* fpu.c - x87 and SSE registers belong to a process: two that compute at the
 * same time do not disturb each other, nor does a signal handler. */
#include <math.h>
#include <sys/time.h>
#include "utest.h"

static volatile int handled;

/* All of xmm1 and st(0) hold a value over a stretch of time. */
static int
keep(float value, int rounds)
{
	float in[4] = {value, value + 1, value + 2, value + 3}, out[4];
	double st = value * 1.5, back;

	for (int i = 0; i < rounds; i++) {
		__asm__ volatile("movups %2, %%xmm1\n\t"
				 "fldl %3\n\t"
				 "mov $20000, %%ecx\n"
				 "1:\tdec %%ecx\n\t"
				 "jnz 1b\n\t"
				 "fstpl %1\n\t"
				 "movups %%xmm1, %0"
				 : "=m"(out), "=m"(back)
				 : "m"(in), "m"(st)
				 : "ecx", "memory");
		if (memcmp(in, out, sizeof(in)) || back != st)
			return 0;
	}
	return 1;
}

static void
on_alarm(int signal, siginfo_t *info, void *context)
{
	volatile double x = 3;

	(void)signal;
	(void)info;
	(void)context;
	CHECK(keep(1000, 1));
	x = x / 7;
	handled++;
}

int
main(void)
{
	struct itimerval timer = {{0, 5000}, {0, 5000}};
	unsigned short control, mine = 0x0c7f; /* round towards zero */
	pid_t pids[3];

	__asm__ volatile("fnstcw %0" : "=m"(control));
	CHECK_EQ(control, 0x37f);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork_checked();
		if (pids[i] == 0) {
			if (i == 0)
				__asm__ volatile("fldcw %0" ::"m"(mine));
			CHECK(keep(i * 10 + 1, 200));
			__asm__ volatile("fnstcw %0" : "=m"(control));
			CHECK_EQ(control, i == 0 ? mine : 0x37f);
			_exit(0);
		}
	}
	handle(SIGALRM, on_alarm, 0);
	CHECK_EQ(setitimer(ITIMER_REAL, &timer, NULL), 0);
	CHECK(keep(500, 200));
	while (handled < 3)
		CHECK(keep(500, 10));
	memset(&timer, 0, sizeof(timer));
	CHECK_EQ(setitimer(ITIMER_REAL, &timer, NULL), 0);
	for (int i = 0; i < 3; i++)
		check_child(pids[i]);
	return 0;
}
