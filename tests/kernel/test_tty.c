/* test_tty.c - the terminal, fed by hand.
 *
 *   "ab\x7f\n" --tty_input--> line discipline --read()--> "a\n"
 */
#include "console.h"
#include "errno.h"
#include "fs_helpers.h"
#include "kthread.h"
#include "sched.h"
#include "time.h"
#include "util.h"

static struct {
	struct process_ops ops;
	const struct process_ops *before;
	int group, signal, pid;
	bool sessions; /* session 7 lives */
	unsigned int escapes;
	long fd;
} t;

static void
note_signal(int pgrp, int signal)
{
	t.group = pgrp;
	t.signal = signal;
}

static void
note_escape(void)
{
	t.escapes++;
}

static int
seven(void)
{
	return 7;
}

static int
who_asks(void)
{
	return t.pid;
}

/* Group 9 is in session 7, which is group 7, too. */
static bool
is_of_seven(int pgrp, int session)
{
	return t.sessions && session == 7 && (pgrp == 7 || pgrp == 9);
}

static void
type(const char *keys)
{
	while (*keys)
		tty_input(*keys++);
}

/* The characters typed here are not to be seen: no echo. */
static bool
begin(void)
{
	struct termios termios;

	if (!u_begin())
		return false;
	t.before = process_ops;
	t.ops = *process_ops;
	t.ops.signal_group = note_signal;
	t.ops.to_monitor = note_escape;
	t.ops.session = seven;
	t.ops.pid = who_asks;
	t.ops.group_exists = is_of_seven;
	t.pid = 7;
	t.sessions = true;
	t.group = t.signal = 0;
	t.escapes = 0;
	process_ops = &t.ops;
	tty_take(7);
	t.fd = open_file("/dev/tty", O_RDWR | O_NONBLOCK);
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCGETS, U_PATH), 0);
	EXPECT(!copy_from_user(&termios, user_ptr(U_PATH), sizeof(termios)));
	termios.lflag &= ~ECHO;
	EXPECT(!copy_to_user(user_ptr(U_PATH), &termios, sizeof(termios)));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCSETS, U_PATH), 0);
	return EXPECT(t.fd >= 0);
}

static void
end(void)
{
	SYS(NR_close, t.fd);
	tty_give_back();
	process_ops = t.before;
	current->work &= ~WORK_SIGNAL;
	u_end();
}

static bool
reads(long n, const char *text)
{
	long got = SYS(NR_read, t.fd, U_BUF, n);

	return EXPECT_EQ(got, (long)strlen(text)) &&
	       EXPECT(u_text(U_BUF, text));
}

TEST(tty, a_line_comes_when_it_is_complete)
{
	ASSERT(begin());
	type("ls");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), -EAGAIN);
	type(" /\rnext\n");
	reads(100, "ls /\n");
	reads(2, "ne");
	reads(100, "xt\n");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), -EAGAIN);
	end();
}

TEST(tty, what_is_taken_back_is_not_read)
{
	ASSERT(begin());
	type("abc\x7f\b\x7f\x7f\x7f"
	     "def\r");
	reads(100, "def\n");
	type("old\rforget this\x15new\r");
	reads(100, "old\n");
	reads(100, "new\n");
	type("one two  three  \x17\x17six\r");
	reads(100, "one six\n");
	end();
}

TEST(tty, ctrl_d_ends_a_line_without_being_in_it)
{
	ASSERT(begin());
	type("abc\x04");
	reads(100, "abc");
	type("abc\x04");
	reads(3, "abc");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), -EAGAIN);
	type("\x04");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), 0);
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), -EAGAIN);
	end();
}

