/* fscost.c - who pays for an inode, and how much all files may have.
 *
 *   RAM          |<------ 1/2: files' pages, and ------->|
 *   low memory   |<-- 1/4: inodes, names, targets of  -->|
 *                      links, trees of pages
 *
 * What has a name, or had one, is the file system's: it outlives whoever made it.
 * A pipe, shared memory, what /proc makes up is charged to its maker's account.
 * What the kernel itself unpacks at boot counts, and is never refused.
 *
 * Locking: none, it is all atomic.
 */
#include "account.h"
#include "fs.h"
#include "fscost.h"
#include "gfp.h"
#include "mmzone.h"
#include "slab.h"
#include "test.h"

/* The file system's: pages of files; bytes of all else. */
static struct {
	atomic_t pages, bytes;
} used;

static long
count_bytes(void)
{
	return atomic_read(&used.bytes);
}
LEAK_COUNTER("bytes of the file system", count_bytes);

unsigned long
max_cached_pages(void)
{
	unsigned long pages = 0;

	for (unsigned int i = 0; i < MAX_NR_ZONES; i++)
		pages += zones[i].managed;
	return pages / 2;
}

unsigned long
fs_used_pages(void)
{
	return (u32)atomic_read(&used.pages) +
	       (u32)atomic_read(&used.bytes) / PAGE_SIZE;
}

static bool
no_page_left(void)
{
	return fs_used_pages() >= max_cached_pages();
}

/* What the kernel itself unpacks has room. */
int
fs_charge(size_t size)
{
	u32 most = (zones[ZONE_DMA].managed + zones[ZONE_NORMAL].managed) / 4 *
		   PAGE_SIZE;
	u32 sum = (u32)atomic_add_return((int)kmalloc_cost(size), &used.bytes);

	if (!process_ops->pid() || (sum <= most && !no_page_left()))
		return 0;
	fs_uncharge(size);
	return -ENOSPC;
}

void
fs_uncharge(size_t size)
{
	atomic_add_return(-(int)kmalloc_cost(size), &used.bytes);
}

int
cost_charge(struct account *account, size_t size)
{
	if (!account)
		return fs_charge(size);
	return account_charge(account, kmalloc_cost(size)) ? 0 : -ENOMEM;
}

void
cost_uncharge(struct account *account, size_t size)
{
	if (account)
		account_uncharge(account, kmalloc_cost(size));
	else
		fs_uncharge(size);
}

int
inode_charge(struct inode *inode, size_t size)
{
	return cost_charge(inode->account, size);
}

void
inode_uncharge(struct inode *inode, size_t size)
{
	cost_uncharge(inode->account, size);
}

bool
inode_is_full(const struct inode *inode)
{
	return !inode->account && process_ops->pid() && no_page_left();
}

void
inode_count_page(struct inode *inode, int by)
{
	atomic_add_return(by, inode->account ? &inode->account->shared
					     : &used.pages);
}
