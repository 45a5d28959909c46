/* vm86.c - a program's iret asks for virtual-8086 mode. No processor lets ring 3
 * into it, but QEMU does: whatever comes from there, it is a program's. */
#include "utest.h"

#define CODE  0x10000u /* what cs 0x1000 shows there */
#define VM    0x20000u
#define IOPL3 0x3000u

/* A mov eax, fork; int 0x80 and a jmp to itself, in 16 bits. */
static const unsigned char fork_code[] = {0x66, 0xB8, 2,    0,    0,
					  0,    0xCD, 0x80, 0xEB, 0xFE};
static const unsigned char loop_code[] = {0xEB, 0xFE};
static const unsigned char trap_code[] = {0xCC, 0xEB, 0xFE};
static const unsigned char halt_code[] = {0xF4, 0xEB, 0xFE};

static void __attribute__((noreturn)) enter(unsigned int flags, unsigned int cs)
{
	/* gs fs ds es: those of a kernel, if somebody took them for one's */
	__asm__ volatile("push $0x10; push $0x10; push $0x0b; push $0x08\n\t"
			 "push $0x2000; push $0x1000\n\t"
			 "push %0; push %1; push $0\n\t"
			 "iret" ::"r"(flags),
			 "r"(cs)
			 : "memory");
	__builtin_unreachable();
}

static void
leave(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	__asm__ volatile("int $0x80" ::"a"(SYS_exit),
			 "b"(signal == SIGSEGV ? 0 : 1)); /* no TLS */
}

static void
with_code(const unsigned char *code, size_t size, unsigned int flags)
{
	char *at = map_checked((void *)CODE, 2 * PAGE, READ_WRITE | PROT_EXEC,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);

	memcpy(at, code, size);
	enter(flags, CODE >> 4);
}

/* It ends by the signal; with a handler it is told so, in its usual segments. */
static void
each_way(const unsigned char *code, size_t size, unsigned int iopl)
{
	static char stack[65536];
	stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};
	pid_t pid;

	CHECK_SIGNAL(SIGSEGV, with_code(code, size, 0x202 | VM | iopl));
	pid = fork_checked();
	if (!pid) {
		sigaltstack(&other, NULL);
		handle(SIGSEGV, leave, SA_ONSTACK);
		with_code(code, size, 0x202 | VM | iopl);
	}
	check_child(pid);
}

int
main(void)
{
	if (!on_memoir())
		return 0; /* there the flag stays as it is, and cs is odd */
	CHECK_SIGNAL(SIGSEGV, enter(0x202 | VM, 0));
	CHECK_SIGNAL(SIGSEGV, enter(0x202 | VM | IOPL3, 0));
	for (unsigned int iopl = 0; iopl <= IOPL3; iopl += IOPL3) {
		each_way(fork_code, sizeof(fork_code), iopl);
		each_way(loop_code, sizeof(loop_code), iopl);
		each_way(trap_code, sizeof(trap_code), iopl);
		each_way(halt_code, sizeof(halt_code), iopl);
	}
	CHECK_EQ(system("/bin/hello >/dev/null"), 0); /* all goes on */
	return 0;
}
