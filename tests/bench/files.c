/* files.c - what a byte through two pipes and back costs, between two threads.
 *
 *   this thread --[ there ]--> echo
 *               <--[ back ]---
 *
 * The row pipe_threads is the kernel's part of pipe_pingpong: no system call is
 * entered and no address space changed.
 */
#include "../kernel/fs_helpers.h"
#include "kthread.h"

static struct {
	syscall_fn read, write;
	long there[2], back[2];
	struct task_struct *echo;
} b;

static int
echo(void *data __maybe_unused)
{
	while (b.read(b.there[0], U_PATH, 1, 0, 0, 0) == 1)
		b.write(b.back[1], U_PATH, 1, 0, 0, 0);
	return 0;
}

static void
open_pipe(long fd[2])
{
	s32 ends[2] = {-1, -1};

	EXPECT_EQ(SYS(NR_pipe, U_BUF), 0);
	EXPECT(!copy_from_user(ends, user_ptr(U_BUF), sizeof(ends)));
	fd[0] = ends[0];
	fd[1] = ends[1];
}

static void
setup(void)
{
	u_begin();
	b.read = syscall_find(NR_read)->fn;
	b.write = syscall_find(NR_write)->fn;
	open_pipe(b.there);
	open_pipe(b.back);
	b.echo = kthread_run(echo, NULL, "echo");
}

static void
teardown(void)
{
	SYS(NR_close, b.there[1]);
	kthread_stop(b.echo);
	SYS(NR_close, b.there[0]);
	SYS(NR_close, b.back[0]);
	SYS(NR_close, b.back[1]);
	stacks_drain();
	u_end();
}

static void
ping(unsigned int times)
{
	while (times--) {
		b.write(b.there[1], U_BUF, 1, 0, 0, 0);
		b.read(b.back[0], U_BUF, 1, 0, 0, 0);
	}
}
BENCH_ROW(pipe_threads, 300, ping, setup, teardown);
