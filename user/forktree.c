/* forktree.c - three generations share pages, and each sees its own contents.
 *
 *              a                 every one writes its name into its own half
 *         b         b            of the pages and leaves the rest as its
 *       c   c     c   c          parent left it; then all compare
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE     4096
#define NR_PAGES 64
#define DEPTH    3

static char *memory;
static char expected[NR_PAGES];

static void
write_own(int generation)
{
	for (int i = generation; i < NR_PAGES; i += 1 << generation) {
		expected[i] = 'a' + generation;
		memset(memory + i * PAGE, expected[i], PAGE);
	}
}

static int
all_right(void)
{
	for (int i = 0; i < NR_PAGES; i++)
		for (int at = 0; at < PAGE; at += 511)
			if (memory[i * PAGE + at] != expected[i])
				return 0;
	return 1;
}

/* => how many below and including this one are right */
static int
generation(int number)
{
	int right, status;
	pid_t pids[2];

	write_own(number);
	for (int i = 0; i < 2 && number + 1 < DEPTH; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(generation(number + 1));
		if (pids[i] < 0)
			perror("fork");
	}
	right = all_right();
	for (int i = 0; i < 2 && number + 1 < DEPTH; i++)
		if (waitpid(pids[i], &status, 0) == pids[i] &&
		    WIFEXITED(status))
			right += WEXITSTATUS(status);
	return all_right() ? right : 0;
}

int
main(void)
{
	int right, all = (1 << DEPTH) - 1;

	memory = mmap(NULL, NR_PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	right = generation(0);
	printf("%d of %d processes see what they must\n", right, all);
	return right != all;
}
