/* account.c - see account.h: an addition, and a comparison with a limit.
 *
 *   low memory   |<-- files' names: 1/4 -->|<---- accounts: 3/8 ---->|  rest |
 *                                          |            heavy |light |
 *                                                              ^ the last part:
 *                                                                1/4, or 8 MiB
 *
 * What is charged is added first and taken back if it was too much, so two who
 * come at once cannot both pass: one of them may be refused too early.
 */
#include "account.h"
#include "mmzone.h"
#include "page.h"
#include "panic.h"
#include "slab.h"
#include "test.h"
#include "util.h"

/* A shell with some children, or a program that has started one. */
#define LIGHT (128 * SZ_1K)

static struct {
	atomic_t sum;
	u32 one, heavy, all; /* limits: of an account; of the sum (C) */
} accounts = {.one = ~0u, .heavy = ~0u, .all = ~0u};

u32
account_sum(void)
{
	return (u32)atomic_read(&accounts.sum);
}

static long
count_charged(void)
{
	return atomic_read(&accounts.sum);
}
LEAK_COUNTER("charged bytes", count_charged);

static u32
weight_of(const struct account *account)
{
	return (u32)atomic_read(&account->used) + account->inherited;
}

struct account *
account_create(const struct account *maker)
{
	struct account *account = kmalloc(sizeof(*account), GFP_KERNEL);

	if (!account)
		return NULL;
	*account = (struct account){
		.used = ATOMIC_INIT(sizeof(*account)),
		.inherited = maker ? weight_of(maker) : 0,
	};
	atomic_add_return(sizeof(*account), &accounts.sum);
	return account;
}

void
account_end(struct account *account)
{
	account_uncharge(account, sizeof(*account));
}

bool
account_charge(struct account *account, u32 bytes)
{
	u32 used, sum;

	if (!account)
		return true;
	used = (u32)atomic_add_return((int)bytes, &account->used);
	sum = (u32)atomic_add_return((int)bytes, &accounts.sum);
	if (likely(used <= accounts.one &&
		   (sum <= accounts.heavy ||
		    (sum <= accounts.all && account_is_light(account)))))
		return true;
	account_uncharge(account, bytes);
	return false;
}

void
account_uncharge(struct account *account, u32 bytes)
{
	if (!account)
		return;
	atomic_add_return(-(int)bytes, &accounts.sum);
	if (!atomic_add_return(-(int)bytes, &account->used))
		kfree(account);
}

bool
account_is_light(const struct account *account)
{
	return !account || weight_of(account) <= LIGHT;
}

/* Or nearly: what it was refused is not known here. */
bool
account_is_full(const struct account *account)
{
	return account &&
	       (u32)atomic_read(&account->used) > accounts.one - LIGHT;
}

bool
account_sum_is_full(void)
{
	return account_sum() > accounts.heavy - LIGHT;
}

unsigned long
account_weight(const struct account *account)
{
	if (!account)
		return 0;
	return weight_of(account) / PAGE_SIZE +
	       (unsigned long)atomic_read(&account->shared);
}

void __init
account_init(void)
{
	u32 low = (zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed) *
		  PAGE_SIZE;

	accounts.all = low / 8 * 3;
	accounts.one = accounts.all / 2;
	accounts.heavy = accounts.all - min(accounts.all / 4, 8 * SZ_1M);
}
