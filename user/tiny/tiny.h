/* tiny.h - what a program without a library needs: system calls, print().
 *
 *	static int
 *	run(int argc, char **argv, char **envp)
 *	{
 *		print("hello\n");
 *		return 0;
 *	}
 *
 * The kernel starts a program with argc, the arguments and the environment on
 * its stack, and nothing in the registers.
 */
#ifndef TINY_H
#define TINY_H

enum {
	SYS_exit = 1,
	SYS_fork = 2,
	SYS_write = 4,
	SYS_waitpid = 7,
	SYS_execve = 11,
	SYS_nanosleep = 162,
	ENOEXEC = 8,
};

static int run(int argc, char **argv, char **envp);

static inline long
call3(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return result;
}

static inline void
print(const char *text)
{
	long n = 0;

	while (text[n])
		n++;
	call3(SYS_write, 1, (long)text, n);
}

/*  esp -> | argc | argv[0] ... | NULL | envp[0] ... | NULL | auxv ... */
__asm__(".globl _start\n"
	"_start:\tmov %esp, %eax\n"
	"\tand $-16, %esp\n"
	"\tsub $12, %esp\n"
	"\tpush %eax\n"
	"\tcall tiny_start\n");

void tiny_start(long *stack);

__attribute__((noreturn, used)) void
tiny_start(long *stack)
{
	int argc = stack[0];
	char **argv = (char **)(stack + 1);

	for (;;)
		call3(SYS_exit, run(argc, argv, argv + argc + 1), 0, 0);
}

#endif
