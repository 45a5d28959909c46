/* sigreturn_fpu.c - a program forges what sigreturn loads into the FPU, twice in
 * a row: what the first image claims of this CPU is not believed by the second. */
#include <ucontext.h>
#include "utest.h"

#define MXCSR      24 /* in fxsave's image, which lies behind the old one */
#define MXCSR_MASK 28
#define FXSAVE     112
#define SIZE       624

struct frame { /* as the kernel makes it */
	unsigned int restorer, signal, info_at, context_at;
	siginfo_t info;
	ucontext_t context;
};

static struct frame frames[2];
static unsigned char images[2][SIZE] __attribute__((aligned(16)));
static char stack[65536];

static void
keep(int signal, siginfo_t *info, void *context)
{
	ucontext_t *from = context;

	(void)signal;
	(void)info;
	for (int i = 0; i < 2; i++) {
		/* the kernel's own is shorter than the C library's */
		memcpy(&frames[i].context, from, 116);
		memcpy(images[i], from->uc_mcontext.fpregs, SIZE);
		frames[i].context.uc_mcontext.fpregs = (void *)images[i];
		frames[i].context.uc_mcontext.gregs[REG_ESP] =
			(int)(stack + sizeof(stack) - 64);
	}
}

static void __attribute__((noreturn)) go(struct frame *frame)
{
	__asm__ volatile("mov %0, %%esp; int $0x80" ::"r"((char *)frame +
							  sizeof(int)),
			 "a"(SYS_rt_sigreturn));
	__builtin_unreachable();
}

static void
second(void)
{
	go(&frames[1]);
}

static void
end(void)
{
	unsigned int mxcsr;

	if (!__builtin_cpu_supports("sse"))
		_exit(0); /* there is none to be wrong */
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	_exit(mxcsr >> 16 ? 1 : 0);
}

static void
word(int image, unsigned int at, unsigned int value)
{
	memcpy(&images[image][FXSAVE + at], &value, sizeof(value));
}

int
main(void)
{
	int status;
	pid_t pid;

	handle(SIGUSR1, keep, 0);
	raise(SIGUSR1);
	frames[0].context.uc_mcontext.gregs[REG_EIP] = (int)second;
	frames[1].context.uc_mcontext.gregs[REG_EIP] = (int)end;
	word(0, MXCSR_MASK, ~0u);
	word(1, MXCSR, 0xFFFF1F80);
	word(1, MXCSR_MASK, ~0u);
	pid = fork_checked();
	if (!pid)
		go(&frames[0]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(status == 0 ||
	      (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));

	/* Whatever the registers would be: an exception of his own, or none. */
	for (unsigned int byte = 0; byte < 256; byte += 85) {
		memset(images[1], (int)byte, SIZE);
		pid = fork_checked();
		if (!pid)
			go(&frames[1]);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(status == 0 || WIFSIGNALED(status));
	}
	frames[1].context.uc_mcontext.fpregs = (void *)(images[1] + 1);
	CHECK_EQ(fork_checked() ? (wait(&status), 0) : (go(&frames[1]), 0), 0);
	CHECK(status == 0 || WIFSIGNALED(status));
	return 0;
}
