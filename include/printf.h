/* printf.h - formatted text into a buffer.
 *
 *   %[flags][width][.precision][length]conversion
 *   flags  - + space # 0     width, precision: a number or *
 *   length hh h l ll z t     conversion: d i u x X o c s p %
 *
 * and, as in Linux, after %p:
 *   %pS  a symbol: "kmalloc+0x12/0x40"
 *   %pa  a physical address through a pointer to it: "0x00100000"
 *
 * A plain %p is "0xc0123456", always eight digits. %s of NULL is "(null)".
 */
#ifndef PRINTF_H
#define PRINTF_H

#include <stdarg.h>
#include "types.h"

/* vsnprintf, snprintf: C's. scnprintf: returns what was written instead.
 * => any context; at most size bytes are written, the last one is 0
 * => vsnprintf and snprintf return the length it would have taken
 * => a width or precision beyond 32767 is taken as 32767; a conversion that
 *    is not listed above is printed as it stands in the format */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
	__printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* printf_set_symbol: what writes %pS ("name+0x12/0x40" into buf, returning
 * the length). Until it is set, %pS prints the plain address. */
void printf_set_symbol(size_t (*format)(char *buf, size_t size, u32 address));

#endif
