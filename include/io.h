/* io.h - memory that is a device. Linux's names.
 *
 *   ioremap(0xB8000, 4000) --> [ page |guard]   uncached, in the vmalloc window
 *   readw(p), writew(x, p)     one access each, in order, of that width
 *
 * __iomem keeps such pointers apart (sparse): what is read there may be no
 * value that was written, and an access may do something.
 */
#ifndef IO_H
#define IO_H

#include "types.h"

/* ioremap: size bytes of physical memory from pa on, at an address of the
 * kernel, uncached. Neither pa nor size need be of whole pages.
 * => process context: may sleep
 * => NULL if size is 0, the range passes 4 GiB or has RAM in it (said in the
 *    log), or there is no room
 * => give it back with iounmap */
void __iomem *ioremap(phys_addr_t pa, size_t size);

/* iounmap: and no longer. NULL does nothing. => process context */
void iounmap(const volatile void __iomem *addr);

#define IO_ACCESS(letter, type)                                            \
	static inline type read##letter(const volatile void __iomem *addr) \
	{                                                                  \
		return *(const volatile __force type *)addr;               \
	}                                                                  \
	static inline void write##letter(type value,                       \
					 volatile void __iomem *addr)      \
	{                                                                  \
		*(volatile __force type *)addr = value;                    \
	}
IO_ACCESS(b, u8)
IO_ACCESS(w, u16)
IO_ACCESS(l, u32)
#undef IO_ACCESS

#endif
