/* util.h - the small macros that every file needs; Linux's names. */
#ifndef UTIL_H
#define UTIL_H

#include "types.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ARRAY_END(a)  (&(a)[ARRAY_SIZE(a)])

/* container_of: the structure around a member. */
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

#define min(a, b)                                                        \
	({                                                               \
		__typeof__(a) min_a_ = (a);                              \
		__typeof__(b) min_b_ = (b);                              \
		(void)(&min_a_ == &min_b_); /* one type, or a warning */ \
		min_a_ < min_b_ ? min_a_ : min_b_;                       \
	})
#define max(a, b)                                  \
	({                                         \
		__typeof__(a) max_a_ = (a);        \
		__typeof__(b) max_b_ = (b);        \
		(void)(&max_a_ == &max_b_);        \
		max_a_ > max_b_ ? max_a_ : max_b_; \
	})
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

#define swap(a, b)                         \
	do {                               \
		__typeof__(a) swap_ = (a); \
		(a) = (b);                 \
		(b) = swap_;               \
	} while (0)

/* ALIGN rounds up, ALIGN_DOWN down; a is a power of two. ALIGN wraps to 0 past
 * the top of the type: check first where the value comes from outside. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN(x, a)      ALIGN_DOWN((x) + ((__typeof__(x))(a)-1), a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define is_power_of_2(n)   ((n) != 0 && ((n) & ((n)-1)) == 0)

/* ror32: the bits that fall out on the right come in on the left. */
static inline u32
ror32(u32 word, unsigned int shift)
{
	return word >> shift | word << (32 - shift);
}

#define SZ_1K 0x400u
#define SZ_1M 0x100000u

/* do_div: divide a u64 by a u32 in place and return the remainder.
 * C's own 64-bit division would call libgcc, which is not linked: see
 * docs/decisions.md. Linux's name and semantics. */
#define do_div(n, base)                                                   \
	({                                                                \
		u32 div_base_ = (base);                                   \
		u32 div_rem_ = (u32)((n) >> 32) % div_base_;              \
		u32 div_high_ = (u32)((n) >> 32) / div_base_;             \
		u32 div_low_;                                             \
		__asm__("divl %4"                                         \
			: "=a"(div_low_), "=d"(div_rem_)                  \
			: "0"((u32)(n)), "1"(div_rem_), "rm"(div_base_)); \
		(n) = ((u64)div_high_ << 32) | div_low_;                  \
		div_rem_;                                                 \
	})

#endif
