/* test_signals.c - what waits for a program, without one that runs: a structure
 * that no thread belongs to yet.
 */
#include "../../linux/process.h"
#include "errno.h"
#include "heap_helpers.h"
#include "test.h"

#define REAL_TIME 40

static int
send(struct process *p, int sig, u32 value)
{
	const struct sig_info info = {sig, SI_QUEUE, {0, 0, value}};
	unsigned long flags;
	int err;

	spin_lock_irqsave(&process_lock, flags);
	err = signal_send_info(p, &info);
	spin_unlock_irqrestore(&process_lock, flags);
	return err;
}

TEST(signals, a_signal_is_kept_once_but_a_real_time_one_each_time)
{
	struct process *p = process_alloc();

	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(send(p, SIGTERM, i), 0);
		EXPECT_EQ(send(p, REAL_TIME, i), 0);
	}
	EXPECT_EQ(p->sig.shared.nr, 4);
	EXPECT(p->sig.shared.set == (SIGMASK(SIGTERM) | SIGMASK(REAL_TIME)));
	process_free(p);
}

TEST(signals, what_is_ignored_is_kept_only_when_blocked)
{
	struct process *p = process_alloc();

	EXPECT_EQ(send(p, SIGCHLD, 0), 0);
	EXPECT(p->sig.shared.set == 0);
	p->sig.blocked = SIGMASK(SIGCHLD);
	EXPECT_EQ(send(p, SIGCHLD, 0), 0);
	EXPECT(p->sig.shared.set == SIGMASK(SIGCHLD));
	signal_action(p, SIGTERM)->handler = SIG_IGN;
	EXPECT_EQ(send(p, SIGTERM, 0), 0);
	EXPECT(p->sig.shared.set == SIGMASK(SIGCHLD));
	process_free(p);
}

TEST(signals, going_on_and_stopping_take_each_other_back)
{
	struct process *p = process_alloc();

	signal_action(p, SIGCONT)->handler = 0x1000;
	EXPECT_EQ(send(p, SIGTSTP, 0), 0);
	EXPECT_EQ(send(p, SIGCONT, 0), 0);
	EXPECT(p->sig.shared.set == SIGMASK(SIGCONT));
	EXPECT_EQ(send(p, SIGTTIN, 0), 0);
	EXPECT(p->sig.shared.set == SIGMASK(SIGTTIN));
	EXPECT_EQ(p->sig.shared.nr, 1);
	process_free(p);
}

TEST(signals, real_time_signals_have_a_limit)
{
	struct process *p = process_alloc();
	u32 sent = 0;

	while (sent < 5000 && send(p, REAL_TIME, sent) == 0)
		sent++;
	EXPECT_EQ(sent, 1024);
	EXPECT_EQ(send(p, REAL_TIME, 0), -EAGAIN);
	EXPECT_EQ(send(p, SIGTERM, 0), 0); /* without what comes with it */
	EXPECT(p->sig.shared.set & SIGMASK(SIGTERM));
	process_free(p);
}

/* Without memory a signal is still pending, but for what comes with it; one
 * that must not be lost is refused. */
static bool
two_signals(void *arg __maybe_unused)
{
	struct process *p = process_alloc();
	bool all;
	int err;

	if (!p)
		return false;
	err = send(p, REAL_TIME, 1);
	EXPECT(!err || err == -EAGAIN);
	EXPECT_EQ(send(p, SIGTERM, 2), 0);
	EXPECT(p->sig.shared.set & SIGMASK(SIGTERM));
	EXPECT_EQ(!err, !!(p->sig.shared.set & SIGMASK(REAL_TIME)));
	all = p->sig.shared.nr == 2;
	process_free(p);
	return all;
}

TEST(signals, no_memory_loses_no_signal_without_saying_so)
{
	EXPECT_EQ(heap_fail_each(two_signals, NULL), 4);
}
