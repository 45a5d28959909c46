/* patch.c - rewriting the kernel's own instructions: three or five bytes.
 *
 *   .patch_sites: { insn, target, key, off } ...      made by patch.h
 *
 *   insn:  3e 8d 74 26 00   <--->   e9 xx xx xx xx
 *          off (a no-op)            jmp target (distance from the next insn)
 *
 * Of a longer instruction only the first five bytes change: nobody comes to
 * the others while it is a jump.
 *
 *   .smap_sites: { insn, opcode } ...            uaccess.h, smap.inc
 *
 *   insn:  8d 76 00          --->   0f 01 ca      once, where there is SMAP
 *          nop                      clac
 *
 * .text is read-only: CR0.WP is lifted for the store, interrupts off. A CPU
 * that fetches the instruction while it is written could see half of it; on
 * one CPU nobody does, and the store is followed by a serialising instruction.
 */
#include "patch.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define SITE_SIZE      5
#define SMAP_SITE_SIZE 3

struct smap_site {
	u32 insn, opcode;
};

extern const struct patch_site __start_patch_sites[], __stop_patch_sites[];
extern const struct smap_site __start_smap_sites[], __stop_smap_sites[];

static bool key_on[NR_PATCH_KEYS];

static void
write_text(u32 address, const void *bytes, size_t n)
{
	unsigned long flags = local_irq_save();
	unsigned long cr0 = read_cr0();

	write_cr0(cr0 & ~CR0_WP);
	memcpy((void *)address, bytes, n);
	write_cr0(cr0); /* serialises: what was fetched before is forgotten */
	local_irq_restore(flags);
}

void
patch_set(enum patch_key key, bool on)
{
	const struct patch_site *site;
	u8 jump[SITE_SIZE] = {0xE9};

	key_on[key] = on;
	for (site = __start_patch_sites; site < __stop_patch_sites; site++) {
		u32 distance = site->target - (site->insn + SITE_SIZE);

		if (site->key != key)
			continue;
		memcpy(jump + 1, &distance, sizeof(distance));
		write_text(site->insn, on ? jump : site->off, SITE_SIZE);
	}
}

bool
patch_is_on(enum patch_key key)
{
	return key_on[key];
}

void __init
patch_smap(void)
{
	const struct smap_site *site;

	for (site = __start_smap_sites; site < __stop_smap_sites; site++)
		write_text(site->insn, &site->opcode, SMAP_SITE_SIZE);
}
