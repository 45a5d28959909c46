/* patch.h - checks that cost one no-op until somebody switches them on.
 *
 *   off   3e 8d 74 26 00    lea 0(%esi), %esi: a no-op of 5 bytes, as any
 *                           i386 knows it         if (patched(PATCH_X))
 *   on    e9 <distance>     jmp to the slow code          slow();
 *
 * The compiler sees an `asm goto` that may jump; the place is noted in a table
 * and kernel/x86/patch.c rewrites the instruction. Linux's static keys.
 */
#ifndef PATCH_H
#define PATCH_H

#include "types.h"

enum patch_key {
	PATCH_PAGE_HOOKS, /* page allocator: every optional check */
	NR_PATCH_KEYS
};

#ifdef MEMOIR_HOST
extern bool patch_on[NR_PATCH_KEYS];
#define patched(key) (patch_on[key])
#else

struct patch_site {
	u32 insn, target, key;
};

/* patched: true where the key is switched on. The key is a constant. */
static __always_inline bool
patched(const enum patch_key key)
{
	__asm__ goto("1: .byte 0x3e, 0x8d, 0x74, 0x26, 0x00\n\t"
		     ".pushsection .patch_sites, \"a\"\n\t"
		     ".long 1b, %l[on], %c0\n\t"
		     ".popsection"
		     :
		     : "i"(key)
		     :
		     : on);
	return false;
on:
	return true;
}
#endif

/* patch_set: switch every site of a key on or off.
 * => process context or boot; one CPU (a second one must be stopped) */
void patch_set(enum patch_key key, bool on);

/* patch_smap: stac and clac instead of the no-ops around user accesses.
 * => boot, before the first of them, on a CPU that has SMAP */
void patch_smap(void);

/* patch_is_on: as it was last set. */
bool patch_is_on(enum patch_key key);

#endif
