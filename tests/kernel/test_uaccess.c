/* test_uaccess.c - user copies: every way in which a user can lie about memory.
 *
 *   EDGE - PAGE_SIZE        EDGE
 *   |  a page, there        |  missing         the fault at every byte of a
 *                 [ b b b b | . . . ]          buffer, in every alignment
 */
#include "cpu.h"
#include "gfp.h"
#include "page.h"
#include "preempt.h"
#include "sections.h"
#include "slab.h"
#include "string.h"
#include "test.h"
#include "trap.h"
#include "uaccess.h"
#include "user_helpers.h"
#include "util.h"
#include "x86.h"

#define PAGES 2
#define EDGE  (USER_BASE + PAGES * PAGE_SIZE) /* here the mapped pages end */
#define MOST  24 /* bytes of a copy: words before and behind the edge */
#define FILL  0x55

static u8 buffer[MOST + 8]; /* the kernel's, with a margin */
static u32 seen;            /* by a get_user of which nothing is expected */

static u8
pattern(size_t i)
{
	return i * 7 + 1;
}

/* Bytes start..end of the buffer are all this value. */
static bool
all(const u8 *start, const u8 *end, u8 value)
{
	return !memchr_inv(start, value, end - start);
}

/* One copy of n bytes to buffer + at, from the user's address `below` bytes
 * below the edge: is all as promised? */
static bool
check_from(size_t below, size_t n, size_t at)
{
	size_t good = min(n, below), i;
	u8 *to = buffer + at;

	memset(buffer, FILL, sizeof(buffer));
	if (copy_from_user(to, user_ptr(EDGE - below), n) != n - good)
		return false;
	for (i = 0; i < good; i++)
		if (to[i] != pattern(EDGE - below + i))
			return false;
	return all(to + good, to + n, 0) && all(buffer, to, FILL) &&
	       all(to + n, ARRAY_END(buffer), FILL);
}

static bool
check_to(size_t below, size_t n, size_t at)
{
	size_t good = min(n, below), i;
	u8 *view = user_view(EDGE - PAGE_SIZE);
	u8 *end = view + PAGE_SIZE, *start = end - below;

	memset(view, FILL, PAGE_SIZE);
	for (i = 0; i < n; i++)
		buffer[at + i] = pattern(i);
	if (copy_to_user(user_ptr(EDGE - below), buffer + at, n) != n - good)
		return false;
	return !memcmp(start, buffer + at, good) && all(view, start, FILL) &&
	       all(start + good, end, FILL);
}

static bool
check_clear(size_t below, size_t n)
{
	size_t good = min(n, below);
	u8 *view = user_view(EDGE - PAGE_SIZE);
	u8 *end = view + PAGE_SIZE, *start = end - below;

	memset(view, FILL, PAGE_SIZE);
	return clear_user(user_ptr(EDGE - below), n) == n - good &&
	       all(view, start, FILL) && all(start, start + good, 0) &&
	       all(start + good, end, FILL);
}

static void
fill_with_pattern(void)
{
	uintptr_t va;

	for (va = USER_BASE; va < EDGE; va++)
		*user_view(va) = pattern(va);
}

TEST(uaccess, a_fault_at_any_byte_is_counted_exactly)
{
	unsigned int from = 0, to = 0, clear = 0;
	size_t below, n, at;

	ASSERT(user_map(USER_BASE, PAGES, true));
	fill_with_pattern();
	for (n = 0; n <= MOST; n++)
		for (below = 0; below <= MOST; below++)
			for (at = 0; at < 4; at++)
				from += !check_from(below, n, at);
	for (n = 0; n <= MOST; n++) {
		for (below = 0; below <= MOST; below++) {
			for (at = 0; at < 4; at++)
				to += !check_to(below, n, at);
			clear += !check_clear(below, n);
		}
	}
	EXPECT_EQ(from, 0u);
	EXPECT_EQ(to, 0u);
	EXPECT_EQ(clear, 0u);
	user_unmap(USER_BASE);
}

