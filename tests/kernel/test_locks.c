/* test_locks.c - what threads sleep for: wait queues, completions, mutexes,
 * semaphores, rwsems, work.
 */
#include "completion.h"
#include "drivers.h"
#include "errno.h"
#include "kthread.h"
#include "mutex.h"
#include "page_helpers.h"
#include "rwsem.h"
#include "semaphore.h"
#include "string.h"
#include "test.h"
#include "tick.h"
#include "util.h"
#include "workqueue.h"

#define TEAM 5

/* A team of threads, one after the other, each asleep (or at its end) before the
 * next starts; what they do goes into a diary. */
static struct {
	struct task_struct *member[TEAM];
	unsigned int size;
	char diary[64];
	unsigned int written;
} team;

static void
note(char c)
{
	preempt_disable();
	if (team.written < sizeof(team.diary) - 1)
		team.diary[team.written++] = c;
	preempt_enable();
}

static void
team_begin(void)
{
	memset(&team, 0, sizeof(team));
}

static bool
team_add(int (*fn)(void *), void *data)
{
	struct task_struct *k = kthread_run(fn, data, "team-%u", team.size);

	if (!EXPECT(!IS_ERR(k)))
		return false;
	team.member[team.size++] = k;
	yield();
	return true;
}

static void
team_end(const char *diary)
{
	while (team.size)
		kthread_stop(team.member[--team.size]);
	EXPECT_STREQ(team.diary, diary);
}

/* --- Wait queues ----------------------------------------------------------------- */

static DECLARE_WAIT_QUEUE_HEAD(queue);
static volatile bool open;

static int
wait_open(void *name)
{
	wait_event(queue, open);
	note((char)(uintptr_t)name);
	return 0;
}

/* Once woken is enough. */
static int
wait_exclusive(void *name)
{
	DEFINE_WAIT(wait);

	prepare_to_wait_exclusive(&queue, &wait, TASK_INTERRUPTIBLE);
	schedule();
	finish_wait(&queue, &wait);
	note((char)(uintptr_t)name);
	return 0;
}

TEST(locks, wait_event_goes_on_sleeping_until_it_holds)
{
	team_begin();
	open = false;
	team_add(wait_open, (void *)'a');
	wake_up(&queue);
	yield();
	yield();
	EXPECT_EQ(team.written, 0u);
	open = true;
	wake_up(&queue);
	team_end("a");
	EXPECT(list_empty(&queue.head));
}

TEST(locks, exclusive_waiters_are_woken_one_by_one_in_order)
{
	team_begin();
	open = true;
	for (uintptr_t c = 'a'; c < 'e'; c++)
		team_add(wait_exclusive, (void *)c);
	wake_up(&queue);
	yield();
	yield();
	EXPECT_STREQ(team.diary, "a");
	wake_up_nr(&queue, 2);
	yield();
	yield();
	EXPECT_STREQ(team.diary, "abc");
	wake_up_all(&queue);
	team_end("abcd");
}

TEST(locks, wait_event_timeout_tells_what_ended_it)
{
	open = false;
	EXPECT_EQ(wait_event_timeout(queue, open, 2), 0l);
	EXPECT_EQ(wait_event_timeout(queue, true, 0), 1l);
	EXPECT_EQ(wait_event_timeout(queue, true, 7), 7l);
	EXPECT(list_empty(&queue.head));
}

static void
open_by_irq(void)
{
	open = true;
	wake_up(&queue);
}

TEST(locks, an_interrupt_may_wake)
{
	open = false;
	tick_set_hook(open_by_irq);
	EXPECT_OP(wait_event_timeout(queue, open, HZ), >, (long)HZ / 2);
	tick_set_hook(NULL);
}

/* --- Completions ------------------------------------------------------------------ */

static struct completion done;

static int
wait_done(void *name)
{
	wait_for_completion(&done);
	note((char)(uintptr_t)name);
	return 0;
}

TEST(locks, a_completion_counts)
{
	init_completion(&done);
	EXPECT(!try_wait_for_completion(&done));
	complete(&done);
	complete(&done);
	EXPECT(try_wait_for_completion(&done));
	wait_for_completion(&done); /* does not sleep */
	EXPECT(!try_wait_for_completion(&done));
	EXPECT_EQ(wait_for_completion_timeout(&done, 2), 0l);
	complete(&done);
	EXPECT_EQ(wait_for_completion_timeout(&done, 2), 2l);
}

