/* fs_helpers.h - system calls about files, made by a test instead of a program.
 *
 *   USER_BASE    [ path 1  ][ path 2  ][ buffer ...                    ]
 *                 U_PATH     U_PATH2    U_BUF, U_SIZE bytes
 *
 * The handlers are found by their numbers, as a program's are; what they get
 * for user memory is user memory.
 */
#ifndef FS_HELPERS_H
#define FS_HELPERS_H

#include "../../linux/fs.h"
#include "../../linux/syscall.h"
#include "heap_helpers.h"
#include "string.h"
#include "test.h"
#include "uaccess.h"
#include "user_helpers.h"

#define U_PATH  USER_BASE
#define U_PATH2 (USER_BASE + 0x2000)
#define U_BUF   (USER_BASE + 0x4000)
#define U_PAGES 36
#define U_SIZE  0x20000u

#define NR_read       3
#define NR_write      4
#define NR_open       5
#define NR_close      6
#define NR_creat      8
#define NR_unlink     10
#define NR_chdir      12
#define NR_chmod      15
#define NR_lseek      19
#define NR_access     33
#define NR_rename     38
#define NR_mkdir      39
#define NR_rmdir      40
#define NR_dup        41
#define NR_pipe       42
#define NR_ioctl      54
#define NR_umask      60
#define NR_dup2       63
#define NR_symlink    83
#define NR_readlink   85
#define NR_fchdir     133
#define NR_llseek     140
#define NR_readv      145
#define NR_writev     146
#define NR_poll       168
#define NR_pread64    180
#define NR_pwrite64   181
#define NR_getcwd     183
#define NR_truncate64 193
#define NR_ftruncate  194
#define NR_stat64     195
#define NR_lstat64    196
#define NR_fstat64    197
#define NR_getdents64 220
#define NR_fcntl64    221
#define NR_openat     295
#define NR_mkdirat    296
#define NR_fstatat64  300
#define NR_unlinkat   301
#define NR_dup3       330
#define NR_pipe2      331
#define NR_statx      383
#define NR_utimensat  412

static inline long
sys_call(unsigned int number, const long arg[6])
{
	const struct syscall *call = syscall_find(number);

	if (!EXPECT(call != NULL))
		return -ENOSYS;
	return call->fn(arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
#define SYS(number, ...) sys_call(number, (const long[6]){__VA_ARGS__})

/* u_string: s, in user memory at `at`. => at */
static inline long
u_string(uintptr_t at, const char *s)
{
	EXPECT(!copy_to_user(user_ptr(at), s, strlen(s) + 1));
	return (long)at;
}
#define P1(s) u_string(U_PATH, s)
#define P2(s) u_string(U_PATH2, s)

/* u_fill: n bytes, the i-th of them i * 7 + seed. u_is: are they that? */
static inline void
u_fill(uintptr_t at, size_t n, unsigned int seed)
{
	for (size_t i = 0; i < n; i++)
		EXPECT(!put_user((u8)(i * 7 + seed), (u8 __user *)(at + i)));
}

static inline bool
u_is(uintptr_t at, size_t n, unsigned int seed)
{
	u8 byte = 0;

	for (size_t i = 0; i < n; i++)
		if (get_user(byte, (u8 __user *)(at + i)) ||
		    byte != (u8)(i * 7 + seed))
			return false;
	return true;
}

/* u_text: is this what lies there? */
static inline bool
u_text(uintptr_t at, const char *text)
{
	char got[128] = {0};
	size_t n = strlen(text);

	return n <= sizeof(got) && !copy_from_user(got, user_ptr(at), n) &&
	       !memcmp(got, text, n);
}

static inline long
open_file(const char *name, u32 flags)
{
	return SYS(NR_open, P1(name), (long)flags, 0644);
}

static inline long
unlink_file(const char *name)
{
	return SYS(NR_unlink, P1(name));
}

/* u_begin, u_end: user memory for a test. */
static inline bool
u_begin(void)
{
	return EXPECT(user_map(USER_BASE, U_PAGES, true));
}

static inline void
u_end(void)
{
	user_unmap(USER_BASE);
}

#endif
