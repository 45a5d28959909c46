/* clone_vm.c - two tasks in one address space: memory, files, and the word that
 * is cleared when one of them ends. */
#include <linux/futex.h>
#include "utest.h"

static volatile int shared, cleared = 1, parent_tid, child_tid;
static int ends[2];

static int
end(void *argument)
{
	return *(int *)argument;
}

/* One that ends with another signal, or none, has to be asked for. */
static void
check_other_signal(char *stack)
{
	int code = 5, status;
	pid_t pid;

	signal(SIGUSR1, SIG_IGN);
	for (int signal = 0; signal <= SIGUSR1; signal += SIGUSR1) {
		pid = clone(end, stack, CLONE_VM | signal, &code);
		CHECK(pid > 0);
		CHECK_ERROR(waitpid(pid, &status, 0), ECHILD);
		CHECK_EQ(waitpid(-1, &status, __WCLONE), pid);
		CHECK_EQ(status, 0x500);
	}
	pid = clone(end, stack, CLONE_VM, &code);
	CHECK_EQ(waitpid(pid, &status, __WALL), pid);
	pid = fork_checked();
	if (pid == 0)
		_exit(0);
	CHECK_ERROR(waitpid(pid, &status, __WCLONE), ECHILD);
	check_child(pid);
	CHECK_ERROR(clone(end, stack, CLONE_NEWNS | CLONE_FS, &code), EINVAL);
}

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
	check_other_signal(stack + 16 * PAGE);
	return 0;
}
