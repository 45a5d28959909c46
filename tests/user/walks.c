/* walks.c - the longest path there is, through a directory with many names: it
 * takes its time, but not everybody's. */
#include <dirent.h>
#include <sys/stat.h>
#include "utest.h"

#define NAMES 5000
#define LINKS 40
#define LIMIT 300 /* milliseconds; from entry to entry it would be 10,000 */

/* Each link goes in and out of a directory, 800 times, and to the next link. */
static void
make_links(void)
{
	static char target[4096];
	char name[32];

	for (int i = 0; i < LINKS; i++) {
		strcpy(target, "/tmp/walk/");
		while (strlen(target) < 4060)
			strcat(target, "d/../");
		sprintf(target + strlen(target), "../links/%d", i + 1);
		sprintf(name, "/tmp/links/%d", i);
		CHECK_EQ(symlink(target, name), 0);
	}
	sprintf(name, "/tmp/links/%d", LINKS);
	CHECK_EQ(mkdir(name, 0700), 0);
}

static void
make_names(void)
{
	char name[32];

	for (int i = 0; i < NAMES; i++) {
		sprintf(name, "/tmp/walk/%d", i);
		CHECK_EQ(symlink("x", name), 0);
	}
	CHECK_EQ(mkdir("/tmp/walk/d", 0700), 0);
}

/* All that readdir gives, while they go. */
static void
remove_all(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	CHECK(dir != NULL);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			CHECK_EQ(unlinkat(dirfd(dir), entry->d_name,
					  entry->d_type == DT_DIR ? AT_REMOVEDIR
								  : 0),
				 0);
	CHECK_EQ(closedir(dir), 0);
	CHECK_EQ(rmdir(path), 0);
}

/* => how long it took */
static long
stat_ms(const char *path)
{
	struct stat st;
	long start = now_ms();

	CHECK_EQ(stat(path, &st), 0);
	return now_ms() - start;
}

int
main(void)
{
	pid_t walkers[8];
	long took;
	int status;

	CHECK_EQ(mkdir("/tmp/walk", 0700), 0);
	CHECK_EQ(mkdir("/tmp/links", 0700), 0);
	make_links();
	make_names();
	took = stat_ms("/tmp/links/0");
	if (took > LIMIT)
		FAIL("the walk took %ld ms", took);

	/* Eight of them for ever: who wants a short one waits for their turns on
	 * the CPU, and they end when they are told to. */
	for (int i = 0; i < 8; i++) {
		walkers[i] = fork_checked();
		while (!walkers[i])
			stat_ms("/tmp/links/0");
	}
	sleep_ms(50);
	took = stat_ms("/");
	if (took > 3 * LIMIT)
		FAIL("another one's took %ld ms", took);
	for (int i = 0; i < 8; i++) {
		took = now_ms();
		kill(walkers[i], SIGKILL);
		CHECK_EQ(waitpid(walkers[i], &status, 0), walkers[i]);
		took = now_ms() - took;
		if (took > 3 * LIMIT)
			FAIL("a killed one's took %ld ms", took);
	}
	remove_all("/tmp/walk");
	remove_all("/tmp/links");
	return 0;
}
