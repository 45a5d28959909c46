/* sigreturn_hostile.c - a handler forges what it returns to. The program may
 * come to harm, but gets no right that it did not have. */
#include <ucontext.h>
#include "utest.h"

#define FORGE_FPU (-1) /* beside REG_CS and so on */

static volatile int what;
static volatile unsigned int value;

static void
on_usr1(int signal, siginfo_t *info, void *context)
{
	mcontext_t *saved = &((ucontext_t *)context)->uc_mcontext;

	(void)signal;
	(void)info;
	if (what == FORGE_FPU)
		saved->fpregs = (void *)value;
	else if (what == REG_EFL)
		saved->gregs[what] |= value;
	else
		saved->gregs[what] = value;
}

static unsigned int
flags(void)
{
	unsigned int eflags;

	__asm__ volatile("pushf; pop %0" : "=r"(eflags));
	return eflags;
}

/* What becomes of a child that forges this? => its status */
static int
forge(int register_, unsigned int value_)
{
	pid_t pid = fork_checked();
	int status;

	if (pid == 0) {
		what = register_;
		value = value_;
		raise(SIGUSR1);
		if (flags() & 0x27000) /* VM, NT, IOPL */
			_exit(1);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

int
main(void)
{
	static const unsigned int selectors[] = {0x00, 0x03,   0x08,   0x10,
						 0x18, 0x20,   0x28,   0x30,
						 0x38, 0x60,   0x68,   0x70,
						 0x78, 0x80,   0x88,   0xf8,
						 0xff, 0x1000, 0xfff8, 0xffff,
						 0x0b, 0x13};
	static const int segments[] = {REG_CS, REG_SS, REG_DS,
				       REG_ES, REG_FS, REG_GS};
	static const unsigned int stack_pointers[] = {0, 1, 0xc0000000,
						      0xc0100000, 0xfffffffc};
	int status;

	handle(SIGUSR1, on_usr1, 0);
	for (unsigned int i = 0; i < sizeof(selectors) / sizeof(*selectors);
	     i++)
		for (unsigned int reg = 0; reg < 6; reg++) {
			status = forge(segments[reg], selectors[i]);
			CHECK(WIFSIGNALED(status) || status == 0);
		}
	status = forge(REG_EFL, 0xffffffffu & ~0x100u);
	CHECK(WIFSIGNALED(status) || status == 0);
	status = forge(REG_EFL, 0x3000);
	CHECK_EQ(status, 0);
	status = forge(REG_EFL, 0x100); /* TF */
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP);
	status = forge(REG_EFL,
		       0x40000); /* AC: alignment is nobody's business */
	CHECK_EQ(status, 0);
	CHECK(WIFSIGNALED(forge(REG_EIP, 0)));
	CHECK(WIFSIGNALED(forge(REG_EIP, 0xc0100000)));
	CHECK(WIFSIGNALED(forge(FORGE_FPU, 0xc0100000)));
	CHECK(WIFSIGNALED(forge(FORGE_FPU, 0x1000)));
	for (unsigned int i = 0; i < 5; i++)
		CHECK(WIFSIGNALED(forge(REG_ESP, stack_pointers[i])));

	/* Without any frame at all. */
	CHECK_SIGNAL(SIGSEGV, syscall(SYS_rt_sigreturn));
	CHECK_SIGNAL(SIGSEGV,
		     __asm__ volatile("xor %%esp, %%esp; int $0x80" ::"a"(
			     SYS_rt_sigreturn)));
	CHECK_SIGNAL(SIGSEGV, __asm__ volatile("mov $0xc0100000, %%esp; "
					       "int $0x80" ::"a"(119)));
	return 0;
}
