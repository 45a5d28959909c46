/* param.c - the kernel command line, option by option.
 *
 *   quiet mem=64M run="mem; cpu" test=printf.*
 *   |     |       |              |
 *   each word to the BOOT_PARAM of its name; what nobody knows is named in
 *   the log, since a misspelt option that does nothing wastes an afternoon
 *
 * The line is copied once and cut there: an option may keep its value.
 */
#include "bootinfo.h"
#include "errno.h"
#include "param.h"
#include "printk.h"
#include "string.h"
#include "util.h"

TABLE_DEFINE(params);

int
parse_size(const char *text, u32 *bytes)
{
	static const char suffixes[] = "kKmMgG";
	char digits[16];
	size_t len = strlen(text);
	unsigned int shift = 0;
	const char *suffix;
	int err;

	suffix = len ? strchr(suffixes, text[len - 1]) : NULL;
	if (suffix) {
		shift = ((suffix - suffixes) / 2 + 1) * 10;
		len--;
	}
	if (len >= sizeof(digits))
		return -EINVAL;
	strscpy(digits, text, len + 1);
	err = kstrtou32(digits, 0, bytes);
	if (err)
		return err;
	if (*bytes > ~0u >> shift)
		return -ERANGE;
	*bytes <<= shift;
	return 0;
}

const struct boot_param *
param_find(const char *name)
{
	const struct boot_param *param;

	table_for_each(param, &params) if (strcmp(param->name, name) ==
					   0) return param;
	return NULL;
}

/* The next word, quotes removed, cut off in place; NULL at the end. */
static char *
next_word(char **line)
{
	char *in = *line, *out, *word;
	bool quoted = false;

	while (*in == ' ' || *in == '\t')
		in++;
	if (!*in)
		return NULL;
	for (word = out = in; *in; in++) {
		if (*in == '"')
			quoted = !quoted;
		else if (!quoted && (*in == ' ' || *in == '\t'))
			break;
		else
			*out++ = *in;
	}
	*line = *in ? in + 1 : in;
	*out = '\0';
	return word;
}

static void
set(char *word)
{
	const struct boot_param *param;
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	param = param_find(word);
	if (!param)
		pr_warn("command line: unknown option '%s'\n", word);
	else if (param->set(value ? value : ""))
		pr_warn("command line: %s='%s' makes no sense; it is %s%s%s: "
			"%s\n",
			word, value ? value : "", word,
			*param->value ? "=" : "", param->value, param->help);
}

/* Some loaders (QEMU) begin the line with the image's path, others do not. */
static bool
is_image_path(const char *word)
{
	size_t len = strlen(word);

	return !strchr(word, '=') &&
	       (strchr(word, '/') ||
		(len > 4 && strcmp(word + len - 4, ".elf") == 0));
}

void
params_parse(const char *cmdline)
{
	static char copy[BOOTINFO_CMDLINE];
	char *line = copy;
	char *word;

	strscpy(copy, cmdline, sizeof(copy));
	word = next_word(&line);
	if (word && is_image_path(word))
		word = next_word(&line);
	for (; word; word = next_word(&line))
		set(word);
}
