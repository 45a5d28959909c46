/* threads.c - what it costs to change threads, and to lock without a wait.
 *
 *   ctx_switch: yield --> partner's yield --> back: two switches a turn
 *
 * Two rows are no instructions but microseconds of the machine's time: how late
 * a sleep of 100 us ends, and how late one of 5 ms does while three threads never
 * sleep. Each the worst of all.
 */
#include "kthread.h"
#include "mutex.h"
#include "test.h"
#include "time.h"
#include "util.h"

static struct task_struct *partner;

static int
yield_for_ever(void *unused __maybe_unused)
{
	while (!kthread_should_stop())
		yield();
	return 0;
}

static void
start_partner(void)
{
	partner = kthread_run(yield_for_ever, NULL, "partner");
	yield();
}

static void
stop_partner(void)
{
	kthread_stop(partner);
}

/* One way: the partner's loop and ours are two of `times`. */
static void
switch_threads(unsigned int times)
{
	for (; times; times -= 2)
		yield();
}
BENCH_ROW(ctx_switch, 1000, switch_threads, start_partner, stop_partner);

static void
mutex_pair(unsigned int times)
{
	static DEFINE_MUTEX(mutex);

	while (times--) {
		mutex_lock(&mutex);
		mutex_unlock(&mutex);
	}
}
BENCH_ROW(mutex_pair, 1000, mutex_pair, NULL, NULL);

#define SLEEPS 100
#define HOGS   3

static u64
worst_late(unsigned int us)
{
	u64 worst = 0;

	for (unsigned int i = 0; i < SLEEPS; i++) {
		ktime_t end = ktime_get() + (ktime_t)us * NSEC_PER_USEC;

		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_until(end);
		worst = max(worst, (u64)(ktime_get() - end));
	}
	worst += NSEC_PER_USEC - 1;
	do_div(worst, NSEC_PER_USEC);
	return worst;
}

/* The clock must have been measured before there is a one-shot timer. */
static void
wait_for_clock(void)
{
	while (!time_is_exact())
		msleep(10);
}

static u64
sleep_late(void)
{
	wait_for_clock();
	return worst_late(100);
}
BENCH_VALUE(sleep_100us_late, sleep_late);

static int
never_sleep(void *unused __maybe_unused)
{
	while (!kthread_should_stop())
		barrier();
	return 0;
}

static u64
wake_late(void)
{
	struct task_struct *hog[HOGS];
	u64 late;

	wait_for_clock();
	for (unsigned int i = 0; i < HOGS; i++)
		hog[i] = kthread_run(never_sleep, NULL, "hog");
	msleep(200); /* until they are known to be busy */
	late = worst_late(5000);
	for (unsigned int i = 0; i < HOGS; i++)
		kthread_stop(hog[i]);
	return late;
}
BENCH_VALUE(wake_beside_hog, wake_late);
