/* host.h - tests that run on the PC, as an ordinary program.
 *
 *     string.c printf.c memblock.c ...   the kernel's own files, unchanged
 *     test_string.c ...                  the cases
 *     glue.c                             panic and printk for both
 *     host.c                             the runner, on the host's libc
 *
 * All are compiled for the kernel's processor, so that sizes and wraps are the
 * kernel's, and under ASan and UBSan. Only host.c includes the host's headers;
 * everything else sees those of the kernel, whose memcpy and so on are called
 * k_memcpy here (rename.h) to keep out of the way of the host's.
 *
 *	TEST(list, an_emptied_list_is_empty)
 *	{
 *		...
 *		EXPECT(list_empty(&head));
 *		EXPECT_EQ(count, 3);
 *	}
 *
 * as in the kernel's test.h. A program runs its cases in the order of the file
 * and prints TAP; `build/host/test_list 'list.an_*'` runs those that match,
 * HOST_SEED=7 in the environment draws other random numbers.
 */
#ifndef HOST_H
#define HOST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct host_case {
	const char *name; /* "suite.sentence" */
	void (*run)(void);
	struct host_case *next;
};

void host_add(struct host_case *c);

#define TEST(suite_, name_)                                                   \
	static void test_##suite_##_##name_(void);                            \
	__attribute__((constructor)) static void add_##suite_##_##name_(void) \
	{                                                                     \
		static struct host_case c = {                                 \
			.name = #suite_ "." #name_,                           \
			.run = test_##suite_##_##name_,                       \
		};                                                            \
		host_add(&c);                                                 \
	}                                                                     \
	static void test_##suite_##_##name_(void)

/* EXPECT: note a failure and go on. ASSERT: note it and leave the function.
 * The _EQ forms show both values. All give whether it held. */
#define EXPECT(cond) host_check(!!(cond), #cond, __FILE__, __LINE__)
#define EXPECT_EQ(a, b)                                                     \
	host_check_eq((unsigned long long)(a), (unsigned long long)(b), #a, \
		      #b, __FILE__, __LINE__)
#define EXPECT_STREQ(a, b) host_check_str(a, b, #a, __FILE__, __LINE__)
#define ASSERT(cond)               \
	do {                       \
		if (!EXPECT(cond)) \
			return;    \
	} while (0)
#define ASSERT_EQ(a, b)               \
	do {                          \
		if (!EXPECT_EQ(a, b)) \
			return;       \
	} while (0)

bool host_check(bool ok, const char *what, const char *file, int line);
bool host_check_eq(unsigned long long a, unsigned long long b,
		   const char *a_text, const char *b_text, const char *file,
		   int line);
bool host_check_str(const char *a, const char *b, const char *what,
		    const char *file, int line);

/* host_note: a line of explanation, "# ..." in the output, if the case has
 * not noted too many already. */
void host_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* host_failed: has this case failed so far? A loop of many rounds stops. */
bool host_failed(void);

/* host_random: 32 random bits, the same ones in each run of the case.
 * host_below: a number in [0, n). host_sometimes: true once in n. */
unsigned int host_random(void);
unsigned int host_below(unsigned int n);
bool host_sometimes(unsigned int n);

/* host_guarded: size bytes that end where an unmapped page begins: one byte
 * too far faults, even from inline assembly, where ASan is blind.
 * => size at most 64 KiB; never freed; NULL if there is no memory */
void *host_guarded(size_t size);

/* host_fail_hard: end the program: the kernel code called panic. */
void __attribute__((noreturn)) host_fail_hard(const char *message);

/* The host's own functions, under names of their own, to compare with. */
int libc_vsnprintf(char *buf, size_t size, const char *fmt,
		   va_list ap) __asm__("vsnprintf");
void *libc_memcpy(void *dst, const void *src, size_t n) __asm__("memcpy");
void *libc_memmove(void *dst, const void *src, size_t n) __asm__("memmove");
void *libc_memset(void *dst, int c, size_t n) __asm__("memset");
int libc_memcmp(const void *a, const void *b, size_t n) __asm__("memcmp");
size_t libc_strlen(const char *s) __asm__("strlen");
size_t libc_strnlen(const char *s, size_t max) __asm__("strnlen");
int libc_strcmp(const char *a, const char *b) __asm__("strcmp");
int libc_strncmp(const char *a, const char *b, size_t n) __asm__("strncmp");
char *libc_strchr(const char *s, int c) __asm__("strchr");
char *libc_strrchr(const char *s, int c) __asm__("strrchr");
char *libc_strstr(const char *s, const char *what) __asm__("strstr");

#endif
