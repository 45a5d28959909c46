/* spawn.c - system() and popen(): a shell, pipes, and what they give back. */
#include "utest.h"

int
main(void)
{
	char line[64];
	FILE *file;

	CHECK_EQ(WEXITSTATUS(system("exit 5")), 5);
	CHECK_EQ(system("hello_asm_is_not_here 2>/dev/null") >> 8, 127);
	file = popen("echo one; echo two", "r");
	CHECK(file != NULL);
	CHECK(fgets(line, sizeof(line), file) && !strcmp(line, "one\n"));
	CHECK(fgets(line, sizeof(line), file) && !strcmp(line, "two\n"));
	CHECK(!fgets(line, sizeof(line), file));
	CHECK_EQ(pclose(file), 0);
	file = popen("cat >/tmp/spawn", "w");
	CHECK(file != NULL);
	CHECK(fprintf(file, "through a pipe\n") > 0);
	CHECK_EQ(pclose(file), 0);
	file = popen("cat </tmp/spawn | cat", "r");
	CHECK(file != NULL);
	CHECK(fgets(line, sizeof(line), file) &&
	      !strcmp(line, "through a pipe\n"));
	CHECK_EQ(pclose(file), 0);
	CHECK_EQ(unlink("/tmp/spawn"), 0);
	return 0;
}
