/* glue.c - what kernel code calls that the host has not got.
 *
 * panic ends the program: a test that comes here has found a bug. printk
 * formats, so that a wrong format or argument is found, and drops the text.
 */
#include "host.h"
#include "panic.h"
#include "printf.h"
#include "printk.h"

void
panic(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	host_fail_hard(text);
}

int
vprintk(const char *fmt, va_list ap)
{
	char text[512];

	return vsnprintf(text, sizeof(text), fmt, ap);
}

int
printk(const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vprintk(fmt, ap);
	va_end(ap);
	return len;
}
