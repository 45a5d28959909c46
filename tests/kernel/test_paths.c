/* test_paths.c - a path in a text of /proc. (tests/user/maps.c asks for more.) */
#include "../../linux/seq.h"
#include "ring3.h"
#include "string.h"
#include "test.h"

#define ROOM 40

/* With so much room: is it all there, or said that it is not? => all */
static bool
shows(const struct inode *inode, const char *expected, size_t size)
{
	char buf[ROOM + 8];
	struct seq seq = {.buf = buf, .size = size};

	memset(buf, '#', sizeof(buf));
	mutex_lock(&fs_lock);
	seq_printf(&seq, ">");
	seq_path(&seq, inode);
	seq_printf(&seq, ".");
	mutex_unlock(&fs_lock);
	EXPECT(!memchr_inv(buf + size, '#', sizeof(buf) - size));
	return seq.len < size && EXPECT_STREQ(buf, expected);
}

TEST(paths, a_path_in_a_text_has_no_line_end)
{
	static const char *const names[][2] = {
		{"/abc", ">/abc."},
		{"/\n\nb", ">/\\012\\012b."},
		{"/b\n", ">/b\\012."},
	};

	for (unsigned int i = 0; i < 3; i++) {
		struct inode *inode = fs_create(names[i][0], S_IFREG, NULL);
		const size_t len = strlen(names[i][1]);

		ASSERT(!IS_ERR(inode));
		for (size_t size = 1; size <= len; size++)
			EXPECT(!shows(inode, "", size));
		EXPECT(shows(inode, names[i][1], ROOM));
		inode_put(inode);
		ring3_remove(names[i][0]);
	}
}
