/* fuzz.c - random system calls. The programs that make them may come to any
 * harm; the kernel must not.
 *
 *   fuzz [CALLS[,SEED[,WORKERS[,FAILS]]]]
 *
 *   judge --fork--> worker --clone--> twin     call number n, made from
 *     ^               |                 |      (SEED, worker, n)
 *     '---- pipe -----+-----------------'
 *        16 calls made         dead, or silent for long: a new worker goes on
 *
 * The judge makes no random calls, and nothing of it can be reached by those
 * that do: no memory is shared, files are those of a folder of their own, and
 * who is signalled is of their own session. Only calls whose end was reported
 * are counted. A twin shares its worker's descriptors, or is a second thread.
 * One of FAILS calls is made while allocations fail, but for the judge's: where
 * a test of the kernel allows it (see failures.c).
 */
#include <dirent.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/time.h>
#include "fuzz_calls.h"

#define MAX_WORKERS 8
#define BATCH       16 /* calls, one report */
#define STUCK_MS    300
#define REPORT_FD   100 /* higher than what the calls use */
#define ROOT        "/tmp/fuzz"
#define STACK_SIZE  16384

/* (what, every, from), as failures.c */
#define SYS_FAIL 223
enum {
	FAIL_HEAP,
	FAIL_PAGES,
	SPARE_ME,
	NEVER
};

enum {
	TWIN = MAX_WORKERS, /* added to its worker's number */
	NR_REPORTERS = 2 * MAX_WORKERS
};

/* owner: the worker whose twin it is, or itself. */
struct report {
	unsigned int reporter, calls;
	pid_t pid, owner;
};

/* --- Making calls ------------------------------------------------------------ */

static struct judge {
	int pipe[2];
	unsigned int seed, nr_workers;
	unsigned int fails;        /* one of so many; 0: none */
	unsigned int wanted, made; /* calls */
	unsigned int started, deaths, stuck;
	pid_t pids[MAX_WORKERS], twins[MAX_WORKERS]; /* of those: as they say */
	long heard[MAX_WORKERS];                     /* when, in ms */
} judge;

static void
no_failures(void)
{
	if (!judge.fails)
		return;
	syscall(SYS_FAIL, FAIL_HEAP, 0, 0);
	syscall(SYS_FAIL, FAIL_PAGES, 0, 0);
}

/* Perhaps the n-th allocation, or all from there on; pages seldom, since a
 * program without them dies. */
static void
choose_failures(struct fuzzer *f)
{
	unsigned int n = 1 + below(f, 12), from = below(f, 2);

	if (judge.fails && below(f, judge.fails) == 0)
		syscall(SYS_FAIL, below(f, 12) ? FAIL_HEAP : FAIL_PAGES,
			from ? 0 : n, from ? n : 0);
}

/* What the child does: exec, anything, a hostile sigreturn; or it ends. */
static void
choose_then(struct fuzzer *f)
{
	unsigned int what = below(f, 8);
	int thread = f->words[0] == SYS_clone && (f->words[1] & CLONE_THREAD);

	f->then[7] = address(f) + PAGE - 64;
	f->then[0] = SYS_exit;
	if (what == 0) {
		f->then[0] = SYS_execve;
		f->then[1] = (unsigned int)PROGRAM;
		f->then[2] = argument(f, below(f, 4) ? 'A' : 'b');
		f->then[3] = argument(f, below(f, 4) ? '-' : 'b');
	} else if (what < 4 && !is_fork(choose_call(f, f->then))) {
		return;
	} else if (what == 4 && !thread) { /* a thread could not be killed */
		f->then[0] = below(f, 2) ? SYS_sigreturn : SYS_rt_sigreturn;
	} else {
		f->then[0] = SYS_exit;
	}
}

static void
one_call(struct fuzzer *f)
{
	long pid;

	if (!is_fork(choose_call(f, f->words))) {
		choose_failures(f);
		raw_call(f->words);
		no_failures();
		return;
	}
	choose_then(f);
	f->words[6] = (unsigned int)f->then;
	choose_failures(f);
	pid = raw_fork(f->words);
	no_failures();
	if (pid <= 0 || f->then[0] == SYS_exit)
		return;
	if (below(f, 2))
		sched_yield();
	syscall(SYS_tgkill, pid, pid, SIGKILL); /* not a thread of ours */
}

/* --- Workers ----------------------------------------------------------------- */

static void
on_alarm(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
}

/* A program for execve, until other calls spoil it. */
static void
bring_program(void)
{
	char buf[2048];
	int from = open("/bin/hello_asm", O_RDONLY), to;
	ssize_t n = read(from, buf, sizeof(buf));

	unlink(PROGRAM);
	to = open(PROGRAM, O_WRONLY | O_CREAT, 0755);
	if (n > 0 && write(to, buf, n) != n)
		unlink(PROGRAM);
	close(from);
	close(to);
}

