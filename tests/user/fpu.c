/* fpu.c - x87 and SSE registers belong to a process: two that compute at the
 * same time do not disturb each other, nor does a signal handler, nor a fork.
 * (A processor without SSE has no FXSAVE either: FNSAVE clears what it saves.) */
#include <math.h>
#include <sys/time.h>
#include "utest.h"

static volatile int handled;
static int sse;

/* All of xmm1 and st(0) hold a value over a stretch of time. */
static int
keep(float value, int rounds)
{
	float in[4] = {value, value + 1, value + 2, value + 3}, out[4];
	double st = value * 1.5, back;

	for (int i = 0; i < rounds; i++) {
		memcpy(out, in, sizeof(in));
		if (sse)
			__asm__ volatile("movups %0, %%xmm1" ::"m"(in));
		__asm__ volatile("fldl %1\n\t"
				 "mov $20000, %%ecx\n"
				 "1:\tdec %%ecx\n\t"
				 "jnz 1b\n\t"
				 "fstpl %0\n\t"
				 : "=m"(back)
				 : "m"(st)
				 : "ecx", "memory");
		if (sse)
			__asm__ volatile("movups %%xmm1, %0" : "=m"(out));
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

/* Both have what the one had: the mode, and a value. */
static void
check_fork(unsigned short mine)
{
	unsigned short control, before;
	double value = 1.25, back;
	pid_t pid;

	__asm__ volatile("fnstcw %0" : "=m"(before));
	__asm__ volatile("fldcw %0\n\tfldl %1" ::"m"(mine), "m"(value));
	pid = (pid_t)syscall(SYS_fork);
	__asm__ volatile("fnstcw %0\n\tfstpl %1\n\tfldcw %2"
			 : "=m"(control), "=m"(back)
			 : "m"(before));
	CHECK_EQ(control, mine);
	CHECK(back == value);
	if (pid == 0)
		_exit(0);
	check_child(pid);
}

int
main(void)
{
	struct itimerval timer = {{0, 5000}, {0, 5000}};
	unsigned short control, mine = 0x0c7f; /* round towards zero */
	pid_t pids[3];

	sse = __builtin_cpu_supports("sse");
	__asm__ volatile("fnstcw %0" : "=m"(control));
	CHECK_EQ(control, 0x37f);
	check_fork(mine);
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
