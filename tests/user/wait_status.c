/* wait_status.c - how a child ended, for which children one can wait. */
#include "utest.h"

static pid_t
child(int code)
{
	pid_t pid = fork_checked();

	if (pid == 0)
		_exit(code);
	return pid;
}

static void
check_info(const siginfo_t *info, pid_t pid, int code, int status)
{
	CHECK_EQ(info->si_signo, SIGCHLD);
	CHECK_EQ(info->si_code, code);
	CHECK_EQ(info->si_pid, pid);
	CHECK_EQ(info->si_status, status);
}

/* The same with more words: what, of whom, and to look only. */
static void
check_waitid(void)
{
	siginfo_t info;
	pid_t pid = child(7);

	CHECK_EQ(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	check_info(&info, pid, CLD_EXITED, 7);
	CHECK_EQ(waitid(P_PGID, getpgrp(), &info, WEXITED), 0);
	check_info(&info, pid, CLD_EXITED, 7);
	CHECK_ERROR(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
	CHECK_ERROR(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
	CHECK_ERROR(waitid(P_PID, 0, &info, WEXITED), EINVAL);
	CHECK_ERROR(waitid(7, 0, &info, WEXITED), EINVAL);

	pid = fork_checked();
	if (pid == 0)
		for (;;)
			pause();
	CHECK_EQ(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), 0);
	CHECK_EQ(info.si_pid, 0);
	CHECK_EQ(kill(pid, SIGSTOP), 0);
	CHECK_EQ(waitid(P_ALL, 0, &info, WSTOPPED), 0);
	check_info(&info, pid, CLD_STOPPED, SIGSTOP);
	CHECK_EQ(kill(pid, SIGCONT), 0);
	CHECK_EQ(waitid(P_ALL, 0, &info, WCONTINUED | WNOWAIT), 0);
	CHECK_EQ(waitid(P_ALL, 0, &info, WCONTINUED), 0);
	check_info(&info, pid, CLD_CONTINUED, SIGCONT);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitid(P_PID, pid, NULL, WEXITED | WNOWAIT), 0);
	CHECK_EQ(waitid(P_PID, pid, &info, WEXITED), 0);
	check_info(&info, pid, CLD_KILLED, SIGKILL);
}

/* It has stopped, and nobody has asked; then it ends: that is what is said. */
static void
check_stopped_and_killed(void)
{
	pid_t pid = fork_checked();
	siginfo_t info;
	int status;

	if (pid == 0)
		for (;;)
			pause();
	CHECK_EQ(kill(pid, SIGSTOP), 0);
	CHECK_EQ(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT), 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int hup_pipe[2];

static void
tell_hup(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	if (write(hup_pipe[1], &signal, sizeof(signal)) < 0)
		_exit(2);
	_exit(0);
}

/* A child in a group of its own stops, and its parent ends, who alone could have
 * let it go on. */
static void
check_orphaned_group(void)
{
	pid_t parent, pid;
	int status, signal = 0;

	CHECK_EQ(pipe(hup_pipe), 0);
	parent = fork_checked();
	if (parent == 0) {
		pid = fork_checked();
		if (pid == 0) {
			CHECK_EQ(setpgid(0, 0), 0);
			handle(SIGHUP, tell_hup, 0);
			pid = getpid();
			CHECK(write(hup_pipe[1], &pid, sizeof(pid)) > 0);
			raise(SIGSTOP);
			sleep_ms(2000);
			_exit(0);
		}
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		_exit(0);
	}
	check_child(parent);
	CHECK_EQ(read(hup_pipe[0], &pid, sizeof(pid)), sizeof(pid));
	fcntl(hup_pipe[0], F_SETFL, O_NONBLOCK);
	for (int ms = 0; ms < 2000 && signal != SIGHUP; ms += 10) {
		sleep_ms(10);
		if (read(hup_pipe[0], &signal, sizeof(signal)) < 0)
			CHECK_EQ(errno, EAGAIN);
	}
	kill(pid, SIGKILL); /* it may be stopped still */
	CHECK_EQ(signal, SIGHUP);
	close(hup_pipe[1]);
	close(hup_pipe[0]);
}

int
main(void)
{
	volatile int zero = 0, big = 100;
	int status, ends[2];
	pid_t pid, other;
	char byte;

	CHECK_ERROR(waitpid(-1, &status, 0), ECHILD);
	pid = child(0x142);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0x4200);
	CHECK_ERROR(waitpid(pid, &status, 0), ECHILD);
	CHECK_ERROR(waitpid(1, &status, 0), ECHILD);
	CHECK_ERROR(waitpid(0x80000000, &status, 0), ESRCH);
	check_waitid();
	check_stopped_and_killed();
	check_orphaned_group();

	CHECK_SIGNAL(SIGKILL, kill(getpid(), SIGKILL));
	CHECK_SIGNAL(SIGTERM, raise(SIGTERM));
	CHECK_SIGNAL(SIGABRT, abort());
	CHECK_SIGNAL(SIGFPE, zero = big / zero);
	CHECK_SIGNAL(SIGILL, __asm__ volatile("ud2"));
	CHECK_SIGNAL(SIGTRAP, __asm__ volatile("int3"));
	CHECK_SIGNAL(SIGSEGV, __asm__ volatile("hlt"));
	CHECK_SIGNAL(SIGSEGV, __asm__ volatile("cli"));
	CHECK_SIGNAL(SIGSEGV, __asm__ volatile("int $0x20"));
	CHECK_SIGNAL(SIGSEGV, __asm__ volatile("mov %%eax, %%cr3" ::"a"(0)));
	CHECK_SIGNAL(SIGSEGV, (void)*(volatile int *)0);
	CHECK_SIGNAL(SIGSEGV, ((void (*)(void))0)());

	/* Not yet; then any of two; then the other one by name. */
	CHECK_EQ(pipe(ends), 0);
	pid = fork_checked();
	if (pid == 0) {
		close(ends[1]);
		CHECK_EQ(read(ends[0], &byte, 1), 0);
		_exit(3);
	}
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_ERROR(waitpid(pid, &status, WNOHANG | 4), EINVAL);
	CHECK_ERROR(waitpid(pid, &status, WNOHANG | 0x1000), EINVAL);
	other = child(4);
	CHECK_EQ(waitpid(-1, &status, 0), other);
	CHECK_EQ(WEXITSTATUS(status), 4);
	close(ends[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 3);

	/* An orphan gets a new parent. */
	CHECK_EQ(pipe(ends), 0);
	pid = fork_checked();
	if (pid == 0) {
		pid = getpid();
		if (fork_checked() == 0) {
			while (getppid() == pid)
				sleep_ms(1);
			CHECK_EQ(write(ends[1], "x", 1), 1);
		}
		_exit(0);
	}
	check_child(pid);
	close(ends[1]);
	CHECK_EQ(read(ends[0], &byte, 1), 1);

	/* Whoever ignores SIGCHLD need not wait, and cannot. */
	signal(SIGCHLD, SIG_IGN);
	pid = child(0);
	CHECK_ERROR(waitpid(pid, &status, 0), ECHILD);
	return 0;
}
