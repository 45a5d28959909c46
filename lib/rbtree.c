/* rbtree.c - red-black trees: balance by two colours and rotations.
 *
 * The algorithm is the textbook one (Cormen, Leiserson, Rivest and Stein,
 * "Introduction to Algorithms", chapter "Red-Black Trees"); the only liberty
 * is that a leaf is NULL, black, and not a sentinel node.
 *
 * Invariants
 *   1. the root is black
 *   2. a red node's children are black
 *   3. every path from a node down to a NULL passes equally many black nodes
 * so no path is more than twice as long as another: height <= 2 log2(n + 1).
 *
 * A rotation swaps a node with its child and keeps the order a x b y c:
 *
 *            y                               x
 *          /   \     rotate(y, right)      /   \
 *         x     c   ----------------->    a     y
 *       /   \       <-----------------        /   \
 *      a     b       rotate(x, left)         b     c
 *
 * Left and right are a side, 0 or 1, so each case is written once.
 *
 * Summaries of augmented trees: first the path above the place that changed is
 * recomputed, up to the first summary that stays as it was; from then on they
 * are right, and a rotation changes only the two nodes that it turns, since the
 * subtree holds what it held before.
 *
 * Cost: at most 2 rotations an insertion, 3 a deletion.
 */
#include "rbtree.h"

/* A side of a node: the index in rb_child. !side is the other one. */
#define LEFT  0u
#define RIGHT 1u

static inline unsigned int
side_of(const struct rb_node *node, const struct rb_node *parent)
{
	return node == parent->rb_right;
}

static inline bool
is_red(const struct rb_node *node)
{
	return node && node->rb_red;
}

/* What points to node: its parent's link or the root's. */
static inline struct rb_node **
link_to(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = node->rb_parent;

	return parent ? &parent->rb_child[side_of(node, parent)]
		      : &root->rb_node;
}

/* Put another node, or NULL, where node is; its children stay its own. */
static void
replace(struct rb_node *node, struct rb_node *other, struct rb_root *root)
{
	*link_to(node, root) = other;
	if (other)
		other->rb_parent = node->rb_parent;
}

/* Turn node down to the side; the child from the other side comes up. */
static void
rotate(struct rb_node *node, unsigned int side, struct rb_root *root,
       rb_update update)
{
	struct rb_node *up = node->rb_child[!side];
	struct rb_node *middle = up->rb_child[side];

	replace(node, up, root);
	up->rb_child[side] = node;
	node->rb_parent = up;
	node->rb_child[!side] = middle;
	if (middle)
		middle->rb_parent = node;
	if (update) {
		update(node);
		update(up);
	}
}

/* A red node below a red parent breaks invariant 2. The grandparent G is
 * black (the parent P is no root); what matters is the uncle U.
 *
 *      U red: recolour, and         U black, node outside: rotate G and
 *      go on from G                 swap colours, done (node inside: rotate
 *                                   P first, which puts it outside)
 *        (G)         [G]                 (G)             (P)
 *        / \         / \                 / \             / \
 *      [P] [U] ->  (P) (U)             [P] (U)   ->    [n] [G]
 *      /           /                   /                     \
 *    [n]         [n]                 [n]                     (U)
 */
static void
insert_fixup(struct rb_node *node, struct rb_root *root, rb_update update)
{
	struct rb_node *parent, *grand, *uncle;
	unsigned int side;

	while (is_red(parent = node->rb_parent)) {
		grand = parent->rb_parent;
		side = side_of(parent, grand);
		uncle = grand->rb_child[!side];
		if (is_red(uncle)) {
			parent->rb_red = false;
			uncle->rb_red = false;
			grand->rb_red = true;
			node = grand;
			continue;
		}
		if (node == parent->rb_child[!side]) {
			rotate(parent, side, root, update);
			parent = node;
		}
		rotate(grand, !side, root, update);
		parent->rb_red = false;
		grand->rb_red = true;
		break;
	}
	root->rb_node->rb_red = false;
}

void
rb_update_path(struct rb_node *node, rb_update update)
{
	while (node && update(node))
		node = node->rb_parent;
}

void
rb_insert_augmented(struct rb_node *node, struct rb_root *root,
		    rb_update update)
{
	node->rb_red = true;
	if (update) {
		update(node); /* what was in it before says nothing */
		rb_update_path(node->rb_parent, update);
	}
	insert_fixup(node, root, update);
}

