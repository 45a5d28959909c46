/* background.c - a group that is not in front must not read from its terminal:
 * it stops. One that nobody could let go on gets an error instead. */
#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>
#include "utest.h"

static int tty;
static volatile int hang_ups;

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	hang_ups += signal == SIGHUP;
}

/* The terminal that the kernel starts a program with; on a PC a new one. */
static bool
get_terminal(void)
{
	int master;

	if (on_memoir())
		return true; /* 0 */
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) || unlockpt(master) || setsid() < 0)
		return false;
	tty = open(ptsname(master), O_RDWR);
	return tty >= 0;
}

enum {
	READ,
	WRITE,
	SET
};

static int
use(int how)
{
	struct termios termios;
	char byte;

	if (how == READ)
		return read(tty, &byte, 1);
	if (how == WRITE)
		return write(tty, "\r", 1);
	return tcgetattr(tty, &termios) || tcsetattr(tty, TCSANOW, &termios);
}

/* In a group of its own: what `use` gives, and errno. */
static pid_t
in_background(int how, void (*handler)(int), int result, int error)
{
	pid_t pid = fork_checked();

	if (pid) {
		setpgid(pid, pid);
		return pid;
	}
	setpgid(0, 0);
	signal(SIGTTIN, handler);
	signal(SIGTTOU, handler);
	errno = 0;
	CHECK_EQ(use(how), result);
	CHECK_EQ(errno, error);
	_exit(0);
}

/* It stops; then it is in front, and the call begins anew. */
static void
check_stops(int how, int signal, int result, int error)
{
	pid_t pid = in_background(how, SIG_DFL, result, error);
	int status;

	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), signal);
	CHECK_EQ(tcsetpgrp(tty, pid), 0);
	CHECK_EQ(kill(pid, SIGCONT), 0);
	check_child(pid);
	CHECK_EQ(tcsetpgrp(tty, getpgrp()), 0); /* SIGTTOU is ignored here */
}

static void
set_tostop(bool on)
{
	struct termios termios;

	CHECK_EQ(tcgetattr(tty, &termios), 0);
	termios.c_lflag = (termios.c_lflag & ~TOSTOP) | (on ? TOSTOP : 0);
	CHECK_EQ(tcsetattr(tty, TCSANOW, &termios), 0);
}

/* A child that has stopped when the last one ends that was its shell's child:
 * it goes on, and is told. */
static void
check_orphan(void)
{
	int ends[2], status;
	pid_t pid, stopped;
	char byte;

	CHECK_EQ(pipe(ends), 0);
	pid = fork_checked();
	if (pid == 0) {
		setpgid(0, 0);
		stopped = fork_checked();
		if (stopped) {
			CHECK_EQ(waitpid(stopped, &status, WUNTRACED), stopped);
			_exit(0);
		}
		handle(SIGHUP, on_signal, 0);
		raise(SIGSTOP);
		CHECK_EQ(hang_ups, 1);
		errno = 0;
		CHECK_EQ(use(READ), -1);
		CHECK_EQ(errno, EIO);
		raise(SIGTSTP); /* nobody would let it go on: no effect */
		CHECK_EQ(write(ends[1], "x", 1), 1);
		_exit(0);
	}
	check_child(pid);
	close(ends[1]);
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	close(ends[0]);
}

int
main(void)
{
	if (!get_terminal())
		return 0;
	CHECK_EQ(fcntl(tty, F_SETFL, O_RDWR | O_NONBLOCK), 0);
	signal(SIGTTOU, SIG_IGN);
	check_stops(READ, SIGTTIN, -1, EAGAIN);
	check_stops(SET, SIGTTOU, 0, 0);
	check_child(in_background(READ, SIG_IGN, -1, EIO));
	check_child(in_background(SET, SIG_IGN, 0, 0));
	check_child(in_background(WRITE, SIG_DFL, 1, 0));
	set_tostop(true);
	check_stops(WRITE, SIGTTOU, 1, 0);
	check_child(in_background(WRITE, SIG_IGN, 1, 0));
	set_tostop(false);
	check_orphan();
	return 0;
}
