/* maps.c - /proc/PID/maps names what is behind an area, and /proc/PID/exe the
 * program: as long as it has a name, and how it was called when it has none. */
#include "utest.h"
#include <sys/stat.h>

#define ODD   "/tmp/maps a\nb"
#define OTHER "/tmp/maps_other"
#define COPY  "/tmp/maps_copy"

static struct {
	char prot[8], name[256];
	unsigned long offset, ino;
	unsigned int major, minor;
	int column; /* where the name begins */
} area;

/* Fills `area` from the line with this address. */
static void
find(const void *addr)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[512];
	unsigned long start, end;
	int n, found = 0;

	CHECK(file != NULL);
	while (!found && fgets(line, sizeof(line), file)) {
		CHECK_EQ(sscanf(line, "%lx-%lx %4s %lx %x:%x %lu%n", &start,
				&end, area.prot, &area.offset, &area.major,
				&area.minor, &area.ino, &n),
			 7);
		CHECK_EQ(line[n], ' ');
		line[strlen(line) - 1] = '\0';
		area.column = n + 1 + (int)strspn(line + n + 1, " ");
		snprintf(area.name, sizeof(area.name), "%s",
			 line + area.column);
		found = start <= (unsigned long)addr &&
			(unsigned long)addr < end;
	}
	CHECK(found);
	CHECK_EQ(fclose(file), 0);
}

#define EXPECT_AREA(addr, prot_, name_)                                   \
	do {                                                              \
		find(addr);                                               \
		if (strcmp(area.prot, prot_) || strcmp(area.name, name_)) \
			FAIL("%s: \"%s\" \"%s\"", #addr, area.prot,       \
			     area.name);                                  \
	} while (0)

static void
expect_exe(const char *pid, const char *expected)
{
	char link[32], target[256] = "";

	snprintf(link, sizeof(link), "/proc/%s/exe", pid);
	CHECK(readlink(link, target, sizeof(target) - 1) > 0);
	if (strcmp(target, expected))
		FAIL("%s: \"%s\", not \"%s\"", link, target, expected);
}

/* The name that a fork inherits. */
static void
expect_name(const char *expected)
{
	char text[64] = "", name[32] = "";
	int fd = open("/proc/self/status", O_RDONLY);

	CHECK(fd >= 0);
	CHECK(read(fd, text, sizeof(text) - 1) > 0);
	CHECK_EQ(sscanf(text, "Name: %31s", name), 1);
	if (strcmp(name, expected))
		FAIL("the name is \"%s\", not \"%s\"", name, expected);
	close(fd);
}

/* Of the program itself, on the heap, on the stack, nowhere. */
static void
check_own(void)
{
	char *p = MAP_ANY(PAGE, PROT_READ, MAP_PRIVATE);
	struct stat st;
	int column, local = 0;

	EXPECT_AREA((char *)sbrk(0) - 1, "rw-p", "[heap]");
	column = area.column;
	EXPECT_AREA(&local, "rw-p", "[stack]");
	CHECK_EQ(area.column, column);
	find((void *)check_own);
	CHECK_EQ(strcmp(area.prot, "r-xp"), 0);
	CHECK_EQ(area.column, column);
	CHECK_EQ(stat(area.name, &st), 0);
	CHECK_EQ(st.st_ino, area.ino);
	expect_exe("self", area.name);
	EXPECT_AREA(p, "r--p", "");
	CHECK_EQ(area.ino | area.major | area.minor | area.offset, 0);
	if (on_memoir())
		CHECK_EQ(column, 49); /* 73 where addresses have 64 bits */
	CHECK_EQ(munmap(p, PAGE), 0);
}