/* Under one of the numbers that calls use. */
static void
place(struct fuzzer *f, int fd)
{
	if (fd > 8 && dup2(fd, below(f, 12)) >= 0)
		close(fd);
}

/* A few of each kind. */
static void
open_some(struct fuzzer *f)
{
	static const char *const read_only[] = {".", "/proc",
						"/proc/self/maps"};
	static const char *const any_way[] = {"/dev/zero", "/dev/null", "a",
					      "b", "c"};
	int ends[2];

	place(f, open(read_only[below(f, NR(read_only))], O_RDONLY));
	for (int i = 0; i < 4; i++)
		place(f, open(any_way[below(f, NR(any_way))], O_RDWR | O_CREAT,
			      0700));
	if (below(f, 4) == 0 && pipe(ends) == 0)
		for (int i = 0; i < 2; i++)
			place(f, ends[i]);
}

/* What earlier calls have broken, mended: so that later ones get further. */
static void
recover(struct fuzzer *f)
{
	struct itimerval timer = {{0, 10000}, {0, 10000}};
	sigset_t none;

	sigemptyset(&none);
	for (int i = 1; i <= 64; i++)
		signal(i, SIG_IGN);
	handle(SIGALRM, on_alarm, 0); /* interrupts what waits */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
	if (chdir(ROOT))
		_exit(1);
	if (below(f, 4) == 0)
		bring_program();
	open_some(f);
	for (int i = 0; i < 4; i++)
		mmap((void *)address(f), PAGE * 2, READ_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap((void *)ARENA, PAGE, READ_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	fill_arena(f);
}

/* Nobody reads any more: the judge has had enough. */
static void
tell(unsigned int reporter, unsigned int calls_, pid_t pid, pid_t owner)
{
	const struct report report = {reporter, calls_, pid, owner};

	if (write(REPORT_FD, &report, sizeof(report)) < 0 && errno != EINTR)
		_exit(0);
}

/* Batch after batch, until it is killed. */
static void
make_calls(unsigned int reporter, unsigned int seed, pid_t owner)
{
	struct fuzzer f = {.random = seed};

	for (unsigned int n = 0;; n++) {
		if (n % 4 == 0)
			recover(&f);
		for (unsigned int i = 0; i < BATCH; i++)
			one_call(&f);
		tell(reporter, BATCH, gettid(), owner);
	}
}

static struct {
	unsigned int reporter, seed;
	pid_t owner;
} twin;

static int
twin_main(void *arg)
{
	(void)arg;
	make_calls(twin.reporter, twin.seed, twin.owner);
	return 0;
}

/* Workers are alone, or share their descriptors, or all they have. It is
 * announced by its worker: it may never come so far. */
static void
start_twin(int worker, unsigned int seed)
{
	static const int flags[] = {0, CLONE_FILES | CLONE_FS | SIGCHLD,
				    CLONE_FILES | CLONE_FS | CLONE_VM |
					    CLONE_SIGHAND | CLONE_THREAD};
	static char stack[STACK_SIZE];
	pid_t pid;

	twin.reporter = worker + TWIN;
	twin.seed = seed * 31 + 7;
	twin.owner = getpid();
	if (!flags[worker % 3])
		return;
	pid = clone(twin_main, stack + STACK_SIZE, flags[worker % 3], NULL);
	tell(worker + TWIN, 0, pid, getpid());
}

static void
work(int worker, unsigned int seed)
{
	setsid(); /* so that it cannot join the judge's group */
	for (int fd = 0; fd < REPORT_FD; fd++)
		close(fd);
	mmap((void *)ARENA, ARENA_PAGES * PAGE, READ_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	signal(SIGPIPE, SIG_IGN);
	start_twin(worker, seed);
	make_calls(worker, seed, getpid());
}

/* --- The judge --------------------------------------------------------------- */

static void
start(unsigned int worker)
{
	unsigned int seed = judge.seed * 2654435761u + judge.started++ * 40503u;
	pid_t pid;

	no_failures(); /* one who has died may have left them on */
	while ((pid = fork()) < 0)
		sleep_ms(5); /* no memory just now */
	if (pid == 0)
		work(worker, seed);
	judge.pids[worker] = pid;
	judge.twins[worker] = 0;
	judge.heard[worker] = now_ms();
}

/* It and its group. */
static void
end_twin(pid_t pid)
{
	if (pid > 1 && pid != getpid()) {
		kill(pid, SIGKILL);
		kill(-pid, SIGKILL);
	}
}

static void
heed(const struct report *r)
{
	unsigned int worker = r->reporter % TWIN;

	if (r->reporter >= NR_REPORTERS || worker >= judge.nr_workers ||
	    r->calls > BATCH)
		return; /* who has overwritten his own memory */
	if (r->owner != judge.pids[worker]) {
		end_twin(r->pid);
		return;
	}
	judge.made += r->calls;
	judge.heard[worker] = now_ms();
	if (r->reporter >= TWIN)
		judge.twins[worker] = r->pid;
}

/* => false: nothing was heard */
static int
listen_a_while(void)
{
	struct pollfd pollfd = {.fd = judge.pipe[0], .events = POLLIN};
	struct report r[64];
	ssize_t n = 0;

	no_failures();
	if (poll(&pollfd, 1, 10) > 0)
		n = read(judge.pipe[0], r, sizeof(r));
	for (int i = 0; i < n / (ssize_t)sizeof(r[0]); i++)
		heed(&r[i]);
	return n > 0;
}

/* With all that belongs to it. => false: it was dead already */
static int
stop(unsigned int worker)
{
	pid_t pid = judge.pids[worker];
	int alive = waitpid(pid, NULL, WNOHANG) == 0;

	if (alive) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	kill(-pid, SIGKILL);
	end_twin(judge.twins[worker]);
	judge.pids[worker] = 0;
	return alive;
}

/* Until enough calls were made; who dies or is silent is followed by another. */
static void
supervise(void)
{
	for (unsigned int i = 0; i < judge.nr_workers; i++)
		start(i);
	while (judge.made < judge.wanted) {
		listen_a_while();
		for (unsigned int i = 0; i < judge.nr_workers; i++) {
			long silent = now_ms() - judge.heard[i];

			if (silent > 20)
				kill(judge.pids[i], SIGALRM);
			if (silent <= STUCK_MS &&
			    waitpid(judge.pids[i], NULL, WNOHANG) == 0)
				continue;
			judge.deaths++;
			judge.stuck += stop(i);
			start(i);
		}
	}
	for (unsigned int i = 0; i < judge.nr_workers; i++)
		stop(i);
	while (listen_a_while())
		;
	sleep_ms(50); /* what they shared goes when the last one has ended */
	printf("fuzz: %u calls, seed %u: workers died %u times, %u of them "
	       "were stuck\n",
	       judge.made, judge.seed, judge.deaths, judge.stuck);
}

/* --- Cleaning up ------------------------------------------------------------- */

/* A file, or a folder and what is in it. */
static void
remove_tree(const char *name_)
{
	DIR *dir;
	struct dirent *entry;

	chmod(name_, 0700);
	if (!unlink(name_) || chdir(name_))
		return;
	dir = opendir(".");
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			remove_tree(entry->d_name);
	if (dir)
		closedir(dir);
	CHECK_EQ(chdir(".."), 0);
	CHECK_EQ(rmdir(name_), 0);
}

/* They may have been in another folder: chdir(".."), fchdir, openat. */
static void
remove_all(void)
{
	static const char *const folders[] = {"/", "/dev", "/tmp"};
	static const char *const names[] = {"a", "b", "c", PROGRAM};

	for (unsigned int i = 0; i < NR(folders); i++) {
		CHECK_EQ(chdir(folders[i]), 0);
		for (unsigned int j = 0; j < NR(names); j++)
			remove_tree(names[j]);
	}
	CHECK_EQ(chmod("/tmp", 01777), 0);
	CHECK_EQ(chdir("/tmp"), 0);
	remove_tree(ROOT);
}

/* Links lead to others' files, too. */
static void
modes(int restore)
{
	static mode_t mode[NR(others)];
	struct stat st;

	for (unsigned int i = 0; i < NR(others); i++) {
		if (restore && mode[i])
			CHECK_EQ(chmod(others[i], mode[i]), 0);
		else if (!stat(others[i], &st) && !strstr(others[i], "self"))
			mode[i] = st.st_mode & 07777;
	}
}

int
main(int argc, char **argv)
{
	unsigned int numbers[4] = {20000, 1, 3, 0};
	char *next = argc > 1 ? argv[1] : "";

	for (unsigned int i = 0; i < NR(numbers) && *next; i++) {
		numbers[i] = strtoul(next, &next, 10);
		next += *next == ',';
	}
	judge.wanted = numbers[0];
	judge.seed = numbers[1];
	judge.nr_workers = numbers[2];
	judge.fails = numbers[3];
	CHECK(on_memoir()); /* not on a machine that others use */
	CHECK(judge.nr_workers >= 1 && judge.nr_workers <= MAX_WORKERS);
	CHECK(mkdir(ROOT, 0700) == 0 || errno == EEXIST);
	CHECK_EQ(pipe(judge.pipe), 0);
	CHECK_EQ(dup2(judge.pipe[1], REPORT_FD), REPORT_FD);
	/* A worker that has lost its mind may call it, too. */
	CHECK_EQ(syscall(SYS_FAIL, judge.fails ? SPARE_ME : NEVER, 0, 0), 0);
	modes(0);
	supervise();
	modes(1);
	remove_all();
	return 0;
}
