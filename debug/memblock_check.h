/* memblock_check.h - see memblock_check.c. */
#ifndef MEMBLOCK_CHECK_H
#define MEMBLOCK_CHECK_H

#include "memblock.h"

/* memblock_check: walk both lists; returns the number of broken invariants
 * (0 is right). => nobody changes it meanwhile */
unsigned int memblock_check(const struct memblock *mb);

#endif
