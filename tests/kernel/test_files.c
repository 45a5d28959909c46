/* test_files.c - files and directories as a program meets them: by system calls
 * whose results are Linux's.
 *
 *   /t      what a case makes, it removes: inodes, open files, objects and
 *           pages are counted before and after
 *
 * An initramfs has cached pages of its own: only a case's are counted.
 */
#include "../../linux/process.h"
#include "errno.h"
#include "fs_helpers.h"
#include "gfp.h"
#include "page_owner.h"
#include "printf.h"
#include "util.h"

static unsigned long cached_before;

#define FILE_TEST(name_)                                     \
	static void name_##_body(void);                      \
	TEST(files, name_)                                   \
	{                                                    \
		if (!u_begin())                              \
			return;                              \
		cached_before = nr_cached_pages();           \
		EXPECT_EQ(SYS(NR_mkdir, P1("/t"), 0755), 0); \
		name_##_body();                              \
		EXPECT_EQ(SYS(NR_rmdir, P1("/t")), 0);       \
		u_end();                                     \
	}                                                    \
	static void name_##_body(void)

static unsigned long
pages_of_ours(void)
{
	return nr_cached_pages() - cached_before;
}

static u32
size_of(long fd)
{
	struct stat64 st = {0};

	EXPECT_EQ(SYS(NR_fstat64, fd, U_PATH2), 0);
	EXPECT(!copy_from_user(&st, user_ptr(U_PATH2), sizeof(st)));
	return (u32)st.size;
}

static long
make_file(const char *name)
{
	long fd = SYS(NR_creat, P1(name), 0644);

	return fd < 0 ? fd : SYS(NR_close, fd);
}

FILE_TEST(what_is_written_is_read_across_pages)
{
	long fd = open_file("/t/a", O_CREAT | O_RDWR);

	ASSERT(fd >= 0);
	u_fill(U_BUF, 10000, 1);
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 10000), 10000);
	EXPECT_EQ(size_of(fd), 10000);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 1), 0);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF + 0x4001, 20000), 10000);
	EXPECT(u_is(U_BUF + 0x4001, 10000, 1));
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF, 5, 9998, 0), 2);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_CUR), 10000);
	EXPECT_EQ(SYS(NR_lseek, fd, -1, SEEK_SET), -EINVAL);
	EXPECT_EQ(SYS(NR_lseek, fd, -10, SEEK_END), 9990);
	EXPECT_EQ(SYS(NR_llseek, fd, 1, 5, U_BUF, SEEK_SET), 0);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 1), 0);
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 1), -EFBIG);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_CUR), -EOVERFLOW);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(SYS(NR_close, fd), -EBADF);
	EXPECT_EQ(unlink_file("/t/a"), 0);
}

FILE_TEST(holes_and_what_was_cut_off_read_as_zeroes)
{
	long fd = open_file("/t/a", O_CREAT | O_RDWR);
	u32 word = 1;

	ASSERT(fd >= 0);
	u_fill(U_BUF, 6000, 3);
	EXPECT_EQ(SYS(NR_pwrite64, fd, U_BUF, 6000, 0x100000, 0), 6000);
	EXPECT_EQ(pages_of_ours(), 2);
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF, 8, 5000, 0), 8);
	EXPECT(!get_user(word, (u32 __user *)U_BUF));
	EXPECT_EQ(word, 0);
	EXPECT_EQ(SYS(NR_ftruncate, fd, 0x100003, 0), 0);
	EXPECT_EQ(pages_of_ours(), 1);
	EXPECT_EQ(SYS(NR_ftruncate, fd, 0x101000, 0), 0);
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF, 4, 0x100002, 0), 4);
	EXPECT(!get_user(word, (u32 __user *)U_BUF));
	EXPECT_EQ(word, (u8)(2 * 7 + 3)); /* one byte is left */
	EXPECT_EQ(SYS(NR_ftruncate, fd, -1, -1), -EINVAL);
	EXPECT_EQ(SYS(NR_ftruncate, fd, 0, 1), -EFBIG);
	EXPECT_EQ(SYS(NR_truncate64, P1("/t"), 0, 0), -EISDIR);
	EXPECT_EQ(SYS(NR_truncate64, P1("/t/a"), 0, 0), 0);
	EXPECT_EQ(pages_of_ours(), 0);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/a"), 0);
}

