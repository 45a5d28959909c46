/* types.h - the integer types, by width and by meaning.
 *
 *   u8 u16 u32 u64   exact widths             gfp_t         how to allocate
 *   phys_addr_t      an address on the bus    size_t        bytes
 *
 * A physical address is never a pointer: it becomes one through __va(), and
 * only if the direct map covers it. u32 is unsigned int with every compiler
 * (i686-elf would make uint32_t an unsigned long), so %u and %x fit it.
 */
#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include "compiler.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

typedef unsigned long uintptr_t;
typedef long ssize_t;

/* A 32-bit page table reaches 4 GiB; a PAE build would make this a u64. */
typedef u32 phys_addr_t;

#endif
