/* printf.c - formatted text into a buffer.
 *
 * A conversion is parsed into a struct spec, its argument fetched, and the
 * result laid out in a field:
 *
 *     "%+8.3d", 42            |<--- width 8 --->|
 *                              _ _ _ _ + 0 4 2
 *                             padding | |   digits
 *                                  sign zeros up to the precision
 *
 * '-' puts the padding behind, '0' turns it into zeros behind the sign.
 *
 * Guarantees: nothing past buf[size - 1] is written, and buf is terminated
 * unless size is 0. No floating point, no recursion, no allocation; a pointer
 * is followed only for %s, %pa. Each character is one comparison and a store:
 * the consoles that it goes to are far slower.
 */
#include "printf.h"
#include "string.h"
#include "util.h"

#define FIELD_MAX  32767 /* bounds the time that a wild width costs */
#define SYMBOL_MAX 128   /* what %pS shows, with its offset */

#define FLAG_MINUS (1u << 0)
#define FLAG_PLUS  (1u << 1)
#define FLAG_SPACE (1u << 2)
#define FLAG_ALT   (1u << 3)
#define FLAG_ZERO  (1u << 4)

struct spec {
	unsigned int flags;
	int width;
	int precision;     /* -1: none given */
	unsigned int bits; /* of an integer */
	char conversion;
	const char *prefix; /* of a number: "-", "0x" or "" */
	int zeros;          /* between it and the digits */
};

struct printer {
	char *buf;
	size_t size;
	size_t len; /* of the whole text, whether or not it fits */
	va_list ap;
};

/* What writes %pS; NULL until the symbol table is there. */
static size_t (*format_symbol)(char *buf, size_t size, u32 address);

