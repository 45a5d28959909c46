/* user_helpers.h - user pages without a user: what the tests of user copies
 * share.
 *
 *   user_map(va, 2, ...)    swapper_pg_dir[va >> 22] -> a table of our own
 *                                   [ page 0 | page 1 | not there ... ]
 */
#ifndef USER_HELPERS_H
#define USER_HELPERS_H

#include "types.h"

/* Where most of them are mapped; and USER_WILD, where nothing ever is. */
#define USER_BASE 0x40000000ul
#define USER_WILD 0x7FFF0000ul

/* user_map: nr zeroed pages from va on, within one 4 MiB that has none yet,
 * writable or not. user_unmap: give all of them back.
 * => process context; false: no memory, and nothing is mapped */
bool __must_check user_map(uintptr_t va, unsigned int nr, bool writable);
void user_unmap(uintptr_t va);

/* user_protect: one page becomes writable, or read-only. */
void user_protect(uintptr_t va, bool writable);

/* user_set_present: one page is there, or not (but it is kept). */
void user_set_present(uintptr_t va, bool present);

/* user_view: the same byte, where the kernel may touch it, up to the end of
 * its page; mapped. */
u8 *user_view(uintptr_t va);

/* user_ptr: as whoever is called by a user gets it. */
static inline void __user *
user_ptr(uintptr_t va)
{
	return (__force void __user *)va;
}

#endif
