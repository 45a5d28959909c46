/* uaccess.h - the only ways for the kernel to touch a user's memory.
 *
 *       user space            | kernel
 *   ...|####|    |##|.........|
 *       ^^^^^^^^              TASK_SIZE
 *       there? writable?      below it?
 *       the CPU looks         access_ok looks
 *
 * A user may hand us any number as a pointer. Whether it points into user
 * space at all is one comparison; whether something is there is found out by
 * trying: a fault is served (a page that is merely absent is brought in, and
 * the access goes on) or ends the access through the exception table. There is
 * no test before the access that could be outdated when it happens.
 *
 * A CPU with SMAP refuses ring 0 any access to user pages while EFLAGS.AC is
 * clear: it is set, by stac, around the accesses made here and nowhere else.
 * So one that forgets to come here faults at once, whatever is there.
 *
 * Linux's names and results. `to` and `from` in the kernel must be valid: a
 * fault on the kernel's side is a bug, and reported as one.
 *
 * Contexts: all of these may sleep, for a fault to be served.
 */
#ifndef UACCESS_H
#define UACCESS_H

#include "errno.h"
#include "layout.h"
#include "patch.h"
#include "preempt.h"
#include "types.h"

/* access_ok: do size bytes from ptr lie in user space, all of them?
 * => says nothing about whether something is mapped there */
static __always_inline bool
access_ok(const void __user *ptr, unsigned long size)
{
	return size <= TASK_SIZE && (__force uintptr_t)ptr <= TASK_SIZE - size;
}

/* might_fault: this may sleep. Checked with the other optional checks. */
static __always_inline void
might_fault(void)
{
	if (patched(PATCH_PAGE_HOOKS))
		might_sleep();
}

/* What the copies are made of: kernel/x86/uaccess.asm.
 * raw_copy_from_user, Linux's name, is for memory that others see: what it does
 * not copy stays as it was. => may sleep; the number of bytes NOT copied
 * => n at most USER_COPY_MAX, but for user_clear */
unsigned long user_copy_in(void *to, const void __user *from, unsigned long n);
unsigned long raw_copy_from_user(void *to, const void __user *from,
				 unsigned long n);
unsigned long user_copy_out(void __user *to, const void *from, unsigned long n);
unsigned long user_clear(void __user *to, unsigned long n);

/* user_cmpxchg: *ptr = new if it is *old, in one step for other CPUs, too.
 * => 0: *old is what it was; -EFAULT */
int user_cmpxchg(u32 __user *ptr, u32 *old, u32 new);

/* No buffer is longer than what the kernel has of addresses: such a length
 * comes from a user, and somebody has not checked it. */
#define USER_COPY_MAX (-(unsigned long)PAGE_OFFSET)

/* copy_from_user, copy_to_user: n bytes.
 * => the number of bytes NOT copied, from the end: 0 is success. Those before
 *    are copied, to the byte
 * => copy_from_user zeroes what it does not copy: nothing old is left in `to`
 *    (n beyond 1 GiB, which no buffer has: nothing is touched) */
static __always_inline unsigned long __must_check
copy_from_user(void *to, const void __user *from, unsigned long n)
{
	might_fault();
	return unlikely(n > USER_COPY_MAX) ? n : user_copy_in(to, from, n);
}

static __always_inline unsigned long __must_check
copy_to_user(void __user *to, const void *from, unsigned long n)
{
	might_fault();
	return unlikely(n > USER_COPY_MAX) ? n : user_copy_out(to, from, n);
}

/* clear_user: n bytes to 0. => the number of bytes not cleared */
static __always_inline unsigned long __must_check
clear_user(void __user *to, unsigned long n)
{
	might_fault();
	return user_clear(to, n);
}

/* strncpy_from_user: a string with its NUL, at most count bytes in all.
 * => its length without the NUL; count if there is no NUL among them (then
 *    dst has none); -EFAULT
 * => what dst has behind the NUL, or after -EFAULT, is undefined */
long __must_check strncpy_from_user(char *dst, const char __user *src,
				    long count);

/* strnlen_user: => the length of a string WITH its NUL; n + 1 if there is none
 * in the first n bytes; 0 if a byte before it cannot be read, or n is 0 */
