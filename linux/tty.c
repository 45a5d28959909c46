/* tty.c - the terminal: what is between the keys and a program's read().
 *
 *   key --> console_input --> tty_input --+-- Ctrl-C, Ctrl-Z: a signal --> the
 *                                         |   group
 *                                         +-- Ctrl-\: back to the monitor
 *                                         +-- DEL, ^U, ^W: take back
 *                                         v                     echo --> screen
 *   ring   [ l i n e 1 \n | l i n e 2 ]
 *            ^ tail         ^ ready    ^ head
 *            read() takes   not yet: the line may still be changed
 *            from here
 *
 * In canonical mode (ICANON) read() gets whole lines, at most one at a time. A
 * mark on the character that ends one tells where; Ctrl-D ends one without
 * being in it, and on an empty line that is the end of the file. Without it,
 * VMIN says for how many characters read() waits, and VTIME how long: for the
 * next one after the first, or with VMIN 0 for the first.
 *
 * Invariants: tail <= ready <= head, which count up only (but when what was
 * typed is taken back); head - tail is at most RING_SIZE. Without ICANON ready
 * is head.
 *
 * Locking: tty.lock, interrupts off: characters come from interrupts.
 *
 * Limits: one terminal. The console itself makes a "\r\n" of each "\n", so
 * OPOST and ONLCR are remembered, no more. A program of another session may read
 * and write as it likes.
 */
#include "fs.h"
#include "console.h"
#include "gfp.h"
#include "string.h"
#include "systime.h"
#include "uaccess.h"
#include "uapi_signal.h"
#include "util.h"

#define RING_SIZE  4096u /* a power of two: an index is count % RING_SIZE */
#define CHUNK      128   /* of a read or write, on the stack */
#define CTRL(c)    ((c)&0x1F)
#define DEL        0x7F
#define TENTH_NSEC 100000000 /* VTIME's unit */

static const struct termios initial = {
	.iflag = ICRNL,
	.oflag = OPOST | ONLCR,
	.cflag = B38400 | CS8 | CREAD,
	.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		 IEXTEN,
	.cc = {[VINTR] = CTRL('C'),
	       [VQUIT] = CTRL('\\'),
	       [VERASE] = DEL,
	       [VKILL] = CTRL('U'),
	       [VEOF] = CTRL('D'),
	       [VMIN] = 1,
	       [VSUSP] = CTRL('Z'),
	       [VWERASE] = CTRL('W')},
};

/* (L) lock */
static struct {
	spinlock_t lock;
	wait_queue_head_t readable;
	struct termios termios;         /* (L) */
	struct winsize size;            /* (L) */
	int pgrp, session;              /* in the foreground; whose it is (L) */
	u8 ring[RING_SIZE];             /* (L) */
	u32 marks[RING_SIZE / 32];      /* a bit for each: it ends a line (L) */
	unsigned int head, ready, tail; /* (L) */
} tty = {
	.readable = __WAIT_QUEUE_HEAD_INITIALIZER(tty.readable),
	.size = {25, 80, 0, 0},
};

/* --- What is typed ------------------------------------------------------- */

static bool
is_local(u32 flag)
{
	return tty.termios.lflag & flag;
}

static bool
is_marked(unsigned int count)
{
	return tty.marks[count % RING_SIZE / 32] >> count % 32 & 1;
}

static void
ring_put(u8 c, bool mark)
{
	u32 *word = &tty.marks[tty.head % RING_SIZE / 32];
	u32 bit = 1u << tty.head % 32;

	*word = mark ? *word | bit : *word & ~bit;
	tty.ring[tty.head % RING_SIZE] = c;
	tty.head++;
}

/* A control character is shown as ^C, in two columns. */
static bool
is_control(u8 c)
{
	return (c < ' ' && c != '\n' && c != '\t') || c == DEL;
}

