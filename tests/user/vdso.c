/* vdso.c - is the page that all programs share there, right, and read-only? */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include "utest.h"

#define ROUNDS 2000
#define NS     1000000000ll

typedef int clock_fn(clockid_t, struct timespec *);

static const char *image;
static sigjmp_buf back;
static volatile sig_atomic_t came;

/* A function of the image by its name, as the C library finds it. */
static void *
find(const char *name)
{
	const Elf32_Ehdr *header = (const void *)image;
	const Elf32_Phdr *ph = (const void *)(image + header->e_phoff);
	const Elf32_Dyn *d = NULL;
	const Elf32_Sym *symbols = NULL;
	const char *strings = NULL;
	const Elf32_Word *hash = NULL;

	for (int i = 0; i < header->e_phnum; i++)
		if (ph[i].p_type == PT_DYNAMIC)
			d = (const void *)(image + ph[i].p_vaddr);
	for (; d && d->d_tag != DT_NULL; d++) {
		const char *at = image + d->d_un.d_ptr;

		if (d->d_tag == DT_SYMTAB)
			symbols = (const void *)at;
		if (d->d_tag == DT_STRTAB)
			strings = at;
		if (d->d_tag == DT_HASH)
			hash = (const void *)at;
	}
	for (Elf32_Word i = 0; symbols && strings && hash && i < hash[1]; i++)
		if (!strcmp(strings + symbols[i].st_name, name))
			return (void *)(image + symbols[i].st_value);
	return NULL;
}

static long long
ns_of(struct timespec t)
{
	return t.tv_sec * NS + t.tv_nsec;
}

/* Between two system calls' answers, each time, and never back. */
static void
check_clock(clock_fn *get, clockid_t clock)
{
	struct timespec before, inside, after;
	long long last = 0;

	for (int i = 0; i < ROUNDS; i++) {
		syscall(SYS_clock_gettime, clock, &before);
		CHECK(get(clock, &inside) == 0);
		syscall(SYS_clock_gettime, clock, &after);
		if (ns_of(inside) < ns_of(before) ||
		    ns_of(after) < ns_of(inside) || ns_of(inside) < last) {
			CHECK(!"in order");
			return;
		}
		last = ns_of(inside);
	}
}

static void
caught(int sig, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	came = sig;
	siglongjmp(back, 1);
}

static void
noted(int sig)
{
	came = sig;
}

/* Through __kernel_vsyscall; six arguments. */
static long
vsyscall6(long nr, long a, long b, long c, long d, long e, long f)
{
	long args[] = {nr, a, b, c, d, e, f, getauxval(AT_SYSINFO)};
	long result;

	__asm__ volatile("push %%ebp; push %%ebx; push %%esi; push %%edi\n\t"
			 "mov %1, %%eax\n\t"
			 "mov 4(%%eax), %%ebx; mov 8(%%eax), %%ecx\n\t"
			 "mov 12(%%eax), %%edx; mov 16(%%eax), %%esi\n\t"
			 "mov 20(%%eax), %%edi; mov 24(%%eax), %%ebp\n\t"
			 "pushl 28(%%eax); mov (%%eax), %%eax\n\t"
			 "call *(%%esp); add $4, %%esp\n\t"
			 "pop %%edi; pop %%esi; pop %%ebx; pop %%ebp"
			 : "=a"(result)
			 : "S"(args)
			 : "ecx", "edx", "memory");
	return result;
}

static void
check_calls(void)
{
	struct sigaction action = {.sa_handler = noted};
	struct timespec t = {10, 0};
	char *p;

	CHECK(vsyscall6(SYS_getpid, 0, 0, 0, 0, 0, 0) == getpid());
	p = (char *)vsyscall6(SYS_mmap2, 0, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED && *p == 0);
	/* The sixth argument is seen: an offset that makes no sense. */
	CHECK(vsyscall6(SYS_mmap2, 0, 4096, PROT_READ, MAP_PRIVATE, 0,
			0x80000000) < 0);
	CHECK(vsyscall6(9999, 0, 0, 0, 0, 0, 0) == -ENOSYS);
	/* A signal in the middle: with SA_RESTART the rest is slept. */
	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 0);
	CHECK(vsyscall6(SYS_nanosleep, (long)&t, 0, 0, 0, 0, 0) == -EINTR);
	CHECK(came == SIGALRM);
}

