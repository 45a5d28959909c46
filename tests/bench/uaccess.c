/* uaccess.c - what touching a user's memory costs, and what being fooled. */
#include "../kernel/user_helpers.h"
#include "layout.h"
#include "panic.h"
#include "slab.h"
#include "test.h"
#include "uaccess.h"

#define BUFFER 65536u

static u8 *buffer; /* the kernel's */
static u8 __user *user;
static volatile u32 sink;

static void
map(void)
{
	user = user_ptr(USER_BASE);
	buffer = kmalloc(BUFFER, GFP_KERNEL);
	if (!buffer || !user_map(USER_BASE, BUFFER / PAGE_SIZE, true))
		panic("bench: no memory for two buffers of 64 KiB");
}

static void
unmap(void)
{
	user_unmap(USER_BASE);
	kfree(buffer);
}

/* n times one statement: p is the user's pointer, k the kernel's. */
#define ROW(name, times, pointer, statement)   \
	static void run_##name(unsigned int n) \
	{                                      \
		u8 __user *p = pointer;        \
		u8 *k = buffer;                \
                                               \
		while (n--)                    \
			statement;             \
	}                                      \
	BENCH_ROW(name, times, run_##name, map, unmap)

#define COPY(n)                                     \
	ROW(copy_from_user_##n, 100, user,          \
	    if (copy_from_user(k, p, n)) sink = 1); \
	ROW(copy_to_user_##n, 100, user, if (copy_to_user(p, k, n)) sink = 1)

COPY(8);
COPY(64);
COPY(256);
COPY(1024);
COPY(4096);
COPY(65536);
ROW(copy_from_user_fault_8, 100, user_ptr(USER_WILD),
    if (copy_from_user(k, p, 8) != 8) sink = 1);
ROW(copy_to_user_fault_8, 100, user_ptr(USER_WILD),
    if (copy_to_user(p, k, 8) != 8) sink = 1);

static void
run_get(unsigned int n)
{
	u32 __user *p = (u32 __user *)user;
	u32 value, sum = 0;

	while (n--) {
		if (get_user(value, p))
			break;
		sum += value;
	}
	sink = sum;
}
BENCH_ROW(get_user_4, 1000, run_get, map, unmap);

static void
run_put(unsigned int n)
{
	u32 __user *p = (u32 __user *)user;

	while (n--)
		if (put_user(n, p))
			break;
}
BENCH_ROW(put_user_4, 1000, run_put, map, unmap);
