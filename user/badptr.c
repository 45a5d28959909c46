/* badptr.c - throws hostile pointers at every system call that takes one.
 *
 *   calls[] x pointers[]: each must give EFAULT, whatever else is right
 *
 *   | missing | PROT_NONE | read-only | read-write | missing |  areas of ours
 *                                              ^ straddles
 *   0 ... 64 KiB   0xbfffffff | 0xc0000000 ... 0xffffffff     not ours
 *
 * Then read and write with a buffer whose second page is missing, and with
 * lengths that wrap: EFAULT, or as many bytes as there is room for; pointers
 * that are used later: by a signal, by the end; and each page of the direct
 * map, our own among them. What is different is printed. Nothing may be
 * written to, and no descriptor be lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "badptr.h"

#define NAME "/tmp/badptr"

static struct {
	unsigned int zero, file, dir, tty, pipe, has_tty;
	int pid;
	const char *self;
	char *areas; /* missing, PROT_NONE, read-only, read-write, missing */
	volatile char *last_byte; /* below the kernel */
	unsigned int wrong, done;
} state;

static struct pointer {
	const char *name;
	unsigned int value;
	unsigned int flags; /* hostile to calls that do this: IN, OUT */
} pointers[] = {
	{"NULL", 0, IN | OUT},
	{"1", 1, IN | OUT},
	{"the first page", 0xff0, IN | OUT},
	{"the last byte below 64 KiB", 0xffff, IN | OUT},
	{"missing", 0, IN | OUT},
	{"PROT_NONE", 0, IN | OUT},
	{"read-only", 0, OUT},
	{"the program's text", 0, OUT},
	{"a page's last byte, then missing", 0, IN | OUT},
	{"the last byte below the kernel", 0xbfffffff, IN | OUT},
	{"the kernel", 0xc0000000, IN | OUT},
	{"kernel text", 0xc0100000, IN | OUT},
	{"kernel text, later", 0xc0120010, IN | OUT},
	{"kernel data", 0xc0200004, IN | OUT},
	{"the direct map", 0xc1000000, IN | OUT},
	{"the vmalloc area", 0xf8000000, IN | OUT},
	{"the fixmap", 0xffff8000, IN | OUT},
	{"the last page", 0xfffff000, IN | OUT},
	{"the last word", 0xfffffffc, IN | OUT},
	{"the last byte", 0xffffffff, IN | OUT},
};

#define NR(array) (sizeof(array) / sizeof(array[0]))

static char *
area(int page)
{
	return state.areas + page * PAGE;
}

static void
complain(const char *call, const char *with, long result)
{
	printf("badptr: %s with %s: %ld, errno %d\n", call, with, result,
	       errno);
	state.wrong++;
}

static long
translate(unsigned int arg, unsigned int pointer)
{
	static char buffer[4096];
	static unsigned int vector[3] = {0, 64, 0};
	static const unsigned long long set = 1ull << (SIGUSR2 - 1);

	switch (arg) {
	case P:
		return pointer;
	case ZERO:
		return state.zero;
	case FILE_:
		return state.file;
	case DIR_:
		return state.dir;
	case BUFFER:
		return (long)buffer;
	case PATH:
		return (long)NAME;
	case SELF:
		return (long)state.self;
	case VECTOR:
		vector[0] = pointer;
		return (long)vector;
	case LINK:
		return (long)NAME ".link";
	case TTY:
		return state.tty;
	case PIPE:
		return state.pipe;
	case PID:
		return state.pid;
	case SET:
		return (long)&set;
	case PAGE_:
		return (long)area(2);
	default:
		return arg;
	}
}

/* What some calls need; and the two bytes that are there, as no name ends, nor
 * is empty. */
static void
bring(unsigned int flags)
{
	area(4)[-1] = 'x';
	if (state.last_byte)
		*state.last_byte = 'x';
	if ((flags & CHILD) && fork() == 0)
		_exit(0);
	if (flags & SIGNAL)
		kill(state.pid, SIGUSR2);
}

static void
try(const struct call *call, const struct pointer *pointer)
{
	long args[6], result;

	if (!state.has_tty && call->args[0] == TTY)
		return;
	if (!(call->flags & pointer->flags & (IN | OUT)) ||
	    (pointer->value == 0 && (call->flags & MAY_BE_NULL)))
		return;
	for (int i = 0; i < 6; i++)
		args[i] = translate(call->args[i], pointer->value);
	lseek(state.file, 0, SEEK_SET);
	lseek(state.dir, 0, SEEK_SET);
	bring(call->flags);
	errno = 0;
	result = syscall(call->number, args[0], args[1], args[2], args[3],
			 args[4], args[5]);
	if (getpid() != state.pid)
		_exit(1); /* clone */
	state.done++;
	/* One byte that is there may be taken. */
	if (result == 1 && (pointer->value == (unsigned int)area(4) - 1 ||
			    pointer->value == 0xbfffffff))
		return;
	if (result == -1 && errno == ENOSYS) {
		if (pointer == &pointers[1])
			complain(call->name, "anything", result);
		return;
	}
	if (result != -1 ||
	    (errno != EFAULT && !(errno == EINVAL && call->flags & ALIGNED)))
		complain(call->name, pointer->name, result);
}

