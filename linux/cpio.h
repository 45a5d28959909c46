/* cpio.h - reading an archive of the kind "newc": see cpio.c. */
#ifndef LINUX_CPIO_H
#define LINUX_CPIO_H

#include "types.h"

/* One file of the archive. Everything points into it. */
struct cpio_entry {
	const char *name; /* terminated; not "", no / in front */
	u32 mode;         /* with S_IF* */
	u32 mtime;        /* seconds since 1970 */
	u32 uid, gid;
	u32 rdev_major, rdev_minor;
	u32 ino,
		nlink; /* entries with the same are one file, when nlink > 1: */
	u32 dev_major, dev_minor; /* the last of them has the data */
	const char *data;
	u32 size; /* of data */
};

/* cpio_read: call take(entry, arg) for each file, in order.
 * => pure; believes nothing; reads nothing but [start, start + size)
 * => the number of entries that were taken. *error, if not NULL: why it ended
 *    there, in words; NULL: at the trailer, as it should. take returns NULL to
 *    go on, else why not */
unsigned int cpio_read(const void *start, size_t size,
		       const char *(*take)(const struct cpio_entry *entry,
					   void *arg),
		       void *arg, const char **error);

#endif
