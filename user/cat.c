/* cat.c - files, or what is typed, one after the other. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
copy(int fd)
{
	char buffer[4096];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		if (write(1, buffer, n) != n)
			return -1;
	return n;
}

int
main(int argc, char **argv)
{
	int failed = 0;

	if (argc < 2)
		return copy(0) != 0;
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);

		if (fd < 0 || copy(fd)) {
			perror(argv[i]);
			failed = 1;
		}
		if (fd >= 0)
			close(fd);
	}
	return failed;
}
