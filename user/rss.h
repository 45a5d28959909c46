/* rss.h - how many pages of its memory a program really has.
 *
 *   /proc/self/statm:  size  resident  shared  text  lib  data  dt   (pages)
 */
#ifndef RSS_H
#define RSS_H

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* => pages; -1 if nobody says. Takes no memory of its own. */
static inline long
rss(void)
{
	static char text[128];
	int fd = open("/proc/self/statm", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	char *end;

	if (fd < 0 || n <= 0)
		return -1;
	close(fd);
	text[n] = '\0';
	strtol(text, &end, 10);
	return strtol(end, NULL, 10);
}

#endif
