/* string.h - C's memory and string functions, and Linux's safer copies.
 *
 * All are pure and may be called from any context. Sizes are in bytes.
 */
#ifndef STRING_H
#define STRING_H

#include "types.h"

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n); /* may overlap */
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* memchr_inv: the first byte that is not c, or NULL if all are. Linux's. */
void *memchr_inv(const void *start, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *what);

/* strscpy: copy at most size - 1 bytes and always terminate. Linux's.
 * => the length copied, or -E2BIG if it was cut (also for size 0) */
ssize_t strscpy(char *dst, const char *src, size_t size);

/* glob_match: does the whole text match a pattern of * and ? ?
 * => linear memory, no recursion */
bool glob_match(const char *pattern, const char *text);

/* simple_strtoul's careful sister: digits in the base (0: by prefix 0x, 0),
 * nothing before or after them. Linux's kstrtou32.
 * => 0, -EINVAL if that is not a number, -ERANGE if it does not fit */
int __must_check kstrtou32(const char *s, unsigned int base, u32 *value);

#endif