static void
check_files(void)
{
	int fd = open(ODD, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct stat st;
	char *p, *q;

	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	CHECK_EQ(fstat(fd, &st), 0);
	p = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, PAGE);
	CHECK(p != MAP_FAILED);
	q = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(q != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	EXPECT_AREA(p, "rw-s", "/tmp/maps a\\012b");
	CHECK_EQ(area.offset, PAGE);
	CHECK_EQ(area.ino, st.st_ino);
	CHECK_EQ(rename(ODD, OTHER), 0);
	EXPECT_AREA(q, "r--p", OTHER);
	CHECK_EQ(link(OTHER, ODD), 0);
	EXPECT_AREA(p, "rw-s", OTHER);
	if (on_memoir()) { /* elsewhere: by what name it was opened */
		CHECK_EQ(unlink(OTHER), 0);
		EXPECT_AREA(p, "rw-s", "/tmp/maps a\\012b");
		CHECK_EQ(link(ODD, OTHER), 0);
	}
	CHECK_EQ(unlink(ODD), 0);
	EXPECT_AREA(p, "rw-s", OTHER);
	CHECK_EQ(unlink(OTHER), 0);
	EXPECT_AREA(p, "rw-s", OTHER " (deleted)");
	CHECK_EQ(munmap(p, PAGE), 0);
	CHECK_EQ(munmap(q, PAGE), 0);
	p = MAP_ANY(PAGE, READ_WRITE, MAP_SHARED);
	EXPECT_AREA(p, "rw-s", "/dev/zero (deleted)");
	CHECK_EQ(munmap(p, PAGE), 0);
	fd = open("/proc/self/maps", O_RDONLY);
	CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), ENODEV);
	CHECK_EQ(close(fd), 0);
}

/* With its directory, and after it. */
static void
check_directory(void)
{
	int fd;
	char *p;

	CHECK_EQ(mkdir("/tmp/maps", 0700), 0);
	fd = open("/tmp/maps/f", O_RDONLY | O_CREAT, 0600);
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(close(fd), 0);
	EXPECT_AREA(p, "r--p", "/tmp/maps/f");
	CHECK_EQ(rename("/tmp/maps", OTHER), 0);
	EXPECT_AREA(p, "r--p", OTHER "/f");
	CHECK_EQ(close(open(ODD, O_RDONLY | O_CREAT, 0600)), 0);
	CHECK_EQ(rename(ODD, OTHER "/f"), 0);
	EXPECT_AREA(p, "r--p", OTHER "/f (deleted)");
	CHECK_EQ(unlink(OTHER "/f"), 0);
	CHECK_EQ(rmdir(OTHER), 0);
	EXPECT_AREA(p, "r--p", OTHER "/f (deleted)");
	CHECK_EQ(munmap(p, PAGE), 0);
}

static void
copy_program(void)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(COPY, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	char buf[PAGE];
	ssize_t n;

	CHECK(from >= 0 && to >= 0);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		CHECK_EQ(write(to, buf, n), n);
	CHECK_EQ(n, 0);
	CHECK_EQ(close(from), 0);
	CHECK_EQ(close(to), 0);
}

/* A program that is removed while it runs; and one that has ended. */
static void
check_exe_of_others(void)
{
	char number[16], link[32];
	pid_t pid;

	copy_program();
	pid = vfork();
	if (pid == 0) {
		execl(COPY, "sleep", "10", NULL);
		_exit(1);
	}
	CHECK(pid > 0);
	snprintf(number, sizeof(number), "%d", pid);
	expect_exe(number, COPY);
	CHECK_EQ(unlink(COPY), 0);
	expect_exe(number, COPY " (deleted)");
	CHECK_EQ(kill(pid, SIGKILL), 0);
	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	while (readlink(link, number, sizeof(number)) >
	       0) /* not a zombie yet */
		sleep_ms(1);
	CHECK_ERROR(readlink(link, number, sizeof(number)), ENOENT);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_ERROR(readlink(link, number, sizeof(number)), ENOENT);
}

int
main(void)
{
	pid_t pid = fork_checked();

	check_own(); /* a child's, too */
	expect_name("maps");
	if (pid == 0)
		_exit(0);
	check_child(pid);
	check_files();
	check_directory();
	check_exe_of_others();
	return 0;
}