TEST(uaccess, a_raw_copy_leaves_what_it_does_not_write)
{
	u8 to[16];

	ASSERT(user_map(USER_BASE, PAGES, true));
	for (size_t there = 0; there <= 16; there++) {
		memset(to, FILL, sizeof(to));
		memset(user_view(EDGE - 16), 0x5A, 16);
		EXPECT_EQ(raw_copy_from_user(to, user_ptr(EDGE - there), 16),
			  16 - there);
		EXPECT(all(to, to + there, 0x5A));
		EXPECT(all(to + there, to + 16, FILL));
	}
	EXPECT_EQ(raw_copy_from_user(to, user_ptr(TASK_SIZE - 15), 16), 16u);
	EXPECT(all(to, to + 16, 0x5A));
	user_unmap(USER_BASE);
}

TEST(uaccess, a_copy_goes_on_over_pages)
{
	u8 *big = kmalloc(PAGES * PAGE_SIZE, GFP_KERNEL);
	size_t i, wrong = 0;

	ASSERT(big);
	ASSERT(user_map(USER_BASE, PAGES, true));
	fill_with_pattern();
	EXPECT_EQ(copy_from_user(big, user_ptr(USER_BASE + 1), 6000), 0u);
	for (i = 0; i < 6000; i++)
		wrong += big[i] != pattern(USER_BASE + 1 + i);
	EXPECT_EQ(wrong, 0u);
	EXPECT_EQ(copy_to_user(user_ptr(USER_BASE + 3), big, 6000), 0u);
	EXPECT_EQ(*user_view(USER_BASE + 3 + 5999), big[5999]);
	EXPECT_EQ(clear_user(user_ptr(USER_BASE + 5), 6000), 0u);
	EXPECT_EQ(*user_view(USER_BASE + 4), big[1]);
	EXPECT_EQ(*user_view(USER_BASE + 5), 0);
	EXPECT_EQ(*user_view(USER_BASE + 5 + 5999), 0);
	user_unmap(USER_BASE);
	kfree(big);
}

