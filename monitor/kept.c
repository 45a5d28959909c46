/* kept.c - see kept.h: places with a number, and the words that name them.
 */
#include "kept.h"
#include "command.h"
#include "errno.h"
#include "string.h"
#include "util.h"

void
kept_print(const struct kept_list *list, const struct kept *k)
{
	list->print(k, (int)(k - list->entry) + 1);
	command_shown(k->p);
}

static int
list_kept(const struct kept_list *list)
{
	unsigned int n = 0;

	for (const struct kept *k = list->entry; k < ARRAY_END(list->entry);
	     k++) {
		if (!k->p)
			continue;
		kept_print(list, k);
		n++;
	}
	return n ? 0
		 : command_refuse(0, "Nothing is yours: %s SIZE takes some.",
				  list->take);
}

int
kept_request(struct kept_list *list, int argc, char **argv, gfp_t *gfp,
	     struct kept **free_place)
{
	struct kept *k;
	u32 size;
	int error;

	*free_place = NULL;
	if (argc > 3)
		return -EINVAL;
	if (argc == 1)
		return list_kept(list);
	error = command_count(argv[1], "SIZE", 0, ~0u, &size);
	if (!error && argc == 3)
		error = command_gfp(argv[2], gfp);
	if (error)
		return error;
	for (k = list->entry; k < ARRAY_END(list->entry) && k->p; k++)
		;
	if (k == ARRAY_END(list->entry))
		return command_refuse(-ENOSPC,
				      "$1 to $%d are all in use: %s one.",
				      KEPT_MAX, list->give);
	k->size = size;
	*free_place = k;
	return 0;
}

int
kept_address(const struct kept_list *list, const char *text, u32 *address)
{
	u32 n;

	if (*text != '$' || !text[1] || text[1] == '+')
		return command_number(text, address);
	if (kstrtou32(text + 1, 10, &n) || n - 1 >= KEPT_MAX ||
	    !list->entry[n - 1].p)
		return command_refuse(-ENOENT,
				      "There is no %s: %s lists those there "
				      "are.",
				      text, list->take);
	*address = (u32)list->entry[n - 1].p;
	return 0;
}

void
kept_forget(struct kept_list *list, u32 address, bool all)
{
	for (struct kept *k = list->entry; k < ARRAY_END(list->entry); k++) {
		if (all)
			list->free(k->p);
		if (all || (u32)k->p == address)
			k->p = NULL;
	}
}
