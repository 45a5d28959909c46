/* refused.c - of each kind of object that a program can make, as many as it gets,
 * and then it sleeps; another program runs all the same. When the first one has
 * been killed and its names are removed, there is as much memory as before, to the
 * page: that is for the kernel's test to see, which counts it.
 *
 *   refused names | others | KIND
 *
 *   names, others: those kinds that do not take too long on this machine
 *
 *   this one ---> root ---> maker: until refused; sleeps
 *      |            `-----> maker: until refused; sleeps     as long as there is
 *      |            `-----> maker: not even one              something to be had
 *      v
 *   fork, exec: /bin/hello
 */
#include <dirent.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include "utest.h"

#define DIR_NAME   "/tmp/refused"
#define MAX_MAKERS 40
#define IN_A_DIR   200
#define FAR_AWAY   0x7FFFEFFF

static char text[65536];
static volatile struct {
	int finished; /* makers that sleep */
	int all;      /* no more will come */
	long made;    /* by all of them */
	int error;    /* why not more */
} * shared;

/* The sum of the zones' min marks. */
static long
least_kb(void)
{
	static char info[4096];
	int fd = open("/proc/zoneinfo", O_RDONLY);
	ssize_t n = read(fd, info, sizeof(info) - 1);
	const char *at = info;
	long pages = 0;

	close(fd);
	info[n < 0 ? 0 : n] = 0;
	while ((at = strstr(at, " min "))) {
		at += strlen(" min ");
		pages += atol(at);
	}
	return pages * PAGE / 1024;
}

/* --- One more: => 0, or -1 and errno --------------------------------------------- */

/* The name of the next one; a new folder now and then. */
static const char *
next_name(void)
{
	static char name[20];
	static unsigned int nr;
	static int top = -1;

	if (top < 0)
		top = open(".", O_RDONLY);
	if (nr % IN_A_DIR == 0) {
		snprintf(name, sizeof(name), "d%u", nr);
		if (fchdir(top) || mkdir(name, 0700) || chdir(name))
			return NULL;
	}
	snprintf(name, sizeof(name), "%u", nr++);
	return name;
}

static int
make_symlink(void)
{
	const char *name = next_name();

	return name ? symlink(text, name) : -1;
}

static int
make_dir(void)
{
	const char *name = next_name();

	return name ? mkdir(name, 0700) : -1;
}

static int
make_file(off_t at)
{
	const char *name = next_name();
	int fd = name ? open(name, O_CREAT | O_WRONLY, 0600) : -1, result = 0;

	if (fd >= 0 && at >= 0)
		result = pwrite(fd, "x", 1, at) == 1 ? 0 : -1;
	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : result;
}

static int
make_empty(void)
{
	return make_file(-1);
}

static int
make_sparse(void)
{
	return make_file(FAR_AWAY);
}

static int
make_hole(void)
{
	static off_t at;
	static int fd = -1;

	if (fd < 0)
		fd = open("holes", O_CREAT | O_WRONLY, 0600);
	if (fd < 0)
		return -1;
	at += 64 * PAGE;
	if (at > FAR_AWAY)
		errno = EFBIG;
	return at <= FAR_AWAY && pwrite(fd, "x", 1, at) == 1 ? 0 : -1;
}

static int
make_open(void)
{
	return open("/dev/null", O_RDONLY) < 0 ? -1 : 0;
}

static int
make_pipe(void)
{
	int ends[2];
	ssize_t n;

	if (pipe2(ends, O_NONBLOCK))
		return -1;
	while ((n = write(ends[1], text, sizeof(text))) > 0)
		;
	return n < 0 && errno != EAGAIN ? -1 : 0;
}