FILE_TEST(appending_goes_to_the_end_wherever_one_is)
{
	long fd = open_file("/t/a", O_CREAT | O_WRONLY | O_APPEND);

	EXPECT_EQ(SYS(NR_write, fd, u_string(U_BUF, "one"), 3), 3);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_EQ(SYS(NR_write, fd, u_string(U_BUF, "two"), 3), 3);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 3), -EBADF);
	EXPECT_EQ(size_of(fd), 6);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	fd = open_file("/t/a", O_RDONLY);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 10), 6);
	EXPECT(u_text(U_BUF, "onetwo"));
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 3), -EBADF);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	fd = open_file("/t/a", O_RDWR | O_TRUNC);
	EXPECT_EQ(size_of(fd), 0);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/a"), 0);
}

FILE_TEST(a_write_that_fails_leaves_nothing_behind)
{
	const long end = U_BUF + U_PAGES * PAGE_SIZE - (U_BUF - U_PATH);
	long fd = open_file("/t/a", O_CREAT | O_RDWR | O_APPEND);
	u32 word = 1;

	ASSERT(fd >= 0);
	EXPECT_EQ(SYS(NR_write, fd, u_string(U_BUF, "one"), 3), 3);
	EXPECT_EQ(SYS(NR_lseek, fd, 1, SEEK_SET), 1);
	EXPECT_EQ(SYS(NR_write, fd, USER_WILD, 10000), -EFAULT);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_CUR), 1);
	EXPECT_EQ(SYS(NR_ftruncate, fd, 0, 0), 0);
	EXPECT_EQ(SYS(NR_write, fd, USER_WILD, 10000), -EFAULT);
	EXPECT_EQ(pages_of_ours(), 0);
	u_fill(end - 100, 100, 3);
	EXPECT_EQ(SYS(NR_write, fd, end - 100, 5000), 100);
	EXPECT_EQ(SYS(NR_ftruncate, fd, 200, 0), 0);
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF, 4, 100, 0), 4);
	EXPECT(!get_user(word, (u32 __user *)U_BUF));
	EXPECT_EQ(word, 0);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/a"), 0);
}

FILE_TEST(an_unlinked_file_lives_until_it_is_closed)
{
	long fd = open_file("/t/a", O_CREAT | O_RDWR);
	struct stat64 st = {0};

	u_fill(U_BUF, 5000, 9);
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 5000), 5000);
	EXPECT_EQ(unlink_file("/t/a"), 0);
	EXPECT_EQ(open_file("/t/a", O_RDONLY), -ENOENT);
	EXPECT_EQ(SYS(NR_fstat64, fd, U_BUF), 0);
	EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
	EXPECT_EQ(st.nlink, 0);
	EXPECT_EQ(st.mode, S_IFREG | 0644);
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF, 5000, 0, 0), 5000);
	EXPECT(u_is(U_BUF, 5000, 9));
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(pages_of_ours(), 0);
}

FILE_TEST(what_proc_makes_up_has_no_size)
{
	long fd = open_file("/proc/meminfo", O_RDWR | O_TRUNC);

	EXPECT_EQ(SYS(NR_ftruncate, fd, 5000, 0), 0);
	EXPECT_EQ(SYS(NR_truncate64, P1("/proc/meminfo"), 5000, 0), 0);
	EXPECT_EQ(size_of(fd), 0);
	EXPECT(SYS(NR_read, fd, U_BUF, 2000) > 100);
	EXPECT_EQ(SYS(NR_close, fd), 0);
}

