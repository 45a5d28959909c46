/* proc.c - what /proc says is to be read by programs made for Linux: each line is
 * taken apart, put together again in Linux's format, and must be the same.
 *
 *   "MemFree:         127168 kB"  --sscanf-->  name, 127168  --snprintf--> ?
 */
#include "utest.h"

#define TEXT_SIZE (32 * PAGE)

static char *text; /* of one file: TEXT_SIZE bytes */
static char *line; /* in there, ended by 0 */

/* => false: this host does not show it to us */
static int
open_text(const char *name)
{
	char path[64];
	size_t len = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 && !on_memoir())
		return 0;
	CHECK(fd >= 0);
	while ((n = read(fd, text + len, TEXT_SIZE - 1 - len)) > 0)
		len += n;
	CHECK_EQ(n, 0);
	CHECK_EQ(close(fd), 0);
	text[len] = '\0';
	line = NULL;
	return 1;
}

/* => false: there is no other whole line */
static int
next_line(void)
{
	char *end;

	line = line ? line + strlen(line) + 1 : text;
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	return end != NULL;
}

/* The next line that begins so. */
static void
find_line(const char *begin)
{
	do {
		if (!next_line())
			FAIL("no line \"%s\" where it belongs", begin);
	} while (strncmp(line, begin, strlen(begin)));
}

#define EXPECT_LINE(...)                                                \
	do {                                                            \
		char want_[512];                                        \
		int len_ = snprintf(want_, sizeof(want_), __VA_ARGS__); \
		if (strncmp(line, want_, len_ + 1))                     \
			FAIL("\"%s\" instead of \"%s\"", line, want_);  \
	} while (0)

/* A line with one number, which it returns. */
static unsigned long
number(const char *begin, const char *format)
{
	unsigned long n;

	find_line(begin);
	CHECK_EQ(sscanf(line + strlen(begin), "%lu", &n), 1);
	EXPECT_LINE(format, begin, n);
	return n;
}

static void
check_meminfo(void)
{
	static const char *const names[] = {"Buffers:", "Cached:", "SwapTotal:",
					    "SwapFree:", "Slab:"};
	unsigned long total, free, available;

	open_text("meminfo");
	total = number("MemTotal:", "%-15s %8lu kB");
	free = number("MemFree:", "%-15s %8lu kB");
	available = number("MemAvailable:", "%-15s %8lu kB");
	CHECK(free < total && available < total && free > total / 100);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		CHECK(number(names[i], "%-15s %8lu kB") < total);
}

static void
check_zones(void)
{
	static const char *const names[] = {
		"        min     ", "        low     ", "        high    ",
		"        spanned ", "        present ", "        managed "};
	char zone[32], want[512];
	unsigned long n;
	int nr, nr_zones, at, len, more;

	open_text("buddyinfo");
	for (nr_zones = 0; next_line(); nr_zones++) {
		CHECK_EQ(sscanf(line, "Node 0, zone %31s%n", zone, &at), 1);
		len = sprintf(want, "Node 0, zone %8s ", zone);
		for (nr = 0; sscanf(line + at, "%lu%n", &n, &more) == 1; nr++) {
			len += sprintf(want + len, "%6lu ", n);
			at += more;
		}
		CHECK(nr >= 11);
		EXPECT_LINE("%s", want);
	}
	CHECK(nr_zones >= 1);

	open_text("zoneinfo");
	CHECK(next_line());
	CHECK_EQ(sscanf(line, "Node 0, zone %31s", zone), 1);
	EXPECT_LINE("Node 0, zone %8s", zone);
	number("  pages free    ", "%s %lu");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		number(names[i], "%s %lu");
	find_line("        protection: (");
	find_line("  pagesets");
	find_line("    cpu: 0");
	find_line("              count: ");
	number("  start_pfn:          ", "%s %lu");
}

static void
check_slabinfo(void)
{
	unsigned int c[12];
	char name[64];
	int nr = 0;

	if (!open_text("slabinfo"))
		return;
	CHECK(next_line());
	EXPECT_LINE("slabinfo - version: 2.1");
	CHECK(next_line());
	EXPECT_LINE("# name            <active_objs> <num_objs> <objsize> "
		    "<objperslab> <pagesperslab> : tunables <limit> "
		    "<batchcount> <sharedfactor> : slabdata <active_slabs> "
		    "<num_slabs> <sharedavail>");
	for (; next_line(); nr++) {
		CHECK_EQ(sscanf(line,
				"%63s %u %u %u %u %u : tunables %u %u %u : "
				"slabdata %u %u %u",
				name, c, c + 1, c + 2, c + 3, c + 4, c + 5,
				c + 6, c + 7, c + 8, c + 9, c + 10),
			 12);
		EXPECT_LINE("%-17s %6u %6u %6u %4u %4u : tunables %4u %4u %4u "
			    ": slabdata %6u %6u %6u",
			    name, c[0], c[1], c[2], c[3], c[4], c[5], c[6],
			    c[7], c[8], c[9], c[10]);
		CHECK(c[0] <= c[1] && c[8] <= c[9] && c[1] <= c[9] * c[3]);
	}
	CHECK(nr > 10);
}

