/* test_wakeups.c - no wakeup is lost, whenever it comes: everything that threads
 * sleep for, with the wakeup after each instruction of going to sleep.
 *
 *   who wakes      an interrupt            a thread, when the interrupt says so
 *                  completion, semaphore   mutex, rwsem, task_wait, park, work
 *
 * What programs sleep for: tests/user/wakeups.c.
 */
#include "completion.h"
#include "fs_helpers.h"
#include "gfp.h"
#include "interrupt.h"
#include "jiffies.h"
#include "kthread.h"
#include "mempool.h"
#include "mutex.h"
#include "rwsem.h"
#include "semaphore.h"
#include "step.h"
#include "workqueue.h"

static DECLARE_WAIT_QUEUE_HEAD(queue);
static struct completion done;
static struct semaphore sem;
static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);
static volatile bool open;

/* Every place, and enough of them that it was the whole way. */
static void
step_check(void (*prepare)(void *arg), void (*sleep)(void *arg),
	   void (*wake)(void *arg), void *arg)
{
	unsigned int lost, n = step_all(prepare, sleep, wake, arg, &lost);

	EXPECT_EQ(lost, 0u);
	EXPECT_OP(n, >, 5u);
}

static void
close_it(void *unused __maybe_unused)
{
	open = false;
}

static void
open_it(void *unused __maybe_unused)
{
	open = true;
	wake_up(&queue);
}

/* --- An interrupt wakes -------------------------------------------------------- */

static void
sleep_event(void *unused __maybe_unused)
{
	wait_event(queue, open);
}

static void
sleep_event_timeout(void *unused __maybe_unused)
{
	EXPECT(wait_event_timeout(queue, open, 1000 * HZ) > 0);
}

static void
sleep_exclusive(void *unused __maybe_unused)
{
	DEFINE_WAIT(wait);

	for (;;) {
		prepare_to_wait_exclusive(&queue, &wait, TASK_INTERRUPTIBLE);
		if (open)
			break;
		schedule();
	}
	finish_wait(&queue, &wait);
}

TEST(wakeups, of_a_wait_queue)
{
	step_check(close_it, sleep_event, open_it, NULL);
	step_check(close_it, sleep_event_timeout, open_it, NULL);
	step_check(close_it, sleep_exclusive, open_it, NULL);
	EXPECT(list_empty(&queue.head));
}

static void
begin_completion(void *unused __maybe_unused)
{
	init_completion(&done);
}

static void
sleep_completion(void *unused __maybe_unused)
{
	wait_for_completion(&done);
}

static void
wake_completion(void *all)
{
	if (all)
		complete_all(&done);
	else
		complete(&done);
}

TEST(wakeups, of_a_completion)
{
	step_check(begin_completion, sleep_completion, wake_completion, NULL);
	step_check(begin_completion, sleep_completion, wake_completion, &done);
	EXPECT(list_empty(&done.wait.head));
}

static void
begin_semaphore(void *unused __maybe_unused)
{
	sema_init(&sem, 0);
}

static void
sleep_semaphore(void *unused __maybe_unused)
{
	down(&sem);
}

static void
wake_semaphore(void *unused __maybe_unused)
{
	up(&sem);
}

TEST(wakeups, of_a_semaphore)
{
	step_check(begin_semaphore, sleep_semaphore, wake_semaphore, NULL);
	EXPECT_EQ(sem.count, 0u);
}

static void
sleep_timeout(void *unused __maybe_unused)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (open)
			break;
		schedule_timeout(1000 * HZ);
	}
	set_current_state(TASK_RUNNING);
}

static void
wake_timeout(void *task)
{
	open = true;
	wake_up_process(task);
}

/* Before the timer is armed, it is a tick more for the sleeper. */
static void
sleep_tick(void *unused __maybe_unused)
{
	schedule_timeout_uninterruptible(1);
}

static void
wake_tick(void *unused __maybe_unused)
{
	jiffies++;
	timers_tick();
}

TEST(wakeups, of_who_sleeps_for_a_time)
{
	step_check(close_it, sleep_timeout, wake_timeout, current);
	step_check(NULL, sleep_tick, wake_tick, NULL);
}

static struct page *page;

static void
begin_pages(void *unused __maybe_unused)
{
	open = false;
	page = alloc_page(GFP_KERNEL);
}

static bool
is_open(void *unused __maybe_unused)
{
	return open;
}

