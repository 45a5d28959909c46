/* cpio.c - reading an archive: cpio's format "newc", as every initramfs is.
 *
 *   "070701" 13 numbers of 8 hex digits | name \0 | pad | data | pad | next ...
 *   +------- header, 110 bytes ---------+  to 4 bytes ^      ^ to 4 bytes
 *
 *   the numbers: 0 ino  1 mode  2 uid  3 gid  4 nlink  5 mtime  6 filesize
 *                7, 8 device  9, 10 number of a device node  11 namesize  12 -
 *   the last entry is called TRAILER!!!
 *
 * An archive is whatever somebody put there. Each length is compared with what
 * is left before anything is read, and nothing is added that could wrap: the
 * part that is left is a pointer and a size, and only ever becomes less.
 *
 * Limits: archives with checksums (070702) are read, not checked.
 */
#include "cpio.h"
#include "string.h"
#include "util.h"

#define MAGIC_LEN  6
#define NR_NUMBERS 13
#define HEADER     (MAGIC_LEN + NR_NUMBERS * 8)
#define NAME_LIMIT 4096

enum {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILESIZE,
	DEV_MAJOR,
	DEV_MINOR,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAMESIZE
};

struct rest {
	const char *p;
	size_t n;
};

/* The next n bytes, and what pads them to 4, counted from `before` bytes ahead.
 * => NULL: there are not so many. (The padding may be missing at the end.) */
static const char *
next_bytes(struct rest *rest, size_t n, size_t before)
{
	const char *p = rest->p;
	size_t pad = -(n + before) % 4;

	if (n > rest->n)
		return NULL;
	pad = min(pad, rest->n - n);
	rest->p += n + pad;
	rest->n -= n + pad;
	return p;
}

static bool
hex(const char *digits, u32 *value)
{
	*value = 0;
	for (unsigned int i = 0; i < 8; i++) {
		char c = digits[i];
		u32 digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | ' ') >= 'a' && (c | ' ') <= 'f')
			digit = (c | ' ') - 'a' + 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

/* One entry off the rest. => what is wrong with it, or NULL */
static const char *
read_entry(struct rest *rest, struct cpio_entry *entry)
{
	const char *header = next_bytes(rest, HEADER, 2); /* name at 2 mod 4 */
	u32 n[NR_NUMBERS];

	if (!header)
		return "it ends without a trailer";
	if (memcmp(header, "070701", MAGIC_LEN) != 0 &&
	    memcmp(header, "070702", MAGIC_LEN) != 0)
		return "there is no header of cpio's format newc";
	for (unsigned int i = 0; i < NR_NUMBERS; i++)
		if (!hex(header + MAGIC_LEN + i * 8, &n[i]))
			return "a number has other than hexadecimal digits";
	if (n[NAMESIZE] < 2 || n[NAMESIZE] > NAME_LIMIT)
		return "a name's length makes no sense";
	entry->name = next_bytes(rest, n[NAMESIZE], HEADER);
	if (!entry->name)
		return "it ends inside a name";
	if (strnlen(entry->name, n[NAMESIZE]) != n[NAMESIZE] - 1)
		return "a name does not end where it should";
	entry->data = next_bytes(rest, n[FILESIZE], 0);
	if (!entry->data)
		return "it ends inside a file";
	entry->size = n[FILESIZE];
	entry->mode = n[MODE];
	entry->mtime = n[MTIME];
	entry->uid = n[UID];
	entry->gid = n[GID];
	entry->ino = n[INO];
	entry->nlink = n[NLINK];
	entry->dev_major = n[DEV_MAJOR];
	entry->dev_minor = n[DEV_MINOR];
	entry->rdev_major = n[RDEV_MAJOR];
	entry->rdev_minor = n[RDEV_MINOR];
	return NULL;
}

unsigned int
cpio_read(const void *start, size_t size,
	  const char *(*take)(const struct cpio_entry *entry, void *arg),
	  void *arg, const char **error)
{
	struct rest rest = {start, size};
	struct cpio_entry entry;
	unsigned int taken = 0;
	const char *why;

	for (;; taken++) {
		why = read_entry(&rest, &entry);
		if (why || !strcmp(entry.name, "TRAILER!!!"))
			break;
		while (*entry.name == '/')
			entry.name++;
		why = *entry.name ? take(&entry, arg) : NULL;
		if (why)
			break;
	}
	if (error)
		*error = why;
	return taken;
}
