/* fuzz.c - random system calls, with random and half-valid arguments. The
 * programs that make them may come to any harm; the kernel must not.
 *
 *   fuzz [CALLS [SEED [WORKERS]]]
 *
 *   supervisor --fork--> worker   call number n, made from (SEED, worker, n)
 *        |                  |
 *        +-- watches -- shared: n, so far      dead or stuck: a new worker
 *                                              goes on with n + 1
 *
 * Left out is only what ends a worker for good (exit, sigreturn), and signals
 * to others than its own process group.
 */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/time.h>
#include "utest.h"

#define MAX_WORKERS 8
#define STUCK_MS    400
#define ARENA       0x60000000u /* 64 pages with all kinds of rights */
#define ARENA_PAGES 64
#define ROOT        "/tmp/fuzz"

/* Kinds of arguments: f descriptor, p name that may be changed, P any name, b
 * buffer, n size, i small number, x anything, a address, l length of memory, s
 * signal, k own process, t short time, v iovec, c clone flags, - nothing. */
/* clang-format off */
static const struct {
	short number;
	char args[7];
} calls[] = {
	{SYS_fork, ""}, {SYS_vfork, ""}, {SYS_clone, "cbbbb"},
	{SYS_read, "fbn"}, {SYS_write, "fbn"}, {SYS_open, "pxi"},
	{SYS_open, "Pi"}, {SYS_open, "p-i"}, {SYS_openat, "fpxi"},
	{SYS_close, "f"}, {SYS_waitpid, "kbi"}, {SYS_wait4, "kbib"},
	{SYS_unlink, "p"}, {SYS_execve, "pbb"}, {SYS_chdir, "p"},
	{SYS_time, "b"}, {SYS_lseek, "fxi"}, {SYS_getpid, ""},
	{SYS_access, "Pi"}, {SYS_kill, "ks"}, {SYS_rename, "pp"},
	{SYS_mkdir, "pi"}, {SYS_rmdir, "p"}, {SYS_dup, "f"}, {SYS_pipe, "b"},
	{SYS_brk, "x"}, {SYS_ioctl, "fxb"}, {SYS_ioctl, "fib"},
	{SYS_setpgid, "ki"}, {SYS_umask, "i"}, {SYS_dup2, "ff"},
	{SYS_getppid, ""}, {SYS_setsid, ""}, {SYS_sigaltstack, "bb"},
	{SYS_gettimeofday, "bb"}, {SYS_readlink, "Pbn"}, {SYS_munmap, "al"},
	{SYS_ftruncate, "fn"}, {SYS_setitimer, "itb"}, {SYS_getitimer, "ib"},
	{SYS_mprotect, "ali"}, {SYS__llseek, "fxxbi"}, {SYS_sysinfo, "b"},
	{SYS_getdents64, "fbn"}, {SYS_poll, "bit"}, {SYS_readv, "fvi"},
	{SYS_writev, "fvi"}, {SYS_sched_yield, ""}, {SYS_nanosleep, "tb"},
	{SYS_mremap, "allia"}, {SYS_rt_sigaction, "sbbi"},
	{SYS_rt_sigprocmask, "ibbi"}, {SYS_rt_sigpending, "bi"},
	{SYS_rt_sigsuspend, "bi"}, {SYS_pread64, "fbnx"}, {SYS_getcwd, "bn"},
	{SYS_mmap2, "aliifi"}, {SYS_mmap2, "alixxx"}, {SYS_madvise, "ali"},
	{SYS_truncate64, "pix"}, {SYS_ftruncate64, "fii"},
	{SYS_stat64, "Pb"}, {SYS_lstat64, "Pb"}, {SYS_fstat64, "fb"},
	{SYS_mincore, "alb"}, {SYS_fcntl64, "fix"}, {SYS_gettid, ""},
	{SYS_tgkill, "kks"}, {SYS_futex, "biitbx"}, {SYS_futex, "bxxtbx"},
	{SYS_set_thread_area, "b"}, {SYS_set_tid_address, "b"},
	{SYS_clock_gettime, "ib"}, {SYS_clock_getres, "ib"},
	{SYS_clock_nanosleep, "iitb"}, {SYS_fstatat64, "fPbi"},
	{SYS_unlinkat, "fpi"}, {SYS_mkdirat, "fpi"}, {SYS_pipe2, "bx"},
	{SYS_set_robust_list, "bi"}, {SYS_prlimit64, "kibb"},
	{SYS_getrandom, "bni"}, {SYS_statx, "fPiib"}, {SYS_dup3, "ffx"},
	{SYS_clock_gettime64, "ib"}, {SYS_uname, "b"}, {SYS_getrusage, "ib"},
};
/* clang-format on */

struct progress {
	unsigned int next; /* the call that is made */
};

static volatile struct progress *progress; /* of each worker */

static unsigned int random_state;

static unsigned int
any(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state ^ random_state >> 15;
}

