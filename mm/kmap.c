/* kmap.c - see highmem.h: long-lived addresses for high pages.
 *
 *   hash[page] --> slot 5 --> slot 17          slots of mapped pages, by page
 *
 *   slots  [A][ ][B][C][D][ ][ ][ ]            [ ]: clean: no entry, flushed
 *                         ^
 *                         next
 *
 *   kmap      slot of the page: users++; else the next clean slot
 *   kunmap    users--; the slot stays mapped, in case the page comes back
 *   next at the end: all slots without users are unmapped at once, the TLB is
 *             flushed once for all of them, and next begins anew
 *
 * Guarantees: a page has one address, however many users.
 *
 * Invariants: a slot is in the hash iff its entry is present iff page is set.
 *
 * Locking: kmap.lock, taken with interrupts off.
 *
 * Limits: 1,023 pages. Where almost all of them have users for ever, every
 * further kmap looks at all slots and flushes.
 */
#include "highmem.h"
#include "panic.h"
#include "pgtable.h"
#include "printk.h"
#include "tlb.h"
#include "util.h"
#include "wait.h"

#define HASH_SIZE 256

struct slot {
	struct page *page; /* NULL: clean */
	struct slot *link; /* in the hash */
	unsigned int users;
};

static struct {
	spinlock_t lock;
	struct slot slots[KMAP_WINDOW_SLOTS];
	struct slot *hash[HASH_SIZE];
	unsigned int next; /* no slot from here on was taken since the flush */
	wait_queue_head_t wait; /* for a slot without users */
} kmaps = {
	.wait = __WAIT_QUEUE_HEAD_INITIALIZER(kmaps.wait),
};

/* The link that leads to the page's slot, or the NULL where it would be. */
static struct slot **
find(const struct page *page)
{
	struct slot **link = &kmaps.hash[page_to_pfn(page) % HASH_SIZE];

	while (*link && (*link)->page != page)
		link = &(*link)->link;
	return link;
}

static pte_t *
entry_of(const struct slot *slot)
{
	return &pkmap_table[slot - kmaps.slots];
}

/* All slots that nobody uses are clean again. => were there any? */
static bool
reclaim_unused(void)
{
	bool any = false;

	for (kmaps.next = KMAP_WINDOW_SLOTS; kmaps.next--;) {
		struct slot *slot = &kmaps.slots[kmaps.next];

		if (slot->users)
			continue;
		*find(slot->page) = slot->link;
		*entry_of(slot) = (pte_t){0};
		slot->page = NULL;
		any = true;
	}
	kmaps.next = 0;
	tlb_flush_range(PKMAP_BASE, KMAP_WINDOW_SLOTS * PAGE_SIZE);
	return any;
}

static struct slot *
take_clean(void)
{
	do {
		while (kmaps.next < KMAP_WINDOW_SLOTS)
			if (!kmaps.slots[kmaps.next++].page)
				return &kmaps.slots[kmaps.next - 1];
	} while (reclaim_unused());
	return NULL;
}

/* One user more of the page's slot. => NULL while the window is full */
static struct slot *
try_map(struct page *page)
{
	struct slot *slot;
	unsigned long flags;

	spin_lock_irqsave(&kmaps.lock, flags);
	slot = *find(page);
	if (!slot && (slot = take_clean())) {
		slot->page = page;
		slot->link = NULL;
		*find(page) = slot;
	}
	if (slot) {
		slot->users++;
		*entry_of(slot) = make_pte(page_to_phys(page), PAGE_KERNEL);
	}
	spin_unlock_irqrestore(&kmaps.lock, flags);
	return slot;
}

void *
kmap(struct page *page)
{
	bool may_wait = might_sleep();
	struct slot *slot;

	if (page_zone_index(page) != ZONE_HIGHMEM)
		return page_address(page);
	if (!may_wait)
		return NULL;
	slot = try_map(page);
	if (!slot &&
	    !wait_event_timeout(kmaps.wait, (slot = try_map(page)), HZ)) {
		pr_err("kmap: all %u slots are in use\n", KMAP_WINDOW_SLOTS);
		return NULL;
	}
	return (char *)PKMAP_BASE + (slot - kmaps.slots) * PAGE_SIZE;
}

void
kunmap(struct page *page)
{
	unsigned long flags;
	struct slot *slot;
	bool used;

	if (page_zone_index(page) != ZONE_HIGHMEM)
		return;
	spin_lock_irqsave(&kmaps.lock, flags);
	slot = *find(page);
	used = slot && slot->users;
	if (used && !--slot->users) {
		entry_of(slot)->val |= _PAGE_KEPT;
		if (waitqueue_active(&kmaps.wait))
			wake_up(&kmaps.wait);
	}
	spin_unlock_irqrestore(&kmaps.lock, flags);
	if (!used)
		pr_err("BUG: kunmap of page frame 0x%lx, which is not mapped\n",
		       page_to_pfn(page));
}
