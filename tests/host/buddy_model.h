/* buddy_model.h - a zone, and what it must look like: a bitmap of its frames.
 *
 *     frame     0  1  2  3  4  5  6  7 ...
 *     taken     1  0  0  0  0  0  0  0       1: held, a hole, or no frame
 *     blocks      [1][ 2  ][     4     ]     the largest that are aligned
 *     count     order 0: 1, order 1: 1, order 2: 1
 *
 * The buddy system joins free buddies at once, so its free blocks are exactly
 * the largest aligned ones of the bitmap, whatever happened before. That is
 * all that the model knows; it does not split or join.
 *
 * test_buddy.c and fuzz_buddy.c drive it. Each operation notes what is wrong
 * as EXPECT does; most look at what they touched and at the counts only,
 * model_check looks at everything.
 */
#ifndef BUDDY_MODEL_H
#define BUDDY_MODEL_H

#include "mmzone.h"

#ifndef FRAMES /* the fuzzer's machine is smaller: more runs a second */
#define FRAMES 8192
#endif
#define MAX_RANGES 8

/* A zone's frames, and the runs of them that are given to it. */
struct shape {
	const char *name;
	unsigned int start, spanned;
	struct {
		unsigned int pfn, nr; /* nr 0: no more */
	} given[MAX_RANGES];
};

struct world {
	struct zone zone;
	struct page
		map[FRAMES]; /* of frame 0: around the zone there are traps */
	u32 taken[FRAMES / 32];
	unsigned int count[NR_ORDERS]; /* free blocks */
	unsigned int free_pages;
	unsigned int nr_held;
	struct {
		unsigned int pfn, order;
	} held[FRAMES]; /* what was handed out, in no order */
};

extern struct world world;

/* model_start: a zone of this shape, all of it free, nothing held. */
void model_start(const struct shape *shape);

/* model_alloc: a block; whether there was one. */
bool model_alloc(unsigned int order);

/* model_free: give held block i back. model_free_parts: as two runs, the first
 * of `nr` pages (at most the block's). */
void model_free(unsigned int i);
void model_free_parts(unsigned int i, unsigned int nr);

/* model_free_all: give everything back, in random order if there is one. */
void model_free_all(unsigned int (*below)(unsigned int n));

/* model_agree: the counts of zone and model. model_check: every frame. */
void model_agree(void);
void model_check(void);

/* model_order_of: the order of the largest free block around this free one. */
unsigned int model_order_of(unsigned int pfn, unsigned int order);

#endif
