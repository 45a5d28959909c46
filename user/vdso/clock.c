/* clock.c - what time it is, without a system call.
 *
 *   seq --> ns + (rdtsc - tsc) * mult --> seconds, nanoseconds
 *    ^____ changed meanwhile, or odd: again ____|
 *
 * These functions run in ring 3, in the page that all programs share; the C
 * library finds them by name, Linux's. A clock that is not kept there, or a
 * machine without a steady counter, takes the long way: a system call.
 */
#include "vdso.h"

typedef unsigned int u32;
typedef unsigned long long u64;

#define CLOCK_REALTIME         0
#define CLOCK_MONOTONIC        1
#define CLOCK_MONOTONIC_RAW    4
#define CLOCK_REALTIME_COARSE  5
#define CLOCK_MONOTONIC_COARSE 6
#define CLOCK_BOOTTIME         7
#define KEPT                                                \
	(1u << CLOCK_REALTIME | 1u << CLOCK_MONOTONIC |     \
	 1u << CLOCK_MONOTONIC_RAW | 1u << CLOCK_BOOTTIME | \
	 1u << CLOCK_REALTIME_COARSE | 1u << CLOCK_MONOTONIC_COARSE)
#define REAL (1u << CLOCK_REALTIME | 1u << CLOCK_REALTIME_COARSE)

#define SYS_gettimeofday    78
#define SYS_clock_gettime   265
#define SYS_clock_gettime64 403

#define NSEC_PER_SEC  1000000000u
#define NSEC_PER_USEC 1000u

#define barrier() __asm__ volatile("" ::: "memory")

struct time {
	u32 sec, nsec;
};

struct timespec {
	int sec, nsec;
};

struct timespec64 {
	long long sec, nsec;
};

struct timeval {
	int sec, usec;
};

extern const volatile struct vdso_data vdso_data
	__attribute__((visibility("hidden")));

int __vdso_clock_gettime(int clock, struct timespec *t);
int __vdso_clock_gettime64(int clock, struct timespec64 *t);
int __vdso_gettimeofday(struct timeval *t, void *zone);
int __vdso_time(int *t);

static inline u64
rdtsc(void)
{
	u64 now;

	__asm__ volatile("rdtsc" : "=A"(now));
	return now;
}

/* => 0: only the kernel knows */
static inline int
now(u32 clock, struct time *t)
{
	const volatile struct vdso_data *d = &vdso_data;
	u32 seq, mult;
	u64 ns, passed;

	if (clock >= 32 || !(KEPT >> clock & 1))
		return 0;
	do {
		seq = d->seq;
		barrier();
		mult = d->mult;
		ns = d->ns;
		if (REAL >> clock & 1)
			ns += d->real;
		passed = rdtsc() - d->tsc;
		barrier();
	} while ((seq & 1) || seq != d->seq);
	ns += (passed >> 32) * mult << (32 - VDSO_SHIFT);
	ns += ((u64)(u32)passed * mult) >> VDSO_SHIFT;
	/* Until the year 2106 the quotient fits. */
	__asm__("divl %4"
		: "=a"(t->sec), "=d"(t->nsec)
		: "a"((u32)ns), "d"((u32)(ns >> 32)), "rm"(NSEC_PER_SEC)
		: "cc");
	return mult != 0;
}

static int
system_call(int number, long a, long b)
{
	int result;

	__asm__ volatile("push %%ebx; mov %2, %%ebx; int $0x80; pop %%ebx"
			 : "=a"(result)
			 : "0"(number), "r"(a), "c"(b)
			 : "memory");
	return result;
}

int
__vdso_clock_gettime(int clock, struct timespec *t)
{
	struct time time;

	if (!now((u32)clock, &time))
		return system_call(SYS_clock_gettime, clock, (long)t);
	t->sec = (int)time.sec;
	t->nsec = (int)time.nsec;
	return 0;
}

int
__vdso_clock_gettime64(int clock, struct timespec64 *t)
{
	struct time time;

	if (!now((u32)clock, &time))
		return system_call(SYS_clock_gettime64, clock, (long)t);
	t->sec = time.sec;
	t->nsec = time.nsec;
	return 0;
}

int
__vdso_gettimeofday(struct timeval *t, void *zone)
{
	struct time time;

	if (zone || !now(CLOCK_REALTIME, &time))
		return system_call(SYS_gettimeofday, (long)t, (long)zone);
	if (t) {
		t->sec = (int)time.sec;
		t->usec = (int)(time.nsec / NSEC_PER_USEC);
	}
	return 0;
}

int
__vdso_time(int *t)
{
	struct timeval now;

	__vdso_gettimeofday(&now, 0);
	if (t)
		*t = now.sec;
	return now.sec;
}