TEST(locks, complete_lets_one_go_complete_all_everybody)
{
	init_completion(&done);
	team_begin();
	for (uintptr_t c = 'a'; c < 'd'; c++)
		team_add(wait_done, (void *)c);
	complete(&done);
	yield();
	yield();
	EXPECT_STREQ(team.diary, "a");
	complete_all(&done);
	team_end("abc");
	wait_for_completion(&done); /* for ever */
	EXPECT(try_wait_for_completion(&done));
	complete(&done); /* no more than all */
	EXPECT(try_wait_for_completion(&done));
	EXPECT_EQ(done.done, COMPLETION_FOREVER);
}

/* --- Mutex -------------------------------------------------------------------------- */

static DEFINE_MUTEX(mutex);
static unsigned int inside, collisions;

static void
be_alone(void)
{
	collisions += inside++ != 0;
	yield();
	schedule_timeout_uninterruptible(1);
	inside--;
}

static int
lock_often(void *unused __maybe_unused)
{
	for (unsigned int i = 0; i < 10; i++) {
		mutex_lock(&mutex);
		be_alone();
		mutex_unlock(&mutex);
	}
	return 0;
}

static int
lock_and_note(void *name)
{
	mutex_lock(&mutex);
	note((char)(uintptr_t)name);
	mutex_unlock(&mutex);
	return 0;
}

TEST(locks, a_mutex_lets_one_in)
{
	team_begin();
	collisions = inside = 0;
	for (unsigned int i = 0; i < TEAM; i++)
		team_add(lock_often, NULL);
	team_end("");
	EXPECT_EQ(collisions, 0u);
	EXPECT(!mutex_is_locked(&mutex));
}

/* (clang sees what is wrong with it; it is not asked.) */
static void NO_LOCK_ANALYSIS
unlock_anyway(void)
{
	mutex_unlock(&mutex);
}

TEST(locks, a_mutex_is_handed_on_in_order)
{
	team_begin();
	EXPECT(mutex_trylock(&mutex));
	EXPECT_EQ(mutex_owner(&mutex), current);
	for (uintptr_t c = 'a'; c < 'e'; c++)
		team_add(lock_and_note, (void *)c);
	preempt_disable(); /* who is woken would run at once */
	unlock_anyway();
	EXPECT_EQ(mutex_owner(&mutex), team.member[0]);
	EXPECT(!mutex_trylock(&mutex)); /* nobody pushes in */
	preempt_enable();
	mutex_lock(&mutex);
	EXPECT_STREQ(team.diary, "abcd");
	mutex_unlock(&mutex);
	team_end("abcd");
}

static int
unlock_others(void *unused __maybe_unused)
{
	unlock_anyway();
	return 0;
}

TEST(locks, somebody_elses_mutex_is_not_unlocked_but_reported)
{
	unsigned int bugs = mutex_bugs();
	size_t log = log_end();

	team_begin();
	mutex_lock(&mutex);
	team_add(unlock_others, NULL);
	team_end("");
	EXPECT_EQ(mutex_bugs(), bugs + 1);
	EXPECT_EQ(log_lines(log, "BUG: mutex mutex"), 1u);
	EXPECT_EQ(mutex_owner(&mutex), current);
	mutex_unlock(&mutex);
	unlock_anyway(); /* nobody has it */
	EXPECT_EQ(mutex_bugs(), bugs + 2);
	test_planted += 2;
	EXPECT(!mutex_is_locked(&mutex));
}

/* --- Semaphore ----------------------------------------------------------------------- */

static DEFINE_SEMAPHORE(two, 2);
static unsigned int most_inside;

static int
enter_often(void *unused __maybe_unused)
{
	for (unsigned int i = 0; i < 10; i++) {
		down(&two);
		most_inside = max(most_inside, ++inside);
		schedule_timeout_uninterruptible(1);
		inside--;
		up(&two);
	}
	return 0;
}

