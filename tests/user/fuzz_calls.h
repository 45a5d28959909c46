/* fuzz_calls.h - a random system call, with random and half-valid arguments.
 *
 *   calls[i] = {SYS_read, "fbn"}  -->  words[] = {3, 7, 0x6000cfe0, 4711}
 *                         |||
 *                         ||+- n size
 *                         |+-- b buffer: in the arena, often near a page's end
 *                         +--- f descriptor: 0 ... 11
 *
 * Arena: 64 pages at a fixed place, with all kinds of rights, that the calls
 * themselves map, unmap, protect and fill. Some of it holds words of these
 * kinds: so that structures are half-valid, too.
 *
 * Names are those of the folder one is in, or of files that cannot be changed.
 * Every system call that the kernel has is here (tools/lint.sh sees to it), but
 * exit and sigreturn, which children make, and exit_group.
 */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "utest.h"

#define ARENA       0x60000000u
#define ARENA_PAGES 64
#define DESCRIPTION (ARENA + 0x800) /* a struct user_desc */
#define FIONREAD_   0x541b
#define PROGRAM     "p" /* its file is one that can be executed, at first */
#define NR(array)   (sizeof(array) / sizeof((array)[0]))

/* Kinds of arguments: f descriptor, D the same or AT_FDCWD, p name that may be
 * changed, P any name, b buffer, n size, q number below 8, i one below 64, x
 * anything, a address, l length of memory, s signal, 8 its set's size, k own
 * process, W whom to wait for, t short time, T the same with 64 bits, v iovec, c
 * clone flags, A argv, M mmap flags, O open flags, I ioctl command, o futex
 * operation, U struct user_desc, - 0. */
