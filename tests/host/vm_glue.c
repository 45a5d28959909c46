/* vm_glue.c - see vm_glue.h.
 */
#include "vm_glue.h"
#include "glue.h"
#include "heap_glue.h"
#include "host.h"
#include "pgtable.h"
#include "string.h"
#include "vmalloc.h"
#include "vmap_debug.h"
#include "x86.h"

#define TABLES_PA   (SZ_1M + 64 * SZ_1K) /* where pages_boot holds RAM */
#define NR_TABLES   (VM_WINDOW / LARGE_PAGE_SIZE)
#define WINDOW_SLOT PHYS_PFN(VM_WINDOW)

/* The host's mmap, as Linux on i386 has it. */
void *libc_mmap(void *at, size_t size, int prot, int flags, int fd,
		long offset) __asm__("mmap");
#define MMAP_READ_WRITE 3
#define MMAP_FIXED      0x104022 /* there, over nothing, private, anonymous */

static struct {
	unsigned long tlb[WINDOW_SLOT]; /* frame numbers, 0: not in it */
} vm;

/* --- The TLB ------------------------------------------------------------------ */

static void
forget(uintptr_t va, bool all)
{
	if (all)
		memset(vm.tlb, 0, sizeof(vm.tlb));
	else if (va - VM_START < VM_WINDOW)
		vm.tlb[PHYS_PFN(va - VM_START)] = 0;
}

bool
vm_touch(const void *p, size_t size)
{
	uintptr_t va = (uintptr_t)p, end = va + size;

	for (; va < end; va = ALIGN_DOWN(va, PAGE_SIZE) + PAGE_SIZE) {
		const pte_t *pte = pgtable_lookup(swapper_pg_dir, va);

		if (!pte || !pte_present(*pte))
			return false;
		if (!vm.tlb[PHYS_PFN(va - VM_START)])
			vm.tlb[PHYS_PFN(va - VM_START)] =
				PHYS_PFN(pte_phys(*pte));
	}
	return true;
}

/* Wrong, and still remembered: only where vfree keeps the area and its pages. */
static void
check_stale(uintptr_t va, unsigned long pfn)
{
	const pte_t *pte = pgtable_lookup(swapper_pg_dir, va);
	struct vmap_area *area;

	if (pte && pte_present(*pte) && PHYS_PFN(pte_phys(*pte)) == pfn)
		return;
	area = vmap_area_find(&vmalloc_space, va);
	EXPECT(area && (area->flags & (VM_FREED | VM_IDLE)) == VM_FREED);
	EXPECT(pfn_valid(pfn) && pfn_to_page(pfn)->_refcount > 0);
}

/* --- The machine -------------------------------------------------------------- */

/* The shrinkers stay registered: one machine for all cases of a program. */
static void
boot(void)
{
	void *window = (void *)VM_START;
	unsigned int i;

	if (libc_mmap(window, VM_WINDOW, MMAP_READ_WRITE, MMAP_FIXED, -1, 0) !=
	    window)
		host_fail_hard("no room for the vmalloc window");
	pages_boot(LOW_RAM_ALSO, HIGH_RAM, "slab_debug=,none");
	memset(__va(TABLES_PA), 0, NR_TABLES * PAGE_SIZE);
	for (i = 0; i < NR_TABLES; i++)
		swapper_pg_dir[pde_index(VM_START) + i] =
			make_pde(TABLES_PA + i * PAGE_SIZE,
				 _PAGE_PRESENT | _PAGE_RW);
	host_cpu.cr4 = CR4_PGE;
	host_forget = forget;
	vmalloc_start = VM_START;
	slab_init();
	vmalloc_init();
	pages_note();
}

void
vm_begin(void)
{
	static bool booted;

	if (!booted)
		boot();
	booted = true;
	host_log_clear();
	vm_end();
}

void
vm_check(void)
{
	unsigned long i;

	EXPECT_EQ(vmap_check(), 0);
	EXPECT(!spin_is_locked(&vmalloc_space.lock));
	for (i = 0; i < WINDOW_SLOT; i++)
		if (vm.tlb[i])
			check_stale(VM_START + i * PAGE_SIZE, vm.tlb[i]);
	heap_check();
}

void
vm_end(void)
{
	vm_check();
	vmap_purge();
	EXPECT_EQ(nr_vmap_areas(), 0);
	EXPECT_EQ(host_cpu.cr4, CR4_PGE);
	heap_quiet();
}
