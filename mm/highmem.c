/* highmem.c - see highmem.h: a stack of page table entries per CPU.
 *
 *   kmap_local_page(A)  slots: A              depth 1
 *   kmap_local_page(B)  slots: A B            depth 2
 *   kunmap_local(B)     slots: A              depth 1
 *
 * The context that maps may be interrupted, and the interrupt may map too: it
 * takes the next slot and has given it back when the interrupted code goes on.
 * Preemption stays off while anything is mapped, since the slot is the CPU's.
 */
#include "highmem.h"
#include "panic.h"
#include "percpu.h"
#include "pgtable.h"
#include "string.h"

static DEFINE_PER_CPU(unsigned int, kmap_depth);

void *
kmap_local_page(struct page *page)
{
	unsigned int slot;

	if (page_zone_index(page) != ZONE_HIGHMEM)
		return page_address(page);
	preempt_disable();
	slot = this_cpu(kmap_depth)++;
	assert_op(slot, <, (unsigned int)KMAP_SLOTS);
	barrier(); /* the slot is ours before it is used, ... */
	return fixmap_set(slot, page_to_phys(page));
}

void
kunmap_local(const void *address)
{
	unsigned int slot;

	if (virt_is_direct(address))
		return;
	slot = this_cpu(kmap_depth) - 1;
	fixmap_clear(slot);
	barrier(); /* ... and clean before it is the next one's: he may interrupt */
	this_cpu(kmap_depth) = slot;
	preempt_enable();
}

void
copy_highpage(struct page *to, struct page *from)
{
	void *dst, *src;

	if (page_zone_index(to) != ZONE_HIGHMEM &&
	    page_zone_index(from) != ZONE_HIGHMEM) {
		copy_page(page_address(to), page_address(from));
		return;
	}
	dst = kmap_local_page(to);
	src = kmap_local_page(from);
	copy_page(dst, src);
	kunmap_local(src);
	kunmap_local(dst);
}

void
memcpy_from_page(void *to, struct page *page, size_t offset, size_t len)
{
	char *address = kmap_local_page(page);

	assert(offset <= PAGE_SIZE && len <= PAGE_SIZE - offset);
	memcpy(to, address + offset, len);
	kunmap_local(address);
}

void
memcpy_to_page(struct page *page, size_t offset, const void *from, size_t len)
{
	char *address = kmap_local_page(page);

	assert(offset <= PAGE_SIZE && len <= PAGE_SIZE - offset);
	memcpy(address + offset, from, len);
	kunmap_local(address);
}

void
fill_pages(struct page *page, unsigned int order, u8 byte)
{
	struct page *end = page + (1ul << order);
	void *address;

	for (; page < end; page++) {
		address = kmap_local_page(page);
		memset(address, byte, PAGE_SIZE);
		kunmap_local(address);
	}
}

void
clear_pages(struct page *page, unsigned int order)
{
	if (page_zone_index(page) == ZONE_HIGHMEM)
		fill_pages(page, order, 0);
	else
		memset(page_address(page), 0, (size_t)PAGE_SIZE << order);
}
