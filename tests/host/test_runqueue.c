/* test_runqueue.c - kernel/runqueue.c against a plain model: a list of tasks for
 * each priority, searched from the front; and the promises that it makes about
 * time.
 */
#include "host.h"
#include "sched.h"
#include "string.h"
#include "util.h"

#define NR_TASKS 40

DEFINE_PER_CPU(struct rq, runqueue);

static struct {
	struct rq rq;
	struct task_struct idle, task[NR_TASKS];
	int order
		[NR_TASKS]; /* the model: ready ones, in order of their turns */
	unsigned int ready;
	u32 now;
} t;

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	t.idle.prio = NR_PRIO;
	t.idle.level = NR_LEVELS;
	rq_init(&t.rq, &t.idle);
	t.rq.curr = &t.idle;
	for (unsigned int i = 0; i < NR_TASKS; i++) {
		t.task[i].prio = i % NR_PRIO;
		t.task[i].slice = SLICE_TICKS;
	}
}

/* --- The model ---------------------------------------------------------------- */

static void
model_remove(unsigned int i)
{
	unsigned int at = 0;

	while (t.order[at] != (int)i)
		at++;
	t.ready--;
	for (; at < t.ready; at++)
		t.order[at] = t.order[at + 1];
}

static struct task_struct *
model_pick(void)
{
	struct task_struct *best = &t.idle;

	for (unsigned int n = 0; n < t.ready; n++)
		if (t.task[t.order[n]].level < best->level)
			best = &t.task[t.order[n]];
	return best;
}

static void
enqueue(unsigned int i)
{
	rq_enqueue(&t.rq, &t.task[i], t.now);
	t.order[t.ready++] = i;
}

static void
dequeue(unsigned int i)
{
	rq_dequeue(&t.rq, &t.task[i]);
	model_remove(i);
}

static void
requeue(unsigned int i)
{
	rq_requeue(&t.rq, &t.task[i]);
	model_remove(i);
	t.order[t.ready++] = i;
}

/* --- Cases ---------------------------------------------------------------------- */

TEST(runqueue, nobody_ready_means_idle)
{
	begin();
	EXPECT(rq_pick(&t.rq) == &t.idle);
	EXPECT_EQ(rq_check(&t.rq), 0u);
	EXPECT(!rq_tick(&t.rq, 1));
	enqueue(15);
	EXPECT(rq_pick(&t.rq) == &t.task[15]);
	EXPECT(rq_tick(&t.rq, 2)); /* idle gives way */
	dequeue(15);
	EXPECT(rq_pick(&t.rq) == &t.idle);
}

TEST(runqueue, random_steps_agree_with_the_model)
{
	begin();
	for (unsigned int step = 0; step < 1000000; step++) {
		unsigned int i = host_random() % NR_TASKS;

		if (!t.task[i].queued)
			enqueue(i);
		else if (host_random() % 2)
			dequeue(i);
		else
			requeue(i);
		EXPECT(rq_pick(&t.rq) == model_pick());
		if (step % 64 == 0)
			EXPECT_EQ(rq_check(&t.rq), 0u);
	}
}

TEST(runqueue, a_check_finds_what_is_wrong)
{
	begin();
	enqueue(3);
	enqueue(3 + NR_PRIO);
	t.rq.ready = 0;
	EXPECT(rq_check(&t.rq) > 0u);
	t.rq.ready = 1u << 6;
	EXPECT_EQ(rq_check(&t.rq), 0u);
	t.task[3].prio = 4;
	EXPECT(rq_check(&t.rq) > 0u);
	t.task[3].prio = 3;
	t.rq.nr_ready = 1;
	EXPECT(rq_check(&t.rq) > 0u);
}

/* Run for so many ticks; got[i] is what each task had. */
static void
run(unsigned int ticks, unsigned int got[NR_TASKS])
{
	t.rq.curr = rq_pick(&t.rq);
	for (; ticks; ticks--) {
		struct task_struct *curr = t.rq.curr;

		if (curr != &t.idle)
			got[curr - t.task]++;
		if (rq_tick(&t.rq, ++t.now)) {
			curr->since = t.now;
			t.rq.curr = rq_pick(&t.rq);
		}
	}
}

TEST(runqueue, equals_take_turns)
{
	unsigned int got[NR_TASKS] = {0};

	begin();
	for (unsigned int i = 0; i < 4; i++) {
		t.task[i].prio = 7;
		enqueue(i);
	}
	run(SLICE_TICKS * 4 * 100, got);
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(got[i], (unsigned int)SLICE_TICKS * 100);
}

/* One that sleeps now and then, and three that never do. */
TEST(runqueue, who_sleeps_has_the_cpu_at_once)
{
	unsigned int got[NR_TASKS] = {0};

	begin();
	for (unsigned int i = 0; i < 4; i++) {
		t.task[i].prio = 7;
		if (i)
			enqueue(i);
	}
	run(SLICE_TICKS * 3, got);
	for (unsigned int round = 0; round < 100; round++) {
		run(1 + host_random() % 40, got);
		enqueue(0);
		EXPECT(rq_pick(&t.rq) == &t.task[0] || t.rq.boost);
		dequeue(0);
	}
	/* Only until its slice is over. */
	enqueue(0);
	run(SLICE_TICKS + STARVE_TICKS, got);
	EXPECT_EQ(t.task[0].level, 15u);
	EXPECT_EQ(rq_check(&t.rq), 0u);
}

TEST(runqueue, nobody_starves_and_the_urgent_keep_four_fifths)
{
	unsigned int got[NR_TASKS] = {0}, ticks = STARVE_TICKS * 1000;

	begin();
	for (unsigned int i = 0; i < NR_PRIO; i++)
		enqueue(i);
	run(ticks, got);
	EXPECT(got[0] >= ticks * 4 / 5);
	for (unsigned int i = 1; i < NR_PRIO; i++)
		EXPECT(got[i] >= ticks / 5 / NR_PRIO);
	EXPECT_EQ(rq_check(&t.rq), 0u);
}

TEST(runqueue, a_boosted_one_that_goes_away_is_not_picked)
{
	unsigned int i;

	begin();
	enqueue(1);
	enqueue(9);
	t.rq.curr = rq_pick(&t.rq);
	for (i = 0; i < STARVE_TICKS && !t.rq.boost; i++)
		rq_tick(&t.rq, ++t.now);
	EXPECT(t.rq.boost == &t.task[9]);
	dequeue(9);
	EXPECT(t.rq.boost == NULL);
	EXPECT(rq_pick(&t.rq) == &t.task[1]);
}

TEST(runqueue, jiffies_may_wrap)
{
	unsigned int got[NR_TASKS] = {0};

	begin();
	t.now = t.rq.boosted = 0u - 40;
	enqueue(1);
	enqueue(9);
	run(STARVE_TICKS * 10, got);
	EXPECT(got[9] >= 8u); /* a tick each time */
}