/* clang-format off */
static const struct {
	short number;
	char args[7];
} calls[] = {
	/* Processes */
	{SYS_fork, ""}, {SYS_vfork, ""}, {SYS_clone, "cbbbb"},
	{SYS_clone, "cbbbb"}, {SYS_waitpid, "Wbq"}, {SYS_wait4, "Wbqb"},
	{SYS_execve, "pbb"}, {SYS_getpid, ""}, {SYS_getppid, ""},
	{SYS_gettid, ""}, {SYS_setpgid, "ki"}, {SYS_getpgid, "k"},
	{SYS_getpgrp, ""}, {SYS_getsid, "k"}, {SYS_setsid, ""},
	{SYS_set_tid_address, "b"}, {SYS_set_robust_list, "bi"},
	{SYS_ugetrlimit, "qb"}, {SYS_setrlimit, "ib"},
	{SYS_prlimit64, "kqbb"}, {SYS_getrusage, "-b"}, {SYS_prctl, "ib"},
	{SYS_set_thread_area, "U"}, {SYS_get_thread_area, "U"},
	{SYS_sched_yield, ""}, {SYS_sched_getaffinity, "kib"},
	{SYS_futex, "bo-tbx"}, {SYS_futex, "boitbx"}, {SYS_futex, "bxxtbx"},
	{SYS_futex_time64, "bo-Tbx"}, {SYS_uname, "b"}, {SYS_sysinfo, "b"},
	{SYS_waitid, "qkbqb"}, {SYS_getrandom, "bn-"}, {SYS_umask, "i"},
	/* Signals */
	{SYS_kill, "ks"}, {SYS_tkill, "ks"}, {SYS_tgkill, "kks"},
	{SYS_rt_sigqueueinfo, "ksb"}, {SYS_rt_sigaction, "sbbi"},
	{SYS_rt_sigaction, "sbb8"}, {SYS_rt_sigprocmask, "qbb8"},
	{SYS_rt_sigpending, "b8"}, {SYS_rt_sigsuspend, "b8"},
	{SYS_rt_sigtimedwait, "bbt8"}, {SYS_rt_sigtimedwait_time64, "bbT8"},
	{SYS_sigaltstack, "bb"}, {SYS_pause, ""},
	{SYS_restart_syscall, ""}, {SYS_signal, "sb"},
	{SYS_sigaction, "sbb"}, {SYS_sgetmask, ""}, {SYS_ssetmask, "q"},
	{SYS_sigsuspend, "--q"}, {SYS_sigpending, "b"},
	{SYS_sigprocmask, "qbb"},
	/* Time */
	{SYS_time, "b"}, {SYS_times, "b"}, {SYS_gettimeofday, "bb"},
	{SYS_clock_gettime, "qb"}, {SYS_clock_gettime64, "qb"},
	{SYS_clock_getres, "qb"}, {SYS_clock_getres_time64, "qb"},
	{SYS_nanosleep, "tb"}, {SYS_clock_nanosleep, "qqtb"},
	{SYS_clock_nanosleep_time64, "qqTb"}, {SYS_alarm, "i"},
	{SYS_setitimer, "qtb"}, {SYS_getitimer, "qb"},
	/* Memory */
	{SYS_mmap2, "alqMfq"}, {SYS_mmap2, "alqMfq"}, {SYS_mmap2, "-lqMfq"},
	{SYS_mmap2, "alqMfq"}, {SYS_mmap2, "aliifi"}, {SYS_mmap2, "alixxx"},
	{SYS_munmap, "al"}, {SYS_mprotect, "alq"}, {SYS_mprotect, "alq"},
	{SYS_mprotect, "ali"}, {SYS_mremap, "allqa"}, {SYS_mremap, "allqa"},
	{SYS_brk, "x"}, {SYS_madvise, "ali"}, {SYS_madvise, "alq"},
	{SYS_msync, "alq"},
	{SYS_mlock, "al"}, {SYS_mlockall, "q"}, {SYS_munlockall, ""}, {SYS_munlock, "al"}, {SYS_mincore, "alb"},
	/* Names */
	{SYS_open, "pxi"}, {SYS_open, "Pi"}, {SYS_open, "Pi"},
	{SYS_open, "p-i"}, {SYS_openat, "Dpxi"}, {SYS_creat, "pi"},
	{SYS_unlink, "p"}, {SYS_unlinkat, "Dp-"}, {SYS_mkdir, "pi"},
	{SYS_mkdirat, "Dpi"}, {SYS_rmdir, "p"}, {SYS_rename, "pp"},
	{SYS_renameat, "DpDp"}, {SYS_symlink, "Pp"}, {SYS_symlinkat, "PDp"},
	{SYS_readlink, "Pbn"}, {SYS_readlinkat, "DPbn"}, {SYS_chdir, "p"},
	{SYS_fchdir, "f"}, {SYS_getcwd, "bn"}, {SYS_access, "Pq"},
	{SYS_faccessat, "DPq"}, {SYS_chmod, "px"}, {SYS_fchmod, "fx"},
	{SYS_fchmodat, "Dpx"}, {SYS_utimensat_time64, "Dpb-"},
	{SYS_utimensat_time64, "fp-i"},
	{SYS_stat64, "Pb"}, {SYS_lstat64, "Pb"}, {SYS_fstat64, "fb"},
	{SYS_fstatat64, "DPb-"}, {SYS_statx, "DP-ib"},
	{SYS_truncate64, "pn-"}, {SYS_truncate64, "pix"},
	{SYS_link, "pp"}, {SYS_linkat, "DpDp-"}, {SYS_mknod, "pxq"},
	{SYS_mknodat, "Dpxq"}, {SYS_renameat2, "DpDpq"},
	{SYS_chown32, "pqq"}, {SYS_lchown32, "pqq"}, {SYS_fchown32, "fqq"},
	{SYS_fchownat, "Dpqq-"}, {SYS_statfs64, "Pib"},
	{SYS_fstatfs64, "fib"}, {SYS_utimensat, "Dpb-"},
	{SYS_truncate, "pn"}, {SYS_stat, "Pb"}, {SYS_lstat, "Pb"},
	{SYS_fstat, "fb"}, {SYS_chown, "pqq"}, {SYS_lchown, "pqq"},
	{SYS_fchown, "fqq"}, {SYS_statfs, "Pb"}, {SYS_fstatfs, "fb"},
	{SYS_utime, "pb"}, {SYS_utimes, "pb"}, {SYS_futimesat, "Dpb"},
	{SYS_futimesat, "f-b"}, {SYS_setuid, "q"}, {SYS_setgid, "q"},
	{SYS_setreuid, "qq"}, {SYS_setregid, "qq"}, {SYS_getgroups, "-b"},
	{SYS_setgroups, "-b"}, {SYS_setresuid, "qqq"},
	{SYS_setresgid, "qqq"}, {SYS_getrlimit, "qb"}, {SYS_mmap, "b"},
	/* Descriptors */
	{SYS_close, "f"}, {SYS_read, "fbn"}, {SYS_read, "fbn"},
	{SYS_write, "fbn"}, {SYS_write, "fbn"}, {SYS_readv, "fvi"},
	{SYS_writev, "fvi"}, {SYS_pread64, "fbn-"}, {SYS_pread64, "fbnx"},
	{SYS_pwrite64, "fbn-"}, {SYS_pwrite64, "fbni"},
	{SYS_lseek, "fxq"}, {SYS_lseek, "f--"}, {SYS__llseek, "f-xbq"},
	{SYS_getdents64, "fbn"}, {SYS_ftruncate64, "fn-"},
	{SYS_dup, "f"}, {SYS_dup2, "ff"}, {SYS_dup3, "ffO"},
	{SYS_preadv, "fvi--"}, {SYS_pwritev, "fvii-"},
	{SYS_sendfile, "ffbn"}, {SYS_sendfile64, "ff-n"},
	{SYS_fallocate, "f-n-n-"}, {SYS_fallocate, "fqx-x-"},
	{SYS_close_range, "iiq"}, {SYS_faccessat2, "DPq-"}, {SYS_flock, "fi"}, {SYS_fcntl, "fqb"}, {SYS_fcntl64, "fib"},
	{SYS_fcntl64, "fix"}, {SYS_fcntl64, "fqi"}, {SYS_ioctl, "fxb"},
	{SYS_ioctl, "fIb"}, {SYS_pipe, "b"}, {SYS_pipe2, "bO"},
	{SYS_poll, "bit"}, {SYS_ppoll, "bqtb8"},
	{SYS_ppoll_time64, "bqTb8"}, {SYS__newselect, "ibbbt"},
	{SYS_pselect6, "ibb-t-"}, {SYS_pselect6_time64, "qbbbTb"},
	{SYS_ftruncate, "fn"}, {SYS_getdents, "fbn"}, {SYS_select, "b"},
	{SYS_fadvise64, "fxxxq"}, {SYS_syncfs, "f"},
	{SYS_fsync, "f"}, {SYS_fdatasync, "f"}, {SYS_sync, ""},
	{SYS_fadvise64_64, "fxxxq"}, {SYS_poll, "bii"},
};
/* clang-format on */