static void
sleep_pages(void *unused __maybe_unused)
{
	EXPECT(reclaim_ops->wait(is_open, NULL, 1000 * HZ));
}

static void
wake_pages(void *unused __maybe_unused)
{
	open = true;
	__free_page(page);
}

TEST(wakeups, of_who_waits_for_pages)
{
	step_check(begin_pages, sleep_pages, wake_pages, NULL);
}

static mempool_t *pool;
static u32 element;
static bool have;

static void *
take_element(gfp_t gfp __maybe_unused, void *unused __maybe_unused)
{
	bool had = have;

	have = false;
	return had ? &element : NULL;
}

static void
give_element(void *what __maybe_unused, void *unused __maybe_unused)
{
}

static void
begin_mempool(void *unused __maybe_unused)
{
	EXPECT_EQ(mempool_alloc(pool, GFP_NOWAIT), (void *)&element);
}

/* Into the reserve again, or it was there before we came. */
static void
sleep_mempool(void *unused __maybe_unused)
{
	void *got = mempool_alloc(pool, GFP_KERNEL);

	EXPECT_EQ(got, (void *)&element);
	mempool_free(got, pool);
}

static void
wake_mempool(void *unused __maybe_unused)
{
	mempool_free(&element, pool);
}

TEST(wakeups, of_who_waits_for_a_pool)
{
	have = true;
	pool = mempool_create(1, take_element, give_element, NULL);
	ASSERT(pool);
	step_check(begin_mempool, sleep_mempool, wake_mempool, NULL);
	mempool_destroy(pool);
}

/* --- A thread wakes --------------------------------------------------------------- */

/* The thread on the other side: it does its part when it is told to go. */
static struct {
	struct task_struct *task;
	bool ready, go;
} other;

static void
wait_to_go(void)
{
	other.ready = true;
	wait_event(queue, READ_ONCE(other.go));
}

static void
tell_to_go(void *unused __maybe_unused)
{
	WRITE_ONCE(other.go, true);
	wake_up(&queue);
}

static void
begin_other(int (*fn)(void *data))
{
	other.ready = other.go = false;
	other.task = kthread_run(fn, NULL, "other");
	if (!EXPECT(!IS_ERR(other.task)))
		other.task = NULL;
	while (other.task && !READ_ONCE(other.ready))
		yield();
}

/* The one before has gone its way. */
static void
end_other(void)
{
	if (other.task)
		kthread_stop(other.task);
	other.task = NULL;
}

static int
hold_mutex(void *unused __maybe_unused)
{
	mutex_lock(&mutex);
	wait_to_go();
	mutex_unlock(&mutex);
	return 0;
}

static void
begin_mutex(void *unused __maybe_unused)
{
	end_other();
	begin_other(hold_mutex);
}

static void
sleep_mutex(void *unused __maybe_unused)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

TEST(wakeups, of_a_mutex)
{
	step_check(begin_mutex, sleep_mutex, tell_to_go, NULL);
	end_other();
	EXPECT(!mutex_is_locked(&mutex));
}

static int
hold_write(void *unused __maybe_unused)
{
	down_write(&rwsem);
	wait_to_go();
	up_write(&rwsem);
	return 0;
}

static int
hold_read(void *unused __maybe_unused)
{
	down_read(&rwsem);
	wait_to_go();
	up_read(&rwsem);
	return 0;
}

static void
begin_read(void *unused __maybe_unused)
{
	end_other();
	begin_other(hold_write);
}

static void
begin_write(void *unused __maybe_unused)
{
	end_other();
	begin_other(hold_read);
}

static void
sleep_read(void *unused __maybe_unused)
{
	down_read(&rwsem);
	up_read(&rwsem);
}

static void
sleep_write(void *unused __maybe_unused)
{
	down_write(&rwsem);
	up_write(&rwsem);
}

TEST(wakeups, of_readers_and_writers)
{
	step_check(begin_read, sleep_read, tell_to_go, NULL);
	step_check(begin_write, sleep_write, tell_to_go, NULL);
	end_other();
	EXPECT_EQ(rwsem.sem.count, RWSEM_UNITS);
}

static int
end_when_told(void *unused __maybe_unused)
{
	wait_to_go();
	return 5;
}

static void
begin_thread(void *unused __maybe_unused)
{
	begin_other(end_when_told);
}

static void
sleep_thread(void *unused __maybe_unused)
{
	EXPECT_EQ(task_wait(other.task), 5);
	put_task_struct(other.task);
	other.task = NULL;
}

