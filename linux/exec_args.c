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
#include "gfp.h"
#include "process.h"
#include "slab.h"
#include "writers.h"
#include "string.h"
#include "uaccess.h"
#include "util.h"
#include "vmalloc.h"

#define MAX_SCRIPTS 4

/* In pages of its own, which need not be neighbours. */
static int
grow(struct exec_args *args)
{
	size_t size = args->size ? 2 * args->size : PAGE_SIZE;
	char *buf;

	if (!account_charge(args->account, size - args->size))
		return -ENOMEM;
	buf = kvmalloc(size, GFP_KERNEL);
	if (!buf) {
		account_uncharge(args->account, size - args->size);
		return -ENOMEM;
	}
	memcpy(buf, args->buf, args->used);
	kvfree(args->buf);
	args->buf = buf;
	args->size = size;
	return 0;
}

struct exec_args *
args_create(void)
{
	struct exec_args *args = kzalloc(sizeof(*args), GFP_KERNEL);

	if (!args)
		return NULL;
	args->account = current_account();
	args->path = (char *)__get_free_page(GFP_KERNEL);
	if (args->path && !grow(args))
		return args;
	args_free(args);
	return NULL;
}

void
args_free(struct exec_args *args)
{
	account_uncharge(args->account, args->size);
	kvfree(args->buf);
	free_page((unsigned long)args->path);
	kfree(args);
}

/* With the pointers that each string will need. */
static size_t
args_room(const struct exec_args *args)
{
	size_t used = args->used + (args->argc + args->envc + 3) * sizeof(u32);

	return used < ARG_MAX ? ARG_MAX - used : 0;
}

/* => 0: there are so many bytes behind what is used; -E2BIG, -ENOMEM */
static int
need(struct exec_args *args, size_t n)
{
	int err = n > args_room(args) ? -E2BIG : 0;

	while (!err && args->size - args->used < n)
		err = grow(args);
	return err;
}

/* Begins anew with twice the room when it does not fit. */
static int
add_string(struct exec_args *args, const char __user *string)
{
	size_t room;
	long len;
	int err = need(args, 1);

	while (!err) {
		room = min(args_room(args), args->size - args->used);
		len = strncpy_from_user(args->buf + args->used, string, room);
		if (len < 0)
			return len;
		if ((size_t)len < room) {
			args->used += len + 1;
			return 0;
		}
		err = need(args, room + 1);
	}
	return err;
}

int
args_add_user(struct exec_args *args, const u32 __user *list,
	      unsigned int *count)
{
	u32 string;
	int err;

	for (; list; list++, ++*count) {
		if (get_user(string, list))
			return -EFAULT;
		if (!string)
			break;
		err = add_string(args, (const char __user *)string);
		if (err)
			return err;
	}
	return 0;
}

int
args_add_kernel(struct exec_args *args, const char *const list[],
		unsigned int *count)
{
	for (; list && *list; list++, ++*count) {
		size_t len = strlen(*list) + 1;
		int err = need(args, len);

		if (err)
			return err;
		memcpy(args->buf + args->used, *list, len);
		args->used += len;
	}
	return 0;
}

/* A string before all others. */
static int
args_prepend(struct exec_args *args, const char *s, size_t len)
{
	int err = need(args, len + 1);

	if (err)
		return err;
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

void
args_close(struct file *file)
{
	inode_put_exec(file->inode);
	file_put(file);
}

struct file *
args_open(struct exec_args *args)
{
	char head[HEAD_SIZE];
	unsigned int depth;

	for (depth = 0; depth <= MAX_SCRIPTS; depth++) {
		struct file *file =
			file_open_path(depth ? args->buf : args->path,
				       O_RDONLY | O_NONBLOCK, 0);
		ssize_t n;
		int err = 0;

		if (IS_ERR(file))
			return file;
		err = inode_get_exec(file->inode);
		if (err) {
			file_put(file);
			return ERR_PTR(err);
		}
		n = kernel_read(file, head, HEAD_SIZE - 1, 0);
		if (!S_ISREG(file->inode->mode) || !(file->inode->mode & 0111))
			err = -EACCES;
		else if (n < 0)
			err = n;
		else if (n < 2 || head[0] != '#' || head[1] != '!')
			return file;
		args_close(file);
		if (err)
			return ERR_PTR(err);
		head[n] = '\0';
		err = args_script(args, head, !depth);
		if (err)
			return ERR_PTR(err);
	}
	return ERR_PTR(-ELOOP);
}