/* A thread's own, on its stack: the rest anybody may overwrite. */
struct fuzzer {
	unsigned int random;
	unsigned int words[7]; /* the call: its number, its arguments */
	unsigned int then[8];  /* what a forked child does; its stack */
};

static inline unsigned int
any(struct fuzzer *f)
{
	f->random = f->random * 1664525 + 1013904223;
	return f->random ^ f->random >> 15;
}

static inline unsigned int
below(struct fuzzer *f, unsigned int n)
{
	return (any(f) >> 8) % n;
}

static inline unsigned int
nasty(struct fuzzer *f)
{
	static const unsigned int values[] = {
		0,          1,          0xffffffff, 0x80000000, 0x7fffffff,
		0xbfffffff, 0xc0000000, 0xc0100000, 0xfffff000, 0x1000,
		0xf8000000, 0xbffff000, 0xfffffff8};

	return below(f, 4) ? values[below(f, NR(values))] : any(f);
}

/* Theirs is not ours to change: the judge undoes what chmod does. */
static const char *const others[] = {
	"/",
	"/dev",
	"/dev/null",
	"/dev/zero",
	"/dev/full",
	"/dev/random",
	"/dev/none/none",
	"/proc",
	"/proc/self",
	"/proc/self/maps",
	"/proc/self/status",
	"/proc/self/statm",
	"/proc/meminfo",
	"/proc/buddyinfo",
	"/proc/slabinfo",
	"/proc/vmallocinfo",
	"/proc/zoneinfo",
	"/proc/interrupts",
};