TEST(locks, a_semaphore_lets_so_many_in)
{
	team_begin();
	most_inside = inside = 0;
	for (unsigned int i = 0; i < TEAM; i++)
		team_add(enter_often, NULL);
	team_end("");
	EXPECT_EQ(most_inside, 2u);
	EXPECT_EQ(two.count, 2u);
}

static int
down_and_note(void *name)
{
	down(&two);
	note((char)(uintptr_t)name);
	return 0;
}

static struct {
	unsigned int ups;
} by_irq;

static void
up_by_irq(void)
{
	if (by_irq.ups) {
		by_irq.ups--;
		up(&two);
	}
}

TEST(locks, a_semaphore_is_handed_on_in_order_also_by_an_interrupt)
{
	team_begin();
	EXPECT_EQ(down_trylock(&two), 0);
	EXPECT_EQ(down_trylock(&two), 0);
	EXPECT_EQ(down_trylock(&two), 1);
	EXPECT_EQ(down_timeout(&two, 2), -ETIME);
	for (uintptr_t c = 'a'; c < 'd'; c++)
		team_add(down_and_note, (void *)c);
	by_irq.ups = 4;
	tick_set_hook(up_by_irq);
	EXPECT_EQ(down_timeout(&two, HZ), 0); /* behind the three */
	tick_set_hook(NULL);
	team_end("abc");
	EXPECT_EQ(two.count, 0u);
	up(&two);
	up(&two);
}

/* --- Readers and writers --------------------------------------------------------------- */

static DECLARE_RWSEM(rwsem);
static unsigned int readers, writers;

static int
read_often(void *unused __maybe_unused)
{
	for (unsigned int i = 0; i < 10; i++) {
		down_read(&rwsem);
		most_inside = max(most_inside, ++readers);
		collisions += writers != 0;
		schedule_timeout_uninterruptible(1);
		readers--;
		up_read(&rwsem);
		yield();
	}
	return 0;
}

static int
write_often(void *unused __maybe_unused)
{
	for (unsigned int i = 0; i < 10; i++) {
		down_write(&rwsem);
		collisions += writers++ || readers;
		schedule_timeout_uninterruptible(1);
		writers--;
		up_write(&rwsem);
		yield();
	}
	return 0;
}

TEST(locks, many_read_or_one_writes)
{
	team_begin();
	collisions = readers = writers = most_inside = 0;
	for (unsigned int i = 0; i < TEAM; i++)
		team_add(i % 4 ? read_often : write_often, NULL);
	team_end("");
	EXPECT_EQ(collisions, 0u);
	EXPECT_OP(most_inside, >=, 2u);
	EXPECT_EQ(rwsem.sem.count, RWSEM_UNITS);
}

static int
read_and_note(void *name)
{
	down_read(&rwsem);
	note((char)(uintptr_t)name);
	schedule_timeout_uninterruptible(1);
	note((char)(uintptr_t)name);
	up_read(&rwsem);
	return 0;
}

static int
write_and_note(void *name)
{
	down_write(&rwsem);
	note((char)(uintptr_t)name);
	schedule_timeout_uninterruptible(1);
	note((char)(uintptr_t)name);
	up_write(&rwsem);
	return 0;
}

TEST(locks, a_reader_behind_a_waiting_writer_waits_too)
{
	team_begin();
	down_read(&rwsem);
	EXPECT(!down_write_trylock(&rwsem));
	EXPECT(down_read_trylock(&rwsem));
	team_add(write_and_note, (void *)'W');
	team_add(read_and_note, (void *)'a');
	team_add(read_and_note, (void *)'b');
	EXPECT(!down_read_trylock(&rwsem));
	up_read(&rwsem);
	EXPECT_EQ(team.written, 0u);
	up_read(&rwsem);
	team_end("WWabab");
}

TEST(locks, a_downgraded_writer_lets_readers_in_but_no_writer)
{
	team_begin();
	EXPECT(down_write_trylock(&rwsem));
	EXPECT(!down_read_trylock(&rwsem));
	team_add(read_and_note, (void *)'a');
	team_add(write_and_note, (void *)'W');
	downgrade_write(&rwsem);
	msleep(20);
	EXPECT_STREQ(team.diary, "aa");
	up_read(&rwsem);
	team_end("aaWW");
}

