/* test_pipes.c - pipes: order, limits, both ends' ends, and threads that wait
 * for each other.
 *
 *   writer thread --[ 64 KiB ]--> the test     with kernel threads: they share
 *                                              the descriptors and user memory
 */
#include "errno.h"
#include "fs_helpers.h"
#include "gfp.h"
#include "kthread.h"
#include "page_owner.h"
#include "util.h"

#define FULL 65536

static struct {
	struct process_ops ops;
	const struct process_ops *before;
	unsigned int sigpipes;
	long fd[2];
} t;

static void
count_sigpipe(void)
{
	t.sigpipes++;
}

static bool
begin(long flags)
{
	s32 fd[2] = {-1, -1};

	if (!u_begin())
		return false;
	t.before = process_ops;
	t.ops = *process_ops;
	t.ops.send_sigpipe = count_sigpipe;
	t.sigpipes = 0;
	process_ops = &t.ops;
	EXPECT_EQ(SYS(NR_pipe2, U_BUF, flags), 0);
	EXPECT(!copy_from_user(fd, user_ptr(U_BUF), sizeof(fd)));
	t.fd[0] = fd[0];
	t.fd[1] = fd[1];
	return EXPECT(fd[0] >= 0 && fd[1] > fd[0]);
}

static void
end(void)
{
	SYS(NR_close, t.fd[0]);
	SYS(NR_close, t.fd[1]);
	process_ops = t.before;
	current->work &= ~WORK_SIGNAL;
	u_end();
}

TEST(pipes, what_goes_in_comes_out_in_order)
{
	ASSERT(begin(0));
	for (unsigned int round = 0; round < 50; round++) {
		u_fill(U_BUF, 3000, round);
		EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 3000), 3000);
		EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF + 8192, 1000), 1000);
		EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF + 9192, 9000), 2000);
		EXPECT(u_is(U_BUF + 8192, 3000, round));
	}
	EXPECT_EQ(SYS(NR_read, t.fd[1], U_BUF, 1), -EBADF);
	EXPECT_EQ(SYS(NR_write, t.fd[0], U_BUF, 1), -EBADF);
	EXPECT_EQ(SYS(NR_lseek, t.fd[0], 0, 0), -ESPIPE);
	EXPECT_EQ(SYS(NR_pread64, t.fd[0], U_BUF, 1, 0, 0), -ESPIPE);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 0), 0);
	end();
}

TEST(pipes, a_full_one_takes_no_more_and_an_empty_one_gives_none)
{
	ASSERT(begin(O_NONBLOCK));
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 1), -EAGAIN);
	u_fill(U_BUF, 0x11000, 5);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 0x11000), FULL);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 1), -EAGAIN);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF + 0x11000, 4000), 4000);
	/* Up to PIPE_BUF: all or nothing. More: what fits. */
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 4096), -EAGAIN);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 4000), 4000);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 100), 100);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 4097), 100);
	EXPECT_EQ(SYS(NR_ioctl, t.fd[0], FIONREAD, U_PATH), 0);
	EXPECT(u_text(U_PATH, "\0\0\1"));
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, U_SIZE), FULL);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 1), -EAGAIN);
	end();
}

/* The i-th byte that ever goes through is i. */
TEST(pipes, no_byte_is_lost_or_twice_whatever_the_sizes)
{
	u32 in = 0, out = 0, random = 12345;
	u8 byte;
	long n;

	ASSERT(begin(O_NONBLOCK));
	for (unsigned int round = 0; round < 600; round++) {
		u32 size = (random = random * 1664525 + 1013904223) >> 16;

		size %= round % 3 ? 6000 : 30000;
		for (u32 i = 0; i < size; i++)
			EXPECT(!put_user((u8)(in + i), (u8 __user *)U_BUF + i));
		n = SYS(NR_write, t.fd[1], U_BUF, (long)size);
		in += n > 0 ? (u32)n : 0;
		EXPECT(n == -EAGAIN || (n >= 0 && n <= (long)size));
		n = SYS(NR_read, t.fd[0], U_BUF, (long)(size * 5 / 4));
		for (long i = 0; i < n; i++)
			if (get_user(byte, (u8 __user *)U_BUF + i) ||
			    !EXPECT_EQ(byte, (u8)(out + i)))
				break;
		out += n > 0 ? (u32)n : 0;
	}
	EXPECT(in > 10 * FULL);
	EXPECT(in - out <= FULL);
	end();
}