TEST(uaccess, a_read_only_page_is_read_but_not_written)
{
	u32 word = 1;

	ASSERT(user_map(USER_BASE, PAGES, false));
	EXPECT_EQ(copy_to_user(user_ptr(USER_BASE), buffer, 8), 8u);
	EXPECT_EQ(clear_user(user_ptr(USER_BASE), 8), 8u);
	EXPECT_EQ(put_user(word, (u32 __user *)user_ptr(USER_BASE)), -EFAULT);
	EXPECT_EQ(copy_from_user(buffer, user_ptr(USER_BASE), 8), 0u);
	EXPECT_EQ(get_user(word, (u32 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(word, 0u);
	user_protect(USER_BASE, true);
	EXPECT_EQ(copy_to_user(user_ptr(EDGE - PAGE_SIZE - 3), buffer, 8), 5u);
	user_unmap(USER_BASE);
}

TEST(uaccess, access_ok_does_not_wrap)
{
	EXPECT(access_ok(user_ptr(0), 0));
	EXPECT(access_ok(user_ptr(0), TASK_SIZE));
	EXPECT(access_ok(user_ptr(TASK_SIZE - 1), 1));
	EXPECT(access_ok(user_ptr(TASK_SIZE), 0));
	EXPECT(!access_ok(user_ptr(TASK_SIZE - 1), 2));
	EXPECT(!access_ok(user_ptr(TASK_SIZE), 1));
	EXPECT(!access_ok(user_ptr(0), TASK_SIZE + 1));
	EXPECT(!access_ok(user_ptr(0x1000), 0xFFFFF000));
	EXPECT(!access_ok(user_ptr(0x1000), 0xFFFFFFFF));
	EXPECT(!access_ok(user_ptr(0xFFFFFFFF), 1));
	EXPECT(!access_ok(user_ptr(0xFFFFFFFF), 0xFFFFFFFF));
}

TEST(uaccess, lengths_that_no_buffer_has_touch_nothing)
{
	static const unsigned long lengths[] = {
		0xFFFFFFFF, 0xFFFFF000, 0xC0000001,
		0xBFFFFFFF, 0x80000000, 0x40000001,
	};
	size_t i;

	ASSERT(user_map(USER_BASE, PAGES, true));
	*user_view(USER_BASE) = 1;
	memset(buffer, FILL, sizeof(buffer));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		unsigned long n = lengths[i];

		EXPECT_EQ(copy_from_user(buffer, user_ptr(USER_BASE), n), n);
		EXPECT_EQ(copy_to_user(user_ptr(USER_BASE), buffer, n), n);
	}
	EXPECT_EQ(clear_user(user_ptr(USER_BASE), 0xFFFFF000), 0xFFFFF000);
	EXPECT_EQ(clear_user(user_ptr(USER_BASE), 0x80000001), 0x80000001);
	EXPECT(all(buffer, ARRAY_END(buffer), FILL));
	EXPECT_EQ(*user_view(USER_BASE), 1);
	user_unmap(USER_BASE);
}

TEST(uaccess, user_space_can_be_used_to_its_last_byte)
{
	u8 __user *last = user_ptr(TASK_SIZE - 1);
	u32 word = 1;
	u8 byte = 1;

	ASSERT(user_map(TASK_SIZE - PAGE_SIZE, 1, true));
	EXPECT_EQ(put_user(42, last), 0);
	EXPECT_EQ(get_user(byte, last), 0);
	EXPECT_EQ(byte, 42);
	memset(buffer, FILL, sizeof(buffer));
	EXPECT_EQ(copy_from_user(buffer, last, 1), 0u);
	EXPECT_EQ(buffer[0], 42);
	EXPECT_EQ(copy_from_user(buffer, last - 7, 8), 0u);
	EXPECT_EQ(buffer[7], 42);
	/* Straddling: not one byte, and the buffer zeroed. */
	EXPECT_EQ(copy_from_user(buffer, last, 2), 2u);
	EXPECT(all(buffer, buffer + 7, 0) && buffer[7] == 42);
	EXPECT_EQ(copy_to_user(last, _text, 2), 2u);
	EXPECT_EQ(clear_user(last, 2), 2u);
	EXPECT_EQ(get_user(word, (u32 __user *)(last - 2)), -EFAULT);
	EXPECT_EQ(word, 0u);
	EXPECT_EQ(put_user(word, (u32 __user *)(last - 2)), -EFAULT);
	EXPECT_EQ(*user_view(TASK_SIZE - 1), 42);
	/* A string that would go on in the kernel. */
	EXPECT_EQ(strncpy_from_user((char *)buffer, (char __user *)last, 8),
		  -EFAULT);
	EXPECT_EQ(strncpy_from_user((char *)buffer, (char __user *)last, 1), 1);
	EXPECT_EQ(strnlen_user((char __user *)last, 8), 0);
	/* One that ends just there, read with a longer maximum. */
	memcpy(user_view(TASK_SIZE - 3), "me", 3);
	EXPECT_EQ(strncpy_from_user((char *)buffer, (char __user *)last - 2, 8),
		  2);
	EXPECT_STREQ((char *)buffer, "me");
	user_unmap(TASK_SIZE - PAGE_SIZE);
}

/* Each must refuse the address, in both directions, whatever is there. */
static unsigned int
accepted(uintptr_t va, size_t n)
{
	void __user *user = user_ptr(va);
	unsigned int bad = 0;
	char text[8];
	u64 value = 1;

	memset(buffer, FILL, sizeof(buffer));
	bad += copy_from_user(buffer, user, n) != n;
	bad += !all(buffer, buffer + n, 0);
	bad += copy_to_user(user, buffer, n) != n;
	bad += clear_user(user, n) != n;
	bad += get_user(value, (u8 __user *)user) != -EFAULT || value;
	bad += put_user(0, (u8 __user *)user) != -EFAULT;
	bad += get_user(value, (u64 __user *)user) != -EFAULT;
	bad += put_user(0, (u64 __user *)user) != -EFAULT;
	bad += strncpy_from_user(text, user, sizeof(text)) != -EFAULT;
	bad += strnlen_user(user, 8) != 0;
	bad += check_zeroed_user(user, n) != -EFAULT;
	bad += copy_struct_from_user(text, 8, user, 8) != -EFAULT;
	return bad;
}

TEST(uaccess, no_address_of_the_kernel_is_a_users)
{
	static u32 data = 0x12345678;
	u32 *heap = kmalloc(sizeof(*heap), GFP_KERNEL);
	const u8 first = *_text;

	ASSERT(heap);
	*heap = 0x87654321;
	EXPECT_EQ(accepted((uintptr_t)_text, 16), 0u);
	EXPECT_EQ(accepted((uintptr_t)&data, 4), 0u);
	EXPECT_EQ(accepted((uintptr_t)heap, 4), 0u);
	EXPECT_EQ(accepted(PAGE_OFFSET, 1), 0u);
	EXPECT_EQ(accepted(VMALLOC_END - PAGE_SIZE, 16), 0u);
	EXPECT_EQ(accepted(FIXADDR_START, 16), 0u);
	EXPECT_EQ(accepted(0xFFFFFFFF, 1), 0u);
	EXPECT_EQ(accepted(0xFFFFFFF8, 16), 0u);
	EXPECT_EQ((u8)*_text, first);
	EXPECT_EQ(data, 0x12345678u);
	EXPECT_EQ(*heap, 0x87654321u);
	kfree(heap);
}

TEST(uaccess, where_nothing_is_mapped_nothing_is_copied)
{
	EXPECT_EQ(accepted(0, 16), 0u);
	EXPECT_EQ(accepted(0xFFF, 16), 0u);
	EXPECT_EQ(accepted(USER_WILD, 16), 0u);
	EXPECT_EQ(accepted(TASK_SIZE - 16, 16), 0u);
}

/* get_user and put_user of one type, `below` bytes below the edge; sample: what
 * is put, as a u64. */
#define ACROSS(type, below, sample)                                         \
	do {                                                                \
		type __user *p_ = user_ptr(EDGE - (below));                 \
		type *view_ = (type *)user_view(EDGE - (below));            \
		bool fits_ = (below) >= sizeof(type);                       \
		type value_ = 1;                                            \
                                                                            \
		EXPECT_EQ(get_user(value_, p_), fits_ ? 0 : -EFAULT);       \
		EXPECT_EQ(value_, fits_ ? *view_ : (type)0);                \
		EXPECT_EQ(put_user((type)sample, p_), fits_ ? 0 : -EFAULT); \
		EXPECT(!fits_ || *view_ == (type)sample);                   \
	} while (0)

TEST(uaccess, get_user_and_put_user_have_four_sizes)
{
	size_t below;
	u64 sample;

	ASSERT(user_map(USER_BASE, PAGES, true));
	for (below = 1; below <= 16; below++) {
		sample = below * 0xA1B2C3D4E5F60719;
		fill_with_pattern();
		ACROSS(u8, below, sample);
		fill_with_pattern();
		ACROSS(u16, below, sample);
		fill_with_pattern();
		ACROSS(u32, below, sample);
		fill_with_pattern();
		ACROSS(u64, below, sample);
	}
	user_unmap(USER_BASE);
}

TEST(uaccess, signs_and_pointers_keep_their_value)
{
	s8 byte = 0;
	s64 big = 0;
	const char __user *pointer = NULL;
	const char __user *__user *at = user_ptr(USER_BASE);

	ASSERT(user_map(USER_BASE, PAGES, true));
	EXPECT_EQ(put_user(-5, (s8 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(get_user(byte, (s8 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(byte, -5);
	EXPECT_EQ(put_user(-6, (s64 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(get_user(big, (const s64 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(big, (s64)-6);
	EXPECT_EQ(put_user(user_ptr(USER_WILD), at), 0);
	EXPECT_EQ(get_user(pointer, at), 0);
	EXPECT(pointer == user_ptr(USER_WILD));
	user_unmap(USER_BASE);
}

TEST(uaccess, strings_are_read_as_far_as_their_end)
{
	char text[16];
	const char __user *user = user_ptr(EDGE - 6);

	ASSERT(user_map(USER_BASE, PAGES, true));
	memcpy(user_view(EDGE - 6), "memoi", 6);
	memset(text, FILL, sizeof(text));
	EXPECT_EQ(strncpy_from_user(text, user, sizeof(text)), 5);
	EXPECT_STREQ(text, "memoi");
	EXPECT_EQ(text[6], FILL);
	EXPECT_EQ(strncpy_from_user(text, user, 6), 5);
	EXPECT_EQ(strnlen_user(user, sizeof(text)), 6);
	EXPECT_EQ(strnlen_user(user, 6), 6);

	/* The maximum comes first. */
	memset(text, FILL, sizeof(text));
	EXPECT_EQ(strncpy_from_user(text, user, 5), 5);
	EXPECT(!memcmp(text, "memoi", 5) && text[5] == FILL);
	EXPECT_EQ(strncpy_from_user(text, user, 0), 0);
	EXPECT_EQ(strncpy_from_user(text, user, -1), 0);
	EXPECT_EQ(strnlen_user(user, 5), 6);
	EXPECT_EQ(strnlen_user(user, 0), 0);

	/* The end of what is mapped comes first. */
	*user_view(EDGE - 1) = 'r';
	EXPECT_EQ(strncpy_from_user(text, user, sizeof(text)), -EFAULT);
	EXPECT_EQ(strncpy_from_user(text, user, 6), 6);
	EXPECT_EQ(strnlen_user(user, 7), 0);
	EXPECT_EQ(strnlen_user(user, 6), 7);
	user_unmap(USER_BASE);
}

TEST(uaccess, check_zeroed_user_looks_at_every_byte)
{
	size_t i;

	ASSERT(user_map(USER_BASE, PAGES, true));
	for (i = 0; i < 9; i++) {
		*user_view(EDGE - 9 + i) = 0x80;
		EXPECT_EQ(check_zeroed_user(user_ptr(EDGE - 9), 9), 0);
		*user_view(EDGE - 9 + i) = 0;
	}
	EXPECT_EQ(check_zeroed_user(user_ptr(EDGE - 9), 9), 1);
	EXPECT_EQ(check_zeroed_user(user_ptr(EDGE - 9), 10), -EFAULT);
	EXPECT_EQ(check_zeroed_user(user_ptr(EDGE), 0), 1);
	/* What is found before the fault decides. */
	*user_view(EDGE - 1) = 1;
	EXPECT_EQ(check_zeroed_user(user_ptr(EDGE - 9), 10), 0);
	EXPECT_EQ(check_zeroed_user(user_ptr(EDGE - 100), 200), 0);
	user_unmap(USER_BASE);

	/* But not across the end of user space, whatever lies before it. */
	ASSERT(user_map(TASK_SIZE - PAGE_SIZE, 1, true));
	*user_view(TASK_SIZE - 4) = 1;
	EXPECT_EQ(check_zeroed_user(user_ptr(TASK_SIZE - 8), 8), 0);
	EXPECT_EQ(check_zeroed_user(user_ptr(TASK_SIZE - 8), 9), -EFAULT);
	EXPECT_EQ(check_zeroed_user(user_ptr(TASK_SIZE), 0), 1);
	EXPECT_EQ(check_zeroed_user(user_ptr(TASK_SIZE - 8), -1), -EFAULT);
	EXPECT_EQ(copy_struct_from_user(&i, 4, user_ptr(TASK_SIZE - 8), 8),
		  -E2BIG);
	EXPECT_EQ(copy_struct_from_user(&i, 4, user_ptr(TASK_SIZE - 8), 9),
		  -EFAULT);
	user_unmap(TASK_SIZE - PAGE_SIZE);
}

TEST(uaccess, structures_of_another_size_are_understood)
{
	u8 ours[8];
	void __user *his = user_ptr(EDGE - 12);

	ASSERT(user_map(USER_BASE, PAGES, true));
	memcpy(user_view(EDGE - 12), "abcdefgh\0\0\0", 12);
	memset(ours, FILL, 8);
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 8), 0);
	EXPECT(!memcmp(ours, "abcdefgh", 8));
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 3), 0);
	EXPECT(!memcmp(ours, "abc\0\0\0\0", 8));
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 0), 0);
	EXPECT(all(ours, ours + 8, 0));
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 12), 0);
	EXPECT(!memcmp(ours, "abcdefgh", 8));
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 13), -EFAULT);
	*user_view(EDGE - 1) = 1;
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 12), -E2BIG);
	EXPECT_EQ(copy_struct_from_user(ours, 8, his, 11), 0);
	EXPECT_EQ(copy_struct_from_user(ours, 8, user_ptr(EDGE - 7), 8),
		  -EFAULT);
	user_unmap(USER_BASE);
}

/* A page fault handler that brings the page in: what demand paging will do. */
static unsigned int served;

static bool
serve(struct pt_regs *regs)
{
	u32 va = read_cr2();

	if (user_mode(regs) || va - USER_BASE >= PAGES * PAGE_SIZE)
		return false;
	user_set_present(va, true);
	served++;
	return true;
}

TEST(uaccess, a_served_fault_lets_the_copy_go_on)
{
	u8 *big = kmalloc(PAGES * PAGE_SIZE, GFP_KERNEL);
	size_t i, wrong = 0;

	ASSERT(big);
	ASSERT(user_map(USER_BASE, PAGES, true));
	fill_with_pattern();
	served = 0;
	user_set_present(USER_BASE, false);
	user_set_present(USER_BASE + PAGE_SIZE, false);
	trap_set_handler(TRAP_PAGE_FAULT, serve);
	EXPECT_EQ(copy_from_user(big, user_ptr(USER_BASE + 2), 8192 - 2), 0u);
	EXPECT_EQ(served, 2u);
	for (i = 0; i < 8192 - 2; i++)
		wrong += big[i] != pattern(USER_BASE + 2 + i);
	EXPECT_EQ(wrong, 0u);
	/* Served, then not: the count is still exact. */
	user_set_present(USER_BASE + PAGE_SIZE, false);
	EXPECT_EQ(copy_to_user(user_ptr(EDGE - 6), big, 8), 2u);
	EXPECT_EQ(served, 3u);
	EXPECT(!memcmp(user_view(EDGE - 6), big, 6));
	trap_set_handler(TRAP_PAGE_FAULT, NULL);
	user_unmap(USER_BASE);
	kfree(big);
}

static void
read_word(void *address)
{
	(void)*(volatile u32 *)address;
}

static void
write_word(void *address)
{
	*(volatile u32 *)address = 1;
}

static void
call(void *address)
{
	((void (*)(void))address)();
}

/* Which trap the access is, with this error code. */
static bool
is_refused(void (*access)(void *), u32 error)
{
	struct pt_regs regs;
	u32 at;

	return trap_probe(access, (void *)USER_BASE, &regs, &at) ==
		       TRAP_PAGE_FAULT &&
	       at == USER_BASE && regs.error == error;
}

TEST(uaccess, smap_refuses_what_does_not_come_here)
{
	if (!cpu_has(X86_FEATURE_SMAP)) {
		test_skip("this CPU has no SMAP");
		return;
	}
	ASSERT(user_map(USER_BASE, PAGES, true));
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT(is_refused(write_word, PF_PROT | PF_WRITE));
	/* Not left open by any end of an access. */
	EXPECT_EQ(copy_from_user(buffer, user_ptr(EDGE - 8), 16), 8u);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(copy_to_user(user_ptr(EDGE - 7), buffer, 16), 9u);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(clear_user(user_ptr(EDGE - 8), 16), 8u);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(get_user(seen, (u32 __user *)user_ptr(EDGE)), -EFAULT);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(put_user(1, (u32 __user *)user_ptr(EDGE)), -EFAULT);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(strnlen_user(user_ptr(EDGE), 4), 0);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(check_zeroed_user(user_ptr(EDGE), 4), -EFAULT);
	EXPECT(is_refused(read_word, PF_PROT));
	EXPECT_EQ(get_user(seen, (u32 __user *)user_ptr(USER_BASE)), 0);
	EXPECT(is_refused(read_word, PF_PROT));
	user_unmap(USER_BASE);
}

/* A handler that is entered in the middle of a copy. */
static u32 flags_inside, flags_before;

static bool
look_at_flags(struct pt_regs *regs)
{
	flags_inside = local_save_flags();
	flags_before = regs->flags;
	return serve(regs);
}

TEST(uaccess, a_trap_closes_what_a_copy_has_opened)
{
	ASSERT(user_map(USER_BASE, PAGES, true));
	user_set_present(USER_BASE, false);
	trap_set_handler(TRAP_PAGE_FAULT, look_at_flags);
	EXPECT_EQ(copy_from_user(buffer, user_ptr(USER_BASE), 8), 0u);
	trap_set_handler(TRAP_PAGE_FAULT, NULL);
	EXPECT_EQ(!!(flags_before & EFLAGS_AC), (int)cpu_has(X86_FEATURE_SMAP));
	EXPECT(!(flags_inside & EFLAGS_AC));
	EXPECT(!(local_save_flags() & EFLAGS_AC));
	user_unmap(USER_BASE);
}

TEST(uaccess, smep_refuses_a_users_code)
{
	if (!cpu_has(X86_FEATURE_SMEP)) {
		test_skip("this CPU has no SMEP");
		return;
	}
	ASSERT(user_map(USER_BASE, PAGES, true));
	*user_view(USER_BASE) = 0xC3; /* ret */
	EXPECT(is_refused(call, PF_PROT | PF_INSTR));
	user_unmap(USER_BASE);
}

static void
copy_to_nowhere(void *kernel)
{
	if (copy_from_user(kernel, user_ptr(USER_BASE), 8))
		buffer[0] = 1;
}

static void
copy_from_nowhere(void *kernel)
{
	if (copy_to_user(user_ptr(USER_BASE), kernel, 8))
		buffer[0] = 1;
}

TEST(uaccess, a_fault_on_the_kernels_side_is_not_hidden)
{
	ASSERT(user_map(USER_BASE, PAGES, true));
	EXPECT_TRAP(TRAP_PAGE_FAULT, copy_to_nowhere, high_memory);
	EXPECT_TRAP(TRAP_PAGE_FAULT, copy_to_nowhere, _text);
	EXPECT_TRAP(TRAP_PAGE_FAULT, copy_from_nowhere, high_memory);
	user_unmap(USER_BASE);
}

TEST(uaccess, copies_in_the_wrong_context_are_noticed)
{
	unsigned int bugs = might_sleep_count();
	bool was_on = patch_is_on(PATCH_PAGE_HOOKS);

	ASSERT(user_map(USER_BASE, PAGES, true));
	patch_set(PATCH_PAGE_HOOKS, true);
	preempt_disable();
	EXPECT_EQ(copy_from_user(buffer, user_ptr(USER_BASE), 8), 0u);
	EXPECT_EQ(might_sleep_count(), bugs + 1);
	EXPECT_EQ(copy_to_user(user_ptr(USER_BASE), buffer, 8), 0u);
	EXPECT_EQ(get_user(seen, (u32 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(put_user(0, (u32 __user *)user_ptr(USER_BASE)), 0);
	EXPECT_EQ(clear_user(user_ptr(USER_BASE), 8), 0u);
	EXPECT_EQ(strnlen_user(user_ptr(USER_BASE), 8), 1);
	EXPECT_EQ(check_zeroed_user(user_ptr(USER_BASE), 8), 1);
	EXPECT_EQ(might_sleep_count(), bugs + 7);
	test_planted += 7;
	preempt_enable();
	patch_set(PATCH_PAGE_HOOKS, was_on);
	user_unmap(USER_BASE);
}
