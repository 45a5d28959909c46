/* uapi.h - Linux's constants and structures for files, as i386 programs have
 * them. What a number means is said where it is used.
 */
#ifndef LINUX_UAPI_H
#define LINUX_UAPI_H

#include "types.h"

typedef s64 loff_t;

/* --- Modes --------------------------------------------------------------- */

#define S_IFMT   0170000u
#define S_IFSOCK 0140000u
#define S_IFLNK  0120000u
#define S_IFREG  0100000u
#define S_IFBLK  0060000u
#define S_IFDIR  0040000u
#define S_IFCHR  0020000u
#define S_IFIFO  0010000u
#define S_IALL   0007777u
#define S_ISUID  0004000u
#define S_ISGID  0002000u
#define S_IXGRP  0000010u

#define S_ISLNK(mode)  (((mode)&S_IFMT) == S_IFLNK)
#define S_ISREG(mode)  (((mode)&S_IFMT) == S_IFREG)
#define S_ISDIR(mode)  (((mode)&S_IFMT) == S_IFDIR)
#define S_ISCHR(mode)  (((mode)&S_IFMT) == S_IFCHR)
#define S_ISFIFO(mode) (((mode)&S_IFMT) == S_IFIFO)

/* --- open, fcntl, *at ---------------------------------------------------- */

#define O_RDONLY    0u
#define O_WRONLY    1u
#define O_RDWR      2u
#define O_ACCMODE   3u
#define O_CREAT     0100u
#define O_EXCL      0200u
#define O_NOCTTY    0400u
#define O_TRUNC     01000u
#define O_APPEND    02000u
#define O_NONBLOCK  04000u
#define O_LARGEFILE 0100000u
#define O_DIRECTORY 0200000u
#define O_NOFOLLOW  0400000u
#define O_CLOEXEC   02000000u
#define O_PATH      010000000u

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_REMOVEDIR        0x200u
#define AT_EACCESS          0x200u
#define AT_SYMLINK_FOLLOW   0x400u
#define AT_EMPTY_PATH       0x1000u
#define AT_STATX_FLAGS      0x7900u /* with AT_NO_AUTOMOUNT, AT_STATX_* */

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE  2u

#define CLOSE_RANGE_UNSHARE 2u
#define CLOSE_RANGE_CLOEXEC 4u

#define F_DUPFD         0
#define F_GETFD         1
#define F_SETFD         2
#define F_GETFL         3
#define F_SETFL         4
#define F_GETLK         5
#define F_SETLK         6
#define F_SETLKW        7
#define F_GETLK64       12
#define F_SETLK64       13
#define F_SETLKW64      14
#define F_OFD_GETLK     36
#define F_OFD_SETLK     37
#define F_OFD_SETLKW    38
#define F_DUPFD_CLOEXEC 1030
#define F_SETPIPE_SZ    1031
#define F_GETPIPE_SZ    1032
#define FD_CLOEXEC      1u

#define SEEK_SET  0u
#define SEEK_CUR  1u
#define SEEK_END  2u
#define SEEK_DATA 3u
#define SEEK_HOLE 4u

#define R_OK 4u
#define W_OK 2u
#define X_OK 1u

#define NAME_MAX 255
#define PATH_MAX 4096 /* with the NUL */
#define PIPE_BUF 4096
#define IOV_MAX  1024

/* --- Structures ---------------------------------------------------------- */

struct iovec {
	void __user *base;
	u32 len;
};

struct timespec64 { /* with 64-bit time: what *_time64 calls use */
	s64 sec, nsec;
};

struct stat64 {
	u64 dev;
	u32 pad0, ino_low;
	u32 mode, nlink, uid, gid;
	u64 rdev;
	u32 pad1;
	s64 size;
	u32 blksize;
	u64 blocks; /* of 512 bytes */
	struct {
		u32 sec, nsec;
	} atime, mtime, ctime;
	u64 ino;
};
static_assert(sizeof(struct stat64) == 96, "i386's struct stat64");
static_assert(offsetof(struct stat64, size) == 44, "i386's struct stat64");