/* --- Work ------------------------------------------------------------------------------- */

static struct {
	struct work_struct work, again;
	struct delayed_work late;
	unsigned int ran, rounds;
	bool may_sleep;
	volatile bool hold;
} job;

static void
do_work(struct work_struct *work __maybe_unused)
{
	job.ran++;
	job.may_sleep = can_sleep() && current != &init_task;
	while (job.hold)
		schedule_timeout_uninterruptible(1);
}

static void
do_again(struct work_struct *work)
{
	job.rounds++;
	schedule_timeout_uninterruptible(1);
	schedule_work(work);
}

static void
job_begin(void)
{
	memset(&job, 0, sizeof(job));
	INIT_WORK(&job.work, do_work);
	INIT_WORK(&job.again, do_again);
	INIT_DELAYED_WORK(&job.late, do_work);
}

TEST(locks, work_runs_once_however_often_it_is_asked_for)
{
	job_begin();
	EXPECT(!flush_work(&job.work));                /* never queued */
	sched_set_priority(current, DEFAULT_PRIO - 1); /* not at once */
	EXPECT(schedule_work(&job.work));
	EXPECT(!schedule_work(&job.work));
	EXPECT(flush_work(&job.work));
	sched_set_priority(current, DEFAULT_PRIO);
	EXPECT_EQ(job.ran, 1u);
	EXPECT(job.may_sleep);
	EXPECT(!flush_work(&job.work));
	EXPECT(schedule_work(&job.work)); /* and once more */
	flush_work(&job.work);
	EXPECT_EQ(job.ran, 2u);
	EXPECT(schedule_work(&job.work));
	msleep(20);
	EXPECT_EQ(job.ran, 3u);
	EXPECT(!flush_work(&job.work)); /* it has ended by itself */
}

TEST(locks, work_that_is_queued_while_it_runs_runs_again)
{
	job_begin();
	job.hold = true;
	schedule_work(&job.work);
	msleep(8);
	EXPECT_EQ(job.ran, 1u);
	EXPECT(schedule_work(&job.work));
	job.hold = false;
	flush_work(&job.work);
	EXPECT_EQ(job.ran, 2u);
}

TEST(locks, cancelled_work_does_not_run_and_does_not_run_any_more)
{
	job_begin();
	sched_set_priority(current, DEFAULT_PRIO - 1); /* not at once */
	schedule_work(&job.work);
	EXPECT(cancel_work_sync(&job.work));
	sched_set_priority(current, DEFAULT_PRIO);
	EXPECT(!cancel_work_sync(&job.work));
	yield();
	EXPECT_EQ(job.ran, 0u);

	schedule_work(&job.again); /* queues itself, for ever */
	msleep(20);
	cancel_work_sync(&job.again);
	EXPECT_OP(job.rounds, >, 0u);
	job.rounds = 0;
	msleep(12);
	EXPECT_EQ(job.rounds, 0u);
	EXPECT(schedule_work(&job.again)); /* may be used again */
	cancel_work_sync(&job.again);
}

TEST(locks, delayed_work_comes_later_or_not_at_all)
{
	job_begin();
	EXPECT(schedule_delayed_work(&job.late, 5));
	EXPECT(!schedule_delayed_work(&job.late, 5));
	msleep(4);
	EXPECT_EQ(job.ran, 0u);
	msleep(40);
	EXPECT_EQ(job.ran, 1u);
	EXPECT(!cancel_delayed_work_sync(&job.late));

	schedule_delayed_work(&job.late, 3);
	EXPECT(cancel_delayed_work_sync(&job.late));
	msleep(30);
	EXPECT_EQ(job.ran, 1u);
	EXPECT(schedule_delayed_work(&job.late, 0));
	msleep(20);
	EXPECT_EQ(job.ran, 2u);
}

TEST(locks, a_queue_of_ones_own_runs_all_before_it_goes)
{
	struct workqueue_struct *wq = alloc_workqueue("own");

	ASSERT(wq);
	job_begin();
	queue_work(wq, &job.work);
	destroy_workqueue(wq);
	EXPECT_EQ(job.ran, 1u);
}