static void
echo(u8 c)
{
	char text[2] = {'^', (char)(c ^ 0x40)};

	if (!is_local(ECHO) && !(c == '\n' && is_local(ECHONL)))
		return;
	if (is_control(c) && c != '\a' && is_local(ECHOCTL))
		console_write(text, 2);
	else
		console_write((const char *)&c, 1);
}

static void
erase_one(void)
{
	u8 c = tty.ring[--tty.head % RING_SIZE];

	if (is_local(ECHO) && is_local(ECHOE))
		console_write("\b \b\b \b",
			      is_control(c) && is_local(ECHOCTL) ? 6 : 3);
}

static void
erase_word(void)
{
	bool word = false;

	while (tty.head != tty.ready) {
		bool blank = tty.ring[(tty.head - 1) % RING_SIZE] == ' ';

		if (blank && word)
			break;
		word = !blank;
		erase_one();
	}
}

/* A line that is complete, or a character that need not wait for one. */
static void
make_ready(void)
{
	tty.ready = tty.head;
	wake_up(&tty.readable);
	poll_changed();
}

/* => false: it is an ordinary character */
static bool
edit_line(u8 c)
{
	const u8 *cc = tty.termios.cc;

	if (c == cc[VERASE] || c == CTRL('H')) {
		if (tty.head != tty.ready)
			erase_one();
	} else if (c == cc[VKILL]) {
		while (tty.head != tty.ready)
			erase_one();
	} else if (c == cc[VWERASE]) {
		erase_word();
	} else if (c == cc[VEOF]) {
		if (tty.head - tty.tail < RING_SIZE)
			ring_put(c, true);
		make_ready();
	} else {
		return false;
	}
	return true;
}

static bool
send_signal(u8 c)
{
	const u8 *cc = tty.termios.cc;
	int signal = c == cc[VINTR]   ? SIGINT
		     : c == cc[VQUIT] ? SIGQUIT
		     : c == cc[VSUSP] ? SIGTSTP
				      : 0;

	if (!signal)
		return false;
	tty.head = tty.ready = tty.tail;
	echo(c);
	if (signal == SIGQUIT)
		process_ops->to_monitor();
	else
		process_ops->signal_group(tty.pgrp, signal);
	return true;
}

static void
input_locked(u8 c)
{
	u32 iflag = tty.termios.iflag;
	bool canonical = is_local(ICANON);
	bool plain = !c; /* a 0 in cc[] is no key at all */

	if (iflag & ISTRIP)
		c &= 0x7F;
	if (c == '\r' && (iflag & IGNCR))
		return;
	if (c == '\r' && (iflag & ICRNL))
		c = '\n';
	else if (c == '\n' && (iflag & INLCR))
		c = '\r';
	if (!plain && is_local(ISIG) && send_signal(c))
		return;
	if (!plain && canonical && edit_line(c))
		return;
	/* The last place is for what ends the line. */
	if (tty.head - tty.tail >= RING_SIZE - 1 &&
	    !(c == '\n' && tty.head - tty.tail < RING_SIZE)) {
		echo('\a');
		console_drop();
		return;
	}
	ring_put(c, c == '\n');
	echo(c);
	if (!canonical || c == '\n')
		make_ready();
}

bool
tty_input(char c)
{
	unsigned long flags;

	spin_lock_irqsave(&tty.lock, flags);
	input_locked((u8)c);
	spin_unlock_irqrestore(&tty.lock, flags);
	return true;
}

void
tty_take(int pgrp)
{
	unsigned long flags;

	spin_lock_irqsave(&tty.lock, flags);
	tty.termios = initial;
	tty.pgrp = pgrp;
	tty.session = pgrp;
	tty.head = tty.ready = tty.tail = 0;
	spin_unlock_irqrestore(&tty.lock, flags);
	console_set_pager(NULL);
	console_set_sink(tty_input);
}

void
tty_give_back(void)
{
	console_set_sink(NULL);
}

/* Whoever has the terminal for his session uses it from the foreground only.
 * => 0; -ERESTARTSYS, -EIO */
