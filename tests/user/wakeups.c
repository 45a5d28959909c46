/* wakeups.c - no wakeup is lost, whenever it comes: what programs sleep for, with
 * the wakeup after each instruction of going to sleep.
 *
 *   parent   step(at, call) --> ... instruction `at` ... --> result
 *   child    step(0, n) . . . . . . . . . . . ^ goes on: it kills, or ends
 *
 * The kernel's test has the system call that does it; without it, nothing is
 * tested. Reading, writing and poll: tests/kernel/test_wakeups.c.
 */
#include <linux/futex.h>
#include "utest.h"

#define NEVER      1000000000
#define LAST       400    /* so many instructions before he sleeps */
#define SYS_STEP   222    /* (at, number, arguments and result) */
#define INTR       (-514) /* ERESTARTNOHAND: nobody sees it but us */
#define INTR_BLOCK (-516) /* ERESTART_RESTARTBLOCK */

enum {
	WOKEN,
	PASSED,
	LOST
};

static volatile struct {
	int word;
	int over; /* the child ends, instead of waking */
} * shared;

static pid_t parent;
static int steps; /* so many there were */
static int way;   /* instructions that the last one went */
static const struct timespec hour = {3600, 0};
static unsigned long long no_signal, usr1 = 1ull << (SIGUSR1 - 1);

/* => what the call gave; how it went in *end */
static long
step(int at, int *end, long number, const long arg[4])
{
	long args[7] = {arg[0], arg[1], arg[2], arg[3]};

	*end = syscall(SYS_STEP, at, number, args);
	steps++;
	way = (int)args[0];
	return args[6];
}
#define STEP(at, end, number, ...) \
	step(at, end, number, (const long[4]){__VA_ARGS__})

static void
wait_for_step(int nr)
{
	syscall(SYS_STEP, 0, nr, NULL);
}

/* --- What the parent sleeps for --------------------------------------------------- */

static int
wait4_wakes(int at)
{
	pid_t pid = fork_checked();
	int end, status;

	if (!pid) {
		wait_for_step(steps);
		_exit(0);
	}
	CHECK_EQ(STEP(at, &end, SYS_wait4, -1, (long)&status), pid);
	CHECK_EQ(status, 0);
	return end;
}

/* The child is a copy of the parent: it comes out of the same call. */
static int
vfork_wakes(int at)
{
	int end, nr = steps;
	long pid = STEP(at, &end, SYS_clone, 0x4000 | SIGCHLD);

	if (getpid() != parent) {
		wait_for_step(nr);
		_exit(0);
	}
	check_child((pid_t)pid);
	return end;
}

static int
futex_wakes(int at)
{
	int end;
	long result =
		STEP(at, &end, SYS_futex, (long)&shared->word, FUTEX_WAIT, 0);

	CHECK(result == 0 || result == -EAGAIN);
	CHECK_EQ(shared->word, 1);
	shared->word = 0;
	return end;
}

static int
pause_wakes(int at)
{
	int end;

	CHECK_EQ(STEP(at, &end, SYS_pause, 0), INTR);
	return end;
}

static int
nanosleep_wakes(int at)
{
	struct timespec left;
	int end;

	CHECK_EQ(STEP(at, &end, SYS_nanosleep, (long)&hour, (long)&left),
		 INTR_BLOCK);
	return end;
}

static int
sigsuspend_wakes(int at)
{
	int end;

	sigprocmask(SIG_BLOCK, (sigset_t *)&usr1, NULL);
	CHECK_EQ(STEP(at, &end, SYS_rt_sigsuspend, (long)&no_signal, 8), INTR);
	sigprocmask(SIG_UNBLOCK, (sigset_t *)&usr1, NULL);
	return end;
}

static int
sigtimedwait_wakes(int at)
{
	int end;

	sigprocmask(SIG_BLOCK, (sigset_t *)&usr1, NULL);
	CHECK_EQ(STEP(at, &end, SYS_rt_sigtimedwait, (long)&usr1, 0,
		      (long)&hour, 8),
		 SIGUSR1);
	sigprocmask(SIG_UNBLOCK, (sigset_t *)&usr1, NULL);
	return end;
}

/* --- Everywhere -------------------------------------------------------------------- */

static void
try_everywhere(const char *name, int (*wakes)(int at))
{
	int end = wakes(NEVER), at = way > LAST ? way - LAST : 1;

	CHECK_EQ(end, PASSED);
	do
		end = wakes(at++);
	while (end == WOKEN);
	if (end != PASSED)
		FAIL("%s: no wakeup after instruction %d (%d)", name, at, end);
	if (at < 50)
		FAIL("%s: only %d instructions", name, at);
}

static void
futex_wake(void)
{
	shared->word = 1;
	syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void
send_signal(void)
{
	kill(parent, SIGUSR1);
}

/* One child for all of them, which wakes at each step. */
static void
try_with(void (*wake)(void), const char *name, int (*wakes)(int at))
{
	pid_t pid = fork_checked();
	int end;

	if (!pid) {
		for (;;) {
			wait_for_step(steps++);
			if (shared->over)
				_exit(0);
			wake();
		}
	}
	try_everywhere(name, wakes);
	shared->over = 1;
	STEP(1, &end, SYS_getpid, 0);
	check_child(pid);
	shared->over = 0;
}

static void
note(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
}

int
main(void)
{
	int end;

	STEP(1, &end, SYS_getpid, 0);
	if (end < 0)
		return 0; /* not the test, or another kernel */
	parent = getpid();
	shared = (void *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	handle(SIGUSR1, note, 0);
	try_everywhere("wait4", wait4_wakes);
	try_everywhere("vfork", vfork_wakes);
	try_with(futex_wake, "futex", futex_wakes);
	try_with(send_signal, "pause", pause_wakes);
	try_with(send_signal, "nanosleep", nanosleep_wakes);
	try_with(send_signal, "sigsuspend", sigsuspend_wakes);
	try_with(send_signal, "sigtimedwait", sigtimedwait_wakes);
	return 0;
}