static void
check_vmallocinfo(void)
{
	unsigned long long from, to;
	char caller[128];
	unsigned long size;
	int n;

	if (!open_text("vmallocinfo"))
		return;
	while (next_line()) {
		CHECK_EQ(sscanf(line, "0x%llx-0x%llx %lu %127s%n", &from, &to,
				&size, caller, &n),
			 4);
		EXPECT_LINE("%.*s %7lu %s%s", (int)(strchr(line, ' ') - line),
			    line, size, caller, line + n);
		CHECK_EQ(size % PAGE, 0);
		if (!on_memoir()) /* addresses are hidden; other kinds */
			continue;
		CHECK_EQ(to - from, size);
		CHECK(strstr(caller, "+0x"));
		CHECK(strstr(line + n, " vmalloc") ||
		      strstr(line + n, " ioremap") ||
		      strstr(line + n, " vmap"));
	}
}

static void
check_interrupts(void)
{
	int end, irq, n, nr = 0;
	unsigned long count;

	open_text("interrupts");
	CHECK(next_line());
	CHECK(strstr(line, "CPU0       ") != NULL);
	end = (int)(strstr(line, "CPU0") + 4 - line);
	while (next_line()) {
		if (sscanf(line, "%d: %lu%n", &irq, &count, &n) != 2)
			continue;
		CHECK_EQ(n, end);
		CHECK_EQ(line[n], ' ');
		nr++;
	}
	CHECK(nr >= 2);
}

static void
check_process(void)
{
	unsigned long size, resident, s[7];
	char comm[17];

	open_text("self/status");
	find_line("Name:\t");
	CHECK_EQ(sscanf(line, "Name:\t%16s", comm), 1);
	find_line("State:\t");
	EXPECT_LINE("State:\tR (running)");
	CHECK_EQ(number("Tgid:", "%s\t%lu"), getpid());
	CHECK_EQ(number("Pid:", "%s\t%lu"), getpid());
	CHECK_EQ(number("PPid:", "%s\t%lu"), getppid());
	find_line("Uid:\t");
	EXPECT_LINE("Uid:\t%d\t%d\t%d\t%d", getuid(), geteuid(), geteuid(),
		    geteuid());
	find_line("Gid:\t");
	size = number("VmSize:", "%s\t%8lu kB");
	resident = number("VmRSS:", "%s\t%8lu kB");
	CHECK_EQ(number("RssAnon:", "%s\t%8lu kB") +
			 number("RssFile:", "%s\t%8lu kB"),
		 resident);
	CHECK_EQ(number("Threads:", "%s\t%lu"), 1);

	open_text("self/statm");
	CHECK(next_line());
	CHECK_EQ(sscanf(line, "%lu %lu %lu %lu %lu %lu %lu", s, s + 1, s + 2,
			s + 3, s + 4, s + 5, s + 6),
		 7);
	EXPECT_LINE("%lu %lu %lu %lu 0 %lu 0", s[0], s[1], s[2], s[3], s[5]);
	CHECK_EQ(s[0] * PAGE / 1024, size);
	CHECK(s[1] < s[0] && s[2] < s[1]);
	CHECK(s[3] > 50 && s[5] > TEXT_SIZE / PAGE && s[3] + s[5] < s[0]);
}

/* One that has stopped, and one that has ended. */
static void
check_states(void)
{
	char name[32];
	pid_t pid = fork_checked();

	if (pid == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	snprintf(name, sizeof(name), "%d/status", pid);
	CHECK_EQ(waitpid(pid, NULL, WUNTRACED), pid);
	open_text(name);
	find_line("State:\t");
	EXPECT_LINE("State:\tT (stopped)");
	find_line("VmSize:");
	CHECK_EQ(kill(pid, SIGCONT), 0);
	do {
		sleep_ms(1);
		open_text(name);
		find_line("State:\t");
	} while (!strstr(line, "Z (zombie)"));
	while (next_line())
		CHECK(!strstr(line, "Vm"));
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

int
main(void)
{
	text = MAP_ANY(TEXT_SIZE, READ_WRITE, MAP_PRIVATE);
	check_meminfo();
	check_zones();
	check_slabinfo();
	check_vmallocinfo();
	check_interrupts();
	check_process();
	check_states();
	return 0;
}