static unsigned int
below(unsigned int n)
{
	return (any() >> 8) % n;
}

static unsigned int
nasty(void)
{
	static const unsigned int values[] = {
		0,          1,          0xffffffff, 0x80000000, 0x7fffffff,
		0xbfffffff, 0xc0000000, 0xc0100000, 0xfffff000, 0x1000,
		0xf8000000, 0xbffff000, 0xfffffff8};

	return below(4) ? values[below(sizeof(values) / 4)] : any();
}

static unsigned int
name(int may_be_changed)
{
	static const char *const own[] = {"a",   "b",   "c",      "a/b",
					  "a/c", "./a", "b/../c", "a/",
					  ".",   "",    "a/b/c"};
	static const char *const others[] = {"/",
					     "/dev/null",
					     "/dev/zero",
					     "/dev/full",
					     "/dev/random",
					     "/proc/self/maps",
					     "/proc/meminfo",
					     "/bin/hello",
					     "/proc/self/statm",
					     "/nothing",
					     "/proc",
					     "/bin"};

	if (!may_be_changed && below(2))
		return (unsigned int)others[below(12)];
	return (unsigned int)own[below(11)];
}

static unsigned int
address(void)
{
	return ARENA + below(ARENA_PAGES) * PAGE;
}

static unsigned int
argument(char kind)
{
	static struct timespec times[] = {{0, 0}, {0, 1000}, {0, 2000000}};
	static struct iovec {
		unsigned int base, length;
	} vector[4];
	unsigned int n;

	if (below(24) == 0 && !strchr("pPksc", kind))
		return nasty();
	switch (kind) {
	case 'f':
		return below(16) ? below(12) : (unsigned int)AT_FDCWD;
	case 'p':
		return below(32) ? name(1) : nasty() & 0xfff;
	case 'P':
		return name(0);
	case 'b':
		return address() + (below(2) ? 0 : PAGE - below(64));
	case 'n':
		return below(32) ? below(8192) : below(1u << 20);
	case 'i':
		return below(64);
	case 'a':
		return address() + (below(8) ? 0 : below(PAGE));
	case 'l':
		return below(16) * PAGE + (below(8) ? 0 : below(PAGE));
	case 's':
		n = below(65);
		return n == SIGKILL || n == SIGSTOP ? 0 : n;
	case 'k':
		return below(2) ? getpid() : 0;
	case 't':
		return (unsigned int)&times[below(3)];
	case 'c': /* in its parent's memory only while that one waits */
		return (any() &
			~(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND |
			  CLONE_UNTRACED | CLONE_PTRACE | CLONE_NEWNS)) |
		       (below(2) ? CLONE_VM | CLONE_VFORK : 0);
	case 'v':
		for (int i = 0; i < 4; i++) {
			vector[i].base = argument('b');
			vector[i].length = argument('n');
		}
		return (unsigned int)vector;
	default:
		return kind == '-' ? 0 : any();
	}
}

/* A child, whatever it shares with its parent, ends where it begins. */
static long
raw_call(const unsigned int *words)
{
	long result;

	__asm__ volatile("push %%ebp\n\t"
			 "mov 24(%%eax), %%ebp\n\t"
			 "mov (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp"
			 : "=a"(result)
			 : "a"(words), "b"(words[1]), "c"(words[2]),
			   "d"(words[3]), "S"(words[4]), "D"(words[5])
			 : "memory");
	return result;
}

static long
raw_fork(const unsigned int *words)
{
	long result;

	__asm__ volatile("int $0x80\n\t"
			 "test %%eax, %%eax\n\t"
			 "jnz 1f\n\t"
			 "mov $1, %%eax\n\t"
			 "xor %%ebx, %%ebx\n\t"
			 "int $0x80\n"
			 "1:"
			 : "=a"(result)
			 : "0"(words[0]), "b"(words[1]), "c"(words[2]),
			   "d"(words[3]), "S"(words[4]), "D"(words[5])
			 : "memory");
	return result;
}

static int
is_fork(unsigned int number)
{
	return number == SYS_fork || number == SYS_vfork || number == SYS_clone;
}