/* A buffer of `there` bytes and then nothing. */
static void
try_short(const char *name, int number, unsigned int fd, unsigned int there,
	  unsigned int length)
{
	char text[64];
	long result;

	snprintf(text, sizeof(text), "%u of %#x bytes there", there, length);
	lseek(state.file, 0, SEEK_SET);
	errno = 0;
	result = syscall(number, fd, area(4) - there, length);
	state.done++;
	if (result == -1 ? errno != EFAULT && errno != EINVAL
			 : result <= 0 || result > (long)there)
		complain(name, text, result);
}

static void
short_buffers(void)
{
	static const unsigned int there[] = {1, 3, 64, 4095, 4096};
	static const unsigned int lengths[] = {4097,       8192,
					       65536,      0x7fffffff,
					       0x80000000, 0xfffff000,
					       0xffffffff};

	for (unsigned int i = 0; i < NR(there); i++)
		for (unsigned int j = 0; j < NR(lengths); j++) {
			try_short("read(/dev/zero)", SYS_read, state.zero,
				  there[i], lengths[j]);
			try_short("read(file)", SYS_read, state.file, there[i],
				  lengths[j]);
			try_short("write(file)", SYS_write, state.file,
				  there[i], lengths[j]);
		}
}

/* --- Pointers that are used later ------------------------------------------- */

static void
on_usr1(int signal)
{
	(void)signal;
}

enum later {
	ROBUST_LIST,
	CLEAR_TID,
	STACK_OF_A_HANDLER,
	HANDLER,
	RESTORER,
	SIGRETURN,
	RT_SIGRETURN,
	NR_LATER
};

static void
handle_usr1(void (*handler)(int), unsigned int restorer)
{
	/* As the kernel has it. */
	unsigned int action[5] = {(unsigned int)handler,
				  SA_ONSTACK | (restorer ? 0x04000000 : 0),
				  restorer};

	syscall(SYS_rt_sigaction, SIGUSR1, action, 0, 8);
	raise(SIGUSR1);
}

/* In a child. */
static void
use_later(enum later what, unsigned int pointer)
{
	const stack_t stack = {.ss_sp = (void *)pointer, .ss_size = 8192};

	switch (what) {
	case ROBUST_LIST:
		syscall(SYS_set_robust_list, pointer, 12);
		break;
	case CLEAR_TID:
		syscall(SYS_set_tid_address, pointer);
		break;
	case STACK_OF_A_HANDLER:
		sigaltstack(&stack, NULL);
		handle_usr1(on_usr1, 0);
		break;
	case HANDLER:
		handle_usr1((void (*)(int))pointer, 0);
		break;
	case RESTORER:
		handle_usr1(on_usr1, pointer);
		break;
	default:
		__asm__ volatile("mov %1, %%esp; int $0x80"
				 :
				 : "a"(what == SIGRETURN ? SYS_sigreturn
							 : SYS_rt_sigreturn),
				   "r"(pointer));
		break;
	}
}

/* What is done with it when a thread ends is done or not; the others end it.
 * 0 and 1 are no handlers. */