static inline unsigned int
name(struct fuzzer *f, int may_be_changed)
{
	static const char *const own[] = {
		"a",     "b",  "c", "a/b", "a/c", "./a",  "b/../c",
		PROGRAM, "a/", ".", "",    "..",  "c/..", "a/b/c",
	};

	if (!may_be_changed && below(f, 2))
		return (unsigned int)others[below(f, NR(others))];
	return (unsigned int)own[below(f, NR(own))];
}

static inline unsigned int
address(struct fuzzer *f)
{
	return ARENA + below(f, ARENA_PAGES) * PAGE;
}

static inline unsigned int
signal_number(struct fuzzer *f)
{
	unsigned int n = below(f, 65);

	return n == SIGKILL || n == SIGSTOP ? 0 : n;
}

static inline unsigned int
argument(struct fuzzer *f, char kind)
{
	static const struct timespec times[] = {{0, 0}, {0, 1000}, {0, 999999}};
	static const long long times64[] = {0, 0, 0, 1000, 0, 999999};
	static const char *const argv[] = {"p", "one", "two", 0};
	static const unsigned int mmap_flags[] = {
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
		MAP_PRIVATE | MAP_FIXED,
		MAP_SHARED | MAP_FIXED,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN,
		MAP_SHARED | MAP_ANONYMOUS,
		MAP_PRIVATE,
		MAP_SHARED,
	};
	unsigned int *vector, n;

	if (below(f, 24) == 0 && !strchr("pPkscW8", kind))
		return nasty(f);
	switch (kind) {
	case 'f':
		return below(f, 16) ? below(f, 12) : (unsigned int)AT_FDCWD;
	case 'p':
		return below(f, 32) ? name(f, 1) : nasty(f) & 0xfff;
	case 'P':
		return name(f, 0);
	case 'b':
		return address(f) + (below(f, 2) ? 0 : PAGE - below(f, 64));
	case 'n':
		return below(f, below(f, 32) ? 8192 : 1u << 18);
	case 'i':
		return below(f, 64);
	case 'a':
		return address(f) + (below(f, 8) ? 0 : below(f, PAGE));
	case 'l':
		return below(f, 16) * PAGE + (below(f, 8) ? 0 : below(f, PAGE));
	case 's':
		return signal_number(f);
	case 'k':
		return below(f, 2) ? getpid() : 0;
	case 't':
		return (unsigned int)&times[below(f, NR(times))];
	case 'T':
		return (unsigned int)&times64[below(f, 3) * 2];
	case 'D':
		return below(f, 2) ? (unsigned int)AT_FDCWD : below(f, 12);
	case 'q':
		return below(f, 8);
	case 'W':
		return below(f, 2) ? -1 : (int)below(f, 3);
	case 'M':
		return mmap_flags[below(f, NR(mmap_flags))];
	case 'O':
		return below(f, 4) * O_NONBLOCK | below(f, 2) * O_CLOEXEC;
	case 'I':
		return below(f, 2) ? 0x5401 + below(f, 0x60) : FIONREAD_;
	case 'o': /* wait, wake, and so on; PRIVATE */
		return below(f, 11) | below(f, 2) << 7;
	case 'U':
		return DESCRIPTION;
	case 'A':
		return (unsigned int)argv;
	case '8':
		return 8;
	case 'c':
		n = any(f) & ~(CLONE_UNTRACED | CLONE_PTRACE);
		if (below(f, 2))
			n &= ~(CLONE_THREAD | CLONE_SIGHAND);
		return below(f, 8) ? n & ~CLONE_PARENT : n;
	case 'v':
		vector = (unsigned int *)ARENA;
		return (unsigned int)&vector[below(f, 16) * 4];
	default:
		return kind == '-' ? 0 : any(f);
	}
}