/* A number without a pattern, other than those that need one. */
static unsigned int
any_number(void)
{
	static const unsigned short no[] = {SYS_exit,
					    SYS_exit_group,
					    SYS_reboot,
					    SYS_sigreturn,
					    SYS_rt_sigreturn,
					    SYS_kill,
					    SYS_tkill,
					    SYS_tgkill,
					    SYS_fork,
					    SYS_vfork,
					    SYS_clone,
					    SYS_clone3,
					    SYS_rt_sigqueueinfo,
					    SYS_rt_tgsigqueueinfo,
					    SYS_chroot,
					    SYS_unlink,
					    SYS_rename};
	unsigned int number = below(32) ? below(460) : any();

	for (unsigned int i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (number == no[i])
			return SYS_getpid;
	return number;
}

static void
one_call(void)
{
	static unsigned int words[7];
	unsigned int which = below(sizeof(calls) / sizeof(calls[0]));
	const char *kinds = calls[which].args;

	words[0] = calls[which].number;
	if (below(16) == 0) {
		words[0] = any_number();
		kinds = "xbbxbx";
	}
	for (unsigned int i = 0, n = strlen(kinds); i < 6; i++)
		words[i + 1] = i < n ? argument(kinds[i]) : any();
	if (is_fork(words[0]))
		raw_fork(words);
	else
		raw_call(words);
}

static void
on_alarm(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
}

/* What earlier calls have broken, mended: so that later ones get further. */
static void
recover(void)
{
	struct itimerval timer = {{0, 10000}, {0, 10000}};
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i < 32; i++)
		signal(i, SIG_IGN);
	handle(SIGALRM, on_alarm, 0); /* interrupts what waits */
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	signal(SIGCHLD, SIG_DFL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (chdir(ROOT))
		_exit(1);
	for (int fd = 0; fd < 4; fd++)
		if (open("/dev/null", O_RDWR) > 8)
			close(3 + below(9));
	for (int i = 0; i < 4; i++)
		mmap((void *)address(), PAGE * 2, READ_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void
work(int worker, unsigned int seed, unsigned int end)
{
	setsid(); /* so that it cannot join the supervisor's group */
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	mmap((void *)ARENA, ARENA_PAGES * PAGE, READ_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	for (; progress[worker].next < end; progress[worker].next++) {
		unsigned int n = progress[worker].next;

		if (n % 64 == 0)
			recover();
		random_state = seed * 2654435761u + worker * 40503u + n * 97;
		any();
		any();
		one_call();
	}
	_exit(0);
}

static pid_t
start(int worker, unsigned int seed, unsigned int end)
{
	pid_t pid = fork_checked();

	if (pid == 0)
		work(worker, seed, end);
	return pid;
}

/* Until this worker, or those that follow it, have made all calls; the others
 * go on meanwhile. */
static void
supervise(int nr_workers, unsigned int seed, unsigned int end)
{
	unsigned int seen[MAX_WORKERS] = {0}, quiet[MAX_WORKERS] = {0};
	pid_t pids[MAX_WORKERS];
	int running = nr_workers, deaths = 0, stuck = 0, status;

	for (int i = 0; i < nr_workers; i++)
		pids[i] = start(i, seed, end);
	while (running) {
		sleep_ms(10);
		for (int i = 0; i < nr_workers; i++) {
			if (!pids[i])
				continue;
			quiet[i] += 10;
			if (seen[i] != progress[i].next)
				quiet[i] = 0;
			seen[i] = progress[i].next;
			if (quiet[i] > STUCK_MS && ++stuck)
				kill(pids[i], SIGKILL);
			else if (waitpid(pids[i], &status, WNOHANG) == 0)
				continue;
			if (quiet[i] > STUCK_MS)
				waitpid(pids[i], &status, 0);
			kill(-pids[i], SIGKILL); /* its children */
			pids[i] = 0;
			quiet[i] = 0;
			if (seen[i] >= end) {
				running--;
				continue;
			}
			deaths++;
			progress[i].next = seen[i] + 1;
			pids[i] = start(i, seed, end);
		}
	}
	printf("fuzz: %u calls, seed %u: workers died %d times, %d of them "
	       "were stuck\n",
	       end * nr_workers, seed, deaths, stuck);
}

/* A file, or a folder and what is in it. */
static void
remove_tree(const char *name)
{
	DIR *dir;
	struct dirent *entry;

	if (!unlink(name) || chdir(name))
		return;
	dir = opendir(".");
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove_tree(entry->d_name);
	if (dir)
		closedir(dir);
	CHECK_EQ(chdir(".."), 0);
	CHECK_EQ(rmdir(name), 0);
}

/* A descriptor may have been one of another folder: openat, mkdirat. */
static void
remove_all(void)
{
	static const char *const folders[] = {"/", "/bin"};

	for (int i = 0; i < 2; i++) {
		CHECK_EQ(chdir(folders[i]), 0);
		remove_tree("a");
		remove_tree("b");
		remove_tree("c");
	}
	remove_tree(ROOT);
}

int
main(int argc, char **argv)
{
	unsigned int nr_calls = argc > 1 ? atoi(argv[1]) : 20000;
	unsigned int seed = argc > 2 ? atoi(argv[2]) : 1;
	int nr_workers = argc > 3 ? atoi(argv[3]) : 3;

	CHECK(on_memoir()); /* not on a machine that others use */
	CHECK(nr_workers >= 1 && nr_workers <= MAX_WORKERS);
	CHECK(mkdir(ROOT, 0700) == 0 || errno == EEXIST);
	progress = (void *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	supervise(nr_workers, seed, nr_calls / nr_workers);
	CHECK_EQ(chdir("/"), 0);
	remove_all();
	return 0;
}
