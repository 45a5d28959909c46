/* printk.c - the kernel log: a ring of records, the oldest overwritten.
 *
 *   log.buf     +--------+------+--------+-----------+------------------+
 *               | header | text | header | text      |  free / oldest   |
 *               +--------+------+--------+-----------+------------------+
 *                 ^ first (oldest kept)                ^ next (to write)
 *
 * Positions count bytes since boot and never wrap in practice; the place in
 * the ring is position % LOG_SIZE. A record is its header and the message
 * without level and newline.
 *
 * Locking: one raw lock, interrupts off. It is the kernel's only lock that
 * checks nothing, since every other one may print. During a panic it is tried,
 * not waited for: the CPU that holds it may be the one that died.
 * Limits: a message is cut at MESSAGE_MAX bytes.
 */
#include "console.h"
#include "param.h"
#include "printf.h"
#include "printk.h"
#include "rawlock.h"
#include "string.h"
#include "util.h"

#define LOG_SIZE    (16 * SZ_1K)
#define MESSAGE_MAX 400
#define SHOWN_MAX   6  /* KERN_INFO: the level that consoles show */
#define STAMP_MAX   24 /* "[12345.678901] " */

struct record {
	u64 us; /* since boot */
	u16 len;
	u8 level;
};

static struct {
	struct raw_lock lock;
	size_t first, next;    /* positions */
	int hidden;            /* levels below SHOWN_MAX not shown either */
	bool oops;             /* a panic is under way */
	unsigned int count[8]; /* messages by level */
	u64 (*clock_us)(void);
	char message[MESSAGE_MAX]; /* being formatted, under the lock */
	char buf[LOG_SIZE];
} log;

static void
ring_write(size_t pos, const void *src, size_t n)
{
	size_t at = pos % LOG_SIZE;
	size_t head = min_t(size_t, n, LOG_SIZE - at);

	memcpy(log.buf + at, src, head);
	memcpy(log.buf, (const char *)src + head, n - head);
}

static void
ring_read(size_t pos, void *dst, size_t n)
{
	size_t at = pos % LOG_SIZE;
	size_t head = min_t(size_t, n, LOG_SIZE - at);

	memcpy(dst, log.buf + at, head);
	memcpy((char *)dst + head, log.buf, n - head);
}

static void
store(const struct record *rec, const char *text)
{
	size_t need = sizeof(*rec) + rec->len;
	struct record old;

	while (log.next + need - log.first > LOG_SIZE) {
		ring_read(log.first, &old, sizeof(old));
		log.first += sizeof(old) + old.len;
	}
	ring_write(log.next, rec, sizeof(*rec));
	ring_write(log.next + sizeof(*rec), text, rec->len);
	log.next += need;
}

/* "[    0.012345] ": fixed width until the machine has been up for a day. */
static size_t
format_stamp(char *buf, size_t size, u64 us)
{
	u32 fraction = do_div(us, 1000000);

	return scnprintf(buf, size, "[%5u.%06u] ", (u32)us, fraction);
}

static void
show(const struct record *rec, const char *text)
{
	char stamp[STAMP_MAX];
	size_t n = format_stamp(stamp, sizeof(stamp), rec->us);

	console_write(stamp, n);
	console_rows(text, rec->len, n, LOG_INDENT);
	console_write("\n", 1);
}

/* The highest level that the consoles show. */
static int
console_level(void)
{
	return log.oops ? 7 : SHOWN_MAX - log.hidden;
}

static int
parse_level(const char **fmt)
{
	if ((*fmt)[0] != KERN_SOH[0] || (*fmt)[1] < '0' || (*fmt)[1] > '7')
		return 6;
	*fmt += 2;
	return (*fmt)[-1] - '0';
}

int
printk(const char *fmt, ...)
{
	struct record rec = {.level = parse_level(&fmt)};
	unsigned long flags;
	bool locked = raw_lock_irqsave(&log.lock, &flags, log.oops);
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = vsnprintf(log.message, MESSAGE_MAX, fmt, ap);
	va_end(ap);
	n = min_t(size_t, n, MESSAGE_MAX - 1);
	if (n && log.message[n - 1] == '\n')
		n--;
	rec.len = n;
	rec.us = log.clock_us ? log.clock_us() : 0;
	log.count[rec.level]++;
	store(&rec, log.message);
	if (rec.level <= console_level())
		show(&rec, log.message);
	raw_unlock_irqrestore(&log.lock, flags, locked);
	return n;
}

size_t
log_first(void)
{
	return log.first;
}

size_t
log_next(size_t *pos, char *buf, size_t size, int *level)
{
	unsigned long flags;
	bool locked = raw_lock_irqsave(&log.lock, &flags, log.oops);
	struct record rec;
	size_t n = 0;

	if ((ssize_t)(*pos - log.first) < 0)
		*pos = log.first; /* overwritten meanwhile: skip */
	if (*pos != log.next) {
		size_t text;

		ring_read(*pos, &rec, sizeof(rec));
		n = format_stamp(buf, size, rec.us);
		text = min_t(size_t, rec.len, size - n - 2);
		ring_read(*pos + sizeof(rec), buf + n, text);
		n += text;
		buf[n++] = '\n';
		buf[n] = '\0';
		*level = rec.level;
		*pos += sizeof(rec) + rec.len;
	}
	raw_unlock_irqrestore(&log.lock, flags, locked);
	return n;
}

void
printk_set_clock(u64 (*clock_us)(void))
{
	log.clock_us = clock_us;
}

int
printk_set_level(int level)
{
	int before = SHOWN_MAX - log.hidden;

	log.hidden = SHOWN_MAX - level;
	return before;
}

unsigned int
printk_count(int level)
{
	unsigned int n = 0;

	while (level >= 0)
		n += log.count[level--];
	return n;
}

void
printk_oops(void)
{
	log.oops = true;
}

static int
set_quiet(const char *value)
{
	(void)value;
	printk_set_level(4);
	return 0;
}
BOOT_PARAM(quiet, "", "while booting show only warnings", set_quiet);
