/* string.c - memory and strings: C's functions and Linux's safer copies.
 *
 * Copying and filling go four bytes at a time, the rest byte by byte:
 *
 *     n = 11:   |wwww|wwww|b|b|b|        rep movsl, then rep movsb
 *
 * memmove copies downwards (from the end) only when the destination starts
 * inside the source, because only then would copying upwards overwrite bytes
 * that are still to be read:
 *
 *     src  [a b c d e f]
 *     dst      [a b c d e f]             e and f first
 *
 * Guarantees: no state, no allocation, nothing outside [p, p + n) is read or
 * written, n = 0 touches nothing. gcc also calls memcpy, memmove, memset and
 * memcmp on its own (to copy a struct, say), so they may not be removed, and
 * nothing here may be a loop that it would turn into a call of itself: hence
 * the rep instructions, and barrier() where a loop is left.
 */
#include "string.h"
#include "errno.h"
#include "x86.h"

void *
memcpy(void *dst, const void *src, size_t n)
{
	void *to = dst;

	rep_movsl(&to, &src, n / 4);
	rep_movsb(&to, &src, n % 4);
	return dst;
}

/* A word that may lie at any address and alias anything. */
typedef u32 __attribute__((aligned(1), may_alias)) any_u32;

void *
memmove(void *dst, const void *src, size_t n)
{
	char *to = (char *)dst + n;
	const char *from = (const char *)src + n;

	/* One comparison for both: dst below src wraps to a huge distance. */
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		return memcpy(dst, src, n);

	/* Not `std; rep movsl`: an interrupt would find the flag set. */
	for (; n >= 4; n -= 4) {
		to -= 4;
		from -= 4;
		*(any_u32 *)to = *(const any_u32 *)from;
		barrier();
	}
	while (n--) {
		*--to = *--from;
		barrier();
	}
	return dst;
}

void *
memset(void *dst, int c, size_t n)
{
	u32 word = (u8)c * 0x01010101u; /* the byte, four times */
	void *to = dst;

	rep_stosl(&to, word, n / 4);
	rep_stosb(&to, word, n % 4);
	return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

void *
memchr_inv(const void *start, int c, size_t n)
{
	const u8 *p = start;

	for (; n; n--, p++) {
		if (*p != (u8)c)
			return (void *)p;
	}
	return NULL;
}

size_t
strlen(const char *s)
{
	return strnlen(s, (size_t)-1);
}

size_t
strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int
strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

int
strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	}
	return 0;
}

char *
strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)s;
}

char *
strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

char *
strstr(const char *s, const char *what)
{
	size_t n = strlen(what);

	for (;; s++) {
		if (strncmp(s, what, n) == 0)
			return (char *)s;
		if (!*s)
			return NULL;
	}
}

ssize_t
strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);

	if (size == 0)
		return -E2BIG;
	if (n == size) { /* cut: the last byte is the terminator's */
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -E2BIG;
	}
	memcpy(dst, src, n + 1);
	return (ssize_t)n;
}

/* When a mismatch follows a '*', let that star swallow one character more and
 * try again. Only the last star can matter: whatever the earlier ones took,
 * they took as little as possible.
 *
 *     pattern  a*b*cd           text  a..b..cc.cd
 *                 ^ star                   ^ retry
 */
bool
glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* The value of a digit, or 36 (which no base has) for anything else. */
static unsigned int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 'a' - 'A'; /* lower case */
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 10;
	return 36;
}

int
kstrtou32(const char *s, unsigned int base, u32 *value)
{
	bool fits = true;
	u32 sum = 0;

	if (base == 0) {
		base = s[0] == '0' ? 8 : 10;
		if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
			base = 16;
			s += 2;
		}
	}
	if (!*s)
		return -EINVAL;
	for (; *s; s++) {
		unsigned int digit = digit_value(*s);

		if (digit >= base)
			return -EINVAL;
		if (sum > (0xFFFFFFFFu - digit) / base)
			fits = false;
		sum = sum * base + digit;
	}
	if (!fits)
		return -ERANGE;
	*value = sum;
	return 0;
}
