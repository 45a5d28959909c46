/* test_initramfs.c - an archive becomes files; a broken one, those before the
 * mistake.
 *
 *   archive in memory --initramfs_unpack--> /t/...
 */
#include "errno.h"
#include "fs_helpers.h"
#include "gfp.h"
#include "page_owner.h"
#include "printf.h"
#include "util.h"

#define ROOM 32768

static struct {
	char *bytes;
	size_t size;
} a;

/* With a number, and so many names in all. */
static void
add_linked(u32 ino, u32 nlink, const char *name, u32 mode, const char *data,
	   size_t size)
{
	size_t n = strlen(name) + 1;

	a.size += scnprintf(a.bytes + a.size, ROOM - a.size,
			    "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
			    "%08x%08x%08x",
			    ino, mode, 7u, 8u, nlink, 86400u, (u32)size, 0u, 0u,
			    1u, 5u, (u32)n, 0u);
	memcpy(a.bytes + a.size, name, n);
	a.size = ALIGN(a.size + n, 4u);
	memcpy(a.bytes + a.size, data, size);
	a.size = ALIGN(a.size + size, 4u);
}

static void
add(const char *name, u32 mode, const char *data, size_t size)
{
	add_linked(1, 1, name, mode, data, size);
}

static bool
begin(void)
{
	a.size = 0;
	a.bytes = kzalloc(ROOM, GFP_KERNEL);
	return EXPECT(a.bytes != NULL) && u_begin();
}

static void
end(void)
{
	kfree(a.bytes);
	u_end();
}

static void
make_archive(void)
{
	char *big = kmalloc(9000, GFP_KERNEL);

	ASSERT(big != NULL);
	for (unsigned int i = 0; i < 9000; i++)
		big[i] = (char)(i * 7 + 2);
	add("t", S_IFDIR | 0755, "", 0);
	add_linked(9, 2, "t/big", S_IFREG | 0600, big, 9000);
	add("t/link", S_IFLNK | 0777, "big", 3);
	add("t/zero", S_IFCHR | 0666, "", 0);
	add("t/empty", S_IFREG | 0644, "", 0);
	kfree(big);
}

static void
remove_all(void)
{
	static const char *const names[] = {"/t/big", "/t/link", "/t/zero",
					    "/t/empty"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink_file(names[i]);
	SYS(NR_rmdir, P1("/t"));
}

TEST(initramfs, an_archive_becomes_files)
{
	struct stat64 st = {0};
	struct file *file;
	char start[4];
	long fd;

	ASSERT(begin());
	make_archive();
	add("TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), 5);
	fd = open_file("/t/link", O_RDONLY);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 10000), 9000);
	EXPECT(u_is(U_BUF, 9000, 2));
	EXPECT_EQ(SYS(NR_fstat64, fd, U_BUF), 0);
	EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
	EXPECT_EQ(st.mode, S_IFREG | 0600);
	EXPECT_EQ(st.mtime.sec, 86400);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	fd = open_file("/t/zero", O_RDONLY); /* 1:5 */
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 10), 10);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	file = file_open_path("/t/big", O_RDONLY, 0);
	ASSERT(!IS_ERR(file));
	EXPECT_EQ(kernel_read(file, start, 4, 8998), 2);
	EXPECT_EQ((u8)start[1], (8999 * 7 + 2) % 256);
	file_put(file);
	/* Again: it replaces, and nothing is left of the first. */
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), 5);
	remove_all();
	end();
}