static void
put_char(struct printer *out, char c)
{
	if (out->len < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void
put_repeated(struct printer *out, char c, int n)
{
	while (n-- > 0)
		put_char(out, c);
}

static void
put_bytes(struct printer *out, const char *s, size_t n)
{
	while (n--)
		put_char(out, *s++);
}

/* A text, or a number's digits, in a field:
 *
 *     spaces | prefix | zeros | body | spaces
 */
static void
put_field(struct printer *out, const struct spec *spec, const char *body,
	  size_t n)
{
	size_t prefix = strlen(spec->prefix);
	int padding = spec->width - spec->zeros - (int)(prefix + n);

	if (!(spec->flags & (FLAG_MINUS | FLAG_ZERO)))
		put_repeated(out, ' ', padding);
	put_bytes(out, spec->prefix, prefix);
	if (spec->flags & FLAG_ZERO)
		put_repeated(out, '0', padding);
	put_repeated(out, '0', spec->zeros);
	put_bytes(out, body, n);
	if (spec->flags & FLAG_MINUS)
		put_repeated(out, ' ', padding);
}

static void
put_string(struct printer *out, const struct spec *spec, const char *s)
{
	size_t max = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;

	if (!s)
		s = "(null)";
	put_field(out, spec, s, strnlen(s, max));
}

/* A precision of 0 leaves nothing of the value 0; without a precision it has
 * one digit. */
static void
put_value(struct printer *out, struct spec *spec, u64 value)
{
	char c = spec->conversion;
	const char *digits = c == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	u32 base = c == 'o' ? 8 : c == 'x' || c == 'X' || c == 'p' ? 16 : 10;
	char buf[22]; /* 64 bits in octal */
	char *end = buf + sizeof(buf), *first = end;

	while (value)
		*--first = digits[do_div(value, base)];
	spec->zeros = spec->precision < 0 ? 1 : spec->precision;
	spec->zeros = max(spec->zeros - (int)(end - first), 0);
	if (c == 'o' && (spec->flags & FLAG_ALT) && !spec->zeros)
		spec->zeros = 1; /* octal's prefix is one more zero */
	put_field(out, spec, first, (size_t)(end - first));
}

static void
put_integer(struct printer *out, struct spec *spec)
{
	char c = spec->conversion;
	bool is_signed = c == 'd' || c == 'i';
	unsigned int unused = 64 - spec->bits;
	u64 value;

	if (spec->bits == 64)
		value = va_arg(out->ap, u64);
	else
		value = va_arg(out->ap, unsigned int);
	value <<= unused; /* what is above the type's width, off */
	value = is_signed ? (u64)((s64)value >> unused) : value >> unused;

	if (is_signed && (s64)value < 0) {
		spec->prefix = "-";
		value = -value;
	} else if (is_signed && (spec->flags & FLAG_PLUS)) {
		spec->prefix = "+";
	} else if (is_signed && (spec->flags & FLAG_SPACE)) {
		spec->prefix = " ";
	} else if ((spec->flags & FLAG_ALT) && value) {
		spec->prefix = c == 'x' ? "0x" : c == 'X' ? "0X" : "";
	}
	put_value(out, spec, value);
}

/* An address: all its digits, whatever the precision. */
static void
put_address(struct printer *out, struct spec *spec, u64 address, size_t size)
{
	spec->prefix = "0x";
	spec->precision = (int)size * 2;
	put_value(out, spec, address);
}

/* %p and what may follow it; returns where the format goes on. */
static const char *
put_pointer(struct printer *out, struct spec *spec, const char *fmt)
{
	void *p = va_arg(out->ap, void *);
	char name[SYMBOL_MAX];

	if (*fmt == 'S' && format_symbol)
		put_field(out, spec, name,
			  format_symbol(name, sizeof(name), (uintptr_t)p));
	else if (*fmt == 'a')
		put_address(out, spec, *(phys_addr_t *)p, sizeof(phys_addr_t));
	else
		put_address(out, spec, (uintptr_t)p, sizeof(p));
	return *fmt == 'S' || *fmt == 'a' ? fmt + 1 : fmt;
}

static const char *
parse_flags(struct spec *spec, const char *fmt)
{
	static const char flags[] = "-+ #0"; /* in the order of the bits */
	const char *flag;

	spec->flags = 0;
	while (*fmt && (flag = strchr(flags, *fmt))) {
		spec->flags |= 1u << (flag - flags);
		fmt++;
	}
	return fmt;
}

/* A width or precision: digits or '*'. Only '*' can be negative. */
static const char *
parse_field(struct printer *out, const char *fmt, int *field)
{
	int n = 0;

	if (*fmt == '*') {
		n = va_arg(out->ap, int);
		*field = max(min(n, FIELD_MAX), -FIELD_MAX);
		return fmt + 1;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		n = min(n * 10 + (*fmt - '0'), FIELD_MAX);
	*field = n;
	return fmt;
}

/* hh, h, l, ll, z or t; int and long are both 32 bits. */
static const char *
parse_length(struct spec *spec, const char *fmt)
{
	bool twice = (*fmt == 'h' || *fmt == 'l') && fmt[1] == *fmt;

	spec->bits = 32;
	if (*fmt == 'h')
		spec->bits = twice ? 8 : 16;
	else if (twice)
		spec->bits = 64;
	else if (*fmt != 'l' && *fmt != 'z' && *fmt != 't')
		return fmt;
	return fmt + 1 + twice;
}

/* What follows a '%' up to and with the conversion's letter. */
static const char *
parse_spec(struct printer *out, struct spec *spec, const char *fmt)
{
	fmt = parse_flags(spec, fmt);
	fmt = parse_field(out, fmt, &spec->width);
	if (spec->width < 0) {
		spec->flags |= FLAG_MINUS;
		spec->width = -spec->width;
	}
	spec->precision = -1;
	if (*fmt == '.')
		fmt = parse_field(out, fmt + 1, &spec->precision);
	fmt = parse_length(spec, fmt);
	spec->conversion = *fmt;
	if (spec->precision >= 0 || (spec->flags & FLAG_MINUS) ||
	    strchr("csp", *fmt))
		spec->flags &= ~FLAG_ZERO; /* zeros lose, or are for numbers */
	spec->prefix = "";
	spec->zeros = 0;
	return *fmt ? fmt + 1 : fmt;
}

/* One conversion; fmt is behind its '%'. Returns where the format goes on. */
static const char *
put_conversion(struct printer *out, const char *fmt)
{
	const char *start = fmt - 1;
	struct spec spec;
	char c;

	fmt = parse_spec(out, &spec, fmt);
	switch (spec.conversion) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_integer(out, &spec);
		break;
	case 'c':
		c = (char)va_arg(out->ap, int);
		put_field(out, &spec, &c, 1);
		break;
	case 's':
		put_string(out, &spec, va_arg(out->ap, const char *));
		break;
	case 'p':
		fmt = put_pointer(out, &spec, fmt);
		break;
	case '%':
		put_char(out, '%');
		break;
	default: /* show it, so that somebody notices */
		put_bytes(out, start, (size_t)(fmt - start));
		break;
	}
	return fmt;
}

int
vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct printer out = {.buf = buf, .size = size};

	va_copy(out.ap, ap);
	while (*fmt) {
		if (*fmt == '%')
			fmt = put_conversion(&out, fmt + 1);
		else
			put_char(&out, *fmt++);
	}
	va_end(out.ap);
	if (size)
		buf[min(out.len, size - 1)] = '\0';
	return (int)out.len;
}

int
snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}

int
scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if ((size_t)len < size)
		return len;
	return size ? (int)size - 1 : 0;
}

void
printf_set_symbol(size_t (*format)(char *buf, size_t size, u32 address))
{
	format_symbol = format;
}
