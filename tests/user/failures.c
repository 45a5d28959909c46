/* failures.c - each allocation of a call fails once: the call says so and loses
 * nothing, or, where it is a page fault that had to be served, kills.
 *
 *   failures [NAME]
 *
 *   for n = 1, 2, 3 ...  child: the call, undone; all its pages are there
 *                               fail(n): nothing is kept for later; the call
 *                               what it had before, it has
 *   until it succeeds; all allocations from the n-th on fail, then only each
 *   n-th, of pages and of the heap.
 *
 * The kernel's test lets system call 223 do that, and counts what is left over
 * in the end.
 */
#include <poll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "utest.h"

#define SYS_FAIL 223                  /* (what, every, from); 0, 0: no more */
#define FAR      ((char *)0x50000000) /* there is no page table yet */
#define DIR_NAME "/tmp/failures"
#define MAX_N    200
#define FAILED   10 /* exit status: with an error that is right */

static int ends[2], file;
static char *shared; /* pages that the parent has, too */
static char block[20000];
static int failing; /* 1: pages, 0: the heap */

/* --- The calls: => 0, or -1 and errno ------------------------------------------ */

static int
wait_for(pid_t pid)
{
	int status;

	if (pid < 0)
		return -1;
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (status == SIGKILL)
		errno = ENOMEM; /* in a page fault */
	else if (WIFEXITED(status))
		errno = WEXITSTATUS(status);
	else
		FAIL("the child's status is %#x", status);
	return status ? -1 : 0;
}

/* After it, to write to any page is a page fault: until then no more failures. */
static int
call_fork(void)
{
	pid_t pid;

	__asm__ volatile("int $0x80\n\t"
			 "mov %%eax, %%edi\n\t"
			 "mov %2, %%eax\n\t"
			 "int $0x80\n\t"
			 "mov %%edi, %%eax"
			 : "=a"(pid)
			 : "0"(SYS_fork), "i"(SYS_FAIL), "b"(failing), "c"(0),
			   "d"(0)
			 : "edi", "memory");
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		errno = -pid;
	return wait_for(pid);
}

static int
exec_hello(void)
{
	static char *argv[] = {"hello_asm", block, NULL}, *envp[] = {NULL};

	return execve("/bin/hello_asm", argv, envp);
}

static int
call_exec(void)
{
	static int times;

	return times++ ? exec_hello() : 0; /* there is no way back */
}

static int
call_spawn(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(exec_hello() ? errno : 0);
	return wait_for(pid);
}

static int
thread_main(void *arg)
{
	(void)arg;
	return 0;
}

static int
call_thread(void)
{
	static char stack[8192];
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD;
	pid_t tid = clone(thread_main, stack + sizeof(stack), flags, NULL);

	if (tid < 0)
		return -1;
	while (syscall(SYS_tgkill, getpid(), tid, 0) == 0)
		sched_yield();
	return 0;
}

static int
map_far(int flags, int fd)
{
	char *p = mmap(FAR, 8 * PAGE, READ_WRITE, flags | MAP_FIXED_NOREPLACE,
		       fd, 0);

	if (p == MAP_FAILED)
		return -1;
	for (int i = 0; i < 4; i++)
		block[i] = p[i * PAGE];
	for (int i = 0; i < 4; i++)
		p[i * PAGE] = 'x';
	return 0;
}

