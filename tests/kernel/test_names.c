/* test_names.c - the names in directories, as linux/entry.c keeps them: a hash, a
 * list, and the circle of one inode's names. */
#include "../../linux/fs.h"
#include "printf.h"
#include "string.h"
#include "test.h"

static struct inode *dir, *other, *file;

/* Two directories and a file without a name; in the end they have none left. */
#define NAMES_TEST(name_)                             \
	static void name_##_body(void);               \
	TEST(names, name_)                            \
	{                                             \
		dir = inode_create(S_IFDIR | 0700);   \
		other = inode_create(S_IFDIR | 0700); \
		file = inode_create(S_IFREG | 0600);  \
		ASSERT(dir &&other &&file);           \
		dir->nlink = other->nlink = 2;        \
		mutex_lock(&fs_lock);                 \
		name_##_body();                       \
		mutex_unlock(&fs_lock);               \
		inode_put(dir);                       \
		inode_put(other);                     \
		inode_put(file);                      \
	}                                             \
	static void name_##_body(void)

static bool
add(struct inode *to, const char *name)
{
	return EXPECT_EQ(entry_add(to, name, strlen(name), file), 0);
}

static struct entry *
find(struct inode *in, const char *name)
{
	return entry_find(in, name, strlen(name));
}

static void
drop(struct inode *from, const char *name)
{
	struct entry *entry = find(from, name);

	if (EXPECT(entry != NULL))
		entry_remove(from, entry);
}

NAMES_TEST(a_name_is_found_in_its_directory_alone)
{
	EXPECT(add(dir, "a") && add(dir, "ab") && add(other, "a"));
	EXPECT(find(dir, "a")->dir == dir);
	EXPECT(find(other, "a")->dir == other);
	EXPECT(!find(other, "ab"));
	EXPECT(!find(dir, "b"));
	EXPECT(!entry_find(dir, "abc", 3));
	EXPECT(entry_find(dir, "abc", 2) == find(dir, "ab"));
	drop(dir, "a");
	EXPECT(!find(dir, "a"));
	EXPECT(find(other, "a") != NULL);
	drop(other, "a");
	drop(dir, "ab");
}

NAMES_TEST(the_oldest_name_that_is_left_is_remembered)
{
	EXPECT(add(dir, "a") && add(other, "b") && add(dir, "c"));
	EXPECT_EQ(file->nlink, 3u);
	EXPECT(file->name == find(dir, "a") && file->parent == dir);
	drop(dir, "a");
	EXPECT(file->name == find(other, "b") && file->parent == other);
	EXPECT(add(other, "d"));
	drop(dir, "c"); /* in the middle */
	EXPECT(file->name == find(other, "b"));
	drop(other, "b");
	EXPECT(file->name == find(other, "d"));
	drop(other, "d");
	EXPECT_EQ(file->nlink, 0u);
	EXPECT(file->name != NULL); /* it was that */
	EXPECT(add(dir, "e"));
	EXPECT(file->name == find(dir, "e") && file->parent == dir);
	drop(dir, "e");
}

/* The cookies grow along the list, and end below what is made up. */
static bool
in_order(unsigned int nr)
{
	struct entry *entry = entry_from(dir, 0);
	u32 last = FIRST_COOKIE - 1;

	for (; entry; entry = entry_next(dir, entry), nr--) {
		if (entry->cookie <= last || entry->cookie >= DIRENTS_MADE_UP)
			return false;
		last = entry->cookie;
	}
	return !nr;
}

NAMES_TEST(the_numbers_of_entries_begin_anew_at_the_end)
{
	char name[12];

	for (unsigned int i = 0; i < 10; i++) {
		if (i == 5)
			dir->next_cookie = DIRENTS_MADE_UP - 2;
		scnprintf(name, sizeof(name), "%u", i);
		EXPECT(add(dir, name));
	}
	EXPECT(in_order(10));
	for (unsigned int i = 0; i < 10; i++) {
		scnprintf(name, sizeof(name), "%u", i);
		drop(dir, name);
	}
}

NAMES_TEST(where_a_reader_stopped_is_kept_right)
{
	EXPECT(add(dir, "a") && add(dir, "b") && add(dir, "c"));
	dir->cursor = find(dir, "b");
	EXPECT(entry_from(dir, dir->cursor->cookie + 1) == find(dir, "b"));
	EXPECT(entry_from(dir, 0) == find(dir, "a"));
	drop(dir, "b");
	EXPECT(dir->cursor == find(dir, "a"));
	drop(dir, "a");
	EXPECT(!dir->cursor);
	EXPECT(entry_from(dir, 100) == find(dir, "c"));
	drop(dir, "c");
	EXPECT(!entry_from(dir, 0));
}
