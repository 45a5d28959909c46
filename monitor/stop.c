/* stop.c - Ctrl-C: how a command ends before its time.
 *
 *   Ctrl-C --> console_input --> stop_key: the session is stopped
 *                                  |
 *      command   console_printf    |  nothing is shown any more
 *                command_stopped   |  true: it gives back what it has, returns
 *                neither, 3 s      v
 *                               patience --> take_over: another thread gets
 *                                            the prompt; this one goes on, unheard
 *
 * A session is a thread that runs commands: one has the prompt. One that was
 * left behind ends when its command does, if ever.
 *
 * Locking: state.lock, interrupts off, for who has the prompt. A session's own
 * fields are its thread's, but `stopped`, which the key sets.
 */
#include "../linux/fs.h"
#include "command.h"
#include "console.h"
#include "kthread.h"
#include "stop.h"
#include "string.h"
#include "timer.h"
#include "util.h"
#include "workqueue.h"
#include "x86.h"

#define PATIENCE     (3 * HZ)
#define MAX_SESSIONS 4 /* with those left behind */

static void lose_patience(struct timer_list *timer);
static DEFINE_TIMER(patience, lose_patience);

/* (L) lock */
static struct {
	spinlock_t lock;
	struct session {
		struct task_struct *task; /* NULL: the place is free (L) */
		bool runs;                /* a command */
		bool lent;                /* the keys are a program's */
		bool stopped;             /* Ctrl-C was typed */
	} sessions[MAX_SESSIONS];
	struct session *owner; /* has the prompt (L) */
	struct work_struct taking_over;
	int (*prompt)(void *unused); /* (C) */
} state;

/* The running thread's. NULL: it is no session's */
static struct session *
mine(void)
{
	struct session *s = state.sessions;

	while (s < ARRAY_END(state.sessions) && READ_ONCE(s->task) != current)
		s++;
	return s < ARRAY_END(state.sessions) ? s : NULL;
}

bool
command_stopped(void)
{
	const struct session *s = mine();

	return s && READ_ONCE(s->stopped);
}

bool
stop_key(void)
{
	struct session *s = READ_ONCE(state.owner);

	if (!s || !READ_ONCE(s->runs) || READ_ONCE(s->lent))
		return false;
	WRITE_ONCE(s->stopped, true);
	if (!timer_pending(&patience))
		mod_timer(&patience, jiffies + PATIENCE);
	return true;
}

void
stop_lend(bool lent)
{
	struct session *s = mine();

	if (s)
		WRITE_ONCE(s->lent, lent);
}

bool
stop_muted(void)
{
	return !in_interrupt() && command_stopped();
}

void
stop_begin(void)
{
	struct session *s = mine();

	WRITE_ONCE(s->runs, true);
}

bool
stop_end(bool *stopped)
{
	struct session *s = mine();
	unsigned long flags;
	bool owner;

	spin_lock_irqsave(&state.lock, flags);
	owner = s == state.owner;
	*stopped = s->stopped;
	s->runs = s->stopped = false;
	if (!owner)
		s->task = NULL;
	spin_unlock_irqrestore(&state.lock, flags);
	if (owner && *stopped)
		del_timer_sync(&patience);
	return owner;
}

static void
lose_patience(struct timer_list *timer __maybe_unused)
{
	schedule_work(&state.taking_over);
}

/* Another thread for the prompt, if the command still runs. */
static struct session *
give_prompt(struct task_struct *task)
{
	struct session *old = state.owner, *s = state.sessions;
	unsigned long flags;

	spin_lock_irqsave(&state.lock, flags);
	while (s < ARRAY_END(state.sessions) && s->task)
		s++;
	if (s == ARRAY_END(state.sessions) || !old->stopped)
		old = NULL;
	if (old) {
		*s = (struct session){.task = task};
		state.owner = s;
	}
	spin_unlock_irqrestore(&state.lock, flags);
	return old;
}

static void
take_over(struct work_struct *work __maybe_unused)
{
	struct task_struct *task;
	const struct session *old;

	if (!state.owner->stopped)
		return;
	task = kthread_create(state.prompt, NULL, "monitor");
	if (IS_ERR(task))
		return; /* the next Ctrl-C tries again */
	old = give_prompt(task);
	if (!old) {
		kthread_stop(task);
		return;
	}
	tty_give_back();
	console_printf("^C\nIt does not stop: it goes on unheard, as thread "
		       "%d.\n",
		       old->task->pid);
	wake_up_process(task);
	put_task_struct(task);
}

void
stop_init(int (*prompt)(void *unused))
{
	INIT_WORK(&state.taking_over, take_over);
	state.prompt = prompt;
	state.sessions[0].task = current;
	state.owner = &state.sessions[0];
}