long __must_check strnlen_user(const char __user *str, long n);

/* check_zeroed_user: => 1 if all bytes are 0 (or size is), 0 if one is not,
 * -EFAULT if one before that cannot be read, or not all are in user space */
int __must_check check_zeroed_user(const void __user *from, size_t size);

/* copy_struct_from_user: a structure whose size, usize, the user tells, since
 * his may be of another age than ours, ksize. What he does not have is 0; what
 * we do not know must be 0.
 * => 0; -E2BIG if it is not; -EFAULT. Where not 0, dst is undefined */
int __must_check copy_struct_from_user(void *dst, size_t ksize,
				       const void __user *src, size_t usize);

/* stac, clac: 3 bytes that patch_smap makes an instruction (see smap.inc). */
#define SMAP_INSN(opcode)                                      \
	__asm__ volatile("1: .byte 0x8d, 0x76, 0x00\n\t"       \
			 ".pushsection .smap_sites, \"a\"\n\t" \
			 ".long 1b, " opcode "\n\t"            \
			 ".popsection" ::                      \
				 : "memory")

/* user_access_begin: from here to user_access_end user memory may be touched.
 * => false, and not begun: not all of it is in user space */
static __always_inline bool
user_access_begin(const void __user *ptr, unsigned long size)
{
	if (!access_ok(ptr, size))
		return false;
	SMAP_INSN("0x00cb010f");
	return true;
}

static __always_inline void
user_access_end(void)
{
	SMAP_INSN("0x00ca010f");
}

/* One instruction that may fault; if it does, on a user address (the 1; see
 * kernel/x86/extable.c), it goes on at the label. */
#define USER_INSN(insn, label)               \
	"1:\t" insn "\n\t"                   \
	".pushsection __ex_table, \"a\"\n\t" \
	".long 1b, %l[" #label "], 1\n\t"    \
	".popsection"

/* Four bytes in place; other sizes are short copies. (A little-endian value
 * begins with its low bytes.) */
static __always_inline int
get_user_size(u64 *value, const void __user *ptr, const size_t size)
{
	u32 word = 0;

	might_fault();
	*value = 0;
	if (size != sizeof(word)) {
		if (!user_copy_in(value, ptr, size))
			return 0;
		*value = 0; /* not the part that was there */
		return -EFAULT;
	}
	if (unlikely(!user_access_begin(ptr, size)))
		return -EFAULT;
	__asm__ volatile goto(USER_INSN("movl (%1), %0", fault)
			      : "=r"(word)
			      : "r"(ptr)
			      :
			      : fault);
	user_access_end();
	*value = word;
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

static __always_inline int
put_user_size(u64 value, void __user *ptr, const size_t size)
{
	might_fault();
	if (size != sizeof(u32))
		return user_copy_out(ptr, &value, size) ? -EFAULT : 0;
	if (unlikely(!user_access_begin(ptr, size)))
		return -EFAULT;
	__asm__ volatile goto(USER_INSN("movl %0, (%1)", fault)
			      :
			      : "r"((u32)value), "r"(ptr)
			      : "memory"
			      : fault);
	user_access_end();
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

/* As a number, that a u64 can hold: pointers, too. */
#define USER_NUMBER(x, type) \
	__builtin_choose_expr(sizeof(type) == 8, x, (uintptr_t)(x))

/* get_user: x = *ptr, an integer or a pointer. put_user: *ptr = x.
 * => 0 or -EFAULT (then get_user leaves x = 0, and put_user of more than a
 *    byte may have written the first ones) */
#define get_user(x, ptr)                                                      \
	({                                                                    \
		u64 gu_value_;                                                \
		int gu_err_ = get_user_size(&gu_value_, ptr, sizeof(*(ptr))); \
                                                                              \
		(x) = (__force __typeof__(*(ptr)))USER_NUMBER(gu_value_,      \
							      *(ptr));        \
		gu_err_;                                                      \
	})
#define put_user(x, ptr)                                             \
	({                                                           \
		__typeof__(*(ptr)) pu_value_ = (x);                  \
                                                                     \
		put_user_size(USER_NUMBER(pu_value_, *(ptr)), (ptr), \
			      sizeof(*(ptr)));                       \
	})

#endif
