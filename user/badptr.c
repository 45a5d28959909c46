/* badptr.c - throws hostile pointers at every system call that takes one.
 *
 *   calls[] x pointers[]: each must give EFAULT, whatever else is right
 *
 *   | missing | PROT_NONE | read-only | read-write | missing |  areas of ours
 *                                              ^ straddles
 *   0 ... 64 KiB   0xbfffffff | 0xc0000000 ... 0xffffffff     not ours
 *
 * Then read and write with a buffer whose second page is missing, and with
 * lengths that wrap: EFAULT, or as many bytes as there is room for. What is
 * different is printed. Nothing may be written to, and no descriptor be lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE   4096u
#define NAME   "/tmp/badptr"
#define P      0xdead0001u /* here goes the pointer */
#define ZERO   0xdead0002u /* a descriptor of /dev/zero, of a file, ... */
#define FILE_  0xdead0003u
#define DIR_   0xdead0004u
#define BUFFER 0xdead0005u /* a good pointer */
#define PATH   0xdead0006u
#define SELF   0xdead0007u
#define PAGE_  0xdead0008u

enum {
	IN = 1,
	OUT = 2,
	MAY_BE_NULL = 4,
	ALIGNED = 8 /* or EINVAL */
};

static const struct call {
	const char *name;
	int number;
	unsigned int flags; /* what the kernel does there: IN: it reads */
	unsigned int args[6];
} calls[] = {
	{"read", SYS_read, OUT, {ZERO, P, 64}},
	{"read of a file", SYS_read, OUT, {FILE_, P, 64}},
	{"write", SYS_write, IN, {FILE_, P, 64}},
	{"pread64", SYS_pread64, OUT, {FILE_, P, 64, 0, 0}},
	{"pwrite64", SYS_pwrite64, IN, {FILE_, P, 64, 0, 0}},
	{"readv", SYS_readv, IN, {ZERO, P, 2}},
	{"writev", SYS_writev, IN, {FILE_, P, 2}},
	{"open", SYS_open, IN, {P, O_RDONLY}},
	{"openat", SYS_openat, IN, {AT_FDCWD, P, O_RDONLY}},
	{"unlink", SYS_unlink, IN, {P}},
	{"mkdir", SYS_mkdir, IN, {P, 0700}},
	{"chdir", SYS_chdir, IN, {P}},
	{"access", SYS_access, IN, {P, 0}},
	{"rmdir", SYS_rmdir, IN, {P}},
	{"creat", SYS_creat, IN, {P, 0600}},
	{"mknod", SYS_mknod, IN, {P, 0100600, 0}},
	{"link from", SYS_link, IN, {P, PATH}},
	{"link to", SYS_link, IN, {PATH, P}},
	{"linkat to", SYS_linkat, IN, {AT_FDCWD, PATH, AT_FDCWD, P, 0}},
	{"symlink of", SYS_symlink, IN, {P, PATH}},
	{"symlink to", SYS_symlink, IN, {PATH, P}},
	{"renameat2", SYS_renameat2, IN, {AT_FDCWD, PATH, AT_FDCWD, P, 0}},
	{"chmod", SYS_chmod, IN, {P, 0600}},
	{"chown32", SYS_chown32, IN, {P, 0, 0}},
	{"lchown32", SYS_lchown32, IN, {P, 0, 0}},
	{"truncate64", SYS_truncate64, IN, {P, 0, 0}},
	{"utimensat", SYS_utimensat, IN | MAY_BE_NULL, {AT_FDCWD, P, 0, 0}},
	{"utimensat times",
	 SYS_utimensat,
	 IN | MAY_BE_NULL,
	 {AT_FDCWD, PATH, P, 0}},
	{"statfs64 of", SYS_statfs64, IN, {P, 84, BUFFER}},
	{"statfs64", SYS_statfs64, OUT, {PATH, 84, P}},
	{"fstatfs64", SYS_fstatfs64, OUT, {FILE_, 84, P}},
	{"rename from", SYS_rename, IN, {P, PATH}},
	{"rename to", SYS_rename, IN, {PATH, P}},
	{"readlink of", SYS_readlink, IN, {P, BUFFER, 64}},
	{"stat64 of", SYS_stat64, IN, {P, BUFFER}},
	{"stat64", SYS_stat64, OUT, {PATH, P}},
	{"lstat64", SYS_lstat64, OUT, {PATH, P}},
	{"fstat64", SYS_fstat64, OUT, {FILE_, P}},
	{"fstatat64", SYS_fstatat64, OUT, {AT_FDCWD, PATH, P, 0}},
	{"statx of", SYS_statx, IN, {AT_FDCWD, P, 0, 0x7ff, BUFFER}},
	{"statx", SYS_statx, OUT, {AT_FDCWD, PATH, 0, 0x7ff, P}},
	{"getdents64", SYS_getdents64, OUT, {DIR_, P, 4096}},
	{"getcwd", SYS_getcwd, OUT, {P, 64}},
	{"_llseek", SYS__llseek, OUT, {FILE_, 0, 0, P, SEEK_SET}},
	{"pipe", SYS_pipe, OUT, {P}},
	{"pipe2", SYS_pipe2, OUT, {P, O_CLOEXEC}},
	{"execve", SYS_execve, IN, {P, 0, 0}},
	{"execve argv", SYS_execve, IN | MAY_BE_NULL, {SELF, P, 0}},
	{"execve envp", SYS_execve, IN | MAY_BE_NULL, {SELF, 0, P}},
	{"nanosleep", SYS_nanosleep, IN, {P, 0}},
	{"clock_gettime", SYS_clock_gettime, OUT, {1, P}},
	{"clock_gettime64", SYS_clock_gettime64, OUT, {1, P}},
	{"clock_nanosleep", SYS_clock_nanosleep, IN, {1, 0, P, 0}},
	{"gettimeofday", SYS_gettimeofday, OUT | MAY_BE_NULL, {P, 0}},
	{"time", SYS_time, OUT | MAY_BE_NULL, {P}},
	{"setitimer", SYS_setitimer, IN | MAY_BE_NULL, {0, P, 0}},
	{"getitimer", SYS_getitimer, OUT, {0, P}},
	{"rt_sigaction", SYS_rt_sigaction, IN | MAY_BE_NULL, {10, P, 0, 8}},
	{"rt_sigaction old",
	 SYS_rt_sigaction,
	 OUT | MAY_BE_NULL,
	 {10, 0, P, 8}},
	{"rt_sigprocmask", SYS_rt_sigprocmask, IN | MAY_BE_NULL, {0, P, 0, 8}},
	{"rt_sigprocmask old",
	 SYS_rt_sigprocmask,
	 OUT | MAY_BE_NULL,
	 {0, 0, P, 8}},
	{"rt_sigpending", SYS_rt_sigpending, OUT, {P, 8}},
	{"rt_sigsuspend", SYS_rt_sigsuspend, IN, {P, 8}},
	{"sigaltstack", SYS_sigaltstack, IN | MAY_BE_NULL, {P, 0}},
	{"sigaltstack old", SYS_sigaltstack, OUT | MAY_BE_NULL, {0, P}},
	{"poll", SYS_poll, IN | OUT, {P, 1, 0}},
	{"ppoll", SYS_ppoll, IN | OUT, {P, 1, BUFFER, 0, 8}},
	{"ppoll time", SYS_ppoll, IN | MAY_BE_NULL, {BUFFER, 0, P, 0, 8}},
	{"ppoll signals", SYS_ppoll, IN | MAY_BE_NULL, {0, 0, BUFFER, P, 8}},
	{"select", SYS__newselect, IN | MAY_BE_NULL, {5, P, 0, 0, BUFFER}},
	{"select time", SYS__newselect, IN | MAY_BE_NULL, {0, 0, 0, 0, P}},
	{"pselect6 time", SYS_pselect6, IN | MAY_BE_NULL, {0, 0, 0, 0, P, 0}},
	{"pselect6 signals",
	 SYS_pselect6,
	 IN | MAY_BE_NULL,
	 {0, 0, 0, 0, BUFFER, P}},
	{"times", SYS_times, OUT | MAY_BE_NULL, {P}},
	{"getrusage", SYS_getrusage, OUT, {0, P}},
	{"futex", SYS_futex, IN | ALIGNED, {P, 0, 0x7a7a, 0}},
	{"mincore", SYS_mincore, OUT, {PAGE_, 2 * PAGE, P}},
	{"set_thread_area", SYS_set_thread_area, IN, {P}},
	{"ugetrlimit", SYS_ugetrlimit, OUT, {3, P}},
	{"prlimit64", SYS_prlimit64, IN | MAY_BE_NULL, {0, 3, P, 0}},
	{"prlimit64 old", SYS_prlimit64, OUT | MAY_BE_NULL, {0, 3, 0, P}},
	{"uname", SYS_uname, OUT, {P}},
	{"sysinfo", SYS_sysinfo, OUT, {P}},
	{"getrandom", SYS_getrandom, OUT, {P, 64, 0}},
};

