/* futex_two.c - calls about two words: some who wait for one wait for another
 * from now on; one is woken, and another if a third thing is so. */
#include <linux/futex.h>
#include "utest.h"

#define MANY     1000
#define WAITERS  8
#define BAD_WORD ((volatile int *)0x10000)

/* Shared words, how many woke up, and is the next about to sleep? */
static volatile int *a, *b, *turn, *ready;
static pid_t waiters[WAITERS];

static long
futex(volatile int *word, int op, int value, int value2, volatile int *word2,
      unsigned int value3)
{
	return syscall(SYS_futex, word, op, value, value2, word2, value3);
}

static long
wake(volatile int *word, int nr)
{
	return futex(word, FUTEX_WAKE, nr, 0, NULL, 0);
}

/* Until this one, which is about to, sleeps. */
static void
sleeps(pid_t pid)
{
	char path[40], text[512] = "";
	int fd;

	sprintf(path, "/proc/%d/status", pid);
	while (!strstr(text, "State:\tS")) {
		sleep_ms(1);
		fd = open(path, O_RDONLY);
		CHECK(fd >= 0);
		CHECK(read(fd, text, sizeof(text) - 1) > 0);
		close(fd);
	}
}

/* Children that wait for the word; number i wakes up with an even turn. */
static void
start(int first, int nr, volatile int *word)
{
	for (int i = first; i < first + nr; i++) {
		*ready = 0;
		waiters[i] = fork_checked();
		if (!waiters[i]) {
			*ready = 1;
			CHECK_EQ(futex(word, FUTEX_WAIT, *word, 0, NULL, 0), 0);
			_exit(__sync_fetch_and_add(turn, 1));
		}
		while (!*ready)
			sched_yield();
		sleeps(waiters[i]); /* in this order */
	}
}

/* This one ended as the n-th since `turn` was 0. */
static void
check_turn(int i, int n)
{
	int status;

	CHECK_EQ(waitpid(waiters[i], &status, 0), waiters[i]);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), n);
}

static void
check_requeue(void)
{
	*turn = 0;
	start(0, 5, a);
	start(5, 1, b);
	CHECK_ERROR(futex(a, FUTEX_CMP_REQUEUE, 1, MANY, b, *a + 1), EAGAIN);
	CHECK_EQ(futex(a, FUTEX_CMP_REQUEUE, 1, 2, b, *a), 3);
	check_turn(0, 0);
	CHECK_EQ(wake(b, 1), 1); /* it waited before the others came */
	check_turn(5, 1);
	CHECK_EQ(wake(a, 1), 1);
	check_turn(3, 2);
	CHECK_EQ(wake(b, 1), 1);
	check_turn(1, 3);
	CHECK_EQ(futex(b, FUTEX_REQUEUE, 0, MANY, b, 0), 1); /* where it is */
	CHECK_EQ(futex(a, FUTEX_REQUEUE, 0, MANY, b, 0), 1);
	CHECK_EQ(wake(a, MANY), 0);
	CHECK_EQ(wake(b, 1), 1);
	check_turn(2, 4);
	CHECK_EQ(wake(b, MANY), 1);
	check_turn(4, 5);
	CHECK_EQ(futex(a, FUTEX_REQUEUE, 1, MANY, b, 0), 0);
	CHECK_ERROR(futex(a, FUTEX_REQUEUE, -1, 1, b, 0), EINVAL);
	CHECK_ERROR(futex(a, FUTEX_REQUEUE, 1, -1, b, 0), EINVAL);
}

/* A killed one is in no queue any more, wherever it went. */
static void
check_killed(void)
{
	int status;

	start(0, 2, a);
	CHECK_EQ(futex(a, FUTEX_REQUEUE, 0, MANY, b, 0), 2);
	kill(waiters[0], SIGKILL);
	CHECK_EQ(waitpid(waiters[0], &status, 0), waiters[0]);
	*turn = 0;
	CHECK_EQ(wake(b, MANY), 1);
	check_turn(1, 0);
}

static int
operate(int op, int old, int number)
{
	return op == FUTEX_OP_SET    ? number
	       : op == FUTEX_OP_ADD  ? old + number
	       : op == FUTEX_OP_OR   ? old | number
	       : op == FUTEX_OP_ANDN ? old & ~number
				     : old ^ number;
}

static int
holds(int how, int old, int other)
{
	return how == FUTEX_OP_CMP_EQ   ? old == other
	       : how == FUTEX_OP_CMP_NE ? old != other
	       : how == FUTEX_OP_CMP_LT ? old < other
	       : how == FUTEX_OP_CMP_LE ? old <= other
	       : how == FUTEX_OP_CMP_GT ? old > other
					: old >= other;
}

