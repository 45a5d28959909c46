/* rbtree.h - red-black trees, threaded through the objects themselves.
 *
 *         ( 40 )
 *         /    \            (n)  black
 *     [ 20 ]  ( 60 )        [n]  red
 *     /    \
 *  ( 10 )  ( 30 )           colours keep the tree shallow: see lib/rbtree.c
 *
 * Linux's names and use: the tree keeps its balance, the caller its order. To
 * insert, walk down as in a search, link the node at the empty place that this
 * ends at, restore the balance:
 *
 *	struct rb_node **link = &root->rb_node, *parent = NULL;
 *
 *	while (*link) {
 *		parent = *link;
 *		if (start < rb_entry(parent, struct area, node)->start)
 *			link = &parent->rb_left;
 *		else
 *			link = &parent->rb_right;
 *	}
 *	rb_link_node(&area->node, parent, link);
 *	rb_insert_augmented(&area->node, root, NULL);
 *
 * Searching, inserting, erasing and stepping are O(log n); nothing is
 * allocated, nothing recurses, and locking is the caller's.
 */
#ifndef RBTREE_H
#define RBTREE_H

#include "util.h"

struct rb_node {
	struct rb_node *rb_parent; /* NULL in the root */
	union {
		struct {
			struct rb_node *rb_left, *rb_right;
		};
		struct rb_node *rb_child[2]; /* the same two, by side */
	};
	bool rb_red;
};

struct rb_root {
	struct rb_node *rb_node;
};

#define RB_ROOT                      ((struct rb_root){NULL})
#define rb_entry(node, type, member) container_of(node, type, member)

/* rb_link_node: hang node into the empty place *link below parent. The tree is
 * not in order again before rb_insert_augmented. */
static inline void
rb_link_node(struct rb_node *node, struct rb_node *parent,
	     struct rb_node **link)
{
	node->rb_parent = parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

/* An augmented tree keeps in each object a summary of the subtree below it,
 * "the largest gap in here", so that a search can skip whole subtrees:
 *
 *                  [gap 2, max 9]
 *                  /            \
 *        [gap 9, max 9]     [gap 1, max 4]
 *                                /
 *                      [gap 4, max 4]
 *
 * rb_update: recompute the node's summary from its own value and its
 * children's summaries. => has it changed? If not, nothing above it has. */
typedef bool (*rb_update)(struct rb_node *node);

/* rb_insert_augmented: restore the balance after rb_link_node, and keep the
 * summaries right; the new node's own value must be set, all other summaries
 * right. rb_erase_augmented: take node out. In a tree without summaries update
 * is NULL. rb_update_path: a node's own value has changed: update it and what is
 * above it. */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 rb_update update);
void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			rb_update update);
void rb_update_path(struct rb_node *node, rb_update update);

/* The order of the tree, from either end; NULL past the last. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

#endif
