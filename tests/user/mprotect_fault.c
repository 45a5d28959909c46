/* mprotect_fault.c - what is not allowed faults, with the right address and
 * reason; and what is allowed again works, with its old contents. */
#include <setjmp.h>
#include "utest.h"

static sigjmp_buf back;
static void *volatile fault_address;
static volatile int fault_code;

static void
on_fault(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	fault_address = info->si_addr;
	fault_code = info->si_code;
	siglongjmp(back, 1);
}

/* => the reason why reading or writing this byte faults; 0: it does not */
static int
try(volatile char *p, int write)
{
	if (sigsetjmp(back, 1))
		return fault_address == p ? fault_code : -1;
	if (write)
		*p = 'y';
	else
		(void)*p;
	return 0;
}

int
main(void)
{
	char *p = MAP_ANY(4 * PAGE, READ_WRITE, MAP_PRIVATE);

	handle(SIGSEGV, on_fault, 0);
	memset(p, 'x', 4 * PAGE);
	CHECK_EQ(mprotect(p + PAGE, PAGE, PROT_READ), 0);
	CHECK_EQ(try(p + PAGE + 5, 0), 0);
	CHECK_EQ(try(p + PAGE + 5, 1), SEGV_ACCERR);
	CHECK_EQ(try(p + PAGE - 1, 1), 0);
	CHECK_EQ(try(p + 2 * PAGE, 1), 0);
	CHECK_EQ(mprotect(p + PAGE, 2 * PAGE, PROT_NONE), 0);
	CHECK_EQ(try(p + 2 * PAGE, 0), SEGV_ACCERR);
	CHECK_EQ(try(p + 2 * PAGE - 1, 1), SEGV_ACCERR);
	CHECK_EQ(mprotect(p, 4 * PAGE, READ_WRITE), 0);
	CHECK_EQ(p[PAGE + 5], 'x');
	CHECK_EQ(p[2 * PAGE], 'y');
	CHECK_EQ(try(p + PAGE + 5, 1), 0);

	/* Rights before there is a page. */
	CHECK_EQ(munmap(p + 2 * PAGE, PAGE), 0);
	CHECK_EQ(try(p + 2 * PAGE, 0), SEGV_MAPERR);
	CHECK_ERROR(mprotect(p, 4 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERROR(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
	CHECK_EQ(mprotect(p, 0, PROT_READ), 0);
	CHECK_ERROR(mprotect(p, 0xfffff000, PROT_READ), ENOMEM);

	/* Text cannot be written to, nor can the kernel be made to do it. */
	CHECK(try((char *)(unsigned long)main, 1) > 0);
	CHECK_EQ(open("/dev/zero", O_RDONLY), 3);
	CHECK_ERROR(read(3, (void *)(unsigned long)main, 16), EFAULT);
	return 0;
}