/* A number without a pattern, other than those that need one: who is signalled,
 * and what is changed, must be our own. */
static inline unsigned int
any_number(struct fuzzer *f)
{
	static const unsigned short no[] = {
		SYS_exit,   SYS_exit_group,      SYS_reboot, SYS_sigreturn,
		SYS_kill,   SYS_rt_sigreturn,    SYS_tkill,  SYS_tgkill,
		SYS_fork,   SYS_vfork,           SYS_clone,  SYS_clone3,
		SYS_chroot, SYS_rt_sigqueueinfo, SYS_setpgid};
	unsigned int number = below(f, 32) ? below(f, 460) : any(f);

	for (unsigned int i = 0; i < NR(no); i++)
		if (number == no[i])
			return SYS_getpid;
	return number;
}

/* => the call's number */
static inline unsigned int
choose_call(struct fuzzer *f, unsigned int *words)
{
	unsigned int which = below(f, NR(calls));
	const char *kinds = calls[which].args;

	words[0] = calls[which].number;
	if (below(f, 64) == 0) {
		words[0] = any_number(f);
		kinds = "xbbxbx";
	}
	for (unsigned int i = 0, n = strlen(kinds); i < 6; i++)
		words[i + 1] = i < n ? argument(f, kinds[i]) : any(f);
	return words[0];
}

/* A structure, perhaps, for later calls. */
static inline void
fill_arena(struct fuzzer *f)
{
	static const char kinds[] = "fbbniixals";
	const unsigned int description[] = {below(f, 2) ? -1u
							: 12 + below(f, 4),
					    ARENA, 0xfffff, 0x51};
	unsigned int *at = (unsigned int *)address(f);

	mmap(at, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	     0);
	for (unsigned int i = 0; i < 64; i++)
		at[i] = argument(f, kinds[below(f, NR(kinds) - 1)]);
	memcpy((void *)DESCRIPTION, description, sizeof(description));
	for (unsigned int i = 0; i < 32; i++) /* vectors: 'v' */
		((unsigned int *)ARENA)[i] = argument(f, i & 1 ? 'n' : 'b');
}

/* --- Made, past the C library ------------------------------------------------- */

static inline long
raw_call(const unsigned int *words)
{
	long result;

	__asm__ volatile("push %%ebp\n\t"
			 "mov 24(%%eax), %%ebp\n\t"
			 "mov (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "pop %%ebp"
			 : "=a"(result)
			 : "a"(words), "b"(words[1]), "c"(words[2]),
			   "d"(words[3]), "S"(words[4]), "D"(words[5])
			 : "memory");
	return result;
}

/* A child, whatever it shares with its parent, makes the call at words[6], on a
 * stack of its own, and ends. */
static inline long
raw_fork(const unsigned int *words)
{
	long result;

	__asm__ volatile("push %%ebp\n\t"
			 "mov 24(%%eax), %%ebp\n\t"
			 "mov (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "test %%eax, %%eax\n\t"
			 "jnz 1f\n\t"
			 "mov 28(%%ebp), %%esp\n\t"
			 "mov (%%ebp), %%eax\n\t"
			 "mov 4(%%ebp), %%ebx\n\t"
			 "mov 8(%%ebp), %%ecx\n\t"
			 "mov 12(%%ebp), %%edx\n\t"
			 "mov 16(%%ebp), %%esi\n\t"
			 "mov 20(%%ebp), %%edi\n\t"
			 "mov 24(%%ebp), %%ebp\n\t"
			 "int $0x80\n\t"
			 "mov $1, %%eax\n\t"
			 "xor %%ebx, %%ebx\n\t"
			 "int $0x80\n"
			 "1:\n\t"
			 "pop %%ebp"
			 : "=a"(result)
			 : "0"(words), "b"(words[1]), "c"(words[2]),
			   "d"(words[3]), "S"(words[4]), "D"(words[5])
			 : "memory");
	return result;
}

static inline int
is_fork(unsigned int number)
{
	return number == SYS_fork || number == SYS_vfork || number == SYS_clone;
}

#endif
