/* memblock_debug.h - see memblock_debug.c. */
#ifndef MEMBLOCK_DEBUG_H
#define MEMBLOCK_DEBUG_H

#include "memblock.h"

/* memblock_check: walk both lists; returns the number of broken invariants
 * (0 is right). => nobody changes it meanwhile */
unsigned int memblock_check(const struct memblock *mb);

#endif