struct statx_time {
	s64 sec;
	u32 nsec;
	s32 pad;
};

#define STATX_BASIC_STATS 0x7FFu

struct statx {
	u32 mask, blksize;
	u64 attributes;
	u32 nlink, uid, gid;
	u16 mode, pad0;
	u64 ino, size, blocks, attributes_mask;
	struct statx_time atime, btime, ctime, mtime;
	u32 rdev_major, rdev_minor, dev_major, dev_minor;
	u64 spare[14];
};
static_assert(sizeof(struct statx) == 256, "Linux's struct statx");
static_assert(offsetof(struct statx, atime) == 64, "Linux's struct statx");

struct dirent64 {
	u64 ino;
	s64 off; /* where the next entry is found */
	u16 reclen;
	u8 type; /* mode >> 12 */
	char name[];
};
#define DIRENT_NAME 19 /* offsetof name: the structure has 20 bytes */
static_assert(offsetof(struct dirent64, name) == DIRENT_NAME, "getdents64");

struct pollfd {
	s32 fd;
	s16 events, revents;
};
#define POLLIN     0x001u
#define POLLPRI    0x002u
#define POLLOUT    0x004u
#define POLLERR    0x008u
#define POLLHUP    0x010u
#define POLLNVAL   0x020u
#define POLLRDNORM 0x040u
#define POLLWRNORM 0x100u

/* --- Terminals ----------------------------------------------------------- */

#define TCGETS     0x5401u
#define TCSETS     0x5402u
#define TCSETSW    0x5403u
#define TCSETSF    0x5404u
#define TCSBRK     0x5409u
#define TCXONC     0x540Au
#define TCFLSH     0x540Bu
#define TIOCSCTTY  0x540Eu
#define TIOCGPGRP  0x540Fu
#define TIOCSPGRP  0x5410u
#define TIOCOUTQ   0x5411u
#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u
#define FIONREAD   0x541Bu
#define FIONBIO    0x5421u
#define TIOCNOTTY  0x5422u
#define TIOCGSID   0x5429u
#define FIONCLEX   0x5450u
#define FIOCLEX    0x5451u

enum { /* of c_cc */
	VINTR,
	VQUIT,
	VERASE,
	VKILL,
	VEOF,
	VTIME,
	VMIN,
	VSUSP = 10,
	VWERASE = 14,
	NCCS = 19
};
#define ISTRIP  0000040u
#define INLCR   0000100u
#define IGNCR   0000200u
#define ICRNL   0000400u
#define OPOST   0000001u
#define ONLCR   0000004u
#define B38400  0000017u
#define CS8     0000060u
#define CREAD   0000200u
#define ISIG    0000001u
#define ICANON  0000002u
#define ECHO    0000010u
#define ECHOE   0000020u
#define ECHOK   0000040u
#define ECHONL  0000100u
#define TOSTOP  0000400u
#define ECHOCTL 0001000u
#define ECHOKE  0004000u
#define IEXTEN  0100000u

struct termios {
	u32 iflag, oflag, cflag, lflag;
	u8 line;
	u8 cc[NCCS];
};
static_assert(sizeof(struct termios) == 36, "the kernel's struct termios");

struct winsize {
	u16 row, col, xpixel, ypixel;
};

/* --- Signals --------------------------------------------------------------- */

#define SIGHUP   1
#define SIGINT   2
#define SIGQUIT  3
#define SIGILL   4
#define SIGTRAP  5
#define SIGABRT  6
#define SIGBUS   7
#define SIGFPE   8
#define SIGKILL  9
#define SIGSEGV  11
#define SIGPIPE  13
#define SIGALRM  14
#define SIGTERM  15
#define SIGCHLD  17
#define SIGCONT  18
#define SIGSTOP  19
#define SIGTSTP  20
#define SIGURG   23
#define SIGWINCH 28

#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRERR  2
#define SI_KERNEL   0x80

#endif
