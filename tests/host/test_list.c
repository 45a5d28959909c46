/* test_list.c - include/list.h against an array that holds the same order.
 *
 *     list     head <-> [2] <-> [0] <-> [5]
 *     model    order = { 2, 0, 5 }
 */
#include "host.h"
#include "list.h"
#include "string.h"

#define NR_ITEMS 24
#define NR_LISTS 2
#define ROUNDS   100000

struct item {
	int number;
	struct list_head link;
};

struct model {
	struct list_head head;
	int order[NR_ITEMS];
	int count;
};

static struct {
	struct item items[NR_ITEMS];
	struct model lists[NR_LISTS];
	struct model *on[NR_ITEMS]; /* which list an item is on, or NULL */
} world;

static void
reset(void)
{
	int i;

	for (i = 0; i < NR_ITEMS; i++) {
		world.items[i].number = i;
		world.on[i] = NULL;
	}
	for (i = 0; i < NR_LISTS; i++) {
		INIT_LIST_HEAD(&world.lists[i].head);
		world.lists[i].count = 0;
	}
}

static void
model_insert(struct model *m, int at, int number)
{
	memmove(&m->order[at + 1], &m->order[at],
		(size_t)(m->count - at) * sizeof(int));
	m->order[at] = number;
	m->count++;
	world.on[number] = m;
}

static void
model_remove(int number)
{
	struct model *m = world.on[number];
	int at = 0;

	while (m->order[at] != number)
		at++;
	m->count--;
	memmove(&m->order[at], &m->order[at + 1],
		(size_t)(m->count - at) * sizeof(int));
	world.on[number] = NULL;
}

/* The list holds what the model says, read forwards and backwards. */
static void
compare(struct model *m)
{
	struct item *item;
	int i = 0;

	EXPECT_EQ(list_empty(&m->head), m->count == 0);
	list_for_each_entry(item, &m->head, link)
	{
		ASSERT(i < m->count);
		ASSERT_EQ(item->number, m->order[i++]);
	}
	EXPECT_EQ(i, m->count);
	list_for_each_entry_reverse(item, &m->head, link)
	{
		ASSERT(i > 0);
		ASSERT_EQ(item->number, m->order[--i]);
	}
	EXPECT_EQ(i, 0);
	if (m->count) {
		item = list_first_entry(&m->head, struct item, link);
		EXPECT_EQ(item->number, m->order[0]);
		item = list_last_entry(&m->head, struct item, link);
		EXPECT_EQ(item->number, m->order[m->count - 1]);
	}
}

static void
add_somewhere(struct item *item, struct model *to)
{
	if (host_sometimes(2)) {
		list_add(&item->link, &to->head);
		model_insert(to, 0, item->number);
	} else {
		list_add_tail(&item->link, &to->head);
		model_insert(to, to->count, item->number);
	}
}

static void
move_somewhere(struct item *item, struct model *to)
{
	model_remove(item->number);
	if (host_sometimes(2)) {
		list_move(&item->link, &to->head);
		model_insert(to, 0, item->number);
	} else {
		list_move_tail(&item->link, &to->head);
		model_insert(to, to->count, item->number);
	}
}

static void
take_out(struct item *item)
{
	model_remove(item->number);
	if (host_sometimes(2)) {
		list_del(&item->link);
		EXPECT(item->link.next == LIST_POISON1);
		EXPECT(item->link.prev == LIST_POISON2);
	} else {
		list_del_init(&item->link);
		EXPECT(list_empty(&item->link));
	}
}

static void
splice(struct model *from, struct model *to)
{
	list_splice_init(&from->head, &to->head);
	while (from->count) {
		int number = from->order[from->count - 1];

		model_remove(number);
		model_insert(to, 0, number);
	}
}

TEST(list, random_operations_keep_the_order)
{
	unsigned int round;

	reset();
	for (round = 0; round < ROUNDS && !host_failed(); round++) {
		struct item *item = &world.items[host_below(NR_ITEMS)];
		struct model *to = &world.lists[host_below(NR_LISTS)];

		if (host_sometimes(50))
			splice(&world.lists[0], &world.lists[1]);
		else if (!world.on[item->number])
			add_somewhere(item, to);
		else if (host_sometimes(2))
			move_somewhere(item, to);
		else
			take_out(item);
		compare(&world.lists[0]);
		compare(&world.lists[1]);
	}
}

TEST(list, a_new_list_is_empty)
{
	LIST_HEAD(head);
	struct item *item;

	EXPECT(list_empty(&head));
	list_for_each_entry(item, &head, link) EXPECT(false);
}

TEST(list, deleting_while_walking_is_safe)
{
	struct item *item, *after;
	int i, seen = 0;
	LIST_HEAD(head);

	reset();
	for (i = 0; i < NR_ITEMS; i++)
		list_add_tail(&world.items[i].link, &head);
	list_for_each_entry_safe(item, after, &head, link)
	{
		EXPECT_EQ(item->number, seen++);
		if (item->number % 3)
			list_del(&item->link);
	}
	EXPECT_EQ(seen, NR_ITEMS);
	seen = 0;
	list_for_each_entry(item, &head, link)
	{
		EXPECT_EQ(item->number, seen);
		seen += 3;
	}
	EXPECT_EQ(seen, NR_ITEMS);
}

TEST(list, an_empty_list_splices_to_nothing)
{
	LIST_HEAD(from);
	LIST_HEAD(to);

	list_splice_init(&from, &to);
	EXPECT(list_empty(&from));
	EXPECT(list_empty(&to));
}

TEST(list, neighbours_are_reached_from_an_entry)
{
	struct item *middle = &world.items[1];
	LIST_HEAD(head);

	reset();
	list_add_tail(&world.items[0].link, &head);
	list_add_tail(&middle->link, &head);
	list_add_tail(&world.items[2].link, &head);
	EXPECT_EQ(list_next_entry(middle, link)->number, 2);
	EXPECT_EQ(list_prev_entry(middle, link)->number, 0);
}
