/* param.h - options on the kernel command line.
 *
 *	static int
 *	quiet_param(const char *value)
 *	{
 *		...
 *	}
 *	BOOT_PARAM(quiet, "", "show only warnings while booting", quiet_param);
 */
#ifndef PARAM_H
#define PARAM_H

#include "table.h"
#include "types.h"

struct boot_param {
	const char *name;
	const char *value; /* the form of its value, for docs and `help boot` */
	const char *help;
	int (*set)(const char *value);
};

/* BOOT_PARAM: NAME, or NAME=VALUE, calls set("VALUE"), "" without one.
 * => boot, early: no memory beyond memblock
 * => set returns 0, or -EINVAL, which boot reports with the help line; the
 *    string stays valid for ever */
#define BOOT_PARAM(name_, value_, help_, set_)           \
	static const struct boot_param param_##name_ = { \
		.name = #name_,                          \
		.value = (value_),                       \
		.help = (help_),                         \
		.set = (set_),                           \
	};                                               \
	TABLE_ADD(params, param_##name_)

extern struct table_range params;

/* param_find: the one of that name, or NULL. */
const struct boot_param *param_find(const char *name);

/* params_parse: split the command line at blanks ("..." keeps them) and set
 * each option; the unknown and the malformed are named in the log.
 * => boot, once; at most BOOTINFO_CMDLINE bytes of it */
void params_parse(const char *cmdline);

/* parse_size: "16M", "64k", "0x1000" to bytes.
 * => 0 and *bytes; -EINVAL, or -ERANGE beyond 32 bits */
int __must_check parse_size(const char *text, u32 *bytes);

#endif
