/* test_devices.c - what is in /dev and /proc: the small devices, and the files
 * that tell about memory.
 */
#include "console.h"
#include "errno.h"
#include "fs_helpers.h"
#include "printf.h"
#include "util.h"
#include "vmalloc.h"

/* --- /dev ---------------------------------------------------------------- */

static bool
is_zero(uintptr_t at, size_t n)
{
	u8 byte = 1;

	for (size_t i = 0; i < n; i++)
		if (get_user(byte, (u8 __user *)(at + i)) || byte)
			return false;
	return true;
}

TEST(devices, null_zero_and_full_are_what_they_are_called)
{
	long fd;

	ASSERT(u_begin());
	fd = open_file("/dev/null", O_RDWR);
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 10000), 10000);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 10000), 0);
	EXPECT_EQ(SYS(NR_lseek, fd, 0, SEEK_SET), 0);
	EXPECT_EQ(SYS(NR_ioctl, fd, TCGETS, U_BUF), -ENOTTY);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	fd = open_file("/dev/zero", O_RDWR);
	u_fill(U_BUF, 10000, 1);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 9999), 9999);
	EXPECT(is_zero(U_BUF, 9999));
	EXPECT(u_is(U_BUF + 9999, 1, 9999 * 7 + 1));
	EXPECT_EQ(SYS(NR_read, fd, USER_WILD, 10), -EFAULT);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	fd = open_file("/dev/full", O_RDWR);
	EXPECT_EQ(SYS(NR_write, fd, U_BUF, 1), -ENOSPC);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	u_end();
}

TEST(devices, random_numbers_differ)
{
	unsigned int bits = 0;
	u32 word;
	long fd;

	ASSERT(u_begin());
	fd = open_file("/dev/urandom", O_RDONLY);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 4001), 4001);
	for (unsigned int i = 0; i < 1000; i++) {
		EXPECT(!get_user(word, (u32 __user *)(U_BUF + i * 4)));
		for (; word; word &= word - 1)
			bits++;
	}
	EXPECT(bits > 15500 && bits < 16500);
	EXPECT_EQ(SYS(NR_close, fd), 0);
	u_end();
}

/* --- /proc --------------------------------------------------------------- */

/* The whole file, in small reads. => its length */
static size_t
read_proc(const char *name, char *buf, size_t size)
{
	long fd = open_file(name, O_RDONLY), n;
	size_t len = 0;

	if (!EXPECT(fd >= 0))
		return 0;
	while ((n = SYS(NR_read, fd, U_BUF, 100)) > 0 && len + n < size) {
		EXPECT(!copy_from_user(buf + len, user_ptr(U_BUF), n));
		len += n;
	}
	EXPECT_EQ(n, 0);
	EXPECT_EQ(SYS(NR_lseek, fd, 5, SEEK_SET), 5);
	EXPECT_EQ(SYS(NR_read, fd, U_BUF, 10), 10);
	EXPECT(!memcmp(buf + 5, (void *)user_view(U_BUF), 10));
	EXPECT_EQ(SYS(NR_close, fd), 0);
	buf[len] = '\0';
	return len;
}

static const struct {
	const char *name, *begins, *has;
} proc_texts[] = {
	{"/proc/meminfo", "MemTotal:       ", " kB\nMemFree:        "},
	{"/proc/buddyinfo", "Node 0, zone      DMA ", " 0 "},
	{"/proc/zoneinfo", "Node 0, zone      DMA\n", "\n        managed  "},
	{"/proc/slabinfo", "slabinfo - version: 2.1\n", "\nkmalloc-64 "},
	{"/proc/vmallocinfo", "0x", " pages=1 vmalloc\n"},
	{"/proc/interrupts", "           CPU0", "XT-PIC      timer\n"},
};

TEST(proc, its_files_are_in_linux_formats)
{
	char *buf = kmalloc(16384, GFP_KERNEL);
	void *area = vmalloc(100);

	ASSERT(buf != NULL);
	ASSERT(u_begin());
	for (size_t i = 0; i < ARRAY_SIZE(proc_texts); i++) {
		size_t len = read_proc(proc_texts[i].name, buf, 16384);
		const char *begins = proc_texts[i].begins;

		EXPECT(len > 40 && buf[len - 1] == '\n');
		if (!EXPECT(!strncmp(buf, begins, strlen(begins))) ||
		    !EXPECT(strstr(buf, proc_texts[i].has)))
			EXPECT_STREQ(proc_texts[i].name, buf);
	}
	vfree(area);
	kfree(buf);
	u_end();
}

static int
pid_42(void)
{
	return 42;
}

static int
next_42(int after)
{
	return after < 42 ? 42 : 0;
}

TEST(proc, a_process_is_there_as_long_as_it_lives)
{
	const struct process_ops *before = process_ops;
	struct process_ops ops = *process_ops;

	ASSERT(u_begin());
	EXPECT_EQ(open_file("/proc/self", O_RDONLY), -ENOENT);
	ops.pid = pid_42;
	ops.next_pid = next_42;
	process_ops = &ops;
	EXPECT_EQ(SYS(NR_access, P1("/proc/42"), 0), 0);
	EXPECT_EQ(SYS(NR_access, P1("/proc/42/.."), 0), 0);
	EXPECT_EQ(SYS(NR_access, P1("/proc/042"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_access, P1("/proc/43"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_access, P1("/proc/42/none"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_access, P1("/proc/self/."), 0), 0);
	EXPECT_EQ(SYS(NR_readlink, P1("/proc/self"), U_BUF, 9), 2);
	EXPECT(u_text(U_BUF, "42"));
	EXPECT_EQ(SYS(NR_mkdir, P1("/proc/42/x"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_rmdir, P1("/proc/42")), -EPERM);
	EXPECT_EQ(SYS(NR_chdir, P1("/proc/42")), 0);
	process_ops = before;
	EXPECT_EQ(SYS(NR_access, P1("/proc/42"), 0), -ENOENT);
	EXPECT_EQ(SYS(NR_access, P1("../meminfo"), 0), 0);
	EXPECT_EQ(SYS(NR_chdir, P1("/")), 0);
	u_end();
}