static int
make_area(void)
{
	static int nr;
	char *p = mmap(NULL, PAGE, nr++ & 1 ? PROT_READ : READ_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

/* A text that has many lines, of which it reads one byte. */
static int
make_proc(void)
{
	static int areas;
	char c;
	int fd;

	while (areas < 500 && !make_area())
		areas++;
	fd = open("/proc/self/maps", O_RDONLY);
	return fd >= 0 && read(fd, &c, 1) == 1 ? 0 : -1;
}

static int
make_table(void)
{
	static char *at = (char *)0x10000000;
	char *p = mmap(at, PAGE, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	at += 0x400000;
	if (p == MAP_FAILED || p > (char *)0xb0000000)
		return -1;
	return *(volatile char *)p;
}

/* Its own memory, but so much that others find nothing: down to where the kernel
 * lets nobody have more, and a little above. */
static int
make_page(void)
{
	static long least;
	struct sysinfo info;

	sysinfo(&info);
	if (!least)
		least = least_kb() + 40;
	if (info.freeram / 1024 * info.mem_unit < (unsigned long)least) {
		errno = ENOMEM;
		return -1;
	}
	*MAP_ANY(PAGE, READ_WRITE, MAP_PRIVATE) = 1;
	return 0;
}

/* Far behind the beginning of shared memory. */
static int
make_shared(void)
{
	const size_t size = 2048 * PAGE;
	char *p =
		mmap(NULL, size, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	p[size - 1] = 1;
	return munmap(p, size - PAGE);
}

static int
make_child(void)
{
	pid_t pid = fork();

	while (pid == 0)
		pause();
	return pid < 0 ? -1 : 0;
}

static int
make_zombie(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid < 0 ? -1 : 0;
}

static int
poller(void *arg)
{
	struct pollfd fds[256];

	(void)arg;
	for (int i = 0; i < 256; i++)
		fds[i] = (struct pollfd){.fd = -1};
	while (poll(fds, 256, -1) >= 0)
		;
	return 0;
}

/* With a table of what it polls. */
static int
make_thread(void)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			  CLONE_THREAD | CLONE_SYSVSEM;
	char *stack = mmap(NULL, 2 * PAGE, READ_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return stack == MAP_FAILED ||
			       clone(poller, stack + 2 * PAGE, flags, 0) < 0
		       ? -1
		       : 0;
}

static int
make_signal(void)
{
	union sigval value = {.sival_int = 1};

	return sigqueue(getpid(), SIGRTMIN, value);
}

/* Where there is much memory it takes a million of them, or long: on machines up to
 * so many MB. */
#define TINY  40
#define SMALL 100
#define HALF  200
#define ALL   10000

static const struct kind {
	const char *name;
	int (*make)(void);
	int errors[3]; /* any other is wrong; 0: it may be killed */
	int mb;
} kinds[] = {
	{"symlink", make_symlink, {ENOSPC}, HALF},
	{"dir", make_dir, {ENOSPC}, TINY},
	{"empty", make_empty, {ENOSPC}, SMALL},
	{"sparse", make_sparse, {ENOSPC}, HALF},
	{"hole", make_hole, {ENOSPC, EFBIG}, HALF},
	{"open", make_open, {EMFILE, ENFILE}, SMALL},
	{"pipe", make_pipe, {EMFILE, ENFILE, ENOMEM}, ALL},
	{"area", make_area, {ENOMEM}, SMALL},
	{"proc", make_proc, {EMFILE, ENFILE, ENOMEM}, SMALL},
	{"table", make_table, {0}, ALL},
	{"page", make_page, {ENOMEM}, ALL},
	{"shared", make_shared, {0}, HALF},
	{"child", make_child, {EAGAIN, ENOMEM}, ALL},
	{"zombie", make_zombie, {EAGAIN, ENOMEM}, ALL},
	{"thread", make_thread, {EAGAIN, ENOMEM}, ALL},
	{"signal", make_signal, {EAGAIN}, SMALL},
};

/* --- As many as one gets ---------------------------------------------------------- */

static void
maker(const struct kind *kind, int number)
{
	char name[20];
	long before = shared->made;

	snprintf(name, sizeof(name), "maker%d", number);
	if (!mkdir(name, 0700) && !chdir(name))
		while (!kind->make())
			shared->made++;
	shared->error = errno;
	if (shared->made == before)
		shared->all = 1;
	shared->finished++;
	for (;;)
		pause();
}

static void
root(const struct kind *kind)
{
	sigset_t all;
	int nr;

	setpgid(0, 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (nr = 0; nr < MAX_MAKERS && !shared->all; nr++) {
		int before = shared->finished;
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0)
			maker(kind, nr);
		while (shared->finished == before && !shared->all) {
			/* To be killed for it is to be refused, too. */
			shared->all = waitpid(-1, NULL, WNOHANG) > 0;
			sleep_ms(5);
		}
	}
	shared->all = 1;
	for (;;)
		pause();
}

/* --- The others --------------------------------------------------------------------- */

static long
mem_kb(const char *what)
{
	static char info[4096];
	int fd = open("/proc/meminfo", O_RDONLY);
	ssize_t n = read(fd, info, sizeof(info) - 1);
	const char *at;

	CHECK(n > 0);
	info[n] = 0;
	CHECK_EQ(close(fd), 0);
	at = strstr(info, what);
	CHECK(at);
	return atol(at + strlen(what));
}

static void
run_another(void)
{
	pid_t pid = fork_checked();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);

		CHECK(null >= 0);
		dup2(null, 1);
		execl("/bin/hello", "hello", "world", NULL);
		FAIL("exec: errno %d", errno);
	}
	check_child(pid);
}

static void
remove_all(int dir)
{
	DIR *entries = fdopendir(dir);
	const struct dirent *entry;

	CHECK(entries);
	while ((entry = readdir(entries))) {
		int inner;

		if (entry->d_name[0] == '.')
			continue;
		if (!unlinkat(dirfd(entries), entry->d_name, 0))
			continue;
		inner = openat(dirfd(entries), entry->d_name, O_RDONLY);
		CHECK(inner >= 0);
		remove_all(inner);
		CHECK_EQ(unlinkat(dirfd(entries), entry->d_name, AT_REMOVEDIR),
			 0);
	}
	closedir(entries);
}

static int
is_right(const struct kind *kind)
{
	for (int i = 0; i < 3; i++)
		if (kind->errors[i] == shared->error)
			return 1;
	return !kind->errors[0];
}

static void
try(const struct kind *kind)
{
	long before = mem_kb("MemFree:"), start = now_ms(), held;
	pid_t pid;
	int status;

	shared->finished = shared->all = shared->error = 0;
	shared->made = 0;
	CHECK_EQ(mkdir(DIR_NAME, 0700), 0);
	CHECK_EQ(chdir(DIR_NAME), 0);
	pid = fork_checked();
	if (pid == 0)
		root(kind);
	while (!shared->all && waitpid(pid, &status, WNOHANG) == 0)
		sleep_ms(10);
	run_another();
	held = before - mem_kb("MemFree:");
	run_another();
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	do
		sleep_ms(50); /* the last ones give back what they had */
	while (!kill(-pid, 0));
	CHECK_EQ(chdir("/"), 0);
	remove_all(open(DIR_NAME, O_RDONLY));
	CHECK_EQ(rmdir(DIR_NAME), 0);
	printf("# %s: %ld, %ld KiB, errno %d, %ld ms\n", kind->name,
	       shared->made, held, shared->error, now_ms() - start);
	CHECK(shared->made > 0);
	if (!is_right(kind))
		FAIL("%s: errno %d", kind->name, shared->error);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "names";
	long mb;

	CHECK(on_memoir()); /* not on a machine that others use */
	mb = mem_kb("MemTotal:") / 1000;
	memset(text, 'x', sizeof(text));
	text[4000] = 0;
	shared = (void *)MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *kind = &kinds[i];
		int named = kind->errors[0] == ENOSPC;

		if (!strcmp(what, kind->name) ||
		    (mb <= kind->mb &&
		     !strcmp(what, named ? "names" : "others")))
			try(kind);
	}
	return 0;
}