TEST(pipes, without_the_other_end_they_end)
{
	ASSERT(begin(0));
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 10), 10);
	EXPECT_EQ(SYS(NR_close, t.fd[1]), 0);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 100), 10);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 100), 0);
	EXPECT_EQ(t.sigpipes, 0);
	end();
	ASSERT(begin(0));
	EXPECT_EQ(SYS(NR_close, t.fd[0]), 0);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 10), -EPIPE);
	EXPECT_EQ(t.sigpipes, 1);
	end();
}

TEST(pipes, a_signal_ends_the_waiting)
{
	ASSERT(begin(0));
	current->work |= WORK_SIGNAL;
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 1), -ERESTARTSYS);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, U_SIZE), FULL);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 1), -ERESTARTSYS);
	end();
}

TEST(pipes, half_a_buffer_gives_half_a_count)
{
	ASSERT(begin(0));
	user_set_present(U_BUF + 0x1000, false);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF + 0xF00, 1000), 256);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF + 0x1000, 1000), -EFAULT);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF + 0x1000, 1000), -EFAULT);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF + 0xFF0, 1000), 16);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 1000), 240);
	user_set_present(U_BUF + 0x1000, true);
	end();
}

TEST(pipes, without_pages_nothing_is_written)
{
	ASSERT(begin(0));
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 4000), 4000);
	fail_page_alloc_set(0, 1, 0);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 97), -ENOMEM);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 96), 96);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 5000), -ENOMEM);
	fail_page_alloc_set(0, 0, 0);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, U_SIZE), 4096);
	end();
}

static unsigned int
poll_two(int ms)
{
	struct pollfd pfd[2] = {{(s32)t.fd[0], POLLIN, 0},
				{(s32)t.fd[1], POLLOUT, 0}};

	EXPECT(!copy_to_user(user_ptr(U_PATH), pfd, sizeof(pfd)));
	EXPECT(SYS(NR_poll, U_PATH, 2, ms) >= 0);
	EXPECT(!copy_from_user(pfd, user_ptr(U_PATH), sizeof(pfd)));
	return (u32)(u16)pfd[0].revents << 16 | (u16)pfd[1].revents;
}

TEST(pipes, poll_tells_which_end_is_ready)
{
	ASSERT(begin(0));
	EXPECT_EQ(poll_two(-1), POLLOUT);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, FULL - 4095), FULL - 4095);
	EXPECT_EQ(poll_two(-1), POLLIN << 16);
	EXPECT_EQ(SYS(NR_close, t.fd[1]), 0);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, U_SIZE), FULL - 4095);
	EXPECT_EQ(poll_two(0), POLLHUP << 16 | POLLNVAL);
	end();
	ASSERT(begin(0));
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, U_SIZE / 2), FULL);
	EXPECT_EQ(poll_two(10), POLLIN << 16);
	EXPECT_EQ(SYS(NR_close, t.fd[0]), 0);
	EXPECT_EQ(poll_two(-1), POLLNVAL << 16 | POLLERR);
	end();
}

/* --- With two threads ---------------------------------------------------- */

#define ROUNDS 40
#define PIECE  7001

static int
writer(void *data __maybe_unused)
{
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		if (SYS(NR_write, t.fd[1], U_BUF, PIECE) != PIECE)
			break;
	SYS(NR_close, t.fd[1]);
	return (int)round;
}

