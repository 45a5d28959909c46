/* exec_args.h - what a new program is told: see exec_args.c. */
#ifndef LINUX_EXEC_ARGS_H
#define LINUX_EXEC_ARGS_H

#include "types.h"
#include "uapi.h"

#define ARG_MAX   0x20000u /* 128 KiB, Linux's oldest limit */
#define HEAD_SIZE 256      /* of a file: enough for #! */

/* The strings, one behind the other: those of argv, then those of envp. */
struct exec_args {
	char *buf;               /* grows: few programs are told much */
	size_t size;             /* of buf */
	size_t used;             /* of that */
	struct account *account; /* who pays */
	unsigned int argc, envc;
	size_t argv_bytes; /* of the first argc strings */
	char *path;        /* a page: PATH_MAX bytes */
};

/* args_create: none yet. => process context; NULL without memory. args_free:
 * and what they hold. */
struct exec_args *args_create(void);
void args_free(struct exec_args *args);

/* args_add_user, args_add_kernel: a list of strings up to NULL; NULL is an empty
 * one. => 0 and *count is how many more; -EFAULT, -E2BIG, -ENOMEM */
int args_add_user(struct exec_args *args, const u32 __user *list,
		  unsigned int *count);
int args_add_kernel(struct exec_args *args, const char *const list[],
		    unsigned int *count);

/* args_script: "#!/bin/sh -e" of a file: argv becomes /bin/sh, -e, path,
 * argv[1] ... The path of one that is an interpreter itself is argv[0] already:
 * first is false. line: HEAD_SIZE bytes, terminated, changed.
 * => 0, and argv[0] is the interpreter's path; -ENOEXEC, -E2BIG, -ENOMEM */
int args_script(struct exec_args *args, char *line, bool first);

/* args_open: the file to load: that of path, or of the interpreter that it names.
 * => ERR_PTR(-EACCES, -ELOOP, ...) */
struct file *args_open(struct exec_args *args);
void args_close(struct file *file);

#endif
