/* pgtable_check.h - are the page tables what they must be? */
#ifndef PGTABLE_CHECK_H
#define PGTABLE_CHECK_H

#include "pgtable.h"

/* pgtable_seal: from now on the kernel half's directory entries are final.
 * => boot, when everything is set up */
void pgtable_seal(void);

/* pgtable_check: walk everything that a directory leads to: kernel code or
 * constants are writable anywhere; something in the kernel half is open to
 * users; an entry leads to a page that is free; a user table's count is wrong;
 * an entry of the kernel half is not the one that was sealed.
 * => any context; the number of wrong things (0 is right) */
unsigned int pgtable_check(const pde_t *dir);

#endif
