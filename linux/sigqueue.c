/* sigqueue.c - signals that wait, and what comes with them.
 *
 *   set     bit n - 1: signal n is pending
 *   infos   [ 34, from 7 ] -> [ 10, from 3 ] -> [ 34, from 9 ]    oldest first
 *
 * What comes with a signal is charged to who sent it, or, if that is the kernel
 * while an interrupt is served, to who gets it. Without memory it is left out,
 * where Linux leaves it out: the signal comes all the same.
 *
 * Locking: process_lock; no sleeping.
 */
#include "errno.h"
#include "gfp.h"
#include "process.h"
#include "slab.h"
#include "trap.h"

struct queued {
	struct list_head link;
	struct account *account; /* the sender's, or of whom the kernel tells */
	u32 *count; /* its program's: the leader stays until the end */
	struct sig_info info;
};

/* => NULL: no memory, or too many */
static struct queued *
queued_alloc(struct process *p)
{
	struct account *account =
		in_interrupt() ? p->account : current_account();
	struct queued *entry = NULL;

	if (!account_charge(account, sizeof(*entry)))
		return NULL;
	entry = kmalloc(sizeof(*entry), GFP_NOWAIT | __GFP_NOWARN);
	if (entry) {
		entry->account = account;
		entry->count = &p->leader->sig.queued;
	} else {
		account_uncharge(account, sizeof(*entry));
	}
	return entry;
}

/* As Linux: what kill() sends always comes, if need be without what comes with it;
 * of those below SIGRTMIN there is but one, so they do not count. */
int
sigqueue_add(struct process *p, struct sig_queue *queue,
	     const struct sig_info *info)
{
	bool counts = info->sig >= SIGRTMIN || info->code < 0;
	struct queued *entry = NULL;
	u64 mask = SIGMASK(info->sig);

	if (info->sig < SIGRTMIN && (queue->set & mask))
		return 0;
	if (!counts || p->leader->sig.queued < p->leader->sig.limit)
		entry = queued_alloc(p);
	if (!entry && info->sig >= SIGRTMIN && info->code != SI_USER)
		return -EAGAIN;
	if (entry) {
		entry->info = *info;
		list_add_tail(&entry->link, &queue->infos);
		queue->nr++;
		++*entry->count;
	}
	queue->set |= mask;
	return 0;
}

static void
queue_remove(struct sig_queue *queue, struct queued *entry)
{
	list_del(&entry->link);
	account_uncharge(entry->account, sizeof(*entry));
	queue->nr--;
	--*entry->count;
	kfree(entry);
}

/* All of these signals are not pending any more. */
void
sigqueue_flush(struct sig_queue *queue, u64 mask)
{
	struct queued *entry, *next;

	if (!(queue->set & mask))
		return;
	list_for_each_entry_safe(entry, next, &queue->infos, link)
	{
		if (SIGMASK(entry->info.sig) & mask)
			queue_remove(queue, entry);
	}
	queue->set &= ~mask;
}

/* One that is pending, the oldest of its number. */
void
sigqueue_take(struct sig_queue *queue, int sig, struct sig_info *info)
{
	struct queued *entry, *next, *found = NULL;

	*info = (struct sig_info){.sig = sig, .code = SI_USER};
	queue->set &= ~SIGMASK(sig);
	list_for_each_entry_safe(entry, next, &queue->infos, link)
	{
		if (entry->info.sig != sig)
			continue;
		if (found) {
			queue->set |= SIGMASK(sig);
			break;
		}
		found = entry;
	}
	if (!found)
		return;
	*info = found->info;
	queue_remove(queue, found);
}
