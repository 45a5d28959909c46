/* account.h - kernel memory that programs cause: who has how much of it.
 *
 *   pipe, file, signal, mm, child --charged to--> account <--- program
 *                                                    |   [ used, inherited ]
 *                                                    v
 *                             the sum of all   <= a part of low memory
 *
 * Whoever makes an object that a program can have many of charges it first, and
 * uncharges it when it is freed; the object keeps a pointer to the account, never
 * to a process. An account lives as long as anything is charged to it: what a
 * program leaves behind when it ends stays in the sum, and is nobody's.
 *
 * One program may have half of the sum. Programs cannot have more by forking:
 * the sum is one for all, and a child is charged to its maker. So that those who
 * take all they can do not keep the others from going on, the last part of the
 * sum is only for accounts that are light: they, and what their makers had when
 * they made them, are small.
 *
 * Contexts: any. Locking: none, all of it is atomic.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "atomic.h"
#include "compiler.h"
#include "types.h"

struct account {
	atomic_t used;   /* bytes, with its own; 0: it is gone */
	u32 inherited;   /* bytes: of its maker, when he made it (C) */
	atomic_t shared; /* pages of shared memory: they only weigh */
};

/* account_create: of a program that the owner of `maker` makes; NULL: the kernel.
 * => process context; NULL without memory; give it back with account_end: then
 *    it lives on until nothing is charged any more */
struct account *account_create(const struct account *maker);
void account_end(struct account *account);

/* account_charge: so many bytes more. => false: it may not have them
 * account_uncharge: they were freed. account NULL: the kernel's own: no limit. */
bool __must_check account_charge(struct account *account, u32 bytes);
void account_uncharge(struct account *account, u32 bytes);

/* account_is_light: may it have the last part of what there is?
 * account_is_full: has it all that one may have? account_sum_is_full: have all
 * together what those who are not light may have?
 * account_weight: in pages, for choosing who has to go. */
bool account_is_light(const struct account *account);
bool account_is_full(const struct account *account);
bool account_sum_is_full(void);
unsigned long account_weight(const struct account *account);

/* account_sum: bytes, of all. account_init: boot, there are zones. */
u32 account_sum(void);
void account_init(void);

#endif