static void
try_later(enum later what, const struct pointer *pointer)
{
	static const char *const names[] = {
		"the robust list", "clear_child_tid", "the signal stack",
		"a handler",       "a restorer",      "sigreturn",
		"rt_sigreturn"};
	int status, ends = what >= STACK_OF_A_HANDLER;
	pid_t pid;

	if (ends && (!(pointer->flags & IN) || pointer->value < 2))
		return;
	pid = fork();
	if (pid == 0) {
		use_later(what, pointer->value);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	state.done++;
	if (ends ? status != SIGSEGV && status != SIGBUS : status)
		complain(names[what], pointer->name, status);
}

/* --- All that the kernel has ------------------------------------------------- */

/* Ranges of memory that are the kernel's, or begin here and end there. */
static void
ranges(void)
{
	static const int numbers[] = {SYS_munmap, SYS_mprotect, SYS_mremap,
				      SYS_mmap2,  SYS_msync,    SYS_mlock};
	static const unsigned int starts[] = {0xbfffe000, 0xc0000000,
					      0xc0100000, 0xf8000000,
					      0xfffff000};
	static const unsigned int lengths[] = {3 * PAGE, 0x40000000,
					       0xfffff000};
	unsigned int i, j, k;

	for (i = 0; i < NR(numbers); i++)
		for (j = 0; j < NR(starts); j++)
			for (k = 0; k < NR(lengths); k++) {
				unsigned int third =
					numbers[i] == SYS_mremap  ? PAGE
					: numbers[i] == SYS_msync ? MS_SYNC
								  : PROT_READ;
				long result = syscall(numbers[i], starts[j],
						      lengths[k], third,
						      MAP_FIXED | MAP_PRIVATE |
							      MAP_ANONYMOUS,
						      -1, 0);

				state.done++;
				if (result != -1)
					complain("a call for a range",
						 "the kernel's", numbers[i]);
			}
}

/* A byte into each page of the direct map: the kernel's own, and those that
 * hold our memory. */
static void
direct_map(void)
{
	unsigned int page, mib = 0;
	char line[64];
	FILE *file;

	file = fopen("/proc/meminfo", "r");
	if (file && fgets(line, sizeof(line), file))
		sscanf(line, "MemTotal: %u", &mib);
	if (file)
		fclose(file);
	mib = mib / 1024 + 1;
	for (page = 0; page < mib * 256 && page < 0x3ffff; page++) {
		unsigned int p = 0xc0000000 + page * PAGE;

		if (read(state.zero, (void *)p, 1) != -1 || errno != EFAULT)
			complain("read", "the direct map", p);
		if (write(state.file, (void *)p, 1) != -1 || errno != EFAULT)
			complain("write", "the direct map", p);
	}
}

/* One of those that there are, if we are told. */
static void
find_vmalloc_area(unsigned int *address)
{
	FILE *file = fopen("/proc/vmallocinfo", "r");
	unsigned int start;

	if (!file)
		return;
	if (fscanf(file, "%x", &start) == 1 && start > 0xc0000000)
		*address = start + 16;
	fclose(file);
}

static void
prepare(char **argv)
{
	sigset_t usr2;
	int ends[2], tty = open("/dev/tty", O_RDWR);
	static char text[3 * PAGE];
	int hole;

	state.self = argv[0];
	state.pid = getpid();
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr2, NULL);
	state.tty = tty;
	state.has_tty = tty >= 0;
	state.pipe = pipe(ends) ? -1 : ends[0];
	if (symlink(NAME, NAME ".link"))
		perror("badptr: symlink");
	state.zero = open("/dev/zero", O_RDWR);
	state.file = open(NAME, O_RDWR | O_CREAT | O_TRUNC, 0600);
	state.dir = open("/", O_RDONLY | O_DIRECTORY);
	memset(text, 'x', sizeof(text));
	hole = write(state.file, text, sizeof(text));
	state.areas = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(area(1), 'x', 3 * PAGE);
	hole |= munmap(area(0), PAGE) | munmap(area(4), PAGE);
	hole |= mprotect(area(1), PAGE, PROT_NONE);
	hole |= mprotect(area(2), PAGE, PROT_READ);
	if (hole < 0 || (int)state.dir < 0)
		perror("badptr: prepare");
	pointers[4].value = (unsigned int)area(0) + 16;
	pointers[5].value = (unsigned int)area(1);
	pointers[6].value = (unsigned int)area(2) + 64;
	pointers[7].value = (unsigned int)&calls[3] & ~3;
	pointers[8].value = (unsigned int)area(4) - 1;
	find_vmalloc_area(&pointers[15].value);
	/* Whether that byte is the stack's or not, now it is there. */
	if (mmap((void *)0xbffff000, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) == (void *)0xbffff000 ||
	    errno == EEXIST)
		state.last_byte = (volatile char *)0xbfffffff;
}

int
main(int argc, char **argv)
{
	int lowest;

	(void)argc;
	prepare(argv);
	lowest = dup(0);
	close(lowest);
	for (unsigned int i = 0; i < NR(calls); i++)
		for (unsigned int j = 0; j < NR(pointers); j++)
			try(&calls[i], &pointers[j]);
	short_buffers();
	for (unsigned int i = 0; i < NR_LATER; i++)
		for (unsigned int j = 0; j < NR(pointers); j++)
			try_later(i, &pointers[j]);
	if (access("/test/badptr", X_OK) == 0) { /* else it may be ours */
		ranges();
		direct_map();
	}
	for (unsigned int i = 0; i < PAGE; i++)
		if (area(2)[i] != 'x')
			complain("something", "a read-only page", i);
	if (dup(0) != lowest)
		complain("something", "a descriptor lost", lowest);
	unlink(NAME);
	unlink(NAME ".link");
	printf("badptr: %u calls with hostile pointers, %u not as they must\n",
	       state.done, state.wrong);
	return state.wrong != 0;
}