static const struct {
	const char *name;
	u32 flags;
	long result;
} wrong_paths[] = {
	{"", O_RDONLY, -ENOENT},
	{"/t/none", O_RDONLY, -ENOENT},
	{"/t/none/", O_CREAT | O_RDWR, -EISDIR},
	{"/t/none/a", O_CREAT | O_RDWR, -ENOENT},
	{"/t/f/", O_RDONLY, -ENOTDIR},
	{"/t/f/.", O_RDONLY, -ENOTDIR},
	{"/t/f/../f", O_RDONLY, -ENOTDIR},
	{"/t", O_RDWR, -EISDIR},
	{"/", O_WRONLY, -EISDIR},
	{"/t", O_CREAT, -EISDIR},
	{"/t/f", O_DIRECTORY, -ENOTDIR},
	{"/t/f", O_CREAT | O_EXCL, -EEXIST},
	{"/t/l", O_CREAT | O_EXCL, -EEXIST},
	{"/t/l", O_NOFOLLOW, -ELOOP},
	{"/t/loop", O_RDONLY, -ELOOP},
	{"/t/loop/x", O_RDONLY, -ELOOP},
	{"/t/dir", O_RDONLY | O_NOFOLLOW, -ELOOP},
	{"/proc/new", O_CREAT | O_RDWR, -ENOENT},
};

static const char *const right_paths[] = {
	"//t///f", "/t/./f", "/../t/f",    "/t/../t/f",
	"/t/l",    "/t/up",  "/t/dir/t/f", "/t/dir/../t/f",
};

FILE_TEST(a_path_leads_where_it_says_or_tells_why_not)
{
	EXPECT_EQ(make_file("/t/f"), 0);
	EXPECT_EQ(SYS(NR_symlink, P2("f"), P1("/t/l")), 0);
	EXPECT_EQ(SYS(NR_symlink, P2("/t/loop"), P1("/t/loop")), 0);
	EXPECT_EQ(SYS(NR_symlink, P2("../t/./f"), P1("/t/up")), 0);
	EXPECT_EQ(SYS(NR_symlink, P2("/"), P1("/t/dir")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong_paths); i++) {
		long fd = open_file(wrong_paths[i].name, wrong_paths[i].flags);

		if (!EXPECT_EQ(fd, wrong_paths[i].result))
			EXPECT_STREQ(wrong_paths[i].name, "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(right_paths); i++) {
		long fd = open_file(right_paths[i], O_RDONLY);

		if (!EXPECT(fd >= 0))
			EXPECT_STREQ(right_paths[i], "");
		EXPECT_EQ(SYS(NR_close, fd), 0);
	}
	EXPECT_EQ(SYS(NR_readlink, P1("/t/up"), U_BUF, 4), 4);
	EXPECT(u_text(U_BUF, "../t"));
	EXPECT_EQ(SYS(NR_readlink, P1("/t/f"), U_BUF, 4), -EINVAL);
	EXPECT_EQ(unlink_file("/t/dir"), 0);
	EXPECT_EQ(unlink_file("/t/up"), 0);
	EXPECT_EQ(unlink_file("/t/loop"), 0);
	EXPECT_EQ(unlink_file("/t/l"), 0);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

/* l0 -> f, l1 -> l0, ... */
FILE_TEST(forty_links_are_followed_and_no_more)
{
	char name[16], target[16];
	long fd;

	EXPECT_EQ(make_file("/t/f"), 0);
	for (int i = 0; i < 41; i++) {
		scnprintf(name, sizeof(name), "/t/l%d", i);
		scnprintf(target, sizeof(target), i ? "l%d" : "f", i - 1);
		EXPECT_EQ(SYS(NR_symlink, P2(target), P1(name)), 0);
	}
	fd = open_file("/t/l39", O_RDONLY);
	EXPECT(fd >= 0);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(open_file("/t/l40", O_RDONLY), -ELOOP);
	for (int i = 0; i < 41; i++) {
		scnprintf(name, sizeof(name), "/t/l%d", i);
		EXPECT_EQ(unlink_file(name), 0);
	}
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

FILE_TEST(creating_through_a_link_makes_what_it_names)
{
	long fd;

	EXPECT_EQ(SYS(NR_symlink, P2("/t/new"), P1("/t/l")), 0);
	EXPECT_EQ(SYS(NR_symlink, P2(""), P1("/t/l2")), -ENOENT);
	EXPECT_EQ(SYS(NR_symlink, P2("x"), P1("/t/l")), -EEXIST);
	EXPECT_EQ(open_file("/t/l", O_RDONLY), -ENOENT);
	fd = open_file("/t/l", O_CREAT | O_RDWR);
	EXPECT(fd >= 0);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/new"), 0);
	EXPECT_EQ(unlink_file("/t/l"), 0);
}

FILE_TEST(names_have_their_limits)
{
	char name[NAME_MAX + 8] = "/t/";

	memset(name + 3, 'n', NAME_MAX);
	EXPECT_EQ(make_file(name), 0);
	EXPECT_EQ(unlink_file(name), 0);
	memset(name + 3, 'n', NAME_MAX + 1);
	EXPECT_EQ(make_file(name), -ENAMETOOLONG);
	for (size_t i = 0; i < PATH_MAX; i++)
		EXPECT(!put_user((u8)'/', (u8 __user *)(U_PATH + i)));
	EXPECT_EQ(SYS(NR_open, U_PATH, 0), -ENAMETOOLONG);
	EXPECT(!put_user((u8)0, (u8 __user *)(U_PATH + PATH_MAX - 1)));
	EXPECT_EQ(SYS(NR_access, U_PATH, 0), 0);
}

static u32
links_of(const char *name)
{
	struct stat64 st = {0};

	EXPECT_EQ(SYS(NR_lstat64, P1(name), U_BUF), 0);
	EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
	return st.nlink;
}

FILE_TEST(directories_count_their_links_and_go_only_empty)
{
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/d/"), 0700), 0);
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/d"), 0700), -EEXIST);
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/d/e"), 0700), 0);
	EXPECT_EQ(links_of("/t"), 3);
	EXPECT_EQ(links_of("/t/d"), 3);
	EXPECT_EQ(links_of("/t/d/e"), 2);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/d")), -ENOTEMPTY);
	EXPECT_EQ(unlink_file("/t/d"), -EISDIR);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/d/e/.")), -EINVAL);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/d/e/..")), -ENOTEMPTY);
	EXPECT_EQ(SYS(NR_rmdir, P1("/")), -EBUSY);
	EXPECT_EQ(SYS(NR_rmdir, P1("/proc")), -EBUSY);
	EXPECT_EQ(make_file("/t/f"), 0);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/f")), -ENOTDIR);
	EXPECT_EQ(unlink_file("/t/f/"), -ENOTDIR);
	EXPECT_EQ(unlink_file("/t/f"), 0);
	EXPECT_EQ(unlink_file("/proc/meminfo/x"), -ENOTDIR);
	EXPECT_EQ(SYS(NR_unlinkat, AT_FDCWD, P1("/t/d/e"), 0x200), 0);
	EXPECT_EQ(links_of("/t/d"), 2);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/d")), 0);
	EXPECT_EQ(links_of("/t"), 2);
}