static int
foreground_only(int signal)
{
	if (process_ops->session() != tty.session)
		return 0;
	return process_ops->job_control(READ_ONCE(tty.pgrp), signal);
}

/* --- read, write --------------------------------------------------------- */

/* One line, or the part of it that fits; or just what there is. => its length;
 * *end: that was all of it, even if it is nothing */
static size_t
take_chunk(char *to, size_t n, bool *end)
{
	bool canonical;
	unsigned long flags;
	size_t done = 0;

	spin_lock_irqsave(&tty.lock, flags);
	canonical = is_local(ICANON);
	*end = false;
	while (!*end && tty.tail != tty.ready) {
		u8 c = tty.ring[tty.tail % RING_SIZE];

		*end = canonical && is_marked(tty.tail);
		if (*end && c != '\n') {
			tty.tail++;
			break;
		}
		if (done == n) {
			*end = false;
			break;
		}
		to[done++] = (char)c;
		tty.tail++;
	}
	spin_unlock_irqrestore(&tty.lock, flags);
	return done;
}

static unsigned int
nr_ready(void)
{
	return READ_ONCE(tty.ready) - READ_ONCE(tty.tail);
}

/* How long a reader who has got so much waits for more. => a moment; 0: he does
 * not wait */
static ktime_t
wait_until(size_t done)
{
	const u8 *cc = tty.termios.cc;

	if (is_local(ICANON))
		return done ? 0 : KTIME_MAX;
	if (done >= cc[VMIN] && (done || !cc[VTIME]))
		return 0;
	if (cc[VTIME] && (done || !cc[VMIN]))
		return ktime_get() + (ktime_t)cc[VTIME] * TENTH_NSEC;
	return KTIME_MAX;
}

/* Sleep until there is something, or none is to be waited for.
 * => 1: there is, or was; 0: none; -EAGAIN, -ERESTARTSYS */
static int
wait_for_input(const struct file *file, size_t done)
{
	ktime_t end = nr_ready() ? 0 : wait_until(done);
	DEFINE_WAIT(entry);
	int ready;

	if (!end)
		return nr_ready() != 0;
	if (file->flags & O_NONBLOCK)
		return -EAGAIN;
	do {
		prepare_to_wait(&tty.readable, &entry, TASK_INTERRUPTIBLE);
		ready = nr_ready() != 0;
		if (!ready && signal_pending())
			ready = -ERESTARTSYS;
	} while (!ready && sleep_once(end));
	finish_wait(&tty.readable, &entry);
	return ready;
}

static ssize_t
tty_read(struct file *file, char __user *buf, size_t n,
	 loff_t *pos __maybe_unused)
{
	char chunk[CHUNK];
	size_t done = 0, part, left;
	bool end = false;
	int ready = foreground_only(SIGTTIN);

	if (ready)
		return ready;
	while (done < n && !end) {
		ready = wait_for_input(file, done);
		if (ready <= 0)
			return done ? (ssize_t)done : ready;
		part = take_chunk(chunk, min_t(size_t, n - done, CHUNK), &end);
		left = copy_to_user(buf + done, chunk, part);
		done += part - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
	}
	return done;
}

static ssize_t
tty_write(struct file *file __maybe_unused, const char __user *buf, size_t n,
	  loff_t *pos __maybe_unused)
{
	char chunk[CHUNK];
	size_t done = 0;
	int err = is_local(TOSTOP) ? foreground_only(SIGTTOU) : 0;

	if (err)
		return err;
	while (done < n) {
		size_t part = min_t(size_t, n - done, CHUNK);
		size_t left = copy_from_user(chunk, buf + done, part);

		console_write(chunk, part - left);
		done += part - left;
		if (left)
			return done ? (ssize_t)done : -EFAULT;
		if (signal_pending())
			break;
	}
	return done;
}