static struct {
	unsigned int zero, file, dir;
	const char *self;
	char *areas; /* missing, PROT_NONE, read-only, read-write, missing */
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
	case PAGE_:
		return (long)area(2);
	default:
		return arg;
	}
}

static void
try(const struct call *call, const struct pointer *pointer)
{
	long args[6], result;

	if (!(call->flags & pointer->flags & (IN | OUT)) ||
	    (pointer->value == 0 && (call->flags & MAY_BE_NULL)))
		return;
	for (int i = 0; i < 6; i++)
		args[i] = translate(call->args[i], pointer->value);
	lseek(state.file, 0, SEEK_SET);
	lseek(state.dir, 0, SEEK_SET);
	errno = 0;
	result = syscall(call->number, args[0], args[1], args[2], args[3],
			 args[4], args[5]);
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

static void
prepare(char **argv)
{
	static char text[3 * PAGE];
	int hole;

	state.self = argv[0];
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
	/* Whether that byte is the stack's or not, now it is there, and a
	 * name that begins with it does not end. */
	if (mmap((void *)0xbffff000, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) == (void *)0xbffff000 ||
	    errno == EEXIST)
		*(volatile char *)0xbfffffff = 'x';
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
	for (unsigned int i = 0; i < PAGE; i++)
		if (area(2)[i] != 'x')
			complain("something", "a read-only page", i);
	if (dup(0) != lowest)
		complain("something", "a descriptor lost", lowest);
	unlink(NAME);
	printf("badptr: %u calls with hostile pointers, %u not as they must\n",
	       state.done, state.wrong);
	return state.wrong != 0;
}