static const struct {
	const char *from, *to;
	long result;
} renames[] = {
	{"/t/f", "/t/f", 0},
	{"/t/none", "/t/x", -ENOENT},
	{"/t/f", "/t/none/x", -ENOENT},
	{"/t/f", "/t/d", -EISDIR},
	{"/t/d", "/t/f", -ENOTDIR},
	{"/t/d", "/t/d/e/x", -EINVAL},
	{"/t/d", "/t/d/x", -EINVAL},
	{"/t/d/e", "/t/d", -ENOTEMPTY},
	{"/t/f", "/t/x/", -ENOTDIR},
	{"/t/d/.", "/t/x", -EBUSY},
	{"/t/f", "/proc/x", -EPERM},
	{"/t/f", "/t/g", 0},       /* f g d/e -> g d/e: replaces */
	{"/t/g", "/t/d/h", 0},     /* d/e d/h */
	{"/t/d/e", "/t/e", 0},     /* d/h e */
	{"/t/e", "/t/d/e/", 0},    /* d/h d/e */
	{"/t/d/e", "/t/empty", 0}, /* replaces an empty directory: d/h empty */
};

FILE_TEST(renaming_moves_and_replaces_and_refuses)
{
	EXPECT_EQ(make_file("/t/f"), 0);
	EXPECT_EQ(make_file("/t/g"), 0);
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/d"), 0755), 0);
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/d/e"), 0755), 0);
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/empty"), 0755), 0);
	for (size_t i = 0; i < ARRAY_SIZE(renames); i++) {
		long error =
			SYS(NR_rename, P1(renames[i].from), P2(renames[i].to));

		if (!EXPECT_EQ(error, renames[i].result))
			EXPECT_STREQ(renames[i].from, renames[i].to);
	}
	EXPECT_EQ(links_of("/t"), 4);
	EXPECT_EQ(links_of("/t/d"), 2);
	EXPECT_EQ(links_of("/t/empty"), 2);
	EXPECT_EQ(SYS(NR_access, P1("/t/empty/../g"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/empty")), 0);
	EXPECT_EQ(unlink_file("/t/d/h"), 0);
	EXPECT_EQ(SYS(NR_rmdir, P1("/t/d")), 0);
}

/* How many entries a pass over the directory gives; each removed or not. */
static unsigned int
list_all(long fd, long size, bool removing)
{
	unsigned int n = 0;
	char d[300];
	long got;

	while ((got = SYS(NR_getdents64, fd, U_BUF, size)) > 0) {
		for (long at = 0; at < got;) {
			struct dirent64 *entry = (void *)d;

			EXPECT(!copy_from_user(d, user_ptr(U_BUF + at), 280));
			if (removing && *entry->name == 'n')
				EXPECT_EQ(SYS(NR_unlinkat, fd, P1(entry->name),
					      0),
					  0);
			at += entry->reclen;
			n++;
		}
	}
	EXPECT_EQ(got, 0);
	return n;
}

FILE_TEST(a_directory_is_listed_whole_also_while_it_shrinks)
{
	char name[16];
	long fd = open_file("/t", O_RDONLY | O_DIRECTORY);

	for (int i = 0; i < 300; i++) {
		scnprintf(name, sizeof(name), "/t/n%d", i);
		EXPECT_EQ(make_file(name), 0);
	}
	EXPECT_EQ(SYS(NR_getdents64, fd, U_BUF, 20), -EINVAL);
	EXPECT_EQ(list_all(fd, 100, false), 302);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_EQ(list_all(fd, U_SIZE, false), 302);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_EQ(list_all(fd, 100, true), 302);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_EQ(list_all(fd, 1000, false), 2);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 10), -EISDIR);
	EXPECT_EQ(SYS(NR_close, fd), 0);
}

FILE_TEST(where_one_is_has_a_path_until_it_is_removed)
{
	long fd = open_file("/", O_RDONLY);

	EXPECT_EQ(SYS(NR_getcwd, U_BUF, 100), 2);
	EXPECT(u_text(U_BUF, "/"));
	EXPECT_EQ(SYS(NR_mkdir, P1("/t/d"), 0755), 0);
	EXPECT_EQ(SYS(NR_chdir, P1("t/d")), 0);
	EXPECT_EQ(SYS(NR_getcwd, U_BUF, 100), 5);
	EXPECT(u_text(U_BUF, "/t/d"));
	EXPECT_EQ(SYS(NR_getcwd, U_BUF, 4), -ERANGE);
	EXPECT_EQ(SYS(NR_rmdir, P1("../d")), 0);
	EXPECT_EQ(SYS(NR_getcwd, U_BUF, 100), -ENOENT);
	EXPECT_EQ(make_file("x"), -ENOENT);
	EXPECT_EQ(SYS(NR_access, P1("../../t"), 0), 0);
	EXPECT_EQ(SYS(NR_fchdir, fd), 0);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(SYS(NR_chdir, P1("/dev/null")), -ENOTDIR);
}

FILE_TEST(at_calls_begin_at_their_directory)
{
	long dir = open_file("/t", O_RDONLY), file;

	EXPECT_EQ(SYS(NR_mkdirat, dir, P1("d"), 0755), 0);
	file = SYS(NR_openat, dir, P1("d/f"), (long)(O_CREAT | O_RDWR), 0600);
	EXPECT(file >= 0);
	EXPECT_EQ(SYS(NR_openat, file, P1("x"), 0), -ENOTDIR);
	EXPECT_EQ(SYS(NR_openat, 200, P1("x"), 0), -EBADF);
	EXPECT_EQ(SYS(NR_fstatat64, file, P1(""), U_BUF, 0), -ENOENT);
	EXPECT_EQ(SYS(NR_fstatat64, file, P1(""), U_BUF, AT_EMPTY_PATH), 0);
	EXPECT_EQ(SYS(NR_statx, file, P1(""), AT_EMPTY_PATH, 0x7FF, U_BUF), 0);
	EXPECT_EQ(SYS(NR_fstatat64, 200, P1("/t/d/f"), U_BUF, 0), 0);
	EXPECT_EQ(SYS(NR_close, file), 0);
	EXPECT_EQ(SYS(NR_unlinkat, dir, P1("d/f"), 0), 0);
	EXPECT_EQ(SYS(NR_unlinkat, dir, P1("d"), AT_REMOVEDIR), 0);
	EXPECT_EQ(SYS(NR_close, dir), 0);
}

FILE_TEST(numbers_are_copied_replaced_and_run_out)
{
	long fd = open_file("/t/f", O_CREAT | O_RDWR), n, last;

	EXPECT_EQ(SYS(NR_dup2, fd, 100), 100);
	EXPECT_EQ(SYS(NR_dup2, fd, fd), fd);
	EXPECT_EQ(SYS(NR_dup2, 99, 99), -EBADF);
	EXPECT_EQ(SYS(NR_dup2, fd, NR_FDS), -EBADF);
	EXPECT_EQ(SYS(NR_dup3, fd, fd, 0), -EINVAL);
	EXPECT_EQ(SYS(NR_fcntl64, 100, F_GETFD), 0);
	EXPECT_EQ(SYS(NR_fcntl64, 100, F_SETFD, 1), 0);
	EXPECT_EQ(SYS(NR_fcntl64, 100, F_GETFD), 1);
	EXPECT_EQ(SYS(NR_dup3, fd, 100, (long)O_CLOEXEC), 100);
	EXPECT_EQ(SYS(NR_fcntl64, fd, F_DUPFD, 50), 50);
	EXPECT_EQ(SYS(NR_fcntl64, fd, F_DUPFD_CLOEXEC, 50), 51);
	EXPECT_EQ(SYS(NR_fcntl64, fd, F_SETFL, (long)O_APPEND), 0);
	EXPECT_EQ(SYS(NR_fcntl64, 50, F_GETFL),
		  (long)(O_RDWR | O_APPEND | O_LARGEFILE));
	files_close_on_exec(current_files());
	EXPECT_EQ(SYS(NR_close, 100), -EBADF);
	EXPECT_EQ(SYS(NR_close, 51), -EBADF);
	EXPECT_EQ(SYS(NR_close, 50), 0);
	for (last = fd; (n = SYS(NR_dup, fd)) >= 0; last = n)
		EXPECT_EQ(n, last + 1);
	EXPECT_EQ(n, -EMFILE);
	EXPECT_EQ(last, NR_FDS - 1);
	EXPECT_EQ(open_file("/t/f", O_RDONLY), -EMFILE);
	EXPECT_EQ(SYS(NR_pipe, U_BUF), -EMFILE);
	for (n = fd; n <= last; n++)
		EXPECT_EQ(SYS(NR_close, n), 0);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

FILE_TEST(a_copied_table_has_the_same_files)
{
	long fd = open_file("/t/f", O_CREAT | O_RDWR);
	struct files *copy = files_copy(current_files());

	ASSERT(copy != NULL);
	EXPECT_EQ(atomic_read(&copy->fd[fd]->refs), 2);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(atomic_read(&copy->fd[fd]->refs), 1);
	files_get(copy);
	files_put(copy);
	EXPECT(copy->fd[fd] != NULL);
	files_put(copy);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

FILE_TEST(vectors_are_one_read_or_write)
{
	struct iovec vec[3] = {{user_ptr(U_BUF), 3},
			       {user_ptr(U_BUF + 100), 0},
			       {user_ptr(U_BUF + 200), 5}};
	long fd = open_file("/t/f", O_CREAT | O_RDWR);

	u_string(U_BUF, "abc");
	u_string(U_BUF + 200, "defgh");
	EXPECT(!copy_to_user(user_ptr(U_PATH2), vec, sizeof(vec)));
	EXPECT_EQ(SYS(NR_writev, fd, U_PATH2, 3), 8);
	EXPECT_EQ(SYS(NR_lseek, fd, 1, SEEK_SET), 1);
	EXPECT_EQ(SYS(NR_readv, fd, U_PATH2, 3), 7);
	EXPECT(u_text(U_BUF, "bcd"));
	EXPECT(u_text(U_BUF + 200, "efgh"));
	EXPECT_EQ(SYS(NR_writev, fd, U_PATH2, IOV_MAX + 1), -EINVAL);
	EXPECT_EQ(SYS(NR_writev, fd, U_PATH2, 0), 0);
	vec[2].len = 0xFFFFFFFF;
	EXPECT(!copy_to_user(user_ptr(U_PATH2), vec, sizeof(vec)));
	EXPECT_EQ(SYS(NR_writev, fd, U_PATH2, 3), -EINVAL);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

FILE_TEST(stat_tells_what_is_known)
{
	struct stat64 st = {0};
	struct statx stx = {0};
	struct timespec64 times[2] = {{1, 2}, {1234567890, 5000}};

	EXPECT_EQ(SYS(NR_umask, 027), 022);
	EXPECT_EQ(SYS(NR_creat, P1("/t/f"), 0666), 0);
	EXPECT_EQ(SYS(NR_umask, 022), 027);
	EXPECT_EQ(SYS(NR_write, 0, U_BUF, 5000), 5000);
	EXPECT_EQ(SYS(NR_close, 0), 0);
	EXPECT(!copy_to_user(user_ptr(U_BUF), times, sizeof(times)));
	EXPECT_EQ(SYS(NR_utimensat, AT_FDCWD, P1("/t/f"), U_BUF, 0), 0);
	EXPECT_EQ(SYS(NR_stat64, P1("/t/f"), U_BUF), 0);
	EXPECT(!copy_from_user(&st, user_ptr(U_BUF), sizeof(st)));
	EXPECT_EQ(st.mode, S_IFREG | 0640);
	EXPECT_EQ(st.size, 5000);
	EXPECT_EQ(st.blocks, 16);
	EXPECT_EQ(st.mtime.sec, 1234567890);
	EXPECT_EQ(st.mtime.nsec, 5000);
	EXPECT_EQ(SYS(NR_statx, AT_FDCWD, P1("/dev/null"), 0, 0, U_BUF), 0);
	EXPECT(!copy_from_user(&stx, user_ptr(U_BUF), sizeof(stx)));
	EXPECT_EQ(stx.mode, S_IFCHR | 0666);
	EXPECT_EQ(stx.rdev_major, 1);
	EXPECT_EQ(stx.rdev_minor, 3);
	EXPECT_EQ(SYS(NR_access, P1("/t/f"), X_OK), -EACCES);
	EXPECT_EQ(SYS(NR_chmod, P1("/t/f"), 0755), 0);
	EXPECT_EQ(SYS(NR_access, P1("/t/f"), X_OK), 0);
	EXPECT_EQ(SYS(NR_access, P1("/t/f"), 8), -EINVAL);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

/* --- What users may throw at us ------------------------------------------ */

static const uintptr_t hostile[] = {
	0,         8,          0xFFFF,     USER_WILD,  TASK_SIZE - 1,
	TASK_SIZE, 0xC0100000, 0xFFFFF000, 0xFFFFFFFF,
};

FILE_TEST(a_bad_pointer_is_an_error_and_nothing_else)
{
	long fd = open_file("/t/f", O_CREAT | O_RDWR);

	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 100), 100);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		long p = (long)hostile[i];

		EXPECT_EQ(SYS(NR_pread64, fd, p, 100, 0, 0), -EFAULT);
		EXPECT_EQ(SYS(NR_pwrite64, fd, p, 100, 0, 0), -EFAULT);
		EXPECT_EQ(SYS(NR_open, p, 0), -EFAULT);
		EXPECT_EQ(SYS(NR_stat64, P1("/t/f"), p), -EFAULT);
		EXPECT_EQ(SYS(NR_stat64, p, U_BUF), -EFAULT);
		EXPECT_EQ(SYS(NR_statx, AT_FDCWD, p, 0, 0, U_BUF), -EFAULT);
		EXPECT_EQ(SYS(NR_rename, P1("/t/f"), p), -EFAULT);
		EXPECT_EQ(SYS(NR_getcwd, p, 100), -EFAULT);
		EXPECT_EQ(SYS(NR_pipe, p), -EFAULT);
		EXPECT_EQ(SYS(NR_poll, p, 1, 0), -EFAULT);
		EXPECT_EQ(SYS(NR_readv, fd, p, 1), -EFAULT);
		EXPECT_EQ(SYS(NR_llseek, fd, 0, 0, p, 0), -EFAULT);
		EXPECT_EQ(SYS(NR_symlink, p, P1("/t/l")), -EFAULT);
	}
	/* 50 bytes in front of a page that is not there. */
	user_set_present(U_BUF + 0x2000, false);
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF + 0x2000 - 50, 100, 0, 0), 50);
	EXPECT_EQ(SYS(NR_pwrite64, fd, U_BUF + 0x2000 - 50, 100, 200, 0), 50);
	EXPECT_EQ(size_of(fd), 250);
	EXPECT_EQ(SYS(NR_pread64, fd, U_BUF, -1, 0, 0), -EFAULT);
	user_set_present(U_BUF + 0x2000, true);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}