/* Ready for whom VTIME does not help: when there is as much as VMIN asks for. */
static unsigned int
tty_poll(struct file *file __maybe_unused)
{
	const u8 *cc = tty.termios.cc;
	unsigned int least = 1;

	if (!is_local(ICANON) && !cc[VTIME] && cc[VMIN])
		least = cc[VMIN];
	return POLLOUT | POLLWRNORM |
	       (nr_ready() >= least ? POLLIN | POLLRDNORM : 0);
}

/* --- ioctl --------------------------------------------------------------- */

/* What was half a line in canonical mode can be read at once without. */
static long
set_termios(const struct termios __user *user, bool flush)
{
	struct termios termios;
	unsigned long flags;
	int err = foreground_only(SIGTTOU);

	if (err)
		return err;
	if (copy_from_user(&termios, user, sizeof(termios)))
		return -EFAULT;
	spin_lock_irqsave(&tty.lock, flags);
	tty.termios = termios;
	if (flush)
		tty.tail = tty.ready = tty.head;
	if (!is_local(ICANON))
		make_ready();
	spin_unlock_irqrestore(&tty.lock, flags);
	return 0;
}

static int
flush_input(void)
{
	unsigned long flags;
	int err = foreground_only(SIGTTOU);

	if (err)
		return err;
	spin_lock_irqsave(&tty.lock, flags);
	tty.tail = tty.ready = tty.head;
	spin_unlock_irqrestore(&tty.lock, flags);
	return 0;
}

static long
set_size(const struct winsize __user *user)
{
	struct winsize size;

	if (copy_from_user(&size, user, sizeof(size)))
		return -EFAULT;
	tty.size = size;
	return 0;
}

static long
set_pgrp(const int __user *user)
{
	int pgrp, err;

	if (get_user(pgrp, user))
		return -EFAULT;
	if (tty.session != process_ops->session())
		return -ENOTTY;
	if (pgrp <= 0)
		return -EINVAL;
	if (!process_ops->group_exists(pgrp, tty.session))
		return -EPERM;
	err = foreground_only(SIGTTOU);
	if (err)
		return err;
	WRITE_ONCE(tty.pgrp, pgrp);
	return 0;
}

/* For who leads a session, when the one that had the terminal is gone. */
static long
take_session(void)
{
	int session = process_ops->session();

	if (process_ops->pid() != session)
		return -EPERM;
	if (tty.session == session)
		return 0;
	if (process_ops->group_exists(tty.session, tty.session))
		return -EPERM;
	tty.session = tty.pgrp = session;
	return 0;
}

static long
tty_ioctl(struct file *file __maybe_unused, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case TCGETS:
		return copy_to_user((void __user *)arg, &tty.termios,
				    sizeof(tty.termios))
			       ? -EFAULT
			       : 0;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios((void __user *)arg, cmd == TCSETSF);
	case TCFLSH:
		return flush_input();
	case TCSBRK: /* tcdrain: what is written is shown */
	case TCXONC:
		return 0;
	case TIOCOUTQ:
		return put_user(0, (int __user *)arg);
	case TIOCGWINSZ:
		return copy_to_user((void __user *)arg, &tty.size,
				    sizeof(tty.size))
			       ? -EFAULT
			       : 0;
	case TIOCSWINSZ:
		return set_size((void __user *)arg);
	case TIOCGPGRP:
		return put_user(tty.pgrp, (int __user *)arg);
	case TIOCSPGRP:
		return set_pgrp((int __user *)arg);
	case TIOCGSID:
		return put_user(tty.session, (int __user *)arg);
	case TIOCSCTTY:
		return take_session();
	case TIOCNOTTY:
		return 0;
	case FIONREAD:
		return put_user((int)nr_ready(), (int __user *)arg);
	default:
		return -ENOTTY;
	}
}

/* /dev/tty is the terminal of one's own session. */
static int
tty_open(struct file *file)
{
	if (file->inode->rdev == MKDEV(5, 0) &&
	    tty.session != process_ops->session())
		return -ENXIO;
	return 0;
}

const struct file_ops tty_file_ops = {
	.open = tty_open,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.stream = true,
};
