/* layout.h - the map of the address space: every address constant, once.
 *
 *  0xFFFFF000 +---------------------------+
 *             | never mapped (ERR_PTR)    |  last page
 *  FIXADDR    +---------------------------+  0xFFC00000
 *             | fixmap                    |  one page table
 *  PKMAP_BASE +---------------------------+  0xFF800000
 *             | kmap window               |  one page table
 *             | hole, 4 MiB               |
 *  VMALLOC_END+---------------------------+  0xFF400000
 *             | vmalloc, vmap, ioremap    |  128 MiB, 108 when low memory is full
 *             | hole, at least 8 MiB      |  a wild pointer past the direct map
 *  high_memory+---------------------------+  at most 0xF8000000
 *             | direct map of low RAM     |  va = pa + PAGE_OFFSET
 *  0xC0100000 |   the kernel image        |
 *  PAGE_OFFSET+---------------------------+  0xC0000000
 *             | user space                |  TASK_SIZE
 *  0x00000000 +---------------------------+  nothing below 64 KiB, ever
 *
 * C, linker.ld and NASM all read this file (NASM through the Makefile, which
 * turns each #define into a %define): only plain numbers and operators here.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#define PAGE_SHIFT 12
#define PAGE_SIZE  0x1000
#define PAGE_KIB   4 /* the same, as people count */

#define PAGE_OFFSET 0xC0000000 /* where physical address 0 appears */
#define TASK_SIZE   0xC0000000 /* user space ends here */
#define MMAP_MIN    0x00010000 /* and nothing is mapped below this */
#define KERNEL_PHYS 0x00100000 /* the image's load address: 1 MiB */

#define LOWMEM_LIMIT  0x38000000 /* 896 MiB: the most the direct map holds */
#define VMALLOC_HOLE  0x00800000 /* 8 MiB unmapped above the direct map */
#define VMALLOC_SPACE 0x08000000 /* 128 MiB, less where low memory is full */
#define VMALLOC_MOST  0x20000000 /* 512 MiB: the most that vmalloc= gives */
#define VMALLOC_END   0xFF400000
#define PKMAP_BASE    0xFF800000
#define FIXADDR_START 0xFFC00000
#define FIXADDR_END   0xFFFFF000 /* the last page stays unmapped */
#define VDSO_BASE     0xFFFFE000 /* its last slot: ring 3 may read it */

/* Boot page tables map this much physical memory, twice: at 0 and at
 * PAGE_OFFSET. It bounds the image plus everything taken from memblock before
 * the direct map exists. 16 MiB is also the smallest machine we boot on. */
#define BOOT_MAP_SIZE 0x01000000

#define STACK_SIZE 0x2000 /* kernel stacks: 8 KiB, as on Linux */

/* Selectors. User TLS entries 6 to 8 are where Linux i386 has them. */
#define SEL_KERNEL_CODE 0x08
#define SEL_KERNEL_DATA 0x10
#define SEL_USER_CODE   0x1B
#define SEL_USER_DATA   0x23
#define SEL_TSS         0x28
#define SEL_PERCPU      0x48
#define SEL_DF_TSS      0x50

/* Poison: the first for memory that is free, the second for memory handed out
 * and not yet written, the third for boot code that was given back (it is
 * int3, so that a call into it traps). */
#define POISON_FREE  0x6B
#define POISON_FRESH 0xA5
#define POISON_INIT  0xCC

/* The first word of an object that is free, in caches without poison: no
 * address in the kernel, no text, no small number. */
#define FREE_MARK 0xB10CF4EEu

#endif
