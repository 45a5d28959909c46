/* test_rbtree.c - lib/rbtree.c against a sorted array; after each step the
 * whole tree is walked and its invariants are checked.
 *
 * The tree holds keys; each node's summary is the largest value below it, as
 * vmalloc keeps the largest gap, and the sum of all, which notices one that
 * was counted twice. Equal keys are allowed: a later one goes behind.
 */
#include "host.h"
#include "rbtree.h"

#define NR_ITEMS 200

struct item {
	struct rb_node node;
	unsigned int key, value;
	unsigned int largest, sum; /* of the values in this subtree */
	bool in_tree;
};

static struct {
	struct rb_root root;
	struct item items[NR_ITEMS];
	struct item *sorted[NR_ITEMS]; /* the model */
	unsigned int count;
	rb_update update; /* NULL: a plain tree */
	unsigned int updates;
} tree;

static struct item *
item_of(struct rb_node *node)
{
	return rb_entry(node, struct item, node);
}

static unsigned int
largest_below(struct rb_node *node)
{
	return node ? item_of(node)->largest : 0;
}

static unsigned int
sum_below(struct rb_node *node)
{
	return node ? item_of(node)->sum : 0;
}

static unsigned int
right_sum(struct item *item)
{
	return item->value + sum_below(item->node.rb_left) +
	       sum_below(item->node.rb_right);
}

static unsigned int
right_largest(struct item *item)
{
	unsigned int left = largest_below(item->node.rb_left);
	unsigned int right = largest_below(item->node.rb_right);
	unsigned int below = max(left, right);

	return max(item->value, below);
}

static bool
update_summary(struct rb_node *node)
{
	struct item *item = item_of(node);
	unsigned int largest = right_largest(item), sum = right_sum(item);
	bool changed = largest != item->largest || sum != item->sum;

	tree.updates++;
	item->largest = largest;
	item->sum = sum;
	return changed;
}

static void
reset(rb_update update)
{
	unsigned int i;

	tree.root = RB_ROOT;
	tree.count = 0;
	tree.update = update;
	for (i = 0; i < NR_ITEMS; i++)
		tree.items[i].in_tree = false;
}

/* Walk one subtree: how many black nodes each way down from it passes, or 0 if
 * something is wrong. Failures name the invariant. */
static unsigned int
check_subtree(struct rb_node *node, struct rb_node *parent)
{
	unsigned int left, right;

	if (!node)
		return 1;
	EXPECT(node->rb_parent == parent);
	EXPECT(!(node->rb_red && parent && parent->rb_red));
	if (tree.update) {
		EXPECT_EQ(item_of(node)->largest, right_largest(item_of(node)));
		EXPECT_EQ(item_of(node)->sum, right_sum(item_of(node)));
	}
	if (host_failed())
		return 0;
	left = check_subtree(node->rb_left, node);
	right = check_subtree(node->rb_right, node);
	EXPECT_EQ(left, right);
	return left + !node->rb_red;
}

static void
check_tree(void)
{
	struct rb_node *node = rb_first(&tree.root);
	unsigned int i;

	EXPECT_EQ(!tree.root.rb_node, tree.count == 0);
	EXPECT(!tree.root.rb_node || !tree.root.rb_node->rb_red);
	check_subtree(tree.root.rb_node, NULL);
	for (i = 0; i < tree.count; i++, node = rb_next(node))
		ASSERT(node == &tree.sorted[i]->node);
	ASSERT(!node);
	node = rb_last(&tree.root);
	for (i = tree.count; i-- > 0; node = rb_prev(node))
		ASSERT(node == &tree.sorted[i]->node);
	ASSERT(!node);
}

