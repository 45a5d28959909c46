/* vdso.c - the page that all programs share and none can write.
 *
 *   user/vdso/ --build--> an ELF image in .init.data --boot--> one page
 *
 *     the kernel  0xCxxxxxxx  rw-  writes struct vdso_data when the clock's rate
 *                                  is measured
 *     programs    0xFFFFE000  r-x  the last slot of the fixmap, whose entry is
 *                                  the only one up there with the user bit
 *
 * Linux maps it into each process; here it costs no process anything, no area,
 * no fault, no page table. exec tells its address (AT_SYSINFO_EHDR), and where
 * __kernel_vsyscall is (AT_SYSINFO); a signal's handler returns to it.
 *
 * Locking: data->seq, odd while it changes; the clock's one writer.
 */
#include "cpu.h"
#include "gfp.h"
#include "panic.h"
#include "pgtable.h"
#include "process.h"
#include "string.h"
#include "time.h"
#include "trap.h"
#include "vdso.h"

#define VDSO_SLOT (FIXMAP_SLOTS - 1)

extern const char vdso_image[], vdso_image_end[], vdso_sysenter[];
extern const char sysenter_entry[], debug_entry[];

static_assert(VDSO_BASE == FIXADDR_START + VDSO_SLOT * PAGE_SIZE, "layout.h");

static struct vdso_data *data; /* (C) */

static void
clock_changed(u64 tsc, u64 ns, u32 mult)
{
	WRITE_ONCE(data->seq, data->seq + 1);
	barrier();
	data->tsc = tsc;
	data->ns = ns;
	data->mult = mult;
	barrier();
	WRITE_ONCE(data->seq, data->seq + 1);
}

void __init
vdso_init(void)
{
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	if (!page)
		panic("no memory for the vDSO");
	memcpy(page, vdso_image, (size_t)(vdso_image_end - vdso_image));
	if (cpu_has(X86_FEATURE_SEP)) {
		trap_set_entry(TRAP_DEBUG, debug_entry);
		sysenter_init(sysenter_entry);
	} else {
		memcpy(page + (u32)vdso_sysenter, "\xCD\x80\x90\x90",
		       4); /* int 0x80, and no second one */
	}
	data = (struct vdso_data *)(page + VDSO_DATA);
	data->real = (u64)(ktime_get_real() - ktime_get());
	time_set_listener(clock_changed);
	fixmap_table[VDSO_SLOT] =
		make_pte(__pa(page), PAGE_USER_RO | _PAGE_ACCESSED);
	swapper_pg_dir[pde_index(VDSO_BASE)].val |= _PAGE_USER;
}