static void
check_operations(void)
{
	static const int numbers[] = {0, 1, -1, 5, 2047, -2048};

	for (int i = 0; i < 6; i++)
		for (int op = 0; op < 5; op++) {
			*b = 100 - 37 * i;
			CHECK_EQ(futex(a, FUTEX_WAKE_OP, 1, 1, b,
				       FUTEX_OP(op, numbers[i], FUTEX_OP_CMP_EQ,
						0)),
				 0);
			CHECK_EQ(*b, operate(op, 100 - 37 * i, numbers[i]));
			*b = 100;
			CHECK_EQ(futex(a, FUTEX_WAKE_OP, 1, 1, b,
				       FUTEX_OP((op | FUTEX_OP_OPARG_SHIFT),
						numbers[i] & 31, 0, 0)),
				 0);
			CHECK_EQ(*b, operate(op, 100,
					     (int)(1u << (numbers[i] & 31))));
		}
	*b = 7;
	CHECK_ERROR(futex(a, FUTEX_WAKE_OP, 1, 1, b, FUTEX_OP(5, 1, 0, 0)),
		    ENOSYS);
	CHECK_EQ(*b, 7);
	CHECK_ERROR(futex(a, FUTEX_WAKE_OP, 1, 1, b, FUTEX_OP(1, 1, 6, 0)),
		    ENOSYS);
	CHECK_EQ(*b, 8); /* that was done */
}

static void
check_wake_op(void)
{
	static const int olds[] = {-5, 3, 4};

	for (int i = 0; i < 3; i++)
		for (int how = 0; how < 6; how++) {
			int both = holds(how, olds[i], 3);

			*b = olds[i];
			*turn = 0;
			start(0, 1, a);
			start(1, 1, b);
			CHECK_EQ(futex(a, FUTEX_WAKE_OP, 1, 1, b,
				       FUTEX_OP(FUTEX_OP_ADD, 1, how, 3)),
				 1 + both);
			CHECK_EQ(*b, olds[i] + 1);
			CHECK_EQ(wake(b, 1), !both);
			for (int n = 0; n < 2; n++)
				CHECK(wait(NULL) > 0);
		}
}

static void
check_words(void)
{
	volatile int *once = (int *)MAP_ANY(PAGE, READ_WRITE, MAP_PRIVATE);
	volatile int *fixed = (int *)MAP_ANY(PAGE, PROT_READ, MAP_PRIVATE);
	volatile int *odd = (void *)((char *)a + 2);
	pid_t pid;

	CHECK_ERROR(wake(BAD_WORD, 1), EFAULT);
	CHECK_EQ(futex(BAD_WORD, FUTEX_WAKE_PRIVATE, 1, 0, NULL, 0), 0);
	if (on_memoir()) /* a 64-bit Linux has user space there */
		CHECK_ERROR(futex((void *)0xC0100000, FUTEX_WAKE_PRIVATE, 1, 0,
				  NULL, 0),
			    EFAULT);
	CHECK_ERROR(wake(fixed, 1), EFAULT); /* it will never change */
	for (int op = FUTEX_REQUEUE; op <= FUTEX_WAKE_OP; op++) {
		CHECK_ERROR(futex(odd, op, 1, 1, b, *b), EINVAL);
		CHECK_ERROR(futex(a, op, 1, 1, odd, *a), EINVAL);
		CHECK_ERROR(futex(BAD_WORD, op, 1, 1, b, 0), EFAULT);
		CHECK_ERROR(futex(a, op, 1, 1, BAD_WORD, *a), EFAULT);
	}
	CHECK_ERROR(futex(BAD_WORD, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, b, 0),
		    EFAULT);
	CHECK_ERROR(futex(a, FUTEX_WAKE_OP, 1, 1, fixed, 0), EFAULT);
	CHECK_EQ(futex(a, FUTEX_WAKE_OP, 1, 1, once,
		       FUTEX_OP(FUTEX_OP_SET, 9, 0, 0)),
		 0); /* nothing was there yet */
	CHECK_EQ(*once, 9);
	pid = fork_checked();
	if (!pid) {
		CHECK_EQ(futex(a, FUTEX_WAKE_OP, 1, 1, once,
			       FUTEX_OP(FUTEX_OP_ADD, 1, 0, 0)),
			 0);
		CHECK_EQ(*once, 10);
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(*once, 9); /* a page of its own */
	CHECK_ERROR(futex(a, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, *a, 0, NULL, 0),
		    ENOSYS);
	CHECK_ERROR(futex(a, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, 0, NULL, 0),
		    ENOSYS);
}

/* Said to be private, it is another word than the same one for everybody. */
static void
check_private(void)
{
	*turn = 0;
	start(0, 1, a);
	CHECK_EQ(futex(a, FUTEX_WAKE_PRIVATE, MANY, 0, NULL, 0), 0);
	CHECK_EQ(wake(a, 0), 1); /* none: one, as on Linux */
	check_turn(0, 0);
}

int
main(void)
{
	a = (int *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	b = a + 100;
	turn = a + 200;
	ready = a + 300;
	check_requeue();
	check_killed();
	check_operations();
	check_wake_op();
	check_words();
	check_private();
	return 0;
}
