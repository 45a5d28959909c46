/* clone_vm.c - two tasks in one address space: memory, files, and the word that
 * is cleared when one of them ends. */
#include <linux/futex.h>
#include "utest.h"

static volatile int shared, cleared = 1, parent_tid, child_tid;
static int ends[2];

static int
task(void *argument)
{
	CHECK(argument == (void *)&shared);
	CHECK_EQ(child_tid, syscall(SYS_gettid));
	while (shared != 1)
		syscall(SYS_sched_yield);
	close(ends[0]);
	shared = 2;
	syscall(SYS_exit, 0);
	return 0;
}

int
main(void)
{
	char *stack = MAP_ANY(16 * PAGE, READ_WRITE, MAP_PRIVATE);
	int pid, status;

	CHECK_EQ(pipe(ends), 0);
	pid = clone(task, stack + 16 * PAGE,
		    CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_PARENT_SETTID |
			    CLONE_CHILD_SETTID | SIGCHLD,
		    (void *)&shared, &parent_tid, NULL, &child_tid);
	CHECK(pid > 0);
	CHECK_EQ(parent_tid, pid);
	shared = 1;
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK_EQ(shared, 2);
	CHECK_ERROR(close(ends[0]), EBADF); /* the other one did */

	/* Ended and waited for by futex, as threads are joined. */
	cleared = 1;
	shared = 1;
	pid = clone(task, stack + 16 * PAGE,
		    CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID |
			    SIGCHLD,
		    (void *)&shared, NULL, NULL, &child_tid);
	CHECK(pid > 0);
	while (child_tid == 0 && shared != 2)
		syscall(SYS_sched_yield);
	while ((cleared = child_tid) != 0)
		syscall(SYS_futex, &child_tid, FUTEX_WAIT, cleared, NULL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	return 0;
}