TEST(tty, ctrl_c_signals_the_group_in_front)
{
	ASSERT(begin());
	type("half a line\x03");
	EXPECT_EQ(t.group, 7);
	EXPECT_EQ(t.signal, SIGINT);
	EXPECT(!put_user(9, (s32 __user *)U_BUF));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSPGRP, U_BUF), 0);
	type("\x03");
	EXPECT_EQ(t.group, 9);
	EXPECT(!put_user(10, (s32 __user *)U_BUF));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSPGRP, U_BUF), -EPERM);
	type("\x03");
	EXPECT_EQ(t.group, 9);
	EXPECT_EQ(t.escapes, 0);
	type("\x1c");
	EXPECT_EQ(t.escapes, 1);
	type("ok\r");
	reads(100, "ok\n");
	end();
}

/* Session 8's leader, number 8, takes the terminal when session 7 is gone. */
static int
eight(void)
{
	return 8;
}

TEST(tty, only_a_session_without_one_takes_it_and_only_when_it_is_free)
{
	ASSERT(begin());
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSCTTY, 0), 0);
	t.ops.session = eight;
	t.pid = 8;
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSCTTY, 0), -EPERM);
	t.sessions = false;
	t.pid = 9;
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSCTTY, 0), -EPERM);
	t.pid = 8;
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSCTTY, 0), 0);
	type("\x03");
	EXPECT_EQ(t.group, 8);
	end();
}

TEST(tty, a_key_that_is_0_is_none)
{
	struct termios termios;

	ASSERT(begin());
	EXPECT(!copy_from_user(&termios, user_ptr(U_PATH), sizeof(termios)));
	termios.cc[VINTR] = termios.cc[VERASE] = termios.cc[VEOF] = 0;
	EXPECT(!copy_to_user(user_ptr(U_PATH), &termios, sizeof(termios)));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCSETS, U_PATH), 0);
	type("a");
	tty_input(0);
	type("\x03\r");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), 4);
	EXPECT_EQ(t.signal, 0);
	end();
}

TEST(tty, raw_mode_gives_each_key_as_it_is)
{
	struct termios termios;

	ASSERT(begin());
	type("ha");
	EXPECT(!copy_from_user(&termios, user_ptr(U_PATH), sizeof(termios)));
	termios.lflag = 0;
	termios.iflag = 0;
	EXPECT(!copy_to_user(user_ptr(U_PATH), &termios, sizeof(termios)));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCSETSW, U_PATH), 0);
	reads(100, "ha");
	type("\r\x03\x04\x7f");
	EXPECT_EQ(t.signal, 0);
	reads(100, "\r\x03\x04\x7f");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 1), -EAGAIN);
	termios.cc[VMIN] = 0;
	EXPECT(!copy_to_user(user_ptr(U_PATH), &termios, sizeof(termios)));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCSETS, U_PATH), 0);
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 1), 0);
	end();
}

/* As a program sets them: VMIN, VTIME, raw; and whether reading waits. */
static void
set_raw(u8 vmin, u8 vtime, u32 flags)
{
	struct termios termios;

	EXPECT(!copy_from_user(&termios, user_ptr(U_PATH), sizeof(termios)));
	termios.lflag = 0;
	termios.cc[VMIN] = vmin;
	termios.cc[VTIME] = vtime;
	EXPECT(!copy_to_user(user_ptr(U_PATH), &termios, sizeof(termios)));
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCSETS, U_PATH), 0);
	EXPECT_EQ(SYS(NR_fcntl64, t.fd, F_SETFL, flags), 0);
}

static int
type_later(void *arg)
{
	schedule_timeout_uninterruptible(HZ / 20);
	type(arg);
	return 0;
}

/* How long a read of n bytes took, in tenths of a second. */
static int
tenths(size_t n, long result)
{
	ktime_t start = ktime_get();
	u64 ns;

	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, n), result);
	ns = (u64)(ktime_get() - start);
	do_div(ns, 1000000);
	return (int)(u32)ns / 100;
}

