/* pagetree.c - a file's pages by their number: a tree as high as the file needs.
 *
 *   height 0   root = page 0
 *   height 1   root -> [64 pages]
 *   height 2   root -> [64] -> [64 pages]       up to 16 MiB
 *   height 3   ...                              up to 1 GiB
 *
 * A node is 64 pointers; where there never was a page, there is none: one byte
 * at 2 GiB takes four of them, and no memory is asked for in one large piece.
 *
 * Locking: inode->lock.
 */
#include "fs.h"
#include "fscost.h"
#include "gfp.h"
#include "mmzone.h"
#include "slab.h"

#define BITS 6u
#define NR   (1u << BITS)
#define SIZE (NR * sizeof(void *))

/* Of the slots in a node at that height: which one leads to the page? */
static unsigned int
slot_at(unsigned long index, unsigned int height)
{
	return index >> BITS * (height - 1) & (NR - 1);
}

struct page *
pages_find(const struct page_tree *tree, unsigned long index)
{
	void *at = tree->root;

	if (index >> BITS * tree->height)
		return NULL;
	for (unsigned int h = tree->height; h && at; h--)
		at = ((void **)at)[slot_at(index, h)];
	return at;
}

/* => 0, or what inode_charge says, -ENOMEM */
static int
make_node(struct inode *inode, void **slot)
{
	int error = inode_charge(inode, SIZE);
	void **node = error ? NULL : kzalloc(SIZE, GFP_KERNEL);

	if (node) {
		node[0] = *slot; /* what was the root, or nothing */
		*slot = node;
	} else if (!error) {
		inode_uncharge(inode, SIZE);
		error = -ENOMEM;
	}
	return error;
}

int
pages_add(struct inode *inode, unsigned long index, struct page *page)
{
	struct page_tree *tree = &inode->pages;
	void **slot = &tree->root;
	int error;

	for (; index >> BITS * tree->height; tree->height++) {
		error = tree->root ? make_node(inode, slot) : 0;
		if (error)
			return error;
	}
	for (unsigned int h = tree->height; h; h--) {
		error = *slot ? 0 : make_node(inode, slot);
		if (error)
			return error;
		slot = (void **)*slot + slot_at(index, h);
	}
	*slot = page;
	return 0;
}

/* In the tree at *slot, all from number `first` on. It is five calls deep. */
static void
cut(struct inode *inode, void **slot, unsigned int height, unsigned long first,
    void (*drop)(struct inode *inode, struct page *page))
{
	void **node = *slot;
	unsigned long size = 1ul << BITS * height; /* of a slot, later */

	if (!node || first >= size)
		return;
	if (!height) {
		drop(inode, *slot);
		*slot = NULL;
		return;
	}
	size >>= BITS;
	for (unsigned long i = first / size; i < NR; i++)
		cut(inode, &node[i], height - 1,
		    i == first / size ? first % size : 0, drop);
	if (first)
		return;
	kfree(node);
	*slot = NULL;
	inode_uncharge(inode, SIZE);
}

void
pages_cut(struct inode *inode, unsigned long first,
	  void (*drop)(struct inode *inode, struct page *page))
{
	cut(inode, &inode->pages.root, inode->pages.height, first, drop);
	if (!inode->pages.root)
		inode->pages.height = 0;
}
