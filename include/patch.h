/* patch.h - checks that cost nothing, or one no-op, until somebody switches
 * them on.
 *
 *   off   3e 8d 74 26 00    lea 0(%esi), %esi: a no-op of 5 bytes, as any
 *                           i386 knows it         if (patched(PATCH_X))
 *   on    e9 <distance>     jmp to the slow code          slow();
 *
 * The compiler sees an `asm goto` that may jump; the place is noted in a table
 * and kernel/x86/patch.c rewrites the instruction. Linux's static keys. An
 * instruction of 5 bytes or more that does something useful can stand in the
 * no-op's place: then the check costs nothing at all, and what is jumped to
 * does the instruction's work, too. lock_word and unlock_word are such.
 */
#ifndef PATCH_H
#define PATCH_H

#include "compiler.h"
#include "types.h"

enum patch_key {
	PATCH_PAGE_HOOKS, /* page allocator: every optional check */
	PATCH_LOCKDEP,    /* locks: every optional check */
	NR_PATCH_KEYS
};

enum lock_word {
	WORD_TAKEN,
	WORD_HELD,   /* by somebody else: nothing was changed */
	WORD_CHECKED /* nothing was done: the checks are on */
};

#ifdef MEMOIR_HOST
extern bool patch_on[NR_PATCH_KEYS];
#define patched(key)      (patch_on[key])
#define lock_word(word)   (*(word) ? WORD_HELD : (*(word) = 1, WORD_TAKEN))
#define unlock_word(word) (*(word) = 0, true)
#else

#define PATCH_INSN_MAX 12

struct patch_site {
	u32 insn, target, key;
	u8 off[PATCH_INSN_MAX]; /* what stands there when the key is off */
};

/* The instruction (5 to 12 bytes), and its entry in the table, with a copy. */
#define PATCH_SITE(insn, target)                  \
	"771: " insn "\n\t"                       \
	".pushsection .patch_sites, \"a\"\n\t"    \
	".long 771b, %l[" target "], %c[key]\n\t" \
	"772: " insn "\n\t"                       \
	".skip 12 - (. - 772b)\n\t"               \
	".popsection\n\t"

/* patched: true where the key is switched on. The key is a constant. */
static __always_inline bool
patched(const enum patch_key key)
{
	__asm__ goto(PATCH_SITE(".byte 0x3e, 0x8d, 0x74, 0x26, 0x00", "on")
		     :
		     : [key] "i"(key)
		     :
		     : on);
	return false;
on:
	return true;
}

/* lock_word: set bit 0 of a word that nobody else has set. unlock_word: the
 * word becomes 0; false if nothing was done, since the checks are on.
 * => spinlock.h only */
static __always_inline enum lock_word
lock_word(u32 *word)
{
	__asm__ goto(PATCH_SITE("lock btsl $0, %[word]",
				"checked") "jc %l[held]"
		     :
		     : [word] "m"(*word), [key] "i"(PATCH_LOCKDEP)
		     : "memory", "cc"
		     : checked, held);
	return WORD_TAKEN;
held:
	return WORD_HELD;
checked:
	return WORD_CHECKED;
}

static __always_inline bool
unlock_word(u32 *word)
{
	__asm__ goto(PATCH_SITE("movl $0, %[word]", "checked")
		     :
		     : [word] "m"(*word), [key] "i"(PATCH_LOCKDEP)
		     : "memory"
		     : checked);
	return true;
checked:
	return false;
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