TEST(tty, vmin_and_vtime_say_how_long_to_wait)
{
	struct task_struct *k;

	ASSERT(begin());
	set_raw(3, 0, 0);
	type("ab");
	k = kthread_run(type_later, (char *)"c", "typist");
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), 3);
	EXPECT_EQ(kthread_stop(k), 0);
	type("ab"); /* it is enough for who wants no more */
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 2), 2);
	set_raw(0, 2, 0);
	EXPECT(tenths(10, 0) >= 2);
	k = kthread_run(type_later, (char *)"x", "typist");
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), 1);
	EXPECT_EQ(kthread_stop(k), 0);
	set_raw(5, 2, 0); /* from the first one on */
	type("xyz");
	EXPECT(tenths(10, 3) >= 2);
	set_raw(5, 2, O_NONBLOCK);
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), -EAGAIN);
	type("x");
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), 1);
	end();
}

TEST(tty, ctrl_z_is_a_signal)
{
	ASSERT(begin());
	type("lost\x1a");
	EXPECT_EQ(t.group, 7);
	EXPECT_EQ(t.signal, SIGTSTP);
	type("kept\r");
	reads(100, "kept\n");
	end();
}

/* Each is an empty line, until there is no room: the first ones stay. */
TEST(tty, ctrl_d_does_not_overrun_the_ring)
{
	ASSERT(begin());
	type("first\r");
	for (int i = 0; i < 5000; i++)
		tty_input(4);
	reads(100, "first\n");
	for (int i = 0; i < 4096 - 6; i++)
		EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), 0);
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10), -EAGAIN);
	end();
}

TEST(tty, a_line_too_long_can_still_be_ended)
{
	ASSERT(begin());
	for (int i = 0; i < 5000; i++)
		tty_input('x');
	tty_input('\r');
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 10000), 4096);
	EXPECT(!put_user((u8)0, (u8 __user *)(U_BUF + 4096)));
	EXPECT(u_text(U_BUF + 4090, "xxxxx\n"));
	end();
}

TEST(tty, a_signal_ends_the_waiting)
{
	ASSERT(begin());
	EXPECT_EQ(SYS(NR_fcntl64, t.fd, F_SETFL, 0), 0);
	current->work |= WORK_SIGNAL;
	EXPECT_EQ(SYS(NR_read, t.fd, U_BUF, 1), -ERESTARTSYS);
	end();
}

TEST(tty, keys_are_the_terminals_until_it_is_given_back)
{
	ASSERT(begin());
	console_input(CONSOLE_SERIAL, 'x');
	console_input(CONSOLE_SERIAL, '\r');
	reads(100, "x\n");
	end();
	console_input(CONSOLE_SERIAL, 'y');
	ASSERT(console_has_input());
	EXPECT_EQ(console_getc(), 'y');
}

TEST(tty, it_has_a_size_and_bad_pointers_do_no_harm)
{
	static const u32 gets[] = {TCGETS, TIOCGWINSZ, TIOCGPGRP, FIONREAD};

	ASSERT(begin());
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCGWINSZ, U_BUF), 0);
	EXPECT(u_text(U_BUF, "\x19"));
	for (size_t i = 0; i < ARRAY_SIZE(gets); i++)
		EXPECT_EQ(SYS(NR_ioctl, t.fd, (long)gets[i], USER_WILD),
			  -EFAULT);
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TCSETS, USER_WILD), -EFAULT);
	EXPECT_EQ(SYS(NR_ioctl, t.fd, TIOCSPGRP, 0), -EFAULT);
	EXPECT_EQ(SYS(NR_ioctl, t.fd, 0x1234), -ENOTTY);
	EXPECT_EQ(SYS(NR_write, t.fd, USER_WILD, 10), -EFAULT);
	type("abc\r");
	EXPECT_EQ(SYS(NR_read, t.fd, USER_WILD, 10), -EFAULT);
	type("abcdef\r"); /* three of them have room */
	EXPECT_EQ(SYS(NR_read, t.fd,
		      U_BUF + U_PAGES * PAGE_SIZE - (U_BUF - U_PATH) - 3, 10),
		  3);
	end();
}