TEST(wakeups, of_who_waits_for_a_thread_s_end)
{
	step_check(begin_thread, sleep_thread, tell_to_go, NULL);
}

static int
park_when_told(void *unused __maybe_unused)
{
	wait_to_go();
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

static void
begin_park(void *unused __maybe_unused)
{
	end_other();
	begin_other(park_when_told);
}

static void
sleep_park(void *unused __maybe_unused)
{
	EXPECT_EQ(kthread_park(other.task), 0);
	kthread_unpark(other.task);
}

TEST(wakeups, of_who_parks_a_thread)
{
	step_check(begin_park, sleep_park, tell_to_go, NULL);
	end_other();
}

static void
work_when_told(struct work_struct *unused __maybe_unused)
{
	wait_to_go();
}

static struct work_struct work;

static void
begin_work(void *unused __maybe_unused)
{
	other.go = false;
	INIT_WORK(&work, work_when_told);
	schedule_work(&work);
}

static void
sleep_work(void *cancel)
{
	if (cancel)
		cancel_work_sync(&work);
	else
		flush_work(&work);
}

static void
begin_work_running(void *unused)
{
	other.ready = false;
	begin_work(unused);
	while (!READ_ONCE(other.ready))
		yield();
}

TEST(wakeups, of_who_waits_for_work)
{
	step_check(begin_work, sleep_work, tell_to_go, NULL);
	step_check(begin_work_running, sleep_work, tell_to_go, NULL);
	step_check(begin_work_running, sleep_work, tell_to_go, &work);
}

/* --- Pipes, and who polls them ---------------------------------------------------- */

static long fd[2];

static bool
begin_pipe(void)
{
	s32 ends[2] = {-1, -1};

	if (!u_begin())
		return false;
	EXPECT_EQ(SYS(NR_pipe2, U_BUF, 0), 0);
	EXPECT(!copy_from_user(ends, user_ptr(U_BUF), sizeof(ends)));
	fd[0] = ends[0];
	fd[1] = ends[1];
	return EXPECT(ends[0] >= 0);
}

static void
end_pipe(void)
{
	end_other();
	SYS(NR_close, fd[0]);
	SYS(NR_close, fd[1]);
	u_end();
}

static int
write_when_told(void *unused __maybe_unused)
{
	wait_to_go();
	EXPECT_EQ(SYS(NR_write, fd[1], U_BUF, 1), 1);
	return 0;
}

static void
begin_pipe_read(void *unused __maybe_unused)
{
	end_other();
	begin_other(write_when_told);
}

static void
sleep_pipe_read(void *unused __maybe_unused)
{
	EXPECT_EQ(SYS(NR_read, fd[0], U_BUF, 1), 1);
}

static void
sleep_poll(void *unused __maybe_unused)
{
	const struct pollfd pfd = {(s32)fd[0], POLLIN, 0};

	EXPECT(!copy_to_user(user_ptr(U_PATH), &pfd, sizeof(pfd)));
	EXPECT_EQ(SYS(NR_poll, U_PATH, 1, -1), 1);
	sleep_pipe_read(NULL);
}

static int
read_when_told(void *unused __maybe_unused)
{
	wait_to_go();
	EXPECT_EQ(SYS(NR_read, fd[0], U_BUF, PAGE_SIZE), PAGE_SIZE);
	return 0;
}

static void
begin_pipe_write(void *unused __maybe_unused)
{
	end_other();
	begin_other(read_when_told);
}

/* It is full again then. */
static void
sleep_pipe_write(void *unused __maybe_unused)
{
	EXPECT_EQ(SYS(NR_write, fd[1], U_BUF, PAGE_SIZE), PAGE_SIZE);
}

TEST(wakeups, of_who_reads_a_pipe)
{
	ASSERT(begin_pipe());
	step_check(begin_pipe_read, sleep_pipe_read, tell_to_go, NULL);
	end_pipe();
}

TEST(wakeups, of_who_polls)
{
	ASSERT(begin_pipe());
	step_check(begin_pipe_read, sleep_poll, tell_to_go, NULL);
	end_pipe();
}

TEST(wakeups, of_who_writes_to_a_pipe)
{
	ASSERT(begin_pipe());
	EXPECT_EQ(SYS(NR_write, fd[1], U_BUF, 65536), 65536);
	step_check(begin_pipe_write, sleep_pipe_write, tell_to_go, NULL);
	end_pipe();
}
