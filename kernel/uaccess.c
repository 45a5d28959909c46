/* uaccess.c - user copies that look at what they copy.
 *
 *   strncpy_from_user   | . . / b i n / s h 0 . . | . . .    CHUNK by CHUNK
 *   strnlen_user            ^----- string -----^
 *
 *   copy_struct_from_user
 *       his  [ a | b ]                  his  [ a | b | c | 0 ]
 *       ours [ a | b | 0 ]              ours [ a | b | c ]    the rest must be 0
 *
 * A string is read in aligned chunks: none lies in two pages, or on both sides
 * of TASK_SIZE, so that what is behind the string's end need not be mapped but
 * as far as its page goes. Limits: strings are copied, then searched.
 */
#include "string.h"
#include "uaccess.h"
#include "util.h"

#define CHUNK 64u /* bytes: most names, and a power of two */

/* The length of the string; count if it has no NUL; -EFAULT. dst may be NULL:
 * strnlen_user wants no copy. */
static long
read_string(char *dst, const char __user *src, long count)
{
	char chunk[CHUNK];
	long i = 0;

	while (i < count) {
		char *to = chunk;
		uintptr_t va = (__force uintptr_t)(src + i);
		size_t n = min_t(size_t, count - i, CHUNK - va % CHUNK);
		size_t got, length;

		if (dst)
			to = dst + i;
		got = n - copy_from_user(to, src + i, n);
		length = strnlen(to, got);
		i += length;
		if (length < got)
			break;
		if (got < n)
			return -EFAULT;
	}
	return i;
}

long
strncpy_from_user(char *dst, const char __user *src, long count)
{
	return read_string(dst, src, count);
}

long
strnlen_user(const char __user *str, long n)
{
	long length = read_string(NULL, str, n);

	return n <= 0 || length < 0 ? 0 : length + 1;
}

int
check_zeroed_user(const void __user *from, size_t size)
{
	const u8 __user *p = from;
	u8 chunk[CHUNK];
	unsigned long left;
	size_t n;

	if (size && !access_ok(from, size))
		return -EFAULT;
	for (; size; p += n, size -= n) {
		n = min_t(size_t, size, CHUNK);
		left = copy_from_user(chunk, p, n);
		if (memchr_inv(chunk, 0, n)) /* what is left is 0 */
			return 0;
		if (left)
			return -EFAULT;
	}
	return 1;
}

int
copy_struct_from_user(void *dst, size_t ksize, const void __user *src,
		      size_t usize)
{
	size_t size = min(ksize, usize);
	int zeroed;

	if (usize > ksize) {
		zeroed = check_zeroed_user((const u8 __user *)src + size,
					   usize - size);
		if (zeroed <= 0)
			return zeroed ? zeroed : -E2BIG;
	}
	memset((u8 *)dst + size, 0, ksize - size);
	return copy_from_user(dst, src, size) ? -EFAULT : 0;
}
