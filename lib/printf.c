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

enum length {
	LEN_INT,
	LEN_CHAR,
	LEN_SHORT,
	LEN_LONG,
	LEN_LLONG
};

struct spec {
	unsigned int flags;
	int width;
	int precision; /* -1: none given */
	enum length length;
	char conversion;
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

/* s[0..n) in a field, as %s and %c have it: the flag '0' means nothing. */
static void
put_text(struct printer *out, const struct spec *spec, const char *s, size_t n)
{
	int padding = spec->width - (int)n;

	if (!(spec->flags & FLAG_MINUS))
		put_repeated(out, ' ', padding);
	put_bytes(out, s, n);
	if (spec->flags & FLAG_MINUS)
		put_repeated(out, ' ', padding);
}

static void
put_string(struct printer *out, const struct spec *spec, const char *s)
{
	size_t max = spec->precision < 0 ? (size_t)-1 : (size_t)spec->precision;

	if (!s)
		s = "(null)";
	put_text(out, spec, s, strnlen(s, max));
}

/* The value's digits, written backwards from end; returns the first. */
static char *
format_digits(char *end, u64 value, u32 base, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	while (value)
		*--end = digits[do_div(value, base)];
	return end;
}

/* A value in a field, behind a prefix: "-", "0x" or "".
 *
 *     spaces | prefix | zeros | digits | spaces
 *
 * A precision of 0 leaves nothing of the value 0; without a precision it has
 * one digit. */
static void
put_value(struct printer *out, const struct spec *spec, const char *prefix,
	  u64 value)
{
	char buf[22]; /* 64 bits in octal */
	char *end = buf + sizeof(buf), *digits;
	char c = spec->conversion;
	u32 base = c == 'o' ? 8 : c == 'x' || c == 'X' || c == 'p' ? 16 : 10;
	int nr_digits, zeros, padding;

	digits = format_digits(end, value, base, c == 'X');
	nr_digits = (int)(end - digits);
	zeros = (spec->precision < 0 ? 1 : spec->precision) - nr_digits;
	if (c == 'o' && (spec->flags & FLAG_ALT) && zeros < 1)
		zeros = 1; /* octal's prefix is one more zero */
	zeros = max(zeros, 0);
	padding = spec->width - (int)strlen(prefix) - zeros - nr_digits;

	if (!(spec->flags & (FLAG_MINUS | FLAG_ZERO)))
		put_repeated(out, ' ', padding);
	put_bytes(out, prefix, strlen(prefix));
	if (spec->flags & FLAG_ZERO)
		put_repeated(out, '0', padding);
	put_repeated(out, '0', zeros);
	put_bytes(out, digits, (size_t)nr_digits);
	if (spec->flags & FLAG_MINUS)
		put_repeated(out, ' ', padding);
}

static void
put_signed(struct printer *out, const struct spec *spec, s64 value)
{
	if (value < 0)
		put_value(out, spec, "-", -(u64)value);
	else if (spec->flags & FLAG_PLUS)
		put_value(out, spec, "+", (u64)value);
	else if (spec->flags & FLAG_SPACE)
		put_value(out, spec, " ", (u64)value);
	else
		put_value(out, spec, "", (u64)value);
}

static void
put_unsigned(struct printer *out, const struct spec *spec, u64 value)
{
	const char *prefix = "";

	if ((spec->flags & FLAG_ALT) && value && spec->conversion == 'x')
		prefix = "0x";
	if ((spec->flags & FLAG_ALT) && value && spec->conversion == 'X')
		prefix = "0X";
	put_value(out, spec, prefix, value);
}

/* An address: all its digits, whatever the precision. */
static void
put_address(struct printer *out, struct spec *spec, u64 address, size_t size)
{
	spec->flags &= ~FLAG_ZERO;
	spec->precision = (int)size * 2;
	put_value(out, spec, "0x", address);
}

static void
put_symbol(struct printer *out, struct spec *spec, void *address)
{
	char name[SYMBOL_MAX];

	if (!format_symbol) {
		put_address(out, spec, (uintptr_t)address, sizeof(address));
		return;
	}
	put_text(out, spec, name,
		 format_symbol(name, sizeof(name), (uintptr_t)address));
}

/* %p and what may follow it; returns where the format goes on. */
static const char *
put_pointer(struct printer *out, struct spec *spec, const char *fmt)
{
	void *p = va_arg(out->ap, void *);

	switch (*fmt) {
	case 'S':
		put_symbol(out, spec, p);
		return fmt + 1;
	case 'a':
		put_address(out, spec, *(phys_addr_t *)p, sizeof(phys_addr_t));
		return fmt + 1;
	default:
		put_address(out, spec, (uintptr_t)p, sizeof(p));
		return fmt;
	}
}

static s64
fetch_signed(struct printer *out, enum length length)
{
	switch (length) {
	case LEN_CHAR:
		return (s8)va_arg(out->ap, int);
	case LEN_SHORT:
		return (s16)va_arg(out->ap, int);
	case LEN_LLONG:
		return va_arg(out->ap, s64);
	default: /* int and long are both 32 bits */
		return va_arg(out->ap, long);
	}
}

static u64
fetch_unsigned(struct printer *out, enum length length)
{
	switch (length) {
	case LEN_CHAR:
		return (u8)va_arg(out->ap, unsigned int);
	case LEN_SHORT:
		return (u16)va_arg(out->ap, unsigned int);
	case LEN_LLONG:
		return va_arg(out->ap, u64);
	default:
		return va_arg(out->ap, unsigned long);
	}
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

static const char *
parse_length(struct spec *spec, const char *fmt)
{
	spec->length = LEN_INT;
	switch (*fmt) {
	case 'h':
		spec->length = fmt[1] == 'h' ? LEN_CHAR : LEN_SHORT;
		return fmt[1] == 'h' ? fmt + 2 : fmt + 1;
	case 'l':
		spec->length = fmt[1] == 'l' ? LEN_LLONG : LEN_LONG;
		return fmt[1] == 'l' ? fmt + 2 : fmt + 1;
	case 'z':
	case 't':
		spec->length = LEN_LONG;
		return fmt + 1;
	default:
		return fmt;
	}
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
	if (spec->precision >= 0 || (spec->flags & FLAG_MINUS))
		spec->flags &= ~FLAG_ZERO; /* zeros lose to either */
	fmt = parse_length(spec, fmt);
	spec->conversion = *fmt;
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
		put_signed(out, &spec, fetch_signed(out, spec.length));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(out, &spec, fetch_unsigned(out, spec.length));
		break;
	case 'c':
		c = (char)va_arg(out->ap, int);
		put_text(out, &spec, &c, 1);
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