static void
insert(struct item *item)
{
	struct rb_node **link = &tree.root.rb_node, *parent = NULL;
	unsigned int i;

	while (*link) {
		parent = *link;
		if (item->key < item_of(parent)->key)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_augmented(&item->node, &tree.root, tree.update);
	item->in_tree = true;

	for (i = tree.count++; i && tree.sorted[i - 1]->key > item->key; i--)
		tree.sorted[i] = tree.sorted[i - 1];
	tree.sorted[i] = item;
}

static void
erase(struct item *item)
{
	unsigned int i = 0;

	rb_erase_augmented(&item->node, &tree.root, tree.update);
	item->in_tree = false;

	while (tree.sorted[i] != item)
		i++;
	for (tree.count--; i < tree.count; i++)
		tree.sorted[i] = tree.sorted[i + 1];
}

/* Phases of growing and shrinking, so that all sizes are met. */
static void
insert_and_erase_at_random(rb_update update, unsigned int keys)
{
	unsigned int round;

	reset(update);
	for (round = 0; round < 20000 && !host_failed(); round++) {
		struct item *item = &tree.items[host_below(NR_ITEMS)];
		bool grow = round / 1000 % 2 == 0;

		if (item->in_tree && (!grow || host_sometimes(4))) {
			erase(item);
		} else if (!item->in_tree && (grow || host_sometimes(4))) {
			item->key = host_below(keys);
			item->value = host_below(1000);
			insert(item);
		}
		check_tree();
	}
}

TEST(rbtree, random_inserts_and_erases_keep_the_invariants)
{
	insert_and_erase_at_random(NULL, 1000000);
}

TEST(rbtree, equal_keys_keep_their_order)
{
	insert_and_erase_at_random(NULL, 5);
}

TEST(rbtree, summaries_follow_inserts_and_erases)
{
	insert_and_erase_at_random(update_summary, 1000);
}

TEST(rbtree, a_changed_value_updates_the_path_above)
{
	unsigned int i;

	reset(update_summary);
	for (i = 0; i < NR_ITEMS; i++) {
		tree.items[i].key = i;
		tree.items[i].value = host_below(1000);
		insert(&tree.items[i]);
	}
	for (i = 0; i < 10000 && !host_failed(); i++) {
		struct item *item = &tree.items[host_below(NR_ITEMS)];

		item->value = host_below(1000);
		rb_update_path(&item->node, update_summary);
		check_tree();
	}
}

static unsigned int
height(struct rb_node *node)
{
	return node ? 1 + max(height(node->rb_left), height(node->rb_right))
		    : 0;
}

TEST(rbtree, a_rising_order_does_not_make_it_deep)
{
	unsigned int i;

	reset(NULL);
	for (i = 0; i < NR_ITEMS; i++) {
		tree.items[i].key = i;
		insert(&tree.items[i]);
		check_tree();
	}
	/* 2 log2(200 + 1) = 15.3 */
	EXPECT(height(tree.root.rb_node) <= 15);
	for (i = 0; i < NR_ITEMS; i++) { /* and take the first each time */
		erase(&tree.items[i]);
		check_tree();
	}
	EXPECT(!tree.root.rb_node);
}

TEST(rbtree, an_update_costs_a_path_and_a_few_rotations)
{
	unsigned int i, before, depth;

	reset(update_summary);
	for (i = 0; i < NR_ITEMS; i++) {
		tree.items[i].key = host_random();
		tree.items[i].value = host_below(1000);
		depth = height(tree.root.rb_node);
		before = tree.updates;
		insert(&tree.items[i]);
		EXPECT(tree.updates - before <= depth + 1 + 2 * 2);
	}
	for (i = 0; i < NR_ITEMS; i++) {
		depth = height(tree.root.rb_node);
		before = tree.updates;
		erase(&tree.items[i]);
		EXPECT(tree.updates - before <= depth + 1 + 3 * 2);
	}
}

TEST(rbtree, an_empty_tree_has_no_ends)
{
	struct rb_root root = RB_ROOT;

	EXPECT(!root.rb_node);
	EXPECT(!rb_first(&root));
	EXPECT(!rb_last(&root));
}
