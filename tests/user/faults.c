/* faults.c - what a handler is told about what the program did: number, code,
 * address. */
#include <fenv.h>
#include <setjmp.h>
#include <ucontext.h>
#include "utest.h"

#define AT_IP ((char *)1) /* not an address: the instruction's */

static sigjmp_buf back;
static siginfo_t told;
static char *ip;

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	told = *info;
	ip = (char *)((ucontext_t *)context)->uc_mcontext.gregs[REG_EIP];
	siglongjmp(back, 1);
}

/* The statement does that. */
#define CHECK_FAULT(signal, code, address, ...)                       \
	do {                                                          \
		memset(&told, 0, sizeof(told));                       \
		if (!sigsetjmp(back, 1)) {                            \
			__VA_ARGS__;                                  \
		}                                                     \
		CHECK_EQ(told.si_signo, signal);                      \
		CHECK_EQ(told.si_code, code);                         \
		CHECK(told.si_addr ==                                 \
		      ((address) == AT_IP ? (void *)ip : (address))); \
	} while (0)

int
main(void)
{
	const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
	char *page = MAP_ANY(PAGE, PROT_READ, MAP_PRIVATE);
	char *volatile low = (char *)4;
	volatile int zero = 0, number = 5;
	volatile long double one = 1, nothing = 0;

	for (unsigned int i = 0; i < 5; i++)
		handle(signals[i], on_signal, 0);
	CHECK_FAULT(SIGSEGV, SEGV_MAPERR, low, *low = 1);
	CHECK_FAULT(SIGSEGV, SEGV_ACCERR, page + 5, *(page + 5) = 1);
	CHECK_FAULT(SIGSEGV, SEGV_MAPERR, (char *)0xC0100000,
		    number = *(volatile char *)0xC0100000);
	CHECK_FAULT(SIGSEGV, SEGV_MAPERR, (char *)16, ((void (*)(void))16)());
	CHECK_FAULT(SIGFPE, FPE_INTDIV, AT_IP, number = number / zero);
	CHECK_FAULT(SIGILL, ILL_ILLOPN, AT_IP, __asm__ volatile("ud2"));
	CHECK_FAULT(SIGTRAP, SI_KERNEL, NULL, __asm__ volatile("int3"));
	CHECK_FAULT(SIGTRAP, TRAP_TRACE, AT_IP,
		    __asm__ volatile("pushf\n\torl $0x100, (%esp)\n\t"
				     "popf\n\tnop\n\tnop"));
	CHECK_FAULT(SIGTRAP, TRAP_TRACE, AT_IP, /* the second clears TF */
		    __asm__ volatile("pushf\n\tpushf\n\torl $0x100, (%esp)\n\t"
				     "popf\n\tpopf\n\tnop"));
	CHECK_FAULT(SIGSEGV, SI_KERNEL, NULL, __asm__ volatile("hlt"));
	CHECK_FAULT(SIGSEGV, SI_KERNEL, NULL, __asm__ volatile("int $0x20"));
	CHECK_FAULT(SIGSEGV, SI_KERNEL, NULL, __asm__ volatile("int $4"));
	feenableexcept(FE_DIVBYZERO);
	CHECK_FAULT(SIGFPE, FPE_FLTDIV, AT_IP, one = one / nothing;
		    __asm__ volatile("fwait"));
	feenableexcept(FE_INVALID); /* the handler began without any */
	CHECK_FAULT(SIGFPE, FPE_FLTINV, AT_IP, one = nothing / nothing;
		    __asm__ volatile("fwait"));
	return 0;
}
