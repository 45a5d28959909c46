/* entry.c - the names in directories: found by a hash, listed in order.
 *
 *   table   [   | * |   |   | * ]            of all directories together
 *                 v
 *               "b" in /x --> "c" in /y      those with that hash
 *
 *   dir->entries   "a" <-> "b" <-> "d"       as they were made: cookies grow
 *                           ^ dir->cursor: where the last who read it stopped
 *   inode->name    "b" <-> "z" <-> ...       a circle: the names of one inode,
 *                                            its oldest first
 *
 * So finding, adding and removing cost the same among ten names and a hundred
 * thousand, and going on with a directory where one stopped does, too. A hash
 * begins with a number that nobody can know: no names can be chosen to meet.
 *
 * Locking: fs_lock.
 * Limits: the table has its size from the boot on, a bucket for each BUCKET_PAGES
 * of RAM; who seeks in a directory, or shares it with another reader, walks to
 * his place.
 */
#include "fs.h"
#include "fscost.h"
#include "gfp.h"
#include "mmzone.h"
#include "panic.h"
#include "slab.h"
#include "string.h"
#include "util.h"
#include "vmalloc.h"

#define BUCKET_PAGES 8

static struct {
	struct entry **buckets; /* the first of each chain, or NULL (F) */
	u32 mask;               /* their number less 1: a power of two (C) */
	u32 secret;             /* (C) */
} table;

void
entries_init(void)
{
	u32 nr = 1u << (31 - __builtin_clz(max_pfn / BUCKET_PAGES));

	table.mask = nr - 1;
	table.buckets = kvzalloc(nr * sizeof(*table.buckets), GFP_KERNEL);
	if (!table.buckets)
		panic("no memory for the table of names\n");
	random_bytes(&table.secret, sizeof(table.secret));
}

/* => its name is to be filled in; ERR_PTR(-ENOSPC, -ENOMEM) */
static struct entry *
entry_alloc(size_t len)
{
	int error = fs_charge(sizeof(struct entry) + len);
	struct entry *entry;

	if (error)
		return ERR_PTR(error);
	entry = kmalloc(sizeof(*entry) + len, GFP_KERNEL);
	if (!entry) {
		fs_uncharge(sizeof(*entry) + len);
		return ERR_PTR(-ENOMEM);
	}
	entry->len = len;
	return entry;
}

void
entry_free(struct entry *entry)
{
	if (entry)
		fs_uncharge(sizeof(*entry) + entry->len);
	kfree(entry);
}

/* FNV-1a; the high bits, which depend on all of the name, join the low ones. */
static struct entry **
bucket_of(const struct inode *dir, const char *name, size_t len)
{
	u32 hash = table.secret ^ (u32)dir;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (u8)name[i]) * 0x01000193;
	return &table.buckets[(hash ^ hash >> 16) & table.mask];
}

struct entry *
entry_find(struct inode *dir, const char *name, size_t len)
{
	struct entry *entry = *bucket_of(dir, name, len);

	while (entry && (entry->dir != dir || entry->len != len ||
			 memcmp(entry->name, name, len) != 0))
		entry = entry->chain;
	return entry;
}

static void
chain_add(struct entry *entry, struct entry **at)
{
	entry->chain = *at;
	entry->chained_at = at;
	if (*at)
		(*at)->chained_at = &entry->chain;
	*at = entry;
}

static void
chain_remove(struct entry *entry)
{
	*entry->chained_at = entry->chain;
	if (entry->chain)
		entry->chain->chained_at = entry->chained_at;
}

struct entry *
entry_from(const struct inode *dir, loff_t pos)
{
	struct entry *entry = dir->cursor;

	if (entry && entry->cookie <= pos)
		return entry;
	return list_empty(&dir->entries)
		       ? NULL
		       : list_first_entry(&dir->entries, struct entry, link);
}

struct entry *
entry_next(const struct inode *dir, struct entry *entry)
{
	return entry->link.next == &dir->entries ? NULL
						 : list_next_entry(entry, link);
}

static void
set_parent(struct inode *inode, struct inode *dir)
{
	struct inode *before = inode->parent;

	inode->parent = inode_get(dir);
	inode_put(before);
}

/* After a thousand million names: those that are left are counted anew. Who
 * reads the directory just then may see some twice. */
static void
renumber(struct inode *dir)
{
	struct entry *entry;

	dir->next_cookie = FIRST_COOKIE;
	list_for_each_entry(entry, &dir->entries, link)
	{
		entry->cookie = dir->next_cookie++;
	}
}

/* Last in the inode's circle. What a removed one remembers is no name of it. */
static void
add_name(struct inode *inode, struct entry *entry)
{
	if (!inode->nlink) {
		entry_free(inode->name);
		inode->name = NULL;
	}
	INIT_LIST_HEAD(&entry->same);
	if (inode->name)
		list_add_tail(&entry->same, &inode->name->same);
	else
		inode->name = entry;
	set_parent(inode, inode->name->dir);
	inode->nlink++;
}

int
entry_add(struct inode *dir, const char *name, size_t len, struct inode *inode)
{
	struct entry *entry = entry_alloc(len);

	if (IS_ERR(entry))
		return PTR_ERR(entry);
	if (dir->next_cookie == DIRENTS_MADE_UP)
		renumber(dir);
	entry->inode = inode_get(inode);
	entry->dir = dir;
	entry->cookie = dir->next_cookie++;
	memcpy(entry->name, name, len);
	chain_add(entry, bucket_of(dir, name, len));
	list_add_tail(&entry->link, &dir->entries);
	add_name(inode, entry);
	inode_touch(dir);
	inode_changed(inode);
	if (S_ISDIR(inode->mode))
		dir->nlink++;
	return 0;
}

static void
move_cursor(struct inode *dir, struct entry *gone)
{
	if (dir->cursor == gone)
		dir->cursor = gone->link.prev == &dir->entries
				      ? NULL
				      : list_prev_entry(gone, link);
}

/* A directory's own "." is its last link; without a name it has none. (A rename
 * adds the new name before the old one goes.) */
void
entry_remove(struct inode *dir, struct entry *entry)
{
	struct inode *inode = entry->inode;

	inode->nlink--;
	if (S_ISDIR(inode->mode)) {
		dir->nlink--;
		if (inode->nlink == 1)
			inode->nlink = 0;
	}
	inode_touch(dir);
	inode_changed(inode);
	move_cursor(dir, entry);
	chain_remove(entry);
	list_del(&entry->link);
	if (!list_empty(&entry->same)) { /* another name is left */
		if (inode->name == entry)
			inode->name = list_next_entry(entry, same);
		list_del(&entry->same);
		entry_free(entry);
		set_parent(inode, inode->name->dir);
	}
	inode_put(inode);
}
