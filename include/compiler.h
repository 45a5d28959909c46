/* compiler.h - what we ask of the compiler and of the checkers, in one word.
 *
 * Linux's names. The address-space marks are read by sparse only (make lint):
 * it refuses to mix a user pointer, or device memory, with a kernel pointer.
 */
#ifndef COMPILER_H
#define COMPILER_H

#define __packed        __attribute__((packed))
#define __aligned(n)    __attribute__((aligned(n)))
#define __used          __attribute__((used))
#define __noreturn      __attribute__((noreturn))
#define __noinline      __attribute__((noinline))
#define __must_check    __attribute__((warn_unused_result))
#define __maybe_unused  __attribute__((unused))
#define __section(s)    __attribute__((section(s)))
#define __printf(f, a)  __attribute__((format(printf, f, a)))
#define __always_inline inline __attribute__((always_inline))
#ifdef __clang__
#define __no_reorder
#else
#define __no_reorder __attribute__((no_reorder)) /* keep the file's order */
#endif
/* A hot function that calls nothing, or only jumps: no frame of its own. A
 * backtrace that starts in it finds the caller on top of the stack. */
#ifdef __clang__
#define __leaf
#else
#define __leaf __attribute__((optimize("omit-frame-pointer")))
#endif
/* The arguments in ecx and edx, so that the result can be made in eax. */
#define __fastcall __attribute__((fastcall))
#define fallthrough __attribute__((fallthrough))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Code and data that only booting needs: a section of their own, given back
 * to the page allocator afterwards. */
#define __init     __section(".init.text") __noinline
#define __initdata __section(".init.data")

#ifdef __CHECKER__
#define __user    __attribute__((noderef, address_space(1)))
#define __iomem   __attribute__((noderef, address_space(2)))
#define __force   __attribute__((force))
#define __bitwise __attribute__((bitwise))
#else
#define __user
#define __iomem
#define __force
#define __bitwise
#endif

/* The compiler may not move memory accesses across this line. */
#define barrier() __asm__ volatile("" ::: "memory")

/* One access, exactly as written: for data that an interrupt also touches. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define static_assert _Static_assert

#endif
