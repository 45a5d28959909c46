/* kept.h - what `kmalloc` and `vmalloc` have given to who types: $1, $2 ...
 *
 *   kmalloc 100 --> [ $1 ][ $2 ][    ][ $4 ] ...      kfree $2, kfree all
 *
 * A command has a list of its own, which knows how its things are shown and
 * freed.
 */
#ifndef KEPT_H
#define KEPT_H

#include "gfp.h"
#include "types.h"

#define KEPT_MAX 32

struct kept {
	char *p; /* NULL: the place is empty */
	u32 size;
};

struct kept_list {
	const char *take, *give; /* the commands, for messages */
	void (*print)(const struct kept *k, int number);
	void (*free)(const void *p);
	struct kept entry[KEPT_MAX];
};

/* kept_request: the words of `take [SIZE [FLAG,...]]`; alone: list what there
 * is. => 0, and *free_place is where the result goes, or NULL if it was a
 * list; -E, which has been said */
int kept_request(struct kept_list *list, int argc, char **argv, gfp_t *gfp,
		 struct kept **free_place);

/* kept_print: one of them. kept_address: "$1", or any address.
 * kept_forget: the place of this address is empty now; of all, which are freed
 * first, if `all`. */
void kept_print(const struct kept_list *list, const struct kept *k);
int kept_address(const struct kept_list *list, const char *text, u32 *address);
void kept_forget(struct kept_list *list, u32 address, bool all);

#endif