/* --- When memory fails --------------------------------------------------- */

/* Everything that allocates, once. => false: something failed, and is undone */
static bool
everything(void *arg __maybe_unused)
{
	bool ok = SYS(NR_mkdir, P1("/t/d"), 0755) == 0;
	long fd = ok ? open_file("/t/d/f", O_CREAT | O_RDWR) : -1;

	ok = fd >= 0 && SYS(NR_pwrite64, fd, U_BUF, 5000, 20000, 0) == 5000;
	ok = ok && SYS(NR_symlink, P2("f"), P1("/t/d/l")) == 0;
	ok = ok && SYS(NR_access, P1("/t/d/l"), 0) == 0;
	ok = ok && SYS(NR_rename, P1("/t/d/l"), P2("/t/d/m")) == 0;
	ok = ok && SYS(NR_pipe, U_BUF) == 0;
	for (long n = 0; n < 10; n++)
		SYS(NR_close, n);
	fail_alloc_set(0, 0);
	unlink_file("/t/d/m");
	unlink_file("/t/d/l");
	unlink_file("/t/d/f");
	SYS(NR_rmdir, P1("/t/d"));
	return ok;
}

FILE_TEST(every_allocation_may_fail_and_nothing_is_lost)
{
	EXPECT(heap_fail_each(everything, NULL) > 15);
	EXPECT_EQ(pages_of_ours(), 0);
}

FILE_TEST(a_write_without_pages_is_short)
{
	long fd = open_file("/t/f", O_CREAT | O_RDWR), done;

	/* From here on the array of pages is long enough. */
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 20000), 20000);
	EXPECT_EQ(SYS(NR_ftruncate, fd, 0, 0), 0);
	for (unsigned int n = 1; n < 4; n++) {
		fail_page_alloc_set(0, n, 0);
		done = SYS(NR_pwrite64, fd, U_BUF, 20000, 0, 0);
		fail_page_alloc_set(0, 0, 0);
		EXPECT_EQ(done, n == 1 ? -ENOMEM : (long)(n - 1) * PAGE_SIZE);
		EXPECT_EQ(SYS(NR_ftruncate, fd, 0, 0), 0);
	}
	EXPECT_EQ(SYS(NR_close, fd), 0);
	EXPECT_EQ(unlink_file("/t/f"), 0);
}
