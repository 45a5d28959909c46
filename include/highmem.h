/* highmem.h - pages without an address of their own, one at a time.
 *
 *   fixmap   [slot 0][slot 1] ... [slot 15]      this CPU's, a stack
 *                ^
 *   kmap_local_page(page): the direct map's address, or the next slot
 *
 * Linux's names.
 */
#ifndef HIGHMEM_H
#define HIGHMEM_H

#include "mmzone.h"
#include "types.h"

#define KMAP_SLOTS 16

/* kmap_local_page: an address for the page, for this CPU only, until
 * kunmap_local gives it back in the opposite order.
 * => any context; neither sleeps nor fails; up to KMAP_SLOTS at a time */
void *kmap_local_page(struct page *page);
void kunmap_local(const void *address);

/* clear_pages: 2^order pages to zero, high memory too. => any context */
void clear_pages(struct page *page, unsigned int order);

/* fill_pages: likewise with a byte. */
void fill_pages(struct page *page, unsigned int order, u8 byte);

#endif