static volatile unsigned int steps, last_step;

static void
stepped(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	unsigned int ip = (unsigned int)uc->uc_mcontext.gregs[REG_EIP];

	(void)sig;
	(void)info;
	if (ip >= (unsigned int)image) {
		steps++;
		last_step = ip;
	}
}

/* A program that single-steps itself through the page goes on stepping. */
static void
check_steps(void)
{
	struct sigaction action = {.sa_sigaction = stepped,
				   .sa_flags = SA_SIGINFO};
	unsigned long call = getauxval(AT_SYSINFO);
	long result = SYS_getpid;

	sigaction(SIGTRAP, &action, NULL);
	__asm__ volatile("pushf; orl $0x100, (%%esp); popf\n\t"
			 "call *%1\n\t"
			 "pushf; andl $~0x100, (%%esp); popf"
			 : "+a"(result)
			 : "r"(call)
			 : "memory", "cc");
	CHECK(result == getpid());
	CHECK(steps >= 3);
	CHECK(last_step == call + 8); /* its ret */
}

/* sysenter with a stack that is not there: EFAULT, or a signal; not a crash. */
static void
check_bad_stack(unsigned long stack)
{
	struct sigaction action = {.sa_sigaction = caught,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK};
	static char other[16384];
	stack_t alt = {.ss_sp = other, .ss_size = sizeof(other)};

	sigaltstack(&alt, NULL);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	came = 0;
	if (!sigsetjmp(back, 1)) {
		__asm__ volatile("mov %0, %%ebp; mov %1, %%eax; sysenter" ::"r"(
					 stack),
				 "i"(SYS_getpid)
				 : "eax", "memory");
	}
	CHECK(came == SIGSEGV || came == SIGILL);
}

int
main(void)
{
	struct sigaction action = {.sa_sigaction = caught,
				   .sa_flags = SA_SIGINFO};
	clock_fn *get;
	const Elf32_Ehdr *header;
	struct timeval tv;

	image = (const char *)getauxval(AT_SYSINFO_EHDR);
	header = (const void *)image;
	if (image != (char *)0xFFFFE000)
		return 0; /* a PC's Linux, where it lies somewhere else */
	CHECK(memcmp(image, ELFMAG, SELFMAG) == 0 && header->e_type == ET_DYN);
	get = find("__vdso_clock_gettime");
	CHECK(get && find("__vdso_gettimeofday") && find("__vdso_time") &&
	      find("__vdso_clock_gettime64"));
	CHECK((unsigned long)find("__kernel_vsyscall") ==
	      getauxval(AT_SYSINFO));
	check_clock(get, CLOCK_MONOTONIC);
	check_clock(get, CLOCK_REALTIME);
	check_clock(get, CLOCK_BOOTTIME);
	CHECK(get(99, NULL) == -EINVAL);
	CHECK(gettimeofday(&tv, NULL) == 0 && tv.tv_sec - time(NULL) <= 1);

	sigaction(SIGSEGV, &action, NULL);
	if (!sigsetjmp(back, 1))
		*(volatile char *)image = 0;
	CHECK(came == SIGSEGV);
	if (!sigsetjmp(back, 1))
		*(volatile char *)(image + 0xF80) = 0;
	CHECK(mprotect((void *)image, 4096, PROT_READ | PROT_WRITE) == -1 &&
	      errno == ENOMEM);

	check_calls();
	check_steps();
	check_bad_stack(0);
	check_bad_stack(0x10);
	check_bad_stack(0xBFFFFFFE);
	check_bad_stack(0xC0100000);
	check_bad_stack(0xFFFFFFFC);
	return 0;
}
