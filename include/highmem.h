/* highmem.h - pages without an address of their own.
 *
 *   fixmap   [slot 0][slot 1] ... [slot 15]      this CPU's, a stack
 *                ^
 *   kmap_local_page(page): the direct map's address, or the next slot
 *
 *   window   [slot 0][slot 1] ... [slot 1022]    everybody's, for long
 *                ^
 *   kmap(page): the direct map's address, or the page's slot, or a new one
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

/* clear_highpage: a page to zero. copy_highpage: a copy of another.
 * memcpy_from_page, memcpy_to_page: len bytes at an offset in a page.
 * => any context; offset + len at most PAGE_SIZE: asserted */
#define clear_highpage(page) clear_pages(page, 0)
void copy_highpage(struct page *to, struct page *from);
void memcpy_from_page(void *to, struct page *page, size_t offset, size_t len);
void memcpy_to_page(struct page *page, size_t offset, const void *from,
		    size_t len);

/* --- mm/kmap.c ------------------------------------------------------------ */

#define KMAP_WINDOW_SLOTS 1023 /* of its table; the last page stays unmapped */

/* kmap: an address for the page, for everybody, until kunmap has been called
 * as often as kmap.
 * => process context: may sleep while the window is full
 * => NULL, and a report, if that lasts, or if this context must not sleep */
void *kmap(struct page *page);

/* kunmap: one user less. => any context; of a page that has none: reported,
 * and no harm done */
void kunmap(struct page *page);

#endif
