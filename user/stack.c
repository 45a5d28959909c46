/* stack.c - a recursion without end meets the guard below the stack.
 *
 *   first as it is: the program ends with SIGSEGV (a child tries it)
 *   then with a handler, which needs a stack of its own (sigaltstack), since
 *   there is no room for its frame on the one that is full
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;
static char *volatile lowest;
static volatile int stop; /* never; but gcc must not know */

static int __attribute__((noinline)) recurse(volatile char *above)
{
	volatile char frame[1024];

	frame[0] = *above + 1;
	if (stop)
		return 0;
	lowest = (char *)frame;
	return recurse(frame) + frame[0];
}

static void
on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	siglongjmp(back, (char *)info->si_addr < lowest + 2048 ? 1 : 2);
}

static int
with_handler(void)
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
	stack_t other = {.ss_size = 16384};
	char here;

	other.ss_sp = malloc(other.ss_size);
	action.sa_sigaction = on_fault;
	if (sigaltstack(&other, NULL) || sigaction(SIGSEGV, &action, NULL)) {
		perror("sigaltstack, sigaction");
		return 1;
	}
	switch (sigsetjmp(back, 1)) {
	case 0:
		return recurse(&here);
	case 1:
		printf("SIGSEGV below the stack, after %ld KiB: handled\n",
		       (long)(&here - lowest) / 1024 / 64 * 64);
		return 0;
	default:
		printf("SIGSEGV, but not at the stack\n");
		return 1;
	}
}

int
main(void)
{
	struct rlimit limit = {1u << 20, 1u << 20};
	int status;
	pid_t pid;

	setrlimit(RLIMIT_STACK, &limit);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(recurse("") ? 1 : 0);
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV) {
		printf("without a handler: status %#x\n", status);
		return 1;
	}
	printf("without a handler: the child ended with SIGSEGV\n");
	return with_handler();
}
