/* exec_args.c - the strings that a new program is told, on their way from the old
 * one's memory.
 *
 *   buf   argv[0]\0 argv[1]\0 ... envp[0]\0 ...     free
 *         |<---- argv_bytes ---->|<----------->|
 *         |<----------------- used ---------->|
 *
 * A script's first line comes in argv[0]'s place.
 *
 * Limits: ARG_MAX bytes of strings and pointers.
 */
#include "errno.h"
#include "exec_args.h"
#include "slab.h"
#include "string.h"
#include "uaccess.h"
#include "vmalloc.h"

struct exec_args *
args_create(void)
{
	struct exec_args *args = kmalloc(sizeof(*args), GFP_KERNEL);

	if (!args)
		return NULL;
	*args = (struct exec_args){.buf = kvmalloc(ARG_MAX, GFP_KERNEL)};
	if (args->buf)
		return args;
	kfree(args);
	return NULL;
}

void
args_free(struct exec_args *args)
{
	kvfree(args->buf);
	kfree(args);
}

/* With the pointers that each string will need. */
static size_t
args_room(const struct exec_args *args)
{
	size_t used = args->used + (args->argc + args->envc + 3) * sizeof(u32);

	return used < ARG_MAX ? ARG_MAX - used : 0;
}

int
args_add_user(struct exec_args *args, const u32 __user *list,
	      unsigned int *count)
{
	u32 string;
	size_t room;
	long len;

	for (; list; list++, ++*count) {
		if (get_user(string, list))
			return -EFAULT;
		if (!string)
			break;
		room = args_room(args);
		if (!room)
			return -E2BIG;
		len = strncpy_from_user(args->buf + args->used,
					(const char __user *)string, room);
		if (len < 0)
			return len;
		if ((size_t)len == room)
			return -E2BIG;
		args->used += len + 1;
	}
	return 0;
}

int
args_add_kernel(struct exec_args *args, const char *const list[],
		unsigned int *count)
{
	for (; list && *list; list++, ++*count) {
		size_t len = strlen(*list) + 1;

		if (len > args_room(args))
			return -E2BIG;
		memcpy(args->buf + args->used, *list, len);
		args->used += len;
	}
	return 0;
}

/* A string before all others. */
static int
args_prepend(struct exec_args *args, const char *s, size_t len)
{
	if (len + 1 > args_room(args))
		return -E2BIG;
	memmove(args->buf + len + 1, args->buf, args->used);
	memcpy(args->buf, s, len);
	args->buf[len] = '\0';
	args->used += len + 1;
	args->argv_bytes += len + 1;
	args->argc++;
	return 0;
}

static void
args_drop_first(struct exec_args *args)
{
	size_t len = args->argc ? strlen(args->buf) + 1 : 0;

	memmove(args->buf, args->buf + len, args->used - len);
	args->used -= len;
	args->argv_bytes -= len;
	args->argc -= args->argc > 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first word of text, terminated; *rest is what follows, without blanks on
 * either side. */
static char *
first_word(char *text, char **rest)
{
	char *end;

	while (is_blank(*text))
		text++;
	*rest = text;
	while (**rest && !is_blank(**rest))
		++*rest;
	while (is_blank(**rest))
		*(*rest)++ = '\0';
	end = *rest + strlen(*rest);
	while (end > *rest && is_blank(end[-1]))
		*--end = '\0';
	return text;
}

int
args_script(struct exec_args *args, char *line, bool first)
{
	char *newline = strchr(line, '\n'), *name, *rest;
	int err = 0;

	if (newline)
		*newline = '\0';
	name = first_word(line + 2, &rest);
	if (!*name || (!newline && rest == line + HEAD_SIZE - 1))
		return -ENOEXEC; /* or it is longer than what was read */
	if (first) {
		args_drop_first(args);
		err = args_prepend(args, args->path, strlen(args->path));
	}
	if (!err && *rest)
		err = args_prepend(args, rest, strlen(rest));
	return err ? err : args_prepend(args, name, strlen(name));
}
