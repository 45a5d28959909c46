/* priority.c - nice values are kept and inherited; the one policy there is. */
#include <sys/resource.h>
#include "utest.h"

int
main(void)
{
	struct sched_param param = {7};
	pid_t pid;

	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
	CHECK_EQ(nice(3), 8);
	pid = fork_checked();
	if (pid == 0) {
		CHECK_EQ(getpriority(PRIO_PROCESS, getpid()), 8);
		CHECK_EQ(setpgid(0, 0), 0);
		CHECK_EQ(setpriority(PRIO_PGRP, 0, 100), 0);
		CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
		CHECK_EQ(nice(-100), -20);
		errno = 0;
		CHECK_EQ(getpriority(PRIO_PROCESS, getppid()), 8);
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 8);
	CHECK_ERROR(getpriority(PRIO_PROCESS, 999999), ESRCH);
	CHECK_ERROR(getpriority(9, 0), EINVAL);
	CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
	CHECK_EQ(sched_getparam(0, &param), 0);
	CHECK_EQ(param.sched_priority, 0);
	CHECK_EQ(sched_setscheduler(0, SCHED_OTHER, &param), 0);
	CHECK_ERROR(sched_getscheduler(999999), ESRCH);
	CHECK_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	CHECK_EQ(sched_get_priority_min(SCHED_RR), 1);
	CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	CHECK_ERROR(sched_get_priority_max(99), EINVAL);
	CHECK(sched_getcpu() >= 0);
	return 0;
}
