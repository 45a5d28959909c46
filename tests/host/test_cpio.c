/* test_cpio.c - linux/cpio.c: archives as they should be, and as somebody made
 * them who wants to see the kernel fall.
 *
 *   | header name pad data pad | header ... | TRAILER!!! | end of memory
 *                                                        ^ host_guarded: one
 *                                                          byte more faults
 */
#include "../../linux/cpio.h"
#include "host.h"
#include "printf.h"
#include "string.h"
#include "util.h"

#define ARCHIVE_MAX 8192

static struct {
	char bytes[ARCHIVE_MAX];
	size_t size;

	char names[4096]; /* what was taken: "name:size:mode;" */
	unsigned long sum;
	unsigned int stop_after;
} t;

static void
append(const void *bytes, size_t n)
{
	memcpy(t.bytes + t.size, bytes, n);
	t.size += n;
	while (t.size % 4)
		t.bytes[t.size++] = 0;
}

static void
append_entry(const char *name, unsigned int mode, const void *data,
	     unsigned int size)
{
	char header[111];
	char with_name[256];
	size_t n = strlen(name) + 1;

	scnprintf(header, sizeof(header),
		  "070701%08X%08X%08X%08X%08x%08X%08X%08X%08X%08X%08X%08X%08X",
		  1u, mode, 0u, 0u, 1u, 77u, size, 8u, 1u, 5u, 1u,
		  (unsigned int)n, 0u);
	memcpy(with_name, header, 110);
	memcpy(with_name + 110, name, n);
	append(with_name, 110 + n);
	append(data, size);
}

static void
usual_archive(void)
{
	t.size = 0;
	append_entry(".", 040755, "", 0);
	append_entry("bin", 040755, "", 0);
	append_entry("/bin/sh", 0100755, "#!data", 6);
	append_entry("bin/link", 0120777, "sh", 2);
	append_entry("dev", 020600, "", 0);
	append_entry("TRAILER!!!", 0, "", 0);
}

static const char *
take(const struct cpio_entry *e, void *arg)
{
	size_t n = strlen(t.names);

	EXPECT(arg == &t);
	EXPECT(*e->name && *e->name != '/');
	for (unsigned int i = 0; i < e->size; i++)
		t.sum += (unsigned char)e->data[i];
	scnprintf(t.names + n, sizeof(t.names) - n, "%s:%u:%o;", e->name,
		  e->size, e->mode);
	return t.stop_after && !--t.stop_after ? "enough" : NULL;
}

/* The first n bytes, at the end of memory. */
static const char *
read_archive(size_t n, unsigned int *taken)
{
	static char *guarded;
	const char *error = "none";
	unsigned int count;

	if (!guarded)
		guarded = host_guarded(ARCHIVE_MAX);
	t.names[0] = '\0';
	memcpy(guarded + ARCHIVE_MAX - n, t.bytes, n);
	count = cpio_read(guarded + ARCHIVE_MAX - n, n, take, &t, &error);
	if (taken)
		*taken = count;
	return error;
}

TEST(cpio, every_entry_is_taken_in_order)
{
	unsigned int taken;

	usual_archive();
	EXPECT(!read_archive(t.size, &taken));
	EXPECT_EQ(taken, 5);
	EXPECT_STREQ(t.names, ".:0:40755;bin:0:40755;bin/sh:6:100755;"
			      "bin/link:2:120777;dev:0:20600;");
}

TEST(cpio, what_is_behind_the_trailer_does_not_matter)
{
	usual_archive();
	append("garbage", 7);
	EXPECT(!read_archive(t.size, NULL));
	EXPECT(!read_archive(t.size - 8 - 1,
			     NULL)); /* its padding is missing */
}

TEST(cpio, an_archive_may_be_asked_to_stop)
{
	unsigned int taken;

	usual_archive();
	t.stop_after = 3;
	EXPECT_STREQ(read_archive(t.size, &taken), "enough");
	EXPECT_EQ(taken, 2);
}

TEST(cpio, each_mistake_has_its_words)
{
	usual_archive();
	EXPECT_STREQ(read_archive(0, NULL), "it ends without a trailer");
	t.bytes[5] = '9';
	EXPECT_STREQ(read_archive(t.size, NULL),
		     "there is no header of cpio's format newc");
	usual_archive();
	t.bytes[20] = 'g';
	EXPECT_STREQ(read_archive(t.size, NULL),
		     "a number has other than hexadecimal digits");
	usual_archive();
	memcpy(t.bytes + 6 + 11 * 8, "FFFFFFFF", 8);
	EXPECT_STREQ(read_archive(t.size, NULL),
		     "a name's length makes no sense");
	usual_archive();
	memcpy(t.bytes + 6 + 11 * 8, "00001000", 8);
	EXPECT_STREQ(read_archive(t.size, NULL), "it ends inside a name");
	usual_archive();
	t.bytes[110] = '\0';
	EXPECT_STREQ(read_archive(t.size, NULL),
		     "a name does not end where it should");
	usual_archive();
	t.bytes[111] = 'x';
	EXPECT_STREQ(read_archive(t.size, NULL),
		     "a name does not end where it should");
	usual_archive();
	memcpy(t.bytes + 6 + 6 * 8, "FFFFFFFF", 8);
	EXPECT_STREQ(read_archive(t.size, NULL), "it ends inside a file");
	memcpy(t.bytes + 6 + 6 * 8, "FFFFFFFD", 8);
	EXPECT_STREQ(read_archive(t.size, NULL), "it ends inside a file");
}

TEST(cpio, cut_anywhere_it_ends_there)
{
	usual_archive();
	for (size_t n = 0; n < t.size - 4; n++)
		EXPECT(read_archive(n, NULL) != NULL);
}

/* Nothing to compare with: it must end, and touch nothing else. */
TEST(cpio, whatever_is_changed_it_ends)
{
	static const char digits[] = "0123456789abcdefABCDEFxX \0\377/";

	for (unsigned int round = 0; round < 100000; round++) {
		usual_archive();
		for (unsigned int n = host_below(6) + 1; n; n--)
			t.bytes[host_below(t.size)] =
				digits[host_below(sizeof(digits))];
		read_archive(host_below(t.size + 1), NULL);
	}
}
