/* threads.c - what it costs to change threads, and to lock without a wait.
 *
 *   ctx_switch: yield --> partner's yield --> back: two switches a turn
 */
#include "kthread.h"
#include "mutex.h"
#include "test.h"

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
