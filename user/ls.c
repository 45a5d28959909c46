/* ls.c - what is in a directory: kind, rights, size, name.
 *
 *   drwxr-xr-x       0  bin
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char
kind(mode_t mode)
{
	return S_ISDIR(mode)    ? 'd'
	       : S_ISLNK(mode)  ? 'l'
	       : S_ISCHR(mode)  ? 'c'
	       : S_ISFIFO(mode) ? 'p'
				: '-';
}

static void
show(const char *path, const char *name)
{
	char full[1024], target[256];
	struct stat st;
	ssize_t n;

	snprintf(full, sizeof(full), "%s/%s", path, name);
	if (lstat(full, &st)) {
		perror(full);
		return;
	}
	putchar(kind(st.st_mode));
	for (int bit = 8; bit >= 0; bit--)
		putchar(st.st_mode & 1 << bit ? "xwr"[bit % 3] : '-');
	printf(" %8lld  %s", (long long)st.st_size, name);
	n = readlink(full, target, sizeof(target));
	if (n > 0)
		printf(" -> %.*s", (int)n, target);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : ".";
	struct dirent *entry;
	DIR *dir = opendir(path);

	if (!dir) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			show(path, entry->d_name);
	closedir(dir);
	return 0;
}