static int
call_map(void)
{
	return map_far(MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int
call_map_shared(void)
{
	return map_far(MAP_SHARED | MAP_ANONYMOUS, -1);
}

static int
call_map_file(void)
{
	return map_far(MAP_PRIVATE, file);
}

static int
call_map_file_shared(void)
{
	return map_far(MAP_SHARED, file);
}

static void
unmap_far(void)
{
	munmap(FAR, 64 * PAGE);
}

static int
call_split(void)
{
	char *p =
		mmap(FAR, 8 * PAGE, READ_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	return p == MAP_FAILED || mprotect(p + PAGE, PAGE, PROT_READ) ||
			       munmap(p + 4 * PAGE, PAGE)
		       ? -1
		       : 0;
}

#define MOVED (FAR + 0x7ff000)

/* Two pages of one table go into two others. */
static int
call_move(void)
{
	char *p =
		mmap(FAR, 2 * PAGE, READ_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	memset(p, 'x', 2 * PAGE);
	p = mremap(p, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, MOVED);
	return p == MAP_FAILED ? -1 : 0;
}

static void
unmap_moved(void)
{
	munmap(FAR, 2 * PAGE);
	munmap(MOVED, 3 * PAGE);
}

static int
call_brk(void)
{
	return sbrk(64 * PAGE) == (void *)-1 ? -1 : 0;
}

static void
undo_brk(void)
{
	sbrk(-64 * (int)PAGE);
}

/* A page of the parent's, another one each time. */
static int
call_copy_on_write(void)
{
	static int page;

	shared[PAGE * page++] = 'y';
	return 0;
}

static int
call_pipe(void)
{
	ssize_t n;

	if (pipe2(ends, O_NONBLOCK))
		return -1;
	n = write(ends[1], block, sizeof(block));
	if (n < 0)
		return -1;
	CHECK(n > 0);
	CHECK_EQ(read(ends[0], block, sizeof(block)), n);
	return 0;
}

static void
undo_pipe(void)
{
	for (int i = 0; i < 2; i++) {
		if (ends[i])
			close(ends[i]);
		ends[i] = 0;
	}
}

static int
call_create(void)
{
	int fd = open("f", O_CREAT | O_RDWR, 0600), result = -1;
	struct stat st;

	if (fd < 0)
		return -1;
	if (pwrite(fd, block, 5000, 100000) >= 0 && !mkdir("d", 0700) &&
	    !symlink("f", "d/l") && !rename("f", "d/f") && !stat("d/l", &st) &&
	    !link("d/f", "d/h") && !mknod("d/p", S_IFCHR | 0600, 0x103))
		result = 0;
	close(fd);
	return result;
}

static void
undo_create(void)
{
	unlink("f");
	unlink("d/f");
	unlink("d/h");
	unlink("d/l");
	unlink("d/p");
	rmdir("d");
}

static int
call_proc(void)
{
	static const char *const names[] = {"/proc/self/maps", "/proc/slabinfo",
					    "/proc"};
	int result = 0;

	for (int i = 0; i < 3 && !result; i++) {
		int fd = open(names[i], O_RDONLY);

		if (fd < 0)
			return -1;
		if (i < 2)
			result = read(fd, block, sizeof(block));
		else
			result = syscall(SYS_getdents64, fd, block, 1000);
		result = result < 0 ? -1 : 0;
		close(fd);
	}
	return result;
}

static int
call_poll(void)
{
	struct pollfd fds[40];

	for (int i = 0; i < 40; i++)
		fds[i] = (struct pollfd){.fd = 0, .events = POLLIN};
	return poll(fds, 40, 0) < 0 ? -1 : 0;
}

static int
call_select(void)
{
	struct timespec now = {0, 0};
	fd_set read_set, write_set;

	FD_ZERO(&read_set);
	FD_ZERO(&write_set);
	FD_SET(0, &read_set);
	FD_SET(200, &write_set);
	dup2(0, 200);
	return pselect(201, &read_set, &write_set, NULL, &now, NULL) < 0 ? -1
									 : 0;
}

static void
undo_select(void)
{
	close(200);
}

static int
call_vector(void)
{
	struct iovec vec[40];

	for (int i = 0; i < 40; i++)
		vec[i] = (struct iovec){block + 100 * i, 100};
	lseek(file, 0, SEEK_SET);
	return readv(file, vec, 40) < 0 ? -1 : 0;
}

static int
call_folder(void)
{
	char name[100];

	return chdir("/tmp") || chdir(DIR_NAME) || !getcwd(name, sizeof(name))
		       ? -1
		       : 0;
}

/* They wait: nobody takes them. */
static int
call_signal(void)
{
	union sigval value = {.sival_int = 1};

	return kill(getpid(), SIGUSR1) || sigqueue(getpid(), SIGRTMIN, value) ||
			       sigqueue(getpid(), SIGRTMIN, value)
		       ? -1
		       : 0;
}

static void
undo_signal(void)
{
	struct timespec now = {0, 0};
	sigset_t all;

	sigfillset(&all);
	while (sigtimedwait(&all, NULL, &now) > 0)
		;
}

static const struct call {
	const char *name;
	int (*make)(void);
	void (*undo)(void);
	int kills; /* where a page fault cannot be served */
} calls[] = {
	{"fork", call_fork, NULL, 0},
	{"exec", call_exec, NULL, 1}, /* the new program */
	{"spawn", call_spawn, NULL, 0},
	{"thread", call_thread, NULL, 0},
	{"map", call_map, unmap_far, 1},
	{"map_shared", call_map_shared, unmap_far, 1},
	{"map_file", call_map_file, unmap_far, 1},
	{"map_file_shared", call_map_file_shared, unmap_far, 1},
	{"split", call_split, unmap_far, 0},
	{"move", call_move, unmap_moved, 1},
	{"brk", call_brk, undo_brk, 0},
	{"copy_on_write", call_copy_on_write, NULL, 1},
	{"pipe", call_pipe, undo_pipe, 0},
	{"create", call_create, undo_create, 0},
	{"proc", call_proc, NULL, 0},
	{"poll", call_poll, NULL, 0},
	{"select", call_select, undo_select, 0},
	{"vector", call_vector, NULL, 0},
	{"folder", call_folder, NULL, 0},
	{"signal", call_signal, undo_signal, 0},
};

/* --- Each of them ---------------------------------------------------------------- */

/* Areas, and the lowest free descriptor. */
static void
take_stock(char *stock, size_t size)
{
	int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t n = read(fd, stock, size - 2);

	CHECK(n > 0 && n < (ssize_t)size - 2);
	stock[n] = '0' + fd;
	stock[n + 1] = 0;
	CHECK_EQ(close(fd), 0);
}

static void
set_up(void)
{
	sigset_t all;
	int null = open("/dev/null", O_RDWR);

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	fflush(stdout);
	dup2(null, 1); /* hello_asm speaks */
	close(null);
}

/* In a child: the call, with this failure. */
static void
try(const struct call *call, int what, int every, int from)
{
	static char before[PAGE], after[PAGE];
	int result, error;

	set_up();
	failing = what;
	take_stock(after, sizeof(after));
	for (int i = 0; i < 2; i++) {
		take_stock(before, sizeof(before));
		if (i)
			syscall(SYS_FAIL, what, every, from);
		result = call->make();
		error = errno;
		syscall(SYS_FAIL, what, 0, 0);
		if (call->undo)
			call->undo();
	}
	take_stock(after, sizeof(after));
	if (strcmp(before, after)) {
		dprintf(2, "# before: %s\n# after: %s\n", before, after);
		_exit(20);
	}
	if (!result)
		_exit(0);
	_exit(error == ENOMEM || error == EAGAIN ? FAILED : 100 + error);
}

/* => whether it succeeded */
static int
one(const struct call *call, int what, int every, int from)
{
	pid_t pid = fork_checked();
	int status;

	if (pid == 0)
		try(call, what, every, from);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	syscall(SYS_FAIL, what, 0, 0); /* it may not have come so far */
	if (status && status != FAILED << 8 &&
	    !(call->kills && status == SIGKILL))
		FAIL("%s, allocation %d of %s fails: status %#x", call->name,
		     every + from, what ? "pages" : "the heap", status);
	return !status;
}

static int
sweep(const struct call *call, int what)
{
	int n, nr;

	for (nr = 1; nr < MAX_N && !one(call, what, 0, nr); nr++)
		;
	CHECK(nr < MAX_N);
	for (n = 1; n <= nr; n++)
		one(call, what, n, 0);
	return nr - 1;
}

int
main(int argc, char **argv)
{
	char text[3 * PAGE] = "";
	int heap, pages;

	if (syscall(SYS_FAIL, 0, 0, 0)) {
		printf("failures: only as a test of the kernel\n");
		return 0;
	}
	CHECK_EQ(mkdir(DIR_NAME, 0700), 0);
	CHECK_EQ(chdir(DIR_NAME), 0);
	memset(block, 'b', sizeof(block) - 1);
	shared = MAP_ANY(2 * PAGE, READ_WRITE, MAP_PRIVATE);
	memset(shared, 's', 2 * PAGE);
	file = open("file", O_RDWR | O_CREAT, 0600);
	CHECK_EQ(write(file, text, sizeof(text)), sizeof(text));
	CHECK_EQ(ftruncate(file, 8 * PAGE), 0); /* and a hole */
	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const struct call *call = &calls[i];

		if (argc > 1 && strcmp(argv[1], call->name))
			continue;
		heap = sweep(call, 0);
		pages = sweep(call, 1);
		printf("# %s: %d of the heap, %d of pages\n", call->name, heap,
		       pages);
	}
	CHECK_EQ(unlink("file"), 0);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir(DIR_NAME), 0);
	return 0;
}