TEST(pipes, a_writer_waits_for_room_and_a_reader_for_data)
{
	struct task_struct *k;
	size_t total = 0;
	long n;

	ASSERT(begin(0));
	u_fill(U_BUF, PIECE, 1);
	k = kthread_run(writer, NULL, "writer");
	ASSERT(!IS_ERR(k));
	while ((n = SYS(NR_read, t.fd[0], U_BUF + 0x4000, PIECE)) > 0) {
		while (n < PIECE) { /* to the end of the piece */
			long more = SYS(NR_read, t.fd[0], U_BUF + 0x4000 + n,
					PIECE - n);

			if (more <= 0)
				break;
			n += more;
		}
		EXPECT_EQ(n, PIECE);
		EXPECT(u_is(U_BUF + 0x4000, PIECE, 1));
		total += n;
	}
	EXPECT_EQ(n, 0);
	EXPECT_EQ(total, ROUNDS * PIECE);
	EXPECT_EQ(kthread_stop(k), ROUNDS);
	stacks_drain();
	end();
}

static int
late_writer(void *data __maybe_unused)
{
	msleep(20);
	return (int)SYS(NR_write, t.fd[1], U_BUF, 3);
}

TEST(pipes, poll_sleeps_until_something_is_there)
{
	struct task_struct *k;
	struct pollfd pfd = {0, POLLIN, 0};

	ASSERT(begin(0));
	k = kthread_run(late_writer, NULL, "late");
	ASSERT(!IS_ERR(k));
	pfd.fd = (s32)t.fd[0];
	EXPECT(!copy_to_user(user_ptr(U_PATH), &pfd, sizeof(pfd)));
	EXPECT_EQ(SYS(NR_poll, U_PATH, 1, 5000), 1);
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 10), 3);
	EXPECT_EQ(kthread_stop(k), 3);
	stacks_drain();
	EXPECT_EQ(SYS(NR_poll, U_PATH, 1, 10), 0);
	end();
}

/* After a while one end is closed, and the result is what the other saw. */
static int
late_closer(void *end)
{
	msleep(20);
	return (int)SYS(NR_close, *(long *)end);
}

TEST(pipes, closing_one_end_wakes_who_waits_at_the_other)
{
	struct task_struct *k;

	ASSERT(begin(0));
	k = kthread_run(late_closer, &t.fd[1], "closer");
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(SYS(NR_read, t.fd[0], U_BUF, 10), 0);
	EXPECT_EQ(kthread_stop(k), 0);
	end();
	ASSERT(begin(0));
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, FULL), FULL);
	k = kthread_run(late_closer, &t.fd[0], "closer");
	ASSERT(!IS_ERR(k));
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 10), -EPIPE);
	EXPECT_EQ(t.sigpipes, 1);
	EXPECT_EQ(kthread_stop(k), 0);
	stacks_drain();
	end();
}

/* Who is at work on a file keeps it, whoever closes the number meanwhile. */
static int
reader(void *end)
{
	return (int)SYS(NR_read, *(long *)end, U_BUF + 0x4000, 10);
}

TEST(pipes, a_number_closed_while_somebody_reads_leaves_him_the_file)
{
	struct task_struct *k;

	ASSERT(begin(0));
	k = kthread_run(reader, &t.fd[0], "reader");
	ASSERT(!IS_ERR(k));
	msleep(20);
	EXPECT_EQ(SYS(NR_close, t.fd[0]), 0);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 3), 3);
	EXPECT_EQ(kthread_stop(k), 3);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, 3), -EPIPE);
	stacks_drain();
	end();
}

static int
read_all(void *total)
{
	long n;

	while ((n = SYS(NR_read, t.fd[0], U_PATH2, 0x2000)) > 0)
		*(long *)total += n;
	return (int)n;
}

TEST(pipes, one_write_longer_than_the_pipe_wakes_who_waits_for_it)
{
	struct task_struct *k;
	long total = 0;

	ASSERT(begin(0));
	k = kthread_run(read_all, &total, "reader");
	ASSERT(!IS_ERR(k));
	msleep(20);
	EXPECT_EQ(SYS(NR_write, t.fd[1], U_BUF, FULL + 5000), FULL + 5000);
	EXPECT_EQ(SYS(NR_close, t.fd[1]), 0);
	EXPECT_EQ(kthread_stop(k), 0);
	EXPECT_EQ(total, FULL + 5000);
	stacks_drain();
	end();
}
