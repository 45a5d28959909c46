/* signals_wait.c - programs that stop and go on, and signals that are waited
 * for, or counted, or come with a frame of the old kind. */
#include <linux/futex.h>
#include <stddef.h>
#include <ucontext.h>
#include "utest.h"

#define REAL_TIME (SIGRTMIN + 1)

static volatile int count, number, value, children;

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	count++;
	number = signal;
	value = info->si_value.sival_int;
}

static void
on_child(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	children = info->si_code;
}

static void
plain(int signal)
{
	count++;
	number = signal;
}

/* A child stops, goes on, and is killed while it has stopped. */
static void
check_stop(void)
{
	int status;
	pid_t pid;

	handle(SIGCHLD, on_child, SA_RESTART);
	pid = fork_checked();
	if (pid == 0)
		for (;;)
			sleep_ms(1000);
	CHECK_EQ(kill(pid, SIGSTOP), 0);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK_EQ(children, CLD_STOPPED);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGTERM), 0); /* waits until it goes on ... */
	sleep_ms(20);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGCONT), 0); /* ... now */
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);

	pid = fork_checked();
	if (pid == 0) {
		raise(SIGSTOP);
		raise(SIGSTOP);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK_EQ(kill(pid, SIGCONT), 0);
	CHECK_EQ(waitpid(pid, &status, WCONTINUED | WUNTRACED), pid);
	if (WIFCONTINUED(status))
		CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	signal(SIGCHLD, SIG_DFL);
}

/* A sleep goes on where it was when the program has stopped meanwhile: it does
 * not begin anew. */
static void
check_sleep(void)
{
	pid_t pid = fork_checked();
	long start = now_ms();

	if (pid == 0) {
		struct timespec t = {1, 0};

		CHECK_EQ(nanosleep(&t, NULL), 0);
		CHECK(now_ms() - start >= 1000 && now_ms() - start < 1800);
		_exit(0);
	}
	sleep_ms(800);
	kill(pid, SIGSTOP);
	sleep_ms(20);
	kill(pid, SIGCONT);
	check_child(pid);
}

static void
check_wait(void)
{
	struct timespec none = {0, 0}, some = {0, 30000000};
	siginfo_t info;
	sigset_t set, all_but;
	pid_t pid;
	long start;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, REAL_TIME);
	CHECK_EQ(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	CHECK_ERROR(sigtimedwait(&set, &info, &none), EAGAIN);
	start = now_ms();
	CHECK_ERROR(sigtimedwait(&set, &info, &some), EAGAIN);
	CHECK(now_ms() - start >= 29);

	/* Each of these is kept, in order; SIGUSR1 only once, and first. */
	for (int i = 1; i <= 3; i++)
		CHECK_EQ(sigqueue(getpid(), REAL_TIME,
				  (union sigval){.sival_int = i}),
			 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	CHECK_EQ(sigtimedwait(&set, &info, &none), SIGUSR1);
	for (int i = 1; i <= 3; i++) {
		CHECK_EQ(sigtimedwait(&set, &info, &none), REAL_TIME);
		CHECK_EQ(info.si_value.sival_int, i);
		CHECK_EQ(info.si_code, SI_QUEUE);
		CHECK_EQ(info.si_pid, getpid());
	}
	CHECK_ERROR(sigtimedwait(&set, &info, &none), EAGAIN);

	pid = fork_checked();
	if (pid == 0) {
		sleep_ms(20);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
	CHECK_EQ(info.si_pid, pid);
	check_child(pid);

	/* Let in for one moment, with the handler's mask. */
	handle(REAL_TIME, on_signal, 0);
	sigqueue(getpid(), REAL_TIME, (union sigval){.sival_int = 77});
	CHECK_EQ(count, 0);
	sigfillset(&all_but);
	sigdelset(&all_but, REAL_TIME);
	CHECK_ERROR(sigsuspend(&all_but), EINTR);
	CHECK_EQ(count, 1);
	CHECK_EQ(value, 77);
	CHECK_EQ(sigprocmask(SIG_BLOCK, NULL, &all_but), 0);
	CHECK_EQ(sigismember(&all_but, REAL_TIME), 1);
	CHECK_EQ(sigismember(&all_but, SIGUSR2), 0);
	CHECK_EQ(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

/* Without SA_SIGINFO, and without a restorer: code on the stack. */
static void
check_old_frame(void)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void *restorer;
		unsigned long mask[2];
	} action = {.handler = plain};
	volatile double kept = 0.75;

	count = 0;
	signal(SIGUSR2, plain);
	raise(SIGUSR2);
	CHECK_EQ(count, 1);
	CHECK_EQ(number, SIGUSR2);
	CHECK_EQ(syscall(SYS_rt_sigaction, SIGUSR2, &action, NULL, 8), 0);
	raise(SIGUSR2);
	CHECK_EQ(count, 2);
	action.flags = SA_SIGINFO;
	CHECK_EQ(syscall(SYS_rt_sigaction, SIGUSR2, &action, NULL, 8), 0);
	raise(SIGUSR2);
	CHECK_EQ(count, 3);
	CHECK(kept * 4 == 3.0);
}

/* All bits of the FPU's state that a frame can have: at worst one's own death. */
static void
on_forge(int signal, siginfo_t *info, void *context)
{
	mcontext_t *saved = &((ucontext_t *)context)->uc_mcontext;

	(void)signal;
	(void)info;
	memset(saved->fpregs, 0xFF, 112);
	((unsigned short *)saved->fpregs)[55] = 0; /* fxsave's are there */
	memset((char *)saved->fpregs + 112, 0xFF, 464);
}

static void
check_fpu(void)
{
	pid_t pid = fork_checked();
	int status;

	if (pid == 0) {
		handle(SIGUSR1, on_forge, 0);
		raise(SIGUSR1);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) || status == 0);
}

/* A thread that dies with a robust lock marks it. */
static void
check_robust(void)
{
	struct lock {
		struct lock *next;
		int word;
	} *lock = (void *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	struct {
		struct lock *first;
		long offset;
		struct lock *pending;
	} head = {lock, offsetof(struct lock, word), NULL};
	pid_t pid = fork_checked();

	if (pid == 0) {
		lock->next = (struct lock *)&head;
		lock->word = getpid();
		CHECK_EQ(syscall(SYS_set_robust_list, &head, sizeof(head)), 0);
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(lock->word, FUTEX_OWNER_DIED);

	/* One that was just being locked; and a list that has no end. */
	pid = fork_checked();
	if (pid == 0) {
		lock[0].next = lock;
		lock[0].word = 0;
		lock[1].word = getpid();
		head.pending = &lock[1];
		CHECK_EQ(syscall(SYS_set_robust_list, &head, sizeof(head)), 0);
		_exit(0);
	}
	check_child(pid);
	CHECK_EQ(lock[0].word, 0);
	CHECK_EQ(lock[1].word, FUTEX_OWNER_DIED);
}

int
main(void)
{
	check_stop();
	check_sleep();
	check_wait();
	check_old_frame();
	check_fpu();
	check_robust();
	return 0;
}
