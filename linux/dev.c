/* dev.c - the character devices of /dev.
 *
 *           reads            writes             number
 *   null    the end          swallowed          1:3
 *   zero    zeroes           swallowed          1:5
 *   full    zeroes           -ENOSPC            1:7
 *   random  random numbers   swallowed          1:8, urandom 1:9
 *   tty, console: see tty.c                     5:0, 5:1
 *
 * A node is found by its number, whoever made it and under whatever name.
 *
 * Limits: the random numbers are those of a xorshift started from the time
 * stamp counter: good for hash tables and stack canaries, not for keys.
 */
#include "fs.h"
#include "boot.h"
#include "string.h"
#include "uaccess.h"
#include "util.h"
#include "x86.h"

/* --- Random numbers ------------------------------------------------------ */

/* Marsaglia's xorshift with 32 bits of state; the clock stirs it a little. */
static u32
random_u32(void)
{
	static u32 state;
	u32 x = (READ_ONCE(state) ^ (u32)clock_us()) ?: 0x9E3779B9;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	WRITE_ONCE(state, x);
	return x * 0x9E3779B1;
}

void
random_bytes(void *buf, size_t n)
{
	char *to = buf;

	while (n) {
		u32 word = random_u32();
		size_t part = min(n, sizeof(word));

		memcpy(to, &word, part);
		to += part;
		n -= part;
	}
}

/* No signal cuts a short one, as on Linux: programs count on that. */
ssize_t
random_to_user(char __user *buf, size_t n)
{
	char part[128];
	size_t done = 0;

	while (done < n) {
		size_t size = min(n - done, sizeof(part)), left;

		random_bytes(part, size);
		left = copy_to_user(buf + done, part, size);
		done += size - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
		if (done % 256 == 0 && signal_pending())
			break;
	}
	return done;
}

static ssize_t
random_read(struct file *file __maybe_unused, char __user *buf, size_t n,
	    loff_t *pos __maybe_unused)
{
	return random_to_user(buf, n);
}

/* --- The others ---------------------------------------------------------- */

static ssize_t
null_read(struct file *file __maybe_unused, char __user *buf __maybe_unused,
	  size_t n __maybe_unused, loff_t *pos __maybe_unused)
{
	return 0;
}

static ssize_t
null_write(struct file *file __maybe_unused,
	   const char __user *buf __maybe_unused, size_t n,
	   loff_t *pos __maybe_unused)
{
	return n;
}

static ssize_t
zero_read(struct file *file __maybe_unused, char __user *buf, size_t n,
	  loff_t *pos __maybe_unused)
{
	size_t done = 0;

	while (done < n && !(done && signal_pending())) {
		size_t part = min_t(size_t, n - done, PAGE_SIZE);
		size_t left = clear_user(buf + done, part);

		done += part - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
	}
	return done;
}

static ssize_t
full_write(struct file *file __maybe_unused,
	   const char __user *buf __maybe_unused, size_t n __maybe_unused,
	   loff_t *pos __maybe_unused)
{
	return -ENOSPC;
}

static const struct file_ops null_ops = {.read = null_read,
					 .write = null_write};
static const struct file_ops zero_ops = {.read = zero_read,
					 .write = null_write};
static const struct file_ops full_ops = {.read = zero_read,
					 .write = full_write};
static const struct file_ops random_ops = {.read = random_read,
					   .write = null_write};

static const struct {
	const char *path;
	u32 rdev;
	const struct file_ops *ops;
} devices[] = {
	{"/dev/null", MKDEV(1, 3), &null_ops},
	{"/dev/zero", DEV_ZERO, &zero_ops},
	{"/dev/full", MKDEV(1, 7), &full_ops},
	{"/dev/random", MKDEV(1, 8), &random_ops},
	{"/dev/urandom", MKDEV(1, 9), &random_ops},
	{"/dev/tty", MKDEV(5, 0), &tty_file_ops},
	{"/dev/console", MKDEV(5, 1), &tty_file_ops},
};

const struct file_ops *
dev_ops(u32 rdev)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i].rdev == rdev)
			return devices[i].ops;
	return NULL;
}

int
dev_init(void)
{
	struct inode *inode = fs_create("/dev", S_IFDIR | 0755, NULL);

	for (size_t i = 0; !IS_ERR(inode) && i < ARRAY_SIZE(devices); i++) {
		inode_put(inode);
		inode = fs_create(devices[i].path, S_IFCHR | 0666, NULL);
		if (!IS_ERR(inode))
			inode->rdev = devices[i].rdev;
	}
	if (!IS_ERR(inode)) { /* for shm_open and sem_open */
		inode_put(inode);
		inode = fs_create("/dev/shm", S_IFDIR | 01777, NULL);
	}
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode_put(inode);
	return 0;
}