/* The last name comes with the data; a directory has two links by nature. */
TEST(initramfs, hard_links_are_one_file)
{
	struct stat64 st = {0};

	ASSERT(begin());
	add_linked(2, 2, "t", S_IFDIR | 0755, "", 0);
	add_linked(3, 2, "t/big", S_IFREG | 0755, "", 0);
	add_linked(4, 2, "t/link", S_IFREG | 0644, "other", 5);
	add_linked(3, 2, "t/zero", S_IFREG | 0755, "data", 4);
	add_linked(2, 2, "t/empty", S_IFREG | 0644, "", 0);
	add("TRAILER!!!", 0, "", 0);
	for (int i = 0; i < 2; i++) { /* again: they replace */
		EXPECT_EQ(initramfs_unpack(a.bytes, a.size), 5);
		EXPECT_EQ(SYS(NR_stat64, P1("/t/big"), U_BUF), 0);
		EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
		EXPECT_EQ(st.size, 4);
		EXPECT_EQ(st.nlink, 2);
		EXPECT_EQ(st.uid, 7);
		EXPECT_EQ(st.gid, 8);
		EXPECT_EQ(SYS(NR_stat64, P1("/t/link"), U_BUF), 0);
		EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
		EXPECT_EQ(st.size, 5);
		EXPECT_EQ(st.nlink, 1);
	}
	remove_all();
	end();
}

/* The second one replaces the first, and is the same file; so it has a name
 * that is gone, and a new one, in another directory. */
TEST(initramfs, a_hard_link_may_come_twice)
{
	struct stat64 st = {0};
	unsigned long before;

	ASSERT(begin());
	before = nr_inodes();
	add("t", S_IFDIR | 0755, "", 0);
	add("u", S_IFDIR | 0755, "", 0);
	add_linked(3, 3, "u/big", S_IFREG | 0755, "data", 4);
	add("u/big", S_IFREG | 0644, "", 0);
	add_linked(3, 3, "t/big", S_IFREG | 0755, "data", 4);
	add("TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), 5);
	unlink_file("/u/big");
	EXPECT_EQ(SYS(NR_rmdir, P1("/u")), 0);
	EXPECT_EQ(nr_inodes(), before + 2); /* the old name's folder is gone */
	EXPECT_EQ(SYS(NR_stat64, P1("/t/big"), U_BUF), 0);
	EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
	EXPECT_EQ(st.size, 4);
	EXPECT_EQ(st.nlink, 1);
	EXPECT_EQ(SYS(NR_rename, P1("/t/big"), P2("/t/link")), 0);
	remove_all();
	end();
}

TEST(initramfs, a_broken_one_gives_what_was_before)
{
	ASSERT(begin());
	make_archive();
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), -EINVAL);
	EXPECT_EQ(SYS(NR_access, P1("/t/empty"), 0), 0);
	remove_all();
	end();
	ASSERT(begin());
	add("t", S_IFDIR | 0755, "", 0);
	add("t/no/where", S_IFREG | 0644, "x", 1);
	add("t", S_IFREG | 0644, "x", 1);
	add("t/socket", S_IFSOCK | 0644, "", 0);
	add("t/link", S_IFLNK | 0777, "", 0);
	add("../../t/empty", S_IFREG | 0644, "", 0);
	add("TRAILER!!!", 0, "", 0);
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), 6);
	EXPECT_EQ(SYS(NR_access, P1("/t/empty"), 0), 0);
	EXPECT_EQ(SYS(NR_access, P1("/t/link"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_access, P1("/t/socket"), 0), -ENOENT);
	remove_all();
	end();
}

static bool
unpack(void *arg __maybe_unused)
{
	bool ok = initramfs_unpack(a.bytes, a.size) == 5;

	fail_alloc_set(0, 0);
	remove_all();
	return ok;
}

TEST(initramfs, without_memory_nothing_is_lost)
{
	ASSERT(begin());
	make_archive();
	add("TRAILER!!!", 0, "", 0);
	EXPECT(heap_fail_each(unpack, NULL) > 8);
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), 5);
	remove_all();
	fail_page_alloc_set(0, 2, 0);
	EXPECT_EQ(initramfs_unpack(a.bytes, a.size), -EINVAL);
	fail_page_alloc_set(0, 0, 0);
	EXPECT_EQ(SYS(NR_access, P1("/t/link"), 0), -ENOENT);
	remove_all();
	end();
}