/* The paths through node (which may be NULL) are one black node short. If it
 * is red, it turns black and all is well. Else its sibling S decides:
 *
 *   S red            rotate it up: the new sibling is black, go on below
 *   S's outer red    rotate S up over the parent P: done (its inner child
 *                    red instead: rotate that up first, it becomes S)
 *   S's both black   S turns red: now all of P is short, go on from there
 *
 *       (P)             (S)                  P               S  P's colour
 *       / \             / \                 / \             / \
 *     (n) [S]   ->    [P]  c              (n) (S)   ->    (P) (c)
 *         / \         / \                     / \         / \
 *        b   c      (n)  b                   b  [c]     (n)  b
 */
static void
erase_fixup(struct rb_node *node, struct rb_node *parent, struct rb_root *root,
	    rb_update update)
{
	struct rb_node *sibling;
	unsigned int side, far;

	while (parent && !is_red(node)) {
		side = side_of(node, parent);
		far = !side;
		sibling = parent->rb_child[far]; /* there: its side has more */
		if (is_red(sibling)) {
			sibling->rb_red = false;
			parent->rb_red = true;
			rotate(parent, side, root, update);
			sibling = parent->rb_child[far];
		}
		if (!is_red(sibling->rb_left) && !is_red(sibling->rb_right)) {
			sibling->rb_red = true;
			node = parent;
			parent = node->rb_parent;
			continue;
		}
		if (!is_red(sibling->rb_child[far])) {
			sibling->rb_child[side]->rb_red = false;
			sibling->rb_red = true;
			rotate(sibling, far, root, update);
			sibling = parent->rb_child[far];
		}
		sibling->rb_red = parent->rb_red;
		parent->rb_red = false;
		sibling->rb_child[far]->rb_red = false;
		rotate(parent, side, root, update);
		return;
	}
	if (node)
		node->rb_red = false;
}

/* A node with two children swaps places with its successor, the leftmost of
 * its right subtree, which has no left child: what then goes missing is the
 * successor's colour at the successor's old place.
 *
 *        node                 next
 *        /  \                 /  \
 *       a    y               a    y
 *           / \       ->         / \
 *        next  c                b   c
 *           \
 *            b
 */
void
rb_erase_augmented(struct rb_node *node, struct rb_root *root, rb_update update)
{
	struct rb_node *next = node; /* whose place goes away */
	struct rb_node *below, *parent;
	bool lost_red;

	if (node->rb_left && node->rb_right)
		next = rb_next(node);
	below = next->rb_left ? next->rb_left : next->rb_right;
	parent = next->rb_parent;
	lost_red = next->rb_red;

	replace(next, below, root);
	if (next != node) {
		if (parent == node)
			parent = next;
		next->rb_left = node->rb_left;
		next->rb_right = node->rb_right;
		next->rb_red = node->rb_red;
		replace(node, next, root);
		next->rb_left->rb_parent = next;
		if (next->rb_right)
			next->rb_right->rb_parent = next;
	}
	if (update) {
		rb_update_path(parent, update);
		if (next != node) {
			update(next); /* in a new place its old one says nothing */
			rb_update_path(next->rb_parent, update);
		}
	}
	if (!lost_red)
		erase_fixup(below, parent, root, update);
}

/* As far down as the side goes. */
static struct rb_node *
outermost(struct rb_node *node, unsigned int side)
{
	while (node && node->rb_child[side])
		node = node->rb_child[side];
	return node;
}

struct rb_node *
rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, LEFT);
}

struct rb_node *
rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, RIGHT);
}

/* The next node to a side: the nearest below on that side, else the first one
 * above that node lies on the other side of. */
static struct rb_node *
step(const struct rb_node *node, unsigned int side)
{
	struct rb_node *parent;

	if (node->rb_child[side])
		return outermost(node->rb_child[side], !side);
	while ((parent = node->rb_parent) && node == parent->rb_child[side])
		node = parent;
	return parent;
}

struct rb_node *
rb_next(const struct rb_node *node)
{
	return step(node, RIGHT);
}

struct rb_node *
rb_prev(const struct rb_node *node)
{
	return step(node, LEFT);
}
