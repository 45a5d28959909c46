/* box.c - many programs in one binary, told apart by the name they go by.
 *
 *   /bin/hello -> box      argv[0] = "/bin/hello"   --> main_hello()
 *   box hello a b                                   --> main_hello()
 *
 * Most of a static binary is the library: it is there once. (A main() of no
 * arguments is called with two all the same: in C on i386 nobody minds.)
 */
#include <stdio.h>
#include <string.h>

#define APPLET(name) int main_##name(int argc, char **argv);
#include "applets.h"
#undef APPLET

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} applets[] = {
#define APPLET(name) {#name, main_##name},
#include "applets.h"
};

#define NR_APPLETS (sizeof(applets) / sizeof(applets[0]))

int
main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc ? argv[0] : "";

	if (!strcmp(name, "box") && argc > 1)
		return main(argc - 1, argv + 1);
	for (size_t i = 0; i < NR_APPLETS; i++)
		if (!strcmp(applets[i].name, name))
			return applets[i].run(argc, argv);
	printf("box: there is no program \"%s\", but these:\n", name);
	for (size_t i = 0; i < NR_APPLETS; i++)
		printf("%s%s", applets[i].name, i % 6 == 5 ? "\n" : "  ");
	putchar('\n');
	return 127;
}
