/* list.h - doubly linked lists, threaded through the objects themselves.
 *
 *      .------------------------------------------------------.
 *      |    head             object            object         |
 *      |  +--------+      +----------+      +----------+      |
 *      '->|  next -|----->|  next   -|----->|  next   -|------'
 *      .--|- prev  |<-----|- prev    |<-----|- prev    |<-----.
 *      |  +--------+      | the rest |      | the rest |      |
 *      |                  +----------+      +----------+      |
 *      '------------------------------------------------------'
 *
 * An empty list is a head that points to itself, so there is no special case
 * anywhere: inserting and deleting are the same four stores at every place.
 * Linux's names. The list owns nothing, allocates nothing and takes no lock:
 * all that is the caller's.
 *
 * A deleted entry's links are poison below 64 KiB, where nothing is ever
 * mapped: deleting it twice, or walking on from it, faults at once.
 */
#ifndef LIST_H
#define LIST_H

#include "util.h"

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_POISON1 ((struct list_head *)0x100) /* next of a deleted entry */
#define LIST_POISON2 ((struct list_head *)0x200) /* prev of a deleted entry */

#define LIST_HEAD_INIT(name)     \
	{                        \
		&(name), &(name) \
	}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void
INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool
list_empty(const struct list_head *head)
{
	return head->next == head;
}

/* list_insert: between two neighbours.
 *
 *     prev <--------> next          prev <--> entry <--> next
 */
static inline void
list_insert(struct list_head *entry, struct list_head *prev,
	    struct list_head *next)
{
	next->prev = entry;
	entry->next = next;
	entry->prev = prev;
	prev->next = entry;
}

/* list_add: as the first (a stack). list_add_tail: as the last (a queue). */
static inline void
list_add(struct list_head *entry, struct list_head *head)
{
	list_insert(entry, head, head->next);
}

static inline void
list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_insert(entry, head->prev, head);
}

/* list_unlink: the neighbours close the gap; the entry's own links stay. */
static inline void
list_unlink(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

/* list_del: take out and poison. list_del_init: take out, and leave an empty
 * list of its own, so that list_empty(entry) says that it is on none. */
static inline void
list_del(struct list_head *entry)
{
	list_unlink(entry);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}

static inline void
list_del_init(struct list_head *entry)
{
	list_unlink(entry);
	INIT_LIST_HEAD(entry);
}

/* list_move, list_move_tail: from whichever list it is on to this one. */
static inline void
list_move(struct list_head *entry, struct list_head *head)
{
	list_unlink(entry);
	list_add(entry, head);
}

static inline void
list_move_tail(struct list_head *entry, struct list_head *head)
{
	list_unlink(entry);
	list_add_tail(entry, head);
}

/* list_splice_init: all of list to the front of head; list is then empty.
 *
 *     head <--> [ list's first ... list's last ] <--> head's old first
 */
static inline void
list_splice_init(struct list_head *list, struct list_head *head)
{
	struct list_head *first = list->next, *last = list->prev;

	if (list_empty(list))
		return;
	last->next = head->next;
	head->next->prev = last;
	first->prev = head;
	head->next = first;
	INIT_LIST_HEAD(list);
}

/* list_entry: the object around its links. list_first_entry and
 * list_last_entry: of a list that is not empty. */
#define list_entry(link, type, member) container_of(link, type, member)
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)

/* list_next_entry, list_prev_entry: the object behind or before this one; past
 * either end it is the head, taken for an object: compare, do not use. */
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_prev_entry(pos, member) \
	list_entry((pos)->member.prev, __typeof__(*(pos)), member)

/* list_for_each_entry: pos is each object in turn; the body may not take pos
 * out. _reverse: from the last to the first. _safe: the body may take out, or
 * free, pos (and nothing else), as next is read before it runs. */
#define list_for_each_entry(pos, head, member)                           \
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), member); \
	     &(pos)->member != (head); (pos) = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)                  \
	for ((pos) = list_last_entry(head, __typeof__(*(pos)), member); \
	     &(pos)->member != (head); (pos) = list_prev_entry(pos, member))
#define list_for_each_entry_safe(pos, after, head, member)               \
	for ((pos) = list_first_entry(head, __typeof__(*(pos)), member), \
	    (after) = list_next_entry(pos, member);                      \
	     &(pos)->member != (head);                                   \
	     (pos) = (after), (after) = list_next_entry(after, member))

#endif
